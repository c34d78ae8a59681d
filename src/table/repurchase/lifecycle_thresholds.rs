//! lifecycle_thresholds: the chance to come back after a number of idle days, as evidence for the limits of the lifecycle stages.

use std::sync::OnceLock;

use super::lifecycle_limits::{LIFECYCLE_LIMITS, SuggestedLimits};
use crate::fold::intervals::{INTERVALS, candidates};
use crate::metric::lifecycle::{LimitedStage, StageLimits};
use crate::metric::ratio::ratio;
use crate::spec::Need;
use crate::statistics::kaplan_meier::Curve;
use crate::table::column::Value::{Count, Share, Shop, Text};
use crate::table::column::{ValueColumn, column};
use crate::table::night::Read;
use crate::table::unit::{Table, Witness};

const SPEC: &str = "docs/definitions.md, Lifecycle thresholds";
const KAPLAN_MEIER: &str = "Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457–481";

/// A candidate limit of a shop.
pub struct Row {
    shop: u32,
    idle_days: i32,
    idle: i64,
    came_back: i64,
    survival: Option<f64>,
    survival_30_days: Option<f64>,
    survival_90_days: Option<f64>,
    return_chance_30_days: Option<f64>,
    return_chance_90_days: Option<f64>,
    suggested: Option<&'static str>,
    moved: Option<i64>,
    in_force: Option<String>,
}

const fn survival(name: &'static str, value: fn(&Row) -> Option<f64>, chinese: &'static str, definition: &'static str) -> ValueColumn<Row> {
    column(name, Share(value), "1", chinese, definition)
        .null_when(
            "nobody has been idle for so many days yet, so that the curve does not reach that far; not where everybody had come \
             back before",
        )
        .source(KAPLAN_MEIER)
}

