//! channel_value: customers by the channel and month of their first purchase, what they cost, and what they brought since.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::horizons::{Horizons, horizon};
use super::names::CHANNELS;
use super::visited::Visited;
use crate::error::Result;
use crate::fold::acquisitions::{ACQUISITIONS, Acquired, Matured, REPURCHASE};
use crate::input::records::channel_days::ChannelDay;
use crate::metric::ratio::{money_per, ratio, ratio_known};
use crate::spec::{Grain, NO_DAY, Need};
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Share, Shop, Text};
use crate::table::column::column;
use crate::table::night::{Night, Read};
use crate::table::unit::{Table, Witness};

const NO_COST: &str = "the job does not map channel and cost of traffic, or no day of the month has a cost of the channel";

/// The customers of a channel and a month.
pub struct Row {
    shop: u32,
    channel: Arc<str>,
    month: i32,
    customers: i64,
    net_revenue: i64,
    matured: [Matured; 4],
    cost: Option<i64>,
    /// The cost where each day with traffic has one.
    whole_cost: Option<i64>,
    cost_days: i64,
    payback_days: Option<i64>,
    is_complete: bool,
    is_left_truncated: bool,
}

impl Horizons for Row {
    fn customers(&self) -> i64 {
        self.customers
    }

    fn whole_cost(&self) -> Option<i64> {
        self.whole_cost
    }

    fn matured(&self) -> &[Matured; 4] {
        &self.matured
    }
}

