//! segment_value: the value of each segment of a shop's customers, by lifecycle stage, RFM, value tier, channel, province.

use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::segment_sums::{ShopSums, Sums};
use crate::history::{Context, Dictionary};
use crate::metric::lifecycle::Stage;
use crate::metric::ratio::{money_per, ratio};
use crate::metric::rfm::Segment;
use crate::metric::value_tier::Tier;
use crate::spec::{NONE, Need};
use crate::table::column::Value::{Count, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{column, same};
use crate::table::forecast::{FORECASTS, Forecasts, columns};
use crate::table::night::Read;
use crate::table::scores::{SCORED_CUSTOMERS, ScoredCustomers};
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Segments";

/// One segment of a shop.
pub struct Row {
    shop: u32,
    scheme: &'static str,
    segment: String,
    sums: Sums,
    shop_sums: Sums,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "segment_value",
    chinese: "客群价值表",
    question: "How many customers has each segment of a shop, what share of its revenue do they bring, and do they come back?",
    grain: "one segment with customers, of one scheme of segments, of one shop; figures are over the customers' purchases up to the as-of \
         date",
    key: &["shop_id", "scheme", "segment"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["channel", "province"],
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::IfRequested(&FORECASTS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column(
            "scheme",
            Text(|row| Some(row.scheme)),
            "",
            "分群方式",
            "How the shop's customers are divided: first_channel, lifecycle, province, rfm_segment or value_tier, each the column of \
             that name in customers. Every scheme holds every customer once. first_channel and province are there only where the job \
             maps the column.",
        ),
        column(
            "segment",
            Text(|row| Some(row.segment.as_str())),
            "",
            "客群",
            "The value of that column; (none) where it is null. A segment without customers has no row.",
        ),
        column("customers", Count(|row| Some(row.sums.customers)), "customers", "客户数", "Customers of the shop in the segment."),
        column(
            "shop_customers",
            Count(|row| Some(row.shop_sums.customers)),
            "customers",
            "店铺客户数",
            "Customers of the shop in all segments of the scheme together.",
        ),
        column(
            "customer_share",
            Share(|row: &Row| ratio(row.sums.customers, row.shop_sums.customers)),
            "1",
            "客户占比",
            "The segment's part of the shop's customers; over a scheme it adds up to 1.",
        )
        .formula("customers / shop_customers"),
        column(
            "orders",
            Count(|row| Some(row.sums.orders)),
            "orders",
            "成交订单数",
            "Purchases of these customers: orders paid and not refunded in full.",
        ),
        column(
            "paid_amount",
            Money(|row| Some(row.sums.paid_amount)),
            "CNY",
            "成交金额",
            "What was paid for these orders, partial refunds not deducted.",
        ),
        column(
            "net_revenue",
            Money(|row| Some(row.sums.net_revenue)),
            "CNY",
            "净成交额",
            "What was paid for these orders less what of it was refunded by the as-of date.",
        ),
        column(
            "shop_net_revenue",
            Money(|row| Some(row.shop_sums.net_revenue)),
            "CNY",
            "店铺净成交额",
            "The net revenue of all segments of the scheme together.",
        ),
        column(
            "revenue_share",
            Number(|row: &Row| ratio(row.sums.net_revenue, row.shop_sums.net_revenue)),
            "1",
            "成交占比",
            "The segment's part of the shop's net revenue; over a scheme it adds up to 1. It can leave 0..1 where refunds exceed what \
             some customers paid.",
        )
        .formula("net_revenue / shop_net_revenue")
        .null_when("the shop's net revenue is 0"),
        column(
            "order_value",
            Ratio(|row: &Row| money_per(row.sums.paid_amount, row.sums.orders)),
            "CNY per order",
            "笔单价",
            "What one order of these customers brings on average, before refunds.",
        )
        .formula("paid_amount / orders"),
        column(
            "revenue_per_customer",
            Number(|row: &Row| money_per(row.sums.net_revenue, row.sums.customers)),
            "CNY per customer",
            "人均净成交额",
            "Net revenue that one customer of the segment has brought so far, on average.",
        )
        .formula("net_revenue / customers"),
        column(
            "recency_days",
            Count(|row| Some(row.sums.recency_days)),
            "days",
            "距今天数合计",
            "The customers' days since their last purchase, added up.",
        ),
        column(
            "mean_recency_days",
            Ratio(|row: &Row| ratio(row.sums.recency_days, row.sums.customers)),
            "days",
            "平均距今天数",
            "Mean days from the last purchase day to the as-of date.",
        )
        .formula("recency_days / customers"),
        column(
            "interval_days",
            Count(|row| Some(row.sums.interval_days)),
            "days",
            "回购间隔天数合计",
            "Days from the first to the last purchase day, added up over the customers: the sum of all their intervals.",
        ),
        column(
            "intervals",
            Count(|row: &Row| Some(row.sums.intervals)),
            "intervals",
            "回购间隔数",
            "Intervals between consecutive purchase days of these customers.",
        )
        .formula("sum of (purchase_days − 1)"),
        column(
            "mean_interval_days",
            Ratio(|row: &Row| ratio(row.sums.interval_days, row.sums.intervals)),
            "days",
            "平均回购周期",
            "Mean of all intervals of the segment's customers together, so that who buys often weighs more. Intervals that have not \
             ended are not in it, which makes it short; repurchase_survival has the unbiased figures.",
        )
        .formula("interval_days / intervals")
        .null_when("no customer of the segment has a second purchase day")
        .source(SPECIFICATION),
        column(
            "repeat_customers",
            Count(|row| Some(row.sums.repeat_customers)),
            "customers",
            "复购客户数",
            "Customers of the segment with at least two purchase days.",
        ),
        column(
            "repurchase_rate",
            Share(|row: &Row| row.sums.repurchase().repeat_customer_share()),
            "1",
            "复购率",
            "The share of the segment's customers who have bought on at least two days. The repurchase_rate of repurchase_intervals is \
             another figure: the share that came back after the nth purchase day.",
        )
        .formula("repeat_customers / customers")
        .source(SPECIFICATION),
        same(columns::FORECAST_CUSTOMERS, Count(|row| Some(row.sums.forecast.customers()))),
        same(columns::EXPECTED_ALIVE, Ratio(|row| row.sums.forecast.alive())),
        same(columns::MEAN_P_ALIVE, Share(|row| row.sums.forecast.mean_alive())),
        same(columns::SEGMENT_PURCHASES, Ratio(|row| row.sums.forecast.purchases())),
        same(columns::SEGMENT_VALUE, Money(|row| row.sums.forecast.value())),
    ]],
    rows: |night, out| {
        let (customers, forecasts) = (night.shared(&SCORED_CUSTOMERS)?, night.if_requested(&FORECASTS)?);
        for (shop, rows) in &customers.shops {
            out.all(shop_rows(&night.context, *shop, &shop_sums(&customers, forecasts.as_deref(), rows)))?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The sums over the customers in these rows, who are those of one shop.
fn shop_sums(customers: &ScoredCustomers, forecasts: Option<&Forecasts>, range: &Range<usize>) -> ShopSums {
    // Whole numbers have the same sum in any grouping, so the threads may share a large shop.
    const CHUNK: usize = 1 << 17;
    let chunk = |chunk: usize| range.start + chunk * CHUNK..range.end.min(range.start + (chunk + 1) * CHUNK);
    let chunks = (0..range.len().div_ceil(CHUNK)).into_par_iter();
    chunks.map(|number| ShopSums::of(customers, forecasts, chunk(number))).reduce_with(ShopSums::plus).unwrap_or_default()
}

/// The rows of a shop, ascending by (scheme, segment).
fn shop_rows(context: &Context, shop: u32, sums: &ShopSums) -> Vec<Row> {
    let mut shop_sums = Sums::default();
    sums.tiers.iter().for_each(|tier| shop_sums.add(tier));
    let schemes = [
        ("first_channel", by_value(&context.channels, &sums.channels)),
        ("lifecycle", by_name(Stage::ALL.map(Stage::name), &sums.stages)),
        ("province", by_value(&context.provinces, &sums.provinces)),
        ("rfm_segment", by_name(Segment::ALL.map(Segment::name), &sums.segments)),
        ("value_tier", by_name(Tier::ALL.map(Tier::name), &sums.tiers)),
    ];
    let row = |scheme, (segment, sums): (&str, Sums)| Row { shop, scheme, segment: segment.to_owned(), sums, shop_sums };
    let of_scheme = |(scheme, segments): (&'static str, Vec<(_, Sums)>)| {
        segments.into_iter().filter(|(_, sums)| sums.customers > 0).map(move |segment| row(scheme, segment))
    };
    schemes.into_iter().flat_map(of_scheme).collect()
}

fn by_name<const N: usize>(names: [&'static str; N], sums: &[Sums; N]) -> Vec<(&'static str, Sums)> {
    names.into_iter().zip(sums.iter().copied()).collect()
}

/// Figures by the value of a code, ascending. Customers without a value are counted with those whose value is literally `(none)`.
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

#[cfg(test)]
mod tests {
    use arrow::record_batch::RecordBatch;
    use proptest::prelude::*;

    use super::*;
    use crate::fold::customers::CUSTOMERS;
    use crate::fold::folds::Gathered;
    use crate::history::Features;
    use crate::table::testing::{Customer, column, customer_fold, day, made_of, shown, signed_shops, worked};

    fn segments(buyers: &[Customer], context: &Context) -> RecordBatch {
        made_of(&TABLE, context, Gathered::default().and(&CUSTOMERS, customer_fold(buyers)))
    }

    #[test]
    fn the_segments_of_six_customers_worked_by_hand() {
        let batch = segments(&worked(), &signed_shops("2026-06-30"));
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
        assert_eq!(shown(&batch, &["shop_id", "scheme", "segment", "customers", "orders", "net_revenue"]), expected);
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
        let context = signed_shops("2026-06-30");
        let context = Context { features: Features { channel: false, province: false, ..context.features }, ..context };
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
            let buyers: Vec<Customer> = worked().into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(buyer, _)| buyer).collect();
            let batch = segments(&buyers, &signed_shops(day("2026-06-30") + days));
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
