//! Figures of a shop by day, and how chance alone moves them: as counts, sums of payments, shares or means.

use super::ratio::ratio_of;

/// Customers from whom the spread of what customers pay can be told.
const LEAST_CUSTOMERS: f64 = 20.0;

/// How chance moves a figure of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Noise {
    /// As a count of pieces of this size, which come independently.
    Count {
        /// The size.
        piece: f64,
    },
    /// As the share of so many for which something holds.
    Share {
        /// How many.
        of: f64,
    },
    /// By this standard deviation.
    Deviation(f64),
}

impl Noise {
    /// The value where chance has a standard deviation of 1.
    pub fn level(self, value: f64) -> f64 {
        match self {
            Noise::Count { piece } => 2.0 * (ratio_of(value, piece).unwrap_or(0.0).max(0.0) + 0.375).sqrt(),
            Noise::Share { of } => {
                let share = ratio_of(value.clamp(0.0, 1.0) * of + 0.375, of + 0.75).unwrap_or(0.0);
                2.0 * (of + 0.5).sqrt() * libm::asin(share.sqrt())
            }
            Noise::Deviation(deviation) => ratio_of(value, deviation).unwrap_or(0.0),
        }
    }

    /// The value of a level, not below 0.
    pub fn value(self, level: f64) -> f64 {
        match self {
            Noise::Count { piece } => piece * ((0.5 * level.max(0.0)).powi(2) - 0.375).max(0.0),
            Noise::Share { of } => {
                let angle = ratio_of(level, 2.0 * (of + 0.5).sqrt()).unwrap_or(0.0).clamp(0.0, std::f64::consts::FRAC_PI_2);
                ratio_of(angle.sin().powi(2) * (of + 0.75) - 0.375, of).unwrap_or(0.0).clamp(0.0, 1.0)
            }
            Noise::Deviation(deviation) => (deviation * level).max(0.0),
        }
    }
}

/// What a figure is, which decides how chance moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// A count: Poisson.
    Count,
    /// A sum of amounts of different size, each of which comes by chance: compound Poisson, whose variance is that of a count of pieces
    /// of the size Σ amount² / Σ amount. `extra` is Σ amount².
    Amount,
    /// Such a sum for each unit of the denominator, as what was refunded of what was paid. `extra` is Σ amount² of the numerator.
    AmountShare,
    /// The share of the denominator for which something holds: binomial.
    Share,
    /// What each of the denominator paid, by the spread of what they paid. `extra` is Σ amount² over them.
    Mean,
    /// The paid orders for each placed one: those placed on the day are paid on it by chance (binomial), and orders of days before it come
    /// in addition (Poisson). `extra` is how many were placed and paid on the day.
    PaymentRate,
}

/// A figure of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayFigure {
    /// The numerator divided by the denominator.
    pub value: f64,
    /// The numerator.
    pub numerator: f64,
    /// The denominator, above 0; 1 for counts and amounts.
    pub denominator: f64,
    /// See [`FigureKind`].
    pub extra: f64,
}

impl DayFigure {
    /// A figure with a denominator; `None` where that is 0.
    pub fn rate(numerator: f64, denominator: f64, extra: f64) -> Option<DayFigure> {
        Some(DayFigure { value: ratio_of(numerator, denominator)?, numerator, denominator, extra })
    }

    /// A figure that counts or sums up.
    pub fn plain(value: f64, extra: f64) -> DayFigure {
        DayFigure { value, numerator: value, denominator: 1.0, extra }
    }
}

/// The figures of some days summed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    /// Of the numerators.
    pub numerator: f64,
    /// Of the denominators.
    pub denominator: f64,
    /// Of what else the days say.
    pub extra: f64,
}

impl Sums {
    /// With another day.
    pub fn plus(self, day: &DayFigure) -> Sums {
        Sums { numerator: self.numerator + day.numerator, denominator: self.denominator + day.denominator, extra: self.extra + day.extra }
    }

    /// The size of a piece of the numerator.
    fn piece(&self) -> Option<f64> {
        ratio_of(self.extra, self.numerator).filter(|piece| *piece > 0.0)
    }
}

impl FigureKind {
    /// How many pieces, on which chance works, the days have together; `None` where nothing says how large they are.
    pub fn pieces(self, days: &Sums) -> Option<f64> {
        let Sums { numerator, denominator, extra } = *days;
        match self {
            FigureKind::Count => Some(numerator),
            FigureKind::Amount | FigureKind::AmountShare => ratio_of(numerator, days.piece()?),
            FigureKind::Share => Some(numerator.min(denominator - numerator)),
            FigureKind::Mean => Some(denominator),
            FigureKind::PaymentRate => Some(numerator.min(denominator - extra + numerator - extra)),
        }
    }

