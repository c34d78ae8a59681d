//! The columns of service_conversion.

use super::row::Row;
use crate::metric::ratio::{money_per, ratio, ratio_known};
use crate::spec::Grain;
use crate::table::column::Value::{Count, Date, Flag, Integer, Money, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column};

const SOURCE: &str = "docs/definitions.md, Service";
const NO_REFUNDS: &str =
    "the job maps neither refund_amount nor status of the orders and has no refunds input: nothing says what was refunded";
const ALL_ONLY: &str = "the row is of one agent, or no day of the month has a uv of the shop";

/// The key, and whether the month has ended.
pub const KEYS: [ValueColumn<Row>; 4] = [
    column("shop_id", Shop(|row: &Row| row.shop), "", "店铺", "The shop."),
    column(
        "agent_id",
        Text(|row: &Row| Some(&row.agent)),
        "",
        "客服",
        "The agent's id as text; (all) for all agents of the shop together. A customer who asks two agents on a day is an inquirer of both, \
         and once of (all).",
    ),
    column("month", Date(|row: &Row| Grain::Month.start(row.month)), "date", "月份", "The first day of the month of the questions."),
    column(
        "is_complete",
        Flag(|row: &Row| Some(row.is_complete)),
        "",
        "月份是否完整",
        "Whether the month and the day after it, on which its last questions can still become orders, lie between the first day of the shop in \
         any input and the as-of date.",
    ),
];

/// Who asked, and who of them paid.
pub const CONVERSION: [ValueColumn<Row>; 10] = [
    column(
        "questions",
        Count(|row: &Row| Some(row.served.questions.into())),
        "questions",
        "咨询次数",
        "Rows of the input inquiries. Several of a customer on a day make one inquirer.",
    ),
    column(
        "inquirers",
        Count(|row: &Row| Some(row.served.inquirers.into())),
        "customer days",
        "询单人次（人·天）",
        "Customers who asked, counted once for each day on which they did: the platform counts by day. Days add up.",
    )
    .source(SOURCE),
    column(
        "inquiring_customers",
        Count(|row: &Row| Some(row.served.customers.into())),
        "customers",
        "询单客户数",
        "Distinct customers who asked in the month.",
    ),
    column(
        "paid_same_day",
        Count(|row: &Row| Some(row.served.same_day.into())),
        "customer days",
        "询单当日付款人数",
        "Inquirers who paid an order on the day of their question, be it before or after it.",
    )
    .source(SOURCE),
    column(
        "inquiry_same_day",
        Share(|row: &Row| ratio(row.served.same_day.into(), row.served.inquirers.into())),
        "1",
        "询单当日转化率",
        "The share of the inquirers who paid on the same day. Who asks where a parcel is and has paid that day counts as well.",
    )
    .formula("paid_same_day / inquirers")
    .source(SOURCE),
    column(
        "paid_next_day",
        Count(|row: &Row| Some(row.served.next_day.into())),
        "customer days",
        "询单次日内付款人数",
        "Inquirers who paid an order on the day of their question or on the next day. Who asks on two days and pays on the second counts for \
         both.",
    )
    .source(SOURCE),
    column(
        "inquiry_next_day",
        Share(|row: &Row| ratio(row.served.next_day.into(), row.served.inquirers.into())),
        "1",
        "询单次日转化率",
        "The share of the inquirers who paid by the end of the next day.",
    )
    .formula("paid_next_day / inquirers")
    .source(SOURCE),
    column(
        "inquirers_net",
        Count(|row: &Row| Some(row.served.net_inquirers.into())),
        "customer days",
        "净询单人次（人·天）",
        "Inquirers who had paid no order of the shop in the 21 days (of 24 hours) before their first question of the day: the others may ask about \
         what they bought (售后).",
    )
    .source(SOURCE),
    column(
        "paid_net",
        Count(|row: &Row| Some(row.served.net_paid.into())),
        "customer days",
        "净询单付款人数",
        "Of inquirers_net, those who then paid an order by the end of the next day.",
    )
    .source(SOURCE),
    column(
        "inquiry_net",
        Share(|row: &Row| ratio(row.served.net_paid.into(), row.served.net_inquirers.into())),
        "1",
        "净询单转化率",
        "The share of the inquirers without a recent order who paid by the end of the next day: what agents talk customers into.",
    )
    .formula("paid_net / inquirers_net")
    .source(SOURCE)
    .null_when("inquirers_net is 0"),
];

