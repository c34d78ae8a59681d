//! Pool: the models of shops with too few customers, fitted to the customers of all shops together.

use rayon::prelude::*;

use super::base::{Base, DAYS_PER_PERIOD};
use super::choice::{Chosen, choose};
use super::evidence::{Evidence, Gain};
use super::fitted::Fitted;
use super::hold_out::{HoldOut, hold_outs};
use crate::job::ModelChoice;
use crate::model::cells::PatternCounts;

/// The models fitted to the customers of all shops together.
pub(in crate::table::forecast) struct Pool {
    pub(in crate::table::forecast) fitted: Vec<Fitted>,
    pub(in crate::table::forecast) chosen: Option<Chosen>,
    /// By place: by how much histories of all shops are likelier under the chosen one.
    pub(in crate::table::forecast) gains: Vec<Gain>,
    /// By base: the hold-outs of the models, without densities.
    pub(in crate::table::forecast) hold_outs: Vec<Vec<Option<HoldOut>>>,
}

impl Pool {
    /// Models fitted to all customers; the choice is by the hold-outs of all shops together.
    pub(in crate::table::forecast) fn of(choice: ModelChoice, bases: &[Base]) -> Pool {
        let whole = PatternCounts::pooled(bases.iter().map(|base| &base.whole), DAYS_PER_PERIOD);
        let calibration = PatternCounts::pooled(bases.iter().filter_map(calibration), DAYS_PER_PERIOD).to_judge();
        let fitted = Fitted::all(&choice.kinds(), &whole, (!calibration.is_empty()).then_some(&calibration));
        let mut of_shops: Vec<Vec<Option<HoldOut>>> =
            bases.par_iter().map(|base| hold_outs(&fitted, base, base.naive().as_ref())).collect();
        let shops: Vec<Evidence<'_>> =
            bases.par_iter().zip(&of_shops).map(|(base, hold_outs)| Evidence::of(&fitted, hold_outs, base)).collect();
        let gain = |one: usize, other: usize| {
            shops.iter().map(|shop| shop.gain(one, other)).reduce(|all, next| all.plus(&next)).unwrap_or_default()
        };
        // Each shop asks its own hold-out whether the model ranks its customers worse than "as often as before".
        let chosen = choose(choice, &fitted, &gain, &|_| false);
        let gains = gains(chosen, fitted.len(), &gain);
        drop(shops);
        of_shops.iter_mut().flatten().flatten().for_each(|hold_out| hold_out.densities = Vec::new());
        Pool { chosen, gains, fitted, hold_outs: of_shops }
    }
}

/// By place: the gain of the chosen model.
pub(in crate::table::forecast) fn gains(chosen: Option<Chosen>, models: usize, gain: &dyn Fn(usize, usize) -> Gain) -> Vec<Gain> {
    chosen.iter().flat_map(|chosen| (0..models).map(|place| gain(chosen.place, place))).collect()
}

pub(in crate::table::forecast) fn calibration(base: &Base) -> Option<&PatternCounts> {
    base.held_out.as_ref().map(|held_out| &held_out.calibration)
}
