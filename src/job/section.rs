//! Checks a mapping of a job or rule file against its declared keys. Notes all keys that are unknown, repeated, missing or of the wrong shape.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::Path;

use super::catalogue::Catalogue;
use super::keys::{CLOCK, Items, Key, Presence, Shape};
use super::nearest::{advice, nearest};
use super::rule_keys;
use super::tree::{self, Entry, Fault, Node, SourceLocation, Value};
use super::values;
use crate::error::Problem;

/// The state that all parts of a check share. Problems are noted here; a part with a problem is read as `None`.
pub(super) struct Check<'a> {
    pub catalogue: &'a Catalogue,
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The job file's folder.
    pub folder: &'a Path,
    /// The job file as the user named it.
    pub file: &'a str,
    /// The keys of the `--set` options.
    pub options: &'a [String],
    /// The rule and strategy files as the user would name them, in the order in which they are read.
    pub named: RefCell<Vec<String>>,
    /// The tables of the job's strategies, which are not in the catalogue.
    pub lists: RefCell<Vec<String>>,
    pub noted: RefCell<Vec<(SourceLocation, Problem)>>,
}

impl Check<'_> {
    /// Notes a problem.
    pub fn note(&self, place: SourceLocation, message: impl Into<String>, help: impl Into<String>) {
        self.noted.borrow_mut().push((place, Problem::new(self.place_text(place), message).help(help)));
    }

    /// Notes the faults of a text as YAML.
    pub fn note_all(&self, faults: Vec<Fault>) {
        for fault in faults {
            self.note(fault.place, fault.message, fault.help);
        }
    }

    /// Adds a file that the job names. Returns its number, by which locations name it.
    pub fn named_file(&self, name: String) -> usize {
        let mut named = self.named.borrow_mut();
        named.push(name);
        named.len() - 1
    }

    /// A location as text that editors can open.
    pub fn place_text(&self, place: SourceLocation) -> String {
        match place {
            SourceLocation::File { line, column } => format!("{}:{line}:{column}", self.file),
            SourceLocation::Set(number) => format!("--set {}", self.options.get(number).map_or("", String::as_str)),
            SourceLocation::Named { file, line, column } => {
                format!("{}:{line}:{column}", self.named.borrow().get(file).map_or("", String::as_str))
            }
        }
    }

    /// The entries of a mapping whose names are allowed, each name once. `what` is the word for them in messages: key, input, column.
    pub fn entries<'n>(&self, what: &str, section: &str, entries: &'n [Entry], allowed: &[&'static str]) -> Vec<(&'static str, &'n Entry)> {
        let mut known = Vec::new();
        for entry in self.distinct(section, entries) {
            match allowed.iter().find(|name| **name == entry.key) {
                Some(name) => known.push((*name, entry)),
                None => {
                    let within = if section.is_empty() { String::new() } else { format!(" in `{section}`") };
                    self.note(
                        entry.place,
                        format!("unknown {what} `{}`{within}", values::shortened(&entry.key)),
                        advice(&entry.key, allowed.iter().copied()),
                    );
                }
            }
        }
        known
    }

    /// The entries of a mapping, without repeated keys.
    pub fn distinct<'n>(&self, section: &str, entries: &'n [Entry]) -> Vec<&'n Entry> {
        let mut distinct: Vec<&Entry> = Vec::new();
        for entry in entries {
            match distinct.iter().find(|before| before.key == entry.key) {
                None => distinct.push(entry),
                Some(before) => {
                    let path = joined(section, &values::shortened(&entry.key));
                    self.note(
                        entry.place,
                        format!("`{path}` is written twice"),
                        format!("it is at {} too: keep one", self.place_text(before.place)),
                    );
                }
            }
        }
        distinct
    }
}

/// The path of a key below a section.
pub(super) fn joined(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// A mapping with declared keys.
pub(super) struct Section<'a> {
    pub check: &'a Check<'a>,
    /// `params.lifecycle`; empty for the top level.
    pub path: String,
    /// The key that holds it.
    pub place: SourceLocation,
    keys: &'static [Key],
    entries: Vec<(&'static str, &'a Entry)>,
}

