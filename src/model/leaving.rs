//! The test whether the data show that customers leave.

use super::estimate::Fit;

/// The gain in twice the log-likelihood that two more parameters need: the 95 % quantile of χ² with 2 degrees of freedom.
const LEAST_GAIN: f64 = 5.991;

/// Marks a fit as not identified unless it is better than the same model without leaving: otherwise its parameters of leaving
/// describe nothing, and its P(alive) is near 1 for every customer.
pub fn doubt_leaving<M>(fit: Fit<M>, without_leaving: f64) -> Fit<M> {
    let gain = 2.0 * (fit.log_likelihood.unwrap_or(f64::NEG_INFINITY) - without_leaving);
    if gain >= LEAST_GAIN {
        return fit;
    }
    fit.doubted(format!(
        "the data do not show that customers leave: twice the log-likelihood is only {:.2} above that of a model in which nobody does \
         ({LEAST_GAIN} needed)",
        gain.max(0.0)
    ))
}
