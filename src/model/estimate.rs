//! Estimate: a model fitted to a sample, with its standard errors, and whether it is reliable.

use super::optimise::RUN_OFF;
use super::search::{Parameters, SearchResult};

/// Whether a fit can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The parameters are estimated, with standard errors.
    Ok,
    /// The data do not identify the parameters: quite different ones explain them as well.
    NotIdentified,
    /// There are too few observations.
    TooFew,
    /// The search did not end at a maximum.
    NotConverged,
}

impl Status {
    /// The name that the tables use.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::NotIdentified => "not_identified",
            Status::TooFew => "too_few",
            Status::NotConverged => "not_converged",
        }
    }
}

/// A parameter as estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Its name in the paper.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// From the second derivatives of the log-likelihood; `None` where these do not describe a peak.
    pub standard_error: Option<f64>,
}

/// A model fitted to a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit<M> {
    /// Whether its predictions can be used.
    pub status: Status,
    /// Why not; empty if the status is ok.
    pub reason: String,
    /// The model at the best parameters found, whatever the status; `None` if there was no search.
    pub model: Option<M>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its log-likelihood.
    pub log_likelihood: Option<f64>,
    /// Steps of the search on the whole sample.
    pub iterations: u32,
    /// Distinct observations.
    pub cells: usize,
    /// Their customers.
    pub customers: u64,
}

impl<M> Fit<M> {
    /// The model, if its predictions can be used.
    pub fn usable(&self) -> Option<&M> {
        self.model.as_ref().filter(|_| self.status == Status::Ok)
    }

    /// The fit of a sample that is too small, or that the model cannot describe.
    pub fn too_few(reason: String, cells: usize, customers: u64) -> Self {
        Fit { status: Status::TooFew, reason, model: None, parameters: Vec::new(), log_likelihood: None, iterations: 0, cells, customers }
    }

    /// The same fit with its model as another type.
    pub fn map<N>(self, into: impl FnOnce(M) -> N) -> Fit<N> {
        let Fit { status, reason, model, parameters, log_likelihood, iterations, cells, customers } = self;
        Fit { status, reason, model: model.map(into), parameters, log_likelihood, iterations, cells, customers }
    }

    /// The same fit, marked as not identified for a reason that replaces all others.
    pub fn doubted(self, reason: String) -> Self {
        Fit { status: Status::NotIdentified, reason, ..self }
    }
}

/// Customers with a repeat purchase that a fit needs; a shop with fewer uses the parameters pooled over shops.
pub const FEWEST_REPEATERS: u64 = 200;

/// The standard error of a parameter's logarithm beyond which the parameter is not known: the 95 % interval spans a factor of
/// 50 on either side.
const LOOSE: f64 = 2.0;

impl<const N: usize> SearchResult<N> {
    /// The fit: standard errors by the delta method (those of the logarithms times the values), and whether it can be used.
    pub fn into_fit<M>(self, of: &Parameters<N>, model: M, cells: usize, customers: u64) -> Fit<M> {
        let (status, reason) = self.judge(of);
        let values = of.names.iter().zip(self.parameters).enumerate();
        let parameters = values.map(|(index, (name, value))| {
            let error = self.log_errors.and_then(|errors| errors.get(index).copied());
            Parameter { name, value, standard_error: error.map(|error| error * value) }
        });
        Fit {
            status,
            reason,
            model: Some(model),
            parameters: parameters.collect(),
            log_likelihood: Some(self.log_likelihood),
            iterations: self.iterations,
            cells,
            customers,
        }
    }

    fn judge(&self, of: &Parameters<N>) -> (Status, String) {
        let name = |is_meant: &dyn Fn(usize) -> bool| -> Vec<&str> {
            of.names.iter().enumerate().filter(|(index, _)| is_meant(*index)).map(|(_, name)| *name).collect()
        };
        // Others run along with those that are beyond.
        let is_along = |index: usize| (self.parameters[index] / of.sizes[index]).ln().abs() >= 0.5 * RUN_OFF;
        let away = if self.has_run_off.contains(&true) { name(&is_along) } else { Vec::new() };
        if !away.is_empty() {
            let reason = format!(
                "the likelihood keeps rising as {} go{} to 0 or to infinity",
                away.join(" and "),
                if away.len() == 1 { "es" } else { "" }
            );
            return (Status::NotIdentified, reason);
        }
        if !self.is_converged {
            return (Status::NotConverged, format!("no maximum found after {} steps", self.iterations));
        }
        let Some(errors) = self.log_errors else {
            return (Status::NotIdentified, "the likelihood is flat at its maximum: no standard errors".to_owned());
        };
        let loose = name(&|index| errors[index].is_nan() || errors[index] > LOOSE);
        if loose.is_empty() {
            return (Status::Ok, String::new());
        }
        let reason = format!("{} could be 50 times as large or as small and explain the data nearly as well", loose.join(" and "));
        (Status::NotIdentified, reason)
    }
}