/// What they bought.
pub const SALES: [ValueColumn<Row>; 9] = [
    column(
        "orders",
        Count(|row: &Row| Some(row.served.orders.into())),
        "orders",
        "客服促成订单数",
        "Orders paid on the day of a question or on the next day, and not before it. An order belongs to the agent who was asked last before it was \
         paid, and to the month of that question: over the agents orders add up to (all).",
    )
    .source(SOURCE),
    column(
        "buyers",
        Count(|row: &Row| Some(row.served.buyers.into())),
        "customers",
        "客服促成买家数",
        "Distinct customers who paid these orders.",
    ),
    column(
        "paid_amount",
        Money(|row: &Row| Some(row.served.paid_amount)),
        "CNY",
        "客服促成支付金额",
        "What was paid for these orders. Refunds are not deducted.",
    )
    .source(SOURCE),
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
        Share(|row: &Row| ratio_known(row.refunded(), Some(row.served.paid_amount))),
        "1",
        "退款金额占比",
        "The part of what was paid for these orders that went back by the as-of date: an agent who promises too much has a high one.",
    )
    .formula("refunded_of_paid / paid_amount")
    .null_when("paid_amount is 0, or refunded_of_paid is null"),
    column(
        "value_per_customer",
        Ratio(|row: &Row| money_per(row.served.paid_amount, row.served.buyers.into())),
        "CNY per customer",
        "客单价",
        "What a buyer paid in these orders.",
    )
    .formula("paid_amount / buyers")
    .null_when("there are no buyers"),
    column(
        "shop_paid_amount",
        Money(|row: &Row| Some(row.of_shop.paid_amount)),
        "CNY",
        "店铺支付金额",
        "What was paid for all orders of the shop in the month: paid_amount of shop_periods.",
    ),
    column(
        "shop_paying_customers",
        Count(|row: &Row| Some(row.of_shop.paying_customers)),
        "customers",
        "店铺支付买家数",
        "Distinct customers who paid an order of the shop in the month: paying_customers of shop_periods.",
    ),
    column(
        "shop_value_per_customer",
        Ratio(|row: &Row| money_per(row.of_shop.paid_amount, row.of_shop.paying_customers)),
        "CNY per customer",
        "店铺客单价",
        "What a paying customer of the shop paid in the month, to compare value_per_customer with.",
    )
    .formula("shop_paid_amount / shop_paying_customers")
    .null_when("nobody paid in the month"),
];

/// How quickly they were answered.
pub const RESPONSE: [ValueColumn<Row>; 2] = [
    column(
        "answered_questions",
        Count(|row: &Row| Some(row.served.answered.into())),
        "questions",
        "有响应时间的咨询次数",
        "Questions with response_seconds.",
    ),
    column(
        "response_seconds",
        Ratio(|row: &Row| ratio(row.served.response_seconds, row.served.answered.into())),
        "seconds",
        "平均响应时间（秒）",
        "Seconds to the response, on average over answered_questions.",
    )
    .null_when("answered_questions is 0, or the job maps no response_seconds"),
];

/// Who came and bought without asking.
pub const SILENT: [ValueColumn<Row>; 8] = [
    column(
        "days_with_traffic",
        Count(|row: &Row| row.visited.map(|visited| visited.days)),
        "days",
        "有流量数据天数",
        "Days of the month with a uv of the shop, to which the columns that follow are limited.",
    )
    .null_when(ALL_ONLY),
    column(
        "uv",
        Count(|row: &Row| row.visited.map(|visited| visited.uv)),
        "visitors",
        "访客数",
        "The uv of these days added up: visitor days, not people.",
    )
    .null_when(ALL_ONLY),
    column(
        "inquirers_with_traffic",
        Count(|row: &Row| row.visited.map(|visited| visited.inquirers)),
        "customer days",
        "有流量数据日的询单人次",
        "The inquirers of these days.",
    )
    .null_when(ALL_ONLY),
    column(
        "inquiry_rate",
        Ratio(|row: &Row| row.visited.and_then(|visited| ratio(visited.inquirers, visited.uv))),
        "1",
        "询单咨询率",
        "Inquirers for each visitor, by day. It passes 1 where more customers asked than the traffic counts visitors.",
    )
    .formula("inquirers_with_traffic / uv")
    .source(SOURCE)
    .null_when("the row is of one agent, or uv is 0 or null"),
    column(
        "silent_customers",
        Count(|row: &Row| row.visited.map(|visited| visited.silent)),
        "customer days",
        "静默付款人次（人·天）",
        "Customers who paid an order on one of these days and asked no agent on that day, counted once for each such day.",
    )
    .source(SOURCE)
    .null_when(ALL_ONLY),
    column(
        "silent_visitors",
        Integer(|row: &Row| row.visited.map(|visited| visited.uv - visited.inquirers)),
        "visitors",
        "静默访客数",
        "Visitors who asked no agent. Below 0 where the traffic counts fewer visitors than customers asked.",
    )
    .formula("uv - inquirers_with_traffic")
    .null_when(ALL_ONLY),
    column(
        "silent_of_silent_visitors",
        Ratio(|row: &Row| row.visited.and_then(|visited| ratio(visited.silent, visited.silent_visitors()?))),
        "1",
        "静默转化率（静默访客口径）",
        "Silent buyers for each visitor who did not ask: what the pages sell by themselves.",
    )
    .formula("silent_customers / silent_visitors")
    .source(SOURCE)
    .null_when("the row is of one agent, or silent_visitors is null or not above 0"),
    column(
        "silent_of_all_visitors",
        Ratio(|row: &Row| row.visited.and_then(|visited| ratio(visited.silent, visited.uv))),
        "1",
        "静默转化率（全部访客口径）",
        "Silent buyers for each visitor, whether the visitor asked or not: with those who asked and paid it is the conversion of the day.",
    )
    .formula("silent_customers / uv")
    .source(SOURCE)
    .null_when("the row is of one agent, or uv is 0 or null"),
];
