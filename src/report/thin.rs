//! Selects the rows of a table part that stay at a level of detail.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::Texts;
use super::detail::Detail;
use super::extract::Thinning;
use super::largest::largest;
use super::restated;
use super::source::TablePart;
use crate::spec::Day;

/// Whether each row of a part stays at a level of detail.
pub fn kept(part: &TablePart, texts: &Texts, detail: &Detail) -> Vec<bool> {
    match part.extract.thin {
        Thinning::Listed => (0..part.rows).map(|row| detail.is_listed(part.cell("shop_id", row))).collect(),
        Thinning::Months => months(part, detail),
        Thinning::DetailedMonths => since(part, detail, "period_start", detail.first_month()),
        Thinning::LastMonths(month) => since(part, detail, month, detail.first_of(2)),
        // They were chosen when they were read.
        Thinning::DaysOfItems(_) => detailed(part, detail),
        Thinning::CohortMonths => since(part, detail, "cohort_month", detail.first_month()),
        Thinning::CurrentMonth => {
            let month = i64::from(detail.first_of(1));
            rows(part, detail, |row| part.cell("month", row) == Some(month))
        }
        Thinning::Days => days(part, detail),
        Thinning::LastDays(days) => since(part, detail, "date", detail.as_of - days + 1),
        Thinning::Cohorts => cohorts(part, detail),
        Thinning::CohortValues => cohort_values(part, detail),
        Thinning::Purchases => purchases(part, detail),
        Thinning::Survival => survival(part, detail),
        Thinning::Intervals => intervals(part, detail),
        Thinning::Detailed => detailed(part, detail),
        Thinning::Migration => migration(part, detail),
        Thinning::Cycles => cycles(part, detail),
        Thinning::Results => results(part, detail),
        Thinning::Campaigns => campaigns(part, detail),
        Thinning::Restated => restated::kept(part, texts, detail),
        Thinning::Largest { by, of } => {
            let kept = largest_of_groups(part, by, of, detail);
            rows(part, detail, |row| kept.contains(&row))
        }
    }
}

/// The rows for which `keep` holds, among those of shops with details.
fn rows(part: &TablePart, detail: &Detail, keep: impl Fn(usize) -> bool) -> Vec<bool> {
    (0..part.rows).map(|row| detail.is_detailed(part.cell("shop_id", row)) && keep(row)).collect()
}

/// All rows of the shops with details.
fn detailed(part: &TablePart, detail: &Detail) -> Vec<bool> {
    rows(part, detail, |_| true)
}

/// The last months; for a shop without details, the last complete one and the current one.
fn months(part: &TablePart, detail: &Detail) -> Vec<bool> {
    let from = i64::from(detail.first_month());
    let last = i64::from(detail.first_of(2));
    let keep = |row| {
        let shop = part.cell("shop_id", row);
        let first = if detail.is_detailed(shop) { from } else { last };
        detail.is_listed(shop) && part.cell("period_start", row).is_some_and(|day| day >= first)
    };
    (0..part.rows).map(keep).collect()
}

/// The last days.
fn days(part: &TablePart, detail: &Detail) -> Vec<bool> {
    let from = i64::from(detail.as_of - detail.level.days);
    rows(part, detail, |row| part.cell("date", row).is_some_and(|day| day > from))
}

/// The cohorts of the last months.
fn cohorts(part: &TablePart, detail: &Detail) -> Vec<bool> {
    since(part, detail, "cohort", detail.first_month())
}

/// Values of a dimension by which cohorts are divided on the page, at most.
pub(super) const MOST_VALUES: usize = 12;

/// Months of the cohorts that are divided.
const DIVIDED_MONTHS: i32 = 13;

/// The cohorts of the last months; where they are divided, those of the last year by the values with the most customers, if there is room.
fn cohort_values(part: &TablePart, detail: &Detail) -> Vec<bool> {
    // Rows are sorted by shop and dimension, and `all` is the first dimension of each shop.
    let mut undivided = None;
    let mut shop = None;
    let mut is_divided = Vec::with_capacity(part.rows);
    let mut customers: BTreeMap<[Option<i64>; 2], BTreeMap<Option<i64>, i64>> = BTreeMap::new();
    for row in 0..part.rows {
        let own = part.cell("shop_id", row);
        let dimension = part.cell("dimension", row);
        if shop != Some(own) {
            (shop, undivided) = (Some(own), dimension);
        }
        is_divided.push(dimension != undivided);
        *customers.entry([own, dimension]).or_default().entry(part.cell("dimension_value", row)).or_default() +=
            part.cell("customers", row).unwrap_or(0);
    }
    let largest: BTreeMap<[Option<i64>; 2], BTreeSet<Option<i64>>> = customers
        .into_iter()
        .map(|(of, values)| {
            let mut values: Vec<(Option<i64>, i64)> = values.into_iter().collect();
            values.sort_by_key(|(value, customers)| (std::cmp::Reverse(*customers), *value));
            (of, values.into_iter().take(MOST_VALUES).map(|(value, _)| value).collect())
        })
        .collect();
    let (first, first_divided) = (i64::from(detail.first_month()), i64::from(detail.first_of(DIVIDED_MONTHS)));
    let is_large = |row: usize| {
        let of = [part.cell("shop_id", row), part.cell("dimension", row)];
        largest.get(&of).is_some_and(|values| values.contains(&part.cell("dimension_value", row)))
    };
    rows(part, detail, |row| {
        let since = |first: i64| part.cell("cohort", row).is_some_and(|day| day >= first);
        match is_divided.get(row) {
            Some(true) => detail.level.has_optional && since(first_divided.max(first)) && is_large(row),
            _ => since(first),
        }
    })
}

