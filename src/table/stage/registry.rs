//! The metrics that can matter in a stage: each with its unit, its better direction, where it stands, and its value in a month.

use super::figures::Figures as StageFigures;
use crate::fold::activity::Activity;
use crate::fold::order_items::OrdersWithItems;
use crate::fold::returning::Returning;
use crate::history::Features;
use crate::metric::payment_rate::OrderCounts;
use crate::metric::peers::Best;
use crate::metric::ratio::{in_units_of, money_per, ratio, ratio_wide};
use crate::statistics::fisher::Table as Arms;
use crate::table::service::conversion::Row as Service;
use crate::table::shop::days::Figures;

/// All that is known of a shop's month.
pub struct MonthOfShop<'a> {
    /// Orders, customers and traffic.
    pub figures: &'a Figures,
    /// New and returning customers.
    pub returning: Returning,
    /// Orders with items.
    pub orders: OrdersWithItems,
    /// What all agents were asked, where it is complete.
    pub service: Option<&'a Service>,
    /// The agents who were asked.
    pub agents: i64,
    /// The arms of the campaigns that began in the month, added up.
    pub arms: Option<Arms>,
    /// The figures by which the stage was decided.
    pub stage: &'a StageFigures,
    /// The columns that the orders have.
    pub features: Features,
}

impl MonthOfShop<'_> {
    fn activity(&self) -> &Activity {
        &self.figures.activity
    }

    /// A figure of customers; `None` where the job maps no customer_id.
    fn people<T>(&self, of: impl FnOnce(&Activity) -> T) -> Option<T> {
        self.features.customers.then(|| of(self.activity()))
    }
}

/// A metric that stage files can name.
pub struct StageMetric {
    /// The name in stage files and in results.
    pub name: &'static str,
    /// The name that operators use.
    pub chinese: &'static str,
    /// The unit of its values.
    pub unit: &'static str,
    /// Whether more or less of it is better.
    pub best: Best,
    /// The inputs any of which it needs.
    pub inputs: &'static [&'static str],
    /// The table that has it, or the figures of which it is made.
    pub table: &'static str,
    /// Its value in a month.
    pub value: fn(&MonthOfShop<'_>) -> Option<f64>,
}

const ORDERS: &[&str] = &["orders"];
const TRAFFIC: &[&str] = &["traffic", "page_views"];
const INQUIRIES: &[&str] = &["inquiries"];

macro_rules! metrics {
    ($($name:literal $chinese:literal $unit:literal $best:ident $inputs:expr, $table:literal, $value:expr;)*) => {
        &[$(StageMetric { name: $name, chinese: $chinese, unit: $unit, best: Best::$best, inputs: $inputs, table: $table, value: $value }),*]
    };
}

/// All, ascending by name.
pub static STAGE_METRICS: &[StageMetric] = metrics! {
    "bounce_rate" "跳失率" "1" Least TRAFFIC, "shop_periods", |month| month.figures.bounce_rate();
    "campaign_conversion_difference" "活动触达转化提升" "1" Most &["campaigns"], "campaign_effect", campaign_conversion_difference;
    "depth" "访问深度" "page views per visit" Most TRAFFIC, "shop_periods", |month| month.figures.depth();
    "dwell_per_visit" "平均访问时长" "seconds per visit" Most TRAFFIC, "shop_periods", |month| month.figures.dwell_per_visit();
    "hit_items" "爆款数" "items" Most ORDERS, "store_stage", |month| month.stage.items.map(|items| items.hit_items as f64);
    "inquiry_next_day" "询单次日转化率" "1" Most INQUIRIES, "service_conversion", |month| {
        month.service.and_then(|service| ratio(service.served.next_day.into(), service.served.inquirers.into()))
    };
    "inquiry_rate" "询单咨询率" "1" Most INQUIRIES, "service_conversion", |month| {
        month.service.and_then(|service| service.visited).and_then(|visited| ratio(visited.inquirers, visited.uv))
    };
    "items_per_order" "笔均件数" "items per order" Most ORDERS, "shop_periods", |month| {
        ratio(month.activity().paid_quantity, month.activity().paid_orders)
    };
    "new_customers" "新客数" "customers" Most ORDERS, "shop_periods", |month| month.people(|activity| activity.new_customers as f64);
    "new_item_share" "新品支付金额占比" "1" Most ORDERS, "store_stage", |month| month.stage.new_item_share();
    "order_value" "笔单价" "CNY per order" Most ORDERS, "shop_periods", |month| {
        money_per(month.activity().paid_amount, month.activity().paid_orders)
    };
    "paid_amount" "支付金额" "CNY" Most ORDERS, "shop_periods", |month| Some(in_units_of(100.0, month.activity().paid_amount as f64));
    "paid_amount_per_agent" "人均客服促成支付金额" "CNY per agent" Most INQUIRIES, "service_conversion", |month| {
        month.service.and_then(|service| money_per(service.served.paid_amount, month.agents))
    };
    "pair_order_share" "连带订单占比" "1" Most ORDERS, "orders", |month| ratio(month.orders.with_several, month.orders.orders);
    "payment_rate" "支付率" "1" Most ORDERS, "shop_periods", |month| {
        let counts = OrderCounts { paid: month.activity().paid_orders as f64, placed: month.activity().placed_orders as f64 };
        counts.payment_rate().value().filter(|_| month.features.knows_payment())
    };
    "response_seconds" "平均响应时间（秒）" "seconds" Least INQUIRIES, "service_conversion", |month| {
        month.service.and_then(|service| ratio(service.served.response_seconds, service.served.answered.into()))
    };
    "returning_net_revenue_share" "老客净支付金额占比" "1" Most ORDERS, "shop_periods", |month| {
        let Returning { new_net_revenue, returning_net_revenue, .. } = month.returning;
        month.people(|_| ratio(returning_net_revenue, returning_net_revenue + new_net_revenue))?
    };
    "returning_share" "老客占比" "1" Most ORDERS, "shop_periods", |month| {
        month.people(|activity| ratio(activity.returning_customers, activity.new_customers + activity.returning_customers))?
    };
    "silent_of_silent_visitors" "静默转化率（静默访客口径）" "1" Most INQUIRIES, "service_conversion", |month| {
        let visited = month.service?.visited?;
        ratio(visited.silent, visited.silent_visitors()?)
    };
    "uv_conversion" "支付转化率（日均）" "1" Most TRAFFIC, "shop_periods", |month| month.figures.means.uv_conversion();
    "uv_daily_mean" "日均访客数" "visitors per day" Most TRAFFIC, "shop_periods", |month| month.figures.means.uv_daily_mean();
    "value_per_customer" "客单价" "CNY per customer" Most ORDERS, "shop_periods", |month| {
        money_per(month.activity().paid_amount, month.people(|activity| activity.paying_customers)?)
    };
};

/// The share of treated members who bought, less that of control members.
fn campaign_conversion_difference(month: &MonthOfShop<'_>) -> Option<f64> {
    let Arms { treated, treated_buyers, control, control_buyers } = month.arms?;
    let [treated, treated_buyers, control, control_buyers] = [treated, treated_buyers, control, control_buyers].map(i128::from);
    ratio_wide(treated_buyers * control - control_buyers * treated, treated * control)
}

/// The metric of that name.
pub fn named(name: &str) -> Option<&'static StageMetric> {
    STAGE_METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ascend() {
        assert!(STAGE_METRICS.iter().is_sorted_by(|one, next| one.name < next.name));
    }
}
