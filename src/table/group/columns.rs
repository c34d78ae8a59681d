//! Group columns: the key of tables about groups, and the inputs that they need.

use crate::spec::{Column, Kind, Need};

/// The group.
pub const SHOP_GROUP: Column = Column::new(
    "shop_group",
    Kind::Text,
    "",
    "店铺分组",
    "The brand, company or agency whose shops are taken together, as the shops input names it. Shops that name none are in no group. What \
     the other columns say of a shop is meant of the group: its customers are those of any of its shops.",
)
.source("docs/definitions.md, Groups");

/// What the tables of customers of groups need.
pub const NEEDS: &[Need] = &[Need { input: "orders", column: "customer_id" }, Need { input: "shops", column: "shop_group" }];
