//! Value: the expected revenue of a purchase day of a customer (Gamma-Gamma).

use std::ops::Range;

use rayon::prelude::*;

use crate::fold::customer::columns::CustomerColumns;
use crate::metric::ratio::money_per;
use crate::model::estimate::{Fit, Status};
use crate::model::gamma_gamma::{GammaGamma, Spenders};

/// The model of values, fitted to the repeat purchase days of some customers.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueFit {
    /// The fit, money in units of the currency.
    pub fit: Fit<GammaGamma>,
    /// Pearson's correlation of frequency and value, which the model assumes to be 0.
    pub correlation: Option<f64>,
}

/// x and the mean net revenue of the repeat purchase days (the first day left out), in units of the currency.
#[inline]
fn spent(columns: &CustomerColumns, row: usize) -> (u32, f64) {
    let repeats = columns.purchase_days[row].saturating_sub(1);
    // What was returned without a known order may have been of the first day.
    let net = (columns.net_revenue(row) - columns.first_day_revenue[row]).max(0);
    (repeats, money_per(net, i64::from(repeats)).unwrap_or(0.0))
}

/// The q above which customers hardly differ: almost all their means lie within a tenth of the overall mean.
const ALIKE: f64 = 100.0;

impl ValueFit {
    /// The model, if its means may be shown. If customers hardly differ in what they spend, p, q and γ diverge together and are not
    /// identified; but E(M | x, m) then stays the same, close to the overall mean.
    pub fn model(&self) -> Option<&GammaGamma> {
        let is_alike = |model: &&GammaGamma| self.fit.status == Status::NotIdentified && model.q > ALIKE && model.q.is_finite();
        self.fit.usable().or_else(|| self.fit.model.as_ref().filter(is_alike))
    }

    /// Fits the model to the customers in those rows.
    pub fn of(columns: &CustomerColumns, rows: Range<usize>) -> ValueFit {
        let all: Vec<(u32, f64)> =
            rows.into_par_iter().with_min_len(1 << 14).map(|row| spent(columns, row)).filter(|(repeats, _)| *repeats > 0).collect();
        let spenders = Spenders::new(all);
        let correlation = spenders.correlation();
        let fit = GammaGamma::fit(&spenders);
        let is_infinite = fit.usable().is_some_and(|model| model.mean_value().is_none());
        let fit = if is_infinite {
            fit.doubted(
                "q is 1 or less: the mean value of a purchase over all customers is infinite, so that nothing can be said of who \
                 bought once; a few customers spend far more than all others"
                    .to_owned(),
            )
        } else {
            fit
        };
        ValueFit { fit, correlation }
    }

    /// The expected revenue of a purchase day of the customer in a row, in units of the currency: E(M | x, m); the mean over all customers
    /// for those who bought once. If refunds left nothing of the repeat days, m is 0. `None` if the model cannot be used.
    #[inline]
    pub fn of_customer(&self, columns: &CustomerColumns, row: usize) -> Option<f64> {
        let (repeats, mean) = spent(columns, row);
        self.model()?.expected_value(f64::from(repeats), mean.max(0.0)).filter(|value| value.is_finite())
    }

    /// The mean over all customers, in units of the currency.
    pub fn mean(&self) -> Option<f64> {
        self.model()?.mean_value().filter(|value| value.is_finite())
    }
}
