//! Fitted: the models of purchases that a job requests, each fitted to the whole history and to the calibration.

use super::as_before::AsBefore;
use crate::job::ModelKind;
use crate::model::beta_geometric::{BetaGeometric, Chance};
use crate::model::cells::PatternCounts;
use crate::model::estimate::{Fit, Parameter};
use crate::model::nbd::Nbd;
use crate::model::pareto_nbd::ParetoNbd;
use crate::model::prediction::PurchaseModel;
use crate::model::regularity::choose_from;

/// A model at its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FittedModel {
    /// BG/NBD and its kin.
    BetaGeometric(BetaGeometric),
    /// Pareto/NBD.
    ParetoNbd(ParetoNbd),
    /// "As often as before", where the models rank customers worse than that.
    AsBefore(AsBefore),
}

impl FittedModel {
    /// The model as a predictor of purchases.
    pub fn purchases(&self) -> &dyn PurchaseModel {
        match self {
            FittedModel::BetaGeometric(model) => model,
            FittedModel::ParetoNbd(model) => model,
            FittedModel::AsBefore(model) => model,
        }
    }

    /// Whether it says anything of who has left.
    pub fn knows_leaving(&self) -> bool {
        !matches!(self, FittedModel::AsBefore(_))
    }

    /// The standard errors of its parameters, where the likelihood of those histories has its maximum at them.
    fn standard_errors(&self, cells: &PatternCounts) -> Option<[f64; 4]> {
        match self {
            FittedModel::BetaGeometric(model) => model.standard_errors(cells),
            FittedModel::ParetoNbd(model) => model.standard_errors(cells),
            FittedModel::AsBefore(_) => None,
        }
    }

    /// k: 1 where intervals are exponential.
    pub fn regularity(&self) -> u32 {
        match self {
            FittedModel::BetaGeometric(model) => model.buying.regularity,
            FittedModel::ParetoNbd(_) | FittedModel::AsBefore(_) => 1,
        }
    }
}

/// A model fitted twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The kind of model.
    pub kind: ModelKind,
    /// The fit to histories up to the as-of date.
    pub whole: Fit<FittedModel>,
    /// The fit to histories up to the end of the calibration; `None` if nothing is held out.
    pub calibration: Option<Fit<FittedModel>>,
    /// Customers with a repeat purchase up to the as-of date.
    pub repeaters: u64,
}

impl Fitted {
    /// Fits models; the order is that of [`ModelKind::ALL`].
    pub fn all(kinds: &[ModelKind], whole: &PatternCounts, calibration: Option<&PatternCounts>) -> Vec<Fitted> {
        let repeaters = whole.repeaters();
        let (of_whole, of_calibration) = rayon::join(|| fits(kinds, whole), || calibration.map(|cells| fits(kinds, cells)));
        let mut calibrations = of_calibration.map(|fits| fits.into_iter().map(|(_, fit)| fit));
        let mut next = || calibrations.as_mut().and_then(Iterator::next);
        of_whole.into_iter().map(|(kind, whole)| Fitted { kind, whole, calibration: next(), repeaters }).collect()
    }

    /// The model of the whole history, if it can be used.
    pub fn usable(&self) -> Option<&FittedModel> {
        self.whole.usable()
    }

    /// The model of the calibration, if both can be used.
    pub fn calibrated(&self) -> Option<&FittedModel> {
        self.usable()?;
        self.calibration.as_ref()?.usable()
    }

    /// The parameters of the fit to those histories, with exact standard errors: a fit to the histories of one shop has such that only decide
    /// whether it can be used, since they take as long as the fit.
    pub fn parameters(&self, whole: &PatternCounts) -> Vec<Parameter> {
        let parameters = &self.whole.parameters;
        let is_known = parameters.iter().all(|parameter| parameter.standard_error.is_some());
        let errors = self.whole.model.filter(|_| is_known).and_then(|model| model.standard_errors(whole));
        let errors = errors.map_or([None; 4], |errors| errors.map(Some));
        parameters.iter().zip(errors).map(|(parameter, standard_error)| Parameter { standard_error, ..*parameter }).collect()
    }

