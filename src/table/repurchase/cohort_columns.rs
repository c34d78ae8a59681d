//! Cohort columns: what cohort_retention and cohort_value say of a cohort in the same words.

use crate::spec::{Column, Kind};

pub const SHOP_ID: Column = Column::new(
    "shop_id",
    Kind::ShopId,
    "",
    "店铺",
    "The shop that the customers bought at; a person who buys at two shops is a customer of each.",
);
pub const DIMENSION_VALUE: Column = Column::new(
    "dimension_value",
    Kind::Text,
    "",
    "维度取值",
    "The value that all customers of the row share; `all` for the undivided cohort, `(none)` for customers whose purchase has no such value; \
     of `first_item` the 20 items with the most customers of the shop, and `(other)` for all others. Every customer has exactly one value, so the values of a dimension add up to `all`.",
);
pub const COHORT: Column = Column::new(
    "cohort",
    Kind::Date,
    "date",
    "首购周期",
    "The first day of the period in which the customers' first purchase lies; with grain `day` that purchase day itself.",
);
pub const IS_LEFT_TRUNCATED: Column = Column::new(
    "is_left_truncated",
    Kind::Flag,
    "",
    "左截断",
    "Whether the cohort starts within `history_warmup` days of the first day of data: its customers may have bought before the data begin, so \
     that the cohort mixes old customers with new ones.",
)
.formula("cohort < first day of data + history_warmup");
