//! audience_excluded: who met the condition of a strategy and is not on its list, and why.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use super::card::{NEEDS, USES};
use super::lists;
use crate::error::Result;
use crate::history::Context;
use crate::spec::{Card, Column, Day, Id, Kind, NO_DAY};
use crate::table::Frame;
use crate::table::night::Night;
use crate::table::night::Read;
use crate::table::rows::Sink;
use crate::table::unit::{AnyTable, Witness};

/// The card of the table.
pub static CARD: Card = Card {
    name: Cow::Borrowed("audience_excluded"),
    chinese: "名单排除明细",
    question: Cow::Borrowed("Who met the condition of a strategy and is not on its list, and why?"),
    grain: "one customer of one shop and one strategy whose condition the customer meets without being on its list",
    key: &["shop_id", "customer_id", "strategy"],
    columns: Cow::Borrowed(&[
        Column::new("shop_id", Kind::ShopId, "", "店铺", "The shop."),
        Column::new("customer_id", Kind::CustomerId, "", "买家", "The customer's id as the orders input has it."),
        Column::new("strategy", Kind::Text, "", "策略", "The strategy whose list the customer is not on."),
        Column::new(
            "reason",
            Kind::Text,
            "",
            "排除原因",
            "The first of these that applies. open_refund: a refund application is open. recent_order: the last purchase is younger than \
             min_hours_since_order. cool_down: on another list of this night, or on any list within cool_down_days. over_size: \
             the list was full.",
        ),
        Column::new("other_list", Kind::Text, "", "冲突名单", "The table of the list that the customer was last on.")
            .null_when("the reason is not cool_down"),
        Column::new("other_date", Kind::Date, "date", "冲突名单日期", "The as-of date of that list.")
            .null_when("the reason is not cool_down"),
    ]),
    needs: NEEDS,
    uses: USES,
};

/// The table.
pub static TABLE: ExcludedTable = ExcludedTable;

/// `audience_excluded`, which comes of making the lists.
pub struct ExcludedTable;

impl AnyTable for ExcludedTable {
    fn card(&'static self) -> &'static Card {
        &CARD
    }

    fn reads(&self) -> &'static [Read] {
        lists::TABLE.reads()
    }

    fn witness(&self) -> Witness {
        Witness::Sql
    }

    fn follows(&self) -> Option<&'static dyn AnyTable> {
        Some(&lists::TABLE)
    }

    fn write(&'static self, night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        lists::TABLE.write(night, sink)
    }
}

/// Why a customer is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason<'a> {
    /// A refund application is open: a message would come at the wrong time.
    OpenRefund,
    /// The last purchase is too young.
    RecentOrder,
    /// Was on that list of that day.
    CoolDown(&'a str, Day),
    /// The list was full.
    OverSize,
}

impl Reason<'_> {
    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Reason::OpenRefund => "open_refund",
            Reason::RecentOrder => "recent_order",
            Reason::CoolDown(..) => "cool_down",
            Reason::OverSize => "over_size",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excluded<'a> {
    pub customer: Id<'a>,
    pub strategy: &'a str,
    pub reason: Reason<'a>,
}

/// Rows of one shop as a batch; they are ascending by (customer, strategy).
pub(super) fn table(context: &Context, shop: u32, rows: &[Excluded<'_>]) -> Result<RecordBatch> {
    let other = |row: &Excluded<'_>| if let Reason::CoolDown(list, day) = row.reason { Some((list.to_owned(), day)) } else { None };
    Frame::new(&CARD, context)
        .shops("shop_id", rows.iter().map(|_| shop))
        .customers("customer_id", rows.iter().map(|row| row.customer))
        .text("strategy", rows.iter().map(|row| Some(row.strategy)))
        .text("reason", rows.iter().map(|row| Some(row.reason.name())))
        .text("other_list", rows.iter().map(|row| other(row).map(|(list, _)| list)))
        .dates("other_date", rows.iter().map(|row| other(row).map_or(NO_DAY, |(_, day)| day)))
        .finish()
}
