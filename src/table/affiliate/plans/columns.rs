//! The columns of affiliate_plans.

use super::row::Row;
use crate::metric::ratio::{money_per, ratio, ratio_known};
use crate::spec::Grain;
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column};

const NO_CUSTOMERS: &str = "the job maps no customer_id";
const SOURCE: &str = "docs/definitions.md, Affiliates";

/// The key, and whether the month has ended.
pub const KEYS: [ValueColumn<Row>; 5] = [
    column("shop_id", Shop(|row: &Row| row.shop), "", "店铺", "The shop."),
    column(
        "affiliate_plan",
        Text(|row: &Row| Some(&row.plan)),
        "",
        "淘客推广计划",
        "The plan of the affiliate row, as the input has it; (none) for rows without one.",
    ),
    column(
        "publisher_id",
        Text(|row: &Row| Some(&row.publisher)),
        "",
        "淘客ID",
        "The publisher's id as text; (all) for all publishers of the plan together, whose orders and customers count once.",
    ),
    column(
        "month",
        Date(|row: &Row| Grain::Month.start(row.month)),
        "date",
        "月份",
        "The first day of the month in which the orders were paid, whenever the commission is settled.",
    ),
    column(
        "is_complete",
        Flag(|row: &Row| Some(row.is_complete)),
        "",
        "月份是否完整",
        "Whether the whole month lies between the first day of the shop in any input and the as-of date. Refunds, settlements and clawbacks \
         of its orders can still come.",
    ),
];

/// What was sold.
pub const SALES: [ValueColumn<Row>; 3] = [
    column(
        "orders",
        Count(|row: &Row| Some(row.own.orders.into())),
        "orders",
        "支付订单数",
        "Orders paid in the month with a line that the publisher brought. An order with lines of two publishers counts for both.",
    ),
    column(
        "paid_amount",
        Money(|row: &Row| Some(row.own.paid_amount)),
        "CNY",
        "支付金额",
        "What was paid for the lines that the publisher brought: those that its rows name, and of rows that name no line the lines of the \
         order that no other row names. Refunds are not deducted.",
    )
    .source(SOURCE),
    column(
        "net_revenue",
        Money(|row: &Row| Some(row.own.net_revenue)),
        "CNY",
        "净支付金额（按支付日）",
        "What was paid for these lines less what of it was refunded by the as-of date. It falls when a refund comes later.",
    )
    .source(SOURCE),
];

/// What it cost.
pub const COMMISSIONS: [ValueColumn<Row>; 10] = [
    column(
        "affiliate_rows",
        Count(|row: &Row| Some(row.own.rows.into())),
        "rows",
        "淘客订单行数",
        "Rows of the input affiliate_orders of these orders, the last version of each.",
    ),
    column(
        "settled_rows",
        Count(|row: &Row| Some(row.own.settled_rows.into())),
        "rows",
        "已结算行数",
        "Of these, those that were settled by the as-of date.",
    ),
    column(
        "commission_estimated",
        Money(|row: &Row| Some(row.own.estimated)),
        "CNY",
        "预估佣金",
        "The commission as it was estimated at the payment; a settlement above the estimate corrects it. It is the sum of \
         commission_settled, commission_clawed_back and commission_due.",
    )
    .formula("commission_settled + commission_clawed_back + commission_due")
    .source(SOURCE),
    column(
        "commission_settled",
        Money(|row: &Row| Some(row.own.commission().settled)),
        "CNY",
        "已结算佣金",
        "What of it was settled by the as-of date and not taken back since.",
    )
    .source(SOURCE),
    column(
        "commission_clawed_back",
        Money(|row: &Row| Some(row.own.commission().clawed_back)),
        "CNY",
        "扣回佣金",
        "What of it will not be paid: it was taken back before or after the settlement, or the settlement was lower than the estimate.",
    )
    .source(SOURCE),
    column(
        "commission_due",
        Money(|row: &Row| Some(row.own.commission().due())),
        "CNY",
        "待结算佣金",
        "What of it is neither settled nor taken back: the shop has still to pay it. An order that was refunded stays due until its row \
         says otherwise.",
    )
    .source(SOURCE),
    column(
        "commission",
        Money(|row: &Row| Some(row.commission())),
        "CNY",
        "佣金支出",
        "What the orders cost in commission: what was settled and what is still due.",
    )
    .formula("commission_settled + commission_due")
    .source(SOURCE),
    column(
        "commission_rate",
        Ratio(|row: &Row| ratio(row.commission(), row.own.paid_amount)),
        "1",
        "佣金率",
        "The part of what was paid for the lines that goes to the publisher, the service fee of the platform not included.",
    )
    .formula("commission / paid_amount")
    .null_when("paid_amount is 0"),
    column(
        "settlement_days",
        Ratio(|row: &Row| ratio(row.own.settlement_days, row.own.settled_rows.into())),
        "days",
        "平均结算天数",
        "Days from the payment of the order to the settlement of its commission, on average over settled_rows. Slow ones are not settled yet, \
         so that young months look fast.",
    )
    .null_when("settled_rows is 0"),
    column(
        "return_on_commission",
        Number(|row: &Row| ratio(row.own.net_revenue, row.commission())),
        "1",
        "佣金投入产出比",
        "Net revenue of the lines for each unit of commission. It is by net revenue, not by profit.",
    )
    .formula("net_revenue / commission")
    .null_when("commission is 0"),
];

