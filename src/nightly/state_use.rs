//! What a run does with the state.

use std::path::PathBuf;

use crate::spec::Day;

/// What a run does with the state: the lines that earlier runs kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateUse {
    /// Whether it uses the one that is there.
    pub reads: bool,
    /// Whether it leaves one for the next night.
    pub writes: bool,
    /// Whose it is.
    pub left_by: LeftBy,
}

/// The run that left a state for another one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LeftBy {
    /// That of the latest snapshot.
    #[default]
    Latest,
    /// Of several dates one after the other that of the date before: the folder of its snapshot, and its day; `None` for the first one.
    DateBefore(Option<(PathBuf, Day)>),
}

impl StateUse {
    /// What a run does whose job keeps a state or not. What runs with other keys or tables would keep is of no use to the next night: they
    /// use none and leave none.
    pub fn of(keeps: bool, is_usual: bool) -> StateUse {
        StateUse { reads: keeps && is_usual, writes: keeps && is_usual, left_by: LeftBy::Latest }
    }

    /// The same of a run that is to read all rows.
    pub fn reading_all(self, all: bool) -> StateUse {
        StateUse { reads: self.reads && !all, ..self }
    }
}
