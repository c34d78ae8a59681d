//! `huitou history`: lists the snapshots of an output folder.

use std::fmt::Write;

use super::arguments::HistoryOptions;
use super::stdout::print;
use crate::error::Result;
use crate::publish;
use crate::spec::period::iso;

/// Lists the snapshots.
pub fn history(options: &HistoryOptions) -> Result<()> {
    let entries = publish::history(&options.out)?;
    let mut text =
        format!("{:<7} {:<22} {:<10} {:>9} {:>14} {:>14}  status\n", "", "snapshot", "as of", "seconds", "rows read", "rows written");
    for entry in &entries {
        let mark = if entry.is_latest { "latest" } else { "" };
        let complete = if entry.manifest.as_ref().is_ok_and(|manifest| manifest.experiment) { "complete, experiment" } else { "complete" };
        let _ = match &entry.manifest {
            Ok(manifest) => {
                let read: u64 = manifest.inputs.iter().map(|input| input.equation.rows).sum();
                let written: u64 = manifest.tables.iter().map(|table| table.rows).sum();
                let warnings = manifest.warnings.len();
                let status = if warnings == 0 { complete.to_owned() } else { format!("{complete}, {warnings} warnings") };
                writeln!(
                    text,
                    "{mark:<7} {:<22} {:<10} {:>9.2} {read:>14} {written:>14}  {status}",
                    entry.name,
                    iso(manifest.as_of),
                    manifest.seconds()
                )
            }
            Err(problem) => writeln!(text, "{mark:<7} {:<22} damaged: {problem}", entry.name),
        };
    }
    if entries.is_empty() {
        text = format!("no snapshots in {}\n", options.out.display());
    }
    print(&text)
}
