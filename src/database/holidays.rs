//! Statutory holidays of mainland China: the days off that the State Council has announced for each year. They follow from no rule, since
//! each year's notice moves days between weeks, so the years without a notice here are unknown.
//!
//! Source: the notices of the General Office of the State Council on the arrangement of holidays (国务院办公厅关于…年部分节假日安排的通知),
//! 国办发明电〔2018〕15号 for 2019, with 〔2019〕3号 for Labour Day 2019; 〔2019〕16号 for 2020, with 〔2020〕1号 for the Spring Festival 2020;
//! 〔2020〕27号 for 2021; 〔2021〕11号 for 2022; 〔2022〕16号 for 2023; 〔2023〕7号 for 2024; 〔2024〕12号 for 2025; 〔2025〕7号 for 2026.
//! Weekends that a notice only says to border on a holiday (与周末连休) are no part of it.

use std::collections::BTreeMap;

use crate::spec::Day;
use crate::spec::period::{civil, parse_day};

/// A holiday in Chinese and in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holiday {
    pub chinese: &'static str,
    pub english: &'static str,
}

const fn holiday(chinese: &'static str, english: &'static str) -> Holiday {
    Holiday { chinese, english }
}

const NEW_YEAR: Holiday = holiday("元旦", "New Year's Day");
const SPRING: Holiday = holiday("春节", "Spring Festival");
const QINGMING: Holiday = holiday("清明节", "Qingming Festival");
const LABOUR: Holiday = holiday("劳动节", "Labour Day");
const DRAGON_BOAT: Holiday = holiday("端午节", "Dragon Boat Festival");
const MID_AUTUMN: Holiday = holiday("中秋节", "Mid-Autumn Festival");
const NATIONAL: Holiday = holiday("国庆节", "National Day");
const BOTH: Holiday = holiday("国庆节、中秋节", "National Day, Mid-Autumn Festival");

/// The years with a notice.
const FIRST_YEAR: i32 = 2019;
const LAST_YEAR: i32 = 2026;
/// The days of the last of these years that the notice of the next one may make a part of its New Year: from here on they are unknown.
const LAST_DECEMBER: i32 = 29;

/// The first and the last day of each holiday.
const HOLIDAYS: [(&str, &str, Holiday); 53] = [
    ("2018-12-30", "2019-01-01", NEW_YEAR),
    ("2019-02-04", "2019-02-10", SPRING),
    ("2019-04-05", "2019-04-05", QINGMING),
    ("2019-05-01", "2019-05-04", LABOUR),
    ("2019-06-07", "2019-06-07", DRAGON_BOAT),
    ("2019-09-13", "2019-09-13", MID_AUTUMN),
    ("2019-10-01", "2019-10-07", NATIONAL),
    ("2020-01-01", "2020-01-01", NEW_YEAR),
    ("2020-01-24", "2020-02-02", SPRING),
    ("2020-04-04", "2020-04-06", QINGMING),
    ("2020-05-01", "2020-05-05", LABOUR),
    ("2020-06-25", "2020-06-27", DRAGON_BOAT),
    ("2020-10-01", "2020-10-08", BOTH),
    ("2021-01-01", "2021-01-03", NEW_YEAR),
    ("2021-02-11", "2021-02-17", SPRING),
    ("2021-04-03", "2021-04-05", QINGMING),
    ("2021-05-01", "2021-05-05", LABOUR),
    ("2021-06-12", "2021-06-14", DRAGON_BOAT),
    ("2021-09-19", "2021-09-21", MID_AUTUMN),
    ("2021-10-01", "2021-10-07", NATIONAL),
    ("2022-01-01", "2022-01-03", NEW_YEAR),
    ("2022-01-31", "2022-02-06", SPRING),
    ("2022-04-03", "2022-04-05", QINGMING),
    ("2022-04-30", "2022-05-04", LABOUR),
    ("2022-06-03", "2022-06-05", DRAGON_BOAT),
    ("2022-09-10", "2022-09-12", MID_AUTUMN),
    ("2022-10-01", "2022-10-07", NATIONAL),
    ("2022-12-31", "2023-01-02", NEW_YEAR),
    ("2023-01-21", "2023-01-27", SPRING),
    ("2023-04-05", "2023-04-05", QINGMING),
    ("2023-04-29", "2023-05-03", LABOUR),
    ("2023-06-22", "2023-06-24", DRAGON_BOAT),
    ("2023-09-29", "2023-10-06", BOTH),
    ("2024-01-01", "2024-01-01", NEW_YEAR),
    ("2024-02-10", "2024-02-17", SPRING),
    ("2024-04-04", "2024-04-06", QINGMING),
    ("2024-05-01", "2024-05-05", LABOUR),
    ("2024-06-10", "2024-06-10", DRAGON_BOAT),
    ("2024-09-15", "2024-09-17", MID_AUTUMN),
    ("2024-10-01", "2024-10-07", NATIONAL),
    ("2025-01-01", "2025-01-01", NEW_YEAR),
    ("2025-01-28", "2025-02-04", SPRING),
    ("2025-04-04", "2025-04-06", QINGMING),
    ("2025-05-01", "2025-05-05", LABOUR),
    ("2025-05-31", "2025-06-02", DRAGON_BOAT),
    ("2025-10-01", "2025-10-08", BOTH),
    ("2026-01-01", "2026-01-03", NEW_YEAR),
    ("2026-02-15", "2026-02-23", SPRING),
    ("2026-04-04", "2026-04-06", QINGMING),
    ("2026-05-01", "2026-05-05", LABOUR),
    ("2026-06-19", "2026-06-21", DRAGON_BOAT),
    ("2026-09-25", "2026-09-27", MID_AUTUMN),
    ("2026-10-01", "2026-10-07", NATIONAL),
];

