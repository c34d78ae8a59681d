//! Choice: which of the fitted models a shop's forecast uses.

use crate::job::ModelChoice;

use super::fitted::Fitted;

/// The basis of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// The log-likelihood of the hold-out.
    HoldOut,
    /// The log-likelihood of the whole history, since nothing could be held out.
    LogLikelihood,
    /// The job names the model.
    Job,
}

impl ChosenBy {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            ChosenBy::HoldOut => "hold_out",
            ChosenBy::LogLikelihood => "log_likelihood",
            ChosenBy::Job => "job",
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

/// Chooses among fitted models by the log-likelihood of the hold-out under each, if there is one. Chooses the first of equal ones, and
/// never one with a regularity of 1, which is the same as the plain model. `None` if none can be used.
pub fn choose(choice: ModelChoice, fitted: &[Fitted], hold_outs: &[Option<f64>]) -> Option<Chosen> {
    let usable = || fitted.iter().enumerate().filter(|(_, fitted)| fitted.usable().is_some());
    match choice {
        ModelChoice::None => None,
        ModelChoice::Only(kind) => usable().find(|(_, fitted)| fitted.kind == kind).map(|(place, _)| Chosen { place, by: ChosenBy::Job }),
        ModelChoice::Auto => {
            let candidates = || usable().filter(|(_, fitted)| !fitted.is_plain_again());
            let held_out = candidates().filter_map(|(place, _)| Some((place, (*hold_outs.get(place)?)?)));
            let whole = candidates().filter_map(|(place, fitted)| Some((place, fitted.whole.log_likelihood?)));
            let by_hold_out = highest(held_out).map(|place| Chosen { place, by: ChosenBy::HoldOut });
            by_hold_out.or_else(|| highest(whole).map(|place| Chosen { place, by: ChosenBy::LogLikelihood }))
        }
    }
}

fn highest(values: impl Iterator<Item = (usize, f64)>) -> Option<usize> {
    values.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::super::fitted::FittedModel;
    use super::*;
    use crate::job::ModelKind;
    use crate::model::beta_geometric::{BetaGeometric, Chance};
    use crate::model::estimate::{Fit, Status};

    fn fitted(kind: ModelKind, status: Status, log_likelihood: f64, regularity: u32) -> Fitted {
        let model = FittedModel::BetaGeometric(BetaGeometric::new(Chance::AfterAll, regularity, [1.0; 4]));
        let whole = Fit {
            status,
            reason: String::new(),
            model: Some(model),
            parameters: Vec::new(),
            log_likelihood: Some(log_likelihood),
            iterations: 1,
            cells: 1,
            customers: 1,
        };
        Fitted { kind, whole, calibration: None, repeaters: 1 }
    }

    #[test]
    fn the_hold_out_decides_before_the_whole_history_and_the_job_before_both() {
        let all = [
            fitted(ModelKind::BgNbd, Status::Ok, -100.0, 1),
            fitted(ModelKind::MbgNbd, Status::Ok, -90.0, 1),
            fitted(ModelKind::ParetoNbd, Status::NotIdentified, -80.0, 1),
        ];
        let chosen = |choice, hold_outs: &[Option<f64>]| choose(choice, &all, hold_outs).map(|chosen| (chosen.place, chosen.by));
        assert_eq!(chosen(ModelChoice::Auto, &[Some(-10.0), Some(-11.0), Some(-9.0)]), Some((0, ChosenBy::HoldOut)));
        assert_eq!(chosen(ModelChoice::Auto, &[None, Some(-11.0), None]), Some((1, ChosenBy::HoldOut)));
        assert_eq!(chosen(ModelChoice::Auto, &[None; 3]), Some((1, ChosenBy::LogLikelihood)));
        assert_eq!(chosen(ModelChoice::Only(ModelKind::BgNbd), &[None; 3]), Some((0, ChosenBy::Job)));
        assert_eq!(chosen(ModelChoice::Only(ModelKind::ParetoNbd), &[None; 3]), None, "it is not identified");
        assert_eq!(chosen(ModelChoice::None, &[None; 3]), None);
    }

    #[test]
    fn a_regularity_of_1_is_the_plain_model() {
        let all = [fitted(ModelKind::BgNbd, Status::Ok, -100.0, 1), fitted(ModelKind::BgCnbdK, Status::Ok, -99.0, 1)];
        assert_eq!(choose(ModelChoice::Auto, &all, &[Some(-10.0), Some(-9.0)]).map(|chosen| chosen.place), Some(0));
        let all = [fitted(ModelKind::BgNbd, Status::Ok, -100.0, 1), fitted(ModelKind::BgCnbdK, Status::Ok, -99.0, 2)];
        assert_eq!(choose(ModelChoice::Auto, &all, &[Some(-10.0), Some(-9.0)]).map(|chosen| chosen.place), Some(1));
    }
}
