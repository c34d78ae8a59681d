//! segment_value: what each segment of a shop's customers is worth, by lifecycle stage, RFM, value tier, channel, province.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::scores::SCORED_CUSTOMERS;
use super::scores::ScoredCustomers;
use crate::error::Result;
use crate::history::Dictionary;
use crate::metric::lifecycle::Stage;
use crate::metric::ratio::{money_per, ratio};
use crate::metric::repurchase_rate::SegmentCounts;
use crate::metric::rfm::Segment;
use crate::metric::value_tier::Tier;
use crate::spec::{Card, Column, Kind, NONE, Need};
use crate::table::Frame;
use crate::table::forecast::FORECASTS;
use crate::table::forecast::columns::ForecastSums;
use crate::table::forecast::{Forecasts, columns};
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Segments";

/// The card of the table.
pub static CARD: Card = Card {
    name: Cow::Borrowed("segment_value"),
    chinese: "客群价值表",
    question: Cow::Borrowed("How many customers has each segment of a shop, what share of its revenue do they bring, and do they come back?"),
    grain: "one segment with customers, of one scheme of segments, of one shop; figures are over the customers' purchases up to the as-of date",
    key: &["shop_id", "scheme", "segment"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new(
            "scheme",
            Kind::Text,
            "",
            "分群方式",
            "How the shop's customers are divided: first_channel, lifecycle, province, rfm_segment or value_tier, each the column of that name in customers. \
             Every scheme holds every customer once. first_channel and province are there only where the job maps the column.",
        ),
        Column::new("segment", Kind::Text, "", "客群", "The value of that column; (none) where it is null. A segment without customers has no row."),
        Column::new("customers", Kind::Count, "customers", "客户数", "Customers of the shop in the segment."),
        Column::new("shop_customers", Kind::Count, "customers", "店铺客户数", "Customers of the shop in all segments of the scheme together."),
        Column::new("customer_share", Kind::Share, "1", "客户占比", "The segment's part of the shop's customers; over a scheme it adds up to 1.")
            .formula("customers / shop_customers"),
        Column::new("orders", Kind::Count, "orders", "成交订单数", "Purchases of these customers: orders paid and not refunded in full."),
        Column::new("paid_amount", Kind::Money, "CNY", "成交金额", "What was paid for these orders, partial refunds not deducted."),
        Column::new("net_revenue", Kind::Money, "CNY", "净成交额", "What was paid for these orders less what of it was refunded by the as-of date."),
        Column::new("shop_net_revenue", Kind::Money, "CNY", "店铺净成交额", "The net revenue of all segments of the scheme together."),
        Column::new(
            "revenue_share",
            Kind::Number,
            "1",
            "成交占比",
            "The segment's part of the shop's net revenue; over a scheme it adds up to 1. It can leave 0..1 where refunds exceed what some customers paid.",
        )
        .formula("net_revenue / shop_net_revenue")
        .null_when("the shop's net revenue is 0"),
        Column::new("order_value", Kind::Ratio, "CNY per order", "笔单价", "What one order of these customers brings on average, before refunds.")
            .formula("paid_amount / orders"),
        Column::new("revenue_per_customer", Kind::Number, "CNY per customer", "人均净成交额", "Net revenue that one customer of the segment has brought so far, on average.")
            .formula("net_revenue / customers"),
        Column::new("recency_days", Kind::Count, "days", "距今天数合计", "The customers' days since their last purchase, added up."),
        Column::new("mean_recency_days", Kind::Ratio, "days", "平均距今天数", "Mean days from the last purchase day to the as-of date.")
            .formula("recency_days / customers"),
        Column::new("interval_days", Kind::Count, "days", "回购间隔天数合计", "Days from the first to the last purchase day, added up over the customers: the sum of all their intervals."),
        Column::new("intervals", Kind::Count, "intervals", "回购间隔数", "Intervals between consecutive purchase days of these customers.")
            .formula("sum of (purchase_days − 1)"),
        Column::new(
            "mean_interval_days",
            Kind::Ratio,
            "days",
            "平均回购周期",
            "Mean of all intervals of the segment's customers together, so that who buys often weighs more. Intervals that have not ended are not in it, \
             which makes it short; repurchase_survival tells the unbiased story.",
        )
        .formula("interval_days / intervals")
        .null_when("no customer of the segment has a second purchase day")
        .source(SPECIFICATION),
        Column::new("repeat_customers", Kind::Count, "customers", "复购客户数", "Customers of the segment with at least two purchase days."),
        Column::new("repurchase_rate", Kind::Share, "1", "复购率", "The share of the segment's customers who have bought on at least two days. The repurchase_rate of repurchase_intervals is another figure: the share that came back after the nth purchase day.")
            .formula("repeat_customers / customers")
            .source(SPECIFICATION),
        columns::FORECAST_CUSTOMERS,
        columns::EXPECTED_ALIVE,
        columns::MEAN_P_ALIVE,
        columns::SEGMENT_PURCHASES,
        columns::SEGMENT_VALUE,
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["channel", "province"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::IfRequested(&FORECASTS)],
    write: |night, sink| {
        let (customers, forecasts) = (night.shared(&SCORED_CUSTOMERS)?, night.if_requested(&FORECASTS)?);
        sink(&CARD, table(&customers, forecasts.as_deref())?)
    },
    witness: Witness::Sql,
};

/// The additive figures of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sums {
    customers: i64,
    orders: i64,
    paid_amount: i64,
    net_revenue: i64,
    recency_days: i64,
    interval_days: i64,
    intervals: i64,
    repeat_customers: i64,
    forecast: ForecastSums,
}

