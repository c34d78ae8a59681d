//! The plan of a run: which tables the inputs allow, which columns they need, and the name of the snapshot. Reads footers only.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use super::contradictions::contradictions;
use super::opened::opened;
use super::order_lines;
use super::shop_columns::{groups_left_out, without_categories, without_groups};
use super::state_use::StateUse;
use super::unheard::unheard;
use super::unsent::{self, unsent};
use super::whole_refunds;
use crate::error::{Error, Problem, Result};
use crate::fold::selection::Selection;
use crate::history::context::Moment;
use crate::input::declared::columns;
use crate::input::declared::stand_ins::stand_in;
use crate::input::mapping::dataset::Dataset;
use crate::input::mapping::limits;
use crate::input::rows::scan::Scan;
use crate::input::times::clock::Clock;
use crate::job::{Catalogue, CoolDown, Job, Tables, nearest};
use crate::metric::assessed::ASSESSED;
use crate::publish::{EarlierList, Work, earlier_lists};
use crate::spec::period::iso;
use crate::spec::{Card, Day, IdType, IdTypes, MappedInputs, Need};
use crate::table::audience::card::TEMPLATE;
use crate::table::audience::lists::WAITING_CUSTOMERS;
use crate::table::item::refund_reasons::REFUND_REASONS;
use crate::table::repurchase::cohort_dimensions::DIMENSIONS;
use crate::table::request::Request;
use crate::table::shop::viewed::VIEWED;
use crate::table::unit::AnyTable;
use crate::table::{self, catalogue};
use crate::table::{night, read};

/// 2099-12-31: records keep times in few bits, and tables have a row for every day up to the as-of date.
const LAST_DAY: Day = 47_481;

/// Columns of the orders input that every run reads: they decide which rows are valid, so that the rows used do not depend on the tables
/// that are wanted.
pub const ALWAYS: [&str; 14] = [
    "shop_id",
    "order_id",
    "line_id",
    "customer_id",
    "created_at",
    "paid_at",
    "shipped_at",
    "completed_at",
    "status",
    "order_amount",
    "paid_amount",
    "refund_amount",
    "quantity",
    "modified_at",
];

/// A table that cannot be built.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// The table.
    pub table: String,
    /// The reason why it cannot be built.
    pub reason: String,
}

/// What a run will do.
#[derive(Debug)]
pub struct Plan {
    /// The job.
    pub job: Job,
    /// The as-of date.
    pub as_of: Day,
    /// The inputs by name, opened.
    pub datasets: BTreeMap<&'static str, Dataset>,
    /// The tables to build.
    pub tables: Vec<Cow<'static, Card>>,
    /// The tables of `all` that the inputs do not allow.
    pub skipped: Vec<Skipped>,
    /// Warnings: what users should know but does not stop the run.
    pub warnings: Vec<String>,
    /// Whether the command line asked for some tables only.
    pub is_partial: bool,
    /// Whether the run is an experiment: it has a snapshot, and `latest`, the database and the cool-down of lists know nothing of it.
    pub is_experiment: bool,
    /// Whether rows that were changed after the as-of date are taken back to what they were before: see [`crate::input::rows::scan::Scan::restores`].
    pub restores: bool,
    /// The moment of the as-of date at which a list is made; `None` for its end.
    pub moment: Option<Moment>,
    /// Whether inputs past their `freshness.error` are published all the same, this once.
    pub allow_stale: bool,
    /// What the run does with the state.
    pub state: StateUse,
    /// Bytes of memory that the run may take; data beyond that goes to the disk. Results do not depend on it.
    pub memory_limit: u64,
}

impl Plan {
    /// The names that job files can use.
    pub fn catalogue() -> Catalogue {
        Catalogue {
            // The tables of strategies follow when the job's files are read.
            tables: table::cards().map(|card| card.name.as_ref()).filter(|name| *name != TEMPLATE.name).collect(),
            inputs: columns::INPUTS.iter().map(|input| (input.name, input.columns.iter().map(|column| column.name).collect())).collect(),
            metrics: ASSESSED.iter().map(|metric| metric.name).collect(),
            stage_metrics: table::stage::metrics::names(),
            dimensions: DIMENSIONS.iter().map(|(dimension, _)| *dimension).collect(),
        }
    }

