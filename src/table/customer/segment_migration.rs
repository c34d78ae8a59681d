//! segment_migration: the ways of customers between segments, from a period ago to the as-of date.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::scales::{Scale, Scales};
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
    from: String,
    to: String,
    /// Of the segments on a scale.
    positions: Option<(i64, i64)>,
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
            "How the shop's customers are divided: amount_band, lifecycle, member_level (where the job has levels), order_count, rfm_segment \
             or value_tier, as in segment_value. Every scheme has every customer once.",
        ),
        column(
            "from_segment",
            Text(|row: &Row| Some(row.from.as_str())),
            "",
            "原客群",
            "The segment at the end of from_date; (none) for who had not bought by then, and in member_level for who had reached no level. \
             It is computed from the purchases up to that day as they are known now: an order refunded in full since is not among them.",
        )
        .source(SPECIFICATION),
        column("to_segment", Text(|row| Some(row.to.as_str())), "", "现客群", "The segment on the as-of date, as in segment_value."),
        column(
            "from_position",
            Count(|row: &Row| Some(row.positions?.0)),
            "",
            "原客群次序",
            "The place of from_segment on its scale: from 1 for the lowest of amount_band, member_level and order_count, 0 for (none).",
        )
        .null_when("the scheme is no scale"),
        column(
            "to_position",
            Count(|row: &Row| Some(row.positions?.1)),
            "",
            "现客群次序",
            "The place of to_segment on its scale: greater than from_position for who rose, less for who fell.",
        )
        .null_when("the scheme is no scale"),
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
            "期间净支付金额",
            "What these customers brought after from_date: paid for their purchases since, less what of these was refunded by the as-of \
             date.",
        ),
    ]],
    rows: |night, out| {
        let (customers, limits) = (night.shared(&SCORED_CUSTOMERS)?, night.shared(&LIFECYCLE_LIMITS)?);
        let scales = Scales::of(&night.context.params);
        let of_shop = |(shop, rows): &(u32, Range<usize>)| (*shop, ways(&customers, &scales, rows.clone(), limits.of(*shop)));
        let shops: Vec<(u32, [Ways; SCHEMES.len()])> = customers.shops.par_iter().map(of_shop).collect();
        shops.iter().try_for_each(|(shop, ways)| out.all(shop_rows(&night.context, &scales, *shop, ways)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The schemes in the order of the rows.
const SCHEMES: [Scheme; 6] = [
    Scheme::Scale(Scale::AmountBand),
    Scheme::Lifecycle,
    Scheme::Scale(Scale::MemberLevel),
    Scheme::Scale(Scale::OrderCount),
    Scheme::RfmSegment,
    Scheme::ValueTier,
];

/// A division of customers.
#[derive(Debug, Clone, Copy)]
enum Scheme {
    Lifecycle,
    RfmSegment,
    ValueTier,
    Scale(Scale),
}

/// What segments follow from, on a day.
struct Standing {
    scores: Scores,
    net_revenue: i64,
    orders: i64,
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Scheme::Lifecycle => "lifecycle",
            Scheme::RfmSegment => "rfm_segment",
            Scheme::ValueTier => "value_tier",
            Scheme::Scale(scale) => scale.name(),
        }
    }

    /// The place of the segment of a customer; 0 for who had not bought by then.
    fn place(self, scales: &Scales, standing: Option<&Standing>) -> usize {
        let Some(Standing { scores, net_revenue, orders }) = standing else { return 0 };
        match self {
            Scheme::Lifecycle => scores.stage as usize + 1,
            Scheme::RfmSegment => scores.segment as usize + 1,
            Scheme::ValueTier => scores.tier as usize + 1,
            Scheme::Scale(scale) => scales.position(scale, *net_revenue, *orders),
        }
    }

    /// The name of the segment at a place.
    fn segment(self, scales: &Scales, place: usize) -> &str {
        let named = |names: &[&'static str]| place.checked_sub(1).and_then(|at| names.get(at).copied()).unwrap_or(NONE);
        match self {
            Scheme::Lifecycle => named(&Stage::ALL.map(Stage::name)),
            Scheme::RfmSegment => named(&Segment::ALL.map(Segment::name)),
            Scheme::ValueTier => named(&Tier::ALL.map(Tier::name)),
            Scheme::Scale(scale) => scales.segment(scale, place),
        }
    }

    /// The position of a place on the scale, if the scheme is one.
    fn position(self, place: usize) -> Option<i64> {
        if matches!(self, Scheme::Scale(_)) { i64::try_from(place).ok() } else { None }
    }

    fn is_there(self, scales: &Scales) -> bool {
        if let Scheme::Scale(scale) = self { scales.has(scale) } else { true }
    }
}

/// The customers who went a way, and their net revenue since.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    customers: i64,
    net_revenue: i64,
}

/// The ways of one shop and scheme, by the places (from, to).
type Ways = BTreeMap<(usize, usize), Way>;

/// The rows of a shop, ascending by (scheme, from, to).
fn shop_rows(context: &Context, scales: &Scales, shop: u32, ways: &[Ways; SCHEMES.len()]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (scheme, ways) in SCHEMES.into_iter().zip(ways) {
        let mut leaving: BTreeMap<usize, i64> = BTreeMap::new();
        for ((from, _), way) in ways {
            *leaving.entry(*from).or_default() += way.customers;
        }
        let row = |((from, to), way): (&(usize, usize), &Way)| Row {
            shop,
            scheme: scheme.name(),
            from: scheme.segment(scales, *from).to_owned(),
            to: scheme.segment(scales, *to).to_owned(),
            positions: scheme.position(*from).zip(scheme.position(*to)),
            from_date: context.migration_from(),
            to_date: context.as_of,
            way: *way,
            from_customers: leaving.get(from).copied().unwrap_or(0),
        };
        let mut of_scheme: Vec<Row> = ways.iter().map(row).collect();
        of_scheme.sort_by(|one, other| (&one.from, &one.to).cmp(&(&other.from, &other.to)));
        rows.append(&mut of_scheme);
    }
    rows
}

/// Counts the ways of the customers in these rows, who are those of one shop.
fn ways(customers: &ScoredCustomers, scales: &Scales, rows: Range<usize>, limits: StageLimits) -> [Ways; SCHEMES.len()] {
    let before = scores_before(customers, rows.clone(), limits);
    let mut before = before.iter();
    let columns = &customers.columns;
    let mut ways: [Ways; SCHEMES.len()] = Default::default();
    for row in rows {
        let now = Standing { scores: customers.scores[row], net_revenue: columns.net_revenue(row), orders: i64::from(columns.orders[row]) };
        let was_there = columns.days_before[row] > 0;
        let scores = if was_there { before.next() } else { None };
        let then = scores.map(|scores| Standing {
            scores: *scores,
            net_revenue: columns.net_revenue_before[row],
            orders: i64::from(columns.orders_before[row]),
        });
        let since = now.net_revenue - columns.net_revenue_before[row];
        for (scheme, ways) in SCHEMES.into_iter().zip(&mut ways).filter(|(scheme, _)| scheme.is_there(scales)) {
            let way = ways.entry((scheme.place(scales, then.as_ref()), scheme.place(scales, Some(&now)))).or_default();
            way.customers += 1;
            way.net_revenue += since;
        }
    }
    ways
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
    use crate::job::MemberLevel;
    use crate::table::testing::{column, customer_fold, made_of, shown, signed_shops, worked};

    #[test]
    fn the_ways_of_six_customers_worked_by_hand() {
        // Both months end: from 2026-05-31 to 2026-06-30.
        let mut context = signed_shops("2026-06-30");
        let level = |name: &str, min_amount, min_orders| MemberLevel { name: name.to_owned(), min_amount: Some(min_amount), min_orders };
        context.params.member_levels = vec![level("silver", 70_00, None), level("gold", 150_00, Some(3))];
        let batch = made_of(&TABLE, &context, Gathered::default().and(&CUSTOMERS, customer_fold(&worked())));
        // On 2026-05-31 shop 7 has b (211 days idle, 1 day, 50.00), c (60, 4, 200.00), d (151, 1, 20.00) and e (137, 3, 60.00).
        // F 1 4 1 3, M 2 4 1 3: c and e are high in both, b and d in none. Of them only c is not dormant, so e must be kept. By revenue of
        // 330.00: c, then e with 61 % before it, b with 79 %, d with 94 %.
        // Purchases of then and of now: a 0 and 1, b 1 and 2, c 5, d 1, e 3. By them e was gold, and b became silver by its 70.00 of now.
        let expected = [
            "7 amount_band (none) 100-200 1 1 100.00",
            "7 amount_band 20-50 20-50 1 1 0.00",
            "7 amount_band 200-500 200-500 1 1 0.00",
            "7 amount_band 50-100 50-100 2 2 20.00",
            "7 lifecycle (none) new 1 1 100.00",
            "7 lifecycle churned reactivated 1 1 20.00",
            "7 lifecycle dormant churned 1 2 0.00",
            "7 lifecycle dormant dormant 1 2 0.00",
            "7 lifecycle quiet quiet 1 1 0.00",
            "7 member_level (none) (none) 1 3 0.00",
            "7 member_level (none) silver 2 3 120.00",
            "7 member_level gold gold 2 2 0.00",
            "7 order_count (none) 1 1 1 100.00",
            "7 order_count 1 1 1 2 0.00",
            "7 order_count 1 2 1 2 20.00",
            "7 order_count 3 3 1 1 0.00",
            "7 order_count 5-9 5-9 1 1 0.00",
            "7 rfm_segment (none) promising 1 1 100.00",
            "7 rfm_segment champion champion 1 1 0.00",
            "7 rfm_segment lost champion 1 2 20.00",
            "7 rfm_segment lost lost 1 2 0.00",
            "7 rfm_segment must_keep fading 1 1 0.00",
            "7 value_tier (none) A 1 1 100.00",
            "7 value_tier A A 2 3 20.00",
            "7 value_tier A B 1 3 0.00",
            "7 value_tier B C 1 1 0.00",
            "8 amount_band <1 <1 1 1 0.00",
            "8 lifecycle new quiet 1 1 0.00",
            "8 member_level (none) (none) 1 1 0.00",
            "8 order_count 1 1 1 1 0.00",
            "8 rfm_segment champion champion 1 1 0.00",
            "8 value_tier C C 1 1 0.00",
        ];
        let names = ["shop_id", "scheme", "from_segment", "to_segment", "customers", "from_customers", "net_revenue"];
        assert_eq!(shown(&batch, &names), expected);
        assert_eq!(shown(&batch, &["from_date", "to_date"])[0], "2026-05-31 2026-06-30");
        let shares: Vec<f64> = column(&batch, "share_of_from").iter().map(|share| share.parse().unwrap()).collect();
        assert_eq!(shares[4..9], [1.0, 1.0, 0.5, 0.5, 1.0]);
        let position = |row: &str| expected.iter().position(|other| other.starts_with(row)).unwrap();
        assert!((shares[position("7 value_tier A A")] - 2.0 / 3.0).abs() < 1e-15);
        // Of the levels a and b rose by one, and lifecycle is no scale.
        let positions = shown(&batch, &["from_position", "to_position"]);
        assert_eq!(
            [position("7 member_level (none) silver"), position("7 lifecycle (none)")].map(|row| positions[row].as_str()),
            ["0 1", " "]
        );
    }
}
