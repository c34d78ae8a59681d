//! Total columns: which shops a row is of, and what their visitors say together.

use crate::history::scopes::Scope;
use crate::metric::uv_conversion::DailyMeans;
use crate::table::column::Value::{Count, Ratio, Text};
use crate::table::column::{ValueColumn, column};
use crate::table::shop::columns::ShopRow;

const SOURCE: &str = "docs/definitions.md, Totals";
const NO_UV: &str = "the traffic input has no UV of any of the shops on any of the days";
const NO_UV_OR_CUSTOMERS: &str = "uv_sum is null, or the job maps no customer_id";

/// A row of shops taken together.
pub trait TotalRow: ShopRow {
    /// Which shops.
    fn scope(&self) -> &Scope;

    /// How many of them have data by the end of the row.
    fn shops(&self) -> i64;

    /// Visitors and paying customers by shop and day.
    fn means(&self) -> &DailyMeans {
        &self.figures().means
    }
}

/// Which shops: the first part of the key.
pub const fn scope_columns<Row: TotalRow>() -> [ValueColumn<Row>; 2] {
    [
        column(
            "scope",
            Text(|row: &Row| Some(row.scope().name())),
            "",
            "合计范围",
            "Which shops are taken together: all, or category. Every shop is in one row of each: a sum over rows takes one scope only.",
        )
        .source(SOURCE),
        column(
            "category",
            Text(|row: &Row| Some(row.scope().shared())),
            "",
            "主营类目",
            "The main category of the shops in the shops input, (none) of those that name none; (all) where the scope is all.",
        ),
    ]
}

/// How many shops.
pub const fn shops_column<Row: TotalRow>() -> ValueColumn<Row> {
    column(
        "shops",
        Count(|row: &Row| Some(row.shops())),
        "shops",
        "店铺数",
        "Shops of the row that have data by then: with anything in any input on or before the last day of the row. Where it grows, the \
         figures grow by shops that joined.",
    )
}

/// Visitors of the shops, added up by shop and day, since nobody knows who visited two of them.
pub const fn visitor_columns<Row: TotalRow>() -> [ValueColumn<Row>; 4] {
    [
        column(
            "shop_days_with_traffic",
            Count(|row: &Row| Some(row.means().days_with_traffic)),
            "shop-days",
            "有流量数据店铺天数",
            "Days for which the traffic input, or page views in its place, have a UV, counted for each of these shops.",
        ),
        column(
            "uv_sum",
            Count(|row: &Row| row.means().uv_sum),
            "visitor-days",
            "日访客数合计",
            "The daily UV of each of these shops, summed over shop_days_with_traffic. Not a number of people: who came to two shops, or on \
             two days, is in it twice.",
        )
        .null_when(NO_UV),
        column(
            "paying_customer_days",
            Count(|row: &Row| row.means().paying_customer_days),
            "customer-days",
            "日支付买家数合计",
            "The daily paying customers of each of these shops, summed over shop_days_with_traffic: who paid in two shops, or on two days, is \
             in it twice, as in uv_sum.",
        )
        .null_when(NO_UV_OR_CUSTOMERS),
        column(
            "uv_conversion",
            Ratio(|row: &Row| row.means().uv_conversion()),
            "1",
            "支付转化率（日均）",
            "What part of the visitors of these shops paid, by shop and day: the mean of the shops' conversions, each weighted by its \
             visitors.",
        )
        .formula("paying_customer_days / uv_sum")
        .source("docs/definitions.md, UV conversion")
        .null_when("uv_sum is null or 0, or the job maps no customer_id"),
    ]
}