    /// Opens the inputs and chooses the tables: those of `only`, else those of the job.
    ///
    /// # Errors
    /// [`Error::Usage`] for a listed table that cannot be built; [`Error::Input`] with all problems of files and schemas.
    pub fn new(job: Job, as_of: Day, only: &[String]) -> Result<Plan> {
        if as_of > LAST_DAY {
            let what = format!("the as-of date {} lies beyond {}", iso(as_of), iso(LAST_DAY));
            let place = job.file.display().to_string();
            return Err(Error::Usage(vec![Problem::new(place, what).help("as_of is the last day whose events count, usually yesterday")]));
        }
        let listed = choose(&job, only)?;
        let request = Request::of(&job);
        let specs = columns::INPUTS.iter().filter_map(|input| job.inputs.get(input.name));
        let too_large: Vec<Problem> = specs.flat_map(limits::too_large).collect();
        if !too_large.is_empty() {
            return Err(Error::Usage(too_large));
        }
        let unsent = unsent(&job);
        let reasons = || listed.iter().any(|of| read::reads(of.table.reads(), &request, REFUND_REASONS.name));
        let wants = |input: &str, column: &str| match (input, column) {
            (name, column) if name == columns::ORDERS.name => wants_column(&job, &listed, column),
            // A text of each refund, for few tables.
            (name, "reason") if name == columns::REFUNDS.name => reasons(),
            _ => true,
        };
        let (datasets, mut problems) = opened(&job, &unsent, &wants);
        problems.extend(contradictions(&job, &datasets));
        if !problems.is_empty() {
            return Err(Error::Input(problems));
        }
        let (mut tables, mut skipped, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for WantedTable { table, card, place } in listed {
            match (lacks(table, &card, &request, &job, &datasets), place) {
                (None, _) => tables.push((table, card)),
                (Some(reason), None) => skipped.push(Skipped { table: card.name.to_string(), reason }),
                (Some(reason), Some(place)) => {
                    let missing = card.needs.iter().filter(|need| !need.column.is_empty());
                    let missed =
                        missing.filter_map(|need| datasets.get(need.input).filter(|dataset| !dataset.has(need.column)).zip(Some(need)));
                    let mut hints = missed.filter_map(|(dataset, need)| dataset.hint(need.column));
                    let help = hints.next().map_or("map what is missing".to_owned(), |hint| format!("{hint} of the input"));
                    refused.push(
                        Problem::new(place, format!("table `{}` cannot be built: {reason}", card.name))
                            .help(format!("{help}, or leave the table out")),
                    );
                }
            }
        }
        let ids = id_types(&datasets);
        refused.extend(table::audience::problems(&job.strategies, &ids));
        refused.extend(without_categories(&job, &datasets));
        refused.extend(without_groups(&job, &datasets));
        if !refused.is_empty() {
            return Err(Error::Usage(refused));
        }
        let orders = datasets.get(columns::ORDERS.name);
        let has = |column: &str| orders.is_some_and(|orders| orders.has(column));
        let mut warnings: Vec<String> = Vec::new();
        // Tables with the same parts lack the same ones.
        for lack in tables.iter().flat_map(|(table, _)| table.lacks(&job, &has)) {
            if !warnings.contains(&lack) {
                warnings.push(lack);
            }
        }
        warnings.extend(datasets.values().flat_map(|dataset| dataset.warnings.iter().cloned()));
        warnings.extend(unsent.iter().filter_map(|name| unsent::warning(name, job.inputs.get(name)?)));
        warnings.extend(unsent::unrecorded(&job));
        warnings.extend(datasets.values().flat_map(Dataset::time_warnings));
        warnings.extend(order_lines::unread(&datasets));
        warnings.extend(whole_refunds::warning(&datasets));
        warnings.extend(groups_left_out(&job, &datasets));
        let names_tables = !only.is_empty() || matches!(job.tables, Tables::List(_));
        warnings.extend(unheard(names_tables, |name| tables.iter().any(|(_, card)| card.name == name)));
        let inputs = mapped(&datasets);
        let tables = tables.into_iter().map(|(_, card)| published(card, &inputs)).collect();
        Ok(Plan {
            job,
            as_of,
            datasets,
            tables,
            skipped,
            warnings,
            is_partial: !only.is_empty(),
            is_experiment: false,
            restores: false,
            moment: None,
            allow_stale: false,
            state: StateUse::default(),
            memory_limit: u64::MAX,
        })
    }

    /// How the rows of its inputs are read, before it is known which ids are of one person.
    pub fn scan(&self) -> Scan<'_> {
        Scan {
            as_of: self.as_of,
            end: Moment::end_of(self.moment, self.as_of),
            clock: Clock::new(self.job.zone.clone()),
            shop: &self.job.shop,
            restores: self.restores,
            links: None,
            decoded: None,
        }
    }