const fn chance(
    name: &'static str,
    value: fn(&Row) -> Option<f64>,
    chinese: &'static str,
    definition: &'static str,
    formula: &'static str,
) -> ValueColumn<Row> {
    column(name, Share(value), "1", chinese, definition)
        .formula(formula)
        .null_when("one of the two survivals is null, or the first is 0: everybody had come back by then")
        .source(SPEC)
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "lifecycle_thresholds",
    chinese: "生命周期阈值",
    question: "After how many days without a purchase is a customer no longer active, quiet, dormant?",
    grain: "one candidate limit in days of a shop: the usual ones, the job's stage limits and the job's own candidates",
    key: &["shop_id", "idle_days"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&INTERVALS), Read::Shared(&LIFECYCLE_LIMITS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop that the customers bought at."),
        column(
            "idle_days",
            Count(|row| Some(row.idle_days.into())),
            "days",
            "沉默天数",
            "The candidate limit d: days without another purchase day.",
        ),
        column(
            "idle_customers",
            Count(|row: &Row| Some(row.idle)),
            "purchase days",
            "沉默人次",
            "Purchase days after which the customer was idle for at least d days, the open last one included. A customer counts \
             once for each such purchase day.",
        )
        .formula("intervals with length >= d + customers with as-of date − last purchase day >= d"),
        column(
            "came_back",
            Count(|row| Some(row.came_back)),
            "purchase days",
            "回流人次",
            "Of these, the ones with a later purchase day by the as-of date.",
        ),
        column(
            "came_back_rate",
            Share(|row: &Row| ratio(row.came_back, row.idle)),
            "1",
            "回流率",
            "The share that has come back so far. It is too low as a chance, since the open intervals may still end: \
             return_chance_… account for that.",
        )
        .formula("came_back / idle_customers")
        .null_when("idle_customers is 0"),
        survival(
            "survival",
            |row| row.survival,
            "沉默超过该天数概率",
            "S(d): the chance that the next purchase day is more than d days away, of all intervals (nth = 0 of \
             repurchase_survival).",
        ),
        survival("survival_30_days", |row| row.survival_30_days, "再过30天仍沉默概率", "S(d + 30): the same for 30 days more."),
        survival("survival_90_days", |row| row.survival_90_days, "再过90天仍沉默概率", "S(d + 90): the same for 90 days more."),
        chance(
            "return_chance_30_days",
            |row| row.return_chance_30_days,
            "再30天内回流概率",
            "The chance that a customer who has been idle for d days comes back within 30 days more.",
            "1 − survival_30_days / survival",
        ),
        chance(
            "return_chance_90_days",
            |row| row.return_chance_90_days,
            "再90天内回流概率",
            "The chance that a customer who has been idle for d days comes back within 90 days more.",
            "1 − survival_90_days / survival",
        ),
        column(
            "suggested",
            Text(|row: &Row| row.suggested),
            "",
            "建议阈值",
            "The stage that should end here: `active` at the first d from which on the 90-day chance stays below 50 %, `quiet` below \
             20 %, `dormant` below 5 %. Not at a d from which it rises again, not where it is below from the first d on, and not at the \
             last d whose chance is known. Where one d is the first for several, the first of them is named: the later stages end \
             there as well.",
        )
        .null_when("no stage should end here")
        .source(SPEC),
        column(
            "customers_moved",
            Count(|row: &Row| row.moved),
            "customers",
            "阶段变动人数",
            "How many customers of the shop would be in another lifecycle stage if d replaced the limit in force of the suggested \
             stage, the other two limits staying as they are.",
        )
        .null_when("suggested is null"),
        column(
            "in_force",
            Text(|row: &Row| row.in_force.as_deref()),
            "",
            "现行阈值",
            "The stage that ends here in this run: `active`, `quiet`, `dormant`, or several with commas between them. The limits \
             are those of the job or, with `lifecycle: suggested`, those suggested for the shop.",
        )
        .null_when("no stage ends here"),
    ]],
    rows: |night, out| {
        let (fold, limits_in_force) = (night.fold(&INTERVALS)?, night.shared(&LIFECYCLE_LIMITS)?);
        let candidates = candidates(&night.context);
        for shop in fold.shops() {
            let counts = shop.by_nth.first().map_or(&[][..], Vec::as_slice);
            let curve = Curve::of(counts);
            let limits = SuggestedLimits::of(counts, &candidates);
            let suggested = LimitedStage::ALL.map(|stage| (stage, limits.limit(stage)));
            let in_force = limits_in_force.of(shop.shop);
            for &idle_days in &candidates {
                let idle = || counts.iter().filter(|count| count.days >= idle_days);
                let stage = suggested.into_iter().find(|(_, limit)| *limit == Some(idle_days)).map(|(stage, _)| stage);
                let moved = stage.map(|stage| fold.customers_moved(shop.shop, in_force, in_force.with(stage, idle_days)));
                let survival = |more: i32| curve.survival(idle_days.saturating_add(more));
                out.row(Row {
                    shop: shop.shop,
                    idle_days,
                    idle: idle().map(|count| count.events + count.censored).sum(),
                    came_back: idle().map(|count| count.events).sum(),
                    survival: survival(0),
                    survival_30_days: survival(30),
                    survival_90_days: survival(90),
                    return_chance_30_days: curve.within_after(idle_days, 30),
                    return_chance_90_days: curve.within_after(idle_days, 90),
                    suggested: stage.map(LimitedStage::name),
                    moved,
                    in_force: ended_by(in_force, idle_days),
                })?;
            }
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The stages that end after that many days.
fn ended_by(limits: StageLimits, idle_days: i32) -> Option<String> {
    let ended: Vec<&str> = LimitedStage::ALL.into_iter().filter(|stage| limits.of(*stage) == idle_days).map(LimitedStage::name).collect();
    (!ended.is_empty()).then(|| ended.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Lifecycle;
    use crate::table::testing::*;

    /// Seen until day 1000. Ten buy on day 0, of whom four come back on day 5, two on 40, one on 100 and one on 300; one buys on
    /// day 985, one on 850, and one on 840 and 990.
    fn thirteen_customers() -> Vec<Customer> {
        let again = [Some(5), Some(5), Some(5), Some(5), Some(40), Some(40), Some(100), Some(300), None, None];
        let mut customers: Vec<Customer> =
            again.into_iter().map(|day| bought_on(0, &std::iter::once(0).chain(day).collect::<Vec<i32>>())).collect();
        customers.extend([bought_on(0, &[985]), bought_on(0, &[850]), bought_on(0, &[840, 990])]);
        customers
    }

    #[test]
    fn a_case_by_hand() {
        let mut context = integer_shops(0, 1000);
        context.params.lifecycle = Lifecycle { dormant_days: 120, thresholds: vec![40, 7], ..context.params.lifecycle };
        let rows = made(&TABLE, &context, &thirteen_customers());
        assert_eq!(known(&rows, "idle_days"), [7, 14, 30, 40, 45, 60, 90, 120, 180, 270, 365]);
        // Closed intervals: 5 ×4, 40 ×2, 100, 150, 300. Open: 10, 15, 150, 700, 900, 960 ×2, 995 ×4, 1000 ×2.
        assert_eq!(known(&rows, "came_back"), [5, 5, 5, 5, 3, 3, 3, 2, 1, 1, 0]);
        assert_eq!(known(&rows, "idle_customers"), [18, 17, 16, 16, 14, 14, 14, 13, 11, 11, 10]);
        assert_close(&numbers(&rows, "came_back_rate")[..2], &[Some(5.0 / 18.0), Some(5.0 / 17.0)]);
        // S falls on day 5 to 18/22; two are out of sight before day 40, when it falls by 14/16; on day 100 by 13/14, on 150 by
        // 12/13; one is out of sight that day; on 300 by 10/11.
        let [a, b, c, d, e] = [18.0 / 22.0, 14.0 / 16.0, 13.0 / 14.0, 12.0 / 13.0, 10.0 / 11.0];
        assert_close(&numbers(&rows, "survival")[..4], &[a, a, a, a * b].map(Some));
        assert_close(&numbers(&rows, "survival_30_days")[..4], &[a, a * b, a * b, a * b].map(Some));
        let kept = [b, b * c, b * c, c, c, c * d, c * d, d, 1.0, e, 1.0];
        assert_close(&numbers(&rows, "return_chance_90_days"), &kept.map(|kept| Some(1.0 - kept)));
        assert_close(&numbers(&rows, "return_chance_30_days")[..4], &[0.0, 1.0 - b, 1.0 - b, 0.0].map(Some));
        // The chance is below a half and below a fifth from the first candidate on, and below 5 % for good only at the last one.
        assert!(texts(&rows, "suggested").iter().all(Option::is_none) && integers(&rows, "customers_moved").iter().all(Option::is_none));
    }

    /// Ten buy on day 0, of whom six come back on day 5 and two on day 200. Three more were met 200, 50 and 20 days ago.
    #[test]
    fn who_would_move_by_hand() {
        let context = integer_shops(0, 1000);
        let again = [Some(5), Some(5), Some(5), Some(5), Some(5), Some(5), Some(200), Some(200), None, None];
        let mut customers: Vec<Customer> =
            again.into_iter().map(|day| bought_on(0, &std::iter::once(0).chain(day).collect::<Vec<i32>>())).collect();
        customers.extend([800, 950, 980].map(|day| bought_on(0, &[day])));
        let rows = made(&TABLE, &context, &customers);
        // Of the 21 intervals 13 are seen for 200 days, and two of these end then.
        let back = 1.0 - 11.0 / 13.0;
        assert_close(&numbers(&rows, "return_chance_90_days"), &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, back, back, 0.0, 0.0].map(Some));
        // Below 50 and 20 % it is from the first day on, below 5 % for good from 270 on: who was met 200 days ago is churned today, after 180.
        let found: Vec<(i64, String, i64)> = known(&rows, "idle_days")
            .into_iter()
            .zip(texts(&rows, "suggested"))
            .zip(integers(&rows, "customers_moved"))
            .filter_map(|((days, text), moved)| Some((days, text?, moved?)))
            .collect();
        assert_eq!(found, [(270, "dormant".to_owned(), 1)]);
    }

    #[test]
    fn a_chance_beyond_the_curve_is_not_known() {
        // Seen for 60 days after the purchase: 30 + 30 are reached, 45 + 30 are not.
        let context = integer_shops(0, 60);
        let rows = made(&TABLE, &context, &[bought_on(0, &[0]), bought_on(0, &[0, 60])]);
        let chances = numbers(&rows, "return_chance_30_days");
        assert_close(&chances[2..4], &[Some(0.5), None]);
        assert!(texts(&rows, "suggested").iter().all(Option::is_none));
        // Nobody has been idle for 90 days: no rate, not a rate of 0.
        assert_eq!((known(&rows, "idle_customers")[5], numbers(&rows, "came_back_rate")[5]), (0, None));
    }
}
