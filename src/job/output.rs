//! `output`: the folder of the snapshots, how many stay, the report and the database.

use std::path::PathBuf;

use super::inputs::path_of;
use super::keys::Shape;
use super::params::integer;
use super::postgres::{self, Postgres};
use super::section::Section;
use super::values;
use crate::spec::Lang;
use crate::store::address::is_address;

/// Where snapshots are written, and how many stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The folder of the snapshots, absolute.
    pub path: PathBuf,
    /// How many of them stay after a run; `None` for all.
    pub keep: Option<usize>,
    /// The language of the report; `None` for no report.
    pub report: Option<Lang>,
    /// Whether a run keeps the lines that it has read for the next night.
    pub state: bool,
    /// The database that shows the latest snapshot, if the job has one.
    pub postgres: Option<Postgres>,
}

/// Reads the section.
pub(super) fn read(section: &Section<'_>) -> Option<Output> {
    let path = path_of(section, "path").filter(|(_, path)| {
        if is_address(path) {
            let place = section.entry("path").map_or(section.place, |entry| entry.node.place);
            let what = "`output.path` is an address of an object store, and snapshots are written to a folder of a disk";
            section.check.note(
                place,
                what.to_owned(),
                "name a local folder, and copy it to the store when the run has ended; inputs may lie in a store",
            );
        }
        !is_address(path)
    });
    let keep = section.optional("keep", integer);
    let report = section.value("report", |shape, node| match shape {
        Shape::Choice(words) => values::choice(node, words),
        _ => Err(values::found(node)),
    });
    let state = section.value("state", |shape, node| match shape {
        Shape::Choice(words) => values::choice(node, words),
        _ => Err(values::found(node)),
    });
    let postgres = postgres::read(section);
    let report = match report? {
        "true" | "en" => Some(Lang::En),
        "zh" => Some(Lang::Zh),
        _ => None,
    };
    Some(Output { path: PathBuf::from(path?.1), keep: keep?, report, state: state? == "true", postgres: postgres? })
}
