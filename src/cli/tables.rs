//! `huitou tables`: prints the catalogue, from the cards of the tables.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::json;

use super::arguments::{CatalogueFormat, TablesOptions};
use super::language::lang;
use super::stdout::print;
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::spec::{Card, Column, IdType, IdTypes, Lang, Need};
use crate::table;

/// Prints the catalogue.
pub fn tables(options: &TablesOptions) -> Result<()> {
    let lang = lang();
    let cards: Vec<Cow<'static, Card>> = match &options.name {
        None => table::cards().map(Cow::Borrowed).collect(),
        Some(name) => vec![card(name)?],
    };
    let text = match options.format {
        CatalogueFormat::Json => {
            let cards: Vec<_> = cards.iter().map(|card| object(card)).collect();
            let document = if options.name.is_some() { cards.into_iter().next().unwrap_or_default() } else { json!(cards) };
            format!("{}\n", serde_json::to_string_pretty(&document).map_err(Error::bug)?)
        }
        CatalogueFormat::Markdown => {
            let contents = if options.name.is_none() { contents(&cards, lang) } else { String::new() };
            format!("{contents}{}", cards.iter().map(|card| markdown(card, lang)).collect::<Vec<_>>().join("\n"))
        }
        CatalogueFormat::Text if options.name.is_none() => {
            cards.iter().map(|card| format!("{:<22} {}\n", card.name, title(card, lang))).collect()
        }
        CatalogueFormat::Text => cards.iter().map(|card| columns(card, lang)).collect(),
    };
    print(&text)
}

/// The card of a table.
pub fn card(name: &str) -> Result<Cow<'static, Card>> {
    table::card(name).ok_or_else(|| {
        let help = match nearest(name, table::cards().map(|card| card.name.as_ref())) {
            Some(close) => format!("did you mean `{close}`? `huitou tables` lists them"),
            None => "`huitou tables` lists them".to_owned(),
        };
        Error::Usage(vec![Problem::new("table", format!("there is no table `{name}`")).help(help)])
    })
}

fn title(card: &Card, lang: Lang) -> String {
    match lang {
        Lang::En => card.question.to_string(),
        Lang::Zh => format!("{}：{}", card.chinese, lang.text(&card.question)),
    }
}

fn columns(card: &Card, lang: Lang) -> String {
    let words = Words::of(lang);
    let mut text = format!("{} ({})\n{}\n{}\n\n", card.name, card.chinese, lang.text(&card.question), words.grain(card, ""));
    for column in card.columns.iter() {
        let name = if lang == Lang::Zh { format!("{} ({})", column.name, column.chinese) } else { column.name.to_owned() };
        let unit = if column.unit.is_empty() { String::new() } else { format!(", {}", lang.text(column.unit)) };
        let _ = writeln!(text, "{name}: {}{unit}", words.type_of(column));
        let _ = writeln!(text, "    {}", lang.text(column.definition));
        if let Some(need) = &column.needs {
            let _ = writeln!(text, "    {}", words.needs(need, ""));
        }
        for (word, fact) in [(words.formula, column.formula), (words.null_when, column.null_when), (words.source, column.source)] {
            if !fact.is_empty() && fact != "never" {
                let _ = writeln!(text, "    {word}: {}", lang.text(fact));
            }
        }
    }
    text
}

