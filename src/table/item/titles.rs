//! Titles of items, as the tables of items have them.

use crate::spec::{Column, Kind, Need};

/// The job has orders with the titles of their items.
pub const TITLES: Need = Need { input: "orders", column: "item_title" };

/// Why there is no title.
pub const NO_TITLE: &str = "no order has a title of it";

/// The title of the item of a row.
pub const TITLE: Column = Column::new(
    "title",
    Kind::Text,
    "",
    "商品标题",
    "What the shop called the item on the last day on which an order with a title of it was placed; of several titles of that day the greatest \
     text.",
)
.null_when(NO_TITLE)
.needs(TITLES);
