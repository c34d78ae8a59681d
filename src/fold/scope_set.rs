//! Scope set: the folds over scopes of a run, and the histories that wait for the end of their bucket to be shown to them.

use std::sync::Arc;

use super::fold_set::FoldSet;
use super::selection::Selection;
use crate::history::persons::Persons;
use crate::history::scopes::Scopes;
use crate::history::{Context, History};

/// The folds over scopes of a run that has any.
pub(super) struct ScopeSet {
    scopes: Arc<Scopes>,
    persons: Persons,
    pub folds: FoldSet,
}

impl ScopeSet {
    /// Empty folds; `None` where nothing reads a fold over scopes, so that nothing is kept for them.
    pub fn start(context: &Context, selection: &Selection) -> Option<Self> {
        let specs: Vec<_> = selection.folds().filter(|spec| spec.is_scoped()).collect();
        (!specs.is_empty()).then(|| ScopeSet {
            scopes: Arc::clone(&context.scopes),
            persons: Persons::default(),
            folds: FoldSet::start(&specs, &context.of_scopes(), &selection.parts),
        })
    }

    /// Keeps a history until the end of its bucket. Orders that name nobody are nobody's in a scope too, and wait for no others.
    #[inline]
    pub fn update(&mut self, history: &History<'_>) {
        if history.is_anonymous {
            self.scopes.of(history.shop).iter().for_each(|scope| self.folds.update(&History { shop: *scope, ..*history }));
        } else {
            self.persons.keep(history);
        }
    }

    /// Shows the folds what each person bought.
    pub fn end_bucket(&mut self) {
        let ScopeSet { scopes, persons, folds } = self;
        persons.each(scopes, |history| folds.update(history));
    }
}
