//! revenue_concentration: what part of a shop's revenue its best customers and its best items bring.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use super::scores::SCORED_CUSTOMERS;
use super::scores::ScoredCustomers;
use crate::error::Result;
use crate::fold::items::ITEMS;
use crate::fold::items::ItemFold;
use crate::history::Context;
use crate::metric::concentration::Concentration;
use crate::metric::ratio::ratio;
use crate::spec::{Card, Column, Kind, Need};
use crate::table::Frame;
use crate::table::night::Read;
use crate::table::unit::{FrameTable, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Revenue concentration";

/// The parts that are looked at, in per cent.
const TOP: [usize; 5] = [1, 5, 10, 20, 50];

/// The card of the table.
pub static CARD: Card = Card {
    name: Cow::Borrowed("revenue_concentration"),
    chinese: "成交集中度（二八）",
    question: Cow::Borrowed("How much of the shop hangs on its best customers and its best items?"),
    grain: "one part, the best 1, 5, 10, 20 or 50 %, of the customers or the items of a shop",
    key: &["shop_id", "entity", "top_share"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new(
            "entity",
            Kind::Text,
            "",
            "对象",
            "customers: all with a purchase; items: all that were in a purchase, there only where the job maps item_id.",
        )
        .source(SPECIFICATION),
        Column::new("top_share", Kind::Share, "1", "头部比例", "The part that is looked at: 0.01, 0.05, 0.1, 0.2, 0.5."),
        Column::new("entities", Kind::Count, "customers or items", "对象数", "All customers, or items, of the shop, those with a net revenue of 0 among them."),
        Column::new("top_entities", Kind::Count, "customers or items", "头部对象数", "The best top_share of them, by net revenue, rounded up.")
            .formula("top_share × entities, rounded up"),
        Column::new(
            "net_revenue",
            Kind::Money,
            "CNY",
            "净成交额",
            "What all of them brought: paid for the purchases up to the as-of date, less what of it was refunded. Where refunds are known by \
             order, the refund of an order is laid on its lines in proportion to what was paid for them.",
        ),
        Column::new("top_net_revenue", Kind::Money, "CNY", "头部净成交额", "What the best of them brought."),
        Column::new("revenue_share", Kind::Share, "1", "头部成交占比", "The part of the net revenue that the best brought.")
            .formula("top_net_revenue / net_revenue")
            .null_when("the net revenue is 0"),
        Column::new(
            "gini",
            Kind::Share,
            "1",
            "基尼系数",
            "How unequally the net revenue is spread over all of them: 0 where each brings the same, near 1 where one brings everything. It is \
             the same in all rows of a shop and entity.",
        )
        .formula("sum over all pairs of |difference of their net revenues| / (2 × entities × net_revenue), each pair counted both ways")
        .null_when("the net revenue is 0")
        .source("Gini 1912, Variabilità e mutabilità"),
    ]),
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["item_id"],
};

/// The table.
pub static TABLE: FrameTable = FrameTable {
    card: &CARD,
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::Fold(&ITEMS)],
    write: |night, sink| {
        let customers = night.shared(&SCORED_CUSTOMERS)?;
        sink(&CARD, table(&night.context, &customers, night.fold(&ITEMS)?.as_ref())?)
    },
    witness: Witness::Sql,
};

/// One row of the table.
struct Row<'a> {
    shop: u32,
    entity: &'a str,
    percent: usize,
    entities: usize,
    net_revenue: i64,
    gini: Option<f64>,
    /// How many the best are, and what they brought.
    top: (usize, i64),
}