    /// How chance moves the figure of a day, by what the days before it have; `None` where they do not say.
    pub fn noise(self, days: &Sums, day: &DayFigure) -> Option<Noise> {
        let (Sums { numerator, denominator, extra }, of) = (*days, day.denominator);
        match self {
            FigureKind::Count => Some(Noise::Count { piece: 1.0 }),
            FigureKind::Amount => Some(Noise::Count { piece: days.piece()? }),
            FigureKind::AmountShare => Some(Noise::Count { piece: ratio_of(days.piece()?, of)? }),
            FigureKind::Share => Some(Noise::Share { of }),
            FigureKind::Mean => {
                let mean = ratio_of(numerator, denominator).filter(|mean| *mean > 0.0 && denominator >= LEAST_CUSTOMERS)?;
                // One more customer, who deviates by the whole mean: equal payments do not say that all will be equal.
                let variance = (ratio_of(extra, denominator)? - mean * mean).max(0.0) + ratio_of(mean * mean, denominator)?;
                Some(Noise::Deviation(ratio_of((variance * (of + 2.0)).sqrt(), of)?))
            }
            FigureKind::PaymentRate => {
                let paid_same_day = ratio_of(of * ratio_of(extra, denominator)? + 1.0, of + 2.0)?;
                let from_before = ratio_of(numerator - extra, denominator)?;
                let variance = ratio_of(paid_same_day * (1.0 - paid_same_day) + from_before, of)?;
                Some(Noise::Deviation(variance.sqrt()))
            }
        }
    }

    /// The value, within the limits of the figure.
    pub fn within(self, value: f64) -> f64 {
        if self == FigureKind::Share { value.clamp(0.0, 1.0) } else { value }
    }
}

/// Why a day has no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nobody knows it.
    Unknown,
    /// Its denominator is 0.
    NoDenominator,
}

/// A figure of a shop day by day.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureDays {
    /// What it is.
    pub kind: FigureKind,
    /// By day, from the first day of the shop to the as-of date.
    pub days: Vec<Result<DayFigure, Missing>>,
}

impl FigureDays {
    /// The figure of the day at a place, if there is one.
    pub fn on(&self, place: usize) -> Option<&DayFigure> {
        self.days.get(place)?.as_ref().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?}, not {expected}");
    }

    #[test]
    fn payments_of_different_size_are_fewer_pieces_than_payments() {
        // 3, 3 and 9: 15 in all, the squares 99. A piece is of 99 / 15 = 6.6, and there are 15 / 6.6 of them.
        let days = Sums { numerator: 15.0, denominator: 2.0, extra: 99.0 };
        assert_close(FigureKind::Amount.pieces(&days), 225.0 / 99.0);
        let day = DayFigure::plain(6.0, 36.0);
        assert_eq!(FigureKind::Amount.noise(&days, &day), Some(Noise::Count { piece: 6.6 }));
        assert_eq!(FigureKind::Amount.noise(&Sums::default(), &day), None);
        // A share of what was paid, 30.00: the piece is 6.6 / 30.
        let refunded = DayFigure::rate(6.0, 30.0, 36.0).unwrap();
        assert_eq!(FigureKind::AmountShare.noise(&days, &refunded), Some(Noise::Count { piece: 6.6 / 30.0 }));
    }

    #[test]
    fn a_mean_is_moved_by_the_spread_of_what_customers_pay() {
        // 25 customers: 20 paid 2.00 and 5 paid 7.00. The mean is 75 / 25 = 3, the variance 325 / 25 − 9 = 4, with one more 4 + 9/25.
        let days = Sums { numerator: 75.0, denominator: 25.0, extra: 325.0 };
        let day = DayFigure::rate(8.0, 2.0, 0.0).unwrap();
        let Some(Noise::Deviation(deviation)) = FigureKind::Mean.noise(&days, &day) else { panic!() };
        assert_close(Some(deviation), (4.36_f64 * 4.0).sqrt() / 2.0);
        assert_eq!(FigureKind::Mean.noise(&Sums { denominator: 19.0, ..days }, &day), None);
    }

    #[test]
    fn a_payment_rate_counts_orders_of_days_before() {
        // 100 placed, 80 of them paid on their day, and 10 of days before: 90 paid. Of 8 placed (8 × 0.8 + 1) / 10 = 0.74.
        let days = Sums { numerator: 90.0, denominator: 100.0, extra: 80.0 };
        let day = DayFigure::rate(6.0, 8.0, 6.0).unwrap();
        let Some(Noise::Deviation(deviation)) = FigureKind::PaymentRate.noise(&days, &day) else { panic!() };
        assert_close(Some(deviation), ((0.74 * 0.26 + 0.1) / 8.0_f64).sqrt());
        assert_close(FigureKind::PaymentRate.pieces(&days), 30.0);
    }

    #[test]
    fn levels_go_there_and_back() {
        for noise in [Noise::Count { piece: 2.5 }, Noise::Share { of: 7.0 }, Noise::Deviation(0.3)] {
            for value in [0.0, 0.25, 0.5, 1.0] {
                assert_close(Some(noise.value(noise.level(value))), value);
            }
            assert_eq!(noise.value(-100.0), 0.0);
        }
        assert_eq!(
            (Noise::Share { of: 7.0 }.value(100.0), Noise::Share { of: 7.0 }.level(2.0)),
            (1.0, Noise::Share { of: 7.0 }.level(1.0))
        );
    }
}
