//! The columns of store_stage.

use super::store_stages::StageMonth;
use crate::job::stage::Stage;
use crate::spec::{Column, Grain, Kind};
use crate::table::column::Value::{Count, Date, Flag, Money, Number, Share, Shop, Text};
use crate::table::column::{ValueColumn, column, same};

const SOURCE: &str = "docs/definitions.md, Stages";
const NO_THREE: &str = "the month or one of the two before it is not a whole month of the shop's data";
const NO_BEFORE: &str = "one of the six months is not a whole month of the shop's data";
const NO_YEAR_AGO: &str = "one of the three months a year before is not a whole month of the shop's data";
const NO_ITEMS: &str = "the job maps no item_id, or amount_3m is null";
const NO_NEW_ITEMS: &str = "item_amount_3m is null, or the shop's data begin less than 90 days before the end of the month and nothing says that it opened \
                            since the data begin: its items may be older than its data";
const NO_CATEGORY: &str = "the job has no shops input, or no category of the shop";

/// The stage of the month, which tables of stages have.
pub const STAGE_OF_MONTH: Column = Column::new(
    "stage",
    Kind::Text,
    "",
    "店铺阶段",
    "incubation (酝酿期), growth (成长期), maturity (成熟期), maintenance (维持期) or bottleneck (瓶颈期): the first stage that a rule of the stage \
     file gave the shop, and after it another one when rules gave that for two months running.",
);

/// The key, and the stage with its reason.
pub const STAGE: [ValueColumn<StageMonth>; 7] = [
    column("shop_id", Shop(|row: &StageMonth| row.shop), "", "店铺", "The shop."),
    column("month", Date(|row: &StageMonth| Grain::Month.start(row.month)), "date", "月份",
        "The first day of the month. Months before the shop's opening have no row, as long as nothing was paid.",
    ),
    same(STAGE_OF_MONTH, Text(|row: &StageMonth| row.decision.stage.map(Stage::name)))
        .null_when("no rule has held in this month or one before it")
        .source(SOURCE),
    column(
        "since",
        Date(|row: &StageMonth| row.decision.since),
        "date",
        "阶段起始月",
        "The first day of the first month in which the shop was in the stage without a break.",
    )
    .null_when("stage is null"),
    column(
        "candidate_stage",
        Text(|row: &StageMonth| row.decision.candidate.map(|(_, stage)| stage.name())),
        "",
        "本月满足条件的阶段",
        "The stage of the first rule that holds in the month. Where it differs from stage, it becomes the stage if rules give it in the next \
         month too.",
    )
    .null_when("no rule holds"),
    column(
        "rule",
        Count(|row: &StageMonth| row.decision.candidate.map(|(number, _)| number)),
        "",
        "命中规则序号",
        "The number of that rule in the stage file, from 1.",
    )
    .null_when("no rule holds"),
    column(
        "reason",
        Text(|row: &StageMonth| Some(&row.decision.reason)),
        "",
        "阶段依据",
        "What the stage rests on: the rule that holds with its bounds, whose figures are columns of this row; or why the stage stays.",
    ),
];

/// Age, amounts and growth.
pub const AMOUNTS: [ValueColumn<StageMonth>; 7] = [
    column(
        "months_open",
        Count(|row: &StageMonth| row.figures.months_open),
        "months",
        "开店月数",
        "Whole months from the shop's opening to the end of the month.",
    )
    .null_when("the job has no shops input, or no opened_at of the shop, or the shop opened after the month"),
    column(
        "amount_3m",
        Money(|row: &StageMonth| row.figures.amount),
        "CNY",
        "近三月支付金额",
        "What was paid in the month and the two before it. Refunds are not deducted, so that the figures of a month stay what they are.",
    )
    .null_when(NO_THREE),
    column(
        "amount_3m_before",
        Money(|row: &StageMonth| row.figures.amount_before),
        "CNY",
        "前三月支付金额",
        "The same of the three months before these.",
    )
    .null_when(NO_BEFORE),
    column(
        "growth_3m",
        Number(|row: &StageMonth| row.figures.growth),
        "1",
        "近三月环比增长",
        "Relative change of amount_3m against the three months before: 0.2 is 20 % more. Where 24 whole months or more are known up to the month, \
         each with a paid amount, the season is taken out of both first.",
    )
    .formula("amount_3m / amount_3m_before - 1, each month divided by its seasonal factor where is_season_removed")
    .source(SOURCE)
    .null_when("amount_3m_before is null or 0"),
    column(
        "is_season_removed",
        Flag(|row: &StageMonth| row.figures.is_without_season),
        "",
        "是否剔除季节性",
        "Whether the season was taken out of growth_3m.",
    )
    .null_when("growth_3m is null"),
    column(
        "amount_3m_year_ago",
        Money(|row: &StageMonth| row.figures.amount_year_ago),
        "CNY",
        "去年同期三月支付金额",
        "What was paid in the same three months of the year before.",
    )
    .null_when(NO_YEAR_AGO),
    column(
        "growth_year",
        Number(|row: &StageMonth| row.figures.growth_year()),
        "1",
        "近三月同比增长",
        "Relative change of amount_3m against the same three months of the year before.",
    )
    .formula("amount_3m / amount_3m_year_ago - 1")
    .null_when("amount_3m_year_ago is null or 0"),
];

