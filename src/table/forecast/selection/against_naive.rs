//! Against naive: whether a model predicts the hold-out better than "as often as before", and whether chance alone could explain it.

use super::as_before::AsBefore;
use super::base::{Base, HeldOut, HeldOutCustomers};
use crate::metric::ranking::{Difference, Outcome, Ranking, Weighed, absolute_error_gain, gini_gain};

/// What the hold-out says of a model against "as often as before".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It misses customers by less, or ranks them better, by more than two standard errors, and is in neither worse by as much.
    Better,
    /// Neither differs by more than two standard errors.
    NoBetter,
    /// It ranks customers no worse, and misses them by more.
    MissesMore,
    /// It ranks customers worse.
    RanksWorse,
}

impl Verdict {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::NoBetter => "no_better",
            Verdict::MissesMore => "misses_more",
            Verdict::RanksWorse => "ranks_worse",
        }
    }
}

/// The differences of a model to "as often as before"; above 0 where the model is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstNaive {
    /// Mean absolute error of "as often as before" less that of the model.
    pub error_gain: Option<Difference>,
    /// Gini coefficient of the model less that of "as often as before".
    pub gini_gain: Option<Difference>,
}

/// What all models of a hold-out are held against: its outcomes, and what "as often as before" predicts for them.
pub struct Naive {
    /// By group of the hold-out.
    pub outcomes: Vec<Outcome>,
    /// By outcome.
    pub predictions: Vec<f64>,
    /// The outcomes by these predictions.
    pub by_prediction: Weighed,
    /// The outcomes by themselves: no ranking is better.
    pub by_outcome: Weighed,
}

impl Naive {
    /// That of a hold-out.
    pub fn of(held_out: &HeldOut) -> Naive {
        let outcome = |one: &HeldOutCustomers| Outcome { actual: u64::from(one.purchases), customers: one.customers };
        let outcomes: Vec<Outcome> = held_out.outcomes.iter().map(outcome).collect();
        let predictions = held_out.by_outcome(&AsBefore::by_cell(&held_out.calibration, held_out.days));
        let prediction = |place: usize| predictions.get(place).copied().unwrap_or_default();
        Naive {
            by_prediction: Weighed::of(&outcomes, prediction),
            by_outcome: Weighed::of(&outcomes, |place| outcomes.get(place).map_or(0.0, |outcome| outcome.actual as f64)),
            predictions,
            outcomes,
        }
    }
}

impl Base {
    /// What the models of the hold-out are held against; `None` without one.
    pub fn naive(&self) -> Option<Naive> {
        self.held_out.as_ref().map(Naive::of)
    }
}

impl AgainstNaive {
    /// The differences of predictions by outcome, with the order by these.
    pub fn of(naive: &Naive, predictions: &[f64], by_prediction: &Ranking) -> AgainstNaive {
        AgainstNaive {
            error_gain: absolute_error_gain(&naive.outcomes, predictions, &naive.predictions),
            gini_gain: gini_gain(&naive.outcomes, by_prediction, &naive.by_prediction, &naive.by_outcome),
        }
    }

    /// The verdict; `None` where nothing can be compared.
    pub fn verdict(&self) -> Option<Verdict> {
        let differences = || [self.error_gain, self.gini_gain].into_iter().flatten();
        differences().next()?;
        Some(match () {
            () if self.gini_gain.is_some_and(|gain| gain.is_below()) => Verdict::RanksWorse,
            () if self.error_gain.is_some_and(|gain| gain.is_below()) => Verdict::MissesMore,
            () if differences().any(|gain| gain.is_above()) => Verdict::Better,
            () => Verdict::NoBetter,
        })
    }

    /// Whether the verdict is that the model is better.
    pub fn beats(&self) -> Option<bool> {
        self.verdict().map(|verdict| verdict == Verdict::Better)
    }

    /// Whether it must not be used.
    pub fn ranks_worse(&self) -> bool {
        self.verdict() == Some(Verdict::RanksWorse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_two_standard_errors() {
        let difference = |value| Some(Difference { value, std_error: 1.0 });
        let verdict = |error, gini| AgainstNaive { error_gain: difference(error), gini_gain: difference(gini) }.verdict();
        for (error, gini, expected) in [
            (1.9, 1.9, Verdict::NoBetter),
            (-1.9, -1.9, Verdict::NoBetter),
            (2.1, -1.9, Verdict::Better),
            (-1.9, 2.1, Verdict::Better),
            (-2.1, 5.0, Verdict::MissesMore),
            (5.0, -2.1, Verdict::RanksWorse),
        ] {
            assert_eq!(verdict(error, gini), Some(expected), "{error} {gini}");
        }
        // Where all customers did the same there is no ranking, and the errors alone decide.
        let no_ranking = AgainstNaive { error_gain: difference(3.0), gini_gain: None };
        assert_eq!((no_ranking.verdict(), no_ranking.beats(), no_ranking.ranks_worse()), (Some(Verdict::Better), Some(true), false));
        assert_eq!(AgainstNaive { error_gain: None, gini_gain: None }.verdict(), None);
        let barely = AgainstNaive { error_gain: difference(0.1), gini_gain: difference(0.1) };
        assert_eq!(barely.beats(), Some(false));
    }
}
