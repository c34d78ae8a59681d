//! Assessed metrics: the metrics that rule files can require, each with its definition, unit and better direction.

use super::peers::Best;

/// A metric that requirements of assessments can name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assessed {
    /// The name in rule files and in results.
    pub name: &'static str,
    /// The name that operators use.
    pub chinese: &'static str,
    /// The unit of values, thresholds and margins.
    pub unit: &'static str,
    /// Whether more or less of it is better.
    pub best: Best,
    /// The definition, in one sentence. A running period ends with the as-of date.
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

/// 店铺交易额.
pub const PAID_AMOUNT: Assessed = most(
    "paid_amount",
    "店铺交易额",
    "CNY",
    "orders",
    "What was paid in the period; the rule names the base: paid, net_by_payment, net_by_refund or settled.",
);
/// 日均成交UV转化率.
pub const UV_CONVERSION: Assessed = most(
    "uv_conversion",
    "日均成交UV转化率",
    "1",
    "traffic",
    "The daily mean of paying customers over the daily mean of visitors, both over the days of the period that have \
     traffic.",
);
/// 支付率.
pub const PAYMENT_RATE: Assessed = most("payment_rate", "支付率", "1", "orders", "Orders paid in the period over orders placed in it.");
/// 描述相符.
pub const DSR_DESCRIPTION: Assessed = most(
    "dsr_description",
    "描述相符",
    "points, 1 to 5",
    "ratings",
    "How well goods match their description: the last snapshot in the period, or the mean of the ratings of the 180 \
     days that end with the period or the as-of date.",
);
/// 服务态度.
pub const DSR_SERVICE: Assessed = most(
    "dsr_service",
    "服务态度",
    "points, 1 to 5",
    "ratings",
    "The service: the last snapshot in the period, or the mean of the ratings of the 180 days that end with the \
     period or the as-of date.",
);
/// 发货速度.
pub const DSR_DELIVERY: Assessed = most(
    "dsr_delivery",
    "发货速度",
    "points, 1 to 5",
    "ratings",
    "How fast the shop ships: the last snapshot in the period, or the mean of the ratings of the 180 days that end \
     with the period or the as-of date.",
);
/// 物流服务.
pub const DSR_LOGISTICS: Assessed = most(
    "dsr_logistics",
    "物流服务",
    "points, 1 to 5",
    "ratings",
    "The carrier: the last snapshot in the period, or the mean of the ratings of the 180 days that end with the \
     period or the as-of date.",
);
/// 店铺动态评分均值.
pub const DSR_MEAN: Assessed =
    most("dsr_mean", "店铺动态评分均值", "points, 1 to 5", "ratings", "The plain mean of those of the four scores that there are.");
/// 纠纷率.
pub const DISPUTE_RATE: Assessed = least(
    "dispute_rate",
    "纠纷率",
    "1",
    "refunds",
    "Of the refund applications made in the period, the share in which the platform intervened.",
);
/// 小二介入数.
pub const INTERVENED_REFUNDS: Assessed = least(
    "intervened_refunds",
    "小二介入数",
    "applications",
    "refunds",
    "Refund applications made in the period in which the platform intervened by the as-of date.",
);
/// 退款申请数.
pub const REFUND_APPLICATIONS: Assessed = least(
    "refund_applications",
    "退款申请数",
    "applications",
    "refunds",
    "Refund applications made in the period, whatever became of them.",
);
/// 退款率.
pub const REFUND_RATE: Assessed = least(
    "refund_rate",
    "退款率",
    "1",
    "refunds",
    "Refund applications made in the period for each order paid in it; an order can have several, and those of \
     orders paid earlier are in it.",
);
/// 平均退款时长.
pub const REFUND_HOURS: Assessed = least(
    "refund_hours",
    "平均退款时长",
    "hours",
    "refunds",
    "The mean time from application to success, over the applications made in the period that succeeded by the as-of \
     date. Biased short while applications of the period are open.",
);
/// 投诉率.
pub const COMPLAINT_RATE: Assessed =
    least("complaint_rate", "投诉率", "1", "complaints", "Complaints of the period for each order paid in it.");
