//! order_timing: at which weekday and hour orders of the last days were placed and paid.

use std::sync::OnceLock;

use crate::fold::order_hours::{HourCell, ORDER_HOURS};
use crate::metric::payment_rate::OrderCounts;
use crate::metric::ratio::ratio;
use crate::spec::Need;
use crate::table::column::Value::{Count, Money, Ratio, Share, Shop};
use crate::table::column::column;
use crate::table::night::Read;
use crate::table::shop::columns::NO_PAYMENT_RATE;
use crate::table::unit::{Table, Witness};

/// An hour of a weekday.
pub struct Row {
    shop: u32,
    weekday: i64,
    hour: i64,
    counts: HourCell,
    shop_paid_orders: i64,
    knows_payment: bool,
}

impl Row {
    fn payment_rate(&self) -> Option<f64> {
        if !self.knows_payment {
            return None;
        }
        OrderCounts { paid: self.counts.paid_orders.into(), placed: self.counts.placed_orders.into() }.payment_rate().value()
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "order_timing",
    chinese: "购买时段分布",
    question: "At which weekday and hour do people buy?",
    grain: "one hour of a weekday of a shop, over the window: the last `params.timing_days` days to the as-of date, this one included; \
         all 168 of every shop with an order placed or paid in the window, those without an order as zeros",
    key: &["shop_id", "weekday", "hour"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ORDER_HOURS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        column(
            "weekday",
            Count(|row| Some(row.weekday)),
            "",
            "星期",
            "The day of the week in the timezone of the job: 1 is Monday, 7 is Sunday. A window that is not a multiple of 7 days has some \
             weekdays once more than others.",
        ),
        column(
            "hour",
            Count(|row| Some(row.hour)),
            "",
            "小时",
            "The hour of the day by local time in the timezone of the job, 0 to 23: 9 is from 9:00 to just before 10:00. A time that \
             knows only the day lies in hour 0.",
        ),
        column(
            "placed_orders",
            Count(|row| Some(row.counts.placed_orders.into())),
            "orders",
            "拍下订单数",
            "Orders created in the window at this weekday and hour, whether they were paid later or not.",
        ),
        column(
            "paid_orders",
            Count(|row| Some(row.counts.paid_orders.into())),
            "orders",
            "支付订单数",
            "Orders paid in the window at this weekday and hour, whenever they were placed. A later refund does not undo them. Where \
             the job maps no paid_at, the time of creation stands for that of payment.",
        ),
        column(
            "paid_amount",
            Money(|row| Some(row.counts.paid_amount)),
            "CNY",
            "支付金额",
            "What was paid for the orders of paid_orders. Refunds are not deducted.",
        ),
        column(
            "shop_paid_orders",
            Count(|row| Some(row.shop_paid_orders)),
            "orders",
            "店铺支付订单数",
            "Orders of the shop paid in the window, at all weekdays and hours together.",
        ),
        column(
            "share",
            Share(|row: &Row| ratio(row.counts.paid_orders.into(), row.shop_paid_orders)),
            "1",
            "支付订单数占比",
            "The part of the shop's paid orders of the window that was paid at this weekday and hour; over the 168 rows of a shop it \
             adds up to 1.",
        )
        .formula("paid_orders / shop_paid_orders")
        .null_when("no order of the shop was paid in the window"),
        column(
            "payment_rate",
            Ratio(|row: &Row| row.payment_rate()),
            "1",
            "支付率",
            "Orders paid for each order placed at this weekday and hour. Not the same orders: those placed at another hour and paid at \
             this one can lift it over 1.",
        )
        .formula("paid_orders / placed_orders")
        .null_when(NO_PAYMENT_RATE),
    ]],
    rows: |night, out| {
        for (shop, hours) in night.fold(&ORDER_HOURS)?.shops() {
            let hours: Vec<HourCell> = hours.collect();
            let shop_paid_orders = hours.iter().map(|counts| i64::from(counts.paid_orders)).sum();
            // From Monday, 0:00 on, as the fold has them.
            let week = (1..=7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour)));
            let knows_payment = night.context.features.knows_payment();
            out.all(week.zip(hours).map(|((weekday, hour), counts)| Row { shop, weekday, hour, counts, shop_paid_orders, knows_payment }))?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Context, Order};
    use crate::table::testing::{Customer, HOUR, assert_row, customer, known, made, paid, paid_later, placed, text_shops, value};

    const MINUTE: i64 = HOUR / 60;

    /// Ten days, from Wednesday 2024-01-24 to Friday 2024-02-02.
    fn ten_days(shops: usize) -> Context {
        let mut context = text_shops(shops, "2024-02-02");
        context.params.timing_days = 10;
        context
    }

    /// An unpaid order, placed so many minutes after midnight.
    fn placed_at(on: &str, minutes: i64) -> Order {
        let order = placed(on, 1000);
        Order { created: order.created + minutes * MINUTE, ..order }
    }

    /// An order with both its times so many minutes after midnight.
    fn paid_at(created: (&str, i64), paid_then: (&str, i64), amount: i64) -> Order {
        let order = paid_later(created.0, paid_then.0, amount);
        Order { created: order.created + created.1 * MINUTE, paid: order.paid + paid_then.1 * MINUTE, ..order }
    }

    /// Minutes from midnight to 23:59.
    const LAST_MINUTE: i64 = 24 * 60 - 1;

    fn customers() -> Vec<Customer> {
        let anna = vec![
            // The minute before the window, paid in its first.
            paid_at(("2024-01-23", LAST_MINUTE), ("2024-01-24", 0), 1000),
            // Placed and paid before it.
            paid_at(("2024-01-23", LAST_MINUTE), ("2024-01-23", LAST_MINUTE), 7000),
            // The first minute, never paid.
            placed_at("2024-01-24", 0),
            // From Sunday to Monday.
            paid_at(("2024-01-28", LAST_MINUTE), ("2024-01-29", 0), 2000),
        ];
        let ben = vec![
            // The last minute, not paid yet.
            placed_at("2024-02-02", LAST_MINUTE),
            // Paid in the last minute; refunded in full, which undoes nothing here.
            paid_at(("2024-02-02", 23 * 60), ("2024-02-02", LAST_MINUTE), 3000).refunding(3000),
            // From Friday to Saturday, a week before.
            paid_at(("2024-01-26", 23 * 60 + 30), ("2024-01-27", 30), 500),
            // The last microsecond of an hour, on the second Wednesday.
            Order { paid: paid("2024-01-31", 0).paid + HOUR - 1, ..paid("2024-01-31", 4000) },
        ];
        vec![
            customer(0, anna),
            customer(0, ben),
            customer(1, vec![placed_at("2024-02-01", 12 * 60)]),
            customer(2, vec![paid_at(("2024-01-22", 0), ("2024-01-23", LAST_MINUTE), 100)]),
            customer(3, vec![paid_at(("2024-01-01", 0), ("2024-02-01", 60), 100)]),
        ]
    }

    #[test]
    fn ten_days_by_hand() {
        let table = made(&TABLE, &ten_days(4), &customers());
        // Monday 0:00: the order of Sunday night.
        let counted = |placed, paid, amount, share, rate| {
            [("placed_orders", placed), ("paid_orders", paid), ("paid_amount", amount), ("share", share), ("payment_rate", rate)]
        };
        assert_row(&table, &["a", "1", "0"], &counted("0", "1", "2000", "0.2", "-"));
        assert_row(&table, &["a", "7", "23"], &counted("1", "0", "0", "0", "0"));
        // Wednesday 0:00, of both weeks: two placed, and two others paid but for one.
        assert_row(&table, &["a", "3", "0"], &counted("2", "2", "5000", "0.4", "1"));
        // Friday 23:00, of both weeks: three placed, one of them paid in the same hour.
        assert_row(&table, &["a", "5", "23"], &counted("3", "1", "3000", "0.2", "0.3333333333333333"));
        assert_row(&table, &["a", "6", "0"], &counted("0", "1", "500", "0.2", "-"));
        // The minute before the window is Tuesday 23:59.
        assert_row(&table, &["a", "2", "23"], &counted("0", "0", "0", "0", "-"));
        // Nothing else: 6 placed, 5 paid.
        assert_eq!(known(&table, "placed_orders")[..168].iter().sum::<i64>(), 6);
        assert_eq!(known(&table, "paid_orders")[..168].iter().sum::<i64>(), 5);
        assert!(known(&table, "shop_paid_orders")[..168].iter().all(|orders| *orders == 5));
        // Shop b has an order that is not paid: there is nothing to share.
        assert_row(&table, &["b", "4", "12"], &counted("1", "0", "0", "-", "0"));
        assert_row(&table, &["b", "1", "0"], &counted("0", "0", "0", "-", "-"));
        // Shop d placed long before, and was paid in the window.
        assert_row(&table, &["d", "4", "1"], &counted("0", "1", "100", "1", "-"));
    }

    #[test]
    fn shops_with_an_order_in_the_window_have_every_hour_of_the_week_and_others_none() {
        let table = made(&TABLE, &ten_days(4), &customers());
        assert_eq!(table.num_rows(), 3 * 168);
        let shops: Vec<String> = [0, 167, 168, 335, 336, 503].map(|row| value(&table, row, "shop_id")).into();
        assert_eq!(shops, ["a", "a", "b", "b", "d", "d"]);
        let week: Vec<(i64, i64)> = (1..=7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour))).collect();
        let found: Vec<(i64, i64)> = known(&table, "weekday").into_iter().zip(known(&table, "hour")).collect();
        assert_eq!(found, week.repeat(3));
    }

    #[test]
    fn without_orders_there_are_no_rows() {
        assert_eq!(made(&TABLE, &ten_days(1), &[]).num_rows(), 0);
    }
}
