//! `huitou report`: writes a snapshot as one HTML page.

use std::path::PathBuf;

use super::arguments::ReportOptions;
use super::snapshot::snapshot;
use super::stdout::{print, refuse_in_snapshots};
use crate::disk::replace::replace;
use crate::error::Result;
use crate::report;

/// Writes the page and prints its path.
pub fn report(options: &ReportOptions) -> Result<()> {
    let snapshot = snapshot(&options.out, &options.snapshot)?;
    let page = report::page(&snapshot, options.lang)?;
    let to = options.to.clone().unwrap_or_else(|| PathBuf::from(report::FILE));
    refuse_in_snapshots(&to)?;
    replace(&to, page.as_bytes())?;
    print(&format!("{}\n", to.display()))
}