/// The holidays by day.
pub(super) struct Holidays(BTreeMap<Day, Holiday>);

impl Holidays {
    /// Those of all years that are known.
    pub fn known() -> Self {
        let days = HOLIDAYS.into_iter().filter_map(|(first, last, holiday)| Some((parse_day(first)?, parse_day(last)?, holiday)));
        Holidays(days.flat_map(|(first, last, holiday)| (first..=last).map(move |day| (day, holiday))).collect())
    }

    /// The holiday that a day is a part of; `None` on other days, and where nobody knows.
    pub fn on(&self, day: Day) -> Option<Holiday> {
        self.0.get(&day).copied()
    }

    /// Whether a day is one; `None` in years whose notice is not here.
    pub fn is_one(&self, day: Day) -> Option<bool> {
        let (year, month, month_day) = civil(day);
        let is_open = year == LAST_YEAR && month == 12 && month_day >= LAST_DECEMBER;
        match self.on(day) {
            Some(_) => Some(true),
            None => ((FIRST_YEAR..=LAST_YEAR).contains(&year) && !is_open).then_some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        parse_day(text).unwrap()
    }

    #[test]
    fn each_year_has_the_days_of_its_notices() {
        // The numbers of days that the notices state, summed: of 2024 1 + 8 + 3 + 5 + 1 + 3 + 7.
        let expected = [(2019, 24), (2020, 30), (2021, 31), (2022, 31), (2023, 27), (2024, 28), (2025, 28), (2026, 33)];
        for (year, days) in expected {
            // A New Year counts to the year that it begins.
            let of_year = HOLIDAYS.iter().filter(|(_, last, _)| civil(day(last)).0 == year);
            assert_eq!(of_year.map(|(first, last, _)| day(last) - day(first) + 1).sum::<i32>(), days, "{year}");
        }
        assert!(HOLIDAYS.windows(2).all(|pair| day(pair[0].1) < day(pair[1].0)), "they ascend and do not overlap");
        assert!(HOLIDAYS.iter().all(|(first, last, _)| day(first) <= day(last)));
    }

    #[test]
    fn a_year_without_a_notice_is_unknown_and_not_without_holidays() {
        let holidays = Holidays::known();
        assert_eq!(holidays.on(day("2026-02-17")), Some(SPRING));
        assert_eq!([day("2026-02-17"), day("2026-02-24")].map(|day| holidays.is_one(day)), [Some(true), Some(false)]);
        // A Saturday that is worked in exchange is no holiday.
        assert_eq!(holidays.is_one(day("2026-02-28")), Some(false));
        // The New Year of 2019 begins in a year that is unknown otherwise; what that of 2027 takes of 2026 is unknown.
        assert_eq!(["2018-12-29", "2018-12-30", "2019-01-02"].map(|text| holidays.is_one(day(text))), [None, Some(true), Some(false)]);
        assert_eq!(["2026-12-28", "2026-12-29", "2027-01-01"].map(|text| holidays.is_one(day(text))), [Some(false), None, None]);
    }
}
