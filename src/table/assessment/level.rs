//! Level: how much the shops are going to sell on the days to come, relative to their last quarter of a year, and how uncertain that is.
//!
//! The forecast is made as of many days of the past as well, from what was known then. How far all shops together were off corrects
//! it, as far as that recurred; how far it was off beyond what chance explains is its uncertainty.

use std::sync::Arc;

use super::drift::Drift;
use super::figures::ShopFigures;
use super::season::{BLOCK_DAYS, BLOCKS, Season, USUAL_DAYS, YEAR_DAYS, orders};
use crate::metric::ratio::{mean, ratio_of};
use crate::metric::unknown_season::UNKNOWN_SEASON;
use crate::spec::Day;

/// The shortest forecast that is tried on the past.
const LEAST_DAYS: i32 = 28;

/// The number of expected orders below which a past forecast of a shop is not looked at, because it is mostly chance.
const LEAST_ORDERS: f64 = 30.0;

/// The standard deviation of growth rates over a year, as a logarithm, where past forecasts are too few: that of small firms
/// (M. Stanley et al., "Scaling behaviour in the growth of companies", Nature 379, 1996).
const GROWTH_SPREAD: f64 = 0.3;

/// Errors of past forecasts that show the uncertainty without [`GROWTH_SPREAD`].
const ENOUGH_ERRORS: f64 = 8.0;

/// Past forecasts on separate days that a common error must have recurred in for half of it to be believed.
const HALF_BELIEVED: f64 = 3.0;

/// The level of the days to come.
pub struct Level {
    /// The logarithm of the mean level of each shop relative to the season, by place.
    pub means: Vec<f64>,
    /// The standard deviation of the logarithm of each shop's own level.
    pub own_spread: f64,
    /// That of the level that all shops have in common.
    pub common_spread: f64,
}

/// The errors of a past forecast.
struct PastErrors {
    /// The mean error of the shops.
    common: f64,
    /// By shop: the error, and its variance by chance.
    own: Vec<(f64, f64)>,
}

impl Level {
    /// The level of the shops on the `days` after the as-of date.
    pub fn of(shops: &[Arc<ShopFigures>], season: &Season<'_>, as_of: Day, days: i32) -> Level {
        let drift = Drift::of(shops, as_of);
        let mut means: Vec<f64> =
            shops.iter().enumerate().map(|(place, shop)| drift.after(place, gap(days, known_days(shop, as_of)))).collect();
        let is_known = season.factor(as_of, 0, days).is_some();
        // Of the length that is asked for, or of one that the data are long enough for.
        let mut length = days.max(LEAST_DAYS);
        let tried = |length: i32| -> Vec<PastErrors> {
            // A year of past forecasts.
            let origins = (0..BLOCKS).map(|back| as_of - length - back * BLOCK_DAYS);
            origins.filter_map(|origin| past_errors(shops, season, origin, length, is_known)).collect()
        };
        let mut past = tried(length);
        while past.len() < 2 && length > LEAST_DAYS {
            length = (length - length.div_euclid(2)).max(LEAST_DAYS);
            past = tried(length);
        }
        let (years, past_years) = (years(days), years(length));
        // Forecasts that overlap are not independent of each other.
        let separate = ratio_of((past.len() as i32 * BLOCK_DAYS).into(), (length + USUAL_DAYS).into()).unwrap_or(0.0);
        let common: Vec<f64> = past.iter().map(|past| past.common).collect();
        let bias = mean(&common).unwrap_or(0.0);
        let believed = ratio_of(separate, separate + HALF_BELIEVED).unwrap_or(0.0);
        let longer = ratio_of(years, past_years).unwrap_or(1.0);
        means.iter_mut().for_each(|mean| *mean += believed * bias * longer);
        let own: Vec<f64> =
            past.iter().flat_map(|past| past.own.iter().map(|(error, chance)| (error - past.common).powi(2) - chance)).collect();
        let off: Vec<f64> = common.iter().map(|common| (common - believed * bias).powi(2)).collect();
        let spread = |squares: &[f64], unknown: f64| {
            let seen = mean(squares).unwrap_or(0.0).max(0.0) * longer.powi(2);
            let doubt = ratio_of(ENOUGH_ERRORS - squares.len() as f64, ENOUGH_ERRORS).unwrap_or(0.0).max(0.0);
            ((1.0 - doubt) * seen + doubt * unknown.powi(2)).sqrt()
        };
        let seen = spread(&off, GROWTH_SPREAD * years);
        let common_spread = if is_known || days <= 0 { seen } else { libm::hypot(seen, UNKNOWN_SEASON) };
        Level { means, own_spread: spread(&own, GROWTH_SPREAD * years), common_spread }
    }
}

