//! Job: reads the job file with the rule, strategy and stage files that it names. First as written (`tree`, with the location of every key), then
//! checked against the declared [`keys`] (`section`); all problems are reported at once. The rest of the program sees only [`Job`].

mod as_of;
mod canonical;
mod catalogue;
mod connection;
mod cool_down;
mod digests;
mod file;
pub mod forecast;
pub mod freshness;
mod inputs;
pub mod json_schema;
pub mod keys;
mod member_level;
mod named_files;
mod nearest;
mod numbers;
mod options;
mod output;
mod params;
mod postgres;
mod price_ending;
pub mod reference;
mod requirement;
pub mod rule;
mod rule_file;
pub mod rule_keys;
mod rules;
mod section;
mod shape;
pub mod shipped;
pub mod stage;
pub mod stage_keys;
mod stages;
mod status;
mod strategies;
pub mod strategy;
pub mod strategy_keys;
#[cfg(test)]
mod tests;
mod times;
mod totals;
mod tree;
mod values;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

pub use as_of::AsOf;
pub use catalogue::Catalogue;
pub use connection::{Connection, Encryption, Secret};
pub use cool_down::CoolDown;
pub use forecast::{ForecastParams, ModelChoice, ModelKind};
pub use freshness::Freshness;
pub use inputs::{Customers, InputSpec, Inputs, MoneyUnit};
pub use member_level::MemberLevel;
pub use nearest::nearest;
pub use output::Output;
pub use params::{Campaign, Cohort, Lifecycle, MonetaryValue, Params, RecencyScore, Rfm, RfmMethod};
pub use postgres::Postgres;
pub use price_ending::PriceEnding;
pub use status::Status;
pub use times::{Times, WallClock};
pub use totals::{GroupIds, Total};

use self::file::Unreadable;
use self::section::{Check, Section};
use self::tree::{Entry, Node, SourceLocation, Value};
use crate::error::{Error, Problem, Result};

/// A job that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name in messages and in the manifest.
    pub name: String,
    /// The job file as the user named it.
    pub file: PathBuf,
    /// The folder of the job file, absolute; relative paths start there.
    pub folder: PathBuf,
    /// The name of the time zone in the IANA database.
    pub timezone: String,
    /// The time zone of that name.
    pub zone: TimeZone,
    /// The last day whose events count.
    pub as_of: AsOf,
    /// The id of the only shop, for orders without a `shop_id`.
    pub shop: String,
    /// The currency of all amounts, as ISO 4217 has it.
    pub currency: String,
    /// Where the data are.
    pub inputs: Inputs,
    /// The numbers that definitions depend on.
    pub params: Params,
    /// The rule files of `assessments`, in the order of the job file.
    pub assessments: Vec<rule::Rule>,
    /// The strategy files of `strategies`, in the order of the job file: a customer who is on one list is on none after it.
    pub strategies: Vec<strategy::Strategy>,
    /// The stage file of `stages`, if the job names one.
    pub stages: Option<stage::Stages>,
    /// The result tables.
    pub tables: Tables,
    /// Where each table of a list is written, by name.
    pub table_places: BTreeMap<String, String>,
    /// Where the snapshots go, and how many stay.
    pub output: Output,
}

/// The result tables that a job requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tables {
    /// All whose inputs the job has.
    All,
    /// These, in the order of the job file; it is an error if one cannot be built.
    List(Vec<String>),
}

impl Job {
    /// Where the job names the table; the job file if it requests all.
    pub fn place_of_table(&self, table: &str) -> String {
        self.table_places.get(table).cloned().unwrap_or_else(|| self.file.display().to_string())
    }

    /// Reads and checks a job file and the files that it names. `sets` are the `--set` options, `params.max_nth=20`.
    ///
    /// # Errors
    /// [`Error::Usage`] with all problems, in the order of the file, then of the options, then of the files that it names; if the job
    /// file is not YAML, only that problem.
    pub fn load(path: &Path, sets: &[String], catalogue: &Catalogue) -> Result<Job> {
        let shown = path.display();
        let text = file::read(path).map_err(|cause| {
            Error::Usage(vec![match cause {
                Unreadable::System(cause) => {
                    Problem::new(shown.to_string(), format!("cannot be read: {cause}")).help("is this the path of the job file?")
                }
                Unreadable::TooLarge(bytes) => Problem::new(shown.to_string(), format!("has {bytes} bytes, too many for a job file"))
                    .help("is this the path of the job file?"),
                Unreadable::NotUtf8 { line } => {
                    Problem::new(format!("{shown}:{line}"), "is not UTF-8").help("save the job file as UTF-8, not as GBK")
                }
            }])
        })?;
        Job::parse(&text, path, sets, catalogue)
    }

