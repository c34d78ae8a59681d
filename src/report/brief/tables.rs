//! The tables of a shop, or of several together: the last day, the month to date, the plans.

use super::figures::{Change, Figure, change, month_to_date};
use super::markup::{Cell, Tone, heading, paragraph, table};
use super::morning::{Plan, SALES, Shop};
use super::words::{NOTHING, Words, number, percent};
use crate::metric::ratio::{in_units_of, ratio_known};
use crate::spec::Day;

/// The last day, the month to date and the plans of a shop or of several together.
pub fn figures(as_of: Day, shop: &Shop, shown: &[Figure], words: Words<'_>) -> String {
    let last_day = [shop.days.day(as_of), shop.days.day(as_of - 1), shop.days.day(as_of - 7)];
    let months = [0, 1, 12].map(|months| {
        let (first, last) = month_to_date(as_of, months);
        shop.days.span(first, last)
    });
    let usual = |figure: Figure| {
        let found = shop.usual.iter().find(|usual| usual.figure == figure);
        found.map(|usual| format!("{} – {}", words.value(figure, Some(usual.from)), words.value(figure, Some(usual.to))))
    };
    let row = |figure: Figure, is_of_days: bool| {
        let spans = if is_of_days { &months } else { &last_day };
        let [now, before, earlier] = spans.map(|sums| sums.and_then(|sums| sums.value(figure)));
        now?;
        let mut cells = vec![
            Cell::text(&words.figure(figure, is_of_days)),
            Cell::number(&words.value(figure, now)).strong(),
            changed(figure, change(figure, now, before), words),
            changed(figure, change(figure, now, earlier), words),
        ];
        if !is_of_days && !shop.usual.is_empty() {
            cells.push(Cell::number(&usual(figure).unwrap_or_else(|| NOTHING.to_owned())).toned(Tone::Faint));
        }
        Some(cells)
    };
    let rows = |is_of_days| shown.iter().filter_map(|figure| row(*figure, is_of_days)).collect::<Vec<_>>();
    let head = |text: &str| Cell::number(text);
    let mut of_day = vec![
        Cell::text(""),
        head(words.say("Day", "当日")),
        head(words.say("vs day before", "较前一日")),
        head(&words.versus_weekday(as_of)),
    ];
    if !shop.usual.is_empty() {
        of_day.push(head(words.say("usual", "正常范围")));
    }
    let of_month = [
        Cell::text(""),
        head(words.say("To date", "累计")),
        head(words.say("vs last month", "较上月同期")),
        head(words.say("vs last year", "较去年同期")),
    ];
    let mut html = String::new();
    for (name, heads, rows) in [
        (words.date(as_of), of_day.as_slice(), rows(false)),
        (words.say("Month to date, against the same days", "本月累计，对比同期").to_owned(), &of_month, rows(true)),
    ] {
        if !rows.is_empty() {
            html += &(heading(&name) + &table(heads, &rows));
        }
    }
    html + &plans(shop, words)
}

/// A change in the colour of good and bad; of less than half a percent it is neither.
pub fn changed(figure: Figure, change: Change, words: Words<'_>) -> Cell {
    let tone = match change {
        Change::Rate(moved) if moved.abs() >= 0.005 => Some(moved > 0.0),
        Change::Points(moved) if moved.abs() >= 0.0005 => Some(moved > 0.0),
        _ => None,
    };
    let tone = match tone {
        None => Tone::Faint,
        Some(is_more) if is_more == figure.is_cost() => Tone::Bad,
        Some(_) => Tone::Good,
    };
    Cell::number(&words.change(figure, change)).toned(tone)
}

/// The plans that the page shows, in this order.
const MEASURES: [&str; 4] = [SALES, "net_sales", "new_items", "ad_cost"];

/// How the month stands against its plans.
fn plans(shop: &Shop, words: Words<'_>) -> String {
    let amount = |amount: Option<i64>| amount.map_or(NOTHING.to_owned(), |amount| number(in_units_of(100.0, amount as f64), 0));
    let share = |part: Option<i64>, plan: &Plan| ratio_known(part, Some(plan.plan)).map_or(NOTHING.to_owned(), |share| percent(share, 1));
    let row = |plan: &Plan| {
        let name = words.name(&plan.measure);
        // Money that is spent is held against its budget, whatever it will come to.
        let status = if plan.measure == "ad_cost" { plan.status.as_deref() } else { plan.outlook() }.unwrap_or_default();
        let (status, tone) = match (plan.measure.as_str(), status) {
            ("ad_cost", _) if plan.actual.is_some_and(|spent| spent > plan.plan) => (words.name("ad_cost.exceeded"), Tone::Bad),
            (_, "") => plan.behind.map_or((String::new(), Tone::Faint), |behind| (words.behind(behind), Tone::Bad)),
            ("ad_cost", status) => (words.name(&format!("ad_cost.{status}")), Tone::Faint),
            (_, "ahead_but_short" | "on_track_but_short" | "behind_but_enough") => (words.name(status), Tone::Warning),
            (_, "behind" | "missed") => (words.name(status), Tone::Bad),
            (_, status) => (words.name(status), Tone::Good),
        };
        let by = plan.projected.and(plan.projected_by.as_deref()).filter(|by| *by != "ended");
        let by = by.map_or(String::new(), |by| words.name(&format!("by_{by}")));
        vec![
            Cell::text(&if plan.is_money { words.money(&name) } else { name }),
            Cell::number(&share(plan.actual, plan)).strong(),
            Cell::number(&share(Some(plan.by_now), plan)),
            Cell::number(&amount(plan.projected)).with(&by),
            Cell::number(&amount(Some(plan.plan))),
            Cell::text(&status).toned(tone),
        ]
    };
    let of = |measure: &&str| shop.plans.iter().find(|plan| plan.measure == *measure);
    let rows: Vec<Vec<Cell>> = MEASURES.iter().filter_map(of).map(row).collect();
    let title = heading(words.say("Plan of the month", "本月目标"));
    if rows.is_empty() {
        if !shop.has_no_plan {
            return String::new();
        }
        let none = words.say("The month has no plan: it is entered in the input plans.", "本月没有目标：在输入 plans 中填写。");
        return title + &paragraph(Tone::Faint, none);
    }
    let heads = [
        Cell::text(""),
        Cell::number(words.say("Done", "完成率")),
        Cell::number(words.say("Due by now", "应完成")),
        Cell::number(words.say("Forecast", "预计月底")),
        Cell::number(words.say("Plan", "目标")),
        Cell::text(""),
    ];
    title + &table(&heads, &rows)
}
