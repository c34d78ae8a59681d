//! item_days: the items that carry a shop, day by day: who looked at them, who bought them, and for how much.

use std::sync::{Arc, OnceLock};

use super::ranked::RANKED_ITEMS;
use super::titles::TITLE;
use super::visits::{ITEM_DAY_SALES, ITEM_VISITS};
use crate::error::Result;
use crate::fold::item::days::ItemDaySales;
use crate::history::Features;
use crate::input::records::item_traffic::{ItemDay, ItemFigure};
use crate::metric::ratio::ratio_known;
use crate::metric::value_tier::Tier;
use crate::spec::{Day, Need};
use crate::table::column::Value::{Count, Date, Item, Money, Ratio, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::{Night, Read};
use crate::table::rows::RowWriter;
use crate::table::unit::{Table, Witness};

const NO_FIGURE: &str = "item_traffic has no such value of the item and day";

/// A day of an item.
pub struct Row {
    shop: u32,
    item: u32,
    title: Option<Arc<str>>,
    day: Day,
    sales: Option<ItemDaySales>,
    traffic: Option<ItemDay>,
    features: Features,
}

impl Row {
    fn figure(&self, figure: ItemFigure) -> Option<i64> {
        self.traffic.and_then(|day| day.figure(figure))
    }

    fn sum(&self, of: impl FnOnce(&ItemDaySales) -> i64) -> i64 {
        self.sales.as_ref().map_or(0, of)
    }

    fn buyers(&self) -> Option<i64> {
        self.features.customers.then(|| self.sum(|sales| sales.buyers.into()))
    }

    fn per_visitor(&self, count: Option<i64>) -> Option<f64> {
        ratio_known(count, self.figure(ItemFigure::Visitors))
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "item_days",
    chinese: "重点商品日报",
    question: "How do the items that carry the shop do day by day: who looks at them, who puts them into the cart, who buys?",
    grain: "one day of the last 90 of an item of tier A on which it was paid for or has a row of item_traffic",
    key: &["shop_id", "item_id", "date"],
    needs: &[Need { input: "orders", column: "item_id" }, Need { input: "item_traffic", column: "" }],
    uses: &["item_id", "item_title"],
    reads: &[Read::Shared(&RANKED_ITEMS), Read::Shared(&ITEM_DAY_SALES), Read::Shared(&ITEM_VISITS)],
    columns: &[&SALES, &VISITORS],
    rows: write,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// What was paid.
const SALES: [ValueColumn<Row>; 8] = [
    column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
    column("item_id", Item(|row| row.item), "", "商品", "The item (宝贝), one of tier A in the table items."),
    column("date", Date(|row| row.day), "date", "日期", "The day."),
    same(TITLE, Text(|row| row.title.as_deref())),
    column(
        "orders",
        Count(|row: &Row| Some(row.sum(|sales| sales.orders.into()))),
        "orders",
        "支付订单数",
        "Orders with a line of the item that were paid on the day. A later refund does not undo them.",
    ),
    column("buyers", Count(|row: &Row| row.buyers()), "customers", "支付买家数", "Distinct customers who paid for the item on the day.")
        .null_when("the job maps no customer_id"),
    column(
        "quantity",
        Count(|row: &Row| row.features.quantity.then(|| row.sum(|sales| sales.quantity))),
        "items",
        "支付件数",
        "Pieces in these lines.",
    )
    .null_when("the job maps no quantity"),
    column(
        "paid_amount",
        Money(|row: &Row| Some(row.sum(|sales| sales.paid_amount))),
        "CNY",
        "支付金额",
        "What was paid for these lines. Refunds are not deducted.",
    ),
];

/// Who looked.
const VISITORS: [ValueColumn<Row>; 7] = [
    column("ipv", Count(|row: &Row| row.figure(ItemFigure::Views)), "page views", "商品浏览量", "Views of the item's page.")
        .null_when(NO_FIGURE),
    column(
        "ipv_uv",
        Count(|row: &Row| row.figure(ItemFigure::Visitors)),
        "visitors",
        "商品访客数",
        "Distinct visitors of the item's page. They add up neither over items nor over days.",
    )
    .null_when(NO_FIGURE),
    column(
        "item_conversion",
        Ratio(|row: &Row| row.per_visitor(row.buyers())),
        "1",
        "宝贝成交转化率",
        "Buyers for each visitor of the day. It can exceed 1 where people pay without opening the page.",
    )
    .formula("buyers / ipv_uv")
    .null_when("ipv_uv is null or 0, or buyers is null"),
    column(
        "cart_adds",
        Count(|row: &Row| row.figure(ItemFigure::CartAdds)),
        "items",
        "加购件数",
        "How often the item was added to a cart.",
    )
    .null_when(NO_FIGURE),
    column(
        "cart_rate",
        Ratio(|row: &Row| row.per_visitor(row.figure(ItemFigure::CartAdds))),
        "1",
        "加购率",
        "How often it was added to a cart for each of its visitors.",
    )
    .formula("cart_adds / ipv_uv")
    .null_when("ipv_uv is null or 0, or cart_adds is null"),
    column(
        "favorites",
        Count(|row: &Row| row.figure(ItemFigure::Favorites)),
        "items",
        "收藏次数",
        "How often the item was added to favourites.",
    )
    .null_when(NO_FIGURE),
    column(
        "favorite_rate",
        Ratio(|row: &Row| row.per_visitor(row.figure(ItemFigure::Favorites))),
        "1",
        "收藏率",
        "How often it was added to favourites for each of its visitors.",
    )
    .formula("favorites / ipv_uv")
    .null_when("ipv_uv is null or 0, or favorites is null"),
];

fn write(night: &Night, out: &mut RowWriter<'_, Row>) -> Result<()> {
    let features = night.context.features;
    // The traffic of items is kept where this is read.
    let _visits = night.shared(&ITEM_VISITS)?;
    let sales = night.shared(&ITEM_DAY_SALES)?;
    let traffic = night.facts.item_traffic.as_ref().map_or(&[][..], |traffic| &traffic.days);
    night.shared(&RANKED_ITEMS)?.each(|ranked| {
        if ranked.tier != Tier::A {
            return Ok(());
        }
        let (shop, item) = (ranked.item.shop, ranked.item.item);
        let title: Option<Arc<str>> = night.context.item_titles.of(shop, item).map(Arc::from);
        let own_sales = of_item(&sales, (shop, item), |sales| (sales.shop, sales.item));
        let own_traffic = of_item(traffic, (shop, item), |day| (day.shop, day.item));
        let (mut own_sales, mut own_traffic) = (own_sales.iter().peekable(), own_traffic.iter().peekable());
        while let Some(day) = [own_sales.peek().map(|sales| sales.day), own_traffic.peek().map(|day| day.day)].into_iter().flatten().min() {
            let sales = own_sales.next_if(|sales| sales.day == day).copied();
            let traffic = own_traffic.next_if(|traffic| traffic.day == day).copied();
            out.row(Row { shop, item, title: title.clone(), day, sales, traffic, features })?;
        }
        Ok(())
    })
}

/// The rows of an item, of rows that ascend by shop and item.
fn of_item<T>(rows: &[T], key: (u32, u32), of: impl Fn(&T) -> (u32, u32)) -> &[T] {
    let start = rows.partition_point(|row| of(row) < key);
    let rest = rows.get(start..).unwrap_or_default();
    rest.get(..rest.partition_point(|row| of(row) == key)).unwrap_or_default()
}