impl Sums {
    #[inline]
    fn add(&mut self, other: &Sums) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.paid_amount += other.paid_amount;
        self.net_revenue += other.net_revenue;
        self.recency_days += other.recency_days;
        self.interval_days += other.interval_days;
        self.intervals += other.intervals;
        self.repeat_customers += other.repeat_customers;
        self.forecast.add(&other.forecast);
    }
}

/// The figures of one shop, or of some of its customers, by the number of the segment within its scheme.
#[derive(Debug, Default)]
struct ShopSums {
    channels: Vec<Sums>,
    stages: [Sums; 6],
    provinces: Vec<Sums>,
    segments: [Sums; 8],
    tiers: [Sums; 3],
}

impl ShopSums {
    fn of(customers: &ScoredCustomers, forecasts: Option<&Forecasts>, rows: std::ops::Range<usize>) -> ShopSums {
        let ScoredCustomers { context, columns, .. } = customers;
        let codes = |wanted: bool, dictionary: &Dictionary| if wanted { vec![Sums::default(); dictionary.codes()] } else { Vec::new() };
        let mut sums = ShopSums {
            channels: codes(context.features.channel, &context.channels),
            provinces: codes(context.features.province, &context.provinces),
            ..ShopSums::default()
        };
        for (row, mark) in rows.clone().zip(&customers.marks[rows]) {
            let intervals = i64::from(columns.purchase_days[row]) - 1;
            let own = Sums {
                customers: 1,
                orders: i64::from(columns.orders[row]),
                paid_amount: columns.paid_amount[row],
                net_revenue: columns.net_revenue(row),
                recency_days: customers.recency(row),
                interval_days: columns.interval_days(row),
                intervals,
                repeat_customers: i64::from(intervals > 0),
                forecast: ForecastSums::of(forecasts.and_then(|forecasts| forecasts.customer(columns, row)).as_ref()),
            };
            sums.stages[mark.stage as usize].add(&own);
            sums.segments[mark.segment as usize].add(&own);
            sums.tiers[mark.tier as usize].add(&own);
            if let Some(channel) = sums.channels.get_mut(columns.first_channel[row] as usize) {
                channel.add(&own);
            }
            if let Some(province) = sums.provinces.get_mut(columns.province[row] as usize) {
                province.add(&own);
            }
        }
        sums
    }

    fn plus(mut self, other: ShopSums) -> ShopSums {
        let add = |one: &mut [Sums], other: &[Sums]| one.iter_mut().zip(other).for_each(|(one, other)| one.add(other));
        add(&mut self.channels, &other.channels);
        add(&mut self.stages, &other.stages);
        add(&mut self.provinces, &other.provinces);
        add(&mut self.segments, &other.segments);
        add(&mut self.tiers, &other.tiers);
        self
    }
}

/// One row of the table.
struct Row<'a> {
    shop: u32,
    scheme: &'static str,
    segment: &'a str,
    sums: Sums,
    shop_sums: Sums,
}

/// The table over all customers.
///
/// # Errors
/// [`crate::error::Error::Bug`] where the columns do not fit the card.
pub fn table(customers: &ScoredCustomers, forecasts: Option<&Forecasts>) -> Result<RecordBatch> {
    // Whole numbers add up to the same in any grouping, so a large shop may be cut for the threads.
    const CHUNK: usize = 1 << 17;
    let mut rows = Vec::new();
    for (shop, range) in &customers.shops {
        let chunks = range.len().div_ceil(CHUNK);
        let sums = (0..chunks)
            .into_par_iter()
            .map(|chunk| ShopSums::of(customers, forecasts, range.start + chunk * CHUNK..range.end.min(range.start + (chunk + 1) * CHUNK)))
            .reduce_with(ShopSums::plus)
            .unwrap_or_default();
        shop_rows(customers, *shop, &sums, &mut rows);
    }
    frame(customers, &rows)
}

