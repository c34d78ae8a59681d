//! The inputs of a job: where their files are, what their columns and statuses are called there.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::freshness::{self, Freshness};
use super::keys::{self, Key, Shape};
use super::nearest::nearest;
use super::section::{Check, Section, joined};
use super::status::Status;
use super::times::{self, Times};
use super::tree::{Entry, Node, SourceLocation, Value};
use super::values;
use crate::disk::tidy::without_steps_back;
use crate::store::address::{Address, Fault, is_address};

/// The unit of amounts in integer columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyUnit {
    /// Yuan.
    Major,
    /// Fen.
    Minor,
}

/// Whether an order must name its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Customers {
    /// An order without a customer counts in the figures of its shop, and in no table of customers.
    Optional,
    /// A row without a customer is rejected.
    Required,
}

/// One input as the job describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSpec {
    /// File, folder or pattern; absolute, with environment variables replaced.
    pub path: String,
    /// The path as the job file has it.
    pub written_path: String,
    /// Our name of a column and its source: a column of the files, an SQL expression over them, or `$row`. A column that is not
    /// here has our name in the files.
    pub columns: BTreeMap<String, String>,
    /// Statuses in the files and their meanings, beside those that are known without a mapping.
    pub status: BTreeMap<String, Status>,
    /// A condition in SQL over the columns of the files; rows that do not meet it are left out.
    pub filter: Option<String>,
    /// The unit of amounts in integer columns.
    pub money: MoneyUnit,
    /// Whose clock its times show.
    pub times: Times,
    /// How recent its newest event must be.
    pub freshness: Freshness,
    /// Whether the orders must name their customers; has no meaning for other inputs.
    pub customers: Customers,
    /// Where the job names the input: `jobs/nightly.yaml:4:3`.
    pub place: String,
    /// Where each of `columns` is mapped, by our name.
    pub column_places: BTreeMap<String, String>,
    /// Where the filter is written; where the input is if there is none.
    pub filter_place: String,
}

impl InputSpec {
    /// Where the column is mapped; where the input is if it is not.
    pub fn place_of(&self, column: &str) -> &str {
        self.column_places.get(column).unwrap_or(&self.place)
    }
}

/// The inputs of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The order lines.
    pub orders: InputSpec,
    /// The others that the job names.
    pub others: BTreeMap<String, InputSpec>,
}

impl Inputs {
    /// The input of that name, if the job has it.
    pub fn get(&self, name: &str) -> Option<&InputSpec> {
        if name == keys::REQUIRED_INPUT { Some(&self.orders) } else { self.others.get(name) }
    }

    /// All inputs: orders, then the others by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &InputSpec)> {
        std::iter::once((keys::REQUIRED_INPUT, &self.orders)).chain(self.others.iter().map(|(name, input)| (name.as_str(), input)))
    }
}

/// Reads the mapping of all inputs; `zone` is the job's timezone.
pub(super) fn read(job: &Section<'_>, zone: &TimeZone) -> Option<Inputs> {
    let (key, entry) = (job.key("inputs")?, job.entry("inputs")?);
    let entries: &[Entry] = match &entry.node.value {
        Value::Mapping(entries) => entries,
        _ if entry.node.is_nothing() => &[],
        _ => {
            job.wrong(key, &entry.node, &values::found(&entry.node));
            return None;
        }
    };
    let check = job.check;
    let names: Vec<&'static str> = check.catalogue.input_names().collect();
    let known = check.entries("input", key.name, entries, &names);
    let mut inputs: BTreeMap<String, Option<InputSpec>> =
        known.iter().map(|(name, entry)| ((*name).to_owned(), input(check, name, entry, zone))).collect();
    let Some(orders) = inputs.remove(keys::REQUIRED_INPUT) else {
        let path = joined(key.name, keys::REQUIRED_INPUT);
        check.note(entry.place, format!("`{path}` is missing"), "every table is made from the orders");
        return None;
    };
    let others: Option<BTreeMap<String, InputSpec>> = inputs.into_iter().map(|(name, input)| Some((name, input?))).collect();
    Some(Inputs { orders: orders?, others: others? })
}

/// Reads one input: a bare path or a mapping.
fn input(check: &Check<'_>, name: &'static str, entry: &Entry, zone: &TimeZone) -> Option<InputSpec> {
    let path = joined("inputs", name);
    let shorthand;
    let entries = match &entry.node.value {
        Value::Mapping(entries) => entries,
        Value::Scalar { .. } => {
            shorthand = vec![Entry { key: "path".to_owned(), place: entry.place, node: entry.node.clone() }];
            &shorthand
        }
        Value::List(_) => {
            check.note(entry.node.place, format!("`{path}` must be a path or a mapping, found {}", values::found(&entry.node)), "");
            return None;
        }
    };
    let section = Section::open(check, path, entry.place, entries, keys::input_keys(name));
    let files = path_of(&section, "path");
    let columns = mapping(&section, "columns", |key, entries| columns(&section, key, name, entries));
    let status = mapping(&section, "status", |key, entries| statuses(&section, key, entries));
    let filter = section.optional("filter", |_, node| values::sql(node));
    let money = match section.key("money") {
        None => Some(MoneyUnit::Major),
        Some(_) => section.value("money", choice).map(|unit| if unit == "minor" { MoneyUnit::Minor } else { MoneyUnit::Major }),
    };
    let times = times::read(&section, zone, check.catalogue.columns(name));
    let freshness = freshness::read(&section);
    let customers = match section.key("customers") {
        None => Some(Customers::Optional),
        Some(_) => {
            section.value("customers", choice).map(|word| if word == "required" { Customers::Required } else { Customers::Optional })
        }
    };
    let (written_path, path) = files?;
    let columns = columns?;
    Some(InputSpec {
        path,
        written_path,
        column_places: columns.iter().map(|(ours, (_, place))| (ours.clone(), check.place_text(*place))).collect(),
        columns: columns.into_iter().map(|(ours, (theirs, _))| (ours, theirs)).collect(),
        status: status?,
        filter: filter?,
        money: money?,
        times: times?,
        freshness: freshness?,
        customers: customers?,
        place: check.place_text(entry.place),
        filter_place: check.place_text(section.place_of("filter")),
    })
}