/// The head of the page of all tables: each with its Chinese name, its question, and a link to its section.
fn contents(cards: &[Cow<'static, Card>], lang: Lang) -> String {
    let words = Words::of(lang);
    let mut text = format!("{}\n\n| {} |\n| --- | --- | --- |\n", words.title, words.contents.join(" | "));
    for card in cards {
        let place = anchor(&heading(card));
        let _ = writeln!(text, "| [`{}`](#{place}) | {} | {} |", card.name, card.chinese, lang.text(&card.question));
    }
    text.push('\n');
    text
}

/// The heading of a table's section. A name with angle brackets would be HTML outside of a code span.
fn heading(card: &Card) -> String {
    format!("`{}` ({})", card.name, card.chinese)
}

/// The anchor that GitHub and GitLab make of a heading: lower case, no punctuation, hyphens for blanks.
fn anchor(heading: &str) -> String {
    let is_kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(is_kept).collect::<String>().replace(' ', "-")
}

fn markdown(card: &Card, lang: Lang) -> String {
    let words = Words::of(lang);
    let (question, grain) = (lang.text(&card.question), words.grain(card, "`"));
    let mut text = format!("## {}\n\n{question} {grain}\n\n", heading(card));
    let _ = writeln!(text, "| {} |\n| --- | --- | --- | --- | --- | --- | --- |", words.head.join(" | "));
    for column in card.columns.iter() {
        let formula = if column.formula.is_empty() { String::new() } else { format!(" = {}", lang.text(column.formula)) };
        let needs = column.needs.as_ref().map_or(String::new(), |need| format!("{}{}", words.between, words.needs(need, "`")));
        let cells = [
            column.name,
            column.chinese,
            &words.type_of(column),
            lang.text(column.unit),
            &format!("{}{needs}{formula}", lang.text(column.definition)),
            lang.text(column.null_when),
            &column.version.to_string(),
        ]
        .map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// The words of the catalogue in one language.
struct Words {
    lang: Lang,
    title: &'static str,
    contents: [&'static str; 3],
    head: [&'static str; 7],
    formula: &'static str,
    null_when: &'static str,
    source: &'static str,
    id: &'static str,
    /// What stands between two sentences.
    between: &'static str,
}

impl Words {
    fn of(lang: Lang) -> Words {
        match lang {
            Lang::En => Words {
                lang,
                title: "# Result tables",
                contents: ["table", "中文", "the question it answers"],
                head: ["column", "中文", "type", "unit", "definition", "null when", "version"],
                formula: "formula",
                null_when: "null when",
                source: "source",
                id: "id of the inputs",
                between: " ",
            },
            Lang::Zh => Words {
                lang,
                title: "# 结果表",
                contents: ["表", "名称", "它回答的问题"],
                head: ["列", "中文", "类型", "单位", "定义", "何时为空", "版本"],
                formula: "公式",
                null_when: "何时为空",
                source: "来源",
                id: "与输入数据中的 ID 类型相同",
                between: "",
            },
        }
    }

    /// The sentence about grain and key; `mark` encloses names.
    fn grain(&self, card: &Card, mark: &str) -> String {
        let key = format!("{mark}{}{mark}", card.key.join(&format!("{mark}, {mark}")));
        match self.lang {
            Lang::En => format!("A row is {}. Key: {key}.", card.grain),
            Lang::Zh => format!("每行：{}。主键：{key}。", self.lang.text(card.grain)),
        }
    }

    /// The sentence about what a column needs; `mark` encloses names.
    fn needs(&self, need: &Need, mark: &str) -> String {
        let (input, column) = (format!("{mark}{}{mark}", need.input), format!("{mark}{}{mark}", need.column));
        match (self.lang, need.column.is_empty()) {
            (Lang::En, true) => format!("Only with the input {input}."),
            (Lang::En, false) => format!("Only with {column} of the input {input}."),
            (Lang::Zh, true) => format!("仅当作业有输入 {input} 时才有此列。"),
            (Lang::Zh, false) => format!("仅当输入 {input} 有 {column} 时才有此列。"),
        }
    }

    fn type_of(&self, column: &Column) -> String {
        use crate::spec::Kind::{CampaignId, CategoryId, CustomerId, ItemId, ShopId};
        let text = IdType::text;
        let ids = IdTypes { shop: text(), customer: text(), category: text(), item: text(), campaign: text() };
        match column.kind {
            ShopId | CustomerId | CategoryId | ItemId | CampaignId => self.id.to_owned(),
            kind => kind.data_type(&ids).to_string(),
        }
    }
}

fn object(card: &Card) -> serde_json::Value {
    let columns: Vec<_> = card
        .columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name, "type": Words::of(Lang::En).type_of(column), "unit": column.unit, "chinese": column.chinese, "definition": column.definition,
                "formula": column.formula, "null_when": column.null_when, "source": column.source, "version": column.version,
                "needs": column.needs.map(|need| json!({ "input": need.input, "column": need.column })),
            })
        })
        .collect();
    json!({ "name": card.name, "chinese": card.chinese, "question": card.question, "grain": card.grain, "key": card.key, "columns": columns })
}
