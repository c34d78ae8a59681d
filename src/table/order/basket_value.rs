//! basket_value: for thresholds around the value per customer, who reaches them already and who is just below.

use std::sync::OnceLock;

use super::paid_month::{IS_WHOLE_MONTH, PAID_MONTH};
use crate::error::Result;
use crate::fold::activity::ACTIVITY;
use crate::fold::order_amounts::{ORDER_AMOUNTS, PaidMonth};
use crate::job::PriceEnding;
use crate::metric::ratio::{money_per, ratio};
use crate::spec::{Grain, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Ratio, Share, Shop};
use crate::table::column::{column, same};
use crate::table::night::{Night, Read};
use crate::table::rows::RowWriter;
use crate::table::shop::columns::VALUE_PER_CUSTOMER;
use crate::table::unit::{Table, Witness};

/// The parts of the value per customer, in percent, at which a threshold is tried.
const PERCENT: [i64; 6] = [100, 110, 120, 130, 150, 200];

/// A threshold in a month of a shop.
pub struct Row {
    shop: u32,
    month: i32,
    is_complete: bool,
    paying_customers: i64,
    paid_amount: i64,
    orders: i64,
    threshold: i64,
    percent: i64,
    reached: i64,
    just_below: i64,
    missing: i64,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "basket_value",
    chinese: "满额门槛表",
    question: "Where should a threshold for a gift or a reduction (满就送, 满减) lie: who reaches it already, and how much is missing to those just \
               below?",
    grain: "one threshold of a month of a shop in which a customer paid: 100, 110, 120, 130, 150 and 200 % of the month's value per customer, \
            each rounded to the nearest amount with the shop's price ending, of several that are the same then the first",
    key: &["shop_id", "month", "threshold_amount"],
    needs: &[Need { input: "orders", column: "customer_id" }],
    uses: &[],
    reads: &[Read::Fold(&ORDER_AMOUNTS), Read::Fold(&ACTIVITY)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        same(PAID_MONTH, Date(|row| Grain::Month.start(row.month))),
        column(
            "threshold_amount",
            Money(|row: &Row| Some(row.threshold)),
            "CNY",
            "门槛金额",
            "The amount that an order has to reach, rounded to `params.price_ending`: whole units of the currency, or amounts such as 99, 199, 299.",
        ),
        same(IS_WHOLE_MONTH, Flag(|row: &Row| Some(row.is_complete))),
        column(
            "percent",
            Count(|row: &Row| Some(row.percent)),
            "%",
            "相当于客单价",
            "The part of the value per customer that the threshold is, before it is rounded.",
        ),
        column(
            "paid_amount",
            Money(|row: &Row| Some(row.paid_amount)),
            "CNY",
            "支付金额",
            "What was paid for the orders of the month. Refunds are not deducted.",
        ),
        column(
            "paying_customers",
            Count(|row: &Row| Some(row.paying_customers)),
            "customers",
            "支付买家数",
            "Distinct customers who paid an order in the month.",
        ),
        same(VALUE_PER_CUSTOMER, Ratio(|row: &Row| money_per(row.paid_amount, row.paying_customers))),
        column(
            "orders",
            Count(|row: &Row| Some(row.orders)),
            "orders",
            "支付订单数",
            "Orders paid in the month. A later refund does not undo them.",
        ),
        column(
            "orders_at_or_above",
            Count(|row: &Row| Some(row.reached)),
            "orders",
            "达到门槛订单数",
            "Those for which at least the threshold was paid: they would get the gift without buying more.",
        ),
        column(
            "share",
            Share(|row: &Row| ratio(row.reached, row.orders)),
            "1",
            "达到门槛占比",
            "The part of the orders that reach the threshold already.",
        )
        .formula("orders_at_or_above / orders"),
        column(
            "orders_just_below",
            Count(|row: &Row| Some(row.just_below)),
            "orders",
            "略低于门槛订单数",
            "Those for which less than the threshold and at least 80 % of it was paid: they may add something to get the gift.",
        ),
        column(
            "amount_missing",
            Money(|row: &Row| Some(row.missing)),
            "CNY",
            "距门槛金额合计",
            "What is missing to the threshold, over the orders just below it.",
        )
        .formula("Σ threshold_amount − amount of the order"),
        column(
            "amount_missing_mean",
            Ratio(|row: &Row| money_per(row.missing, row.just_below)),
            "CNY per order",
            "平均距门槛金额",
            "What is missing to an order just below the threshold on average: what an item to add (凑单) should cost.",
        )
        .formula("amount_missing / orders_just_below")
        .null_when("no order is just below"),
    ]],
    rows: write,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

