//! Publish: checked tables become Parquet parts, parts become a snapshot, one rename makes it the latest.
//!
//! ```text
//! Store::open ──► begin(work) ──► Draft ──► result(card) ──► TableWriter ──► Draft::publish ──► Published
//!   lock, sweep       │          out/tmp/NAME                conform, parts      sync, manifest, rename, swap
//!                     └─ the work is done already ──────────────────────────────────────────► Published
//! ```
//!
//! All unfinished files are in `out/tmp`, from which the next run removes them. A folder enters `out/snapshots` by one rename,
//! complete and synced, with its manifest; `out/latest` is a link that is replaced by one rename. So whatever kills the
//! program, a reader who resolves `latest` once sees one complete snapshot.

mod batches;
mod begin;
mod conform;
mod contents;
mod draft;
mod earlier;
#[cfg(test)]
mod fixture;
mod history;
mod latest;
mod layout;
mod lock;
mod manifest;
mod marker;
mod named;
mod part;
mod prune;
#[cfg(test)]
mod schema;
mod state;
mod step;
mod store;
mod strangers;
#[cfg(test)]
mod survival;
mod swap;
mod work;
mod writer;

pub use begin::Begin;
pub use conform::Conform;
pub use draft::{Draft, Published};
pub use earlier::{EarlierList, earlier_lists};
pub use history::{Entry, Snapshot, find, history, verify, verify_table};
pub use latest::{Latest, latest};
pub use layout::{as_of_in_name, is_in_snapshots};
pub use manifest::{
    ComparedWith, FileEntry, InputEntry, InputFile, LeftOutEntry, MISSING_DAYS, Manifest, OthersRead, PartEntry, Phase, ReadingEntry,
    RowEquation, SkippedTable, TableEntry,
};
pub use named::{before, before_draft, in_folder, of_date};
pub use prune::Pruned;
pub use state::{UnfinishedLayer, layer};
pub use step::{STATE_STEPS, STEPS};
pub use store::Store;
pub use work::{Work, fingerprint};
pub use writer::{ROWS_PER_GROUP, ROWS_PER_PART, TableWriter};