    /// Checks the text of a job file at `path`. Does not read that file itself, but reads the files that it names.
    ///
    /// # Errors
    /// As for [`Job::load`].
    pub fn parse(text: &str, path: &Path, sets: &[String], catalogue: &Catalogue) -> Result<Job> {
        Job::checked(text, path, sets, catalogue, &|name| std::env::var(name).ok())
    }

    fn checked(
        text: &str,
        path: &Path,
        sets: &[String],
        catalogue: &Catalogue,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Job> {
        let file = path.display().to_string();
        let options: Vec<String> = sets.iter().map(|option| options::key_of(option)).collect();
        let absolute =
            std::path::absolute(path).map_err(|cause| Error::Usage(vec![Problem::new(&file, format!("has no absolute path: {cause}"))]))?;
        let folder = absolute.parent().unwrap_or(&absolute);
        let check = Check {
            catalogue,
            environment,
            folder,
            file: &file,
            options: &options,
            named: RefCell::default(),
            lists: RefCell::default(),
            noted: RefCell::default(),
        };
        let job = match tree::parse(text, &|line, column| SourceLocation::File { line, column }) {
            Err(faults) => {
                check.note_all(faults);
                None
            }
            Ok(mut root) => {
                for (number, option) in sets.iter().enumerate() {
                    options::apply(&mut root, option, number).unwrap_or_else(|faults| check.note_all(faults));
                }
                read(&check, path, &root)
            }
        };
        let mut noted = check.noted.into_inner();
        // A stable sort: problems at the same location keep the order of the checks.
        noted.sort_by_key(|(place, _)| *place);
        noted.dedup();
        match job {
            Some(job) if noted.is_empty() => Ok(job),
            _ if noted.is_empty() => Err(Error::bug(format!("the job file {file} was refused without a reason"))),
            _ => Err(Error::Usage(noted.into_iter().map(|(_, problem)| problem).collect())),
        }
    }
}

/// Reads the top level. Reads all parts, so that the problems of each one are noted.
fn read(check: &Check<'_>, file: &Path, root: &Node) -> Option<Job> {
    let entries: &[Entry] = match &root.value {
        Value::Mapping(entries) => entries,
        _ if root.is_nothing() => &[],
        _ => {
            check.note(root.place, format!("a job file is a mapping, found {}", values::found(root)), "it starts with `job: NAME`");
            return None;
        }
    };
    let job = Section::open(check, String::new(), SourceLocation::File { line: 1, column: 1 }, entries, keys::JOB);
    let name = job.value("job", |_, node| values::text(node));
    let zone = job.value("timezone", |_, node| values::timezone(node));
    let as_of = job.value("as_of", |_, node| values::as_of(node));
    let shop = job.optional("shop", |_, node| values::text(node));
    let inputs = inputs::read(&job, zone.as_ref().unwrap_or(&TimeZone::UTC));
    let currency = job.value("currency", |_, node| values::currency(node));
    let params = job.section("params").and_then(|section| params::read(&section));
    let assessments = rules::read(&job);
    let strategies = strategies::read(&job);
    let stages = stages::read(&job);
    let tables = tables(&job);
    let output = job.section("output").and_then(|section| output::read(&section));
    let (name, zone) = (name?, zone?);
    let (tables, table_places) = tables?;
    let (as_of, mut inputs) = (as_of?, inputs?);
    inputs.orders.freshness = inputs.orders.freshness.of_orders(as_of);
    Some(Job {
        file: file.to_owned(),
        folder: check.folder.to_owned(),
        timezone: zone.iana_name()?.to_owned(),
        zone,
        as_of,
        shop: shop?.unwrap_or_else(|| name.clone()),
        name,
        currency: currency?,
        inputs,
        params: params?,
        assessments: assessments?,
        strategies: strategies?,
        stages: stages?,
        tables,
        table_places,
        output: output?,
    })
}

/// The tables and where each of them is written.
fn tables(job: &Section<'_>) -> Option<(Tables, BTreeMap<String, String>)> {
    let Some(entry) = job.entry("tables").filter(|entry| entry.node.text() != Some("all")) else {
        return Some((Tables::All, BTreeMap::new()));
    };
    let lists = job.check.lists.borrow().clone();
    let known: Vec<&str> = job.check.catalogue.tables.iter().copied().chain(lists.iter().map(String::as_str)).collect();
    let names = job.list("tables", |_, node| values::text(node).and_then(|name| values::known(node, name, &known)))?;
    let items: &[Node] = if let Value::List(items) = &entry.node.value { items } else { &[] };
    let places = names.iter().cloned().zip(items.iter().map(|item| job.check.place_text(item.place))).collect();
    Some((Tables::List(names), places))
}
