//! Days without orders, or page views, between days with many: an export that did not come looks like a time without sales or visitors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::listed;
use crate::publish::MISSING_DAYS;
use crate::spec::Day;
use crate::spec::period::iso;

/// 2000-01-01: earlier days count as this one.
const FIRST_DAY: Day = 10_957;
/// The days before and after a gap that say whether a shop sells nearly every day.
const AROUND: Day = 28;
/// The shortest gap of a shop with orders on half of the days around it, and on nearly all of them.
const GAPS: [(Day, f64); 2] = [(14, 0.5), (7, 0.92)];
/// The most gaps and shops that warnings name.
const NAMED: usize = 5;

/// Of what the days are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DaysOf {
    /// Orders that were placed.
    Orders,
    /// Page views.
    PageViews,
}

impl DaysOf {
    /// The input with the verb of its rows, what shops did nearly every day else, and what the tables make of the gap.
    fn words(self) -> [&'static str; 3] {
        match self {
            DaysOf::Orders => [
                "orders: none was placed",
                "which sold nearly every day before and after",
                "the tables show these days as days without sales",
            ],
            DaysOf::PageViews => [
                "page_views: no page was viewed",
                "which had visitors nearly every day before and after",
                "the tables know no visitors of these days, and count the people of their periods without them",
            ],
        }
    }
}

/// The days with an order placed, or a page view, by shop.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct EventDays {
    /// Bit by bit from [`FIRST_DAY`] on.
    shops: Vec<Vec<u64>>,
}

impl EventDays {
    /// Notes an event of a shop, by its provisional code.
    #[inline]
    pub fn add(&mut self, shop: u32, day: Day) {
        let (shop, day) = (shop as usize, day.saturating_sub(FIRST_DAY).max(0) as usize);
        if shop >= self.shops.len() {
            self.shops.resize(shop + 1, Vec::new());
        }
        let days = &mut self.shops[shop];
        if day >> 6 >= days.len() {
            days.resize((day >> 6) + 1, 0);
        }
        days[day >> 6] |= 1 << (day & 63);
    }

    /// The same of shops with other codes.
    pub fn recoded(self, code: &dyn Fn(u32) -> u32) -> EventDays {
        let mut recoded = EventDays::default();
        for (shop, days) in (0..).zip(self.shops) {
            let mut one = EventDays { shops: vec![Vec::new(); code(shop) as usize] };
            one.shops.push(days);
            recoded.merge(&one);
        }
        recoded
    }

    /// Adds what another thread read.
    pub fn merge(&mut self, other: &EventDays) {
        self.shops.resize(self.shops.len().max(other.shops.len()), Vec::new());
        for (own, other) in self.shops.iter_mut().zip(&other.shops) {
            own.resize(own.len().max(other.len()), 0);
            own.iter_mut().zip(other).for_each(|(own, other)| *own |= other);
        }
    }

    /// Whether any shop had an event on the day.
    pub fn has(&self, day: Day) -> bool {
        self.shops.iter().any(|days| has(days, day - FIRST_DAY))
    }

    /// A warning for each time in which a shop that had events nearly every day before had none, and then had them as before. `name` gives
    /// the place and the name of a shop by its provisional code.
    pub fn warnings(&self, of: DaysOf, name: &dyn Fn(u32) -> (u32, String)) -> Vec<String> {
        let mut shops_by_gap: BTreeMap<(Day, Day), Vec<(u32, String)>> = BTreeMap::new();
        for (shop, days) in (0..).zip(&self.shops) {
            gaps(days).into_iter().for_each(|gap| shops_by_gap.entry(gap).or_default().push(name(shop)));
        }
        let count = self.shops.iter().filter(|days| !days.is_empty()).count();
        let [none, usual, consequence] = of.words();
        // The last ones: those of years ago are known by now.
        let last = shops_by_gap.into_iter().rev().take(NAMED).collect::<Vec<_>>().into_iter().rev();
        let warning = |((from, to), mut shops): ((Day, Day), Vec<(u32, String)>)| {
            shops.sort();
            let shown = if shops.len() == count && count > 1 {
                format!("all {count} shops")
            } else {
                let verb = if shops.len() == 1 { "shop " } else { "shops " };
                format!("{verb}{}", listed(shops.into_iter().map(|(_, name)| name).collect::<Vec<_>>().into_iter(), NAMED))
            };
            format!(
                "{MISSING_DAYS}{none} from {} to {} ({} days) in {shown}, {usual}: did an export not come? {consequence}",
                iso(from),
                iso(to),
                to - from + 1
            )
        };
        last.map(warning).collect()
    }
}

