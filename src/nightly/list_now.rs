//! A list at a moment of the day: made of the newest files as a night makes it, without a snapshot. For lists whose customers cannot wait
//! until the night is over.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;

use super::contacted::{Sendings, contacted};
use super::fold::{Folded, fold};
use super::freshness;
use super::load::load;
use super::observe::Silent;
use super::plan::Plan;
use crate::error::{Error, Problem, Result};
use crate::history::context::Moment;
use crate::input::declared::columns::{AUDIENCES, CAMPAIGNS, CUSTOMER_LINKS, DO_NOT_CONTACT, REFUNDS, SHOPS};
use crate::input::parquet_files::find::is_nothing_in_store;
use crate::job::strategy::{EXCLUDED, Strategy};
use crate::job::{Job, ModelChoice, Tables, nearest};
use crate::partition::Budget;
use crate::spec::day_of_time;
use crate::table::catalogue;

/// The inputs beside the orders that decide who is on a list.
const INPUTS: [&str; 4] = [CUSTOMER_LINKS.name, DO_NOT_CONTACT.name, REFUNDS.name, SHOPS.name];

/// The inputs that say who was sent something.
const SENT: [&str; 2] = [AUDIENCES.name, CAMPAIGNS.name];

/// The columns of candidates that a forecast makes: without them in a condition none is made.
const FORECAST: [&str; 3] = ["p_alive", "expected_purchases", "expected_value"];

/// A list at a moment.
#[derive(Debug)]
pub struct ListNow {
    /// The rows of the list, as those of its table.
    pub list: Vec<RecordBatch>,
    /// Who is left out, as the rows of `audience_excluded`.
    pub excluded: Vec<RecordBatch>,
    /// What users should know.
    pub warnings: Vec<String>,
    /// Whether the orders or the refunds of all shops are too old by the job, so that nobody is on the list.
    pub is_stale: bool,
}

/// Makes the list of a strategy of a job at a moment, of the orders placed before it. The cool-down reads the lists of the snapshots in `out`, and
/// in the audiences of the job who was sent something since: lists of other hours leave no snapshot.
/// A customer is in the arm in which a night has it, since the arm follows from strategy and customer alone.
///
/// # Errors
/// [`Error::Usage`] for a strategy that the job does not name; those of a run.
pub fn list_now(mut job: Job, strategy: &str, moment: Moment, out: &Path) -> Result<ListNow> {
    let names: Vec<&str> = job.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    let Some(own) = job.strategies.iter().find(|own| own.name == strategy).cloned() else {
        let what = format!("the job names no strategy `{strategy}`");
        let help = match (nearest(strategy, names.iter().copied()), names.as_slice()) {
            (Some(close), _) => format!("did you mean `{close}`?"),
            (None, []) => "name strategy files under `strategies` of the job".to_owned(),
            (None, names) => format!("it names {}", names.join(", ")),
        };
        return Err(Error::Usage(vec![Problem::new(job.file.display().to_string(), what).help(help)]));
    };
    let texts = [own.condition.as_str()].into_iter().chain(own.order_by.iter().map(|ordering| ordering.column.as_str()));
    if !texts.into_iter().any(|text| FORECAST.iter().any(|column| text.contains(column))) {
        job.params.forecast.model = ModelChoice::None;
    }
    let strategies = std::mem::replace(&mut job.strategies, vec![own]);
    // Before the first list was sent there is nothing to read.
    let knows_sent = SENT.iter().all(|name| job.inputs.get(name).is_some_and(|spec| has_files(&spec.path)));
    let is_read = |name: &str| INPUTS.contains(&name) || (knows_sent && SENT.contains(&name));
    job.inputs.others.retain(|name, _| is_read(name));
    job.assessments.clear();
    job.stages = None;
    job.tables = Tables::All;
    let tables = [strategy, EXCLUDED].map(Strategy::table_of);
    let plan = Plan { moment: Some(moment), ..Plan::new(job, day_of_time(moment.end), &tables)? };
    let earlier = plan.earlier_lists(out)?;
    let rows = earlier.iter().map(|list| Ok((list, list.read()?))).collect::<Result<Vec<_>>>()?;
    let mut loaded = load(&plan, &Arc::new(Budget::unlimited()), &Silent)?;
    freshness::refuse(&plan, &loaded.freshness)?;
    loaded.facts.listed = contacted(&loaded.context, &loaded.facts, rows, Sendings::All(&strategies))?;
    let is_stale = !loaded.context.stale_shops.is_empty() && loaded.context.stale_shops.iter().all(|is_stale| *is_stale);
    let Folded { night, warnings, .. } = fold(&plan, loaded, &Silent)?;
    let (mut list, mut excluded) = (Vec::new(), Vec::new());
    catalogue::write(&night, &|name| plan.wants(name), &mut |card, batch| {
        if card.name == tables[0] {
            list.push(batch)
        } else {
            excluded.push(batch)
        }
        Ok(())
    })?;
    Ok(ListNow { list, excluded, warnings, is_stale })
}

/// Whether a path is a file, or a folder with something in it.
fn has_files(path: &str) -> bool {
    if let Some(is_nothing) = is_nothing_in_store(path) {
        return !is_nothing;
    }
    let path = Path::new(path);
    path.is_file() || std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
}
