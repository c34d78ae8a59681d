//! Viewed columns: where visitors were counted, and which of the customers among them paid on the day on which they viewed.

use std::sync::Arc;

use super::columns::ShopRow;
use crate::fold::viewed_paid::{VIEWED_PAID, ViewedPaidFold};
use crate::input::records::facts::Facts;
use crate::input::records::viewer_facts::ViewedDay;
use crate::metric::ratio::ratio;
use crate::spec::{Day, Need};
use crate::table::column::Value::{Count, Share, Text};
use crate::table::column::{ValueColumn, column};
use crate::table::night::{Read, Shared};

/// What people of a period, and the source of a UV, need.
pub const PAGE_VIEWS: Need = Need { input: "page_views", column: "" };
/// What customers among visitors need.
const VIEWING_CUSTOMERS: Need = Need { input: "page_views", column: "customer_id" };

const SOURCE: &str = "docs/definitions.md, Page views";

/// The customers who viewed and paid on one day.
pub static VIEWED: Shared<Arc<ViewedPaidFold>> = Shared {
    name: "viewed",
    not_requested: |request| (!request.has_page_views).then_some("the job has no input `page_views`"),
    reads: |_| vec![Read::Fold(&VIEWED_PAID)],
    make: |night| night.fold(&VIEWED_PAID),
};

/// Customers who viewed pages, over days: who viewed on two days is in it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewed {
    /// Customers who viewed a page on a day.
    customers: i64,
    /// Of these, those who paid an order on the same day.
    paid: i64,
}

impl Viewed {
    /// Those of a shop from one day to another; `None` where no view names a customer column, or no day has a view.
    pub fn between(fold: Option<&ViewedPaidFold>, facts: &Facts, shop: u32, from: Day, to: Day) -> Option<Viewed> {
        let (fold, viewers) = (fold?, facts.viewers.as_ref().filter(|viewers| viewers.has_customers)?);
        let days = viewers.between(shop, from, to);
        let sum = |viewed: Viewed, day: &ViewedDay| Viewed {
            customers: viewed.customers + day.customers,
            paid: viewed.paid + fold.customers(shop, day.day),
        };
        (!days.is_empty()).then(|| days.iter().fold(Viewed { customers: 0, paid: 0 }, sum))
    }
}

/// A row with the customers who viewed.
pub trait ViewedRow: ShopRow {
    /// The customers; `None` where nobody knows them.
    fn viewed(&self) -> Option<Viewed>;

    /// One of the figures; `None` where the orders name no customers.
    fn of_viewed(&self, of: fn(&Viewed) -> i64) -> Option<i64> {
        self.viewed().filter(|_| self.knows_customers()).map(|viewed| of(&viewed))
    }
}

fn viewed_paid_rate(row: &impl ViewedRow) -> Option<f64> {
    ratio(row.of_viewed(|viewed| viewed.paid)?, row.of_viewed(|viewed| viewed.customers)?)
}

/// Where the UV comes from.
pub const fn uv_source_column<Row: ShopRow>() -> ValueColumn<Row> {
    column(
        "uv_source",
        Text(|row: &Row| row.figures().uv_sources.name()),
        "",
        "访客数来源",
        "Where the daily UV comes from: traffic, a row of the traffic input, which counts where there is one; or page_views, counted from \
         them. A period with days of both is mixed.",
    )
    .source(SOURCE)
    .needs(PAGE_VIEWS)
    .null_when("no day has a UV")
}

const NO_VIEWERS: &str = "the shop has no page view on the day, or the job maps no customer_id of the orders";
const NO_VIEWERS_OF_PERIOD: &str = "the shop has no page view in the period, or the job maps no customer_id of the orders";

/// The customers among the visitors of a day, and those who paid on it.
pub const fn viewed_columns<Row: ViewedRow>() -> [ValueColumn<Row>; 3] {
    [
        column(
            "viewing_customers",
            Count(|row: &Row| row.of_viewed(|viewed| viewed.customers)),
            "customers",
            "已识别浏览客户数",
            "Distinct customers whom the page views of the day name: visitors who are known, and not all of them.",
        )
        .source(SOURCE)
        .needs(VIEWING_CUSTOMERS)
        .null_when(NO_VIEWERS),
        column(
            "viewed_paid_customers",
            Count(|row: &Row| row.of_viewed(|viewed| viewed.paid)),
            "customers",
            "浏览当日支付客户数",
            "Of these, customers who paid an order of the shop on the same day, whenever they placed it and at whatever time they viewed.",
        )
        .source(SOURCE)
        .needs(VIEWING_CUSTOMERS)
        .null_when(NO_VIEWERS),
        column(
            "viewed_paid_rate",
            Share(viewed_paid_rate),
            "1",
            "浏览-支付转化率（当日）",
            "Which part of the customers who viewed a page of the shop on the day paid on it.",
        )
        .formula("viewed_paid_customers / viewing_customers")
        .source(SOURCE)
        .needs(VIEWING_CUSTOMERS)
        .null_when("viewing_customers is null or 0"),
    ]
}

/// The same over the days of a period.
pub const fn viewed_day_columns<Row: ViewedRow>() -> [ValueColumn<Row>; 3] {
    [
        column(
            "viewing_customer_days",
            Count(|row: &Row| row.of_viewed(|viewed| viewed.customers)),
            "customer-days",
            "日已识别浏览客户数合计",
            "The daily viewing_customers summed over the days of the period with a page view; who viewed on two days is in it twice.",
        )
        .source(SOURCE)
        .needs(VIEWING_CUSTOMERS)
        .null_when(NO_VIEWERS_OF_PERIOD),
        column(
            "viewed_paid_customer_days",
            Count(|row: &Row| row.of_viewed(|viewed| viewed.paid)),
            "customer-days",
            "日浏览当日支付客户数合计",
            "The daily viewed_paid_customers summed over the same days.",
        )
        .source(SOURCE)
        .needs(VIEWING_CUSTOMERS)
        .null_when(NO_VIEWERS_OF_PERIOD),
        column(
            "viewed_paid_rate",
            Share(viewed_paid_rate),
            "1",
            "浏览-支付转化率（当日）",
            "Which part of the customers who viewed a page of the shop on a day paid on that day, over the days of the period.",
        )
        .formula("viewed_paid_customer_days / viewing_customer_days")
        .source(SOURCE)
        .needs(VIEWING_CUSTOMERS)
        .null_when("viewing_customer_days is null or 0"),
    ]
}
