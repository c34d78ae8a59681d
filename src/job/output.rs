//! `output`: where the snapshots go, and how many stay.

use std::path::PathBuf;

use super::inputs::path_of;
use super::params::integer;
use super::postgres::{self, Postgres};
use super::section::Section;

/// Where the snapshots go, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The folder of the snapshots, absolute.
    pub path: PathBuf,
    /// How many of them stay after a run; `None`: all.
    pub keep: Option<usize>,
    /// The database that shows the latest snapshot, where there is one.
    pub postgres: Option<Postgres>,
}

/// Reads the section.
pub(super) fn read(section: &Section<'_>) -> Option<Output> {
    let path = path_of(section, "path");
    let keep = section.optional("keep", integer);
    let postgres = postgres::read(section);
    Some(Output { path: PathBuf::from(path?.1), keep: keep?, postgres: postgres? })
}
