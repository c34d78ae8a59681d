//! Files of which no row counts since another file has the same keys: `mobile.parquet` beside `pc.parquet` may be another thing and no older
//! version of it.

use crate::input::declared::columns::{ORDERS, REFUNDS};
use crate::input::declared::row_key::row_key;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::Ledger;

/// A warning for the first such file of an input, whose name differs from that of another file by more than numbers. Orders and refunds have
/// versions, and exports that follow one another have numbers in their names.
pub(super) fn warning(dataset: &Dataset, ledger: &Ledger) -> Option<String> {
    let input = dataset.input.name;
    if [ORDERS.name, REFUNDS.name].contains(&input) {
        return None;
    }
    let label = |at: usize| dataset.files.get(at).map(|file| file.file.label.as_str());
    let is_superseded = |at: &usize| ledger.accounts.get(*at).is_some_and(|account| account.used == 0 && account.superseded > 0);
    let (older, newer) = (0..dataset.files.len()).filter(is_superseded).find_map(|at| {
        let own = label(at)?;
        let later = (at + 1..dataset.files.len()).rev().filter_map(label).find(|other| letters(other) != letters(own))?;
        Some((at, later))
    })?;
    let rows = ledger.accounts.get(older)?.superseded;
    Some(format!(
        "{input}: none of the {rows} rows of {} counts, since files that come later by name, such as {newer}, have rows of the same {}: if they \
         are of other things (a terminal, a shop), put the files into folders such as `terminal=pc/`, and map or filter that column",
        label(older)?,
        row_key(dataset.input).join(", ")
    ))
}

/// A name without its numbers.
fn letters(label: &str) -> String {
    label.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn exports_that_follow_one_another_differ_by_numbers() {
        assert_eq!(letters("t/export-9.parquet"), letters("t/export-10.parquet"));
        assert_eq!(letters("t/dt=2026-09-01/a"), letters("t/dt=2026-09-02/a"));
        assert_ne!(letters("t/pc.parquet"), letters("t/mobile.parquet"));
    }
}
