//! Estimate: the maximum of a likelihood from several starts, its standard errors, and whether it is reliable.

use super::likelihood::{Density, Observation, Sample};
use super::matrix::{dot, inverse, product};
use super::optimise::{Evaluation, Optimum, RUN_OFF, Reach, maximise, observed_information, promised};

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

/// A model's parameters for a search: names, usual sizes, and where to start.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters<const N: usize> {
    /// As in the paper.
    pub names: [&'static str; N],
    /// The usual size of each, by which a divergent value is recognised: 1, or a time or an amount of the data.
    pub sizes: [f64; N],
    /// Where searches start.
    pub starts: Vec<[f64; N]>,
}

/// The end of a search on a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult<const N: usize> {
    /// The parameters.
    pub parameters: [f64; N],
    log_errors: Option<[f64; N]>,
    log_likelihood: f64,
    iterations: u32,
    is_converged: bool,
    /// By parameter: whether it ran off.
    has_run_off: [bool; N],
}

/// Observations on which the starts are tried, if the sample has more than twice as many.
const TRIAL: usize = 256;

/// The factor by which the number of observations grows from level to level, up to all of them.
const FINER: usize = 8;

/// The evaluations of the likelihood that one search may take. Those that find a maximum take 10 to 60 of them.
const MOST_EVALUATIONS: u32 = 200;

/// A parameter that ends this near to the edge, in logarithms, has run off, be it that rounding looks like a maximum there.
const AT_THE_EDGE: f64 = 1.0;

/// The same on all observations from each further start, where the search from the neighbourhood of the maximum found none.
const FEWER_EVALUATIONS: u32 = 80;

/// How many times the promised rise, and how much more, a model must be worse than another one near its maximum to be given up: the maximum of a
/// thinned sample is some ten units below that of all observations.
const HOPELESS: f64 = 10.0;
const HOPELESS_RISE: f64 = 100.0;

/// The standard error of a parameter's logarithm beyond which the parameter is not known: the 95 % interval spans a factor of
/// 50 on either side.
const LOOSE: f64 = 2.0;

/// The best of the searches from all starts. The starts are tried on a thinned sample first, if that is much smaller.
///
/// The work is bounded: the likelihood of all observations is evaluated at most [`MOST_EVALUATIONS`] times, [`FEWER_EVALUATIONS`] times
/// more for each start where that found nothing (twice where parameters ran off), and some twenty times for the standard errors. Parameters that run off (there is no
/// maximum, the likelihood rises forever) end a search at the first step beyond [`RUN_OFF`].
pub fn search<const N: usize, O: Observation, D: Density<N, O>>(
    sample: &Sample<O>,
    density: impl Fn(&[f64; N]) -> D,
    parameters: &Parameters<N>,
) -> Option<SearchResult<N>> {
    search_above(f64::NEG_INFINITY, sample, density, parameters)
}

