//! Searches on samples whose maxima are known.

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
fn few_customers_have_exact_errors_even_to_judge_by() {
    // Enough for a trial on a part of them, which tells nothing of the errors of all.
    let rows = (0..1_500).map(|place| (0.0, Row { group: 0, weight: 1.0, seen: f64::from(place * place % 89) }));
    let exact = Sample::new(rows);
    let of = Parameters { names: ["rate"], sizes: [1.0], starts: vec![[1.0], [100.0]] };
    let found = |sample: &Sample<f64>| search(sample, |at: &[f64; 1]| Exponential(at[0]), &of);
    assert_eq!(exact.levels().len(), 1);
    assert_eq!(found(&exact.clone().with_errors(Errors::ToJudge)), found(&exact));
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
