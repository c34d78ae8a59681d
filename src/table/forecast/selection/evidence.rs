//! Evidence: how likely each customer's history is under one model and under another, so that two models are compared by the differences
//! of the same customers (Q. Vuong, "Likelihood Ratio Tests for Model Selection and Non-Nested Hypotheses", Econometrica 57, 1989).

use std::sync::Arc;

use super::base::Base;
use super::densities::of_whole;
use super::fitted::{Fitted, of_each_model};
use super::hold_out::HoldOut;
use crate::metric::ranking::Difference;
use crate::metric::ratio::ratio_of;

/// Sums of paired differences over customers, which add up over shops.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PairedSums {
    customers: f64,
    sum: f64,
    squares: f64,
}

impl PairedSums {
    /// The sums of differences, each with its number of customers.
    pub fn of(pairs: impl Iterator<Item = (u64, f64)>) -> PairedSums {
        pairs.fold(PairedSums::default(), |sums, (customers, difference)| {
            let customers = customers as f64;
            sums.plus(&PairedSums { customers, sum: customers * difference, squares: customers * difference.powi(2) })
        })
    }

    /// The sums of both.
    pub fn plus(&self, other: &PairedSums) -> PairedSums {
        PairedSums { customers: self.customers + other.customers, sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    /// The mean difference of a customer; `None` for fewer than two customers.
    pub fn difference(&self) -> Option<Difference> {
        let value = ratio_of(self.sum, self.customers)?;
        let variance = ratio_of(self.squares - self.sum * value, self.customers - 1.0)?.max(0.0);
        let difference = Difference { value, std_error: ratio_of(variance, self.customers)?.sqrt() };
        (self.customers > 1.0 && difference.value.is_finite()).then_some(difference)
    }
}

/// By how much histories are likelier under one model than under another.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Gain {
    /// In the hold-out; `None` where one of the two was not tried on it.
    pub hold_out: Option<PairedSums>,
    /// In the whole history, to which both were fitted.
    pub whole: PairedSums,
}

impl Gain {
    /// The gain over the customers of both.
    pub fn plus(&self, other: &Gain) -> Gain {
        let hold_out = match (self.hold_out, other.hold_out) {
            (Some(one), Some(other)) => Some(one.plus(&other)),
            (one, other) => one.or(other),
        };
        Gain { hold_out, whole: self.whole.plus(&other.whole) }
    }

    /// The mean gain of a customer: in the hold-out, where both were tried on it.
    pub fn difference(&self) -> Option<Difference> {
        self.hold_out.unwrap_or(self.whole).difference()
    }

    /// Whether the one is better: by more than two standard errors, and not only in the hold-out, of which one in forty looks so by chance.
    pub fn is_beyond_doubt(&self) -> bool {
        self.difference().is_some_and(|difference| difference.is_above()) && self.whole.sum >= 0.0
    }
}

/// The densities of a shop's histories under its models, by their places.
pub struct Evidence<'a> {
    base: &'a Base,
    hold_outs: &'a [Option<HoldOut>],
    /// By cell of the whole history; `None` for a model that cannot be used.
    whole: Vec<Option<Arc<[f64]>>>,
}

impl<'a> Evidence<'a> {
    /// The densities under those models.
    pub fn of(fitted: &[Fitted], hold_outs: &'a [Option<HoldOut>], base: &'a Base) -> Evidence<'a> {
        let whole = of_each_model(fitted.iter().map(Fitted::usable), |model| of_whole(model, &base.whole).into());
        Evidence { base, hold_outs, whole }
    }

    /// By how much histories are likelier under one model than under the other.
    pub fn gain(&self, one: usize, other: usize) -> Gain {
        let differences = |one: &[f64], other: &[f64]| -> Vec<f64> { one.iter().zip(other).map(|(one, other)| one - other).collect() };
        let tried = |place: usize| Some(self.hold_outs.get(place)?.as_ref()?.densities.as_slice());
        let hold_out = self.base.held_out.as_ref().zip(tried(one).zip(tried(other))).map(|(held_out, (one, other))| {
            let customers = held_out.outcomes.iter().map(|outcome| outcome.customers);
            PairedSums::of(customers.zip(differences(one, other)))
        });
        let usable = |place: usize| self.whole.get(place).and_then(Option::as_ref);
        let whole = usable(one).zip(usable(other)).map(|(one, other)| {
            let customers = self.base.whole.counts().iter().map(|(_, customers)| *customers);
            PairedSums::of(customers.zip(differences(one, other)))
        });
        Gain { hold_out, whole: whole.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paired_differences_add_up_over_shops() {
        // Differences of 1, 1, 2 and −1: mean ¾, squares 7 − 4 × 9/16, over 3 and over 4.
        let one = PairedSums::of([(2, 1.0)].into_iter());
        let both = one.plus(&PairedSums::of([(1, 2.0), (1, -1.0)].into_iter()));
        let difference = both.difference().unwrap();
        assert!((difference.value - 0.75).abs() < 1e-15 && (difference.std_error - (4.75_f64 / 12.0).sqrt()).abs() < 1e-15);
        assert_eq!(PairedSums::of([(1, 2.0)].into_iter()).difference(), None, "one customer has no spread");
        assert_eq!(PairedSums::default().difference(), None);
    }

    #[test]
    fn a_gain_of_the_hold_out_counts_where_the_whole_history_does_not_contradict() {
        let sums = |value: f64| PairedSums::of([(50, value - 1.0), (50, value + 1.0)].into_iter());
        let gain = |hold_out: Option<f64>, whole: f64| Gain { hold_out: hold_out.map(sums), whole: sums(whole) };
        // The standard error of a hundred differences of ±1 around their mean is about 0.1.
        assert!(gain(Some(0.21), 0.0).is_beyond_doubt() && gain(None, 0.21).is_beyond_doubt());
        for doubtful in [gain(Some(0.19), 1.0), gain(Some(0.21), -0.01), gain(None, 0.19), Gain::default()] {
            assert!(!doubtful.is_beyond_doubt(), "{doubtful:?}");
        }
        // Two shops: the one that has no hold-out does not speak against that of the other.
        let both = gain(Some(0.5), 0.1).plus(&gain(None, 0.1));
        assert_eq!((both.hold_out, both.whole.customers), (Some(sums(0.5)), 200.0));
    }
}
