//! Scope set: the folds over scopes of a run, and the histories that wait for the end of their bucket to be shown to them.

use super::fold_set::FoldSet;
use super::selection::Selection;
use super::started::Started;
use crate::history::persons::Persons;
use crate::history::scopes::{ScopeKind, Scopes};
use crate::history::{Context, History};

/// The folds over scopes of a run that has any.
pub(super) struct ScopeSet {
    /// Only those that some fold is over, so that nobody's purchases are merged for others.
    scopes: Scopes,
    /// By code of a scope: what it is for.
    kinds: Vec<ScopeKind>,
    persons: Persons,
    sets: Vec<(ScopeKind, FoldSet)>,
    /// Whether a fold of these reads the lines of orders; else nobody keeps them.
    reads_lines: bool,
}

impl ScopeSet {
    /// Empty folds; `None` where nothing reads a fold over scopes, so that nothing is kept for them.
    pub fn start(context: &Context, selection: &Selection) -> Option<Self> {
        let of_scopes = context.of_scopes();
        let set = |kind: ScopeKind| {
            let specs: Vec<_> = selection.folds().filter(|spec| spec.over() == Some(kind)).collect();
            (!specs.is_empty()).then(|| (kind, FoldSet::start(&specs, &of_scopes, &selection.parts)))
        };
        let sets: Vec<(ScopeKind, FoldSet)> = [ScopeKind::Total, ScopeKind::Group].into_iter().filter_map(set).collect();
        let kinds: Vec<ScopeKind> = sets.iter().map(|(kind, _)| *kind).collect();
        let reads_lines = sets.iter().flat_map(|(_, folds)| folds.all()).any(|started| started.fold.reads_lines());
        (!sets.is_empty()).then(|| ScopeSet {
            scopes: context.scopes.only(&kinds),
            kinds: context.scopes.all().iter().map(|scope| scope.kind()).collect(),
            persons: Persons::default(),
            sets,
            reads_lines,
        })
    }

    /// All folds.
    pub fn all(&self) -> impl Iterator<Item = &Started> {
        self.sets.iter().flat_map(|(_, set)| set.all())
    }

    /// The same, to add to.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Started> {
        self.sets.iter_mut().flat_map(|(_, set)| set.all_mut())
    }

    /// The folds with all that they were shown.
    pub fn into_all(self) -> impl Iterator<Item = Started> {
        self.sets.into_iter().flat_map(|(_, set)| set.into_all())
    }

    /// Adds what waits in buffers to the folds.
    pub fn flush(&mut self) {
        self.sets.iter_mut().for_each(|(_, set)| set.flush());
    }

    /// Keeps a history until the end of its bucket. Orders that name nobody are nobody's in a scope too, and wait for no others.
    #[inline]
    pub fn update(&mut self, history: &History<'_>) {
        let ScopeSet { scopes, kinds, persons, sets, reads_lines } = self;
        let of_shop = scopes.of(history.shop);
        if history.is_anonymous {
            of_shop.iter().for_each(|scope| show(sets, kinds, &History { shop: *scope, ..*history }));
        } else if !of_shop.is_empty() {
            let lines = if *reads_lines { history.lines } else { &[] };
            persons.keep(&History { lines, ..*history });
        }
    }

    /// Shows the folds what each person bought.
    pub fn end_bucket(&mut self) {
        let ScopeSet { scopes, kinds, persons, sets, .. } = self;
        persons.each(scopes, |history| show(sets, kinds, history));
    }
}

/// Shows a history of a scope to the folds that are over scopes of its kind.
fn show(sets: &mut [(ScopeKind, FoldSet)], kinds: &[ScopeKind], history: &History<'_>) {
    let kind = kinds.get(history.shop as usize);
    sets.iter_mut().filter(|(own, _)| Some(own) == kind).for_each(|(_, set)| set.update(history));
}
