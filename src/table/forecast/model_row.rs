//! The rows of `forecast_models`: one model of one shop.

use super::selection::against_naive::AgainstNaive;
use super::selection::as_before::NAIVE;
use super::selection::choice::ChosenBy;
use super::selection::evidence::Gain;
use super::selection::hold_out::{Accuracy, HoldOut};
use super::shop::{FittedOn, ShopForecast};
use crate::metric::ranking::Difference;
use crate::model::estimate::{Parameter, Status};
use crate::spec::Day;

/// The model of values, in the column `model`.
pub const GAMMA_GAMMA: &str = "gamma_gamma";

/// One model of one shop.
pub struct Row {
    pub(super) shop: u32,
    pub(super) model: &'static str,
    pub(super) chosen_by: Option<ChosenBy>,
    pub(super) is_used: bool,
    pub(super) fitted_on: FittedOn,
    pub(super) status: ModelStatus,
    pub(super) reason: String,
    pub(super) customers: u64,
    pub(super) repeat_customers: u64,
    pub(super) fitted_customers: u64,
    pub(super) cells: u64,
    pub(super) regularity: Option<u32>,
    parameters: Vec<Parameter>,
    pub(super) log_likelihood: Option<f64>,
    pub(super) iterations: u32,
    /// The hold-out; `None` for gamma_gamma, like all figures of the hold-out.
    pub(super) held_out: Option<Held>,
    /// Status and reason of the fit to the calibration.
    pub(super) calibration: Option<(Status, String)>,
    pub(super) hold_out_log_likelihood: Option<f64>,
    pub(super) accuracy: Option<Accuracy>,
    pub(super) against_naive: Option<AgainstNaive>,
    /// By how much a customer's history is likelier under the used model.
    pub(super) used_gain: Option<Difference>,
    /// The accuracy of "as often as before".
    pub(super) naive: Option<Accuracy>,
    pub(super) correlation: Option<f64>,
}

/// Whether a model can be used for a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ModelStatus {
    /// As its fit says.
    Fit(Status),
    /// It could be, and ranks the shop's customers worse than "as often as before".
    WorseThanNaive,
}

impl ModelStatus {
    /// The name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            ModelStatus::Fit(status) => status.name(),
            ModelStatus::WorseThanNaive => "worse_than_naive",
        }
    }

    /// Whether there are predictions.
    pub(super) fn is_ok(self) -> bool {
        self == ModelStatus::Fit(Status::Ok)
    }
}

/// Why a model that ranks customers worse is not used.
fn ranks_worse(hold_out: &HoldOut, naive: Option<&Accuracy>) -> String {
    let number = |number: Option<f64>| number.map_or("unknown".to_owned(), |number| format!("{number:.3}"));
    let error = hold_out.against_naive.gini_gain.map(|gain| gain.std_error);
    format!(
        "in the hold-out it ranks customers worse than \"as often as before\": Gini {} against {}, standard error of the difference {}",
        number(hold_out.accuracy.gini),
        number(naive.and_then(|naive| naive.gini)),
        number(error)
    )
}

/// The hold-out of a shop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub calibration_end: Day,
    pub days: u32,
    pub customers: u64,
    pub purchases: u64,
}

impl Row {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<f64> {
        finite(Some(self.estimate(name)?.value))
    }

    /// The standard error of a parameter.
    pub(super) fn standard_error(&self, name: &str) -> Option<f64> {
        finite(self.estimate(name)?.standard_error)
    }

