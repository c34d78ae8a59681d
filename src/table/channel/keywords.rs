//! keywords: what each search keyword brought, cost and sold in each week, month, quarter and year.

use std::sync::OnceLock;

use super::keyword_periods::{self, KeywordPeriod as Row};
use super::searched::Pair;
use crate::input::records::keyword_days::KeywordFigure::{Amount, Clicks, Cost, Impressions, Orders, Uv};
use crate::metric::ratio::{money_per, ratio_known};
use crate::spec::Need;
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Ratio, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::shop::period_columns::{GRAIN, IS_COMPLETE, PERIOD_START};
use crate::table::unit::{Table, Witness};

const NO_FIGURE: &str = "the job does not map the column, or no row of the keyword in the period has a value of it";
const NO_COST: &str = "no row of the keyword in the period has a cost and a value of it";
const NO_KEYWORD_BEFORE: &str = "the period before is incomplete or has no row of the keyword, or none with a value of it; always for (other), which has other keywords each time";

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "keywords",
    chinese: "搜索关键词报表",
    question: "Which search keywords brought visitors and sales in each week, month, quarter and year, and what did they cost?",
    grain: "one keyword of a shop in a period, if it has at least 10 clicks there; all others of the shop and period together",
    key: &["shop_id", "grain", "period_start", "keyword"],
    needs: &[Need { input: "keyword_traffic", column: "" }],
    uses: &[],
    reads: &[],
    columns: &[&PERIOD, &TRAFFIC, &SALES, &COSTS, &CHANGES],
    rows: |night, out| {
        (0..night.context.shops.len() as u32)
            .try_for_each(|shop| keyword_periods::of_shop(&night.context, &night.facts, shop, &mut |row| out.row(row)))
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// Which keyword, and when.
const PERIOD: [ValueColumn<Row>; 7] = [
    column("shop_id", Shop(|row: &Row| row.shop), "", "店铺", "The shop."),
    same(GRAIN, Text(|row: &Row| Some(row.grain.name()))),
    same(PERIOD_START, Date(|row: &Row| row.grain.start(row.index))),
    column(
        "keyword",
        Text(|row: &Row| Some(&row.keyword)),
        "",
        "搜索关键词",
        "The keyword as the input has it: capitals and blanks distinguish. The rows of all its channels are added up, and a keyword of \
         two channels is one row. (other) stands for the keywords with fewer than 10 clicks in the period; where no row of a keyword has \
         clicks, its visitor days decide, and one without either is there too. The rows of a period add up to the input.",
    ),
    same(IS_COMPLETE, Flag(|row: &Row| Some(row.is_complete))),
    column(
        "keywords",
        Count(|row: &Row| Some(row.keywords)),
        "keywords",
        "关键词数",
        "Keywords in the row: 1, and of (other) all that it sums.",
    ),
    column(
        "days_with_rows",
        Count(|row: &Row| Some(row.searched.days)),
        "days",
        "有关键词数据天数",
        "Days of the period for which the input has a row of the shop, of any keyword. Exports have the keywords that brought somebody: a \
         keyword without a row on one of these days counts as 0 there.",
    ),
];

/// What the platform counted.
const TRAFFIC: [ValueColumn<Row>; 9] = [
    column(
        "impressions",
        Count(|row: &Row| row.searched.sums.figure(Impressions)),
        "impressions",
        "展现量",
        "How often the shop was shown for the keyword, summed over the rows with a value.",
    )
    .null_when(NO_FIGURE),
    column(
        "clicks",
        Count(|row: &Row| row.searched.sums.figure(Clicks)),
        "clicks",
        "点击量",
        "How often it was clicked, summed over the rows with a value.",
    )
    .null_when(NO_FIGURE),
    column(
        "click_rate",
        Ratio(|row: &Row| {
            row.searched.sums.rate(Pair::ClicksOfImpressions, |sums| ratio_known(sums.figure(Clicks), sums.figure(Impressions)))
        }),
        "1",
        "点击率",
        "Clicks among impressions.",
    )
    .formula("clicks / impressions")
    .null_when("clicks or impressions is null, impressions is 0, or a row has one of them without the other"),
    column(
        "clicks_daily_mean",
        Ratio(|row: &Row| row.searched.clicks()),
        "clicks per day",
        "日均点击量",
        "Clicks for each day for which the input has a row of the shop.",
    )
    .formula("clicks / days_with_rows")
    .null_when("clicks is null"),
    column(
        "uv_sum",
        Count(|row: &Row| row.searched.sums.figure(Uv)),
        "visitor-days",
        "日访客数合计",
        "The daily visitors by the keyword, summed over the rows with a value. Not a number of people: who came on two days, by two \
         keywords or by two channels is in it twice.",
    )
    .null_when(NO_FIGURE),
    column(
        "uv_daily_mean",
        Ratio(|row: &Row| row.searched.uv()),
        "visitors per day",
        "日均访客数",
        "Visitors by the keyword for each day for which the input has a row of the shop.",
    )
    .formula("uv_sum / days_with_rows")
    .null_when("uv_sum is null"),
    column(
        "keywords_uv_sum",
        Count(|row: &Row| row.total_uv),
        "visitor-days",
        "各关键词日访客数合计",
        "uv_sum of all keywords of the shop in the period together.",
    )
    .null_when("no keyword of the shop has visitors in the period"),
    column(
        "uv_share",
        Share(|row: &Row| ratio_known(row.searched.sums.figure(Uv), row.total_uv)),
        "1",
        "访客占比",
        "The keyword's part of the visitors by all keywords; over the rows of a period it adds up to 1.",
    )
    .formula("uv_sum / keywords_uv_sum")
    .null_when("uv_sum is null, or keywords_uv_sum is 0"),
    column(
        "orders",
        Count(|row: &Row| row.searched.sums.figure(Orders)),
        "orders",
        "支付订单数",
        "Orders that the platform ascribes to the keyword, by its own rules and window, summed over the rows with a value. They are not \
         those of the orders input, and may not add up to them.",
    )
    .null_when(NO_FIGURE),
];

/// What was sold by it.
const SALES: [ValueColumn<Row>; 3] = [
    column(
        "amount",
        Money(|row: &Row| row.searched.sums.figure(Amount)),
        "CNY",
        "成交金额",
        "What the platform ascribes to the keyword of what was paid, summed over the rows with a value.",
    )
    .null_when(NO_FIGURE),
    column("conversion", Ratio(|row: &Row| row.searched.conversion()), "1", "访客转化率", "Orders for each visitor of a day.")
        .formula("orders / uv_sum")
        .null_when("orders or uv_sum is null, uv_sum is 0, or a row has one of them without the other"),
    column(
        "click_conversion",
        Ratio(|row: &Row| row.searched.sums.rate(Pair::OrdersOfClicks, |sums| ratio_known(sums.figure(Orders), sums.figure(Clicks)))),
        "1",
        "点击转化率",
        "Orders for each click, as reports of paid search have it. Lower than conversion: who clicks twice is one visitor.",
    )
    .formula("orders / clicks")
    .null_when("orders or clicks is null, clicks is 0, or a row has one of them without the other"),
];

/// What it cost, and what that brought.
const COSTS: [ValueColumn<Row>; 7] = [
    column(
        "cost",
        Money(|row: &Row| row.searched.sums.figure(Cost)),
        "CNY",
        "推广花费",
        "Money spent on the keyword, summed over the rows with a value.",
    )
    .null_when(NO_FIGURE),
    column(
        "clicks_with_cost",
        Count(|row: &Row| row.searched.sums.clicks_with_cost()),
        "clicks",
        "付费点击量",
        "Clicks of the rows with a cost, 0.00 included: search that costs nothing has no part in them.",
    )
    .null_when(NO_COST),
    column(
        "cost_per_click",
        Ratio(|row: &Row| row.searched.sums.rate(Pair::ClicksOfCost, |sums| money_per(sums.figure(Cost)?, sums.clicks_with_cost()?))),
        "CNY per click",
        "平均点击花费",
        "What a click cost.",
    )
    .formula("cost / clicks_with_cost")
    .null_when("cost is null, clicks_with_cost is null or 0, or a row has a cost and no clicks"),
    column(
        "orders_with_cost",
        Count(|row: &Row| row.searched.sums.orders_with_cost()),
        "orders",
        "付费支付订单数",
        "Orders of the rows with a cost.",
    )
    .null_when(NO_COST),
    column(
        "cost_per_order",
        Ratio(|row: &Row| row.searched.sums.rate(Pair::OrdersOfCost, |sums| money_per(sums.figure(Cost)?, sums.orders_with_cost()?))),
        "CNY per order",
        "成交成本",
        "What was spent on the keyword for each order that was paid by it.",
    )
    .formula("cost / orders_with_cost")
    .null_when("cost is null, orders_with_cost is null or 0, or a row has a cost and no orders"),
    column(
        "amount_with_cost",
        Money(|row: &Row| row.searched.sums.amount_with_cost()),
        "CNY",
        "付费成交金额",
        "What was paid by the rows with a cost.",
    )
    .null_when(NO_COST),
    column(
        "return_on_cost",
        Ratio(|row: &Row| row.searched.sums.rate(Pair::AmountOfCost, |sums| ratio_known(sums.amount_with_cost(), sums.figure(Cost)))),
        "1",
        "投入产出比 (ROI)",
        "What was paid by the keyword's paid clicks for each yuan spent on it. It counts neither refunds nor what the goods cost.",
    )
    .formula("amount_with_cost / cost")
    .null_when("amount_with_cost is null, cost is null or 0, or a row has a cost and no amount"),
];

/// Against the period before.
const CHANGES: [ValueColumn<Row>; 6] = [
    column(
        "clicks_daily_mean_previous",
        Ratio(|row: &Row| row.before?.clicks()),
        "clicks per day",
        "上期日均点击量",
        "clicks_daily_mean of the keyword in the period before, of the same grain, also where it was too rare for a row of its own there.",
    )
    .null_when(NO_KEYWORD_BEFORE),
    column(
        "clicks_daily_mean_vs_previous",
        Number(|row: &Row| row.clicks_change()),
        "1",
        "日均点击量环比",
        "The change of clicks_daily_mean against the period before. A running period is compared by its days so far.",
    )
    .formula("clicks_daily_mean / clicks_daily_mean_previous - 1")
    .null_when("clicks_daily_mean is null, or clicks_daily_mean_previous is null or 0"),
    column(
        "uv_daily_mean_previous",
        Ratio(|row: &Row| row.before?.uv()),
        "visitors per day",
        "上期日均访客数",
        "uv_daily_mean of the keyword in the period before, of the same grain, also where it was too rare for a row of its own there.",
    )
    .null_when(NO_KEYWORD_BEFORE),
    column(
        "uv_daily_mean_vs_previous",
        Number(|row: &Row| row.uv_change()),
        "1",
        "日均访客数环比",
        "The change of uv_daily_mean against the period before. A running period is compared by its days so far.",
    )
    .formula("uv_daily_mean / uv_daily_mean_previous - 1")
    .null_when("uv_daily_mean is null, or uv_daily_mean_previous is null or 0"),
    column(
        "conversion_previous",
        Ratio(|row: &Row| row.before?.conversion()),
        "1",
        "上期访客转化率",
        "conversion of the keyword in the period before, of the same grain.",
    )
    .null_when(
        "the period before is incomplete or has no row of the keyword, or conversion is null there; always for (other), which has other \
         keywords each time",
    ),
    column(
        "conversion_vs_previous",
        Number(|row: &Row| row.conversion_change()),
        "1",
        "访客转化率环比",
        "The change of conversion against the period before. A running period is compared by its days so far.",
    )
    .formula("conversion / conversion_previous - 1")
    .null_when("conversion is null, or conversion_previous is null or 0"),
];

#[cfg(test)]
mod tests;