/// The rows of a shop, ascending by (scheme, segment).
fn shop_rows<'a>(customers: &'a ScoredCustomers, shop: u32, sums: &ShopSums, rows: &mut Vec<Row<'a>>) {
    let context = customers.context.as_ref();
    let mut shop_sums = Sums::default();
    sums.tiers.iter().for_each(|tier| shop_sums.add(tier));
    let mut scheme = |scheme: &'static str, segments: Vec<(&'a str, Sums)>| {
        for (segment, sums) in segments.into_iter().filter(|(_, sums)| sums.customers > 0) {
            rows.push(Row { shop, scheme, segment, sums, shop_sums });
        }
    };
    scheme("first_channel", by_value(&context.channels, &sums.channels));
    scheme("lifecycle", by_name(Stage::ALL.map(Stage::name), &sums.stages));
    scheme("province", by_value(&context.provinces, &sums.provinces));
    scheme("rfm_segment", by_name(Segment::ALL.map(Segment::name), &sums.segments));
    scheme("value_tier", by_name(Tier::ALL.map(Tier::name), &sums.tiers));
}

fn by_name<'a, const N: usize>(names: [&'static str; N], sums: &[Sums; N]) -> Vec<(&'a str, Sums)> {
    names.into_iter().zip(sums.iter().copied()).collect()
}

/// Figures by the value of a code, ascending; who has no value stands with those whose value is literally `(none)`.
fn by_value<'a>(dictionary: &'a Dictionary, sums: &[Sums]) -> Vec<(&'a str, Sums)> {
    let mut named: Vec<(&'a str, Sums)> = (0..).zip(sums).map(|(code, sums)| (dictionary.value(code).unwrap_or(NONE), *sums)).collect();
    named.sort_by(|one, other| one.0.cmp(other.0));
    named.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1.add(&later.1);
        }
        is_same
    });
    named
}

