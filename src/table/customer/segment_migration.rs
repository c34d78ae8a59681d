//! segment_migration: where the customers of each segment stood a period ago, and where they stand now.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::scores::SCORED_CUSTOMERS;
use super::scores::{Marks, ScoredCustomers, Standing};
use crate::error::Result;
use crate::fold::customers::BEFORE;
use crate::metric::lifecycle::Stage;
use crate::metric::ratio::ratio;
use crate::metric::rfm::Segment;
use crate::metric::value_tier::Tier;
use crate::spec::{Card, Column, Kind, NONE, Need};
use crate::table::Frame;
use crate::table::night::Read;
use crate::table::repurchase::lifecycle_limits::LIFECYCLE_LIMITS;
use crate::table::repurchase::lifecycle_limits::LifecycleLimits;
use crate::table::unit::{FrameTable, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Segment migration";

/// The card of the table.
pub static CARD: Card = Card {
    name: Cow::Borrowed("segment_migration"),
    chinese: "客群迁移表",
    question: Cow::Borrowed(
        "Where did the customers of each segment stand one period ago, where do they stand now, and what have they brought since?",
    ),
    grain: "one way from a segment to a segment that a customer of the shop went, or stayed on, since one migration_period ago",
    key: &["shop_id", "scheme", "from_segment", "to_segment"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new(
            "scheme",
            Kind::Text,
            "",
            "分群方式",
            "How the shop's customers are divided: lifecycle, rfm_segment or value_tier. Every scheme has every customer once.",
        ),
        Column::new(
            "from_segment",
            Kind::Text,
            "",
            "原客群",
            "The segment at the end of from_date; (none) for who had not bought by then. It is computed from the purchases up to that day \
             as they are known now: an order refunded in full since is not among them.",
        )
        .source(SPECIFICATION),
        Column::new("to_segment", Kind::Text, "", "现客群", "The segment on the as-of date, as in customers."),
        Column::new(
            "from_date",
            Kind::Date,
            "date",
            "起始日期",
            "The as-of date less one migration_period of the job, a month by default. One month before the end of a month is the end of the month before.",
        ),
        Column::new("to_date", Kind::Date, "date", "截止日期", "The as-of date."),
        Column::new("customers", Kind::Count, "customers", "客户数", "Customers who went that way."),
        Column::new(
            "from_customers",
            Kind::Count,
            "customers",
            "原客群客户数",
            "All customers of from_segment; those who are new since then for (none).",
        ),
        Column::new(
            "share_of_from",
            Kind::Share,
            "1",
            "占原客群比例",
            "The part of from_segment that went that way; over a from_segment it adds up to 1.",
        )
        .formula("customers / from_customers"),
        Column::new(
            "net_revenue",
            Kind::Money,
            "CNY",
            "期间净成交额",
            "What these customers brought after from_date: paid for their purchases since, less what of these was refunded by the as-of date.",
        ),
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::Part(&BEFORE), Read::Shared(&LIFECYCLE_LIMITS)],
    write: |night, sink| {
        let limits = night.shared(&LIFECYCLE_LIMITS)?;
        sink(&CARD, table(night.shared(&SCORED_CUSTOMERS)?.as_ref(), &limits)?)
    },
    witness: Witness::Sql,
};

/// A scheme, and how the marks are named in it.
type Scheme = (&'static str, fn(&Marks) -> &'static str);

/// The schemes in the order of the rows.
const SCHEMES: [Scheme; 3] = [
    ("lifecycle", |mark| Stage::name(mark.stage)),
    ("rfm_segment", |mark| Segment::name(mark.segment)),
    ("value_tier", |mark| Tier::name(mark.tier)),
];

/// Who went a way, and what they brought since.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    customers: i64,
    net_revenue: i64,
}

/// One row of the table.
struct Row {
    shop: u32,
    scheme: &'static str,
    from: &'static str,
    to: &'static str,
    way: Way,
    from_customers: i64,
}

/// The ways of one shop and scheme, by (from, to).
type Ways = BTreeMap<(&'static str, &'static str), Way>;

