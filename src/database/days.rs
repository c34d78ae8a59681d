//! `days`: the dimension of days. A row for every day of the calendar that a key of the tables can name, with its weekday, its periods, the
//! statutory holidays of mainland China and the events of all shops.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;

use super::definition::{ColumnDefinition, Definition, SqlType};
use super::holidays::{Holiday, Holidays};
use crate::error::Result;
use crate::spec::period::{Grain, civil, day_of};
use crate::spec::{Day, WeekStart};

/// The name of the table.
pub(super) const DAYS: &str = "days";

/// The column of its key.
pub(super) const DATE: &str = "date";

/// The first and the last year of which days can be asked for: keys beyond them are not days of a shop.
const FIRST_YEAR: i32 = 1970;
/// Years after the as-of date, likewise: plans and assessments reach that far at most.
const YEARS_AHEAD: i32 = 20;

/// The weekdays from Monday on.
const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "周一"),
    ("Tuesday", "周二"),
    ("Wednesday", "周三"),
    ("Thursday", "周四"),
    ("Friday", "周五"),
    ("Saturday", "周六"),
    ("Sunday", "周日"),
];

/// The definition of the table.
pub(super) fn definition() -> Definition {
    let column = |name: &str, sql_type, comment: &str| ColumnDefinition::new(name, sql_type, false, comment);
    let unknown = |name: &str, sql_type, comment: &str| ColumnDefinition::new(name, sql_type, true, comment);
    Definition {
        name: DAYS.to_owned(),
        columns: vec![
            column(DATE, SqlType::Date, "日期. The day."),
            column("year", SqlType::BigInt, "年. The calendar year."),
            column("quarter_start", SqlType::Date, "季度首日. The first day of its quarter."),
            column("month_start", SqlType::Date, "月首日. The first day of its month."),
            column("week_start", SqlType::Date, "周首日. The first day of its week, as weeks begin in the other tables."),
            column("month", SqlType::BigInt, "月份. The number of its month, 1 to 12."),
            column("day_of_month", SqlType::BigInt, "日. The number of the day in its month, from 1."),
            column("weekday", SqlType::BigInt, "星期序号. The weekday, from 1 for Monday to 7 for Sunday, whatever day begins the week."),
            column("weekday_name", SqlType::Text, "英文星期. The weekday in English."),
            column("weekday_chinese", SqlType::Text, "星期. The weekday in Chinese."),
            column("is_weekend", SqlType::Boolean, "是否周末. Whether it is a Saturday or Sunday; days worked in exchange are not known."),
            unknown(
                "is_holiday",
                SqlType::Boolean,
                "是否法定节假日. Whether it is a day off of a statutory holiday of mainland China, by the notices of the State Council for 2019 to \
                 2026; weekends that only border on one are none. Null: the notice of its year is not known.",
            ),
            unknown(
                "holiday",
                SqlType::Text,
                "法定节假日. The holiday in Chinese, such as 春节. Null: the day is not one, or that is not known: see is_holiday.",
            ),
            unknown("holiday_name", SqlType::Text, "英文节假日. The holiday in English, such as Spring Festival. Null: as holiday."),
            ColumnDefinition::new(
                "event",
                SqlType::Text,
                true,
                "活动或事件. The events of all shops on the day, up to the as-of date, as the input events names them; several are divided by \
                 commas. Those of one shop are in shop_events. Null: none, or the job has no input events.",
            ),
        ],
        key: vec![DATE.to_owned()],
        comment:
            "日期维度. What day is it: which weekday, of which week and month, which holiday, and which event? One row: one day, in whole years, of all \
                  days that the keys of the other tables name."
                .to_owned(),
    }
}