    /// Whether a table is to be built.
    pub fn wants(&self, table: &str) -> bool {
        self.tables.iter().any(|card| card.name == table)
    }

    /// The inputs of the job with their columns.
    pub fn mapped_inputs(&self) -> MappedInputs {
        mapped(&self.datasets)
    }

    /// Whether a table to build has columns of the customers who viewed pages.
    pub fn wants_viewing_customers(&self) -> bool {
        self.reads(VIEWED.name)
    }

    /// The requests of the job.
    pub fn request(&self) -> Request {
        let refunds = self.datasets.get(columns::REFUNDS.name);
        Request { has_refund_reasons: refunds.is_some_and(|refunds| refunds.has("reason")), ..Request::of(&self.job) }
    }

    /// The folds that the tables read.
    pub fn selection(&self) -> Selection {
        catalogue::selection(&|name| self.wants(name), &self.job.strategies, &self.request())
    }

    /// Whether a table to build reads the shared result of that name, directly or through others.
    pub fn reads(&self, shared: &str) -> bool {
        let tables = table::tables_of(&self.job.strategies).filter(|(_, card)| self.wants(&card.name));
        tables.into_iter().any(|(table, _)| read::reads(table.reads(), &self.request(), shared))
    }

    /// The days before the as-of date whose lists, made or sent, affect tonight's: the longest cool-down of a strategy. `None` if no list is wanted.
    pub fn cool_down_days(&self) -> Option<i32> {
        let wants_lists = self.reads(WAITING_CUSTOMERS.name);
        self.job.strategies.iter().map(|strategy| strategy.cool_down_days).max().filter(|_| wants_lists)
    }

    /// The days before the as-of date of which the lists of snapshots are read. `None` if none are.
    pub fn days_of_lists(&self) -> Option<i32> {
        self.cool_down_days().filter(|_| self.job.params.cool_down != CoolDown::Sent)
    }

    /// The lists of earlier snapshots in `out` that affect tonight's.
    ///
    /// # Errors
    /// [`Error::Input`] if an earlier snapshot is damaged, so that its lists are unknown.
    pub fn earlier_lists(&self, out: &Path) -> Result<Vec<EarlierList>> {
        self.days_of_lists().map_or(Ok(Vec::new()), |days| earlier_lists(out, self.as_of - days, self.as_of))
    }

    /// The identity of the work, and with it the snapshot's name: as-of date, job, inputs, earlier lists, version of the program.
    pub fn work(&self, earlier: &[EarlierList]) -> Work {
        let mut parts: Vec<String> = vec![self.job.canonical(), env!("CARGO_PKG_VERSION").to_owned()];
        parts.extend(self.tables.iter().map(|card| card.name.to_string()));
        for (name, dataset) in &self.datasets {
            parts.extend(dataset.files.iter().map(|file| format!("{name}\0{}\0{}", file.file.label, file.fingerprint)));
        }
        parts.extend(earlier.iter().map(EarlierList::identity));
        Work::new(self.as_of, parts.iter().map(String::as_bytes)).experiment(self.is_experiment)
    }

    /// The type of an id column in the result tables: that of the orders, else text.
    pub fn id_type(&self, column: &str) -> IdType {
        id_type(&self.datasets, column)
    }

    /// The id types of the result tables.
    pub fn id_types(&self) -> IdTypes {
        id_types(&self.datasets)
    }
}

fn id_type(datasets: &BTreeMap<&'static str, Dataset>, column: &str) -> IdType {
    datasets.get(columns::ORDERS.name).and_then(|orders| orders.id_type(column)).unwrap_or_else(IdType::text)
}

fn id_types(datasets: &BTreeMap<&'static str, Dataset>) -> IdTypes {
    let [shop, customer, category, item] = ["shop_id", "customer_id", "category_id", "item_id"].map(|column| id_type(datasets, column));
    let campaign =
        datasets.get(columns::CAMPAIGNS.name).and_then(|campaigns| campaigns.id_type("campaign_id")).unwrap_or_else(IdType::text);
    IdTypes { shop, customer, category, item, campaign }
}

