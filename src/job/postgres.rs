//! `output.postgres`: the database that shows the latest snapshot to programs that read SQL.

use super::connection::{Connection, has_password};
use super::params::integer;
use super::section::Section;
use super::tree::{Node, Value};
use super::values;

/// Where the tables of the latest snapshot are published for BI tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postgres {
    /// The database.
    pub connection: Connection,
    /// The schema of the tables.
    pub schema: String,
    /// How long a load may take, in minutes.
    pub timeout_minutes: u16,
    /// The tables whose rows of every night stay.
    pub history: Vec<String>,
}

/// Bytes that PostgreSQL keeps of a name.
const LONGEST_NAME: usize = 63;

/// The suffix of the schema with the rows, after the name of the tables' schema.
const PARTITIONS: &str = "_partitions";

impl Postgres {
    /// The schema with the partitions of the tables, which readers need not know.
    pub fn partitions(&self) -> String {
        format!("{}{PARTITIONS}", self.schema)
    }

    /// The name of the table with the rows that a result table had in all nights.
    pub fn history_of(table: &str) -> String {
        format!("{table}_history")
    }
}

/// The database of the section `output`; `Some(None)` if it has none.
pub(super) fn read(output: &Section<'_>) -> Option<Option<Postgres>> {
    let check = output.check;
    let Some(entry) = output.entry("postgres").filter(|entry| !entry.node.is_nothing()) else { return Some(None) };
    if !matches!(entry.node.value, Value::Mapping(_)) {
        // The usual message would show the value, which is the connection string.
        check.note(entry.node.place, "`output.postgres` must be a mapping", "write it as { url: \"${HUITOU_PG}\", schema: huitou }");
        return None;
    }
    let section = output.section("postgres")?;
    let (url, schema, timeout_minutes) = (url(&section), schema(&section), section.value("timeout_minutes", integer));
    let history = history(&section);
    let lists = check.lists.borrow();
    for list in lists.iter().filter(|list| list.len() > LONGEST_NAME) {
        let message = format!("the table `{list}` has a name of {} letters, and PostgreSQL keeps {LONGEST_NAME}", list.len());
        check.note(section.place, message, "give that strategy a shorter name");
    }
    Some(Some(Postgres { connection: url?, schema: schema?, timeout_minutes: timeout_minutes?, history: history? }))
}

/// The tables whose history is kept.
fn history(section: &Section<'_>) -> Option<Vec<String>> {
    let lists = section.check.lists.borrow().clone();
    let known: Vec<&str> = section.check.catalogue.tables.iter().copied().chain(lists.iter().map(String::as_str)).collect();
    let names: Vec<String> = section.list("history", |_, node| values::text(node).and_then(|name| values::known(node, name, &known)))?;
    let longest = names.iter().filter(|name| Postgres::history_of(name).len() > LONGEST_NAME);
    let mut is_wrong = false;
    for name in longest {
        let history = Postgres::history_of(name);
        let message = format!("the table `{history}` has a name of {} letters, and PostgreSQL keeps {LONGEST_NAME}", history.len());
        section.check.note(section.place_of("history"), message, "give that strategy a shorter name, or keep no history of it");
        is_wrong = true;
    }
    (!is_wrong).then_some(names)
}

/// The connection string. No message shows any part of it.
fn url(section: &Section<'_>) -> Option<Connection> {
    let check = section.check;
    let entry = section.entry("url")?;
    let help = "write url: \"${HUITOU_PG}\", and set HUITOU_PG to postgresql://USER:PASSWORD@HOST/DATABASE in the environment of the run";
    let note = |message: &str| check.note(entry.node.place, format!("`output.postgres.url` {message}"), help);
    let Some(text) = text(&entry.node) else {
        note("must be text of one line");
        return None;
    };
    // The text outside the variables is in the job file or on the command line, where others can read it.
    if values::expand(text, &|_| Some(String::new())).is_ok_and(|text| has_password(&text)) {
        note("has a password written out, which belongs in the environment");
        return None;
    }
    let expanded = values::expand(text, check.environment).map_err(|errors| errors.iter().for_each(|error| note(error))).ok()?;
    if expanded.trim().is_empty() {
        note("is empty once its variables are replaced by their values");
        return None;
    }
    Connection::parse(&expanded, check.environment).map_err(note).ok()
}

fn text(node: &Node) -> Option<&str> {
    node.text().filter(|text| !text.trim().is_empty() && !text.contains(|letter: char| letter.is_control()))
}

fn schema(section: &Section<'_>) -> Option<String> {
    let schema = section.value("schema", |_, node| values::name(node))?;
    let longest = LONGEST_NAME - PARTITIONS.len();
    let wrong = if schema.len() > longest {
        format!("has {} letters, and PostgreSQL keeps {LONGEST_NAME}, of which `{PARTITIONS}` takes {}", schema.len(), PARTITIONS.len())
    } else if schema.starts_with("pg_") || schema == "information_schema" {
        "is a name reserved by PostgreSQL".to_owned()
    } else {
        return Some(schema);
    };
    section.check.note(section.place_of("schema"), format!("`output.postgres.schema` {wrong}"), "choose another name");
    None
}
