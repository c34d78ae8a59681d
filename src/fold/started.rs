//! A fold that is running, with its declaration.

use super::spec::{AnyFold, Running};

/// A running fold and what declares it.
pub(super) struct Started {
    pub spec: &'static dyn AnyFold,
    pub fold: Box<dyn Running>,
}
