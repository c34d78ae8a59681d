//! The plan of a run: which tables the inputs allow, which columns they need, and the name of the snapshot. Reads footers only.

use std::collections::BTreeMap;
use std::path::Path;

use super::contradictions::contradictions;
use crate::error::{Error, Problem, Result};
use crate::input::columns;
use crate::input::dataset::Dataset;
use crate::input::drift;
use crate::job::{Catalogue, Job, Tables, nearest};
use crate::metric::assessed::ASSESSED;
use crate::publish::{EarlierList, Work, earlier_lists};
use crate::spec::period::iso;
use crate::spec::{Card, Day, IdType, IdTypes};
use crate::table::{self, suite};

/// 2099-12-31: times are kept in few bits, and tables have a row for every day up to the as-of date.
const LAST_DAY: Day = 47_481;

/// Columns of the orders input that are read whatever tables are wanted: they decide which rows are valid, so that
/// the rows that count do not depend on the tables asked for.
const ALWAYS: [&str; 13] = [
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
    "quantity",
    "modified_at",
];

/// A table that cannot be built.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// The table.
    pub card: &'static Card,
    /// What it lacks.
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
    pub tables: Vec<&'static Card>,
    /// The tables that `all` would have, but the inputs do not allow.
    pub skipped: Vec<Skipped>,
    /// What should be known but does not stop the run.
    pub warnings: Vec<String>,
    /// Whether the command line asked for some tables only.
    pub is_partial: bool,
    /// Bytes of memory that the run may take; what goes beyond is written to the disk. Results do not depend on it.
    pub memory_limit: u64,
}

impl Plan {
    /// The names that job files can use.
    pub fn catalogue() -> Catalogue {
        Catalogue {
            // The tables of strategies are known when the job's files are read.
            tables: table::cards_of(&[]).map(|card| card.name).collect(),
            inputs: columns::INPUTS.iter().map(|input| (input.name, input.columns.iter().map(|column| column.name).collect())).collect(),
            metrics: ASSESSED.iter().map(|metric| metric.name).collect(),
            dimensions: DIMENSIONS.iter().map(|(dimension, _)| *dimension).collect(),
        }
    }