/// The same for a model that is of use only if its log-likelihood is above `least`. On a sample of thousands the search ends with nothing if the
/// log-likelihood of all observations, at the maximum of a thinned sample, is below that by [`HOPELESS`] times what the slope there promises,
/// and by [`HOPELESS_RISE`] more.
pub fn search_above<const N: usize, O: Observation, D: Density<N, O>>(
    least: f64,
    sample: &Sample<O>,
    density: impl Fn(&[f64; N]) -> D,
    parameters: &Parameters<N>,
) -> Option<SearchResult<N>> {
    let evaluate = |sample: &Sample<O>, logs: &[f64; N]| {
        let at = logs.map(f64::exp);
        sample.evaluate(&density(&at), &at)
    };
    let on_all = |logs: &[f64; N]| evaluate(sample, logs);
    let reach = Reach { usual: parameters.sizes.map(f64::ln), evaluations: MOST_EVALUATIONS };
    let short = Reach { evaluations: FEWER_EVALUATIONS, ..reach };
    let starts = || parameters.starts.iter().map(|start| start.map(f64::ln));
    let is_large = sample.len() > 2 * TRIAL;
    let best = if is_large {
        let thin = sample.thinned(TRIAL);
        let mut near = best_of(&|logs: &[f64; N]| evaluate(&thin, logs), starts(), &reach)?.at;
        // Each level starts near its maximum, so that few steps remain for the whole sample.
        let levels = std::iter::successors(Some(TRIAL * FINER), |count| Some(count * FINER));
        for count in levels.take_while(|count| count * FINER / 2 < sample.len()) {
            let thin = sample.thinned(count);
            near = maximise(&|logs: &[f64; N]| evaluate(&thin, logs), near, &reach).at;
        }
        if least > f64::NEG_INFINITY && sample.len() > 2 * TRIAL * FINER {
            let there = on_all(&near);
            if there.value + HOPELESS * promised(&there) + HOPELESS_RISE < least {
                return None;
            }
        }
        let whole = maximise(&on_all, near, &reach);
        match whole {
            whole if whole.is_converged => whole,
            // A small sample may have no maximum where the whole has one. Whether it has is asked of a larger one: all starts on all
            // observations would find, for most of the time of a run, what is known already.
            whole if whole.has_run_off => {
                let thin = sample.thinned(TRIAL * FINER);
                let other = best_of(&|logs: &[f64; N]| evaluate(&thin, logs), starts(), &reach).filter(|other| other.is_converged);
                // The last start is asked in any case: a maximum on the ridge along which parameters run off is seen from nowhere else.
                let further = other.map(|other| other.at).into_iter().chain(starts().next_back());
                let ends = further.map(|start| maximise(&on_all, start, &short)).filter(|end| end.evaluation.value.is_finite());
                ends.fold(whole, |best, end| if end.evaluation.value > best.evaluation.value { end } else { best })
            }
            _ => best_of(&on_all, starts(), &short)?,
        }
    } else {
        best_of(&on_all, starts(), &reach)?
    };
    Some(polished(&on_all, best, &reach))
}

/// The highest maximum of the searches.
fn best_of<const N: usize>(
    function: &impl Fn(&[f64; N]) -> Evaluation<N>,
    starts: impl Iterator<Item = [f64; N]>,
    reach: &Reach<N>,
) -> Option<Optimum<N>> {
    let ends = starts.map(|start| maximise(function, start, reach)).filter(|end| end.evaluation.value.is_finite());
    ends.reduce(|best, end| if end.evaluation.value > best.evaluation.value { end } else { best })
}

/// Improves a maximum by a few Newton steps, which are cheap with the second derivatives for the standard errors.
fn polished<const N: usize>(function: &impl Fn(&[f64; N]) -> Evaluation<N>, optimum: Optimum<N>, reach: &Reach<N>) -> SearchResult<N> {
    let Optimum { mut at, mut evaluation, mut iterations, is_converged, .. } = optimum;
    let near_the_edge = |at: &[f64; N]| std::array::from_fn(|index| (at[index] - reach.usual[index]).abs() >= RUN_OFF - AT_THE_EDGE);
    if optimum.has_run_off {
        // There is no peak to be polished, and no standard errors at the place where the search was ended.
        let (parameters, log_likelihood) = (at.map(f64::exp), evaluation.value);
        let has_run_off = near_the_edge(&at);
        return SearchResult { parameters, log_errors: None, log_likelihood, iterations, is_converged: false, has_run_off };
    }
    let mut covariance = None;
    let mut promised = 0.0;
    for _ in 0..4 {
        covariance = inverse(&observed_information(function, &at, &evaluation.gradient));
        let Some(covariance) = &covariance else { break };
        let step = product(covariance, &evaluation.gradient);
        promised = dot(&step, &evaluation.gradient);
        if promised < 1e-10 || step.iter().any(|part| part.abs() > 1.0) {
            break;
        }
        let next: [f64; N] = std::array::from_fn(|index| at[index] + step[index]);
        let there = function(&next);
        let is_no_lower = there.value >= evaluation.value - 1e-14 * evaluation.value.abs();
        if !is_no_lower {
            break;
        }
        (at, evaluation) = (next, there);
        iterations += 1;
        // This near, the second derivatives are the same.
        if promised < 1e-5 {
            break;
        }
    }
    SearchResult {
        parameters: at.map(f64::exp),
        log_errors: covariance.map(|covariance| std::array::from_fn(|index| covariance[index][index].sqrt())),
        log_likelihood: evaluation.value,
        iterations,
        is_converged: is_converged && promised < 1e-4,
        has_run_off: near_the_edge(&at),
    }
}

impl<const N: usize> SearchResult<N> {
    /// The log-likelihood.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

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

#[cfg(test)]
mod tests {
    use super::super::likelihood::{Row, Score};
    use super::*;

