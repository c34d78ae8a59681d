//! The snapshot before a run, and what the run can compare with it.

use std::path::Path;
use std::sync::Arc;

use hashbrown::HashMap;

use super::changed::changed;
use crate::error::{Error, Result};
use crate::history::changed::{Before, ChangedRefund};
use crate::input::declared::columns;
use crate::input::records::facts::Refund;
use crate::input::records::refunds::Application;
use crate::input::records::refunds_then::{PaidOut, RefundChange, Then};
use crate::nightly::load::Loaded;
use crate::nightly::plan::Plan;
use crate::nightly::state::{Begun, Own, Prior, refunds_then};
use crate::partition::Budget;
use crate::publish::{Manifest, Snapshot, before_draft};
use crate::spec::cause::Cause;
use crate::spec::{Id, NO_TIME};
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
    /// What the snapshot before read of the refunds; `None` where nothing is compared with it.
    pub fn refunds_then(&self, plan: &Plan) -> Option<Then> {
        let Earlier::Comparable(snapshot, Ok(Some(prior))) = self else { return None };
        refunds_then(plan, &snapshot.manifest, prior)
    }

    /// What the snapshot before knew otherwise than what was loaded; or why that is not known, where it could be. What hinders it does not hinder the
    /// night, and is a warning.
    pub fn before(
        &self,
        plan: &Plan,
        loaded: &Loaded,
        budget: &Arc<Budget>,
        warnings: &mut Vec<String>,
    ) -> std::result::Result<Before, String> {
        let Earlier::Comparable(_, prior) = self else { return Err(String::new()) };
        let Some(dataset) = plan.datasets.get(columns::ORDERS.name) else { return Err(String::new()) };
        let Loaded { context, shuffled, for_state, .. } = loaded;
        let own = Own { dataset, context, shuffled, identity: &for_state.identity };
        let before = match prior {
            Ok(Some(prior)) => match &loaded.refund_changes.unknown {
                Some(cause) => Err(cause.clone()),
                None => prior.before(&own, changed_refunds(loaded), budget).map_err(|cause| cause.in_a_line()),
            },
            Ok(None) => Ok(Err("it left no state, or that is gone".to_owned())),
            Err(damage) => Err(damage.in_a_line()),
        };
        before.unwrap_or_else(|cause| {
            warnings.push(format!("restatements: the rows of the snapshot before cannot be read, so that causes are not known: {cause}"));
            Err(String::new())
        })
    }
}

/// The refunds of which the snapshot counted something else, in the order of the loaded ones.
fn changed_refunds(loaded: &Loaded) -> Vec<ChangedRefund> {
    let Loaded { context, applications, refund_changes, .. } = loaded;
    let shops = (0..context.shops.len() as u32).filter_map(|code| Some((context.shops.id(code)?, code)));
    let codes: HashMap<Id<'_>, u32> = shops.collect();
    let changed = |change: &RefundChange| {
        let RefundChange { shop, id, before, is_there } = change;
        let shop = codes.get(&shop.id()).copied()?;
        let place = |application: &Application| (application.refund.shop, &application.id).cmp(&(shop, id));
        let now = applications.binary_search_by(place).ok();
        let now = now.filter(|at| applications.get(*at).is_some_and(|application| application.refund.completed != NO_TIME));
        let of_shop = |paid_out: &PaidOut| PaidOut { refund: Refund { shop, ..paid_out.refund }, ..paid_out.clone() };
        let cause = ChangedRefund::cause(before.is_some(), *is_there);
        Some(ChangedRefund { shop, id: id.clone(), before: before.as_ref().map(of_shop), now: now.map(|at| at as u32), cause })
    };
    refund_changes.all.iter().filter_map(changed).collect()
}
