//! `huitou report`: writes a snapshot as one HTML page.

use std::path::PathBuf;

use super::arguments::ReportOptions;
use super::snapshot::snapshot;
use super::stdout::print;
use crate::disk::replace::replace;
use crate::error::{Error, Problem, Result};
use crate::report;

/// Writes the page and prints its path.
pub fn report(options: &ReportOptions) -> Result<()> {
    let snapshot = snapshot(&options.out, &options.snapshot)?;
    let page = report::page(&snapshot, options.lang)?;
    let to = options.to.clone().unwrap_or_else(|| PathBuf::from(report::FILE));
    // A snapshot holds only the files that its manifest lists, so no page is written into it.
    let folder = std::fs::canonicalize(to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new(".")));
    let snapshots = std::fs::canonicalize(&snapshot.path).ok().and_then(|path| path.parent().map(std::path::Path::to_owned));
    if let (Ok(folder), Some(snapshots)) = (folder, snapshots)
        && folder.starts_with(snapshots)
    {
        let problem =
            Problem::new(to.display().to_string(), "is in the folder of the snapshots, which do not change after they are published");
        return Err(Error::Usage(vec![problem.help("write to another file with --to, or let the run write it with `output.report`")]));
    }
    replace(&to, page.as_bytes())?;
    print(&format!("{}\n", to.display()))
}
