//! What to do: the lines of the brief of each shop.

use std::cmp::Reverse;
use std::collections::BTreeSet;

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
        Line { urgency: Urgency::Alarm, kind: String::new(), text, weight: i64::MAX, stake: 0 }
    };
    silent.map(line).collect()
}

/// The urgency of a line as a cell.
fn urgency(line: &Line, words: Words<'_>) -> Cell {
    let tone = match line.urgency {
        Urgency::Alarm => Tone::Bad,
        Urgency::Watch => Tone::Warning,
        Urgency::Info => Tone::Faint,
    };
    Cell::number(words.urgency(line.urgency)).toned(tone).strong().on_one_line()
}

/// The lines of a shop below their heading.
pub fn of_shop(shop: &Shop, most: usize, words: Words<'_>) -> String {
    let rows: Vec<Vec<Cell>> = shop.lines.iter().take(most).map(|line| vec![urgency(line, words), Cell::text(&line.text)]).collect();
    let others = shop.lines.len() - rows.len();
    let lines = if rows.is_empty() {
        paragraph(Tone::Faint, words.say("Nothing of the tables asks for attention.", "各表中没有需要处理的事项。"))
    } else {
        table(&[], &rows)
    };
    heading(words.say("What to do now", "今天要做的事")) + &lines + &left_out(others, words)
}

/// The lines of several shops, at most so many: the gravest of all of them first, by urgency, weight and the money at stake, each with its shop.
/// Of each kind the gravest one is among them: many of one kind do not hide that there are others.
pub fn of_shops(shops: &[Shop], most: usize, words: Words<'_>) -> String {
    let mut lines: Vec<(&Shop, &Line)> = shops.iter().flat_map(|shop| shop.lines.iter().map(move |line| (shop, line))).collect();
    // The sort is stable: equals stay in the order of the shops, and of a shop in that of the table.
    lines.sort_by_key(|(_, line)| (line.urgency, Reverse(line.weight), Reverse(line.stake)));
    let row = |(shop, line): &(&Shop, &Line)| {
        let whose = Cell::text(shop.title()).with(if shop.name.is_some() { &shop.id } else { "" });
        vec![urgency(line, words), whose, Cell::text(&line.text)]
    };
    let mut kinds = BTreeSet::new();
    let are_first: Vec<bool> = lines.iter().map(|(_, line)| kinds.insert(line.kind.as_str())).collect();
    let mut room = most.saturating_sub(kinds.len());
    let mut is_kept = |is_first: bool| {
        let is_kept = is_first || room > 0;
        room -= usize::from(is_kept && !is_first);
        is_kept
    };
    let kept = lines.iter().zip(are_first).filter(|(_, is_first)| is_kept(*is_first)).map(|(line, _)| line);
    let rows: Vec<Vec<Cell>> = kept.take(most).map(row).collect();
    let mut html = heading(words.say("What to do now", "今天要做的事"));
    if lines.is_empty() {
        html += &paragraph(Tone::Faint, words.say("Nothing of the tables asks for attention.", "各表中没有需要处理的事项。"));
    } else if !rows.is_empty() {
        html += &table(&[], &rows);
    }
    html + &left_out(lines.len() - rows.len(), words)
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