    /// Opens the inputs and chooses the tables: those of `only`, else those of the job.
    ///
    /// # Errors
    /// [`Error::Usage`] for a table of a list that cannot be built; [`Error::Input`] with all that is wrong with the
    /// shape of the inputs.
    pub fn new(job: Job, as_of: Day, only: &[String]) -> Result<Plan> {
        if as_of > LAST_DAY {
            let what = format!("the as-of date {} lies beyond {}", iso(as_of), iso(LAST_DAY));
            let place = job.file.display().to_string();
            return Err(Error::Usage(vec![
                Problem::new(place, what).help("it is the last day that the run knows about: yesterday, mostly"),
            ]));
        }
        let listed = choose(&job, only)?;
        let wanted: Vec<&'static Card> = listed.iter().map(|(card, _)| *card).collect();
        let mut problems = Vec::new();
        let mut datasets = BTreeMap::new();
        for input in columns::INPUTS {
            let Some(spec) = job.inputs.get(input.name) else { continue };
            let wants = |column: &str| input.name != columns::ORDERS.name || wants_column(&job, &wanted, column);
            match Dataset::open(input, spec, &wants) {
                Ok(dataset) => {
                    datasets.insert(input.name, dataset);
                }
                Err(found) => problems.extend(found),
            }
        }
        problems.extend(contradictions(&job, &datasets));
        if !problems.is_empty() {
            return Err(Error::Input(problems));
        }
        let (mut tables, mut skipped, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (card, place) in listed {
            match (lacks(card, &job, &datasets), place) {
                (None, _) => tables.push(card),
                (Some(reason), None) => skipped.push(Skipped { card, reason }),
                (Some(reason), Some(place)) => {
                    refused.push(
                        Problem::new(place, format!("table `{}` cannot be built: {reason}", card.name))
                            .help("map what is missing, or leave the table out"),
                    );
                }
            }
        }
        let ids = id_types(&datasets);
        refused.extend(table::audience::problems(&job.strategies, &ids));
        if !refused.is_empty() {
            return Err(Error::Usage(refused));
        }
        let warnings = warnings(&job, &datasets, &tables);
        Ok(Plan { job, as_of, datasets, tables, skipped, warnings, is_partial: !only.is_empty(), memory_limit: u64::MAX })
    }

    /// Whether a table is to be built.
    pub fn wants(&self, table: &str) -> bool {
        self.tables.iter().any(|card| card.name == table)
    }

    /// Days before the as-of date whose lists decide about tonight's: as long as the longest cool-down of a strategy.
    /// `None` where no list is wanted.
    pub fn cool_down_days(&self) -> Option<i32> {
        let wants_lists = self.tables.iter().any(|card| suite::is_by_strategies(card));
        self.job.strategies.iter().map(|strategy| strategy.cool_down_days).max().filter(|_| wants_lists)
    }

    /// The lists of earlier snapshots in `out` that decide about tonight's.
    ///
    /// # Errors
    /// [`Error::Input`] where an earlier snapshot is damaged, so that nobody knows whom it contacted.
    pub fn earlier_lists(&self, out: &Path) -> Result<Vec<EarlierList>> {
        self.cool_down_days().map_or(Ok(Vec::new()), |days| earlier_lists(out, self.as_of - days, self.as_of))
    }

    /// The work and with it the snapshot's name: as-of date, job, inputs, earlier lists, version of the program.
    pub fn work(&self, earlier: &[EarlierList]) -> Work {
        let mut parts: Vec<String> = vec![self.job.canonical(), env!("CARGO_PKG_VERSION").to_owned()];
        parts.extend(self.tables.iter().map(|card| card.name.to_owned()));
        for (name, dataset) in &self.datasets {
            parts.extend(dataset.files.iter().map(|file| format!("{name}\0{}\0{}", file.file.label, file.fingerprint)));
        }
        parts.extend(earlier.iter().map(EarlierList::identity));
        Work::new(self.as_of, parts.iter().map(String::as_bytes))
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
    let campaign = datasets.get("campaigns").and_then(|campaigns| campaigns.id_type("campaign_id")).unwrap_or_else(IdType::text);
    IdTypes { shop, customer, category, item, campaign }
}

/// Cohort dimensions and the columns of the orders that they come from.
const DIMENSIONS: [(&str, &str); 3] = [("first_channel", "channel"), ("first_category", "category_id"), ("province", "province")];

/// The tables to build, and for those that are listed the place that lists them.
fn choose(job: &Job, only: &[String]) -> Result<Vec<(&'static Card, Option<String>)>> {
    let cards = || table::cards_of(&job.strategies);
    if only.is_empty() {
        return Ok(match &job.tables {
            // A job does not ask for what it has no rule files, no strategy files, no campaigns or no forecast for.
            Tables::All => cards().filter(|card| lacks_asked(card, job).is_none()).map(|card| (card, None)).collect(),
            Tables::List(names) => {
                let place = |card: &'static Card| names.iter().any(|name| name == card.name).then(|| job.place_of_table(card.name));
                cards().filter_map(|card| place(card).map(|place| (card, Some(place)))).collect()
            }
        });
    }
    let unknown = |name: &&String| !cards().any(|card| card.name == name.as_str());
    let problems: Vec<Problem> = only
        .iter()
        .filter(unknown)
        .map(|name| {
            let help = match nearest(name, cards().map(|card| card.name)) {
                Some(close) => format!("did you mean `{close}`? `huitou tables` lists them"),
                None => "`huitou tables` lists them".to_owned(),
            };
            Problem::new("--only", format!("there is no table `{name}`")).help(help)
        })
        .collect();
    if problems.is_empty() {
        Ok(cards().filter(|card| only.iter().any(|name| name == card.name)).map(|card| (card, Some("--only".to_owned()))).collect())
    } else {
        Err(Error::Usage(problems))
    }
}

/// What a job would have to ask for, for a table that not every job has: by rule files, by strategy files, by its parameters.
fn lacks_asked(card: &Card, job: &Job) -> Option<&'static str> {
    let is_one_of = |cards: &[&Card]| cards.iter().any(|other| other.name == card.name);
    if job.assessments.is_empty() && is_one_of(&suite::BY_RULES) {
        return Some("the job names no rule files (`assessments`)");
    }
    if job.inputs.get("campaigns").is_none() && is_one_of(&suite::CAMPAIGNS) {
        return Some("the job has no input `campaigns`");
    }
    if !job.params.forecast.is_wanted() && is_one_of(&suite::BY_FORECAST) {
        return Some("the job wants no forecast (`params.forecast.model: none`)");
    }
    (job.strategies.is_empty() && suite::is_by_strategies(card)).then_some("the job names no strategy files (`strategies`)")
}

fn wants_column(job: &Job, tables: &[&Card], column: &str) -> bool {
    let by_dimension = || {
        let is_listed = |dimension: &&str| job.params.cohort.dimensions.iter().any(|listed| listed == *dimension);
        tables.iter().any(|card| card.name == table::repurchase::cohort_retention::CARD.name)
            && DIMENSIONS.iter().any(|(dimension, source)| *source == column && is_listed(dimension))
    };
    // With a refunds input the amounts in the orders are not looked at.
    let is_idle = column == "refund_amount" && job.inputs.get("refunds").is_some();
    !is_idle
        && (column == "refund_amount"
            || ALWAYS.contains(&column)
            || tables.iter().any(|card| card.uses.contains(&column))
            || by_dimension())
}

fn lacks(card: &Card, job: &Job, datasets: &BTreeMap<&'static str, Dataset>) -> Option<String> {
    if let Some(reason) = lacks_asked(card, job) {
        return Some(reason.to_owned());
    }
    let missing = card.needs.iter().find(|need| match datasets.get(need.input) {
        None => true,
        Some(dataset) => !need.column.is_empty() && !dataset.has(need.column),
    })?;
    Some(match (job.inputs.get(missing.input), missing.column) {
        (None, _) | (_, "") => format!("the job has no input `{}`", missing.input),
        (Some(_), column) => format!("input `{}` has no `{column}`", missing.input),
    })
}

fn warnings(job: &Job, datasets: &BTreeMap<&'static str, Dataset>, tables: &[&Card]) -> Vec<String> {
    let mut warnings = Vec::new();
    let orders = datasets.get(columns::ORDERS.name);
    if tables.iter().any(|card| card.name == table::repurchase::cohort_retention::CARD.name) {
        for (dimension, column) in DIMENSIONS {
            if job.params.cohort.dimensions.iter().any(|listed| listed == dimension) && !orders.is_some_and(|orders| orders.has(column)) {
                warnings.push(format!("cohort_retention has no dimension `{dimension}`: input `orders` has no `{column}`"));
            }
        }
    }
    warnings.extend(datasets.values().flat_map(drift::warnings));
    warnings
}
