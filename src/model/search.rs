//! Search: the maximum of a likelihood over a sample, from several starts, and its curvature there.

use super::likelihood::{Density, Errors, FINER, Observation, Sample, TRIAL};
use super::matrix::{Matrix, absolute, dot, inverse, product, relative};
use super::optimise::{Evaluation, Optimum, RUN_OFF, Reach, Start, maximise, observed_information, promised};

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
    /// The standard errors of their logarithms; `None` where the curvature describes no peak.
    pub log_errors: Option<[f64; N]>,
    /// The log-likelihood there.
    pub log_likelihood: f64,
    /// Steps of the search on all observations.
    pub iterations: u32,
    /// Whether it is a maximum.
    pub is_converged: bool,
    /// By parameter: whether it ran off.
    pub has_run_off: [bool; N],
}

/// The evaluations of the likelihood that one search may take. Those that find a maximum take 10 to 60 of them.
const MOST_EVALUATIONS: u32 = 200;

/// A parameter that ends this near to the edge, in logarithms, has run off, be it that rounding looks like a maximum there.
const AT_THE_EDGE: f64 = 1.0;

/// The expected rise of a further step, in units of the log-likelihood, at which a search on all observations ends.
const TOLERANCE: f64 = 1e-9;

/// The same on a part of the observations, whose maximum is off that of all by units.
const ROUGH: f64 = 1e-4;

/// The evaluations on all observations from each further start, where the search from the neighbourhood of the maximum found none.
const FEWER_EVALUATIONS: u32 = 80;

/// How many times the promised rise, and how much more, a model must be worse than another one near its maximum to be given up: the maximum of a
/// thinned sample is some ten units below that of all observations.
const HOPELESS: f64 = 10.0;
const HOPELESS_RISE: f64 = 100.0;

/// The standard error of a parameter's logarithm up to which it is known for certain: an eighth of what a fit may have, where those that two
/// thousand observations tell are a tenth off. Near the limit they may be off by a factor, and are computed exactly.
const CLEAR: f64 = 0.25;

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
    let on_all = by_logs(sample, &density);
    let reach = Reach { usual: parameters.sizes.map(f64::ln), evaluations: MOST_EVALUATIONS, tolerance: TOLERANCE };
    let short = Reach { evaluations: FEWER_EVALUATIONS, ..reach };
    let starts = || parameters.starts.iter().map(|start| Start::at(start.map(f64::ln)));
    let Some((trial, finer)) = sample.levels().split_first() else {
        return Some(polished(&on_all, best_of(&on_all, starts(), &reach)?, &reach));
    };
    // What few observations tell of the curvature, and of where the maximum lies on a ridge, is not enough to go on from.
    let is_telling = !finer.is_empty();
    let rough = Reach { tolerance: if is_telling { ROUGH } else { TOLERANCE }, ..reach };
    let on_trial = by_logs(trial, &density);
    let mut near = Near::to(&best_of(&on_trial, starts(), &rough)?, &on_trial, is_telling);
    // Each level starts near its maximum with its curvature, so that few steps remain for the whole sample.
    for level in finer {
        let on_level = by_logs(level, &density);
        near = Near::to(&maximise(&on_level, near.start(&on_level), &rough), &on_level, true);
    }
    let start = near.start(&on_all);
    if least > f64::NEG_INFINITY && sample.len() > 2 * TRIAL * FINER {
        let is_hopeless = |there: &Evaluation<N>| there.value + HOPELESS * promised(there) + HOPELESS_RISE < least;
        if start.evaluation.as_ref().is_some_and(is_hopeless) {
            return None;
        }
    }
    let whole = maximise(&on_all, start, &reach);
    if let Some(log_errors) = near.clear_errors(&whole).filter(|_| sample.errors() == Errors::ToJudge) {
        return Some(SearchResult::of(&whole, Some(log_errors), &reach));
    }
    let best = match whole {
        whole if whole.is_converged => whole,
        // A small sample may have no maximum where the whole has one. Whether it has is asked of a larger one: all starts on all
        // observations would find, for most of the time of a run, what is known already.
        whole if whole.has_run_off => {
            let larger = finer.first().unwrap_or(sample);
            let other = best_of(&by_logs(larger, &density), starts(), &reach).filter(|other| other.is_converged);
            // The last start is asked in any case: a maximum on the ridge along which parameters run off is seen from nowhere else.
            let further = other.map(|other| Start::at(other.at)).into_iter().chain(starts().next_back());
            let ends = further.map(|start| maximise(&on_all, start, &short)).filter(|end| end.evaluation.value.is_finite());
            ends.fold(whole, |best, end| if end.evaluation.value > best.evaluation.value { end } else { best })
        }
        _ => best_of(&on_all, starts(), &short)?,
    };
    Some(polished(&on_all, best, &reach))
}

/// The log-likelihood of a sample by the logarithms of the parameters.
fn by_logs<const N: usize, O: Observation, D: Density<N, O>>(
    sample: &Sample<O>,
    density: &impl Fn(&[f64; N]) -> D,
) -> impl Fn(&[f64; N]) -> Evaluation<N> {
    move |logs| {
        let at = logs.map(f64::exp);
        sample.evaluate(&density(&at), &at)
    }
}

