//! revenue_concentration: the share of a shop's revenue that its best customers and its best items bring.

use std::sync::OnceLock;

use crate::fold::items::{ITEMS, ItemFold};
use crate::metric::concentration::Concentration;
use crate::metric::ratio::{in_units_of, ratio};
use crate::spec::Need;
use crate::table::column::Value::{Count, Money, Share, Shop, Text};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::scores::{SCORED_CUSTOMERS, ScoredCustomers};
use crate::table::unit::{Table, Witness};

const SPECIFICATION: &str = "docs/definitions.md, Revenue concentration";

/// The shares of customers or items, in per cent.
const TOP: [usize; 5] = [1, 5, 10, 20, 50];

/// One part of the customers or the items of a shop.
pub struct Row {
    shop: u32,
    entity: &'static str,
    percent: usize,
    entities: usize,
    top_entities: usize,
    net_revenue: i64,
    top_net_revenue: i64,
    gini: Option<f64>,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "revenue_concentration",
    chinese: "成交集中度（二八）",
    question: "How much of the shop hangs on its best customers and its best items?",
    grain: "one part, the best 1, 5, 10, 20 or 50 %, of the customers or the items of a shop",
    key: &["shop_id", "entity", "top_share"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &["item_id"],
    reads: &[Read::Shared(&SCORED_CUSTOMERS), Read::Fold(&ITEMS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column(
            "entity",
            Text(|row: &Row| Some(row.entity)),
            "",
            "对象",
            "customers: all with a purchase; items: all that were in a purchase, there only where the job maps item_id.",
        )
        .source(SPECIFICATION),
        column(
            "top_share",
            Share(|row| Some(in_units_of(100.0, row.percent as f64))),
            "1",
            "头部比例",
            "The part that is looked at: 0.01, 0.05, 0.1, 0.2, 0.5.",
        ),
        column(
            "entities",
            Count(|row| i64::try_from(row.entities).ok()),
            "customers or items",
            "对象数",
            "All customers, or items, of the shop, those with a net revenue of 0 among them.",
        ),
        column(
            "top_entities",
            Count(|row: &Row| i64::try_from(row.top_entities).ok()),
            "customers or items",
            "头部对象数",
            "The best top_share of them, by net revenue, rounded up.",
        )
        .formula("top_share × entities, rounded up"),
        column(
            "net_revenue",
            Money(|row| Some(row.net_revenue)),
            "CNY",
            "净支付金额（按支付日）",
            "What all of them brought: paid for the purchases up to the as-of date, less what of it was refunded. What is known \
             to be refunded of a line lowers its item; a refund that is known by order only is laid on the lines in proportion to what is \
             left of them.",
        ),
        column("top_net_revenue", Money(|row| Some(row.top_net_revenue)), "CNY", "头部净支付金额", "What the best of them brought."),
        column(
            "revenue_share",
            Share(|row: &Row| ratio(row.top_net_revenue, row.net_revenue)),
            "1",
            "头部成交占比",
            "The part of the net revenue that the best brought.",
        )
        .formula("top_net_revenue / net_revenue")
        .null_when("the net revenue is 0"),
        column(
            "gini",
            Share(|row: &Row| row.gini),
            "1",
            "基尼系数",
            "How unequally the net revenue is spread over all of them: 0 where each brings the same, near 1 where one brings \
             everything. It is the same in all rows of a shop and entity.",
        )
        .formula("sum over all pairs of |difference of their net revenues| / (2 × entities × net_revenue), each pair counted both ways")
        .null_when("the net revenue is 0")
        .source("Gini 1912, Variabilità e mutabilità"),
    ]],
    rows: |night, out| {
        let customers = night.shared(&SCORED_CUSTOMERS)?;
        concentrations(&customers, night.fold(&ITEMS)?.as_ref()).iter().try_for_each(|one| out.all(TOP.map(|percent| one.row(percent))))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The net revenue of the customers, or of the items, of a shop.
struct OfShop {
    shop: u32,
    entity: &'static str,
    revenue: Concentration,
    gini: Option<f64>,
}

impl OfShop {
    fn new(shop: u32, entity: &'static str, revenue: Vec<i64>) -> Self {
        let revenue = Concentration::of(revenue);
        OfShop { shop, entity, gini: revenue.gini(), revenue }
    }

    fn row(&self, percent: usize) -> Row {
        let (top_entities, top_net_revenue) = self.revenue.top(percent);
        Row {
            shop: self.shop,
            entity: self.entity,
            percent,
            entities: self.revenue.count(),
            top_entities,
            net_revenue: self.revenue.sum(),
            top_net_revenue,
            gini: self.gini,
        }
    }
}

/// Customers and items of all shops, ascending by (shop, entity).
fn concentrations(customers: &ScoredCustomers, items: &ItemFold) -> Vec<OfShop> {
    let of_customers = customers.shops.iter().map(|(shop, rows)| {
        let revenue = rows.clone().map(|row| customers.columns.net_revenue(row)).collect();
        OfShop::new(*shop, "customers", revenue)
    });
    let items = items.sorted();
    let of_items = items.chunk_by(|((one, _), _), ((other, _), _)| one == other).filter_map(|own| {
        let ((shop, _), _) = own.first()?;
        Some(OfShop::new(*shop, "items", own.iter().map(|(_, revenue)| *revenue).collect()))
    });
    let mut all: Vec<OfShop> = of_customers.chain(of_items).collect();
    all.sort_by_key(|one| (one.shop, one.entity));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::customers::CUSTOMERS;
    use crate::fold::folds::Gathered;
    use crate::table::testing::{column, customer_fold, made_of, signed_shops, worked};

    #[test]
    fn six_customers_and_three_items_by_hand() {
        let context = signed_shops("2026-06-30");
        let mut items = ItemFold::default();
        for (item, revenue) in [(4, 30_00), (2, 60_00), (4, 0), (9, 10_00)] {
            items.add(1, item, revenue);
        }
        let batch = made_of(&TABLE, &context, Gathered::default().and(&CUSTOMERS, customer_fold(&worked())).and(&ITEMS, items));
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