/// 平均发货时长.
pub const DELIVERY_HOURS: Assessed = least(
    "delivery_hours",
    "平均发货时长",
    "hours",
    "orders",
    "The mean time from payment to shipping, over the orders paid in the period that were shipped by the as-of \
     date; an order shipped before it was paid counts as 0.",
);
/// 上新数.
pub const NEW_ITEMS: Assessed = most(
    "new_items",
    "上新数",
    "items",
    "listings",
    "Items that were new on sale, summed over the months that begin in the period and have begun by the as-of date.",
);
/// 基础服务考核分最低值.
pub const SERVICE_SCORE_MIN: Assessed = most(
    "service_score_min",
    "基础服务考核分最低值",
    "points",
    "service_scores",
    "The worst service score of the period's months that are over, each that of the month's last day.",
);
/// 基础服务考核分均值.
pub const SERVICE_SCORE_MEAN: Assessed = most(
    "service_score_mean",
    "基础服务考核分均值",
    "points",
    "service_scores",
    "The plain mean of the service scores of the period's months that are over.",
);
/// 基础服务考核分第k高值.
pub const SERVICE_SCORE_KTH: Assessed = most(
    "service_score_kth",
    "基础服务考核分第k高值",
    "points",
    "service_scores",
    "The worst monthly service score when the 12 - k worst of a year are left out: at least the standard where k of \
     twelve months are.",
);
/// 低于标准的月数.
pub const SERVICE_MONTHS_BELOW: Assessed = least(
    "service_months_below",
    "低于标准的月数",
    "months",
    "service_scores",
    "Months of the period whose service score is below the standard that the rule names.",
);
/// 连续无经营月数.
pub const IDLE_MONTHS: Assessed = least(
    "idle_months",
    "连续无经营月数",
    "months",
    "orders",
    "The longest run of months of the period without business: nothing live, no order paid, or no main category. Of \
     the months that are over and do not end before the shop opened; a run that goes on beyond the period is longer \
     than this.",
);
/// 一般违规扣分.
pub const VIOLATION_POINTS: Assessed = least(
    "violation_points",
    "一般违规扣分",
    "points",
    "violations",
    "Points for general violations up to the period's end or the as-of date, from 1 January of that year on.",
);
/// 严重违规扣分.
pub const SERIOUS_VIOLATION_POINTS: Assessed = least(
    "serious_violation_points",
    "严重违规扣分",
    "points",
    "violations",
    "Points for serious violations up to the period's end or the as-of date, from 1 January of that year on.",
);
/// 红线违规数.
pub const RED_LINE_VIOLATIONS: Assessed = least(
    "red_line_violations",
    "红线违规数",
    "violations",
    "violations",
    "Violations of a red line in the period, whatever their points.",
);

/// All assessed metrics. Other names are metrics of the input `shop_metrics`, of which more is better.
pub static ASSESSED: [Assessed; 24] = [
    PAID_AMOUNT,
    UV_CONVERSION,
    PAYMENT_RATE,
    DSR_DESCRIPTION,
    DSR_SERVICE,
    DSR_DELIVERY,
    DSR_LOGISTICS,
    DSR_MEAN,
    DISPUTE_RATE,
    INTERVENED_REFUNDS,
    REFUND_APPLICATIONS,
    REFUND_RATE,
    REFUND_HOURS,
    COMPLAINT_RATE,
    DELIVERY_HOURS,
    NEW_ITEMS,
    SERVICE_SCORE_MIN,
    SERVICE_SCORE_MEAN,
    SERVICE_SCORE_KTH,
    SERVICE_MONTHS_BELOW,
    IDLE_MONTHS,
    VIOLATION_POINTS,
    SERIOUS_VIOLATION_POINTS,
    RED_LINE_VIOLATIONS,
];

/// The metric of that name.
pub fn assessed(name: &str) -> Option<&'static Assessed> {
    ASSESSED.iter().find(|metric| metric.name == name)
}

/// Whether more or less of a metric is better; more of figures that only the platform has.
pub fn best_of(metric: &str) -> Best {
    assessed(metric).map_or(Best::Most, |metric| metric.best)
}
