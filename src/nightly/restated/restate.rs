//! Restating: the comparison of a draft with the snapshot before it.

use std::path::Path;

use super::changed::changed;
use super::figures::figures;
use super::rows::{Effects, explained, not_compared};
use crate::error::{Error, Result};
use crate::history::Context;
use crate::publish::{Snapshot, before_draft};
use crate::table::restatement::restatement::Restatement;

/// What the tables of a draft, which are finished, say differently from those of the snapshot before it in `out`; ascending by the places of
/// the figures. `effects` are what changed orders did to figures. Warnings tell of what cannot be compared.
///
/// # Errors
/// [`Error::Output`] where the output folder cannot be read.
pub fn restate(out: &Path, draft: &Snapshot, context: &Context, effects: &Effects) -> Result<(Vec<Restatement>, Vec<String>)> {
    let before = match before_draft(out, &draft.manifest) {
        Ok(Some(before)) => before,
        Ok(None) => return Ok((Vec::new(), Vec::new())),
        Err(Error::Input(problems)) => {
            let damage = problems.first().map(ToString::to_string).unwrap_or_default();
            return Ok((Vec::new(), vec![format!("restatements: the snapshot before is damaged, and nothing is compared with it: {damage}")]));
        }
        Err(other) => return Err(other),
    };
    if let Some(change) = changed(&before.manifest, &draft.manifest) {
        return Ok((not_compared(context, draft.manifest.as_of, &change), Vec::new()));
    }
    match figures(&before, draft, &context.ids.shop) {
        Ok((found, obstacles)) => {
            let warnings = obstacles.into_iter().map(|obstacle| format!("restatements: {obstacle}"));
            Ok((explained(found, effects), warnings.collect()))
        }
        Err(Error::Input(problems)) => {
            let damage = problems.first().map(ToString::to_string).unwrap_or_default();
            let name = &before.manifest.name;
            Ok((Vec::new(), vec![format!("restatements: the snapshot {name} is damaged, and nothing is compared with it: {damage}")]))
        }
        Err(other) => Err(other),
    }
}
