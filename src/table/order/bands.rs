//! order_bands: how the orders of a month are spread over bands of what was paid for them.

use std::sync::OnceLock;

use super::paid_month::{IS_WHOLE_MONTH, PAID_MONTH};
use crate::error::Result;
use crate::fold::order_amounts::{ORDER_AMOUNTS, PaidMonth};
use crate::metric::amount_band::{AmountBands, width};
use crate::metric::ratio::ratio;
use crate::spec::currency::LARGEST;
use crate::spec::{Grain, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Share, Shop};
use crate::table::column::{column, same};
use crate::table::night::{Night, Read};
use crate::table::rows::RowWriter;
use crate::table::unit::{Table, Witness};

/// Bands of a shop; the last one has no end.
const BANDS: i64 = 21;

/// A part of the mean amount of an order that a band is at most as wide as.
const PARTS: i64 = 5;

/// A band of a month of a shop.
pub struct Row {
    shop: u32,
    month: i32,
    is_complete: bool,
    from: i64,
    to: Option<i64>,
    orders: i64,
    amount: i64,
    month_orders: i64,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "order_bands",
    chinese: "订单金额分布",
    question: "How much do people spend at once: how are the orders of a month spread over bands of amounts?",
    grain: "one band of a month of a shop in which an order was paid",
    key: &["shop_id", "month", "band_from"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ORDER_AMOUNTS)],
    columns: &[&[
        column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
        same(PAID_MONTH, Date(|row| Grain::Month.start(row.month))),
        column(
            "band_from",
            Money(|row: &Row| Some(row.from)),
            "CNY",
            "金额段下限",
            "The least amount of the band. All bands of a shop are as wide: the greatest of 1, 2, 5, 10, 20, 50 … units of the currency that is at most \
             a fifth of what was paid for an order on average, over all its months, and at least 1.",
        ),
        same(IS_WHOLE_MONTH, Flag(|row: &Row| Some(row.is_complete))),
        column("band_to", Money(|row: &Row| row.to), "CNY", "金额段上限", "The amount at which the next band begins.")
            .null_when("the band is the last one, which has no end: it begins at 20 times the width, or no amount can be as large"),
        column(
            "orders",
            Count(|row: &Row| Some(row.orders)),
            "orders",
            "支付订单数",
            "Orders paid in the month whose amount lies in the band. A later refund does not undo them.",
        ),
        column(
            "month_orders",
            Count(|row: &Row| Some(row.month_orders)),
            "orders",
            "当月支付订单数",
            "All orders of the shop paid in the month.",
        ),
        column(
            "share",
            Share(|row: &Row| ratio(row.orders, row.month_orders)),
            "1",
            "笔数占比",
            "The part of the month's orders that lie in the band.",
        )
        .formula("orders / month_orders"),
        column(
            "amount",
            Money(|row: &Row| Some(row.amount)),
            "CNY",
            "支付金额",
            "What was paid for these orders. Refunds are not deducted.",
        ),
    ]],
    rows: write,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

fn write(night: &Night, out: &mut RowWriter<'_, Row>) -> Result<()> {
    let as_of = night.context.as_of;
    let months = night.fold(&ORDER_AMOUNTS)?.months();
    for of_shop in months.chunk_by(|one, next| one.shop == next.shop) {
        let (orders, amount) = (of_shop.iter().map(PaidMonth::orders).sum(), of_shop.iter().map(PaidMonth::paid_amount).sum());
        let width = width(amount, orders, PARTS);
        let bands = AmountBands::new(&(1..BANDS).map(|number| number * width).collect::<Vec<_>>());
        for month in of_shop {
            let is_complete = Grain::Month.lies_within(month.month, night.facts.first_day(month.shop), as_of);
            let month_orders = month.orders();
            out.all(month.amounts.chunk_by(|one, next| bands.of(one.0) == bands.of(next.0)).filter_map(|band| {
                let number = bands.of(band.first()?.0) as i64;
                Some(Row {
                    shop: month.shop,
                    month: month.month,
                    is_complete,
                    from: number * width,
                    to: (number + 1 < BANDS).then_some((number + 1) * width).filter(|to| *to <= LARGEST),
                    orders: band.iter().map(|(_, orders)| orders).sum(),
                    amount: band.iter().map(|(amount, orders)| amount * orders).sum(),
                    month_orders,
                })
            }))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::request::Request;
    use crate::table::testing::{customer, facts, made_with, paid, shown, text_shops};

    #[test]
    fn the_band_of_the_greatest_amount_has_no_end() {
        // A fifth of it is just below 2 × 10^15 units, so bands are 10^15 wide: the tenth would end at 10^16, which no table can say.
        let customers = [customer(0, vec![paid("2024-01-02", LARGEST)])];
        let table = made_with(&TABLE, &text_shops(1, "2024-02-15"), &facts(&["2024-01-01"]), Request::NOTHING, &[&customers]);
        assert_eq!(shown(&table, &["band_from", "band_to", "orders"]), ["9000000000000000.00  1"]);
    }

    #[test]
    fn bands_of_two_months_by_hand() {
        // 5 + 19.99 + 20 + 40 + 1,015.01 = 1,100 in 5 orders: 220 on average, a fifth is 44, so bands are 20 wide. The last one begins at 400.
        let orders = vec![paid("2024-01-02", 5_00), paid("2024-01-03", 19_99), paid("2024-01-04", 20_00), paid("2024-01-31", 1_015_01)];
        let customers = [customer(0, orders), customer(0, vec![paid("2024-02-01", 40_00)])];
        let table =
            made_with(&TABLE, &text_shops(1, "2024-02-15"), &facts(&["2024-01-01"]), Request::NOTHING, &[&customers[..1], &customers[1..]]);
        assert_eq!(
            shown(&table, &["month", "is_complete", "band_from", "band_to", "orders", "month_orders", "share", "amount"]),
            [
                "2024-01-01 true 0.00 20.00 2 4 0.5 24.99",
                "2024-01-01 true 20.00 40.00 1 4 0.25 20.00",
                "2024-01-01 true 400.00  1 4 0.25 1015.01",
                "2024-02-01 false 40.00 60.00 1 1 1.0 40.00",
            ]
        );
    }
}
