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

/// The standard error of a parameter's logarithm up to which it is known for certain: half of what a fit may have, where those that a part of
/// the observations tells are a tenth off.
const CLEAR: f64 = 1.0;

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
    let reach = Reach { usual: parameters.sizes.map(f64::ln), evaluations: MOST_EVALUATIONS, tolerance: TOLERANCE };
    let short = Reach { evaluations: FEWER_EVALUATIONS, ..reach };
    let starts = || parameters.starts.iter().map(|start| Start::at(start.map(f64::ln)));
    let Some((trial, finer)) = sample.levels().split_first() else {
        return Some(polished(&on_all, best_of(&on_all, starts(), &reach)?, &reach));
    };
    let rough = Reach { tolerance: ROUGH, ..reach };
    let on_trial = |logs: &[f64; N]| evaluate(trial, logs);
    let mut near = Near::to(&best_of(&on_trial, starts(), &rough)?, &on_trial);
    // Each level starts near its maximum with its curvature, so that few steps remain for the whole sample.
    for level in finer {
        let on_level = |logs: &[f64; N]| evaluate(level, logs);
        near = Near::to(&maximise(&on_level, near.start(&on_level), &rough), &on_level);
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
        return Some(SearchResult {
            parameters: whole.at.map(f64::exp),
            log_errors: Some(log_errors),
            log_likelihood: whole.evaluation.value,
            iterations: whole.iterations,
            is_converged: true,
            has_run_off: [false; N],
        });
    }
    let best = match whole {
        whole if whole.is_converged => whole,
        // A small sample may have no maximum where the whole has one. Whether it has is asked of a larger one: all starts on all
        // observations would find, for most of the time of a run, what is known already.
        whole if whole.has_run_off => {
            let larger = finer.first().unwrap_or(sample);
            let other = best_of(&|logs: &[f64; N]| evaluate(larger, logs), starts(), &reach).filter(|other| other.is_converged);
            // The last start is asked in any case: a maximum on the ridge along which parameters run off is seen from nowhere else.
            let further = other.map(|other| Start::at(other.at)).into_iter().chain(starts().next_back());
            let ends = further.map(|start| maximise(&on_all, start, &short)).filter(|end| end.evaluation.value.is_finite());
            ends.fold(whole, |best, end| if end.evaluation.value > best.evaluation.value { end } else { best })
        }
        _ => best_of(&on_all, starts(), &short)?,
    };
    Some(polished(&on_all, best, &reach))
}

/// The neighbourhood of the maximum, as a part of the observations tells it.
struct Near<const N: usize> {
    at: [f64; N],
    /// The curvature as a multiple of the outer products of scores; `None` where there is no peak. It varies far less from sample to sample
    /// than the curvature itself: in a model that holds, it is 1.
    curvature: Option<Matrix<N>>,
}