    fn estimate(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// The number if it is finite, as columns require.
pub(super) fn finite(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite())
}

/// The models of a shop, ascending by the name of the model.
pub(super) fn rows(forecast: &ShopForecast) -> Vec<Row> {
    let cells = forecast.cells();
    let held_out = forecast.base.held_out.as_ref().map(|held_out| Held {
        calibration_end: held_out.calibration_end,
        days: held_out.days,
        customers: held_out.customers(),
        purchases: held_out.purchases(),
    });
    let of_purchases = forecast.fitted.iter().zip(&forecast.hold_outs).enumerate().map(|(place, (fitted, hold_out))| {
        let chosen_by = forecast.chosen.filter(|chosen| chosen.place == place).map(|chosen| chosen.by);
        let worse = hold_out.as_ref().filter(|hold_out| fitted.usable().is_some() && hold_out.ranks_worse());
        let regularity = fitted.whole.model.filter(|_| fitted.kind.has_regularity()).map(|model| model.regularity());
        Row {
            shop: forecast.shop,
            model: fitted.kind.name(),
            chosen_by,
            is_used: chosen_by.is_some(),
            fitted_on: forecast.fitted_on,
            status: if worse.is_some() { ModelStatus::WorseThanNaive } else { ModelStatus::Fit(fitted.whole.status) },
            reason: worse.map_or_else(|| fitted.whole.reason.clone(), |hold_out| ranks_worse(hold_out, forecast.naive.as_ref())),
            customers: cells.customers(),
            repeat_customers: cells.repeaters(),
            fitted_customers: fitted.whole.customers,
            cells: fitted.whole.cells as u64,
            regularity,
            parameters: match forecast.fitted_on {
                FittedOn::Shop => fitted.parameters(cells),
                FittedOn::AllShops => fitted.whole.parameters.clone(),
            },
            log_likelihood: fitted.whole.log_likelihood,
            iterations: fitted.whole.iterations,
            held_out,
            calibration: fitted.calibration.as_ref().filter(|_| held_out.is_some()).map(|fit| (fit.status, fit.reason.clone())),
            hold_out_log_likelihood: hold_out.as_ref().map(|hold_out| hold_out.log_likelihood),
            accuracy: hold_out.as_ref().map(|hold_out| hold_out.accuracy.clone()),
            against_naive: hold_out.as_ref().map(|hold_out| hold_out.against_naive),
            used_gain: forecast.gains.get(place).filter(|_| chosen_by.is_none() && fitted.usable().is_some()).and_then(Gain::difference),
            naive: forecast.naive.clone(),
            correlation: None,
        }
    });
    let fit = &forecast.value.fit;
    let value = Row {
        shop: forecast.shop,
        model: GAMMA_GAMMA,
        chosen_by: None,
        is_used: forecast.value.model().is_some() && forecast.model().is_some(),
        fitted_on: forecast.value_fitted_on,
        status: ModelStatus::Fit(fit.status),
        reason: fit.reason.clone(),
        customers: cells.customers(),
        repeat_customers: cells.repeaters(),
        fitted_customers: fit.customers,
        cells: fit.cells as u64,
        regularity: None,
        parameters: fit.parameters.clone(),
        log_likelihood: fit.log_likelihood,
        iterations: fit.iterations,
        held_out: None,
        calibration: None,
        hold_out_log_likelihood: None,
        accuracy: None,
        against_naive: None,
        used_gain: None,
        naive: None,
        correlation: forecast.value.correlation,
    };
    let as_before = forecast.as_before.map(|_| Row {
        shop: forecast.shop,
        model: NAIVE,
        chosen_by: Some(ChosenBy::WorseThanNaive),
        is_used: true,
        fitted_on: FittedOn::Shop,
        status: ModelStatus::Fit(Status::Ok),
        reason: String::new(),
        customers: cells.customers(),
        repeat_customers: cells.repeaters(),
        fitted_customers: cells.customers(),
        cells: cells.len() as u64,
        regularity: None,
        parameters: Vec::new(),
        log_likelihood: None,
        iterations: 0,
        held_out,
        calibration: None,
        hold_out_log_likelihood: None,
        accuracy: forecast.naive.clone(),
        against_naive: None,
        used_gain: None,
        naive: forecast.naive.clone(),
        correlation: None,
    });
    let mut rows: Vec<Row> = of_purchases.chain([value]).chain(as_before).collect();
    rows.sort_by_key(|row| row.model);
    rows
}
