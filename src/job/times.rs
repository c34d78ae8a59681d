//! Whose clock the times of an input show: the key `times` of an input.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::keys::CLOCK;
use super::nearest::nearest;
use super::section::{Section, joined};
use super::tree::{Node, Value};
use super::values;

/// The clock that a time without a zone shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WallClock {
    /// The clock of the job's timezone.
    #[default]
    Local,
    /// The clock of UTC: the time is a moment.
    Utc,
    /// The clock of another zone.
    Zone(TimeZone),
}

impl WallClock {
    /// The word for it in job files.
    pub fn name(&self) -> &str {
        match self {
            WallClock::Local => "local",
            WallClock::Utc => "utc",
            WallClock::Zone(zone) => zone.iana_name().unwrap_or("?"),
        }
    }

    /// Its timezone; `local` is that of the job.
    pub fn zone(&self, local: &TimeZone) -> TimeZone {
        match self {
            WallClock::Local => local.clone(),
            WallClock::Utc => TimeZone::UTC,
            WallClock::Zone(zone) => zone.clone(),
        }
    }
}

/// What a job says about the times of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The job's timezone.
    pub local: TimeZone,
    /// The clock of all times of the input for which their file names no zone; `None` where the job says nothing.
    pub input: Option<WallClock>,
    /// By our name of a column: its clock, whatever the type of the file's column says.
    pub columns: BTreeMap<String, WallClock>,
    /// Where the job says it; where the input is if it does not.
    pub place: String,
}

impl Times {
    /// The clock of a column's values; `has_zone` is whether the type of the file's column has a zone. A text that names its zone is of
    /// that zone whatever this returns.
    pub fn of(&self, column: &str, has_zone: bool) -> &WallClock {
        const LOCAL: &WallClock = &WallClock::Local;
        const UTC: &WallClock = &WallClock::Utc;
        match (self.columns.get(column), has_zone) {
            (Some(clock), _) => clock,
            (None, true) => UTC,
            (None, false) => self.input.as_ref().unwrap_or(LOCAL),
        }
    }

    /// Whether the job says something about a column.
    pub fn declares(&self, column: &str) -> bool {
        self.input.is_some() || self.columns.contains_key(column)
    }

    /// The key in a fixed form, for the fingerprint of the job; `None` where the job says nothing.
    pub(super) fn canonical(&self) -> Option<serde_json::Value> {
        let Times { local: _, input, columns, place: _ } = self;
        let columns: Vec<[&str; 2]> = columns.iter().map(|(column, clock)| [column.as_str(), clock.name()]).collect();
        (input.is_some() || !columns.is_empty()).then(|| serde_json::json!([input.as_ref().map(WallClock::name), columns]))
    }
}

/// Reads the key of an input; `columns` are the columns of the input.
pub(super) fn read(section: &Section<'_>, local: &TimeZone, columns: &[&'static str]) -> Option<Times> {
    let check = section.check;
    let mut times =
        Times { local: local.clone(), input: None, columns: BTreeMap::new(), place: check.place_text(section.place_of("times")) };
    let (Some(key), Some(entry)) = (section.key("times"), section.entry("times")) else { return Some(times) };
    let entries = match &entry.node.value {
        Value::Mapping(entries) => entries,
        _ if entry.node.is_nothing() => return Some(times),
        _ => match clock(&entry.node, local) {
            Ok(clock) => {
                times.input = Some(clock);
                return Some(times);
            }
            Err(found) => {
                section.wrong(key, &entry.node, &found);
                return None;
            }
        },
    };
    let path = joined(&section.path, key.name);
    let mut is_whole = true;
    for (column, entry) in check.entries("column", &path, entries, columns) {
        match clock(&entry.node, local) {
            Ok(clock) => {
                times.columns.insert(column.to_owned(), clock);
            }
            Err(found) => {
                let message = format!("`{}` must be {CLOCK}, found {found}", joined(&path, column));
                let zones = values::timezones();
                let words = zones.iter().map(String::as_str).chain(["local", "utc"]);
                let help = match entry.node.text().and_then(|text| nearest(text, words)) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("{}: {}", key.name, key.doc),
                };
                check.note(entry.node.place, message, help);
                is_whole = false;
            }
        }
    }
    is_whole.then_some(times)
}

fn clock(node: &Node, local: &TimeZone) -> Result<WallClock, String> {
    match node.text() {
        Some("local") => Ok(WallClock::Local),
        Some("utc" | "UTC") => Ok(WallClock::Utc),
        _ => values::timezone(node).map(|zone| if zone == *local { WallClock::Local } else { WallClock::Zone(zone) }),
    }
}
