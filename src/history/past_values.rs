//! Past values: channels and other values that only orders of the snapshot before have, for the comparison with it.

use super::context::{Context, Dictionary};
use super::shuffle::MOST_VALUES;
use crate::input::values::codes::OwnedId;

/// Values that no order has any more. Their codes lie behind those of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastValues {
    /// Channels.
    pub channels: Vec<String>,
    /// Provinces.
    pub provinces: Vec<String>,
    /// Promotions.
    pub promotions: Vec<String>,
    /// Categories.
    pub categories: Vec<OwnedId>,
}

impl PastValues {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        let PastValues { channels, provinces, promotions, categories } = self;
        channels.is_empty() && provinces.is_empty() && promotions.is_empty() && categories.is_empty()
    }

    /// A context with these values too. Values for which there is no code are left out.
    pub fn beside(&self, context: &Context) -> Context {
        let joined = |own: &Dictionary, past: &[String]| {
            let of_run = (1..own.codes() as u32).filter_map(|code| own.value(code));
            Dictionary::new(of_run.chain(past.iter().map(String::as_str)).take(MOST_VALUES).map(str::to_owned).collect())
        };
        let shown: Vec<String> = self.categories.iter().map(|id| context.ids.category.show(id.id())).collect();
        let of_run = (1..context.categories.codes() as u32).filter_map(|code| context.categories.value(code).map(str::to_owned));
        Context {
            channels: joined(&context.channels, &self.channels),
            provinces: joined(&context.provinces, &self.provinces),
            promotions: joined(&context.promotions, &self.promotions),
            categories: Dictionary::new(of_run.chain(shown).collect()),
            category_ids: context.category_ids.iter().chain(&self.categories).cloned().collect(),
            ..context.clone()
        }
    }
}
