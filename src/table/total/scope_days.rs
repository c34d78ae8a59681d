//! Scope days: the figures of the shops of each scope, day by day.

use crate::error::Result;
use crate::fold::activity::{ACTIVITY, ActivityFold, SCOPED_ACTIVITY};
use crate::fold::outcomes::{OrderOutcome, OutcomeFold};
use crate::fold::over_groups::GROUP_ACTIVITY;
use crate::fold::spec::ScopedFold;
use crate::history::Context;
use crate::history::scopes::{Scope, ScopeKind};
use crate::spec::{Day, NO_DAY};
use crate::table::night::{Night, Read, Shared};
use crate::table::request::Request;
use crate::table::shop::days::ShopDays;

/// The figures of the shops of a scope.
pub struct ScopeDays {
    /// The scope.
    pub scope: Scope,
    /// The days from the first of any of the shops, as those of one shop.
    pub days: ShopDays,
    /// The shops with a day in any input, with the first one.
    shops: Vec<(u32, Day)>,
    /// The day of the first order in any of the shops.
    pub first_order: Option<Day>,
}

/// The figures of all totals that have a day, ascending.
pub static SCOPE_DAYS: Shared<Vec<ScopeDays>> = Shared {
    name: "scope_days",
    not_requested: |request| (!request.has_totals).then_some("`params.totals` asks for none"),
    reads: |_| vec![Read::Fold(&ACTIVITY), Read::Fold(&SCOPED_ACTIVITY)],
    make: |night| all(night, ScopeKind::Total, &SCOPED_ACTIVITY),
};

/// The figures of all groups that have a day, ascending.
pub static GROUP_DAYS: Shared<Vec<ScopeDays>> = Shared {
    name: "group_days",
    not_requested: no_groups,
    reads: |_| vec![Read::Fold(&ACTIVITY), Read::Fold(&GROUP_ACTIVITY)],
    make: |night| all(night, ScopeKind::Group, &GROUP_ACTIVITY),
};

/// Why a job has no tables of groups.
pub(crate) fn no_groups(request: &Request) -> Option<&'static str> {
    (!request.has_groups).then_some("`params.group_ids` does not say that groups share ids")
}

fn all(night: &Night, kind: ScopeKind, scoped: &ScopedFold<ActivityFold>) -> Result<Vec<ScopeDays>> {
    let (context, activity, scoped) = (&night.context, night.fold(&ACTIVITY)?, night.scoped_fold(scoped)?);
    let scopes = context.scopes.of_kind(kind);
    let days = scopes.filter_map(|(code, scope)| {
        let shops: Vec<ShopDays> =
            context.scopes.shops(code).filter_map(|shop| ShopDays::of(context, &activity, &night.facts, shop)).collect();
        let days = ShopDays::together(&scoped, code, &shops)?;
        let first_orders = context.scopes.shops(code).filter_map(|shop| first_order(context, shop));
        Some(ScopeDays {
            scope: scope.clone(),
            days,
            first_order: first_orders.min(),
            shops: shops.iter().map(|shop| (shop.shop, shop.first)).collect(),
        })
    });
    Ok(days.collect())
}

fn first_order(context: &Context, shop: u32) -> Option<Day> {
    context.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY)
}

impl ScopeDays {
    /// How many of the shops have a day up to this one.
    pub fn shops_by(&self, day: Day) -> i64 {
        self.shops.iter().filter(|(_, first)| *first <= day).count() as i64
    }

    /// What became of the orders of all its shops between two days.
    pub fn outcome(&self, outcomes: &OutcomeFold, first: Day, last: Day) -> OrderOutcome {
        let of_shops = self.shops.iter().map(|(shop, _)| outcomes.between(*shop, first, last));
        of_shops.fold(OrderOutcome::default(), OrderOutcome::plus)
    }
}
