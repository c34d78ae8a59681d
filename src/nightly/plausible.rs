//! Whether the times of the inputs can be what they are taken for: warnings with example values where they look like another unit, column
//! or zone.

use serde::{Deserialize, Serialize};

use super::missing_days::EventDays;
use crate::input::declared::columns;
use crate::input::mapping::dataset::Dataset;
use crate::input::records::facts::TrafficDays;
use crate::input::rows::ledger::Account;
use crate::input::times::clock::Clock;
use crate::spec::period::iso;
use crate::spec::{Day, day_of_time, iso_time};

/// 2000-01-01: no shop has sold online for so long.
const FIRST_DAY: Day = 10_957;

/// When the order lines that a run reads were placed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PlacingTimes {
    lines: u64,
    /// The first and the last time.
    range: Option<(i64, i64)>,
    /// The days on which orders were placed.
    pub days: EventDays,
}

impl PlacingTimes {
    /// Adds a line of a shop, by its provisional code.
    #[inline]
    pub fn add(&mut self, shop: u32, time: i64) {
        self.lines += 1;
        self.range = Some(self.range.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        self.days.add(shop, day_of_time(time));
    }

    /// The same of shops with other codes.
    pub fn recoded(self, code: &dyn Fn(u32) -> u32) -> PlacingTimes {
        PlacingTimes { days: self.days.recoded(code), ..self }
    }

    /// Adds what another thread read.
    pub fn merge(&mut self, other: &PlacingTimes) {
        self.lines += other.lines;
        self.range = match (self.range, other.range) {
            (Some((first, last)), Some((other_first, other_last))) => Some((first.min(other_first), last.max(other_last))),
            (own, other) => own.or(other),
        };
        self.days.merge(&other.days);
    }

    /// Warnings of the times of the orders.
    pub fn warnings(&self) -> Vec<String> {
        let Some((first, last)) = self.range else { return Vec::new() };
        let range = format!("the first at {}, the last at {}", iso_time(first), iso_time(last));
        let mut warnings = Vec::new();
        if day_of_time(last) < FIRST_DAY {
            warnings.push(format!(
                "implausible_times: all {} rows of orders were placed before 2000, {range}: are the numbers of `created_at` in the unit that \
                 they are taken for?",
                self.lines
            ));
        } else if self.lines > 1 && day_of_time(first) == day_of_time(last) {
            warnings.push(format!(
                "implausible_times: all {} rows of orders were placed on {}, {range}: is `created_at` the time of the order, and not that of \
                 the export?",
                self.lines,
                iso(day_of_time(first))
            ));
        }
        warnings
    }

    /// A warning of traffic on none of whose days an order was placed, and the same of page views.
    pub fn traffic_warnings(&self, traffic: &TrafficDays) -> Vec<String> {
        // There may be millions of days: one pass finds the days of both.
        let mut days = [DayRange::default(); 2];
        for row in traffic.iter() {
            days[usize::from(row.is_counted)].add(row.day, self.days.has(row.day));
        }
        let [of_traffic, of_views] = days;
        let warnings = [self.days_warning("traffic lies", "date", of_traffic), self.days_warning("page_views lie", "viewed_at", of_views)];
        warnings.into_iter().flatten().collect()
    }

    fn days_warning(&self, what: &str, column: &str, days: DayRange) -> Option<String> {
        let (first, last) = self.range?;
        let (from, to) = days.range?;
        (!days.has_orders).then(|| {
            format!(
                "implausible_times: {what} from {} to {}, and on none of these days an order was placed ({} to {}): is `{column}` mapped to the \
                 right column?",
                iso(from),
                iso(to),
                iso(day_of_time(first)),
                iso(day_of_time(last))
            )
        })
    }
}

/// The first and the last of some days.
#[derive(Debug, Clone, Copy, Default)]
struct DayRange {
    range: Option<(Day, Day)>,
    /// Whether an order was placed on any of them.
    has_orders: bool,
}

impl DayRange {
    fn add(&mut self, day: Day, has_orders: bool) {
        self.range = Some(self.range.map_or((day, day), |(first, last)| (day.min(first), day.max(last))));
        self.has_orders |= has_orders;
    }
}

/// A warning of orders that all lie after the as-of date, with the first of them.
pub(super) fn after_warning(orders: &Dataset, account: &Account, as_of: Day, clock: &Clock) -> Option<String> {
    let Account { rows, after_as_of, filtered, .. } = *account;
    if after_as_of == 0 || after_as_of + filtered != rows {
        return None;
    }
    let mut clock = clock.clone();
    let time = orders.first_time("created_at", &mut clock)?;
    let name = columns::ORDERS.name;
    Some(format!(
        "implausible_times: all {after_as_of} rows of {name} lie after the as-of date {}, the first row at {}: is the as-of date the right \
         one, and are the numbers of `created_at` in the unit that they are taken for?",
        iso(as_of),
        iso_time(time)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::TrafficDay;

    use crate::spec::DAY_MICROSECONDS;

    const HOUR: i64 = 3_600_000_000;

    fn placed(times: &[i64]) -> PlacingTimes {
        // As two threads read them.
        let (mut own, mut other) = (PlacingTimes::default(), PlacingTimes::default());
        for (place, time) in times.iter().enumerate() {
            if place % 2 == 0 { own.add(0, *time) } else { other.add(1, *time) }
        }
        own.merge(&other);
        own
    }

    fn traffic(days: &[Day]) -> TrafficDays {
        days.iter().map(|day| TrafficDay { day: *day, ..TrafficDay::default() }).collect()
    }

    #[test]
    fn orders_of_long_ago_and_of_one_day() {
        // Milliseconds taken for microseconds: 20 days after 1970-01-01.
        let warnings = placed(&[20 * 24 * HOUR, 20 * 24 * HOUR + HOUR]).warnings();
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].contains(
                "all 2 rows of orders were placed before 2000, the first at 1970-01-21 00:00:00, the last at 1970-01-21 01:00:00"
            )
        );
        let day = i64::from(FIRST_DAY) * DAY_MICROSECONDS;
        assert!(placed(&[day, day + HOUR]).warnings()[0].contains("were placed on 2000-01-01, the first at"));
        assert_eq!(placed(&[day]).warnings(), Vec::<String>::new());
        assert_eq!(placed(&[day, day + 24 * HOUR]).warnings(), Vec::<String>::new());
        assert_eq!(placed(&[day - HOUR, day]).warnings(), Vec::<String>::new());
        assert_eq!(placed(&[]).warnings(), Vec::<String>::new());
    }

    #[test]
    fn traffic_on_days_with_and_without_orders() {
        let day = i64::from(FIRST_DAY) * DAY_MICROSECONDS;
        let orders = placed(&[day, day + 70 * DAY_MICROSECONDS]);
        assert_eq!(orders.traffic_warnings(&traffic(&[FIRST_DAY + 1, FIRST_DAY + 70])), Vec::<String>::new());
        let warning = orders.traffic_warnings(&traffic(&[FIRST_DAY + 71, FIRST_DAY + 1])).remove(0);
        assert!(
            warning.contains(
                "traffic lies from 2000-01-02 to 2000-03-12, and on none of these days an order was placed (2000-01-01 to 2000-03-11)"
            ),
            "{warning}"
        );
        let counted: TrafficDays = traffic(&[FIRST_DAY + 1]).iter().map(|day| TrafficDay { is_counted: true, ..day }).collect();
        assert!(orders.traffic_warnings(&counted)[0].contains("page_views lie from 2000-01-02 to 2000-01-02"));
        assert!(orders.traffic_warnings(&traffic(&[])).is_empty() && placed(&[]).traffic_warnings(&traffic(&[1])).is_empty());
    }
}