fn has(days: &[u64], day: Day) -> bool {
    usize::try_from(day).is_ok_and(|day| days.get(day >> 6).is_some_and(|days| days >> (day & 63) & 1 == 1))
}

/// The first and the last day of each gap.
fn gaps(days: &[u64]) -> Vec<(Day, Day)> {
    let end = 64 * days.len() as Day;
    let Some(last) = (0..end).rev().find(|day| has(days, *day)) else { return Vec::new() };
    let mut found = Vec::new();
    let mut before = None;
    for day in (0..=last).filter(|day| has(days, *day)) {
        if let Some(before) = before
            && is_odd(days, before, day, last)
        {
            found.push((FIRST_DAY + before + 1, FIRST_DAY + day - 1));
        }
        before = Some(day);
    }
    found
}

/// Whether days without orders between two with some are odd for what lies around them; `last` is the last day with an order.
fn is_odd(days: &[u64], before: Day, after: Day, last: Day) -> bool {
    let gap = after - before - 1;
    let count = |from: Day, to: Day| (from..=to).filter(|day| has(days, *day)).count() as f64;
    let until = last.min(after + AROUND - 1);
    GAPS.iter().any(|(least, share)| {
        let sold_before = count(before - AROUND + 1, before) >= share * f64::from(AROUND);
        gap >= *least && sold_before && count(after, until) >= share * f64::from(until - after + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Day = FIRST_DAY + 1_000;

    fn placed(shops: &[&dyn Fn(Day) -> bool]) -> EventDays {
        let mut all = EventDays::default();
        for (shop, has) in (0..).zip(shops) {
            let mut own = EventDays::default();
            (0..100).filter(|day| has(*day)).for_each(|day| own.add(shop, START + day));
            all.merge(&own);
        }
        all
    }

    fn warnings(shops: &[&dyn Fn(Day) -> bool]) -> Vec<String> {
        placed(shops).warnings(DaysOf::Orders, &|shop| (9 - shop, format!("s{shop}")))
    }

    #[test]
    fn a_month_without_an_export_is_named() {
        let with_gap = |day: Day| !(40..71).contains(&day);
        let (from, to) = (iso(START + 40), iso(START + 70));
        let found = warnings(&[&with_gap, &|_| true]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(&format!("from {from} to {to} (31 days) in shop s0, which")), "{found:?}");
        assert!(warnings(&[&with_gap, &with_gap])[0].contains("in all 2 shops,"));
        let three = warnings(&[&with_gap, &with_gap, &|_| true]);
        assert!(three[0].contains("in shops s1, s0,"), "in the order of the shops: {three:?}");
    }

    #[test]
    fn a_week_is_odd_where_every_day_sells_and_two_where_every_other_day_does() {
        let week = |from: Day, to: Day| move |day: Day| !(from..to).contains(&day);
        assert_eq!(warnings(&[&week(40, 46)]).len(), 0, "six days");
        assert_eq!(warnings(&[&week(40, 47)]).len(), 1);
        assert_eq!(warnings(&[&|day| day % 2 == 0 && week(40, 52)(day)]).len(), 0);
        assert_eq!(warnings(&[&|day| day % 2 == 0 && week(40, 56)(day)]).len(), 1);
        // Shops that sell now and then pause, shops open, and shops close.
        assert_eq!(warnings(&[&|day| day % 9 == 0]).len(), 0);
        assert_eq!(warnings(&[&|day| day == 0 || day > 60, &|day| day < 40 || day == 99]).len(), 1, "it came back on the last day");
        assert_eq!(warnings(&[&|day| day < 40]).len(), 0);
        // It has come back for three days.
        assert_eq!(warnings(&[&|day| !(66..97).contains(&day)]).len(), 1);
    }
}
