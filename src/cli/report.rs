//! `huitou report`: a snapshot as one HTML page.

use std::path::PathBuf;

use super::arguments::ReportOptions;
use super::print;
use super::snapshot::snapshot;
use crate::error::{Error, Problem, Result};
use crate::report;

/// Writes the page, and prints where.
pub fn report(options: &ReportOptions) -> Result<()> {
    let snapshot = snapshot(&options.out, &options.snapshot)?;
    let page = report::page(&snapshot, options.lang)?;
    let to = options.to.clone().unwrap_or_else(|| PathBuf::from(report::FILE));
    // A snapshot is what its manifest says: a page beside its tables would be one more file that nobody vouches for.
    let folder = std::fs::canonicalize(to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new(".")));
    let snapshots = std::fs::canonicalize(&snapshot.path).ok().and_then(|path| path.parent().map(std::path::Path::to_owned));
    if let (Ok(folder), Some(snapshots)) = (folder, snapshots)
        && folder.starts_with(snapshots)
    {
        let problem = Problem::new(to.display().to_string(), "lies among the snapshots, which nothing changes after they are published");
        return Err(Error::Usage(vec![problem.help("write to another file with --to, or let the run write it with `output.report`")]));
    }
    std::fs::write(&to, &page).map_err(|cause| Error::system(&to, &cause))?;
    print(&format!("{}\n", to.display()))
}