    /// Whether it equals a plain model: its regularity is 1.
    pub fn is_plain_again(&self) -> bool {
        self.kind.has_regularity() && self.whole.model.is_some_and(|model| model.regularity() == 1)
    }
}

/// By place: what `make` makes of a model; `None` where there is none. Equal models, such as one with a regularity of 1 and its plain one, are
/// made one thing of, once.
pub(super) fn of_each_model<'a, T: Clone>(
    models: impl Iterator<Item = Option<&'a FittedModel>>,
    make: impl Fn(&FittedModel) -> T,
) -> Vec<Option<T>> {
    let models: Vec<Option<&FittedModel>> = models.collect();
    let mut made: Vec<Option<T>> = Vec::with_capacity(models.len());
    for model in &models {
        let known = models.iter().zip(&made).find(|(other, _)| *other == model).and_then(|(_, known)| known.clone());
        made.push(model.map(|model| known.unwrap_or_else(|| make(model))));
    }
    made
}

/// The models that are asked for, in the order of [`ModelKind::ALL`]. They are fitted side by side, since the likelihood of few histories is
/// too small to be divided among threads, and the model without leaving, with which all of them are compared, once.
fn fits(kinds: &[ModelKind], cells: &PatternCounts) -> Vec<(ModelKind, Fit<FittedModel>)> {
    if kinds.is_empty() {
        return Vec::new();
    }
    let without = Nbd::fit(cells, 1);
    let wanted = |kind| Some(kind).filter(|kind| kinds.contains(kind));
    let pareto = || wanted(ModelKind::ParetoNbd).map(|kind| (kind, ParetoNbd::fit_beside(&without, cells).map(FittedModel::ParetoNbd)));
    let after_repeats = || beta_geometric(&without, cells, Chance::AfterRepeats, [ModelKind::BgNbd, ModelKind::BgCnbdK].map(wanted));
    let after_all = || beta_geometric(&without, cells, Chance::AfterAll, [ModelKind::MbgNbd, ModelKind::MbgCnbdK].map(wanted));
    let (pareto, (after_repeats, after_all)) = rayon::join(pareto, || rayon::join(after_repeats, after_all));
    let mut all: Vec<(ModelKind, Fit<FittedModel>)> = pareto.into_iter().chain(after_repeats).chain(after_all).collect();
    all.sort_by_key(|(kind, _)| *kind);
    all
}

/// The plain model of a chance to leave and the one with a regularity, under the names by which they are asked for.
fn beta_geometric(
    without: &Fit<Nbd>,
    cells: &PatternCounts,
    chance: Chance,
    [plain, regular]: [Option<ModelKind>; 2],
) -> Vec<(ModelKind, Fit<FittedModel>)> {
    if plain.is_none() && regular.is_none() {
        return Vec::new();
    }
    // The search for a model with a regularity begins at the plain one.
    let fit = BetaGeometric::fit_beside(without, cells, chance);
    let with_regularity = regular.map(|kind| (kind, choose_from(fit.clone(), cells, chance).fit));
    let fits = plain.map(|kind| (kind, fit)).into_iter().chain(with_regularity);
    fits.map(|(kind, fit)| (kind, fit.map(FittedModel::BetaGeometric))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cells::{CellCounter, RepeatPattern};
    use crate::model::estimate::Status;

    #[test]
    fn each_model_asked_for_is_fitted_once_and_in_order() {
        let mut counter = CellCounter::default();
        counter.add(RepeatPattern { repeats: 1, recency_days: 7, age_days: 70 });
        let cells = counter.finish(7.0);
        let found = Fitted::all(&[ModelKind::MbgCnbdK, ModelKind::ParetoNbd], &cells, Some(&cells));
        assert_eq!(found.iter().map(|fitted| fitted.kind).collect::<Vec<_>>(), [ModelKind::ParetoNbd, ModelKind::MbgCnbdK]);
        for fitted in found {
            assert_eq!((fitted.whole.status, fitted.repeaters), (Status::TooFew, 1));
            assert_eq!(fitted.calibration.as_ref().unwrap().status, Status::TooFew);
            assert!(fitted.usable().is_none() && fitted.calibrated().is_none() && !fitted.is_plain_again());
        }
        assert!(Fitted::all(&[], &cells, None).is_empty());
    }
}