/// The table over all customers.
///
/// # Errors
/// [`crate::error::Error::Bug`] where the columns do not fit the card.
pub fn table(customers: &ScoredCustomers, limits: &LifecycleLimits) -> Result<RecordBatch> {
    let of_shop = |(shop, rows): &(u32, Range<usize>)| (*shop, ways(customers, rows.clone(), limits.of(*shop)));
    let shops: Vec<(u32, [Ways; 3])> = customers.shops.par_iter().map(of_shop).collect();
    let mut rows: Vec<Row> = Vec::new();
    for (shop, schemes) in &shops {
        for ((scheme, _), ways) in SCHEMES.iter().zip(schemes) {
            let mut leaving: BTreeMap<&str, i64> = BTreeMap::new();
            for ((from, _), way) in ways {
                *leaving.entry(from).or_default() += way.customers;
            }
            for ((from, to), way) in ways {
                let from_customers = leaving.get(from).copied().unwrap_or(0);
                rows.push(Row { shop: *shop, scheme, from, to, way: *way, from_customers });
            }
        }
    }
    let context = customers.context.as_ref();
    Frame::new(&CARD, context)
        .shops("shop_id", rows.iter().map(|row| row.shop))
        .text("scheme", rows.iter().map(|row| Some(row.scheme)))
        .text("from_segment", rows.iter().map(|row| Some(row.from)))
        .text("to_segment", rows.iter().map(|row| Some(row.to)))
        .dates("from_date", rows.iter().map(|_| context.migration_from))
        .dates("to_date", rows.iter().map(|_| context.as_of))
        .counts("customers", rows.iter().map(|row| Some(row.way.customers)))
        .counts("from_customers", rows.iter().map(|row| Some(row.from_customers)))
        .numbers("share_of_from", rows.iter().map(|row| ratio(row.way.customers, row.from_customers)))
        .money("net_revenue", rows.iter().map(|row| Some(row.way.net_revenue)))
        .finish()
}

/// The ways of the customers in these rows, who are those of one shop.
fn ways(customers: &ScoredCustomers, rows: Range<usize>, limits: [i32; 3]) -> [Ways; 3] {
    let before = scores_before(customers, rows.clone(), limits);
    let mut before = before.iter();
    let mut schemes: [Ways; 3] = Default::default();
    for row in rows {
        let was_there = customers.columns.days_before[row] > 0;
        let from = if was_there { before.next() } else { None };
        let since = customers.columns.net_revenue(row) - customers.columns.net_revenue_before[row];
        for ((_, name), ways) in SCHEMES.iter().zip(&mut schemes) {
            let way = ways.entry((from.map_or(NONE, name), name(&customers.marks[row]))).or_default();
            way.customers += 1;
            way.net_revenue += since;
        }
    }
    schemes
}

/// The marks at the end of the day that the migration starts from, of those who had bought by then.
fn scores_before(customers: &ScoredCustomers, rows: Range<usize>, limits: [i32; 3]) -> Vec<Marks> {
    let ScoredCustomers { context, columns, .. } = customers;
    let there: Vec<usize> = rows.filter(|row| columns.days_before[*row] > 0).collect();
    let last_day: Vec<i32> = there.iter().map(|row| columns.last_day_before[*row]).collect();
    let purchase_days: Vec<u32> = there.iter().map(|row| columns.days_before[*row]).collect();
    let last_interval: Vec<u32> = there.iter().map(|row| columns.last_interval_before[*row]).collect();
    let net_revenue: Vec<i64> = there.iter().map(|row| columns.net_revenue_before[*row]).collect();
    let mut marks = vec![Marks::default(); there.len()];
    Standing {
        day: context.migration_from,
        limits,
        last_day: &last_day,
        purchase_days: &purchase_days,
        last_interval: &last_interval,
        net_revenue: &net_revenue,
    }
    .mark(&context.rfm, &mut marks);
    marks
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::spec::IdType;
    use crate::table::customer_cases::{column, context, day, fold, worked};

    #[test]
    fn the_ways_of_six_customers_worked_by_hand() {
        // Both months end: from 2026-05-31 to 2026-06-30.
        let context = context(day("2026-06-30"), IdType::text());
        let limits = LifecycleLimits::of_job(&context);
        let batch = table(&ScoredCustomers::of(&Arc::new(context.clone()), fold(&worked()), &limits).unwrap(), &limits).unwrap();
        let shown = |names: &[&str]| -> Vec<String> {
            let columns: Vec<Vec<String>> = names.iter().map(|name| column(&batch, name)).collect();
            (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(" ")).collect()
        };
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
        assert_eq!(shown(&names), expected);
        assert_eq!(shown(&["from_date", "to_date"])[0], "2026-05-31 2026-06-30");
        let shares: Vec<f64> = column(&batch, "share_of_from").iter().map(|share| share.parse().unwrap()).collect();
        assert_eq!(shares[..5], [1.0, 1.0, 0.5, 0.5, 1.0]);
        assert!((shares[11] - 2.0 / 3.0).abs() < 1e-15);
    }
}
