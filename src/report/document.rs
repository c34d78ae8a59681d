//! The data of a page as one JSON document: the snapshot, its inputs, and the columns of each table that the page shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};

use super::contents::contents;
use super::detail::Detail;
use super::json::{column, inside_html};
use super::source::{PageSource, TablePart};
use super::{cells, lists, meaning, restated, thin};
use crate::error::{Error, Result};
use crate::input::declared::columns::{INPUTS, Input};
use crate::metric::assessed::{ASSESSED, Assessed};
use crate::metric::peers::Best;
use crate::metric::ratio::in_units_of;
use crate::publish::{InputEntry, MISSING_DAYS, Manifest};
use crate::spec::Lang;
use crate::spec::currency::CNY;
use crate::spec::period::iso;
use crate::table::catalogue;

/// The document, escaped for an HTML element. The same snapshot, language and detail give the same bytes, at any time and on any machine.
///
/// # Errors
/// [`Error::Bug`] where it cannot be written as JSON.
pub fn document(manifest: &Manifest, source: &PageSource, detail: &Detail, lang: Lang) -> Result<String> {
    let mut shops = Renumbered::default();
    let mut texts = Renumbered::default();
    let mut tables = Vec::with_capacity(source.parts.len());
    for part in &source.parts {
        tables.push(format!("{}:{}", quoted(part.extract.table)?, table(part, source, detail, &mut shops, &mut texts)?));
    }
    let mut text = serde_json::to_string(&head(manifest, source, detail, lang)).map_err(Error::bug)?;
    // The head is an object; the long parts are inserted before its closing brace.
    text.pop();
    let names = serde_json::to_string(&shops.texts(source.shops.all())).map_err(Error::bug)?;
    let all = serde_json::to_string(&texts.texts(source.texts.all())).map_err(Error::bug)?;
    let _ = write!(text, ",\"shops\":{names},\"texts\":{all},\"tables\":{{{}}}}}", tables.join(","));
    Ok(inside_html(&text))
}

fn quoted(text: &str) -> Result<String> {
    serde_json::to_string(text).map_err(Error::bug)
}

/// The document without the tables.
fn head(manifest: &Manifest, source: &PageSource, detail: &Detail, lang: Lang) -> Value {
    let inputs: Vec<Value> = manifest
        .inputs
        .iter()
        .map(|input| {
            let rows = &input.equation;
            json!({
                "name": input.name, "path": input.path, "files": input.files.len(), "rows": rows.rows, "used": rows.used,
                "superseded": rows.superseded, "rejected": rows.rejected, "after_as_of": rows.after_as_of, "filtered": rows.filtered,
                "newest_event": input.newest_event, "days_without_event": input.days_without_event, "is_stale": input.is_stale,
                "silent_shops": input.silent_shops, "silent_since": silent_since(input),
            })
        })
        .collect();
    let missing_days: Vec<&str> = manifest.warnings.iter().filter_map(|warning| warning.strip_prefix(MISSING_DAYS)).collect();
    let missing: serde_json::Map<String, Value> = contents()
        .filter(|extract| manifest.table(extract.table).is_none())
        .map(|extract| {
            let reason = manifest.skipped.iter().find(|skipped| skipped.name == extract.table).map(|skipped| skipped.reason.as_str());
            (extract.table.to_owned(), reason.map_or(Value::Null, |reason| json!(reason)))
        })
        .collect();
    let missing_names: serde_json::Map<String, Value> =
        missing.keys().filter_map(|table| Some((table.clone(), json!(catalogue::card(table)?.chinese)))).collect();
    let left_out = if detail.is_full() {
        Value::Null
    } else {
        let level = detail.level;
        json!({
            "days": level.days, "months": level.months, "survival_step": level.survival_step, "nth": level.last_nth,
            "campaigns": level.campaigns, "optional": !level.has_optional, "shops": detail.shops, "listed": detail.listed,
        })
    };
    let metrics: serde_json::Map<String, Value> = ASSESSED.iter().map(|metric| (metric.name.to_owned(), about(metric))).collect();
    let detailed = source.shops.all().iter().zip(0..).filter(|(_, number)| detail.is_detailed(Some(*number)));
    let detailed: Vec<&String> = detailed.map(|(shop, _)| shop).collect();
    let chances: serde_json::Map<String, Value> = detailed
        .iter()
        .filter_map(|shop| Some(((*shop).clone(), serde_json::to_value(rounded(source.chances.get(*shop)?)).ok()?)))
        .collect();
    json!({
        "lang": lang.name(),
        "snapshot": manifest.name,
        "job": manifest.job,
        "as_of": iso(manifest.as_of),
        "version": manifest.version,
        "currency": if manifest.currency.is_empty() { CNY } else { &manifest.currency },
        "inputs": inputs,
        "warnings": manifest.warnings,
        "messages": in_chinese(manifest, source),
        "missing_days": missing_days,
        "needed_columns": needed_columns(manifest, &missing),
        "missing": missing,
        "missing_names": missing_names,
        "metrics": metrics,
        "chances": chances,
        "lists": lists::document(&source.lists, detailed.into_iter()),
        "restated_names": restated::names(source),
        "compared_with": manifest.compared_with.as_ref().map(|with| json!({ "name": with.name, "as_of": iso(with.as_of) })),
        "left_out": left_out,
    })
}

