//! The meanings of the columns on the page, in both languages, from the cards.

use serde_json::{Map, Value, json};

use super::cells::{decimals, is_text};
use super::source::TablePart;
use crate::spec::Lang;
use crate::spec::card::{Column, Kind};

/// A text in the languages of the page; only in English if there is no translation.
pub fn text(english: &str) -> Value {
    match Lang::Zh.text(english) {
        same if same == english => json!({ "en": english }),
        chinese => json!({ "en": english, "zh": chinese }),
    }
}

/// The names and the question of a table.
pub fn table(part: &TablePart) -> Value {
    json!({ "name": { "zh": part.card.chinese }, "question": text(&part.card.question) })
}

/// The columns of an extract, including derived ones, by name.
pub fn columns(part: &TablePart) -> Map<String, Value> {
    let derived = part.extract.derived.iter().filter_map(|name| part.card.column(name).copied());
    part.columns().map(|(column, _)| column).chain(derived).map(|column| (column.name.to_owned(), meaning(&column))).collect()
}

/// The meaning of a column, and how the page shows it.
fn meaning(column: &Column) -> Value {
    let mut about = json!({
        "kind": kind(column.kind),
        "decimals": decimals(column),
        "unit": column.unit,
        "zh": column.chinese,
        "definition": text(column.definition),
    });
    if let Some(about) = about.as_object_mut() {
        if !column.formula.is_empty() {
            about.insert("formula".to_owned(), text(column.formula));
        }
        if column.is_nullable() {
            about.insert("null_when".to_owned(), text(column.null_when));
        }
    }
    about
}

/// How the page reads the cells of a column.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ShopId => "shop",
        kind if is_text(kind) => "text",
        Kind::Date => "date",
        Kind::Flag => "flag",
        Kind::Money => "money",
        _ => "number",
    }
}
