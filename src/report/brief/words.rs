//! Words of the page in both languages, and figures as people read them.

use super::figures::{Change, Figure};
use super::morning::{BehindShops, Urgency};
use crate::metric::ratio::in_units_of;
use crate::report::cells::rounded;
use crate::spec::currency::CNY;
use crate::spec::period::iso;
use crate::spec::{Day, Lang};
use crate::table::morning::wording::grouped;

/// What stands for a figure that is not known.
pub const NOTHING: &str = "–";

/// The words of a language and a currency.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// The language.
    pub lang: Lang,
    /// The currency of all amounts.
    pub currency: &'a str,
}

/// Names of values of the tables: as they stand there, in English and in Chinese.
const NAMES: [(&str, &str, &str); 50] = [
    ("paid_amount", "Paid amount", "支付金额"),
    ("paid_orders", "Paid orders", "支付订单数"),
    ("uv", "Visitors (UV)", "访客数"),
    ("uv_daily_mean", "Daily visitors (UV)", "日均访客数"),
    ("conversion", "Conversion", "支付转化率"),
    ("new_customers", "New customers", "新客数"),
    ("refund_amount", "Refund amount", "成功退款金额"),
    ("sales", "Sales", "支付金额"),
    ("net_sales", "Net by payment", "净支付金额（按支付日）"),
    ("ad_cost", "Advertising", "广告费"),
    ("new_items", "New items", "上新数"),
    ("sales_year_to_date", "Sales, year to date", "年累计支付金额"),
    ("ahead", "ahead", "超前"),
    ("on_track", "on track", "正常"),
    ("behind", "behind", "落后"),
    ("ahead_but_short", "ahead so far, forecast short", "目前超前，预计月底不足"),
    ("on_track_but_short", "on track so far, forecast short", "目前正常，预计月底不足"),
    ("behind_but_enough", "behind so far, forecast reached", "目前落后，预计月底达成"),
    ("by_forecast", "by the customer models", "按客户模型预测"),
    ("by_spread", "at the pace so far", "按目前进度推算"),
    ("done", "done", "已完成"),
    ("missed", "missed", "未完成"),
    ("ad_cost.ahead", "spent fast", "花得快"),
    ("ad_cost.on_track", "on track", "正常"),
    ("ad_cost.behind", "spent slowly", "花得慢"),
    ("ad_cost.done", "all spent", "预算已用完"),
    ("ad_cost.missed", "not all spent", "预算有余"),
    ("ad_cost.exceeded", "over budget", "超支"),
    ("orders", "orders", "订单"),
    ("traffic", "traffic", "流量"),
    ("refunds", "refunds", "退款"),
    ("ratings", "ratings", "评价"),
    ("complaints", "complaints", "投诉"),
    ("service_scores", "service scores", "服务分"),
    ("listings", "listings", "上新"),
    ("violations", "violations", "违规"),
    ("inquiries", "inquiries", "咨询"),
    ("page_views", "page views", "浏览明细"),
    ("item_traffic", "item traffic", "商品流量"),
    ("keyword_traffic", "keywords", "关键词"),
    ("affiliate_orders", "affiliate orders", "淘客订单"),
    ("events", "events", "大促与事件"),
    ("traffic_effect", "visitors", "访客数"),
    ("conversion_effect", "conversion", "转化率"),
    ("mix_effect", "new and returning", "新老客结构"),
    ("frequency_effect", "orders per customer", "人均笔数"),
    ("basket_effect", "items per order", "笔均件数"),
    ("price_effect", "price per item", "件单价"),
    ("untracked_effect", "days without visitors' data", "无流量数据的日子"),
    ("young_shops_effect", "shops without a whole month before", "上月不完整的店铺"),
];

const WEEKDAYS: [(&str, &str); 7] =
    [("Mon", "周一"), ("Tue", "周二"), ("Wed", "周三"), ("Thu", "周四"), ("Fri", "周五"), ("Sat", "周六"), ("Sun", "周日")];

impl<'a> Words<'a> {
    /// One of two texts.
    pub fn say(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self.lang {
            Lang::En => english,
            Lang::Zh => chinese,
        }
    }

    /// The name of a value of the tables; what has none stays as it is.
    pub fn name(self, value: &str) -> String {
        NAMES.iter().find(|name| name.0 == value).map_or(value, |name| self.say(name.1, name.2)).to_owned()
    }

