//! audience_excluded: the customers who meet the condition of a strategy but are not on its list, with the reason.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use arrow::record_batch::RecordBatch;

use super::card::{NEEDS, SHOP_NAME, USES};
use crate::error::Result;
use crate::history::Context;
use crate::input::values::codes::OwnedId;
use crate::spec::{Card, Day, Id, NO_DAY};
use crate::table::column::Value::{Customer, Date, Shop, Text};
use crate::table::column::{ValueColumn, column, same};
use crate::table::rows;

/// One customer who is not on the list of a strategy.
struct Row {
    shop: u32,
    shop_name: Option<Arc<str>>,
    customer: OwnedId,
    strategy: Arc<str>,
    reason: &'static str,
    /// The last list of the customer, and its day.
    other: Option<(Arc<str>, Day)>,
}

static COLUMNS: [ValueColumn<Row>; 7] = [
    column("shop_id", Shop(|row| row.shop), "", "店铺", "The shop."),
    column("customer_id", Customer(|row| row.customer.id()), "", "买家", "The customer's id as the orders input has it."),
    column("strategy", Text(|row| Some(&row.strategy)), "", "策略", "The strategy whose list the customer is not on."),
    same(SHOP_NAME, Text(|row| row.shop_name.as_deref())),
    column(
        "reason",
        Text(|row| Some(row.reason)),
        "",
        "排除原因",
        "The first of these that applies. do_not_contact: the customer unsubscribed, by the input do_not_contact. stale_input: the newest orders or refunds are too old to know whom to contact, by the job's \
         freshness. open_refund: a refund application is open. recent_order: the last purchase is younger \
         than min_hours_since_order. cool_down: on another list of this night, or on one within cool_down_days that counts by params.cool_down. over_size: the \
         list was full.",
    ),
    column(
        "other_list",
        Text(|row: &Row| Some(&row.other.as_ref()?.0)),
        "",
        "冲突名单",
        "The table of the list that the customer was last on or was last sent.",
    )
    .null_when("the reason is not cool_down"),
    column(
        "other_date",
        Date(|row: &Row| row.other.as_ref().map_or(NO_DAY, |(_, day)| *day)),
        "date",
        "冲突名单日期",
        "The as-of date of that list, or the day on which it was sent.",
    )
    .null_when("the reason is not cool_down"),
];

/// The card of the table, which is made together with the lists.
pub static CARD: LazyLock<Card> = LazyLock::new(|| Card {
    name: Cow::Borrowed("audience_excluded"),
    chinese: "名单排除明细",
    question: Cow::Borrowed("Who met the condition of a strategy and is not on its list, and why?"),
    grain: "one customer of one shop and one strategy whose condition the customer meets without being on its list",
    key: &["shop_id", "customer_id", "strategy"],
    columns: COLUMNS.iter().map(|column| column.meaning).collect(),
    needs: NEEDS,
    uses: USES,
});

/// The reason why a customer is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason<'a> {
    /// The customer unsubscribed.
    DoNotContact,
    /// The newest orders or refunds are too old: those who bought since then are not known.
    StaleInput,
    /// A refund application is open: a message would come at the wrong time.
    OpenRefund,
    /// The last purchase is too recent.
    RecentOrder,
    /// The customer was on that list of that day, or was sent it on that day.
    CoolDown(&'a str, Day),
    /// The list was full.
    OverSize,
}

impl Reason<'_> {
    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Reason::DoNotContact => "do_not_contact",
            Reason::StaleInput => "stale_input",
            Reason::OpenRefund => "open_refund",
            Reason::RecentOrder => "recent_order",
            Reason::CoolDown(..) => "cool_down",
            Reason::OverSize => "over_size",
        }
    }
}

/// A customer who is left out of the list of a strategy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excluded<'a> {
    pub customer: Id<'a>,
    pub strategy: &'a Arc<str>,
    pub reason: Reason<'a>,
}

impl Excluded<'_> {
    fn row(self, (shop, shop_name): (u32, &Option<Arc<str>>)) -> Row {
        let other = if let Reason::CoolDown(list, day) = self.reason { Some((list.into(), day)) } else { None };
        let (shop_name, strategy) = (shop_name.clone(), Arc::clone(self.strategy));
        Row { shop, shop_name, customer: self.customer.into(), strategy, reason: self.reason.name(), other }
    }
}

/// Customers of one shop, of that code and name, as a batch; they are ascending by (customer, strategy).
pub(super) fn table<'a>(
    context: &Context,
    (shop, name): (u32, Option<&str>),
    excluded: impl Iterator<Item = Excluded<'a>>,
) -> Result<RecordBatch> {
    let name: Option<Arc<str>> = name.map(Arc::from);
    let own: Vec<Row> = excluded.map(|excluded| excluded.row((shop, &name))).collect();
    rows::batch(&CARD, &[&COLUMNS], context, &own)
}