/// Whom it won.
pub const CUSTOMERS: [ValueColumn<Row>; 10] = [
    column(
        "customers",
        Count(|row: &Row| row.people(row.own.customers)),
        "customers",
        "支付买家数",
        "Distinct customers with a purchase in the month that the publisher brought.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "new_customers",
        Count(|row: &Row| row.people(row.own.new_customers)),
        "customers",
        "新客数",
        "Customers whose first purchase in all the data lies in the month and has a line that the publisher brought.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "new_customer_share",
        Share(|row: &Row| ratio_known(row.people(row.own.new_customers), row.people(row.own.customers))),
        "1",
        "新客占比",
        "New customers among the customers that the publisher brought in the month.",
    )
    .formula("new_customers / customers")
    .null_when("there are no customers, or the job maps no customer_id"),
    column(
        "commission_per_new_customer",
        Number(|row: &Row| money_per(row.commission(), row.people(row.own.new_customers)?)),
        "CNY per customer",
        "单新客佣金",
        "The commission of all orders of the row for each new customer; it was paid for old customers too.",
    )
    .formula("commission / new_customers")
    .null_when("there are no new customers, or the job maps no customer_id"),
    column(
        "customers_90",
        Count(|row: &Row| row.people(row.own.customers_90)),
        "customers",
        "满90天新客数",
        "Of the new customers, those whose first purchase lies at least 90 days before the as-of date.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "repurchased_90",
        Count(|row: &Row| row.people(row.own.repurchased_90)),
        "customers",
        "90天内复购人数",
        "Of customers_90, those with a second purchase day within 90 days of the first, whoever brought it.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "repurchase_rate_90",
        Share(|row: &Row| ratio_known(row.people(row.own.repurchased_90), row.people(row.own.customers_90))),
        "1",
        "90天复购率",
        "The share of the new customers that bought again within 90 days, among those whose first purchase is that long ago.",
    )
    .formula("repurchased_90 / customers_90")
    .null_when("customers_90 is 0 or null"),
    column(
        "customers_180",
        Count(|row: &Row| row.people(row.own.customers_180)),
        "customers",
        "满180天新客数",
        "Of the new customers, those whose first purchase lies at least 180 days before the as-of date.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "net_revenue_180",
        Money(|row: &Row| row.net_revenue_180(&row.own)),
        "CNY",
        "180天净支付金额",
        "What customers_180 brought within 180 days of their first purchase, that included and whoever brought the later ones, less refunds \
         by the as-of date.",
    )
    .null_when("customers_180 is 0 or null"),
    column(
        "net_revenue_per_new_customer_180",
        Number(|row: &Row| money_per(row.net_revenue_180(&row.own)?, row.own.customers_180.into())),
        "CNY per customer",
        "180天客均净支付金额",
        "What a new customer brought within 180 days: what the commission of a new customer is to be compared with.",
    )
    .formula("net_revenue_180 / customers_180")
    .null_when("customers_180 is 0 or null"),
];

