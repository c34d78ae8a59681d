//! Linked customers of a run: read before all that names customers, and what a run says about them.

use std::sync::Arc;

use super::facts::collect_problems;
use super::observe::Observer;
use super::plan::Plan;
use crate::error::{Problem, Result, listed};
use crate::input::declared::columns;
use crate::input::records::customer_links;
use crate::input::rows::ledger::Ledger;
use crate::input::rows::scan::Scan;
use crate::input::values::links::Links;
use crate::partition::Budget;

/// Ids of one person above which a run asks whether it is one.
const MANY_IDS: usize = 20;

/// The people with the most ids that a warning names.
const NAMED: usize = 5;

/// What became of the input.
#[derive(Default)]
pub(super) struct LinkedCustomers {
    /// Its name and its ledger; `None` where the job has no such input.
    pub ledger: Option<(&'static str, Ledger)>,
    /// Problems of its files.
    pub problems: Vec<Problem>,
    /// What users should know.
    pub warnings: Vec<String>,
}

/// Reads the links of a job that has some, for all other readers.
///
/// # Errors
/// [`crate::error::Error::Output`] where the disk is full.
pub(super) fn read_links(plan: &Plan, scan: &mut Scan<'_>, budget: &Arc<Budget>, observer: &dyn Observer) -> Result<LinkedCustomers> {
    let mut found = LinkedCustomers::default();
    let Some(dataset) = plan.datasets.get(columns::CUSTOMER_LINKS.name) else { return Ok(found) };
    let read = collect_problems(customer_links::read(scan, dataset, budget), &mut found.problems)?;
    observer.step(dataset.rows());
    let Some((links, ledger)) = read else { return Ok(found) };
    found.ledger = Some((columns::CUSTOMER_LINKS.name, ledger));
    if !plan.datasets.get(columns::ORDERS.name).is_some_and(|orders| orders.has("customer_id")) {
        found.warnings.push("customer_links join nobody: the orders have no `customer_id`".to_owned());
    } else if !links.is_empty() {
        found.warnings.extend(many_ids(plan, &links));
        scan.links = Some(Arc::new(links));
    }
    Ok(found)
}

/// A warning of people with more ids than one person has.
fn many_ids(plan: &Plan, links: &Links) -> Option<String> {
    let large = links.with_more_than(MANY_IDS);
    let id_type = plan.id_type("customer_id");
    let named: Vec<String> = large.iter().map(|(id, ids)| format!("`{}` with {ids}", id_type.show(*id))).collect();
    (!large.is_empty()).then(|| {
        format!(
            "many_ids: {} people have more than {MANY_IDS} ids each by customer_links: {}; an id that many people share, such as that of a till, \
             makes one customer of all of them: leave its links out with `filter`",
            large.len(),
            listed(named.into_iter(), NAMED)
        )
    })
}