impl<'a> Section<'a> {
    /// Notes unknown, repeated and missing keys.
    pub fn open(check: &'a Check<'a>, path: String, place: SourceLocation, entries: &'a [Entry], keys: &'static [Key]) -> Self {
        let names: Vec<&'static str> = keys.iter().map(|key| key.name).collect();
        let entries = check.entries("key", &path, entries, &names);
        for key in keys.iter().filter(|key| key.presence == Presence::Required) {
            if !entries.iter().any(|(name, _)| *name == key.name) {
                check.note(place, format!("`{}` is missing", joined(&path, key.name)), format!("{}: {}", key.name, key.doc));
            }
        }
        Section { check, path, place, keys, entries }
    }

    /// The section below a key; empty if it is not written or empty.
    pub fn section(&self, name: &str) -> Option<Section<'a>> {
        let key = self.key(name)?;
        let (Shape::Section(keys) | Shape::SectionOr(keys, _)) = key.shape else { return None };
        let path = joined(&self.path, name);
        match self.entry(name) {
            None => Some(Section::open(self.check, path, self.place, &[], keys)),
            Some(entry) => match &entry.node.value {
                Value::Mapping(entries) => Some(Section::open(self.check, path, entry.place, entries, keys)),
                // An empty section, for example with all lines commented out.
                _ if entry.node.is_nothing() => Some(Section::open(self.check, path, entry.place, &[], keys)),
                _ => {
                    self.wrong(key, &entry.node, &values::found(&entry.node));
                    None
                }
            },
        }
    }

    /// The section below a key with all its defaults, whatever is written there.
    pub fn with_defaults(&self, name: &str) -> Option<Section<'a>> {
        let (Shape::Section(keys) | Shape::SectionOr(keys, _)) = self.key(name)?.shape else { return None };
        Some(Section::open(self.check, joined(&self.path, name), self.place_of(name), &[], keys))
    }

    /// The keys that are written, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.entries.iter().map(|(name, _)| *name)
    }

    /// The declaration of a key of this section.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The key and value as written.
    pub fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|(known, _)| *known == name).map(|(_, entry)| *entry)
    }

    /// Where the key is written, else its section.
    pub fn place_of(&self, name: &str) -> SourceLocation {
        self.entry(name).map_or(self.place, |entry| entry.place)
    }

    /// The value of a key, or its default. `read` returns what it found if the value is wrong.
    pub fn value<T>(&self, name: &str, read: impl FnOnce(&Shape, &Node) -> Result<T, String>) -> Option<T> {
        let key = self.key(name)?;
        let node = self.node(name)?;
        read(&key.shape, &node).map_err(|found| self.wrong(key, &node, &found)).ok()
    }

    /// Like [`Section::value`] for a key that may be absent; `Some(None)` if it is.
    pub fn optional<T>(&self, name: &str, read: impl FnOnce(&Shape, &Node) -> Result<T, String>) -> Option<Option<T>> {
        if self.entry(name).is_none() { Some(None) } else { self.value(name, read).map(Some) }
    }

    /// The items of a list, each once. Also accepts one value without a list, where the shape allows it.
    pub fn list<T: PartialOrd>(&self, name: &str, read: impl Fn(&Shape, &Node) -> Result<T, String>) -> Option<Vec<T>> {
        let key = self.key(name)?;
        let node = self.node(name)?;
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Scalar { .. } if matches!(key.shape, Shape::Choices(_) | Shape::AnyChoices(_) | Shape::Ordering) => {
                std::slice::from_ref(node.as_ref())
            }
            _ => {
                self.wrong(key, &node, &values::found(&node));
                return None;
            }
        };
        let length = match key.shape {
            Shape::Integers { items, .. } | Shape::Amounts(items) => Some(items),
            _ => None,
        };
        let can_be_empty = matches!(length, Some(Items::Any | Items::Ascending))
            || matches!(key.shape, Shape::AnyChoices(_) | Shape::Dimensions | Shape::StageMetrics | Shape::TableNames);
        if items.is_empty() && !can_be_empty {
            self.wrong(key, &node, "an empty list");
            return None;
        }
        let must_ascend = matches!(length, Some(Items::FourAscending | Items::Ascending));
        let mut list: Vec<T> = Vec::new();
        for item in items {
            match read(&key.shape, item) {
                Err(found) => self.wrong(key, item, &found),
                Ok(value) if list.contains(&value) => self.wrong(key, item, &format!("{} a second time", values::found(item))),
                Ok(value) if must_ascend && list.last().is_some_and(|last| *last > value) => {
                    self.wrong(key, item, &format!("{} after a greater one", values::found(item)));
                }
                Ok(value) => list.push(value),
            }
        }
        if length == Some(Items::FourAscending) && items.len() != 4 {
            self.wrong(key, &node, &format!("a list of {}", items.len()));
            return None;
        }
        (list.len() == items.len()).then_some(list)
    }

    /// Notes a key that is written where it has no meaning; `with` is what it needs to have one.
    pub fn only_with(&self, name: &str, with: &str) {
        if let Some(entry) = self.entry(name) {
            let message = format!("`{}` means nothing without {with}", joined(&self.path, name));
            self.check.note(entry.place, message, format!("add {with}, or remove it"));
        }
    }

    /// Notes a key that is not written although `with`, the value of `cause`, needs it.
    pub fn needed_by(&self, name: &str, cause: &str, with: &str) {
        if self.entry(name).is_none() {
            let help = self.key(name).map_or(String::new(), |key| format!("{name}: {}", key.doc));
            let message = format!("`{}` is missing; {with} needs it", joined(&self.path, name));
            self.check.note(self.place_of(cause), message, help);
        }
    }

    /// The written value of a key, else its default.
    fn node(&self, name: &str) -> Option<Cow<'a, Node>> {
        match (self.entry(name), self.key(name)?.presence) {
            (Some(entry), _) => Some(Cow::Borrowed(&entry.node)),
            (None, Presence::Default(text)) => tree::parse(text, &|_, _| self.place).ok().map(Cow::Owned),
            (None, _) => None,
        }
    }

    /// Notes a value of the wrong shape, or an item that makes a list wrong.
    pub fn wrong(&self, key: &Key, node: &Node, found: &str) {
        let path = joined(&self.path, key.name);
        let lists = self.check.lists.borrow();
        let catalogue: Option<(&str, Vec<&str>)> = match key.shape {
            Shape::Dimensions => Some(("dimension", self.check.catalogue.dimensions.clone())),
            Shape::StageMetrics => Some(("metric", self.check.catalogue.stage_metrics.clone())),
            Shape::Tables | Shape::TableNames => {
                Some(("table", self.check.catalogue.tables.iter().copied().chain(lists.iter().map(String::as_str)).collect()))
            }
            _ => None,
        };
        if let (Some((what, names)), Some(text)) = (catalogue, node.text())
            && self.entry(key.name).is_some_and(|entry| matches!(entry.node.value, Value::List(_)))
            && !names.contains(&text)
        {
            return self.check.note(node.place, format!("unknown {what} `{text}` in `{path}`"), advice(text, names.iter().copied()));
        }
        let zones = if matches!(key.shape, Shape::Timezone | Shape::Times) { values::timezones() } else { Vec::new() };
        let words: Vec<&str> = match key.shape {
            Shape::Timezone => zones.iter().map(String::as_str).collect(),
            Shape::Times => zones.iter().map(String::as_str).chain(["local", "utc"]).collect(),
            Shape::Choice(words) | Shape::Choices(words) | Shape::AnyChoices(words) => words.to_vec(),
            Shape::SectionOr(_, word) => vec![word],
            Shape::AsOf => vec!["yesterday"],
            Shape::Tables => vec!["all"],
            Shape::ThresholdColumn => vec![rule_keys::ANNUAL_TARGET],
            _ => Vec::new(),
        };
        let help = match node.text().and_then(|text| nearest(text, words.iter().copied()).filter(|word| *word != text)) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("{}: {}", key.name, key.doc),
        };
        self.check.note(node.place, format!("`{path}` must be {}, found {found}", expected(&key.shape)), help);
    }
}