fn write(night: &Night, out: &mut RowWriter<'_, Row>) -> Result<()> {
    let (context, activity) = (&night.context, night.fold(&ACTIVITY)?);
    for month in night.fold(&ORDER_AMOUNTS)?.months() {
        let is_complete = Grain::Month.lies_within(month.month, night.facts.first_day(month.shop), context.as_of);
        let paying = activity.people(month.shop, Grain::Month, month.month).paying;
        out.all(of_month(&month, paying, context.params.price_ending, is_complete))?;
    }
    Ok(())
}

/// The rows of a month, ascending by threshold; none where no customer paid anything.
fn of_month(month: &PaidMonth, paying_customers: i64, ending: PriceEnding, is_complete: bool) -> Vec<Row> {
    let (orders, paid_amount) = (month.orders(), month.paid_amount());
    let mut rows: Vec<Row> = Vec::new();
    for percent in PERCENT {
        let of = i128::from(paid_amount) * i128::from(percent);
        let threshold = ending.nearest(of, i128::from(paying_customers) * 100).filter(|threshold| *threshold > 0);
        let Some(threshold) = threshold.filter(|threshold| rows.last().is_none_or(|before| before.threshold < *threshold)) else {
            continue;
        };
        let is_near = |amount: &i64| i128::from(*amount) * 100 >= i128::from(threshold) * 80;
        let below = month.amounts.iter().take_while(|(amount, _)| *amount < threshold);
        let (all_below, just_below, missing) = below.fold((0, 0, 0), |(all, near, missing), (amount, orders)| {
            let is_near = is_near(amount);
            (all + orders, near + if is_near { *orders } else { 0 }, missing + if is_near { (threshold - amount) * orders } else { 0 })
        });
        let reached = orders - all_below;
        rows.push(Row {
            shop: month.shop,
            month: month.month,
            is_complete,
            paying_customers,
            paid_amount,
            orders,
            threshold,
            percent,
            reached,
            just_below,
            missing,
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::request::Request;
    use crate::table::testing::{customer, facts, made_with, paid, shown, text_shops};

    #[test]
    fn thresholds_of_a_month_by_hand() {
        // Three customers paid 60 + 40, 79 and 121: 300 in four orders, 100 for each customer.
        let anna = customer(0, vec![paid("2024-01-02", 60_00), paid("2024-01-20", 40_00)]);
        let ben = customer(0, vec![paid("2024-01-03", 79_00)]);
        // What went back was paid all the same.
        let cleo = customer(0, vec![paid("2024-01-31", 121_00).refunding(121_00)]);
        let mut context = text_shops(1, "2024-02-15");
        let table = |context: &crate::history::Context| {
            made_with(
                &TABLE,
                context,
                &facts(&["2024-01-01"]),
                Request::NOTHING,
                &[std::slice::from_ref(&anna), &[ben.clone(), cleo.clone()]],
            )
        };
        let columns =
            ["threshold_amount", "percent", "orders_at_or_above", "share", "orders_just_below", "amount_missing", "amount_missing_mean"];
        // 79 is less than 80 % of 100 and of all that follow; 121 lies within 20 % under 130 and 150: 104 and 120.
        assert_eq!(
            shown(&table(&context), &columns),
            [
                "100.00 100 1 0.25 0 0.00 ",
                "110.00 110 1 0.25 0 0.00 ",
                "120.00 120 1 0.25 0 0.00 ",
                "130.00 130 0 0.0 1 9.00 9.0",
                "150.00 150 0 0.0 1 29.00 29.0",
                "200.00 200 0 0.0 0 0.00 ",
            ]
        );
        // With prices that end in 49 or 99: 100 and 110 are nearest to 99, 120 and 130 to 149 (124 lies between), 150 to 149, 200 to 199.
        context.params.price_ending = PriceEnding { step: 50_00, ending: 49_00 };
        assert_eq!(shown(&table(&context), &columns[..4]), ["99.00 100 1 0.25", "149.00 130 0 0.0", "199.00 200 0 0.0"]);
        assert_eq!(shown(&table(&context), &["month", "is_complete", "value_per_customer", "orders"])[0], "2024-01-01 true 100.0 4");
    }

    #[test]
    fn a_month_in_which_nothing_was_paid_has_no_threshold() {
        let month = |amounts: Vec<(i64, i64)>| PaidMonth { shop: 0, month: 0, amounts };
        assert!(of_month(&month(vec![(0, 3)]), 2, PriceEnding::default(), true).is_empty());
        // Orders without a customer.
        assert!(of_month(&month(vec![(100, 3)]), 0, PriceEnding::default(), true).is_empty());
    }
}