fn frame(customers: &ScoredCustomers, rows: &[Row<'_>]) -> Result<RecordBatch> {
    let each = || rows.iter();
    let sums = || rows.iter().map(|row| &row.sums);
    let mut frame = Frame::new(&CARD, &customers.context);
    frame
        .shops("shop_id", each().map(|row| row.shop))
        .text("scheme", each().map(|row| Some(row.scheme)))
        .text("segment", each().map(|row| Some(row.segment)))
        .counts("customers", sums().map(|sums| Some(sums.customers)))
        .counts("shop_customers", each().map(|row| Some(row.shop_sums.customers)))
        .numbers("customer_share", each().map(|row| ratio(row.sums.customers, row.shop_sums.customers)))
        .counts("orders", sums().map(|sums| Some(sums.orders)))
        .money("paid_amount", sums().map(|sums| Some(sums.paid_amount)))
        .money("net_revenue", sums().map(|sums| Some(sums.net_revenue)))
        .money("shop_net_revenue", each().map(|row| Some(row.shop_sums.net_revenue)))
        .numbers("revenue_share", each().map(|row| ratio(row.sums.net_revenue, row.shop_sums.net_revenue)))
        .numbers("order_value", sums().map(|sums| money_per(sums.paid_amount, sums.orders)))
        .numbers("revenue_per_customer", sums().map(|sums| money_per(sums.net_revenue, sums.customers)))
        .counts("recency_days", sums().map(|sums| Some(sums.recency_days)))
        .numbers("mean_recency_days", sums().map(|sums| ratio(sums.recency_days, sums.customers)))
        .counts("interval_days", sums().map(|sums| Some(sums.interval_days)))
        .counts("intervals", sums().map(|sums| Some(sums.intervals)))
        .numbers("mean_interval_days", sums().map(|sums| ratio(sums.interval_days, sums.intervals)))
        .counts("repeat_customers", sums().map(|sums| Some(sums.repeat_customers)))
        .numbers(
            "repurchase_rate",
            sums().map(|sums| SegmentCounts { customers: sums.customers, repeat_customers: sums.repeat_customers }.repeat_customer_share()),
        );
    let forecasts: Vec<ForecastSums> = sums().map(|sums| sums.forecast).collect();
    columns::push_sums(&mut frame, &forecasts);
    frame.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Features;
    use crate::spec::IdType;
    use crate::table::customer_cases::{Buyer, column, context, day, finish, fold, worked};
    use proptest::prelude::*;

    fn segments(buyers: &[Buyer], context: &crate::history::Context) -> RecordBatch {
        finish(fold(buyers), context).unwrap().swap_remove(1).1
    }

    /// Rows as `shop scheme segment` and the columns named.
    fn shown(batch: &RecordBatch, names: &[&str]) -> Vec<String> {
        let columns: Vec<Vec<String>> = CARD.key.iter().chain(names).map(|name| column(batch, name)).collect();
        (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn the_segments_of_six_customers_worked_by_hand() {
        let batch = segments(&worked(), &context(day("2026-06-30"), IdType::text()));
        let expected = [
            "7 first_channel (none) 1 2 70.00",
            "7 first_channel activity 1 1 20.00",
            "7 first_channel natural 3 9 360.00",
            "7 lifecycle churned 1 1 20.00",
            "7 lifecycle dormant 1 3 60.00",
            "7 lifecycle new 1 1 100.00",
            "7 lifecycle quiet 1 5 200.00",
            "7 lifecycle reactivated 1 2 70.00",
            "7 province (none) 1 5 200.00",
            "7 province 上海 2 2 120.00",
            "7 province 广东省 2 5 130.00",
            "7 rfm_segment champion 2 7 270.00",
            "7 rfm_segment fading 1 3 60.00",
            "7 rfm_segment lost 1 1 20.00",
            "7 rfm_segment promising 1 1 100.00",
            "7 value_tier A 3 8 370.00",
            "7 value_tier B 1 3 60.00",
            "7 value_tier C 1 1 20.00",
            "8 first_channel (none) 1 1 0.00",
            "8 lifecycle quiet 1 1 0.00",
            "8 province (none) 1 1 0.00",
            "8 rfm_segment champion 1 1 0.00",
            "8 value_tier C 1 1 0.00",
        ];
        assert_eq!(shown(&batch, &["customers", "orders", "net_revenue"]), expected);
        let row = |segment: &str, name: &str| {
            let position = expected.iter().position(|row| row.starts_with(segment)).unwrap();
            column(&batch, name).swap_remove(position)
        };
        // Tier A of shop 7: a, b and c.
        for (name, value) in [
            ("shop_customers", "5"),
            ("customer_share", "0.6"),
            ("paid_amount", "380.00"),
            ("shop_net_revenue", "450.00"),
            ("order_value", "47.5"),
            ("recency_days", "110"),
            ("interval_days", "311"),
            ("intervals", "4"),
            ("mean_interval_days", "77.75"),
            ("repeat_customers", "2"),
        ] {
            assert_eq!(row("7 value_tier A", name), value, "{name}");
        }
        for (name, value) in [
            ("revenue_share", 370.0 / 450.0),
            ("revenue_per_customer", 370.0 / 3.0),
            ("mean_recency_days", 110.0 / 3.0),
            ("repurchase_rate", 2.0 / 3.0),
        ] {
            assert!((row("7 value_tier A", name).parse::<f64>().unwrap() - value).abs() < 1e-12, "{name}");
        }
        assert_eq!(row("7 lifecycle new", "mean_interval_days"), "", "no interval, no mean");
        assert_eq!(row("8 value_tier C", "revenue_share"), "", "the shop has no revenue to share");
    }

    #[test]
    fn a_dimension_that_is_not_mapped_has_no_rows() {
        let context = context(day("2026-06-30"), IdType::text());
        let context = crate::history::Context { features: Features { channel: false, province: false, ..context.features }, ..context };
        let schemes = column(&segments(&worked(), &context), "scheme");
        assert!(schemes.iter().all(|scheme| ["lifecycle", "rfm_segment", "value_tier"].contains(&scheme.as_str())), "{schemes:?}");
    }

    #[test]
    fn a_value_that_is_written_like_a_missing_one_shares_its_row() {
        let dictionary = Dictionary::new(vec!["!".to_owned(), "(none)".to_owned(), "x".to_owned()]);
        let sums = [3, 1, 4, 2].map(|customers| Sums { customers, ..Sums::default() });
        let named: Vec<(&str, i64)> = by_value(&dictionary, &sums).into_iter().map(|(name, sums)| (name, sums.customers)).collect();
        assert_eq!(named, [("!", 1), ("(none)", 7), ("x", 2)]);
    }

    proptest! {
        #[test]
        fn every_scheme_holds_every_customer_once(kept in prop::collection::vec(any::<bool>(), 8), days in 0i32..400) {
            let buyers: Vec<Buyer> = worked().into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(buyer, _)| buyer).collect();
            let batch = segments(&buyers, &context(day("2026-06-30") + days, IdType::text()));
            let keys: Vec<String> = column(&batch, "shop_id").into_iter().zip(column(&batch, "scheme")).map(|(shop, scheme)| shop + " " + &scheme).collect();
            for (part, whole) in [("customers", "shop_customers"), ("net_revenue", "shop_net_revenue")] {
                let number = |name: &str| column(&batch, name).iter().map(|value| value.replace('.', "").parse().unwrap()).collect::<Vec<i64>>();
                let (parts, wholes) = (number(part), number(whole));
                for key in &keys {
                    let rows = || (0..keys.len()).filter(|row| keys[*row] == *key);
                    let sum: i64 = rows().map(|row| parts[row]).sum();
                    prop_assert!(rows().all(|row| wholes[row] == sum), "{} of {}", part, key);
                }
            }
        }
    }
}