/// The standard errors that a covariance has.
fn errors<const N: usize>(covariance: &Matrix<N>) -> [f64; N] {
    std::array::from_fn(|index| covariance[index][index].sqrt())
}

impl<const N: usize> SearchResult<N> {
    /// The end of a search, with the standard errors there.
    fn of(end: &Optimum<N>, log_errors: Option<[f64; N]>, reach: &Reach<N>) -> Self {
        SearchResult {
            parameters: end.at.map(f64::exp),
            log_errors,
            log_likelihood: end.evaluation.value,
            iterations: end.iterations,
            is_converged: end.is_converged,
            has_run_off: std::array::from_fn(|index| (end.at[index] - reach.usual[index]).abs() >= RUN_OFF - AT_THE_EDGE),
        }
    }
}

/// The neighbourhood of the maximum, as a part of the observations tells it.
struct Near<const N: usize> {
    at: [f64; N],
    /// The curvature as a multiple of the outer products of scores; `None` where there is no peak, or so few observations that they tell nothing
    /// of it. It varies far less from sample to sample than the curvature itself: in a model that holds, it is 1.
    curvature: Option<Matrix<N>>,
}

impl<const N: usize> Near<N> {
    fn to(end: &Optimum<N>, function: &impl Fn(&[f64; N]) -> Evaluation<N>, wants_curvature: bool) -> Self {
        let information = (wants_curvature && end.is_converged).then(|| observed_information(function, &end.at, &end.evaluation.gradient));
        Near { at: end.at, curvature: information.and_then(|information| relative(&information, &end.evaluation.information)) }
    }

    /// Where a search on more observations starts.
    fn start(&self, function: &impl Fn(&[f64; N]) -> Evaluation<N>) -> Start<N> {
        let evaluation = function(&self.at);
        Start { at: self.at, covariance: self.covariance(&evaluation), evaluation: Some(evaluation) }
    }

    /// The standard errors of the logarithms of parameters at a maximum of more observations, if they are all so small that no exact ones
    /// would say that a parameter is not known.
    fn clear_errors(&self, end: &Optimum<N>) -> Option<[f64; N]> {
        let covariance = self.covariance(&end.evaluation).filter(|_| end.is_converged)?;
        let errors = errors(&covariance);
        errors.iter().all(|error| *error < CLEAR).then_some(errors)
    }

    /// The inverse of the curvature of more observations.
    fn covariance(&self, there: &Evaluation<N>) -> Option<Matrix<N>> {
        inverse(&absolute(self.curvature.as_ref()?, &there.information)?)
    }
}

/// The standard errors of the parameters at a maximum, by the delta method: those of the logarithms times the values. `None` where the curvature
/// describes no peak.
pub fn standard_errors<const N: usize, O: Observation, D: Density<N, O>>(
    sample: &Sample<O>,
    density: impl Fn(&[f64; N]) -> D,
    parameters: &[f64; N],
) -> Option<[f64; N]> {
    let on_all = by_logs(sample, &density);
    let at = parameters.map(f64::ln);
    let of_logs = errors(&inverse(&observed_information(&on_all, &at, &on_all(&at).gradient))?);
    Some(std::array::from_fn(|index| of_logs[index] * parameters[index]))
}

/// The highest maximum of the searches.
fn best_of<const N: usize>(
    function: &impl Fn(&[f64; N]) -> Evaluation<N>,
    starts: impl Iterator<Item = Start<N>>,
    reach: &Reach<N>,
) -> Option<Optimum<N>> {
    let ends = starts.map(|start| maximise(function, start, reach)).filter(|end| end.evaluation.value.is_finite());
    ends.reduce(|best, end| if end.evaluation.value > best.evaluation.value { end } else { best })
}

/// Improves a maximum by a few Newton steps, which are cheap with the second derivatives for the standard errors.
fn polished<const N: usize>(function: &impl Fn(&[f64; N]) -> Evaluation<N>, mut end: Optimum<N>, reach: &Reach<N>) -> SearchResult<N> {
    if end.has_run_off {
        // There is no peak to be polished, and no standard errors at the place where the search was ended.
        return SearchResult::of(&Optimum { is_converged: false, ..end }, None, reach);
    }
    let mut covariance = None;
    let mut promised = 0.0;
    for _ in 0..4 {
        covariance = inverse(&observed_information(function, &end.at, &end.evaluation.gradient));
        let Some(covariance) = &covariance else { break };
        let step = product(covariance, &end.evaluation.gradient);
        promised = dot(&step, &end.evaluation.gradient);
        if promised < 1e-10 || step.iter().any(|part| part.abs() > 1.0) {
            break;
        }
        let next: [f64; N] = std::array::from_fn(|index| end.at[index] + step[index]);
        let there = function(&next);
        let is_no_lower = there.value >= end.evaluation.value - 1e-14 * end.evaluation.value.abs();
        if !is_no_lower {
            break;
        }
        end = Optimum { at: next, evaluation: there, iterations: end.iterations + 1, ..end };
        // This near, the second derivatives are the same.
        if promised < 1e-5 {
            break;
        }
    }
    end.is_converged &= promised < 1e-4;
    SearchResult::of(&end, covariance.as_ref().map(errors), reach)
}

#[cfg(test)]
mod tests;
