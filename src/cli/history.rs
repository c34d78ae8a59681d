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
        let state = match &entry.manifest {
            Ok(manifest) if manifest.lists_only => "its lists are left",
            Ok(manifest) if manifest.experiment => "sizes as published, experiment",
            _ => "sizes as published",
        };
        let _ = match &entry.manifest {
            Ok(manifest) => {
                let read: u64 = manifest.inputs.iter().map(|input| input.equation.rows).sum();
                let written: u64 = manifest.tables.iter().map(|table| table.rows).sum();
                let warnings = manifest.warnings.len();
                let status = if warnings == 0 { state.to_owned() } else { format!("{state}, {warnings} warnings") };
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