impl<const N: usize> Near<N> {
    fn to(end: &Optimum<N>, function: &impl Fn(&[f64; N]) -> Evaluation<N>) -> Self {
        let information = end.is_converged.then(|| observed_information(function, &end.at, &end.evaluation.gradient));
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
        let errors: [f64; N] = std::array::from_fn(|index| covariance[index][index].sqrt());
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
    let on_all = |logs: &[f64; N]| {
        let at = logs.map(f64::exp);
        sample.evaluate(&density(&at), &at)
    };
    let at = parameters.map(f64::ln);
    let covariance = inverse(&observed_information(&on_all, &at, &on_all(&at).gradient))?;
    Some(std::array::from_fn(|index| covariance[index][index].sqrt() * parameters[index]))
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

#[cfg(test)]
mod tests {
    use super::super::estimate::{Fit, Status};
    use super::super::likelihood::{Row, Score};
    use super::*;

    /// Exponential durations with the rate θ: the estimate is n / Σ, its standard error θ / √n.
    struct Exponential(f64);

    impl Density<1, f64> for Exponential {
        type Prepared = ();
        type Known = ();

        fn prepared(&self, _: &()) {}

        fn known(&self, _: &(), _: f64, _: &()) {}

        fn of_repeats(&self, _: f64) -> Score<1> {
            Score { value: self.0.ln(), gradient: [1.0 / self.0] }
        }

        fn of_seen(&self, _: &(), seen: &f64, _: ()) -> Score<1> {
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

    #[test]
    fn a_parameter_that_diverges_is_not_identified() {
        let fit = fit(&[0.0, 0.0]);
        assert_eq!((fit.status, fit.usable()), (Status::NotIdentified, None));
        assert!(fit.reason.contains("rate goes to"), "{}", fit.reason);
    }

    /// [`Exponential`], counting the observations that it is evaluated for.
    struct Counted<'a>(Exponential, &'a std::sync::atomic::AtomicUsize);

    impl Density<1, f64> for Counted<'_> {
        type Prepared = ();
        type Known = ();

        fn prepared(&self, _: &()) {}

        fn known(&self, _: &(), _: f64, _: &()) {}

        fn of_repeats(&self, repeats: f64) -> Score<1> {
            self.0.of_repeats(repeats)
        }

        fn of_seen(&self, _: &(), seen: &f64, _: ()) -> Score<1> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            self.0.of_seen(&(), seen, ())
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
            (found.map(|found| found.log_likelihood), evaluated.into_inner() / ROWS)
        };
        let (highest, _) = times_above(f64::NEG_INFINITY);
        let highest = highest.unwrap();
        // Its maximum is found though another model is better by 50, and not looked for where that is better by 500.
        assert_eq!(times_above(highest + 50.0).0, Some(highest));
        let (found, times) = times_above(highest + 500.0);
        assert!(found.is_none() && times <= 2, "{found:?} {times}");
    }

    #[test]
    fn errors_to_judge_by_are_near_the_exact_ones_and_the_maximum_is_the_same() {
        let rows = (0..20_000).map(|place| (0.0, Row { group: 0, weight: 1.0, seen: 0.1 + (place % 7) as f64 }));
        let exact = Sample::new(rows);
        let judged = exact.clone().with_errors(Errors::ToJudge);
        let of = Parameters { names: ["rate"], sizes: [1.0], starts: vec![[1.0], [100.0]] };
        let [one, other] = [&exact, &judged].map(|sample| search(sample, |at: &[f64; 1]| Exponential(at[0]), &of).unwrap());
        // The mean of 0.1 to 6.1 is 3.1; those rates have the standard error 1 / √n in their logarithm.
        for found in [&one, &other] {
            assert!(found.is_converged && (found.parameters[0] * 3.1 - 1.0).abs() < 1e-4, "{found:?}");
        }
        let expected = (1.0_f64 / 20_000.0).sqrt();
        assert!((one.log_errors.unwrap()[0] / expected - 1.0).abs() < 1e-5, "{one:?}");
        assert!((other.log_errors.unwrap()[0] / expected - 1.0).abs() < 0.1, "{other:?}");
        let asked = standard_errors(&judged, |at: &[f64; 1]| Exponential(at[0]), &other.parameters).unwrap();
        assert!((asked[0] / (expected * other.parameters[0]) - 1.0).abs() < 1e-5, "{asked:?}");
    }

    #[test]
    fn a_parameter_that_is_hardly_known_has_exact_errors_even_to_judge_by() {
        // One of 20,000 customers was seen to stop: the rate's error is as large as the rate.
        let rows = (0..20_000).map(|place| (0.0, Row { group: 0, weight: 1.0, seen: if place == 7 { 1.0 } else { 0.0 } }));
        let judged = Sample::new(rows).with_errors(Errors::ToJudge);
        let of = Parameters { names: ["rate"], sizes: [1e-3], starts: vec![[1e-3]] };
        let density = |at: &[f64; 1]| Rare(at[0]);
        let found = search(&judged, density, &of).unwrap();
        let exact = standard_errors(&judged, density, &found.parameters).unwrap();
        assert!(exact[0] > found.parameters[0] * CLEAR * 0.99, "{found:?}");
        assert!((found.log_errors.unwrap()[0] * found.parameters[0] / exact[0] - 1.0).abs() < 1e-3, "{found:?} {exact:?}");
    }

    /// A Poisson number with the mean θ: seen events, and the chance of none.
    struct Rare(f64);

    impl Density<1, f64> for Rare {
        type Prepared = ();
        type Known = ();

        fn prepared(&self, _: &()) {}

        fn known(&self, _: &(), _: f64, _: &()) {}

        fn of_repeats(&self, _: f64) -> Score<1> {
            Score { value: -self.0, gradient: [-1.0] }
        }

        fn of_seen(&self, _: &(), seen: &f64, _: ()) -> Score<1> {
            Score { value: seen * self.0.ln(), gradient: [seen / self.0] }
        }
    }
}