/// The columns that those inputs need for want of which tables are missing.
fn needed_columns(manifest: &Manifest, missing: &serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let is_wanted = |input: &&Input| {
        let is_there = manifest.inputs.iter().any(|there| there.name == input.name);
        !is_there && missing.values().filter_map(Value::as_str).any(|reason| reason.contains(input.name))
    };
    let needed = |input: &Input| input.columns.iter().filter(|column| column.required).map(|column| column.name).collect::<Vec<_>>();
    INPUTS.into_iter().filter(is_wanted).map(|input| (input.name.to_owned(), json!(needed(input).join(", ")))).collect()
}

/// The columns whose texts are messages of the program.
const SENTENCES: [(&str, &str); 3] = [("campaign_effect", "note"), ("campaign_pooled", "note"), ("store_stage", "reason")];

/// The warnings of a run, the reasons of tables that it left out, and the sentences of tables, in Chinese, by their English text.
fn in_chinese(manifest: &Manifest, source: &PageSource) -> serde_json::Map<String, Value> {
    let of_tables: BTreeSet<&String> = SENTENCES.iter().flat_map(|(table, column)| source.texts_of(table, column)).collect();
    let texts = manifest.warnings.iter().chain(manifest.skipped.iter().map(|skipped| &skipped.reason)).chain(of_tables);
    let said = texts.map(|text| (text, Lang::Zh.message(text))).filter(|(text, chinese)| *text != chinese.as_ref());
    said.map(|(text, chinese)| (text.clone(), json!(chinese))).collect()
}

/// The newest day of each shop from which nothing has come for longer than usual.
fn silent_since(input: &InputEntry) -> serde_json::Map<String, Value> {
    let newest = |shop: &String| Some((shop.clone(), json!(input.newest_by_shop.get(shop)?)));
    input.silent_shops.iter().filter_map(newest).collect()
}

/// The chances of a shop to a hundredth of a percent.
fn rounded(of_shop: &BTreeMap<&'static str, BTreeMap<String, f64>>) -> BTreeMap<&'static str, BTreeMap<String, f64>> {
    let four = |chance: f64| in_units_of(10_000.0, (chance * 10_000.0).round());
    let of_scheme = |segments: &BTreeMap<String, f64>| segments.iter().map(|(segment, chance)| (segment.clone(), four(*chance))).collect();
    of_shop.iter().map(|(scheme, segments)| (*scheme, of_scheme(segments))).collect()
}

/// The names and the meaning of an assessed metric, and whether more or less is better.
fn about(metric: &Assessed) -> Value {
    let best = match metric.best {
        Best::Most => "most",
        Best::Least => "least",
    };
    json!({ "zh": metric.chinese, "definition": meaning::text(metric.definition), "best": best })
}

/// A table: its meaning, and the meaning and the cells of each column.
fn table(part: &TablePart, source: &PageSource, detail: &Detail, shops: &mut Renumbered, texts: &mut Renumbered) -> Result<String> {
    let keep = thin::kept(part, &source.texts, detail);
    let rows = keep.iter().filter(|keep| **keep).count();
    let mut about = meaning::columns(part);
    let mut columns = Vec::new();
    for (of, all) in part.columns() {
        if !detail.level.has_optional && part.extract.optional.contains(&of.name) {
            continue;
        }
        let kept = all.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(cell, _)| *cell);
        let kept: Vec<Option<i64>> = match of.name {
            "shop_id" => kept.map(|cell| shops.number(cell)).collect(),
            _ if cells::is_text(of.kind) => kept.map(|cell| texts.number(cell)).collect(),
            _ => kept.collect(),
        };
        if let Some(meaning) = about.remove(of.name) {
            let mut meaning = serde_json::to_string(&meaning).map_err(Error::bug)?;
            meaning.pop();
            columns.push(format!("{}:{meaning},{}}}", quoted(of.name)?, column(&kept)));
        }
    }
    for (name, meaning) in about {
        columns.push(format!("{}:{}", quoted(&name)?, serde_json::to_string(&meaning).map_err(Error::bug)?));
    }
    let mut text = serde_json::to_string(&meaning::table(part)).map_err(Error::bug)?;
    text.pop();
    let _ = write!(text, ",\"rows\":{rows},\"columns\":{{{}}}}}", columns.join(","));
    Ok(text)
}

/// Texts with new numbers in the order of their use, so that a page has only those that it uses.
#[derive(Debug, Default)]
struct Renumbered {
    new: std::collections::HashMap<i64, i64>,
    old: Vec<i64>,
}

impl Renumbered {
    fn number(&mut self, cell: Option<i64>) -> Option<i64> {
        let old = cell?;
        let next = self.old.len() as i64;
        let new = *self.new.entry(old).or_insert(next);
        if new == next {
            self.old.push(old);
        }
        Some(new)
    }

    fn texts<'a>(&self, all: &'a [String]) -> Vec<&'a str> {
        self.old.iter().filter_map(|old| all.get(usize::try_from(*old).ok()?)).map(String::as_str).collect()
    }
}