/// The words for a shape in a message, after "must be".
pub(super) fn expected(shape: &Shape) -> String {
    let quoted = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Name => "a name of lower-case letters, digits and `_`, 100 of them at most".to_owned(),
        Shape::Path => "a path".to_owned(),
        Shape::Currency => "three capitals of a currency such as CNY".to_owned(),
        Shape::Timezone => "a time zone such as Asia/Shanghai".to_owned(),
        Shape::AsOf => "`yesterday` or a date YYYY-MM-DD".to_owned(),
        Shape::Date => "a date YYYY-MM-DD".to_owned(),
        Shape::Condition => "a condition in SQL".to_owned(),
        Shape::Integer { from, to } => format!("a whole number from {from} to {to}"),
        Shape::Days { from, to } => format!("a number of days such as 2d, from {from}d to {to}d"),
        Shape::Number { from, to } => format!("a number from {from} to {to}"),
        Shape::Measure(numbers) => numbers.expected().to_owned(),
        Shape::ByCategory(numbers) => {
            format!("{}, or a mapping from categories to such numbers, with `default` for all others", numbers.expected())
        }
        Shape::Choice(words) => format!("one of {}", quoted(words)),
        Shape::Choices(words) => format!("one or a list of {}", quoted(words)),
        Shape::AnyChoices(words) => format!("one or a list of {}, or an empty list", quoted(words)),
        Shape::Integers { from, to, items: Items::Any } => format!("a list of different whole numbers from {from} to {to}"),
        Shape::Integers { from, to, items: Items::FourAscending } => format!("a list of four ascending whole numbers from {from} to {to}"),
        Shape::Integers { from, to, items: Items::Ascending } => format!("a list of ascending whole numbers from {from} to {to}"),
        Shape::Amount => "an amount that is not negative, with at most two decimals".to_owned(),
        Shape::Amounts(Items::FourAscending) => "a list of four ascending amounts with at most two decimals".to_owned(),
        Shape::Amounts(Items::Ascending) => "a list of ascending amounts with at most two decimals".to_owned(),
        Shape::Amounts(Items::Any) => "a list of different amounts with at most two decimals".to_owned(),
        Shape::Dimensions => "a list of dimensions".to_owned(),
        Shape::Tables => "`all` or a list of tables".to_owned(),
        Shape::TableNames => "a list of tables".to_owned(),
        Shape::Files(kind) => format!("a list of paths of {kind}s"),
        Shape::File(kind) => format!("the path of a {kind}"),
        Shape::StageMetrics => "a list of metrics".to_owned(),
        Shape::Ordering => "one or a list of `COLUMN` or `COLUMN desc`".to_owned(),
        Shape::Metric => "the name of a metric".to_owned(),
        Shape::ThresholdColumn => {
            format!("`{}` or `{}NAME`, NAME being one of its metrics", rule_keys::ANNUAL_TARGET, rule_keys::SHOP_METRICS_PREFIX)
        }
        Shape::ByMetric(_) => "a mapping from metrics to bounds, such as { orders: { at_least: 10 } }".to_owned(),
        Shape::Levels => "a mapping from ascending points to what follows from them".to_owned(),
        Shape::List(_) => "a list of mappings".to_owned(),
        Shape::Inputs | Shape::Section(_) => "a mapping".to_owned(),
        Shape::SectionOr(_, word) => format!("a mapping, or `{word}`"),
        Shape::Times => format!("{}, or a mapping from columns to one of these", CLOCK),
        Shape::Columns => "a mapping from our names of the columns to theirs".to_owned(),
        Shape::Statuses(meanings) => {
            format!("a mapping from statuses to {}", quoted(&meanings.iter().map(|meaning| meaning.name()).collect::<Vec<_>>()))
        }
    }
}