/// The rows from a day on, by a column of days.
fn since(part: &TablePart, detail: &Detail, column: &str, first: Day) -> Vec<bool> {
    rows(part, detail, |row| part.cell(column, row).is_some_and(|day| day >= i64::from(first)))
}

/// The first repurchases, and all together.
fn purchases(part: &TablePart, detail: &Detail) -> Vec<bool> {
    rows(part, detail, |row| part.cell("nth", row).is_some_and(|nth| nth <= detail.level.intervals))
}

/// The curves of the first repurchases, thinned to the last row of every step of days. A curve is flat between rows, so the remaining
/// points are exact.
fn survival(part: &TablePart, detail: &Detail) -> Vec<bool> {
    let step =
        |row: usize| part.cell("days", row).map(|days| (days + detail.level.survival_step - 1).div_euclid(detail.level.survival_step));
    let curve = |row: usize| (part.cell("shop_id", row), part.cell("nth", row));
    let is_last = |row: usize| row + 1 >= part.rows || curve(row) != curve(row + 1) || step(row) != step(row + 1);
    rows(part, detail, |row| is_there(part, detail, row) && is_last(row))
}

/// The histograms of the first repurchases.
fn intervals(part: &TablePart, detail: &Detail) -> Vec<bool> {
    rows(part, detail, |row| is_there(part, detail, row))
}

/// Whether the row's repurchase has a curve.
fn is_there(part: &TablePart, detail: &Detail, row: usize) -> bool {
    part.cell("nth", row).is_some_and(|nth| (detail.level.first_nth..=detail.level.last_nth).contains(&nth))
}

/// The migration between life stages, and between the segments of other schemes if there is room.
fn migration(part: &TablePart, detail: &Detail) -> Vec<bool> {
    // Rows are sorted by shop and scheme, and `lifecycle` is the first scheme of each shop.
    let mut lifecycle = None;
    let mut shop = None;
    let mut keep = Vec::with_capacity(part.rows);
    for row in 0..part.rows {
        if shop != Some(part.cell("shop_id", row)) {
            shop = Some(part.cell("shop_id", row));
            lifecycle = part.cell("scheme", row);
        }
        let is_wanted = detail.level.has_optional || part.cell("scheme", row) == lifecycle;
        keep.push(is_wanted && detail.is_detailed(part.cell("shop_id", row)));
    }
    keep
}

/// The last cycles of each assessment; the list of shops needs those of every shop in it.
fn cycles(part: &TablePart, detail: &Detail) -> Vec<bool> {
    let last = last_cycles(part, detail.level.cycles);
    (0..part.rows).map(|row| detail.is_listed(part.cell("shop_id", row)) && last.contains(&cycle(part, row))).collect()
}

/// The requirements in the last cycles of each assessment.
fn results(part: &TablePart, detail: &Detail) -> Vec<bool> {
    let last = last_cycles(part, detail.level.cycles);
    rows(part, detail, |row| last.contains(&cycle(part, row)))
}

/// Assessment, shop and first day.
type Cycle = (Option<i64>, Option<i64>, Option<i64>);

fn cycle(part: &TablePart, row: usize) -> Cycle {
    (part.cell("assessment", row), part.cell("shop_id", row), part.cell("period_start", row))
}

fn last_cycles(part: &TablePart, count: usize) -> BTreeSet<Cycle> {
    let all: BTreeSet<Cycle> = (0..part.rows).map(|row| cycle(part, row)).collect();
    let mut last = BTreeSet::new();
    let mut group = (None, 0);
    for cycle in all.into_iter().rev() {
        let own = Some((cycle.0, cycle.1));
        group = if group.0 == own { (own, group.1 + 1) } else { (own, 1) };
        if group.1 <= count {
            last.insert(cycle);
        }
    }
    last
}

/// The rows with the largest cells in a column, of each group; with months, of the last complete one and of the current one.
fn largest_of_groups(part: &TablePart, by: &str, of: &[&str], detail: &Detail) -> BTreeSet<usize> {
    let last = i64::from(detail.first_of(2));
    let mut groups: BTreeMap<Vec<Option<i64>>, Vec<usize>> = BTreeMap::new();
    for row in 0..part.rows {
        let is_old = of.get(1).is_some_and(|month| part.cell(month, row).is_some_and(|day| day < last));
        if !is_old {
            groups.entry(of.iter().map(|name| part.cell(name, row)).collect()).or_default().push(row);
        }
    }
    groups.into_values().flat_map(|group| largest(group, part.cells(by))).collect()
}

/// The last campaigns of each shop, by the first day of their rows.
fn campaigns(part: &TablePart, detail: &Detail) -> Vec<bool> {
    /// A cell.
    type Cell = Option<i64>;
    let mut begun: BTreeMap<(Cell, Cell), Cell> = BTreeMap::new();
    for row in 0..part.rows {
        let day = part.cell("from_date", row);
        let first = begun.entry((part.cell("shop_id", row), part.cell("campaign_id", row))).or_insert(day);
        *first = (*first).min(day);
    }
    let mut by_shop: BTreeMap<Cell, Vec<(Cell, Cell)>> = BTreeMap::new();
    for ((shop, campaign), day) in begun {
        by_shop.entry(shop).or_default().push((day, campaign));
    }
    let mut last = BTreeSet::new();
    for (shop, mut campaigns) in by_shop {
        campaigns.sort_unstable();
        last.extend(campaigns.iter().rev().take(detail.level.campaigns).map(|(_, campaign)| (shop, *campaign)));
    }
    rows(part, detail, |row| last.contains(&(part.cell("shop_id", row), part.cell("campaign_id", row))))
}
