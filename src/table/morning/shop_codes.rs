//! The shops of a night by their ids, for rows that are read back.

use hashbrown::HashMap;

use crate::history::Context;
use crate::table::read_back::Row;

/// The codes of the shops by their ids, as texts.
pub struct Shops(HashMap<String, u32>);

impl Shops {
    /// The shops of a run.
    pub fn of(context: &Context) -> Self {
        let shops = (0..context.shops.len() as u32).filter_map(|shop| Some((context.shop_name(shop)?, shop)));
        Shops(shops.collect())
    }

    /// The code of the shop that a row names.
    pub fn code(&self, row: &Row<'_>) -> Option<u32> {
        self.0.get(&row.text("shop_id")?).copied()
    }
}
