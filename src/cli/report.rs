//! `huitou report`: writes a snapshot as one HTML page, or its brief.

use std::path::PathBuf;

use super::report_arguments::ReportOptions;
use super::snapshot::snapshot;
use super::stdout::{print, refuse_in_snapshots};
use crate::disk::replace::replace;
use crate::error::Result;
use crate::report::{self, brief};
use crate::spec::Lang;

/// Writes the page and prints its path. The page opens in the language that the command line names: what a file holds does not depend on
/// the locale.
pub fn report(options: &ReportOptions, named: Option<Lang>) -> Result<()> {
    let snapshot = snapshot(&options.out, &options.snapshot)?;
    let lang = named.unwrap_or(Lang::En);
    let (page, name) = match options.brief {
        true => (brief::brief(&snapshot, lang, options.shop.as_deref())?, brief::FILE),
        false => (report::page(&snapshot, lang)?, report::FILE),
    };
    let to = options.to.clone().unwrap_or_else(|| PathBuf::from(name));
    refuse_in_snapshots(&to)?;
    replace(&to, page.as_bytes())?;
    print(&format!("{}\n", to.display()))
}
