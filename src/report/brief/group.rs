//! Several shops: their sum, a line for each, and what to do.

use super::figures::{Figure, change, month_to_date};
use super::markup::{Cell, Tone, heading, paragraph, table};
use super::morning::{Morning, Shop, Urgency};
use super::tables::{changed, figures};
use super::to_do;
use super::why::why;
use super::words::{NOTHING, Words, percent};
use crate::metric::ratio::ratio;
use crate::spec::Lang;

/// Lines of what to do for each of several shops, at most: all of them would be read by nobody. A shop in trouble may have more, at the cost of
/// others.
const MOST_LINES: usize = 3;

/// What several shops have in common; their customers do not add up to people.
const OF_GROUP: [Figure; 5] = [Figure::Paid, Figure::Orders, Figure::Visitors, Figure::Conversion, Figure::Refunds];

/// The part of the page about several shops, at most so many of them in the list and so many lines of what to do for each.
pub fn group(morning: &Morning, most_shops: usize, most_lines: usize, words: Words<'_>) -> String {
    let as_of = morning.as_of;
    let paid_of = |shop: &Shop, months: i32| {
        let (first, last) = month_to_date(as_of, months);
        shop.days.span(first, last).and_then(|sums| sums.value(Figure::Paid))
    };
    let mut shops: Vec<&Shop> = morning.shops.iter().collect();
    shops.sort_by(|one, other| paid_of(other, 0).unwrap_or(f64::MIN).total_cmp(&paid_of(one, 0).unwrap_or(f64::MIN)));
    let row = |shop: &&Shop| {
        let paid = |before: i32| shop.days.day(as_of - before).and_then(|sums| sums.value(Figure::Paid));
        let compared = |now, before| changed(Figure::Paid, change(Figure::Paid, now, before), words);
        let done = shop.sales_plan().and_then(|plan| ratio(plan.actual?, plan.plan)).map_or(NOTHING.to_owned(), |share| percent(share, 1));
        // Assessments and plans count too: these are lines of what to do, not rows of the table `alerts`.
        let urgent = shop.count(Urgency::Alarm);
        vec![
            Cell::text(shop.title()).with(if shop.name.is_some() { &shop.id } else { "" }),
            Cell::number(&words.value(Figure::Paid, paid(0))).strong().over(&compared(paid(0), paid(7))),
            Cell::number(&words.value(Figure::Paid, paid_of(shop, 0))).strong().over(&compared(paid_of(shop, 0), paid_of(shop, 1))),
            Cell::number(&done),
            Cell::number(&urgent.to_string()).toned(if urgent > 0 { Tone::Bad } else { Tone::Faint }),
        ]
    };
    let rows: Vec<Vec<Cell>> = shops.iter().take(most_shops).map(row).collect();
    let heads = [
        Cell::text(words.say("Shop", "店铺")),
        Cell::number(&words.money(words.say("Day", "当日"))).with(&words.versus_weekday(as_of)),
        Cell::number(words.say("Month to date", "本月累计")).with(words.say("vs last month", "较上月同期")),
        Cell::number(words.say("Sales plan done", "支付金额目标完成率")),
        Cell::number(words.say("Urgent to-dos", "紧急待办条数")),
    ];
    let mut html = figures(as_of, &morning.together(), &OF_GROUP, words) + &why(&morning.shops, words);
    html += &heading(words.say("Paid amount by shop", "各店支付金额"));
    html += &table(&heads, &rows);
    let others = morning.shops.len() - rows.len();
    if others > 0 {
        html += &paragraph(
            Tone::Faint,
            &match words.lang {
                Lang::En => format!("{} with less in the month are in the report.", words.shops(others)),
                Lang::Zh => format!("其余 {}本月金额较低，见报告。", words.shops(others)),
            },
        );
    }
    html + &to_do::of_shops(&morning.shops, most_shops.min(morning.shops.len()) * most_lines.min(MOST_LINES), words)
}