    /// Exponential durations with the rate θ: the estimate is n / Σ, its standard error θ / √n.
    struct Exponential(f64);

    impl Density<1, f64> for Exponential {
        fn of_repeats(&self, _: f64) -> Score<1> {
            Score { value: self.0.ln(), gradient: [1.0 / self.0] }
        }

        fn of_seen(&self, _: f64, seen: &f64) -> Score<1> {
            Score { value: -self.0 * seen, gradient: [-seen] }
        }
    }

    fn fit(durations: &[f64]) -> Fit<f64> {
        let sample = Sample::new(durations.iter().map(|seen| (0.0, Row { group: 0, weight: 1.0, seen: *seen })));
        let of = Parameters { names: ["rate"], sizes: [1.0], starts: vec![[1.0], [100.0]] };
        let found = search(&sample, |at: &[f64; 1]| Exponential(at[0]), &of).unwrap();
        let rate = found.parameters[0];
        found.into_fit(&of, rate, durations.len(), durations.len() as u64)
    }

    #[test]
    fn estimate_and_standard_error_worked_by_hand() {
        let fit = fit(&[1.0, 2.0, 3.0, 2.0]);
        let rate = fit.parameters[0];
        assert_eq!((fit.status, fit.reason.as_str()), (Status::Ok, ""));
        assert!((rate.value - 0.5).abs() < 1e-6 && (rate.standard_error.unwrap() - 0.25).abs() < 1e-6, "{fit:?}");
        assert!((fit.log_likelihood.unwrap() - (4.0 * 0.5_f64.ln() - 4.0)).abs() < 1e-9);
    }

    /// [`Exponential`], counting the observations that it is evaluated for.
    struct Counted<'a>(Exponential, &'a std::sync::atomic::AtomicUsize);

    impl Density<1, f64> for Counted<'_> {
        fn of_repeats(&self, repeats: f64) -> Score<1> {
            self.0.of_repeats(repeats)
        }

        fn of_seen(&self, repeats: f64, seen: &f64) -> Score<1> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            self.0.of_seen(repeats, seen)
        }
    }

    #[test]
    fn a_rate_that_runs_off_is_told_after_few_evaluations() {
        const ROWS: usize = 20_000;
        let sample = Sample::new((0..ROWS).map(|_| (0.0, Row { group: 0, weight: 1.0, seen: 0.0 })));
        let of = Parameters { names: ["rate"], sizes: [1.0], starts: vec![[1.0], [100.0]] };
        let evaluated = std::sync::atomic::AtomicUsize::new(0);
        let found = search(&sample, |at: &[f64; 1]| Counted(Exponential(at[0]), &evaluated), &of).unwrap();
        assert_eq!((found.has_run_off, found.log_errors), ([true], None));
        let times = evaluated.into_inner() / ROWS;
        assert!(times <= 30, "the likelihood of all rows was evaluated {times} times");
    }

    #[test]
    fn a_model_that_cannot_reach_a_log_likelihood_is_given_up_at_once() {
        const ROWS: usize = 20_000;
        let rows = (0..ROWS).map(|place| (0.0, Row { group: 0, weight: 1.0, seen: 0.1 + (place % 7) as f64 }));
        let sample = Sample::new(rows);
        let of = Parameters { names: ["rate"], sizes: [1.0], starts: vec![[1.0]] };
        let times_above = |least: f64| {
            let evaluated = std::sync::atomic::AtomicUsize::new(0);
            let found = search_above(least, &sample, |at: &[f64; 1]| Counted(Exponential(at[0]), &evaluated), &of);
            (found.map(|found| found.log_likelihood()), evaluated.into_inner() / ROWS)
        };
        let (highest, _) = times_above(f64::NEG_INFINITY);
        let highest = highest.unwrap();
        // Its maximum is found though another model is better by 50, and not looked for where that is better by 500.
        assert_eq!(times_above(highest + 50.0).0, Some(highest));
        let (found, times) = times_above(highest + 500.0);
        assert!(found.is_none() && times <= 2, "{found:?} {times}");
    }

    #[test]
    fn a_parameter_that_diverges_is_not_identified() {
        let fit = fit(&[0.0, 0.0]);
        assert_eq!((fit.status, fit.usable()), (Status::NotIdentified, None));
        assert!(fit.reason.contains("rate goes to"), "{}", fit.reason);
    }
}
