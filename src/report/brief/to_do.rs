//! What to do: the lines of the brief of each shop.

use super::markup::{Cell, Tone, heading, paragraph, table};
use super::morning::{Line, Shop, Urgency};
use super::words::Words;
use crate::publish::Manifest;
use crate::spec::Lang;

/// The lines about inputs of which nothing has come from a shop for longer than usual, while it did from others.
pub fn silences(manifest: &Manifest, shop: &str, words: Words<'_>) -> Vec<Line> {
    let silent = manifest.inputs.iter().filter(|input| input.silent_shops.iter().any(|silent| silent == shop));
    let line = |input: &crate::publish::InputEntry| {
        let name = words.name(&input.name);
        let since = input.newest_by_shop.get(shop).map_or("–", String::as_str);
        let text = match words.lang {
            Lang::En => format!("No data of {name} has come since {since}: the days since then look like days without sales."),
            Lang::Zh => format!("{since} 之后没有{name}数据：此后各天看似没有成交。"),
        };
        Line { urgency: Urgency::Alarm, text, weight: i64::MAX, stake: 0 }
    };
    silent.map(line).collect()
}

/// The lines of a shop as rows, at most so many; and how many others there are.
fn rows(shop: &Shop, most: usize, words: Words<'_>) -> (Vec<Vec<Cell>>, usize) {
    let row = |line: &Line| {
        let tone = match line.urgency {
            Urgency::Alarm => Tone::Bad,
            Urgency::Watch => Tone::Warning,
            Urgency::Info => Tone::Faint,
        };
        vec![Cell::number(words.urgency(line.urgency)).toned(tone).strong().on_one_line(), Cell::text(&line.text)]
    };
    (shop.lines.iter().take(most).map(row).collect(), shop.lines.len().saturating_sub(most))
}

/// The lines of a shop below their heading.
pub fn of_shop(shop: &Shop, most: usize, words: Words<'_>) -> String {
    let (rows, others) = rows(shop, most, words);
    let lines = if rows.is_empty() {
        paragraph(Tone::Faint, words.say("Nothing of the tables asks for attention.", "各表中没有需要处理的事项。"))
    } else {
        table(&[], &rows)
    };
    heading(words.say("What to do now", "今天要做的事")) + &lines + &left_out(others, words)
}

/// The lines of several shops, that with the most severe one first: of so many shops, and so many lines of each.
pub fn of_shops(shops: &[Shop], most_shops: usize, most: usize, words: Words<'_>) -> String {
    let mut busy: Vec<&Shop> = shops.iter().filter(|shop| !shop.lines.is_empty()).collect();
    busy.sort_by_key(|shop| shop.place());
    let mut html = heading(words.say("What to do now", "今天要做的事"));
    let mut others = 0;
    for (place, shop) in busy.iter().enumerate() {
        let (rows, left) = rows(shop, if place < most_shops { most } else { 0 }, words);
        others += left;
        if !rows.is_empty() {
            html += &paragraph(Tone::Plain, &name_of(shop));
            html += &table(&[], &rows);
        }
    }
    if busy.is_empty() {
        html += &paragraph(Tone::Faint, words.say("Nothing of the tables asks for attention.", "各表中没有需要处理的事项。"));
    }
    html + &left_out(others, words)
}

/// A shop by its name and id.
pub fn name_of(shop: &Shop) -> String {
    match &shop.name {
        Some(name) => format!("{name} ({})", shop.id),
        None => shop.id.clone(),
    }
}

/// How many lines had no room.
fn left_out(others: usize, words: Words<'_>) -> String {
    let text = match (words.lang, others) {
        (_, 0) => return String::new(),
        (Lang::En, 1) => "One more is in the report, below “What to do now”.".to_owned(),
        (Lang::En, others) => format!("{others} more are in the report, below “What to do now”."),
        (Lang::Zh, others) => format!("另有 {others} 条，见经营报告的“今天要做的事”。"),
    };
    paragraph(Tone::Faint, &text)
}
