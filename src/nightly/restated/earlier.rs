//! The snapshot before a run, and what the run can compare with it.

use std::path::Path;
use std::sync::Arc;

use hashbrown::HashSet;

use super::changed::changed;
use crate::error::{Error, Result};
use crate::history::changed::Before;
use crate::input::declared::columns;
use crate::input::parquet_files::open_file::OpenFile;
use crate::input::records::refunds::Application;
use crate::nightly::load::Loaded;
use crate::nightly::plan::Plan;
use crate::nightly::state::{Begun, Own, Prior};
use crate::partition::Budget;
use crate::publish::{Manifest, Snapshot, before_draft};
use crate::spec::cause::Cause;
use crate::spec::{NO_TIME, day_of_time};
use crate::table::restatement::restatements;

/// The snapshot before a run.
pub enum Earlier {
    /// There is none, or the run compares with none.
    Nothing,
    /// It is damaged, and how.
    Damaged(String),
    /// Another job or program made it.
    Changed(Cause, String),
    /// It can be compared; with what its rows were, where they are still known.
    Comparable(Box<Snapshot>, Result<Option<Prior>>),
}

/// Finds the snapshot before a run whose manifest begins with `identity`, and which has opened what is `begun` of the state.
///
/// # Errors
/// [`Error::Output`] where the output folder cannot be read.
pub fn earlier(plan: &Plan, out: &Path, identity: &Manifest, begun: &Begun) -> Result<Earlier> {
    // Nobody compares an experiment with what was published.
    if !plan.wants(restatements::TABLE.name) || plan.is_experiment {
        return Ok(Earlier::Nothing);
    }
    let found = match before_draft(out, identity) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Earlier::Nothing),
        Err(damage @ Error::Input(_)) => return Ok(Earlier::Damaged(damage.in_a_line())),
        Err(other) => return Err(other),
    };
    Ok(match changed(&found.manifest, identity) {
        Some((cause, what)) => Earlier::Changed(cause, what),
        None => {
            let prior = Prior::of(&found, out, begun);
            Earlier::Comparable(Box::new(found), prior)
        }
    })
}

impl Earlier {
    /// What the snapshot before knew otherwise than what was loaded; or why that is not known, where it could be. What hinders it does not hinder the
    /// night, and is a warning.
    pub fn before(
        &self,
        plan: &Plan,
        loaded: &Loaded,
        budget: &Arc<Budget>,
        warnings: &mut Vec<String>,
    ) -> std::result::Result<Before, String> {
        let Earlier::Comparable(snapshot, prior) = self else { return Err(String::new()) };
        let Some(dataset) = plan.datasets.get(columns::ORDERS.name) else { return Err(String::new()) };
        let Loaded { context, shuffled, for_state, .. } = loaded;
        let own = Own { dataset, context, shuffled, identity: &for_state.identity };
        let known = || knew_refunds(plan, &snapshot.manifest, &loaded.applications);
        let before = match prior {
            Ok(Some(prior)) => prior.before(&own, known(), budget).map_err(|cause| cause.in_a_line()),
            Ok(None) => Ok(Err("it left no state, or that is gone".to_owned())),
            Err(damage) => Err(damage.in_a_line()),
        };
        before.unwrap_or_else(|cause| {
            warnings.push(format!("restatements: the rows of the snapshot before cannot be read, so that causes are not known: {cause}"));
            Err(String::new())
        })
    }
}

/// By position of an application: whether the snapshot counted it, as far as its file and its day tell.
fn knew_refunds(plan: &Plan, before: &Manifest, applications: &[Application]) -> Vec<bool> {
    let Some(dataset) = plan.datasets.get(columns::REFUNDS.name) else { return Vec::new() };
    let files = before.inputs.iter().filter(|input| input.name == columns::REFUNDS.name).flat_map(|input| &input.files);
    // One that was renamed is the same by its contents.
    let known: HashSet<&str> = files.flat_map(|file| [file.path.as_str(), file.fingerprint.as_str()]).collect();
    let is_known = |file: &OpenFile| known.contains(file.file.label.as_str()) || known.contains(file.fingerprint.as_str());
    let was_there: Vec<bool> = dataset.files.iter().map(is_known).collect();
    let knew = |application: &Application| {
        let is_of_then = application.refund.completed == NO_TIME || day_of_time(application.refund.completed) <= before.as_of;
        is_of_then && was_there.get(application.file as usize).copied().unwrap_or(false)
    };
    applications.iter().map(knew).collect()
}
