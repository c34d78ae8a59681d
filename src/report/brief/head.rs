//! The head of the page: how fresh the data is, and what must be known before a figure is read.

use std::collections::BTreeMap;

use super::markup::{Tone, paragraph, warning};
use super::words::Words;
use crate::publish::{InputEntry, MISSING_DAYS, Manifest};
use crate::spec::Lang;

/// The shops that a line names, at most.
const MOST_NAMED: usize = 5;

/// The newest day of each input, the newest first.
pub fn freshness(manifest: &Manifest, words: Words<'_>) -> String {
    let mut by_day: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for input in &manifest.inputs {
        if let Some(day) = &input.newest_event {
            by_day.entry(day).or_default().push(words.name(&input.name));
        }
    }
    if by_day.is_empty() {
        return String::new();
    }
    let days: Vec<String> = by_day.into_iter().rev().map(|(day, inputs)| format!("{day} {}", inputs.join(words.say(", ", "、")))).collect();
    paragraph(Tone::Faint, &format!("{}{}", words.say("Newest data: ", "各项数据最新至："), days.join(" · ")))
}

/// Inputs that have not come, which look like days without sales. Of a page for one shop only what concerns it.
pub fn warnings(manifest: &Manifest, only: Option<&str>, words: Words<'_>) -> String {
    let mut lines: Vec<String> = manifest.inputs.iter().filter_map(|input| stale(input, only, words)).collect();
    let missing = manifest.warnings.iter().filter_map(|text| text.strip_prefix(MISSING_DAYS));
    lines.extend(missing.map(|found| match words.lang {
        Lang::En => format!("Days without orders that look like a missing export: {found}"),
        Lang::Zh => format!("疑似漏导出的无订单日：{found}"),
    }));
    warning(&lines)
}

fn stale(input: &InputEntry, only: Option<&str>, words: Words<'_>) -> Option<String> {
    let name = words.name(&input.name);
    if input.is_stale {
        return Some(match (words.lang, input.days_without_event) {
            (Lang::En, Some(days)) => {
                format!("The newest data of {name} is {days} days old on the as-of date: the days since then look like days without sales.")
            }
            (Lang::Zh, Some(days)) => format!("{name}的最新数据距截止日已 {days} 天：此后各天看似没有成交。"),
            (Lang::En, None) => format!("There is no data of {name} up to the as-of date."),
            (Lang::Zh, None) => format!("截止日前没有{name}的数据。"),
        });
    }
    // The page of one shop says it among what to do.
    if input.silent_shops.is_empty() || only.is_some() {
        return None;
    }
    let count = input.silent_shops.len();
    let mut shops = input.silent_shops.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if count > MOST_NAMED {
        shops.push_str(" …");
    }
    Some(match words.lang {
        Lang::En => format!("No data of {name} for longer than usual from {}: {shops}.", words.shops(count)),
        Lang::Zh => format!("{}的{name}数据中断时间超过往常：{shops}。", words.shops(count)),
    })
}