impl Row {
    fn repurchase(&self) -> Matured {
        self.matured[REPURCHASE]
    }
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "channel_value",
    chinese: "渠道新客价值表",
    question: "What did the new customers of each channel cost, and when did they bring that back?",
    grain: "the customers of a shop whose first purchase names a channel and lies in a month; also months in which money was spent on the \
         channel without a new customer",
    key: &["shop_id", "channel", "cohort_month"],
    needs: &[Need { input: "orders", column: "customer_id" }, Need { input: "orders", column: "channel" }],
    uses: &["channel"],
    reads: &[Read::Fold(&ACQUISITIONS), Read::Shared(&CHANNELS)],
    columns: &[
        &[
            column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
            column(
                "channel",
                Text(|row: &Row| Some(&row.channel)),
                "",
                "首购渠道",
                "The channel of the customers' first purchase, and by the same text that of the traffic whose cost it is; (none) for \
                 customers whose first purchase has no channel. Every customer has one.",
            ),
            column(
                "cohort_month",
                Date(|row: &Row| Grain::Month.start(row.month)),
                "date",
                "首购月份",
                "The first day of the month in which the customers' first purchase lies.",
            ),
            column(
                "is_complete",
                Flag(|row| Some(row.is_complete)),
                "",
                "月份是否完整",
                "Whether the whole month lies between the first day of the shop in any input and the as-of date. Otherwise customers and cost \
                 are those of some of its days.",
            ),
            column(
                "is_left_truncated",
                Flag(|row: &Row| Some(row.is_left_truncated)),
                "",
                "左截断",
                "Whether the month starts within `history_warmup` days of the shop's first order: its customers may have bought before the \
                 data begin, so that old customers are counted as new ones and seem cheap.",
            )
            .formula("cohort_month < first day with an order + history_warmup"),
            column(
                "new_customers",
                Count(|row: &Row| Some(row.customers)),
                "customers",
                "新客数",
                "Customers whose first purchase names the channel and lies in the month. Over the channels they add up to all new customers \
                 of the month.",
            ),
            column(
                "cost",
                Money(|row: &Row| row.cost),
                "CNY",
                "推广花费",
                "Money spent on the channel in the month, summed over the days with a value. It was spent on old customers too.",
            )
            .null_when(NO_COST),
            column(
                "cost_days",
                Count(|row: &Row| Some(row.cost_days)),
                "days",
                "有花费数据天数",
                "Days with a cost of the channel, 0.00 included.",
            ),
            column(
                "cost_per_new_customer",
                Number(|row: &Row| money_per(row.whole_cost?, row.customers)),
                "CNY per customer",
                "获客成本 (CAC)",
                "What was spent on the channel in the month for each new customer of it.",
            )
            .formula("cost / new_customers")
            .null_when("cost is null, a day of the month has traffic of the channel without a cost, or the channel has no new customer in the month"),
            column(
                "net_revenue",
                Money(|row: &Row| Some(row.net_revenue)),
                "CNY",
                "累计净支付金额",
                "What the customers have brought by the as-of date, the first purchase included and whatever the channel of later ones: paid \
                 for their purchases, less what of it was refunded. Over channels and months it adds up to net_revenue of customers.",
            ),
            column(
                "paid_back_share",
                Number(|row: &Row| ratio_known(Some(row.net_revenue), row.whole_cost)),
                "1",
                "已回本比例",
                "How much of the cost the customers have brought back by the as-of date; from 1 on all of it. Younger months have had less \
                 time.",
            )
            .formula("net_revenue / cost")
            .null_when("cost is null or 0, or a day of the month has traffic of the channel without a cost"),
            column(
                "payback_days",
                Count(|row: &Row| row.payback_days),
                "days",
                "回本天数",
                "The first number of days since the first purchase of each customer by which the net revenue of all of them comes to the \
                 cost: 0 where the first purchase days pay for it. The days count from each customer's own first purchase, so that months \
                 can be compared whenever in the month their customers came. It is by net revenue, not by profit.",
            )
            .formula("min d: Σ net revenue on days 0 to d since the first purchase >= cost")
            .null_when(
                "cost is null or 0, a day of the month has traffic of the channel without a cost, or the net revenue by the as-of date has \
                 not come to it",
            ),
        ],
        &horizon::<Row, 0>(),
        &horizon::<Row, 1>(),
        &horizon::<Row, 2>(),
        &horizon::<Row, 3>(),
        &[
            column(
                "repurchased_90",
                Count(|row: &Row| Some(row.repurchase().repurchased.into())),
                "customers",
                "90天内复购人数",
                "Of customers_90, those with a second purchase day within 90 days of the first.",
            ),
            column(
                "repurchase_rate_90",
                Share(|row: &Row| ratio(row.repurchase().repurchased.into(), row.repurchase().customers.into())),
                "1",
                "90天复购率",
                "The share of the customers that bought again within 90 days, among those whose first purchase is that long ago.",
            )
            .formula("repurchased_90 / customers_90")
            .null_when("customers_90 is 0"),
        ],
    ],
    rows: |night, out| {
        for shop in 0..night.context.shops.len() as u32 {
            out.all(shop_rows(night, shop)?)?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The rows of a shop, in the order of the key.
fn shop_rows(night: &Night, shop: u32) -> Result<Vec<Row>> {
    let (context, fold, channels) = (&night.context, night.fold(&ACQUISITIONS)?, night.shared(&CHANNELS)?);
    let day_of = |days: &[i32]| days.get(shop as usize).copied().unwrap_or(NO_DAY);
    let (first, first_order) = (day_of(&night.facts.first_days), day_of(&context.first_days));
    let traffic: Vec<ChannelDay> = night.facts.channel_traffic.iter().flat_map(|traffic| traffic.of_shop(shop)).collect();
    let mut rows = Vec::new();
    let nobody = Acquired::default();
    for (channel, sides) in channels.of_shop(fold.of_shop(shop), &traffic) {
        let mut months: BTreeMap<i32, (&Acquired, Visited)> = BTreeMap::new();
        for (month, acquired) in sides.orders.into_iter().flatten() {
            months.insert(month, (acquired, Visited::default()));
        }
        for days in sides.traffic.chunk_by(|one, next| Grain::Month.index(one.day) == Grain::Month.index(next.day)) {
            let Some(day) = days.first() else { continue };
            months.entry(Grain::Month.index(day.day)).or_insert((&nobody, Visited::default())).1 = Visited::over(days);
        }
        for (month, (acquired, visited)) in months {
            let Visited { cost, cost_days, .. } = visited;
            let whole_cost = visited.whole_cost();
            let (start, end) = (Grain::Month.start(month), Grain::Month.end(month));
            let spent = cost.filter(|cost| *cost > 0);
            if acquired.customers > 0 || spent.is_some() {
                rows.push(Row {
                    shop,
                    channel: Arc::clone(&channel),
                    month,
                    customers: acquired.customers.into(),
                    net_revenue: acquired.net_revenue,
                    matured: acquired.matured,
                    cost,
                    whole_cost,
                    cost_days,
                    payback_days: spent.and(whole_cost).and_then(|cost| acquired.days_to(cost)).map(i64::from),
                    is_complete: first <= start && end <= context.as_of,
                    is_left_truncated: start < first_order.saturating_add(context.params.history_warmup),
                });
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests;