/// The table over all customers and items.
///
/// # Errors
/// [`crate::error::Error::Bug`] where the columns do not fit the card.
pub fn table(context: &Context, customers: &ScoredCustomers, items: &ItemFold) -> Result<RecordBatch> {
    let of_customers = customers.shops.iter().map(|(shop, rows)| {
        let revenue = rows.clone().map(|row| customers.columns.net_revenue(row)).collect();
        (*shop, "customers", Concentration::of(revenue))
    });
    let items = items.sorted();
    let of_items = items.chunk_by(|((one, _), _), ((other, _), _)| one == other).filter_map(|own| {
        let ((shop, _), _) = own.first()?;
        Some((*shop, "items", Concentration::of(own.iter().map(|(_, revenue)| *revenue).collect())))
    });
    let mut all: Vec<(u32, &str, Concentration)> = of_customers.chain(of_items).collect();
    all.sort_by_key(|(shop, entity, _)| (*shop, *entity));
    let mut rows = Vec::new();
    for (shop, entity, concentration) in &all {
        let (entities, net_revenue, gini) = (concentration.count(), concentration.sum(), concentration.gini());
        rows.extend(TOP.map(|percent| Row { shop: *shop, entity, percent, entities, net_revenue, gini, top: concentration.top(percent) }));
    }
    let count = |number: usize| i64::try_from(number).ok();
    let each = || rows.iter();
    Frame::new(&CARD, context)
        .shops("shop_id", each().map(|row| row.shop))
        .text("entity", each().map(|row| Some(row.entity)))
        .numbers("top_share", each().map(|row| Some(row.percent as f64 / 100.0)))
        .counts("entities", each().map(|row| count(row.entities)))
        .counts("top_entities", each().map(|row| count(row.top.0)))
        .money("net_revenue", each().map(|row| Some(row.net_revenue)))
        .money("top_net_revenue", each().map(|row| Some(row.top.1)))
        .numbers("revenue_share", each().map(|row| ratio(row.top.1, row.net_revenue)))
        .numbers("gini", each().map(|row| row.gini))
        .finish()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::spec::IdType;
    use crate::table::customer_cases::{column, context, day, fold, worked};
    use crate::table::repurchase::lifecycle_limits::LifecycleLimits;

    #[test]
    fn six_customers_and_three_items_by_hand() {
        let context = context(day("2026-06-30"), IdType::text());
        let customers = ScoredCustomers::of(&Arc::new(context.clone()), fold(&worked()), &LifecycleLimits::of_job(&context)).unwrap();
        let mut items = ItemFold::default();
        for (item, revenue) in [(4, 30_00), (2, 60_00), (4, 0), (9, 10_00)] {
            items.add(1, item, revenue);
        }
        let batch = table(&context, &customers, &items).unwrap();
        // Shop 7: 200.00, 100.00, 70.00, 60.00, 20.00. Of five 1, 5, 10 and 20 % are one, 50 % are three. Shop 8: one with 0.00.
        assert_eq!(column(&batch, "entity"), [["customers"; 5], ["items"; 5], ["customers"; 5]].concat());
        assert_eq!(column(&batch, "entities"), [["5"; 5], ["3"; 5], ["1"; 5]].concat());
        assert_eq!(column(&batch, "top_entities"), ["1", "1", "1", "1", "3", "1", "1", "1", "1", "2", "1", "1", "1", "1", "1"]);
        assert_eq!(column(&batch, "top_net_revenue")[3..5], ["200.00", "370.00"]);
        assert_eq!(column(&batch, "top_net_revenue")[8..10], ["60.00", "90.00"]);
        assert_eq!(column(&batch, "net_revenue")[4..6], ["450.00", "100.00"]);
        assert_eq!(column(&batch, "revenue_share")[5..10], ["0.6", "0.6", "0.6", "0.6", "0.9"]);
        // Differences of the items' 60, 30, 10: 30 + 50 + 20, both ways 200, over 2 × 3 × 100.
        assert!((column(&batch, "gini")[5].parse::<f64>().unwrap() - 200.0 / 600.0).abs() < 1e-15);
        assert_eq!((column(&batch, "gini")[14].as_str(), column(&batch, "revenue_share")[14].as_str()), ("", ""));
    }
}
