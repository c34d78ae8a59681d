//! Groups: the groups of a run, with the day on which the data of each begin.

use crate::history::Context;
use crate::history::scopes::ScopeKind;
use crate::spec::{Day, NO_DAY};
use crate::table::night::Shared;
use crate::table::total::scope_days::no_groups;

/// The groups of a run.
pub struct Groups {
    first_day: Day,
    /// Ascending by code: the code of the scope, and the first day with an order in any of its shops.
    groups: Vec<(u32, Day)>,
}

/// The groups of a run whose job says that they share ids.
pub static GROUPS: Shared<Groups> =
    Shared { name: "groups", not_requested: no_groups, reads: |_| Vec::new(), make: |night| Ok(Groups::of(&night.context)) };

impl Groups {
    fn of(context: &Context) -> Self {
        let first_day = |shop: u32| context.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY);
        let group = |(code, _)| (code, context.scopes.shops(code).filter_map(first_day).min().unwrap_or(context.first_day));
        Groups { first_day: context.first_day, groups: context.scopes.of_kind(ScopeKind::Group).map(group).collect() }
    }

    /// Their codes.
    pub fn codes(&self) -> impl Iterator<Item = u32> {
        self.groups.iter().map(|(code, _)| *code)
    }

    /// The first day with an order in any shop of a group.
    pub fn first_day(&self, code: u32) -> Day {
        self.groups.binary_search_by_key(&code, |(known, _)| *known).map_or(self.first_day, |place| self.groups[place].1)
    }
}
