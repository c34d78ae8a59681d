//! Reads the morning of a snapshot from its tables; those that it does not have leave their part of the page out.

use std::collections::HashMap;

use super::figures::{Figure, Sums, month_to_date};
use super::morning::{Drivers, Line, Morning, Plan, Shop, Urgency, Usual};
use crate::error::Result;
use crate::publish::Snapshot;
use crate::spec::currency::is_currency;
use crate::spec::{Day, Grain, Lang};
use crate::table::read_back::{Row, rows_of};

/// The shops so far, by their ids.
struct Shops {
    /// The only shop of the page, if it is for one.
    only: Option<String>,
    places: HashMap<String, usize>,
    shops: Vec<Shop>,
}

/// The morning of a snapshot, of all shops or of one.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file of the snapshot is damaged.
pub fn read(snapshot: &Snapshot, only: Option<&str>, lang: Lang) -> Result<Morning> {
    let as_of = snapshot.manifest.as_of;
    let mut shops = Shops { only: only.map(str::to_owned), places: HashMap::new(), shops: Vec::new() };
    shops.each(snapshot, "shops", &["name"], |_| true, |shop, row| shop.name = row.text("name").filter(|name| !name.trim().is_empty()))?;
    let figures = ["date", "paid_amount", "refund_amount", "paid_orders", "paying_customers", "new_customers", "uv"];
    let this_month = Grain::Month.index(as_of);
    let month_before = (Grain::Month.start(this_month - 1), Grain::Month.end(this_month - 1));
    let needed = |day: Day| {
        day > as_of - 8 || within(day, month_before) || [0, 12].into_iter().any(|months| within(day, month_to_date(as_of, months)))
    };
    shops.each(snapshot, "shop_daily", &figures, |row| row.day("date").is_some_and(needed), add_day)?;
    let expected = ["date", "metric", "expected_lower", "expected_upper"];
    shops.each(snapshot, "alerts", &expected, |row| row.day("date") == Some(as_of), |shop, row| shop.usual.extend(usual(row)))?;
    let amounts = ["month", "measure", "channel", "unit", "plan", "actual", "expected_by_now", "projected", "projected_by", "status"];
    let month = Grain::Month.start(this_month);
    let is_whole = |row: &Row<'_>| row.day("month") == Some(month) && row.text("channel").as_deref() == Some("(all)");
    shops.each(snapshot, "plan_progress", &amounts, is_whole, |shop, row| shop.plans.extend(plan(row)))?;
    let effects = [&["grain", "period_start", "is_complete", "compared_days", "change"], &Drivers::FACTORS[..]].concat();
    let is_running = |row: &Row<'_>| row.day("period_start") == Some(month) && row.text("grain").as_deref() == Some("month");
    shops.each(snapshot, "sales_drivers", &effects, is_running, |shop, row| shop.drivers = drivers(row))?;
    let text = match lang {
        Lang::En => "text_en",
        Lang::Zh => "text_zh",
    };
    shops.each(
        snapshot,
        "brief",
        &["severity", "kind", "weight", "value", "expected", "unit", text],
        |_| true,
        |shop, row| shop.lines.extend(line(row, text)),
    )?;
    let manifest = &snapshot.manifest;
    let knows_plans = manifest.tables.iter().any(|table| table.name == "plan_progress");
    let has_none = knows_plans || !manifest.inputs.iter().any(|input| input.name == "plans");
    shops.shops.iter_mut().for_each(|shop| shop.has_no_plan = has_none && shop.plans.is_empty());
    Ok(Morning { as_of, shops: shops.shops })
}

