//! shop_daily: every day of every shop, its orders, money, customers and visitors.

use super::shop_columns::*;
use super::shop_days::{Figures, ShopDays};
use super::{Frame, Sink, activity::ActivityFold};
use crate::error::Result;
use crate::history::Context;
use crate::input::facts::Facts;
use crate::spec::{Card, Column, Day, Kind, Need};

/// What the table and its columns mean.
pub static CARD: Card = Card {
    name: "shop_daily",
    chinese: "店铺日报",
    question: "What did each shop place, sell, give back and attract, day by day?",
    grain: "One row for each shop and calendar day, from the first day with anything of the shop in any input to the as-of date; days on which nothing happened have a row of zeros.",
    key: &["shop_id", "date"],
    columns: &[
        Column::new("shop_id", Kind::ShopId, "id", "店铺", "The shop."),
        Column::new("date", Kind::Date, "date", "日期", "The local calendar day in the timezone of the job."),
        PLACED_ORDERS,
        PLACED_AMOUNT,
        PLACED_CUSTOMERS,
        PAID_ORDERS,
        PAID_AMOUNT,
        PAYING_CUSTOMERS,
        PAID_QUANTITY,
        PURCHASES,
        NEW_CUSTOMERS,
        RETURNING_CUSTOMERS,
        REFUNDS,
        REFUND_AMOUNT,
        NET_REVENUE,
        PV,
        UV,
        IPV,
        IPV_UV,
        VISITS,
        BOUNCES,
        FAVORITES,
        CART_ADDS,
        DWELL_SECONDS,
        CONVERSION,
        PAYMENT_RATE,
        VALUE_PER_CUSTOMER,
        ORDER_VALUE,
        RETURNING_SHARE,
        PAGES_PER_VISITOR,
        BOUNCE_RATE,
        DWELL_PER_VISIT,
    ],
    needs: &[Need { input: "orders", column: "" }],
    uses: &["customer_id", "order_amount", "refund_amount", "quantity"],
};

/// Rows after which a batch goes out at the end of a shop.
const BATCH_ROWS: usize = 32_768;

/// Gives the table to `sink`, in at least one batch.
///
/// # Errors
/// What the sink refuses, and [`crate::error::Error::Defect`] where columns and card disagree.
pub fn fill(context: &Context, fold: &ActivityFold, facts: &Facts, sink: &mut Sink<'_>) -> Result<()> {
    let mut keys: Vec<(u32, Day)> = Vec::new();
    let mut rows: Vec<Figures> = Vec::new();
    let shops = context.shops.len() as u32;
    for shop in 0..shops {
        if let Some(days) = ShopDays::of(context, fold, facts, shop) {
            keys.extend((days.first..=days.last).map(|day| (shop, day)));
            rows.extend_from_slice(&days.figures);
        }
        if rows.len() >= BATCH_ROWS || shop + 1 == shops {
            let mut frame = Frame::new(&CARD, context);
            frame.shops("shop_id", keys.iter().map(|(shop, _)| *shop)).dates("date", keys.iter().map(|(_, day)| *day));
            push(&mut frame, &rows, context.features.customers);
            sink(&CARD, frame.finish()?)?;
            keys.clear();
            rows.clear();
        }
    }
    Ok(())
}