/// The days of the last quarter on which a shop was there.
fn known_days(shop: &ShopFigures, origin: Day) -> i32 {
    (origin - shop.first + 1).clamp(0, USUAL_DAYS)
}

/// The days from the middle of what is known to the middle of what is to come.
fn gap(days: i32, known: i32) -> f64 {
    0.5 * f64::from(days.max(0) + known)
}

/// That distance in years, of a shop that is no longer young.
fn years(days: i32) -> f64 {
    ratio_of(gap(days, USUAL_DAYS), f64::from(YEAR_DAYS)).unwrap_or(0.0)
}

/// The errors of the forecast that was made on a day, as logarithms of actual over expected orders; `None` without any, or if the season was
/// known then and is not today, or the other way round.
fn past_errors(shops: &[Arc<ShopFigures>], season: &Season<'_>, origin: Day, days: i32, is_known: bool) -> Option<PastErrors> {
    let factor = season.factor(origin, 0, days);
    if factor.is_some() != is_known {
        return None;
    }
    let drift = Drift::of(shops, origin);
    let mut own = Vec::new();
    for (place, shop) in shops.iter().enumerate().filter(|(_, shop)| shop.first <= origin - USUAL_DAYS + 1) {
        let before = orders(shop, origin - USUAL_DAYS, USUAL_DAYS) as f64;
        let mean = ratio_of(before * f64::from(days), f64::from(USUAL_DAYS)).unwrap_or(0.0);
        let expected = mean * factor.unwrap_or(1.0) * drift.after(place, gap(days, USUAL_DAYS)).exp();
        let actual = orders(shop, origin, days) as f64;
        if expected >= LEAST_ORDERS && actual > 0.0 {
            let chance = ratio_of(1.0, before).unwrap_or(0.0) + ratio_of(1.0, expected).unwrap_or(0.0);
            own.extend(ratio_of(actual, expected).map(|ratio| (ratio.ln(), chance)));
        }
    }
    let common = mean(&own.iter().map(|(error, _)| *error).collect::<Vec<_>>())?;
    Some(PastErrors { common, own })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::Facts;
    use crate::statistics::random::Random;
    use crate::table::assessment::invented::sold;
    use crate::table::testing::day;

    /// Three years of a shop with 1,000 orders a day, of which the logarithm moves from a week to the next with a standard deviation.
    fn wandering(shop: u32, as_of: Day, a_week: f64, random: &mut Random) -> Arc<ShopFigures> {
        let mut level = 0.0;
        let mut days = Vec::new();
        for _ in 0..156 {
            level += a_week * random.normal();
            days.extend([sold((1_000.0 * f64::exp(level)).round() as i64, 100); 7]);
        }
        Arc::new(ShopFigures::invented(shop, as_of - 156 * 7 + 1, &days, &Arc::new(Facts::default())))
    }

    /// The logarithm of the mean of six weeks over that of the thirteen before, where a week differs from the one before by a step of variance
    /// s²: the k-th step before today is in k of the thirteen means of what was, s² × (1² + … + 12²) / 13² = 650/169 s²; of what comes,
    /// s² × (1² + … + 6²) / 6² = 91/36 s². The drift, which is mere chance here, adds to it by less than a half.
    #[test]
    fn the_spread_of_shops_that_wander_is_that_of_their_steps() {
        let as_of = day("2026-11-21");
        let mut random = Random::new(41);
        for a_week in [0.02, 0.06] {
            let shops: Vec<Arc<ShopFigures>> = (0..40).map(|shop| wandering(shop, as_of, a_week, &mut random)).collect();
            let level = Level::of(&shops, &Season::new(&shops), as_of, 42);
            let expected = a_week * (650.0_f64 / 169.0 + 91.0 / 36.0).sqrt();
            let ratio = level.own_spread / expected;
            assert!((0.8..1.5).contains(&ratio), "{ratio} of {expected}");
        }
    }

    #[test]
    fn shops_that_do_not_move_have_no_spread_where_the_past_shows_it() {
        let as_of = day("2026-11-21");
        let mut random = Random::new(43);
        let shops: Vec<Arc<ShopFigures>> = (0..8).map(|shop| wandering(shop, as_of, 0.0, &mut random)).collect();
        let level = Level::of(&shops, &Season::new(&shops), as_of, 42);
        assert!(level.own_spread < 1e-9 && level.common_spread < 1e-9 && level.means.iter().all(|mean| mean.abs() < 1e-9));
    }
}
