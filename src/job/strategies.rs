//! The strategy files of a job: each is read and turned into a [`Strategy`], and no two have one name.

use super::named_files::{self, FileReference, NamedFile};
use super::params::integer;
use super::requirement::measure;
use super::section::{Check, Section};
use super::strategy::{EXCLUDED, Ordering, Strategy};
use super::strategy_keys::STRATEGY;
use super::tree::{Node, SourceLocation};
use super::values;

/// Reads `strategies`. Reads all files, so that the problems of each one are noted, and adds the names of their tables to the check.
pub(super) fn read(job: &Section<'_>) -> Option<Vec<Strategy>> {
    let check = job.check;
    let mut strategies = Vec::new();
    let mut names: Vec<(String, SourceLocation)> = Vec::new();
    for file in named_files::read(job, "strategies")? {
        let (name, strategy) = file.map_or((None, None), |NamedFile { source, text }| read_file(check, &source, &text));
        if let Some((name, place)) = name {
            match names.iter().find(|(before, _)| *before == name) {
                None => {
                    check.lists.borrow_mut().push(Strategy::table_of(&name));
                    names.push((name, place));
                }
                Some((_, before)) => {
                    let help = "customers are held out by the strategy's name, and its table has it: give each file its own";
                    check.note(place, format!("the strategy `{name}` is at {} too", check.place_text(*before)), help);
                }
            }
        }
        strategies.push(strategy);
    }
    strategies.into_iter().collect()
}

/// Reads a strategy file. Returns its name even if something else in it is wrong.
fn read_file(check: &Check<'_>, source: &FileReference, text: &str) -> (Option<(String, SourceLocation)>, Option<Strategy>) {
    let Some(entries) = named_files::entries(check, source, text, "strategy file", "strategy: NAME") else { return (None, None) };
    let section = Section::open(check, String::new(), source.at(1, 1), &entries, STRATEGY);
    let name = section.value("strategy", |_, node| values::name(node)).filter(|name| {
        let is_free = name != EXCLUDED;
        if !is_free {
            let message = format!("`{EXCLUDED}` cannot be the name of a strategy");
            check.note(section.place_of("strategy"), message, "the table audience_excluded has the customers who were left out");
        }
        is_free
    });
    let strategy = strategy(&section, source, name.as_deref());
    (name.map(|name| (name, section.place_of("strategy"))), strategy)
}

/// Reads all parts, so that the problems of each one are noted.
fn strategy(section: &Section<'_>, source: &FileReference, name: Option<&str>) -> Option<Strategy> {
    let title = section.optional("title", |_, node| values::text(node));
    let condition = section.value("where", |_, node| values::sql(node));
    let order_by = section.list("order_by", |_, node| ordering(node));
    let max_size = section.value("max_size", integer);
    let cool_down_days = section.value("cool_down_days", integer);
    let min_hours_since_order = section.value("min_hours_since_order", integer);
    let control_share = section.value("control_share", measure);
    let place_of = |key: &str| section.check.place_text(section.entry(key).map_or(section.place, |entry| entry.node.place));
    Some(Strategy {
        name: name?.to_owned(),
        title: title?.unwrap_or_else(|| name.unwrap_or_default().to_owned()),
        place: source.place.clone(),
        condition: condition?,
        condition_place: place_of("where"),
        order_by: order_by?,
        order_place: place_of("order_by"),
        max_size: max_size?,
        cool_down_days: cool_down_days?,
        min_hours_since_order: min_hours_since_order?,
        control_share: control_share?,
    })
}

/// `column`, `column asc` or `column desc`.
fn ordering(node: &Node) -> Result<Ordering, String> {
    let text = values::text(node)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let (column, direction) = match words[..] {
        [column] => (column, "asc"),
        [column, direction] => (column, direction),
        _ => return Err(values::found(node)),
    };
    let is_descending = match direction.to_ascii_lowercase().as_str() {
        "asc" => false,
        "desc" => true,
        _ => return Err(values::found(node)),
    };
    Ok(Ordering { column: column.to_owned(), is_descending })
}