impl Shops {
    /// Hands the rows of a table for which `wanted` holds to their shops.
    fn each(
        &mut self,
        snapshot: &Snapshot,
        table: &str,
        columns: &[&str],
        wanted: impl Fn(&Row<'_>) -> bool,
        mut take: impl FnMut(&mut Shop, &Row<'_>),
    ) -> Result<()> {
        for batch in snapshot.columns(table, &[&["shop_id"], columns].concat()) {
            let batch = batch?;
            for row in rows_of(&batch).filter(|row| wanted(row)) {
                if let Some(shop) = row.text("shop_id").and_then(|id| self.shop(id)) {
                    take(shop, &row);
                }
            }
        }
        Ok(())
    }

    /// The shop with an id; `None` where the page is for another one.
    fn shop(&mut self, id: String) -> Option<&mut Shop> {
        if self.only.as_ref().is_some_and(|only| *only != id) {
            return None;
        }
        let next = self.shops.len();
        let place = *self.places.entry(id.clone()).or_insert(next);
        if place == next {
            self.shops.push(Shop { id, ..Shop::default() });
        }
        self.shops.get_mut(place)
    }
}

fn within(day: Day, (first, last): (Day, Day)) -> bool {
    (first..=last).contains(&day)
}

fn add_day(shop: &mut Shop, row: &Row<'_>) {
    let Some(day) = row.day("date") else { return };
    let visitors = count(row, "uv");
    shop.days.add(
        day,
        Sums {
            paid: minor(row, "paid_amount"),
            orders: count(row, "paid_orders"),
            visitors,
            days_with_visitors: i64::from(visitors.is_some()),
            converted: count(row, "paying_customers").zip(visitors),
            new_customers: count(row, "new_customers"),
            refunds: minor(row, "refund_amount"),
        },
    );
}

fn usual(row: &Row<'_>) -> Option<Usual> {
    let metric = row.text("metric")?;
    let figure = Figure::ALL.into_iter().find(|figure| figure.column() == metric)?;
    Some(Usual { figure, from: row.number("expected_lower")?, to: row.number("expected_upper")? })
}

fn plan(row: &Row<'_>) -> Option<Plan> {
    // Without a figure nothing is there to be held against the plan.
    row.text("actual")?;
    Some(Plan {
        measure: row.text("measure")?,
        is_money: row.text("unit").is_some_and(|unit| is_currency(&unit)),
        plan: minor(row, "plan")?,
        actual: minor(row, "actual"),
        by_now: minor(row, "expected_by_now")?,
        projected: minor(row, "projected"),
        projected_by: row.text("projected_by"),
        status: row.text("status"),
        behind: None,
    })
}

fn drivers(row: &Row<'_>) -> Option<Drivers> {
    Some(Drivers {
        month: row.day("period_start")?,
        is_complete: row.text("is_complete")? == "true",
        days: row.text("compared_days")?.parse().ok()?,
        change: minor(row, "change"),
        effects: Drivers::FACTORS.map(|factor| minor(row, factor).unwrap_or(0)),
    })
}

fn line(row: &Row<'_>, text: &str) -> Option<Line> {
    let is_money = row.text("unit").is_some_and(|unit| is_currency(&unit));
    let off =
        row.number("value").zip(row.number("expected")).filter(|_| is_money).map_or(0.0, |(value, expected)| (value - expected).abs());
    // Only the order of lines depends on it; a number that no integer can hold becomes the greatest one.
    let stake = (off * 100.0).round() as i64;
    Some(Line {
        urgency: Urgency::named(&row.text("severity")?),
        kind: row.text("kind").unwrap_or_default(),
        text: row.text(text)?,
        weight: count(row, "weight").unwrap_or(0),
        stake,
    })
}

fn count(row: &Row<'_>, column: &str) -> Option<i64> {
    row.text(column)?.parse().ok()
}

/// An amount with two decimals in hundredths, by its digits: exact, as no float is.
fn minor(row: &Row<'_>, column: &str) -> Option<i64> {
    let text = row.text(column)?;
    let (whole, cents) = text.split_once('.')?;
    (cents.len() == 2).then(|| format!("{whole}{cents}").parse().ok())?
}
