//! Restating: the comparison of a draft with the snapshot before it.

use super::earlier::Earlier;
use super::effects::Amounts;
use super::figures::figures;
use super::orders::Orders;
use super::rows::{explained, not_compared};
use crate::error::{Error, Result};
use crate::history::Context;
use crate::history::changed::ChangedOrder;
use crate::publish::Snapshot;
use crate::table::restatement::restated_figure::Restatement;

/// What explains figures.
#[derive(Default)]
pub struct Explained {
    /// What the orders of each cause did to sums.
    pub amounts: Amounts,
    /// The orders.
    pub orders: Vec<ChangedOrder>,
    /// Why rows were not compared, where they could have been.
    pub why_not: String,
}

/// What the tables of a draft, which are finished, say differently from those of the snapshot before it; ascending by the places of the
/// figures. Warnings tell of what cannot be compared.
///
/// # Errors
/// [`Error::Output`] where the draft cannot be read.
pub fn restate(earlier: &Earlier, draft: &Snapshot, context: &Context, by: &Explained) -> Result<(Vec<Restatement>, Vec<String>)> {
    let damaged = |name: &str, damage: &str| {
        let warning = format!("restatements: the snapshot before{name} is damaged, and nothing is compared with it: {damage}");
        Ok((Vec::new(), vec![warning]))
    };
    let snapshot = match earlier {
        Earlier::Nothing => return Ok((Vec::new(), Vec::new())),
        Earlier::Damaged(damage) => return damaged("", damage),
        Earlier::Changed(cause, what) => return Ok((not_compared(context, draft.manifest.as_of, *cause, what), Vec::new())),
        Earlier::Comparable(snapshot, _) => snapshot,
    };
    let (found, obstacles) = match figures(snapshot, draft, &context.ids.shop) {
        Ok(found) => found,
        Err(damage @ Error::Input(_)) => return damaged(&format!(" {}", snapshot.manifest.name), &damage.in_a_line()),
        Err(other) => return Err(other),
    };
    let mut warnings: Vec<String> = obstacles.into_iter().map(|obstacle| format!("restatements: {obstacle}")).collect();
    if !by.why_not.is_empty() && !found.is_empty() {
        let (name, why) = (&snapshot.manifest.name, &by.why_not);
        warnings.push(format!("restatements: rows are not compared with those of {name}, and every cause is `other`: {why}"));
    }
    Ok((explained(found, &by.amounts, &Orders::new(context, &by.orders)), warnings))
}
