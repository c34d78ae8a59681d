//! The selection: the folds, and the parts of folds, that the wanted tables of a run read.

use super::spec::{AnyFold, FoldPart, Parts};

/// Folds and parts of folds, each once, in the order in which they were added.
#[derive(Default, Clone)]
pub struct Selection {
    folds: Vec<&'static dyn AnyFold>,
    /// The parts of folds.
    pub parts: Parts,
}

impl Selection {
    /// Adds a fold.
    pub fn add(&mut self, fold: &'static dyn AnyFold) {
        if !self.has(fold.name()) {
            self.folds.push(fold);
        }
    }

    /// Adds a part of a fold, and the fold.
    pub fn add_part(&mut self, part: &'static FoldPart) {
        self.add(part.of);
        self.parts.add(part);
    }

    /// The folds.
    pub fn folds(&self) -> impl Iterator<Item = &'static dyn AnyFold> {
        self.folds.iter().copied()
    }

    /// Whether the fold of that name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.folds.iter().any(|fold| fold.name() == name)
    }
}
