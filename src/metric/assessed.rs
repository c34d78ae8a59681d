//! Assessed metrics: what rule files can require of a shop, each with its definition, unit and better end.

use super::peers::Best;

/// A metric that requirements of assessments name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assessed {
    /// The name in rule files and in results.
    pub name: &'static str,
    /// The name that operators use.
    pub chinese: &'static str,
    /// The unit of values, thresholds and margins.
    pub unit: &'static str,
    /// Which end is the good one.
    pub best: Best,
    /// What it means, in a sentence.
    pub definition: &'static str,
    /// The input without which it is unknown.
    pub input: &'static str,
}

const fn most(name: &'static str, chinese: &'static str, unit: &'static str, input: &'static str, definition: &'static str) -> Assessed {
    Assessed { name, chinese, unit, best: Best::Most, definition, input }
}

const fn least(name: &'static str, chinese: &'static str, unit: &'static str, input: &'static str, definition: &'static str) -> Assessed {
    Assessed { name, chinese, unit, best: Best::Least, definition, input }
}

/// All of them. The source of each is 3-assessments, Metrics. A name that is not here is one of the input `shop_metrics`, of
/// which more is better.
pub static ASSESSED: [Assessed; 24] = [
    most(
        "paid_amount",
        "店铺交易额",
        "CNY",
        "orders",
        "What was paid in the period; the rule names the base: paid, net_by_payment, net_by_refund or settled.",
    ),
    most(
        "uv_conversion",
        "日均成交UV转化率",
        "1",
        "traffic",
        "The daily mean of paying customers over the daily mean of visitors, both over the days of the period that have traffic.",
    ),
    most("payment_rate", "支付率", "1", "orders", "Orders paid in the period over orders placed in it."),
    most("dsr_description", "描述相符", "points, 1 to 5", "ratings", "How well goods match their description, at the period's end."),
    most("dsr_service", "服务态度", "points, 1 to 5", "ratings", "The service, at the period's end."),
    most("dsr_delivery", "发货速度", "points, 1 to 5", "ratings", "How fast the shop ships, at the period's end."),
    most("dsr_logistics", "物流服务", "points, 1 to 5", "ratings", "The carrier, at the period's end."),
    most(
        "dsr_mean",
        "店铺动态评分均值",
        "points, 1 to 5",
        "ratings",
        "The plain mean of those of the four scores that there are, at the period's end.",
    ),
    least(
        "dispute_rate",
        "纠纷率",
        "1",
        "refunds",
        "Of the refund applications made in the period, the share in which the platform intervened.",
    ),
    least(
        "intervened_refunds",
        "小二介入数",
        "applications",
        "refunds",
        "Refund applications made in the period in which the platform intervened.",
    ),
    least("refund_applications", "退款申请数", "applications", "refunds", "Refund applications made in the period."),
    least("refund_rate", "退款率", "1", "refunds", "Refund applications made in the period over orders paid in it."),
    least(
        "refund_hours",
        "平均退款时长",
        "hours",
        "refunds",
        "The mean time from application to success, of the applications made in the period that succeeded.",
    ),
    least("complaint_rate", "投诉率", "1", "complaints", "Complaints of the period over orders paid in it."),
    least(
        "delivery_hours",
        "平均发货时长",
        "hours",
        "orders",
        "The mean time from paid to shipped, of the orders paid in the period that were shipped.",
    ),
    most("new_items", "上新数", "items", "listings", "New items, summed over the months that begin in the period."),
    most(
        "service_score_min",
        "基础服务考核分最低值",
        "points",
        "service_scores",
        "The worst monthly service score of the period: at least the standard where every month's is.",
    ),
    most("service_score_mean", "基础服务考核分均值", "points", "service_scores", "The mean of the period's monthly service scores."),
    most(
        "service_score_kth",
        "基础服务考核分第k高值",
        "points",
        "service_scores",
        "The worst monthly service score when the 12 - k worst of a year are left out: at least the standard where k of twelve months are.",
    ),
    least(
        "service_months_below",
        "低于标准的月数",
        "months",
        "service_scores",
        "Months of the period whose service score is below the standard that the rule names.",
    ),
    least(
        "idle_months",
        "连续无经营月数",
        "months",
        "orders",
        "The longest run of months without business: nothing live, nothing sold, or no main category.",
    ),
    least(
        "violation_points",
        "一般违规扣分",
        "points",
        "violations",
        "Points for general violations from 1 January of the year in which the period ends.",
    ),
    least(
        "serious_violation_points",
        "严重违规扣分",
        "points",
        "violations",
        "Points for serious violations from 1 January of the year in which the period ends.",
    ),
    least("red_line_violations", "红线违规数", "violations", "violations", "Violations of a red line in the period."),
];

/// The metric of that name.
pub fn assessed(name: &str) -> Option<&'static Assessed> {
    ASSESSED.iter().find(|metric| metric.name == name)
}

/// The end of a metric that is the good one; of figures that only the platform has, the greater.
pub fn best_of(metric: &str) -> Best {
    assessed(metric).map_or(Best::Most, |metric| metric.best)
}
