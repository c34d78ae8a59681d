//! Mean columns: daily means of visitors and paying customers and their conversion, as shop_periods and assessment_quarterly both have
//! them.

use crate::spec::{Column, Kind};

const NO_UV: &str = "no day of the period has a UV";
const NO_UV_OR_CUSTOMERS: &str = "no day of the period has a UV, or the job maps no customer_id";

pub const DAYS: Column = Column::new(
    "days",
    Kind::Count,
    "days",
    "天数",
    "Days from the later of the period's start and the shop's first day in any input to the earlier of the period's end and the as-of date.",
);
pub const DAYS_WITH_TRAFFIC: Column = Column::new(
    "days_with_traffic",
    Kind::Count,
    "days",
    "有流量数据天数",
    "Days of these for which the traffic input, or page views in its place, have a UV of the shop.",
);
pub const UV_SUM: Column = Column::new(
    "uv_sum",
    Kind::Count,
    "visitor-days",
    "日访客数合计",
    "The daily UV summed over the days with one. Not a number of people: who came on two days is in it twice. It is the base of uv_daily_mean and uv_conversion.",
)
.null_when(NO_UV);
pub const UV_DAILY_MEAN: Column =
    Column::new("uv_daily_mean", Kind::Ratio, "visitors per day", "日均访客数", "The mean of the daily UV over the days with one.")
        .formula("uv_sum / days_with_traffic")
        .null_when(NO_UV);
pub const PAYING_CUSTOMER_DAYS: Column = Column::new(
    "paying_customer_days",
    Kind::Count,
    "customer-days",
    "日支付买家数合计",
    "The daily numbers of paying customers summed over the days with a UV; who paid on two of these days is in it twice.",
)
.null_when(NO_UV_OR_CUSTOMERS);
pub const PAYING_DAILY_MEAN: Column = Column::new(
    "paying_daily_mean",
    Kind::Ratio,
    "customers per day",
    "日均支付买家数",
    "The mean of the daily numbers of paying customers over the same days as uv_daily_mean: those with a UV. Days without traffic data stay out of both.",
)
.formula("paying_customer_days / days_with_traffic")
.null_when(NO_UV_OR_CUSTOMERS);
pub const UV_CONVERSION: Column = Column::new(
    "uv_conversion",
    Kind::Ratio,
    "1",
    "支付转化率（日均）",
    "Conversion as the platform assesses it: the daily mean of paying customers divided by the daily mean of visitors, both over the days with a UV.",
)
.formula("paying_daily_mean / uv_daily_mean = paying_customer_days / uv_sum")
.source("docs/definitions.md, UV conversion")
.null_when("no day of the period has a UV or all are 0, or the job maps no customer_id");
