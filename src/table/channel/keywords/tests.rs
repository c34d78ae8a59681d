//! Keywords of two months worked by hand, and the law that rows add up to the input.

use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::input::records::facts::Facts;
use crate::input::records::keyword_days::{KeywordDay, KeywordTraffic};
use crate::table::request::Request;
use crate::table::testing::{assert_row, column, day, facts, integers, made_with, text_shops};

/// (keyword, day, impressions, clicks, uv, orders, amount, cost).
type Drawn = (u32, &'static str, [Option<i64>; 6]);

const KEYWORDS: [&str; 4] = ["(other)", "green tea", "oolong", "茶叶"];

fn traffic(rows: &[Drawn]) -> Facts {
    let mut days: Vec<KeywordDay> = rows.iter().map(|(keyword, on, figures)| KeywordDay::new(0, *keyword, day(on), *figures)).collect();
    days.sort_by_key(|row| (row.keyword, row.day));
    let keyword_traffic = KeywordTraffic { keywords: KEYWORDS.map(str::to_owned).to_vec(), days, first_days: Vec::new() };
    Facts { keyword_traffic: Some(keyword_traffic), ..facts(&["2024-01-01"]) }
}

fn table(as_of: &str, facts: &Facts) -> RecordBatch {
    made_with(&TABLE, &text_shops(1, as_of), facts, Request::NOTHING, &[&[]])
}

#[test]
fn two_months_by_hand() {
    let found = table(
        "2024-02-20",
        &traffic(&[
            // Search without a cost, and paid search of the same keyword and day.
            (1, "2024-01-10", [Some(200), Some(20), Some(16), Some(2), Some(20_000), None]),
            (1, "2024-01-10", [Some(100), Some(10), Some(8), Some(1), Some(9_000), Some(3_000)]),
            (1, "2024-01-20", [None, Some(6), Some(6), Some(0), Some(0), None]),
            // Nine clicks are too few, and so is an unknown number.
            (2, "2024-01-10", [Some(50), Some(9), Some(9), Some(1), Some(4_000), None]),
            (3, "2024-01-20", [Some(10), None, None, None, None, None]),
            // The keyword that is called so.
            (0, "2024-01-20", [None, Some(40), Some(39), Some(3), Some(30_000), None]),
            // February: green tea on one of two days, oolong by visitors only.
            (1, "2024-02-01", [Some(100), Some(12), Some(12), Some(3), Some(6_000), Some(0)]),
            (2, "2024-02-02", [None, None, Some(11), None, None, None]),
        ]),
    );
    // January has two days with rows, 10 and 20. Green tea: 20 + 10 + 6 clicks, 16 + 8 + 6 visitor days, 3 orders.
    assert_row(
        &found,
        &["a", "month", "2024-01-01", "green tea"],
        &[
            ("is_complete", "true"),
            ("keywords", "1"),
            ("days_with_rows", "2"),
            ("impressions", "300"),
            ("clicks", "36"),
            ("click_rate", "-"), // the row of the 20th has clicks and no impressions
            ("clicks_daily_mean", "18"),
            ("uv_sum", "30"),
            ("uv_daily_mean", "15"),
            ("keywords_uv_sum", "78"),           // 30 + 9 + 39
            ("uv_share", "0.38461538461538464"), // 30 / 78
            ("orders", "3"),
            ("amount", "29000"),
            ("conversion", "0.1"),
            ("click_conversion", "0.08333333333333333"),
            ("cost", "3000"),
            ("clicks_with_cost", "10"),
            ("cost_per_click", "3"), // 30.00 for 10 clicks
            ("orders_with_cost", "1"),
            ("cost_per_order", "30"),
            ("amount_with_cost", "9000"),
            ("return_on_cost", "3"), // 90.00 for 30.00, and not 290.00
            ("uv_daily_mean_previous", "-"),
        ],
    );
    // Oolong, 茶叶 and the keyword that is called (other).
    assert_row(
        &found,
        &["a", "month", "2024-01-01", "(other)"],
        &[
            ("keywords", "3"),
            ("impressions", "60"),
            ("clicks", "49"),
            ("uv_sum", "48"),
            ("orders", "4"),
            ("amount", "34000"),
            ("conversion", "0.08333333333333333"), // 4 of 48: the row of 茶叶 has neither
            ("cost", "-"),
            ("clicks_with_cost", "-"),
            ("cost_per_click", "-"),
            ("return_on_cost", "-"),
        ],
    );
    // February so far has two days with rows; green tea had 15 visitors and 18 clicks a day in January.
    assert_row(
        &found,
        &["a", "month", "2024-02-01", "green tea"],
        &[
            ("is_complete", "false"),
            ("days_with_rows", "2"),
            ("click_rate", "0.12"),
            ("cost", "0"),
            ("cost_per_click", "0"),
            ("return_on_cost", "-"), // nothing was spent
            ("clicks_daily_mean_previous", "18"),
            ("clicks_daily_mean_vs_previous", "-0.6666666666666666"), // 6 against 18
            ("uv_daily_mean_previous", "15"),
            ("uv_daily_mean_vs_previous", "-0.6"), // 6 against 15
            ("conversion", "0.25"),
            ("conversion_previous", "0.1"),
            ("conversion_vs_previous", "1.5"),
        ],
    );
    // 11 visitor days stand for 11 clicks at least. It was too rare for a row in January, with 9 visitors on one of two days.
    assert_row(
        &found,
        &["a", "month", "2024-02-01", "oolong"],
        &[
            ("clicks", "-"),
            ("uv_sum", "11"),
            ("conversion", "-"),
            ("uv_daily_mean_previous", "4.5"),
            ("uv_daily_mean_vs_previous", "0.2222222222222222"), // 5.5 against 4.5
            ("clicks_daily_mean_previous", "4.5"),
            ("clicks_daily_mean_vs_previous", "-"),
        ],
    );
    let months: Vec<String> = column(&found, "keyword")
        .into_iter()
        .zip(column(&found, "grain"))
        .filter(|(_, grain)| grain == "month")
        .map(|(keyword, _)| keyword)
        .collect();
    assert_eq!(months, ["(other)", "green tea", "green tea", "oolong"]);
}

proptest! {
    #[test]
    fn rows_of_a_period_add_up_to_the_input(
        rows in prop::collection::vec((0..4_u32, prop::sample::select(vec!["2024-01-30", "2024-01-31", "2024-02-01"]), prop::option::of(0..20_i64), prop::option::of(0..20_i64)), 0..30),
    ) {
        let drawn: Vec<Drawn> = rows.iter().map(|(keyword, on, clicks, cost)| (*keyword, *on, [None, *clicks, None, None, None, *cost])).collect();
        let found = table("2024-02-29", &traffic(&drawn));
        let grains = column(&found, "grain");
        for (name, of) in [("clicks", 2), ("cost", 3)] {
            let whole: i64 = rows.iter().filter_map(|row| if of == 2 { row.2 } else { row.3 }).sum();
            for grain in ["month", "quarter", "week", "year"] {
                let sums = integers(&found, name).into_iter().zip(&grains).filter(|(_, other)| *other == grain);
                prop_assert_eq!(sums.filter_map(|(value, _)| value).sum::<i64>(), whole, "{} {}", grain, name);
            }
        }
        prop_assert!(column(&found, "keyword").iter().zip(integers(&found, "clicks")).all(|(keyword, clicks)| keyword == "(other)" || clicks >= Some(10)));
    }
}
