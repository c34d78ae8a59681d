//! Choice: which of the fitted models a shop's forecast uses.

use super::evidence::Gain;
use super::fitted::Fitted;
use crate::job::ModelChoice;

/// The basis of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// The log-likelihood of the hold-out.
    HoldOut,
    /// The log-likelihood of the whole history, since nothing could be held out.
    LogLikelihood,
    /// The job names the model.
    Job,
    /// "As often as before", since the models rank customers worse.
    WorseThanNaive,
}

impl ChosenBy {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            ChosenBy::HoldOut => "hold_out",
            ChosenBy::LogLikelihood => "log_likelihood",
            ChosenBy::Job => "job",
            ChosenBy::WorseThanNaive => "worse_than_naive",
        }
    }
}

/// The model that is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Its index among the fitted models.
    pub place: usize,
    /// The basis of the choice.
    pub by: ChosenBy,
}

/// Chooses among fitted models. `gain` is by how much histories are likelier under one than under another, `is_out` whether a model must not
/// be used.
///
/// Of `auto` the simplest model is chosen that no other one beats by more than two standard errors of the difference per customer: what
/// one night's data cannot distinguish does not change from one night to the next. A model whose fit to the calibration ran off comes after
/// those that were tried on the hold-out, and is compared with them over the whole history. Never one with a regularity of 1, which is the
/// same as the plain model. `None` if none can be used.
pub fn choose(
    choice: ModelChoice,
    fitted: &[Fitted],
    gain: &dyn Fn(usize, usize) -> Gain,
    is_out: &dyn Fn(usize) -> bool,
) -> Option<Chosen> {
    let usable = || fitted.iter().enumerate().filter(|(place, fitted)| fitted.usable().is_some() && !is_out(*place));
    match choice {
        ModelChoice::None => None,
        ModelChoice::Only(kind) => usable().find(|(_, fitted)| fitted.kind == kind).map(|(place, _)| Chosen { place, by: ChosenBy::Job }),
        ModelChoice::Auto => {
            let mut candidates: Vec<(usize, &Fitted)> = usable().filter(|(_, fitted)| !fitted.is_plain_again()).collect();
            candidates.sort_by_key(|(_, fitted)| (fitted.calibrated().is_none(), fitted.kind.complexity()));
            let beats = |one: usize, other: usize| one != other && gain(one, other).is_beyond_doubt();
            let is_beaten = |place: usize| candidates.iter().any(|(other, _)| beats(*other, place));
            // Differences in the hold-out and in the whole history may run in a circle.
            let (place, fitted) = candidates.iter().find(|(place, _)| !is_beaten(*place)).or_else(|| candidates.first())?;
            let by = if fitted.calibrated().is_some() { ChosenBy::HoldOut } else { ChosenBy::LogLikelihood };
            Some(Chosen { place: *place, by })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::evidence::PairedSums;
    use super::super::fitted::FittedModel;
    use super::*;
    use crate::job::ModelKind;
    use crate::model::beta_geometric::{BetaGeometric, Chance};
    use crate::model::estimate::{Fit, Status};

    fn fit(status: Status, regularity: u32) -> Fit<FittedModel> {
        let model = FittedModel::BetaGeometric(BetaGeometric::new(Chance::AfterAll, regularity, [1.0; 4]));
        Fit {
            status,
            reason: String::new(),
            model: Some(model),
            parameters: Vec::new(),
            log_likelihood: Some(-1.0),
            iterations: 1,
            cells: 1,
            customers: 1,
        }
    }

    fn fitted(kind: ModelKind, whole: Status, calibration: Option<Status>, regularity: u32) -> Fitted {
        let calibration = calibration.map(|status| fit(status, regularity));
        Fitted { kind, whole: fit(whole, regularity), calibration, repeaters: 1 }
    }

    /// Chooses by the log-density of each of a hundred customers under each model, with a standard error of 0.1 of all differences.
    fn chosen(choice: ModelChoice, all: &[Fitted], densities: &[f64]) -> Option<(ModelKind, ChosenBy)> {
        let gain = |one: usize, other: usize| Gain { hold_out: None, whole: spread_around(densities[one] - densities[other]) };
        choose(choice, all, &gain, &|_| false).map(|chosen| (all[chosen.place].kind, chosen.by))
    }

    fn spread_around(mean: f64) -> PairedSums {
        PairedSums::of([(50, mean - 1.0), (50, mean + 1.0)].into_iter())
    }

    #[test]
    fn a_simpler_model_stays_unless_another_is_better_by_two_standard_errors() {
        let ok = Some(Status::Ok);
        let all = [ModelKind::BgNbd, ModelKind::MbgNbd, ModelKind::ParetoNbd].map(|kind| fitted(kind, Status::Ok, ok, 1));
        let auto = |densities: &[f64]| chosen(ModelChoice::Auto, &all, densities).map(|(kind, _)| kind);
        assert_eq!(auto(&[-1.0, -1.19, -1.1]), Some(ModelKind::MbgNbd), "0.19 are less than two standard errors");
        assert_eq!(auto(&[-1.0, -1.21, -1.1]), Some(ModelKind::ParetoNbd), "which is the simplest that nothing beats");
        assert_eq!(auto(&[-1.0, -1.21, -1.21]), Some(ModelKind::BgNbd));
        assert_eq!(chosen(ModelChoice::Only(ModelKind::BgNbd), &all, &[-9.0, 0.0, 0.0]), Some((ModelKind::BgNbd, ChosenBy::Job)));
        assert_eq!(chosen(ModelChoice::None, &all, &[0.0; 3]), None);
    }

    #[test]
    fn a_model_whose_calibration_runs_off_is_a_candidate_after_the_others() {
        let all = [
            fitted(ModelKind::BgNbd, Status::Ok, Some(Status::Ok), 1),
            fitted(ModelKind::MbgNbd, Status::Ok, Some(Status::NotIdentified), 1),
            fitted(ModelKind::ParetoNbd, Status::NotIdentified, Some(Status::Ok), 1),
        ];
        let auto = |densities: &[f64]| chosen(ModelChoice::Auto, &all, densities);
        assert_eq!(auto(&[-1.0, -0.7, 0.0]), Some((ModelKind::MbgNbd, ChosenBy::LogLikelihood)));
        assert_eq!(auto(&[-1.0, -0.9, 0.0]), Some((ModelKind::BgNbd, ChosenBy::HoldOut)));
        assert_eq!(chosen(ModelChoice::Only(ModelKind::ParetoNbd), &all, &[0.0; 3]), None, "it is not identified");
    }

    #[test]
    fn one_that_is_out_is_never_used_and_a_circle_ends_at_the_simplest() {
        let all = [ModelKind::BgNbd, ModelKind::MbgNbd].map(|kind| fitted(kind, Status::Ok, Some(Status::Ok), 1));
        let none = |_: usize, _: usize| Gain::default();
        let kind = |is_out: &dyn Fn(usize) -> bool| choose(ModelChoice::Auto, &all, &none, is_out).map(|chosen| all[chosen.place].kind);
        assert_eq!((kind(&|place| place == 1), kind(&|_| true)), (Some(ModelKind::BgNbd), None));
        assert!(choose(ModelChoice::Only(ModelKind::BgNbd), &all, &none, &|_| true).is_none());
        let circle = |_: usize, _: usize| Gain { hold_out: None, whole: spread_around(1.0) };
        assert_eq!(choose(ModelChoice::Auto, &all, &circle, &|_| false).map(|chosen| all[chosen.place].kind), Some(ModelKind::MbgNbd));
    }

    #[test]
    fn a_regularity_of_1_is_the_plain_model() {
        let with = |regularity| {
            [ModelKind::BgNbd, ModelKind::BgCnbdK]
                .map(|kind| fitted(kind, Status::Ok, None, if kind.has_regularity() { regularity } else { 1 }))
        };
        let kind = |regularity| chosen(ModelChoice::Auto, &with(regularity), &[-2.0, -1.0]).map(|(kind, _)| kind);
        assert_eq!((kind(1), kind(2)), (Some(ModelKind::BgNbd), Some(ModelKind::BgCnbdK)));
    }
}