/// The rows of all whole years from that of the first of `days` to that of the last, at least the year of the as-of date.
pub(super) fn rows(
    days: Option<(Day, Day)>,
    as_of: Day,
    week_starts: WeekStart,
    events: &BTreeMap<Day, Vec<String>>,
) -> Result<RecordBatch> {
    let (year, _, _) = civil(as_of);
    let (first, last) = days.map_or((year, year), |(first, last)| (civil(first).0, civil(last).0));
    let first = first.clamp(FIRST_YEAR, year);
    let last = last.clamp(year, year + YEARS_AHEAD);
    let begins = day_of(first, 1, 1).unwrap_or(as_of);
    let ends = day_of(last, 12, 31).unwrap_or(as_of);
    let all: Vec<Day> = (begins..=ends).collect();
    let starts = |grain: Grain| Arc::new(Date32Array::from_iter_values(all.iter().map(|day| grain.start(grain.index(*day))))) as ArrayRef;
    let numbers = |number: &dyn Fn(Day) -> i64| Arc::new(Int64Array::from_iter_values(all.iter().map(|day| number(*day)))) as ArrayRef;
    let names = |name: &dyn Fn(Day) -> &'static str| Arc::new(StringArray::from_iter_values(all.iter().map(|day| name(*day)))) as ArrayRef;
    let weekday = |day: Day| WEEKDAYS.get(weekday(day)).copied().unwrap_or_default();
    let holidays = Holidays::known();
    let holiday = |name: fn(Holiday) -> &'static str| {
        Arc::new(all.iter().map(|day| holidays.on(*day).map(name)).collect::<StringArray>()) as ArrayRef
    };
    let event = |day: &Day| events.get(day).map(|names| names.join(", "));
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        (DATE, Arc::new(Date32Array::from_iter_values(all.iter().copied())), false),
        ("year", numbers(&|day| i64::from(civil(day).0)), false),
        ("quarter_start", starts(Grain::Quarter), false),
        ("month_start", starts(Grain::Month), false),
        ("week_start", starts(Grain::Week(week_starts)), false),
        ("month", numbers(&|day| i64::from(civil(day).1)), false),
        ("day_of_month", numbers(&|day| i64::from(civil(day).2)), false),
        ("weekday", numbers(&|day| self::weekday(day) as i64 + 1), false),
        ("weekday_name", names(&|day| weekday(day).0), false),
        ("weekday_chinese", names(&|day| weekday(day).1), false),
        ("is_weekend", Arc::new(all.iter().map(|day| Some(self::weekday(*day) >= 5)).collect::<BooleanArray>()), false),
        ("is_holiday", Arc::new(all.iter().map(|day| holidays.is_one(*day)).collect::<BooleanArray>()), true),
        ("holiday", holiday(|holiday| holiday.chinese), true),
        ("holiday_name", holiday(|holiday| holiday.english), true),
        ("event", Arc::new(all.iter().map(event).collect::<StringArray>()), true),
    ];
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

/// The weekday, 0 for Monday.
fn weekday(day: Day) -> usize {
    // 1970-01-01 was a Thursday.
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use arrow::util::display::array_value_to_string;

    use crate::spec::period::parse_day;

    use super::*;

    fn day(text: &str) -> Day {
        parse_day(text).unwrap()
    }

    fn cells(table: &RecordBatch, day: Day) -> Vec<String> {
        let dates = table.column(0).as_any().downcast_ref::<Date32Array>().unwrap();
        let row = dates.values().iter().position(|date| *date == day).unwrap();
        table.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect()
    }

    #[test]
    fn days_fill_whole_years_and_know_their_periods() {
        let events = BTreeMap::from([(day("2024-02-10"), vec!["fair".to_owned(), "春节".to_owned()])]);
        let table = rows(Some((day("2023-12-31"), day("2025-01-01"))), day("2024-03-10"), WeekStart::Monday, &events).unwrap();
        // 365 days of 2023, 366 of 2024, 365 of 2025.
        assert_eq!(table.num_rows(), 1096);
        let names: Vec<String> = definition().columns.iter().map(|column| column.name.clone()).collect();
        assert_eq!(table.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>(), names);
        // 10 February 2024 was a Saturday.
        let saturday = cells(&table, day("2024-02-10")).join(" ");
        assert_eq!(
            saturday,
            "2024-02-10 2024 2024-01-01 2024-02-01 2024-02-05 2 10 6 Saturday 周六 true true 春节 Spring Festival fair, 春节"
        );
        let friday = cells(&table, day("2024-02-09")).join(" ");
        assert_eq!(friday, "2024-02-09 2024 2024-01-01 2024-02-01 2024-02-05 2 9 5 Friday 周五 false false   ");
        let from_sunday = rows(None, day("2024-03-10"), WeekStart::Sunday, &events).unwrap();
        assert_eq!(from_sunday.num_rows(), 366);
        assert_eq!(cells(&from_sunday, day("2024-02-10"))[4], "2024-02-04");
        assert_eq!(cells(&from_sunday, day("2024-02-11"))[4], "2024-02-11");
    }

    #[test]
    fn days_that_no_shop_has_make_no_calendar_of_centuries() {
        let table = rows(Some((day("1900-01-01"), day("9999-12-31"))), day("2024-03-10"), WeekStart::Monday, &BTreeMap::new()).unwrap();
        // 1970 to 2044 have 75 years, 19 of them with 29 February: 1972 to 2044.
        assert_eq!(table.num_rows(), 75 * 365 + 19);
    }
}
