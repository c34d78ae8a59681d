//! campaign_effect: each campaign before, during and after, and its treated arm compared with its control arm.

use std::sync::OnceLock;

use super::arms::CAMPAIGN_ARMS;
use super::columns::effect_columns;
use super::parts::{Period, Row, rows};
use crate::fold::activity::ACTIVITY;
use crate::fold::campaigns::CAMPAIGNS;
use crate::metric::ratio::{money_per, ratio};
use crate::spec::Need;
use crate::table::column::Value::{self, Campaign, Count, Date, Flag, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::night::Read;
use crate::table::shop::columns::VALUE_PER_CUSTOMER;
use crate::table::shop::means::{DAYS_WITH_TRAFFIC, PAYING_CUSTOMER_DAYS, PAYING_DAILY_MEAN, UV_CONVERSION, UV_DAILY_MEAN, UV_SUM};
use crate::table::unit::{Table, Witness};

const OF_ARMS: &str = "the row is that of an arm";
const OF_PERIODS: &str = "the row is that of a period";
const NO_UV: &str = "no day of the period has a UV, or the row is that of an arm";
const NOT_DURING: &str = "the row is not that of during";

const fn of_period(
    name: &'static str,
    value: Value<Row>,
    unit: &'static str,
    chinese: &'static str,
    definition: &'static str,
) -> ValueColumn<Row> {
    column(name, value, unit, chinese, definition).null_when(OF_ARMS)
}

const fn of_arm(
    name: &'static str,
    value: Value<Row>,
    unit: &'static str,
    chinese: &'static str,
    definition: &'static str,
) -> ValueColumn<Row> {
    column(name, value, unit, chinese, definition).null_when(OF_PERIODS)
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "campaign_effect",
    chinese: "活动效果",
    question: "What did each campaign bring: what was sold before, during and after it, and did those it was sent to buy more \
         than those it was held back from?",
    grain: "one of a campaign's periods, before, during and after it, that has begun by the as-of date, or one of the arms of its \
         audience that has members",
    key: &["campaign_id", "part"],
    needs: &[Need { input: "orders", column: "customer_id" }, Need { input: "campaigns", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&ACTIVITY), Read::Fold(&CAMPAIGNS), Read::Shared(&CAMPAIGN_ARMS)],
    columns: &[
        &[
            column("campaign_id", Campaign(|row| row.campaign.id.id()), "", "活动编号", "The campaign."),
            column(
                "part",
                Text(|row| Some(row.part)),
                "",
                "时段或组别",
                "What of the campaign the row is about: during, its days; before and after, as many days before and after it; \
                 treated, those it was sent to; control, those it was held back from.",
            ),
            column("shop_id", Shop(|row| row.campaign.shop), "", "店铺", "The shop."),
            column(
                "campaign_name",
                Text(|row: &Row| row.campaign.name.as_deref()),
                "",
                "活动名称",
                "What the shop calls it; repeats have one name (see campaign_pooled).",
            )
            .null_when("the job maps no name, or the cell is empty"),
            column(
                "from_date",
                Date(|row| row.days.0),
                "date",
                "起始日期",
                "The first day of the period; of an arm the day of the first message.",
            ),
            column(
                "to_date",
                Date(|row| row.days.1),
                "date",
                "截止日期",
                "The last day of the period; of an arm the day on which the last window ends.",
            ),
            column(
                "is_complete",
                Flag(|row| Some(row.is_complete)),
                "",
                "是否完整",
                "Whether the whole period lies between the shop's first day in any input and the as-of date; of an arm, whether \
                 no window still runs. What is not complete is not to be compared as final.",
            ),
            of_period(
                "days",
                Count(|row| row.period.map(|period| period.days)),
                "days",
                "天数",
                "Days of the period between the shop's first day in any input and the as-of date.",
            ),
            same(DAYS_WITH_TRAFFIC.null_when(OF_ARMS), Count(|row| row.period.map(|period| period.means.days_with_traffic))),
            same(UV_SUM.null_when(NO_UV), Count(|row| row.period?.means.uv_sum)),
            same(UV_DAILY_MEAN.null_when(NO_UV), Ratio(|row| row.period?.means.uv_daily_mean())),
            same(PAYING_CUSTOMER_DAYS.null_when(NO_UV), Count(|row| row.period?.means.paying_customer_days)),
            same(PAYING_DAILY_MEAN.null_when(NO_UV), Ratio(|row| row.period?.means.paying_daily_mean())),
            same(
                UV_CONVERSION.null_when("no day of the period has a UV or all are 0, or the row is that of an arm"),
                Ratio(|row| row.period?.means.uv_conversion()),
            ),
            of_period(
                "paid_orders",
                Count(|row| row.period.map(|period| period.sold.paid_orders)),
                "orders",
                "支付订单数",
                "Orders whose payment lies in the period.",
            ),
            of_period(
                "paid_amount",
                Money(|row| row.period.map(|period| period.sold.paid_amount)),
                "CNY",
                "支付金额",
                "What was paid for these orders.",
            ),
            of_period(
                "refund_amount",
                Money(|row| row.period.map(|period| period.sold.refunded)),
                "CNY",
                "退款金额",
                "What of these payments was refunded by the as-of date, whenever that was. It can still grow.",
            ),
            column(
                "net_revenue",
                Money(Row::net_revenue),
                "CNY",
                "净支付金额（按支付日）",
                "What was paid less what of that was refunded by the as-of date: of the orders paid in the period, or of the \
                 purchases of the arm's members within their windows.",
            ),
            of_period(
                "paying_customers",
                Count(|row| row.period.map(|period| period.sold.paying_customers)),
                "customers",
                "支付买家数",
                "Distinct customers who paid an order in the period.",
            ),
            same(
                VALUE_PER_CUSTOMER.null_when("nobody paid in the period, or the row is that of an arm"),
                Ratio(|row| row.period.and_then(|Period { sold, .. }| money_per(sold.paid_amount, sold.paying_customers))),
            ),
            of_period(
                "new_customers",
                Count(|row| row.period.map(|period| period.sold.new_customers)),
                "customers",
                "新客数",
                "Customers whose first purchase lies in the period.",
            ),
            of_period(
                "returning_customers",
                Count(|row| row.period.map(|Period { sold, .. }| sold.purchasing_customers - sold.new_customers)),
                "customers",
                "老客数",
                "Distinct customers with a purchase in the period and their first one before it.",
            ),
            column(
                "cost",
                Money(|row: &Row| row.campaign.cost.filter(|_| row.before.is_some())),
                "CNY",
                "活动费用",
                "What the campaign cost.",
            )
            .null_when("the row is not that of during, or the input has no cost of it"),
            column("net_revenue_before", Money(|row: &Row| row.before), "CNY", "活动前净支付金额", "net_revenue of the row before.")
                .null_when(NOT_DURING),
            column(
                "return_on_cost",
                Number(|row: &Row| row.return_on_cost),
                "1",
                "投入产出比（增量）",
                "Net revenue that the message brought beyond what its members would have paid anyway, for each unit of the campaign's cost. It is \
                 revenue, not profit.",
            )
            .formula("revenue_difference × members / cost of the row of during")
            .null_when(
                "the row is not that of the treated, there is no control arm, a window still runs, the cost is 0 or unknown, or it is not \
                 settled: revenue_low is null, or 0 lies between revenue_low and revenue_high",
            ),
            of_arm(
                "members",
                Count(|row| row.arm.map(|arm| arm.members)),
                "customers",
                "人数",
                "Members of the arm whose message was sent by the as-of date, those who never bought included.",
            ),
            of_arm(
                "members_complete",
                Count(|row| row.arm.map(|arm| arm.complete)),
                "customers",
                "观察期满人数",
                "Members whose window is over by the end of the as-of date.",
            ),
            of_arm(
                "buyers",
                Count(|row| row.arm.map(|arm| arm.buyers)),
                "customers",
                "购买人数",
                "Members with a purchase in their window: params.campaign.window_days from the moment of the message on. A \
                 purchase is a paid order that was not refunded in full by the as-of date.",
            ),
            of_arm(
                "purchases",
                Count(|row| row.arm.map(|arm| arm.purchases)),
                "orders",
                "成交订单数",
                "Purchases of these buyers in their windows.",
            ),
            of_arm(
                "conversion",
                Share(|row| row.arm.and_then(|arm| ratio(arm.buyers, arm.members))),
                "1",
                "支付转化率",
                "The share of members who bought.",
            )
            .formula("buyers / members"),
            of_arm(
                "revenue_per_member",
                Number(|row| row.arm.and_then(|arm| money_per(arm.net_revenue, arm.members))),
                "CNY per member",
                "人均成交",
                "Net revenue for each member, those who bought nothing included.",
            )
            .formula("net_revenue / members"),
        ],
        &effect_columns(),
        &[column("note", Text(|row: &Row| row.note), "", "说明", "What keeps the row from being read as the effect of the campaign.")
            .null_when("nothing does")],
    ],
    rows: |night, out| {
        let (activity, campaigns) = (night.fold(&ACTIVITY)?, night.fold(&CAMPAIGNS)?);
        out.all(rows(&night.context, &activity, &campaigns, &night.shared(&CAMPAIGN_ARMS)?, &night.facts))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};