/// What came without any publisher.
pub const OTHERS: [ValueColumn<Row>; 12] = [
    column(
        "others_orders",
        Count(|row: &Row| Some(row.others.orders.into())),
        "orders",
        "非淘客支付订单数",
        "Orders of the shop paid in the month that no affiliate row names, in part or as a whole. All columns others_… are the same in all rows \
         of a shop and month.",
    )
    .source(SOURCE),
    column(
        "others_paid_amount",
        Money(|row: &Row| Some(row.others.paid_amount)),
        "CNY",
        "非淘客支付金额",
        "What was paid in the month for lines that no publisher brought: with paid_amount of (all) of every plan it adds up to paid_amount of \
         the shop.",
    )
    .source(SOURCE),
    column(
        "others_net_revenue",
        Money(|row: &Row| Some(row.others.net_revenue)),
        "CNY",
        "非淘客净支付金额",
        "What was paid for these lines less what of it was refunded by the as-of date.",
    ),
    column(
        "others_customers",
        Count(|row: &Row| row.people(row.others.customers)),
        "customers",
        "非淘客支付买家数",
        "Distinct customers with a purchase in the month among others_orders.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "others_new_customers",
        Count(|row: &Row| row.people(row.others.new_customers)),
        "customers",
        "非淘客新客数",
        "Customers whose first purchase in all the data lies in the month and is one of others_orders.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "others_new_customer_share",
        Share(|row: &Row| ratio_known(row.people(row.others.new_customers), row.people(row.others.customers))),
        "1",
        "非淘客新客占比",
        "The share of new customers in the shop's other sales.",
    )
    .formula("others_new_customers / others_customers")
    .null_when("there are no other customers, or the job maps no customer_id"),
    column(
        "others_customers_90",
        Count(|row: &Row| row.people(row.others.customers_90)),
        "customers",
        "非淘客满90天新客数",
        "Of others_new_customers, those whose first purchase lies at least 90 days before the as-of date.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "others_repurchased_90",
        Count(|row: &Row| row.people(row.others.repurchased_90)),
        "customers",
        "非淘客90天内复购人数",
        "Of others_customers_90, those with a second purchase day within 90 days of the first.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "others_repurchase_rate_90",
        Share(|row: &Row| ratio_known(row.people(row.others.repurchased_90), row.people(row.others.customers_90))),
        "1",
        "非淘客90天复购率",
        "The 90-day repurchase rate of the new customers whom no publisher brought.",
    )
    .formula("others_repurchased_90 / others_customers_90")
    .null_when("others_customers_90 is 0 or null"),
    column(
        "others_customers_180",
        Count(|row: &Row| row.people(row.others.customers_180)),
        "customers",
        "非淘客满180天新客数",
        "Of others_new_customers, those whose first purchase lies at least 180 days before the as-of date.",
    )
    .null_when(NO_CUSTOMERS),
    column(
        "others_net_revenue_180",
        Money(|row: &Row| row.net_revenue_180(&row.others)),
        "CNY",
        "非淘客180天净支付金额",
        "What others_customers_180 brought within 180 days of their first purchase, less refunds by the as-of date.",
    )
    .null_when("others_customers_180 is 0 or null"),
    column(
        "others_net_revenue_per_new_customer_180",
        Number(|row: &Row| money_per(row.net_revenue_180(&row.others)?, row.others.customers_180.into())),
        "CNY per customer",
        "非淘客180天客均净支付金额",
        "What a new customer whom no publisher brought was worth within 180 days.",
    )
    .formula("others_net_revenue_180 / others_customers_180")
    .null_when("others_customers_180 is 0 or null"),
];
