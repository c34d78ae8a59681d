//! A fold that is running, with its declaration.

use super::spec::{AnyFold, Parts, Running};
use crate::history::{Context, History};

/// A running fold and what declares it.
pub(super) struct Started {
    pub spec: &'static dyn AnyFold,
    pub fold: Box<dyn Running>,
}

impl Started {
    /// An empty fold.
    pub fn start(spec: &'static dyn AnyFold, context: &Context, parts: &Parts) -> Self {
        Started { spec, fold: spec.start(context, parts) }
    }

    /// Shows the fold orders that name no customer, if it counts them.
    pub fn update_anonymous(&mut self, history: &History<'_>) {
        if self.fold.counts_anonymous_orders() {
            self.fold.update(history);
        }
    }
}