/// A table that the job or the command line wants.
struct WantedTable {
    table: &'static dyn AnyTable,
    card: Cow<'static, Card>,
    /// The place that lists it by name.
    place: Option<String>,
}

/// The tables to build; for listed ones with the place that lists them.
fn choose(job: &Job, only: &[String]) -> Result<Vec<WantedTable>> {
    let all = || table::tables_of(&job.strategies);
    let listed = |place: &dyn Fn(&str) -> Option<Option<String>>| -> Vec<WantedTable> {
        all().filter_map(|(table, card)| place(&card.name).map(|place| WantedTable { table, card, place })).collect()
    };
    if only.is_empty() {
        return Ok(match &job.tables {
            // A job does not request what it has no rule files, no strategy files or no forecast for. What it has no input for it lacks, and
            // is told so.
            Tables::All => {
                let request = Request::of(job).with_all_inputs();
                let is_requested = |listed: &WantedTable| night::not_requested(listed.table.reads(), &request).is_none();
                listed(&|_| Some(None)).into_iter().filter(is_requested).collect()
            }
            Tables::List(names) => listed(&|name| names.iter().any(|other| other == name).then(|| Some(job.place_of_table(name)))),
        });
    }
    let names: Vec<Cow<'_, str>> = all().map(|(_, card)| card.into_owned().name).collect();
    let problems: Vec<Problem> = only
        .iter()
        .filter(|name| !names.iter().any(|other| other == *name))
        .map(|name| {
            let help = match nearest(name, names.iter().map(AsRef::as_ref)) {
                Some(close) => format!("did you mean `{close}`? `huitou tables` lists them"),
                None => "`huitou tables` lists them".to_owned(),
            };
            Problem::new("--only", format!("there is no table `{name}`")).help(help)
        })
        .collect();
    if problems.is_empty() {
        Ok(listed(&|name| only.iter().any(|other| other == name).then(|| Some("--only".to_owned()))))
    } else {
        Err(Error::Usage(problems))
    }
}

fn wants_column(job: &Job, tables: &[WantedTable], column: &str) -> bool {
    // With a refunds input the refunds in the orders are not used.
    let is_idle = column == "refund_amount" && job.inputs.get(columns::REFUNDS.name).is_some();
    let uses = |listed: &WantedTable| listed.card.uses.contains(&column) || listed.table.uses_with(&job.params).contains(&column);
    !is_idle && (ALWAYS.contains(&column) || tables.iter().any(uses))
}

/// The inputs with the columns that they have.
fn mapped(datasets: &BTreeMap<&'static str, Dataset>) -> MappedInputs {
    let mut inputs = MappedInputs::default();
    for (name, dataset) in datasets {
        inputs.add(name, dataset.input.columns.iter().map(|column| column.name).filter(|column| dataset.has(column)));
    }
    inputs
}

/// The card without the columns that need an input that the job does not have.
fn published(card: Cow<'static, Card>, inputs: &MappedInputs) -> Cow<'static, Card> {
    let is_whole = card.columns.iter().all(|column| column.needs.is_none_or(|need| inputs.has(&need)));
    if is_whole { card } else { Cow::Owned(card.published(&|need| inputs.has(need))) }
}

fn lacks(
    table: &'static dyn AnyTable,
    card: &Card,
    request: &Request,
    job: &Job,
    datasets: &BTreeMap<&'static str, Dataset>,
) -> Option<String> {
    if let Some(reason) = night::not_requested(table.reads(), &request.with_all_inputs()) {
        return Some(reason.to_owned());
    }
    let inputs = mapped(datasets);
    let stands_in =
        |need: &Need| stand_in(need.input, need.column).is_some_and(|(input, column)| inputs.has(&Need { input: input.name, column }));
    let Some(missing) = card.needs.iter().find(|need| !inputs.has(need) && !stands_in(need)) else {
        return night::not_requested(table.reads(), request).map(str::to_owned);
    };
    Some(match (job.inputs.get(missing.input), missing.column) {
        (Some(_), _) if !datasets.contains_key(missing.input) => format!("input `{}` has no file yet", missing.input),
        (None, _) | (_, "") => format!("the job has no input `{}`", missing.input),
        (Some(_), column) => format!("input `{}` has no `{column}`", missing.input),
    })
}
