//! What the columns on the page mean, in both languages, from the cards.

use serde_json::{Map, Value, json};

use super::cells::{decimals, is_text};
use super::source::Part;
use crate::spec::Lang;
use crate::spec::card::{Column, Kind};

/// A text in the page's languages; only the English one where there is no Chinese.
pub fn text(english: &str) -> Value {
    match Lang::Zh.text(english) {
        same if same == english => json!({ "en": english }),
        chinese => json!({ "en": english, "zh": chinese }),
    }
}

/// What a table is for.
pub fn table(part: &Part) -> Value {
    json!({ "name": { "zh": part.card.chinese }, "question": text(&part.card.question) })
}

/// The columns of a part, the derived ones too, by name.
pub fn columns(part: &Part) -> Map<String, Value> {
    let names = part.extract.columns.iter().chain(part.extract.derived);
    names.filter_map(|name| part.card.column(name)).map(|column| (column.name.to_owned(), meaning(column))).collect()
}

/// What a column means, and how the page shows it.
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
