//! Columns of tables whose rows are of a month in which orders were paid.

use crate::spec::card::{Column, Kind};

/// The month.
pub const PAID_MONTH: Column =
    Column::new("month", Kind::Date, "date", "月份", "The first day of the month in which the orders were paid.");

/// Whether it is whole.
pub const IS_WHOLE_MONTH: Column = Column::new(
    "is_complete",
    Kind::Flag,
    "",
    "月份是否完整",
    "Whether the whole month lies between the first day of the shop in any input and the as-of date. Otherwise the figures are those of some of \
     its days.",
);
