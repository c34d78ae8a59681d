//! segment_migration: the ways of customers between segments, from a period ago to the as-of date.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::fold::customers::BEFORE;
use crate::history::Context;
use crate::metric::lifecycle::Stage;
use crate::metric::lifecycle::StageLimits;
use crate::metric::ratio::ratio;
use crate::metric::rfm::Segment;
use crate::metric::value_tier::Tier;
use crate::spec::{Day, NONE, Need};
use crate::table::column::Value::{Count, Date, Money, Share, Shop, Text};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::repurchase::lifecycle_limits::LIFECYCLE_LIMITS;
use crate::table::scores::{SCORED_CUSTOMERS, ScoredCustomers, Scores, ShopToScore};
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Segment migration";

/// One way from a segment to a segment.
pub struct Row {
    shop: u32,
    scheme: &'static str,
    from: &'static str,
    to: &'static str,
    from_date: Day,
    to_date: Day,
    way: Way,
    from_customers: i64,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "segment_migration",
    chinese: "客群迁移表",
    question: "Where did the customers of each segment stand one period ago, where do they stand now, and what have they brought since?",
    grain: "one way from a segment to a segment that a customer of the shop went, or stayed on, since one migration_period ago",
    key: &["shop_id", "scheme", "from_segment", "to_segment"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::Part(&BEFORE), Read::Shared(&LIFECYCLE_LIMITS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column(
            "scheme",
            Text(|row| Some(row.scheme)),
            "",
            "分群方式",
            "How the shop's customers are divided: lifecycle, rfm_segment or value_tier. Every scheme has every customer once.",
        ),
        column(
            "from_segment",
            Text(|row: &Row| Some(row.from)),
            "",
            "原客群",
            "The segment at the end of from_date; (none) for who had not bought by then. It is computed from the purchases up to that \
             day as they are known now: an order refunded in full since is not among them.",
        )
        .source(SPECIFICATION),
        column("to_segment", Text(|row| Some(row.to)), "", "现客群", "The segment on the as-of date, as in customers."),
        column(
            "from_date",
            Date(|row| row.from_date),
            "date",
            "起始日期",
            "The as-of date less one migration_period of the job, a month by default. One month before the end of a month is the end of \
             the month before.",
        ),
        column("to_date", Date(|row| row.to_date), "date", "截止日期", "The as-of date."),
        column("customers", Count(|row| Some(row.way.customers)), "customers", "客户数", "Customers who went that way."),
        column(
            "from_customers",
            Count(|row| Some(row.from_customers)),
            "customers",
            "原客群客户数",
            "All customers of from_segment; those who are new since then for (none).",
        ),
        column(
            "share_of_from",
            Share(|row: &Row| ratio(row.way.customers, row.from_customers)),
            "1",
            "占原客群比例",
            "The part of from_segment that went that way; over a from_segment it adds up to 1.",
        )
        .formula("customers / from_customers"),
        column(
            "net_revenue",
            Money(|row| Some(row.way.net_revenue)),
            "CNY",
            "期间净成交额",
            "What these customers brought after from_date: paid for their purchases since, less what of these was refunded by the as-of \
             date.",
        ),
    ]],
    rows: |night, out| {
        let (customers, limits) = (night.shared(&SCORED_CUSTOMERS)?, night.shared(&LIFECYCLE_LIMITS)?);
        let of_shop = |(shop, rows): &(u32, Range<usize>)| (*shop, ways(&customers, rows.clone(), limits.of(*shop)));
        let shops: Vec<(u32, [Ways; 3])> = customers.shops.par_iter().map(of_shop).collect();
        shops.iter().try_for_each(|(shop, schemes)| out.all(shop_rows(&night.context, *shop, schemes)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// A scheme, and the segment of scores in it.
type Scheme = (&'static str, fn(&Scores) -> &'static str);

/// The schemes in the order of the rows.
const SCHEMES: [Scheme; 3] = [
    ("lifecycle", |score| Stage::name(score.stage)),
    ("rfm_segment", |score| Segment::name(score.segment)),
    ("value_tier", |score| Tier::name(score.tier)),
];

/// The customers who went a way, and their net revenue since.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    customers: i64,
    net_revenue: i64,
}

/// The ways of one shop and scheme, by (from, to).
type Ways = BTreeMap<(&'static str, &'static str), Way>;

/// The rows of a shop, ascending by (scheme, from, to).
fn shop_rows(context: &Context, shop: u32, schemes: &[Ways; 3]) -> Vec<Row> {
    let mut rows = Vec::new();
    for ((scheme, _), ways) in SCHEMES.iter().zip(schemes) {
        let mut leaving: BTreeMap<&str, i64> = BTreeMap::new();
        for ((from, _), way) in ways {
            *leaving.entry(from).or_default() += way.customers;
        }
        rows.extend(ways.iter().map(|((from, to), way)| Row {
            shop,
            scheme,
            from,
            to,
            from_date: context.migration_from(),
            to_date: context.as_of,
            way: *way,
            from_customers: leaving.get(from).copied().unwrap_or(0),
        }));
    }
    rows
}

/// Counts the ways of the customers in these rows, who are those of one shop.
fn ways(customers: &ScoredCustomers, rows: Range<usize>, limits: StageLimits) -> [Ways; 3] {
    let before = scores_before(customers, rows.clone(), limits);
    let mut before = before.iter();
    let mut schemes: [Ways; 3] = Default::default();
    for row in rows {
        let was_there = customers.columns.days_before[row] > 0;
        let from = if was_there { before.next() } else { None };
        let since = customers.columns.net_revenue(row) - customers.columns.net_revenue_before[row];
        for ((_, name), ways) in SCHEMES.iter().zip(&mut schemes) {
            let way = ways.entry((from.map_or(NONE, name), name(&customers.scores[row]))).or_default();
            way.customers += 1;
            way.net_revenue += since;
        }
    }
    schemes
}

/// The scores at the end of the day from which the migration starts, of customers with a purchase by then.
fn scores_before(customers: &ScoredCustomers, rows: Range<usize>, limits: StageLimits) -> Vec<Scores> {
    let ScoredCustomers { context, columns, .. } = customers;
    let there: Vec<usize> = rows.filter(|row| columns.days_before[*row] > 0).collect();
    let last_day: Vec<i32> = there.iter().map(|row| columns.last_day_before[*row]).collect();
    let purchase_days: Vec<u32> = there.iter().map(|row| columns.days_before[*row]).collect();
    let last_interval: Vec<u32> = there.iter().map(|row| columns.last_interval_before[*row]).collect();
    let net_revenue: Vec<i64> = there.iter().map(|row| columns.net_revenue_before[*row]).collect();
    let mut scores = vec![Scores::default(); there.len()];
    ShopToScore {
        day: context.migration_from(),
        limits,
        last_day: &last_day,
        purchase_days: &purchase_days,
        last_interval: &last_interval,
        net_revenue: &net_revenue,
    }
    .score(&context.params.rfm, &mut scores);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::customers::CUSTOMERS;
    use crate::fold::folds::Gathered;
    use crate::table::testing::{column, customer_fold, made_of, shown, signed_shops, worked};

    #[test]
    fn the_ways_of_six_customers_worked_by_hand() {
        // Both months end: from 2026-05-31 to 2026-06-30.
        let context = signed_shops("2026-06-30");
        let batch = made_of(&TABLE, &context, Gathered::default().and(&CUSTOMERS, customer_fold(&worked())));
        // On 2026-05-31 shop 7 has b (211 days idle, 1 day, 50.00), c (60, 4, 200.00), d (151, 1, 20.00) and e (137, 3, 60.00).
        // R 1 4 2 3, F 1 4 1 3, M 2 4 1 3: c and e are high in all, b and d in none. By revenue of 330.00: c, then e with 61 %
        // before it, b with 79 %, d with 94 %.
        let expected = [
            "7 lifecycle (none) new 1 1 100.00",
            "7 lifecycle churned reactivated 1 1 20.00",
            "7 lifecycle dormant churned 1 2 0.00",
            "7 lifecycle dormant dormant 1 2 0.00",
            "7 lifecycle quiet quiet 1 1 0.00",
            "7 rfm_segment (none) promising 1 1 100.00",
            "7 rfm_segment champion champion 1 2 0.00",
            "7 rfm_segment champion fading 1 2 0.00",
            "7 rfm_segment lost champion 1 2 20.00",
            "7 rfm_segment lost lost 1 2 0.00",
            "7 value_tier (none) A 1 1 100.00",
            "7 value_tier A A 2 3 20.00",
            "7 value_tier A B 1 3 0.00",
            "7 value_tier B C 1 1 0.00",
            "8 lifecycle new quiet 1 1 0.00",
            "8 rfm_segment champion champion 1 1 0.00",
            "8 value_tier C C 1 1 0.00",
        ];
        let names = ["shop_id", "scheme", "from_segment", "to_segment", "customers", "from_customers", "net_revenue"];
        assert_eq!(shown(&batch, &names), expected);
        assert_eq!(shown(&batch, &["from_date", "to_date"])[0], "2026-05-31 2026-06-30");
        let shares: Vec<f64> = column(&batch, "share_of_from").iter().map(|share| share.parse().unwrap()).collect();
        assert_eq!(shares[..5], [1.0, 1.0, 0.5, 0.5, 1.0]);
        assert!((shares[11] - 2.0 / 3.0).abs() < 1e-15);
    }
}