/// One of the words of a choice.
pub(super) fn choice(shape: &Shape, node: &Node) -> Result<&'static str, String> {
    match shape {
        Shape::Choice(words) | Shape::Choices(words) | Shape::AnyChoices(words) => values::choice(node, words),
        _ => Err(values::found(node)),
    }
}

/// A path as written, and its absolute form with environment variables replaced, below the job file's folder.
pub(super) fn path_of(section: &Section<'_>, name: &str) -> Option<(String, String)> {
    let check = section.check;
    let written = section.value(name, |_, node| values::text(node))?;
    let place = section.entry(name).map_or(section.place, |entry| entry.node.place);
    let expanded = expanded(check, place, &joined(&section.path, name), &written)?;
    if is_address(&expanded) {
        return match Address::parse(&expanded) {
            Ok(_) => Some((written, expanded)),
            Err(Fault { what, help }) => {
                check.note(place, format!("`{}` {what}", joined(&section.path, name)), help);
                None
            }
        };
    }
    // Without the dots of `./data` and `../data`, to keep messages short.
    let absolute = without_steps_back(&check.folder.join(expanded));
    match absolute.into_os_string().into_string() {
        Ok(path) => Some((written, path)),
        Err(path) => {
            check.note(place, format!("the path {} is not UTF-8", path.to_string_lossy()), "rename the folder of the job file");
            None
        }
    }
}

/// The path written at `key`, with environment variables replaced.
pub(super) fn expanded(check: &Check<'_>, place: SourceLocation, key: &str, written: &str) -> Option<String> {
    match values::expand(written, check.environment) {
        Ok(expanded) if expanded.trim().is_empty() => {
            check.note(place, format!("`{key}` is empty once `{written}` is replaced by its value"), "");
            None
        }
        Ok(expanded) => Some(expanded),
        Err(errors) => {
            for error in errors {
                let help = "set it in the environment of the run (cron has its own), or write the path out";
                check.note(place, format!("`{key}` {error}"), help);
            }
            None
        }
    }
}

/// The entries of an optional mapping.
fn mapping<'a, T>(
    section: &Section<'a>,
    name: &str,
    read: impl FnOnce(&'static Key, &'a [Entry]) -> Option<BTreeMap<String, T>>,
) -> Option<BTreeMap<String, T>> {
    let (Some(key), Some(entry)) = (section.key(name), section.entry(name)) else { return Some(BTreeMap::new()) };
    match &entry.node.value {
        Value::Mapping(entries) => read(key, entries),
        _ if entry.node.is_nothing() => Some(BTreeMap::new()),
        _ => {
            section.wrong(key, &entry.node, &values::found(&entry.node));
            None
        }
    }
}

/// Our columns and their sources, with the locations.
fn columns(section: &Section<'_>, key: &Key, input: &str, entries: &[Entry]) -> Option<BTreeMap<String, (String, SourceLocation)>> {
    let check = section.check;
    let path = joined(&section.path, key.name);
    let read = |(ours, entry): &(&'static str, &Entry)| match values::mapping(&entry.node) {
        Ok(theirs) => Some(((*ours).to_owned(), (theirs, entry.place))),
        Err(found) => {
            let message = format!("`{}` must be a column or an SQL expression, found {found}", joined(&path, ours));
            check.note(entry.node.place, message, "leave out columns that the files do not have");
            None
        }
    };
    let known = check.entries("column", &path, entries, check.catalogue.columns(input));
    known.iter().map(read).collect::<Vec<_>>().into_iter().collect()
}

/// Statuses of the files and their meanings.
fn statuses(section: &Section<'_>, key: &Key, entries: &[Entry]) -> Option<BTreeMap<String, Status>> {
    let check = section.check;
    let path = joined(&section.path, key.name);
    let Shape::Statuses(meanings) = key.shape else { return None };
    let names = || meanings.iter().map(|meaning| meaning.name());
    let read = |entry: &&Entry| match entry.node.text().and_then(|text| meanings.iter().find(|meaning| meaning.name() == text)) {
        Some(meaning) => Some((entry.key.clone(), *meaning)),
        None => {
            let words = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!("`{}` must be one of {words}, found {}", joined(&path, &entry.key), values::found(&entry.node));
            let help = match entry.node.text().and_then(|text| nearest(text, names())) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "a status of the files stands left of the colon, its meaning right of it".to_owned(),
            };
            check.note(entry.node.place, message, help);
            None
        }
    };
    check.distinct(&path, entries).iter().map(read).collect::<Vec<_>>().into_iter().collect()
}
