//! Regularity: the k of BG/CNBD-k and MBG/CNBD-k, chosen by the likelihood.

use super::beta_geometric::{BetaGeometric, Chance};
use super::cells::PatternCounts;
use super::estimate::Fit;

/// The largest k tried, as in the package BTYDplus.
const MOST_REGULAR: u32 = 12;

/// The k from which on higher ones are not tried if two consecutive fits are not identified: hardly any customers are so regular.
const HOPELESS: u32 = 4;

/// The fits of one kind for the k that were tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The fit with the chosen k.
    pub fit: Fit<BetaGeometric>,
    /// k.
    pub regularity: u32,
    /// Every k tried, ascending, with its log-likelihood; `None` where that is so far below the one before that its maximum was not looked for.
    pub tried: Vec<(u32, Option<f64>)>,
}

/// Fits k = 1, 2, … as long as the log-likelihood rises (Platzer & Reutterer 2016, section 4). That of k > 1 contains the
/// logarithms of all intervals; if not all were counted (`CellCounter::add_interval`), only k = 1 is fitted.
pub fn choose(cells: &PatternCounts, chance: Chance) -> Choice {
    choose_from(BetaGeometric::fit(cells, chance, 1), cells, chance)
}

/// The same if the fit of k = 1 exists already.
pub fn choose_from(plain: Fit<BetaGeometric>, cells: &PatternCounts, chance: Chance) -> Choice {
    let mut best = Choice { fit: plain, regularity: 1, tried: Vec::new() };
    best.tried.push((1, best.fit.log_likelihood));
    if best.fit.log_likelihood.is_none() || !cells.has_all_intervals() {
        return best;
    }
    for regularity in 2..=MOST_REGULAR {
        let least = best.fit.log_likelihood.unwrap_or(f64::NEG_INFINITY);
        let fit = BetaGeometric::fit_above(least, cells, chance, regularity);
        best.tried.push((regularity, fit.as_ref().and_then(|fit| fit.log_likelihood)));
        let Some(fit) = fit.filter(|fit| fit.log_likelihood > best.fit.log_likelihood) else { break };
        let is_hopeless = regularity >= HOPELESS && fit.usable().is_none() && best.fit.usable().is_none();
        best = Choice { fit, regularity, ..best };
        if is_hopeless {
            break;
        }
    }
    best
}
