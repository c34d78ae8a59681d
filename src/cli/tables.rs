//! `huitou tables`: the catalogue, from the cards themselves.

use std::fmt::Write;

use serde_json::json;

use super::arguments::{Format, Lang, TablesOptions};
use super::print;
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::spec::{Card, Column, IdType, IdTypes};
use crate::table;

/// Prints the catalogue.
pub fn tables(options: &TablesOptions) -> Result<()> {
    let cards: Vec<&Card> = match &options.name {
        None => table::cards().collect(),
        Some(name) => vec![card(name)?],
    };
    let text = match options.format {
        Format::Json => {
            let cards: Vec<_> = cards.iter().map(|card| object(card)).collect();
            let document = if options.name.is_some() { cards.into_iter().next().unwrap_or_default() } else { json!(cards) };
            format!("{}\n", serde_json::to_string_pretty(&document).map_err(Error::defect)?)
        }
        Format::Markdown => {
            let title = if options.name.is_none() { "# Result tables\n\n" } else { "" };
            format!("{title}{}", cards.iter().map(|card| markdown(card, options.lang)).collect::<Vec<_>>().join("\n"))
        }
        Format::Text if options.name.is_none() => {
            cards.iter().map(|card| format!("{:<22} {}\n", card.name, title(card, options.lang))).collect()
        }
        Format::Text => cards.iter().map(|card| columns(card, options.lang)).collect(),
    };
    print(&text)
}

/// The card of that name.
pub fn card(name: &str) -> Result<&'static Card> {
    table::card(name).ok_or_else(|| {
        let help = match nearest(name, table::cards().map(|card| card.name)) {
            Some(close) => format!("did you mean `{close}`? `huitou tables` lists them"),
            None => "`huitou tables` lists them".to_owned(),
        };
        Error::Usage(vec![Problem::new("table", format!("there is no table `{name}`")).help(help)])
    })
}

fn title(card: &Card, lang: Lang) -> &'static str {
    match lang {
        Lang::En => card.question,
        Lang::Zh => card.chinese,
    }
}

fn type_of(column: &Column) -> String {
    let ids = IdTypes {
        shop: IdType::text(),
        customer: IdType::text(),
        category: IdType::text(),
        item: IdType::text(),
        campaign: IdType::text(),
    };
    match column.kind {
        crate::spec::Kind::ShopId
        | crate::spec::Kind::CustomerId
        | crate::spec::Kind::CategoryId
        | crate::spec::Kind::ItemId
        | crate::spec::Kind::CampaignId => "id of the inputs".to_owned(),
        kind => kind.data_type(&ids).to_string(),
    }
}

fn columns(card: &Card, lang: Lang) -> String {
    let mut text =
        format!("{} ({})\n{}\nA row is {}. Key: {}.\n\n", card.name, card.chinese, card.question, card.grain, card.key.join(", "));
    for column in card.columns {
        let name = if lang == Lang::Zh { format!("{} ({})", column.name, column.chinese) } else { column.name.to_owned() };
        let unit = if column.unit.is_empty() { String::new() } else { format!(", {}", column.unit) };
        let _ = writeln!(text, "{name}: {}{unit}", type_of(column));
        let _ = writeln!(text, "    {}", column.definition);
        for (word, fact) in [("formula", column.formula), ("null when", column.null_when), ("source", column.source)] {
            if !fact.is_empty() && fact != "never" {
                let _ = writeln!(text, "    {word}: {fact}");
            }
        }
    }
    text
}

fn markdown(card: &Card, lang: Lang) -> String {
    let mut text =
        format!("## {} ({})\n\n{} A row is {}. Key: `{}`.\n\n", card.name, card.chinese, card.question, card.grain, card.key.join("`, `"));
    let (name, kind) = if lang == Lang::Zh { ("列", "类型") } else { ("column", "type") };
    let _ =
        writeln!(text, "| {name} | 中文 | {kind} | unit | definition | null when | version |\n| --- | --- | --- | --- | --- | --- | --- |");
    for column in card.columns {
        let formula = if column.formula.is_empty() { String::new() } else { format!(" = {}", column.formula) };
        let cells = [
            column.name,
            column.chinese,
            &type_of(column),
            column.unit,
            &format!("{}{formula}", column.definition),
            column.null_when,
            &column.version.to_string(),
        ]
        .map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn object(card: &Card) -> serde_json::Value {
    let columns: Vec<_> = card
        .columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name, "type": type_of(column), "unit": column.unit, "chinese": column.chinese, "definition": column.definition,
                "formula": column.formula, "null_when": column.null_when, "source": column.source, "version": column.version,
            })
        })
        .collect();
    json!({ "name": card.name, "chinese": card.chinese, "question": card.question, "grain": card.grain, "key": card.key, "columns": columns })
}
