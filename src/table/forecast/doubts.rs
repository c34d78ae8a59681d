//! Doubts: the shops whose forecast does not deserve belief, as a run warns of them.

use super::Forecasts;
use super::selection::against_naive::Verdict;
use super::shop::ShopForecast;
use crate::history::Context;

/// Whether a doubt is about the forecast of a shop.
type IsMeant<'a> = &'a dyn Fn(&ShopForecast) -> bool;

/// The warnings of a run: one for each kind of doubt, with its shops.
pub fn warnings(context: &Context, forecasts: &Forecasts) -> Vec<String> {
    let ranks_worse = |shop: &ShopForecast| shop.as_before.is_some();
    let verdict = |shop: &ShopForecast| shop.hold_out().and_then(|hold_out| hold_out.against_naive.verdict());
    let misses_more = |shop: &ShopForecast| verdict(shop) == Some(Verdict::MissesMore);
    let no_better = |shop: &ShopForecast| verdict(shop) == Some(Verdict::NoBetter);
    let kinds: [(IsMeant<'_>, &str); 3] = [
        (
            &ranks_worse,
            "the models rank customers worse than \"as often as before\" (worse_than_naive): expected_purchases and expected_value are \
             \"as often as before\" there, and p_alive is null",
        ),
        (
            &misses_more,
            "the used model ranks customers no worse than \"as often as before\" and misses them by more: use the order, not the sums",
        ),
        (&no_better, "the used model foresaw the hold-out no better than \"as often as before\""),
    ];
    let warning = |(is_meant, what): (IsMeant<'_>, &str)| {
        let shops = context.shop_names(forecasts.shops.iter().filter(|shop| is_meant(shop)).map(|shop| shop.shop))?;
        Some(format!("forecast of {shops}: {what}; see forecast_models"))
    };
    kinds.into_iter().filter_map(warning).collect()
}
