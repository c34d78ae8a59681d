//! promotions: what each promotion sold, what it took off, and whom it won, by week, month, quarter and year.

use std::sync::{Arc, OnceLock};

use crate::fold::promotions::{PROMOTION_ORDERS, PromotionFold, PromotionOrders, PromotionPeople};
use crate::metric::ratio::{money_per, ratio, ratio_known};
use crate::spec::{Day, Grain, NONE, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::{Night, Read};
use crate::table::shop::period_columns::{GRAIN, IS_COMPLETE, PERIOD_START};
use crate::table::unit::{Table, Witness};

const NO_CUSTOMERS: &str = "the job maps no customer_id";
const NO_DISCOUNT: &str = "the job maps no discount_amount, or none of the orders has one";
const NO_REFUNDS: &str =
    "the job maps neither refund_amount nor status of the orders and has no refunds input: nothing says what was refunded";

/// A promotion of a shop in a period.
pub struct Row {
    shop: u32,
    grain: Grain,
    index: i32,
    promotion: Arc<str>,
    is_complete: bool,
    sold: PromotionOrders,
    people: PromotionPeople,
    shop_totals: ShopTotals,
    knows_customers: bool,
    knows_refunds: bool,
}

/// The sums over all promotions of a shop in a period.
#[derive(Debug, Clone, Copy, Default)]
struct ShopTotals {
    orders: i64,
    paid_amount: i64,
}

impl Row {
    fn orders(&self) -> i64 {
        self.sold.orders.into()
    }

    fn people(&self, number: i64) -> Option<i64> {
        self.knows_customers.then_some(number)
    }

    fn new_customers(&self) -> Option<i64> {
        self.people(self.sold.new_customers.into())
    }

    fn returning_customers(&self) -> Option<i64> {
        self.people(self.people.returning)
    }

    /// An amount of the orders that say what was taken off; `None` where none does.
    fn discounted(&self, amount: i64) -> Option<i64> {
        (self.sold.with_discount > 0).then_some(amount)
    }

    fn refunded(&self) -> Option<i64> {
        self.knows_refunds.then_some(self.sold.refunded)
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "promotions",
    chinese: "促销活动效果表",
    question: "What did each promotion sell in each week, month, quarter and year, what did it take off the price, and whom did it win?",
    grain: "one promotion of a shop in a period in which an order that names it was paid",
    key: &["shop_id", "grain", "period_start", "promotion"],
    needs: &[Need { input: "orders", column: "promotion" }],
    uses: &["promotion", "discount_amount"],
    reads: &[Read::Fold(&PROMOTION_ORDERS)],
    columns: &[
        &[
            column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
            same(GRAIN, Text(|row: &Row| Some(row.grain.name()))),
            same(PERIOD_START, Date(|row: &Row| row.grain.start(row.index))),
            column(
                "promotion",
                Text(|row: &Row| Some(&row.promotion)),
                "",
                "促销",
                "The promotion that the order names, as the shop calls it: that of its line with the lowest id. (none) for orders that \
                 name none.",
            ),
            same(IS_COMPLETE, Flag(|row| Some(row.is_complete))),
        ],
        &SALES,
        &DISCOUNTS,
        &CUSTOMERS,
    ],
    rows: |night, out| {
        let fold = night.fold(&PROMOTION_ORDERS)?;
        (0..night.context.shops.len() as u32).try_for_each(|shop| out.all(of_shop(night, &fold, shop)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// What was sold.
const SALES: [ValueColumn<Row>; 10] = [
    column(
        "orders",
        Count(|row: &Row| Some(row.orders())),
        "orders",
        "支付订单数",
        "Orders paid in the period that name the promotion, whenever they were placed. A later refund does not undo them.",
    ),
    column(
        "shop_paid_orders",
        Count(|row: &Row| Some(row.shop_totals.orders)),
        "orders",
        "店铺支付订单数",
        "Orders of the shop paid in the period, by any promotion or none: paid_orders of shop_periods.",
    ),
    column(
        "order_share",
        Share(|row: &Row| ratio(row.orders(), row.shop_totals.orders)),
        "1",
        "支付订单数占比",
        "The promotion's part of the orders paid at the shop in the period; over the promotions it adds up to 1.",
    )
    .formula("orders / shop_paid_orders"),
    column(
        "paid_amount",
        Money(|row: &Row| Some(row.sold.paid_amount)),
        "CNY",
        "支付金额",
        "What was paid for these orders. Refunds are not deducted. The promotions of a period add up to paid_amount of shop_periods.",
    ),
    column(
        "shop_paid_amount",
        Money(|row: &Row| Some(row.shop_totals.paid_amount)),
        "CNY",
        "店铺支付金额",
        "What was paid for all orders of the shop in the period, by any promotion or none.",
    ),
    column(
        "amount_share",
        Share(|row: &Row| ratio(row.sold.paid_amount, row.shop_totals.paid_amount)),
        "1",
        "支付金额占比",
        "The promotion's part of what was paid at the shop in the period; over the promotions it adds up to 1.",
    )
    .formula("paid_amount / shop_paid_amount")
    .null_when("nothing was paid in the period"),
    column(
        "order_value",
        Ratio(|row: &Row| money_per(row.sold.paid_amount, row.orders())),
        "CNY per order",
        "笔单价",
        "What was paid for an order by the promotion.",
    )
    .formula("paid_amount / orders"),
    column(
        "refunded_of_paid",
        Money(|row: &Row| row.refunded()),
        "CNY",
        "支付订单已退款金额",
        "What of the paid amount went back by the as-of date, whenever it did. It can still grow.",
    )
    .null_when(NO_REFUNDS),
    column(
        "refund_share",
        Share(|row: &Row| ratio_known(row.refunded(), Some(row.sold.paid_amount))),
        "1",
        "退款金额占比",
        "The part of what was paid by the promotion that went back by the as-of date.",
    )
    .formula("refunded_of_paid / paid_amount")
    .null_when("paid_amount is 0, or refunded_of_paid is null"),
    column(
        "net_by_payment",
        Money(|row: &Row| Some(row.sold.paid_amount - row.refunded()?)),
        "CNY",
        "净支付金额（按支付日）",
        "What was paid by the promotion less what of these very payments went back by the as-of date.",
    )
    .formula("paid_amount - refunded_of_paid")
    .source("docs/definitions.md, Refunds")
    .null_when(NO_REFUNDS),
];

/// What was taken off.
const DISCOUNTS: [ValueColumn<Row>; 4] = [
    column(
        "orders_with_discount_amount",
        Count(|row: &Row| Some(row.sold.with_discount.into())),
        "orders",
        "有优惠金额数据订单数",
        "Of these orders, those with a discount_amount on a paid line, 0.00 included. Of the others nobody knows what was taken off.",
    ),
    column(
        "discount_amount",
        Money(|row: &Row| row.discounted(row.sold.discount)),
        "CNY",
        "优惠金额",
        "What was taken off the orders of orders_with_discount_amount, over their paid lines. A later refund does not undo it.",
    )
    .null_when(NO_DISCOUNT),
    column(
        "amount_before_discount",
        Money(|row: &Row| row.discounted(row.sold.before_discount)),
        "CNY",
        "优惠前金额",
        "What the orders of orders_with_discount_amount would have cost: what was paid for them and what was taken off.",
    )
    .null_when(NO_DISCOUNT),
    column(
        "discount_depth",
        Share(|row: &Row| ratio_known(row.discounted(row.sold.discount), row.discounted(row.sold.before_discount))),
        "1",
        "优惠深度",
        "The part of the price that was taken off: 0.2 is 20 % off (八折).",
    )
    .formula("discount_amount / amount_before_discount")
    .source("docs/definitions.md, Promotions")
    .null_when("discount_amount is null, or amount_before_discount is 0"),
];

/// Whom it won.
const CUSTOMERS: [ValueColumn<Row>; 4] = [
    column(
        "paying_customers",
        Count(|row: &Row| row.people(row.people.paying)),
        "customers",
        "支付买家数",
        "Distinct customers who paid an order by the promotion in the period. Who paid by two promotions is in both.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "new_customers",
        Count(|row: &Row| row.new_customers()),
        "customers",
        "新客数",
        "Customers whose first purchase in all the data lies in the period and names the promotion. The promotions of a period add up to \
         new_customers of shop_periods.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "returning_customers",
        Count(|row: &Row| row.returning_customers()),
        "customers",
        "老客数",
        "Distinct customers with a purchase by the promotion in the period whose first purchase day lies before the period. Customers whose \
         first purchase lies in the period and names another promotion are new there, and not counted here.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "returning_share",
        Share(|row: &Row| ratio_known(row.returning_customers(), Some(row.new_customers()? + row.returning_customers()?))),
        "1",
        "老客占比",
        "Returning customers among the new and the returning customers of the promotion.",
    )
    .formula("returning_customers / (new_customers + returning_customers)")
    .null_when("there is neither a new nor a returning customer, or the job maps no customer_id"),
];

/// The rows of a shop, ascending by grain, period and promotion.
fn of_shop(night: &Night, fold: &PromotionFold, shop: u32) -> Vec<Row> {
    let context = &night.context;
    let first = night.facts.first_day(shop);
    let mut rows = Vec::new();
    for (code, days) in fold.of_shop(shop) {
        let promotion: Arc<str> = Arc::from(context.promotions.value(code).unwrap_or(NONE));
        for grain in context.params.periods() {
            let index_of = |(day, _): &(Day, PromotionOrders)| grain.index(*day);
            rows.extend(days.chunk_by(|one, next| index_of(one) == index_of(next)).filter_map(|period| {
                let index = period.first().map(index_of)?;
                Some(Row {
                    shop,
                    grain,
                    index,
                    promotion: Arc::clone(&promotion),
                    is_complete: grain.lies_within(index, first, context.as_of),
                    sold: period.iter().fold(PromotionOrders::default(), |sum, (_, day)| sum.plus(day)),
                    people: fold.people(shop, code, grain, index),
                    shop_totals: ShopTotals::default(),
                    knows_customers: context.features.customers,
                    knows_refunds: context.features.refunded,
                })
            }));
        }
    }
    rows.sort_by(|one, other| (one.grain.name(), one.index, &one.promotion).cmp(&(other.grain.name(), other.index, &other.promotion)));
    for period in rows.chunk_by_mut(|one, next| (one.grain, one.index) == (next.grain, next.index)) {
        let (orders, paid_amount) = (period.iter().map(Row::orders).sum(), period.iter().map(|row| row.sold.paid_amount).sum());
        period.iter_mut().for_each(|row| row.shop_totals = ShopTotals { orders, paid_amount });
    }
    rows
}

#[cfg(test)]
mod tests;
