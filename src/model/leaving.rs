//! Leaving: whether the data show at all that customers leave.

use super::estimate::Fit;

/// Twice the log-likelihood that two more parameters must gain: the 95 % quantile of χ² with 2 degrees of freedom.
const LEAST_GAIN: f64 = 5.991;

/// A fit with leaving must beat the same model without it: otherwise its parameters of leaving describe nothing, and its
/// P(alive) is a number near 1 for everybody.
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
