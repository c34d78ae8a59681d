//! `huitou list export`: writes a list to a file, for whoever sends the messages.

use std::path::Path;

use super::age;
use super::found::{List, find};
use super::sheet::{self, Order};
use crate::cli::list_arguments::{ArmOption, ExportOptions};
use crate::cli::log;
use crate::cli::stdout::{print, refuse_in_snapshots};
use crate::disk::replace::replace;
use crate::error::{Error, Problem, Result};
use crate::import::with_to_option;
use crate::input::records::facts::Arm;
use crate::table::read_back::rows_of;

/// Writes a list.
pub fn export(options: &ExportOptions) -> Result<()> {
    let write = format_of(&options.to)?;
    refuse_in_snapshots(&options.to)?;
    if options.to.exists() {
        let problem = Problem::new(options.to.display().to_string(), "is there already, and is not replaced: it may be what was sent");
        return Err(Error::Usage(vec![problem.help("name another file with --to, or move that one away")]));
    }
    let found = find(&options.source, Some(&options.name), None)?;
    age::warn(&found)?;
    let Some(list) = found.lists.first() else { return Err(Error::bug("a list that was found is not there")) };
    let columns: Vec<String> = match list.rows.first() {
        Some(batch) => batch.schema().fields().iter().map(|field| field.name().clone()).collect(),
        None => crate::table::audience::card::TEMPLATE.columns.iter().map(|column| column.name.to_owned()).collect(),
    };
    let rows = in_order(list, options.arm);
    let bytes = match write {
        Format::Csv => sheet::csv(&columns, &rows)?,
        Format::Xlsx => sheet::xlsx(&list.name, &columns, &rows)?,
    };
    replace(&options.to, &bytes).map_err(with_to_option)?;
    tell(list, options.arm, rows.len(), &found.of);
    print(&format!("{}\n", options.to.display()))
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    Xlsx,
}

/// The format that the name of the file asks for.
fn format_of(file: &Path) -> Result<Format> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("xlsx") => Ok(Format::Xlsx),
        _ => {
            let problem = Problem::new("--to", format!("`{}` ends neither with .csv nor with .xlsx", file.display()));
            Err(Error::Usage(vec![problem.help("the ending says what is written: CSV for spreadsheet programs, or XLSX")]))
        }
    }
}

/// The rows of these arms, the best of each shop first.
fn in_order(list: &List, arm: ArmOption) -> Order<'_> {
    let (mut rows, mut shop, mut shops) = (Vec::new(), None, 0);
    for batch in &list.rows {
        for (row, cells) in rows_of(batch).enumerate() {
            let own = cells.text("shop_id");
            if own != shop {
                (shop, shops) = (own, shops + 1);
            }
            let is_control = cells.text("arm").as_deref() == Some(Arm::Control.name());
            let is_wanted = match arm {
                ArmOption::Treated => !is_control,
                ArmOption::Control => is_control,
                ArmOption::Both => true,
            };
            let rank: u64 = cells.text("rank").and_then(|rank| rank.parse().ok()).unwrap_or(u64::MAX);
            if is_wanted {
                rows.push((shops, rank, (batch, row)));
            }
        }
    }
    rows.sort_by_key(|(shop, rank, _)| (*shop, *rank));
    rows.into_iter().map(|(_, _, row)| row).collect()
}

/// Says who was written, and who was not.
fn tell(list: &List, arm: ArmOption, written: usize, of: &str) {
    let all: usize = list.rows.iter().map(|batch| batch.num_rows()).sum();
    if all == 0 {
        log::warning(&format!("the list {} of {of} is empty: {}", list.name, list.why_empty()));
        return;
    }
    match arm {
        ArmOption::Treated => log::info(&format!(
            "{} ({of}): {written} to contact; {} of the control arm are not among them and must not be contacted, so that it can be seen what \
             the messages do",
            list.name,
            all - written
        )),
        ArmOption::Control => log::warning(&format!(
            "{} ({of}): {written} of the control arm, who must not be contacted, or nobody can tell what the messages did",
            list.name
        )),
        ArmOption::Both => log::warning(&format!(
            "{} ({of}): {written} of both arms; those whose `arm` is control must not be contacted, or nobody can tell what the messages did",
            list.name
        )),
    }
    if arm == ArmOption::Treated && written == all {
        log::warning(&format!(
            "{} holds nobody out: control_share of the strategy is 0, or of so few nobody fell into the control arm; what it does cannot be told from \
             the season",
            list.name
        ));
    }
}