    /// The name of a figure of one day, or of several days.
    pub fn figure(self, figure: Figure, is_of_days: bool) -> String {
        let name = self.name(if is_of_days && figure == Figure::Visitors { "uv_daily_mean" } else { figure.column() });
        if figure.is_money() { self.money(&name) } else { name }
    }

    /// A name with the currency of its amounts.
    pub fn money(self, name: &str) -> String {
        let unit = self.unit();
        match self.lang {
            Lang::En => format!("{name} ({unit})"),
            Lang::Zh => format!("{name}（{unit}）"),
        }
    }

    /// The currency as people write it.
    pub fn unit(self) -> &'a str {
        if self.currency == CNY { self.say(CNY, "元") } else { self.currency }
    }

    /// The day of the week.
    pub fn weekday(self, day: Day) -> &'static str {
        // 1 January 1970 was a Thursday.
        let place = (day + 3).rem_euclid(7) as usize;
        WEEKDAYS.get(place).map_or("", |(english, chinese)| if self.lang == Lang::Zh { chinese } else { english })
    }

    /// A day with its day of the week.
    pub fn date(self, day: Day) -> String {
        format!("{} {}", iso(day), self.weekday(day))
    }

    /// The head of a column that compares with the same weekday of the week before.
    pub fn versus_weekday(self, day: Day) -> String {
        match self.lang {
            Lang::En => format!("vs last {}", self.weekday(day)),
            Lang::Zh => format!("较上{}", self.weekday(day)),
        }
    }

    /// How many shops.
    pub fn shops(self, count: usize) -> String {
        match (self.lang, count) {
            (Lang::En, 1) => "1 shop".to_owned(),
            (Lang::En, count) => format!("{count} shops"),
            (Lang::Zh, count) => format!("{count} 家店铺"),
        }
    }

    /// How many of several shops are behind their plans.
    pub fn behind(self, BehindShops { late, count, has_ended }: BehindShops) -> String {
        let shops = self.shops(count);
        match (self.lang, has_ended) {
            (Lang::En, false) => format!("{late} of {shops} behind"),
            (Lang::En, true) => format!("{late} of {shops} missed it"),
            (Lang::Zh, false) => format!("{shops}中 {late} 家落后"),
            (Lang::Zh, true) => format!("{shops}中 {late} 家未完成"),
        }
    }

    /// How soon somebody must look.
    pub fn urgency(self, urgency: Urgency) -> &'a str {
        match urgency {
            Urgency::Alarm => self.say("Alarm", "预警"),
            Urgency::Watch => self.say("Watch", "关注"),
            Urgency::Info => self.say("Info", "提示"),
        }
    }

    /// A figure.
    pub fn value(self, figure: Figure, value: Option<f64>) -> String {
        let Some(value) = value else { return NOTHING.to_owned() };
        if figure.is_share() {
            return percent(value, 2);
        }
        let is_small = figure.is_money() && value.fract() != 0.0 && value.abs() < 1_000.0;
        number(value, if is_small { 2 } else { 0 })
    }

    /// How a figure changed, with its sign.
    pub fn change(self, figure: Figure, change: Change) -> String {
        match change {
            Change::Unknown => NOTHING.to_owned(),
            Change::Was(before) => match self.lang {
                Lang::En => format!("was {}", self.value(figure, Some(before))),
                Lang::Zh => format!("原为 {}", self.value(figure, Some(before))),
            },
            Change::Rate(rate) => signed(rate, percent(rate, 1)),
            Change::Points(points) => format!("{} {}", signed(points, number(points * 100.0, 2)), self.say("pp", "个百分点")),
        }
    }
}

/// A number with its thousands apart.
pub fn number(value: f64, decimals: usize) -> String {
    match rounded(value, decimals) {
        // As many decimals as were rounded to: nothing is rounded a second time.
        Some(units) => grouped(in_units_of(10_f64.powi(decimals as i32), units as f64), decimals),
        None => NOTHING.to_owned(),
    }
}

/// A change in whole units, with its sign.
pub fn signed_units(units: i64) -> String {
    signed(units as f64, number(units as f64, 0))
}

/// A share in percent.
pub fn percent(share: f64, decimals: usize) -> String {
    format!("{}%", number(share * 100.0, decimals))
}

/// A text of a number with a plus where it is above 0.
fn signed(value: f64, text: String) -> String {
    let is_nothing = !text.bytes().any(|letter| (b'1'..=b'9').contains(&letter));
    if value > 0.0 && !is_nothing { format!("+{text}") } else { text }
}