/// Returning customers.
pub const RETURNING: [ValueColumn<StageMonth>; 3] = [
    column(
        "returning_net_revenue_3m",
        Money(|row: &StageMonth| row.figures.net_revenue.map(|(returning, _)| returning)),
        "CNY",
        "近三月老客净支付金额",
        "What returning customers of each of the three months kept of their purchases: returning_net_revenue of shop_periods, added up.",
    )
    .null_when("amount_3m is null, or the job maps no customer_id"),
    column(
        "net_revenue_3m",
        Money(|row: &StageMonth| row.figures.net_revenue.map(|(_, all)| all)),
        "CNY",
        "近三月新老客净支付金额",
        "The same of new and returning customers.",
    )
    .null_when("amount_3m is null, or the job maps no customer_id"),
    column(
        "returning_amount_share",
        Share(|row: &StageMonth| row.figures.returning_amount_share()),
        "1",
        "老客支付金额占比",
        "The part of returning customers in the net revenue of the three months. It changes when a refund comes later.",
    )
    .formula("returning_net_revenue_3m / net_revenue_3m")
    .null_when("net_revenue_3m is null or 0"),
];

/// Items.
pub const ITEMS: [ValueColumn<StageMonth>; 4] = [
    column(
        "item_amount_3m",
        Money(|row: &StageMonth| row.figures.items.map(|items| items.paid_amount)),
        "CNY",
        "近三月商品支付金额",
        "What was paid in the three months for order lines with an item.",
    )
    .null_when(NO_ITEMS),
    column(
        "hit_items",
        Count(|row: &StageMonth| row.figures.items.map(|items| items.hit_items)),
        "items",
        "爆款数",
        "Items each of which brings a tenth of item_amount_3m or more.",
    )
    .source(SOURCE)
    .null_when(NO_ITEMS),
    column(
        "new_item_amount_3m",
        Money(|row: &StageMonth| row.figures.new_item_amount()),
        "CNY",
        "近三月新品支付金额",
        "What of item_amount_3m was paid for new items: those first sold within the 90 days that end with the month.",
    )
    .source(SOURCE)
    .null_when(NO_NEW_ITEMS),
    column(
        "new_item_share",
        Share(|row: &StageMonth| row.figures.new_item_share()),
        "1",
        "新品支付金额占比",
        "The part of new items in what was paid for items.",
    )
    .formula("new_item_amount_3m / item_amount_3m")
    .null_when("new_item_amount_3m is null, or item_amount_3m is 0"),
];

/// The place in the category.
pub const CATEGORY: [ValueColumn<StageMonth>; 3] = [
    column(
        "category_shops",
        Count(|row: &StageMonth| row.figures.ranked_shops),
        "shops",
        "类目内参与排名店铺数",
        "Shops of the job in the same category that have an amount_3m in the month, this one included: among so many it is ranked.",
    )
    .null_when(NO_CATEGORY),
    column(
        "category_rank",
        Count(|row: &StageMonth| row.figures.rank),
        "rank",
        "类目内支付金额排名",
        "The place of the shop among these by amount_3m, 1 the greatest. Ties share the better place.",
    )
    .null_when("amount_3m is null, category_shops is null or fewer than the job's min_peers (5)"),
    column(
        "category_rank_share",
        Share(|row: &StageMonth| row.figures.category_rank_share()),
        "1",
        "类目内排名百分位",
        "The rank as a part of these shops: 0.1 is the last place of the best tenth, 1 the last of all.",
    )
    .formula("category_rank / category_shops")
    .null_when("category_rank is null"),
];
