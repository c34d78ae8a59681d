//! The models on customers simulated from known parameters, with fixed seeds: estimates, k, doubts, and the same bits on any
//! number of threads.

use huitou::model::beta_geometric::{BetaGeometric, Chance};
use huitou::model::cells::{CellCounter, PatternCounts};
use huitou::model::estimate::{Fit, Status};
use huitou::model::gamma_gamma::{GammaGamma, Spenders};
use huitou::model::pareto_nbd::ParetoNbd;
use huitou::model::prediction::{PurchaseModel, predict};
use huitou::model::regularity::choose;
use huitou::model::sbg::ShiftedBetaGeometric;
use huitou::statistics::random::Random;
use rayon::prelude::*;

use super::customer_base::{beta, exponential, history};

const SEEDS: u64 = 200;

/// "Days" of a period in which the simulations count: as good as continuous time.
const TICKS: f64 = 10_000.0;

/// When a simulated customer leaves.
#[derive(Clone, Copy)]
enum Leaves {
    Geometric(Chance, f64, f64),
    Exponential(f64, f64),
    Never,
}

/// Customers who first bought 20 to 60 periods ago; purchases after `closed` before the end are lost for every second one.
fn simulate(seed: u64, customers: u32, regularity: u32, r: f64, alpha: f64, leaves: Leaves, closed: f64) -> PatternCounts {
    let mut random = Random::new(seed);
    let mut counter = CellCounter::default();
    for customer in 0..customers {
        let age = 20.0 + 40.0 * random.unit();
        let rate = random.gamma(r) / alpha;
        let (chance, mut lifetime) = match leaves {
            Leaves::Geometric(_, a, b) => (beta(&mut random, a, b), f64::INFINITY),
            Leaves::Exponential(s, beta) => {
                let leaving = random.gamma(s) / beta;
                (0.0, exponential(&mut random, leaving))
            }
            Leaves::Never => (0.0, f64::INFINITY),
        };
        if customer % 2 == 0 {
            lifetime = lifetime.min(age - closed);
        }
        let (mut repeats, mut last) = (0, 0.0);
        let mut is_gone = matches!(leaves, Leaves::Geometric(Chance::AfterAll, ..)) && random.unit() < chance;
        while !is_gone {
            let next = last + (0..regularity).map(|_| exponential(&mut random, rate)).sum::<f64>();
            if next > age.min(lifetime) {
                break;
            }
            counter.add_interval(((next - last) * TICKS).ceil() as u32);
            (repeats, last) = (repeats + 1, next);
            is_gone = random.unit() < chance;
        }
        counter.add(history(repeats, (last * TICKS) as u32, (age * TICKS) as u32));
    }
    counter.finish(TICKS)
}

/// In 95 % of the seeds every parameter lies within three standard errors.
#[track_caller]
fn recovered<M>(known: &[f64], fit: impl Fn(u64) -> Fit<M> + Sync) {
    let good = (0..SEEDS)
        .into_par_iter()
        .filter(|seed| {
            let fit = fit(1_000 + seed);
            let is_near = fit
                .parameters
                .iter()
                .zip(known)
                .all(|(parameter, known)| (parameter.value - known).abs() <= 3.0 * parameter.standard_error.unwrap_or(0.0));
            fit.status == Status::Ok && is_near
        })
        .count();
    assert!(good as u64 * 100 >= SEEDS * 95, "{good} of {SEEDS}");
}

#[test]
fn simulated_bg_nbd_is_recovered() {
    let leaves = Leaves::Geometric(Chance::AfterRepeats, 0.8, 2.4);
    recovered(&[0.6, 6.0, 0.8, 2.4], |seed| BetaGeometric::fit(&simulate(seed, 2_000, 1, 0.6, 6.0, leaves, 0.0), Chance::AfterRepeats, 1));
}

#[test]
fn simulated_mbg_nbd_is_recovered() {
    let leaves = Leaves::Geometric(Chance::AfterAll, 0.9, 2.0);
    recovered(&[0.8, 6.0, 0.9, 2.0], |seed| BetaGeometric::fit(&simulate(seed, 2_000, 1, 0.8, 6.0, leaves, 0.0), Chance::AfterAll, 1));
}

#[test]
fn simulated_pareto_nbd_is_recovered() {
    recovered(&[0.8, 6.0, 0.7, 12.0], |seed| ParetoNbd::fit(&simulate(seed, 2_000, 1, 0.8, 6.0, Leaves::Exponential(0.7, 12.0), 0.0)));
}

#[test]
fn simulated_mbg_cnbd_3_is_recovered() {
    let leaves = Leaves::Geometric(Chance::AfterAll, 0.9, 3.0);
    recovered(&[1.0, 2.0, 0.9, 3.0], |seed| BetaGeometric::fit(&simulate(seed, 1_500, 3, 1.0, 2.0, leaves, 0.0), Chance::AfterAll, 3));
}

#[test]
fn simulated_gamma_gamma_is_recovered() {
    recovered(&[3.0, 3.5, 20.0], |seed| {
        let mut random = Random::new(seed);
        let spenders = (0..2_000)
            .map(|_| {
                let repeats = 1 + random.below(8) as u32;
                let rate = random.gamma(3.5) / 20.0;
                (repeats, random.gamma(3.0 * f64::from(repeats)) / rate / f64::from(repeats))
            })
            .collect();
        GammaGamma::fit(&Spenders::new(spenders))
    });
}

#[test]
fn simulated_sbg_is_recovered() {
    recovered(&[0.9, 2.5], |seed| {
        let mut random = Random::new(seed);
        let mut alive = vec![0; 9];
        for _ in 0..1_500 {
            let chance = beta(&mut random, 0.9, 2.5);
            let mut period = 0;
            alive[0] += 1;
            while period < 8 && random.unit() >= chance {
                period += 1;
                alive[period] += 1;
            }
        }
        ShiftedBetaGeometric::fit(&[alive])
    });
}

#[test]
fn the_regularity_of_simulated_customers_is_found() {
    for regularity in [1, 2, 4] {
        let scale = 6.0 / f64::from(regularity);
        let cells = simulate(7, 3_000, regularity, 1.0, scale, Leaves::Geometric(Chance::AfterAll, 0.9, 3.0), 0.0);
        let choice = choose(&cells, Chance::AfterAll);
        assert_eq!((choice.regularity, choice.fit.status), (regularity, Status::Ok), "{:?}", choice.tried);
    }
}

/// The forecast of a regular base against what its customers go on to do: simulated to T + 10, seen to T.
#[test]
fn expected_purchases_of_regular_customers_come_true() {
    let truth = BetaGeometric::new(Chance::AfterAll, 2, [1.0, 3.0, 0.9, 3.0]);
    let mut random = Random::new(11);
    let (mut expected, mut actual, mut alive, mut still) = (0.0, 0.0, 0.0, 0.0);
    for _ in 0..40_000 {
        let (age, rate) = (30.0, random.gamma(1.0) / 3.0);
        let chance = beta(&mut random, 0.9, 3.0);
        let (mut repeats, mut last, mut later, mut moment) = (0.0, 0.0, 0.0, 0.0);
        let mut gone_at = if random.unit() < chance { 0.0 } else { f64::INFINITY };
        while gone_at.is_infinite() {
            moment += exponential(&mut random, rate) + exponential(&mut random, rate);
            if moment > age + 10.0 {
                break;
            }
            if moment <= age {
                (repeats, last) = (repeats + 1.0, moment);
            } else {
                later += 1.0;
            }
            if random.unit() < chance {
                gone_at = moment;
            }
        }
        let customer = super::customer_base::customer(repeats, last, age);
        expected += truth.expected_purchases(&customer, 10.0);
        alive += truth.probability_alive(&customer);
        actual += later;
        still += f64::from(u8::from(gone_at > age));
    }
    // Standard errors: about 200 of 30,000 purchases and 60 of 17,000 customers.
    assert!((expected / actual - 1.0_f64).abs() < 0.02 && (alive / still - 1.0_f64).abs() < 0.012, "{expected} {actual} {alive} {still}");
}

/// A shop that half its customers left for good twelve periods ago.
#[test]
fn a_close_down_lowers_probability_alive_under_mbg_and_pareto() {
    let leaves = Leaves::Exponential(0.5, 6.0);
    let (open, closed) = (simulate(3, 4_000, 1, 1.5, 3.0, leaves, 0.0), simulate(3, 4_000, 1, 1.5, 3.0, leaves, 12.0));
    let mean_alive = |model: &dyn PurchaseModel, cells: &PatternCounts| {
        let predictions = predict(model, cells, 13.0);
        let sum: f64 = predictions.iter().zip(cells.counts()).map(|(one, (_, count))| *count as f64 * one.probability_alive).sum();
        sum / cells.customers() as f64
    };
    let mbg = [&open, &closed].map(|cells| {
        let fit = BetaGeometric::fit(cells, Chance::AfterAll, 1);
        mean_alive(fit.usable().unwrap_or_else(|| panic!("{}", fit.reason)), cells)
    });
    let pareto = [&open, &closed].map(|cells| {
        let fit = ParetoNbd::fit(cells);
        mean_alive(fit.usable().unwrap_or_else(|| panic!("{}", fit.reason)), cells)
    });
    assert!(mbg[1] < mbg[0] - 0.15 && pareto[1] < pareto[0] - 0.15, "{mbg:?} {pareto:?}");
}

#[test]
fn customers_who_never_leave_are_not_identified() {
    let cells = simulate(5, 3_000, 1, 1.2, 8.0, Leaves::Never, 0.0);
    for fit in [BetaGeometric::fit(&cells, Chance::AfterRepeats, 1), BetaGeometric::fit(&cells, Chance::AfterAll, 1)] {
        assert_eq!(fit.status, Status::NotIdentified, "{fit:?}");
    }
    assert_eq!(ParetoNbd::fit(&cells).status, Status::NotIdentified);
}

/// All customers buy at one rate: r and α run to infinity while their ratio stays.
#[test]
fn customers_who_are_all_alike_are_not_identified() {
    let leaves = Leaves::Geometric(Chance::AfterAll, 0.9, 2.0);
    let cells = simulate(9, 2_000, 1, 1e9, 4e9, leaves, 0.0);
    let fit = BetaGeometric::fit(&cells, Chance::AfterAll, 1);
    assert_eq!((fit.status, fit.usable()), (Status::NotIdentified, None), "{fit:?}");
    assert!(fit.reason.contains("r and alpha"), "{}", fit.reason);
}

/// A fit whose errors only decide whether it can be used has the status of one with exact errors, and these do not contradict it: what is told
/// of a few hundred customers whose leaving hardly shows is off by a factor.
#[test]
fn no_fit_is_called_usable_whose_exact_errors_say_otherwise() {
    let (mut usable, mut doubted) = (0, 0);
    let mut check = |seed: u64, exact: (Status, [f64; 4]), judged: (Status, [f64; 4]), errors: Option<[f64; 4]>| {
        assert_eq!(judged.0, exact.0, "seed {seed}: {exact:?} {judged:?}");
        if judged.0 != Status::Ok {
            doubted += 1;
            return;
        }
        usable += 1;
        for (error, value) in errors.unwrap().into_iter().zip(judged.1) {
            assert!(error <= 2.0 * value, "seed {seed}: {value} ± {error}");
        }
    };
    for seed in 0..16 {
        let mut random = Random::new(seed);
        let mut size = |from: f64, to: f64| 10.0_f64.powf(from + (to - from) * random.unit());
        let (customers, r, rate, a) = (size(2.8, 3.9) as u32, size(-0.8, 1.0), size(-1.8, -0.3), size(-1.2, 0.8));
        let leaves = Leaves::Geometric(Chance::AfterAll, a, a * size(-0.3, 1.6));
        let exact = simulate(seed, customers, 1, r, r / rate, leaves, 0.0);
        let judged = exact.clone().to_judge();
        let values = |model: &BetaGeometric| [model.buying.r, model.buying.alpha, model.a, model.b];
        for chance in [Chance::AfterRepeats, Chance::AfterAll] {
            let of = |cells: &PatternCounts| BetaGeometric::fit(cells, chance, 1);
            let status = |fit: &Fit<BetaGeometric>| (fit.status, fit.model.as_ref().map_or([1.0; 4], values));
            let (one, other) = (of(&exact), of(&judged));
            check(seed, status(&one), status(&other), other.model.and_then(|model| model.standard_errors(&exact)));
        }
        let status = |fit: &Fit<ParetoNbd>| (fit.status, fit.model.as_ref().map_or([1.0; 4], |of| [of.r, of.alpha, of.s, of.beta]));
        let (one, other) = (ParetoNbd::fit(&exact), ParetoNbd::fit(&judged));
        check(seed, status(&one), status(&other), other.model.and_then(|model| model.standard_errors(&exact)));
    }
    assert!(usable >= 6 && doubted >= 6, "{usable} {doubted}");
}

#[test]
fn a_small_shop_is_too_few() {
    let cells = simulate(1, 150, 1, 0.8, 6.0, Leaves::Never, 0.0);
    let fit = ParetoNbd::fit(&cells);
    assert_eq!((fit.status, fit.model.is_none(), fit.customers), (Status::TooFew, true, 150));
    assert!(fit.reason.contains("at least 200 needed"), "{}", fit.reason);
    assert_eq!(BetaGeometric::fit(&CellCounter::default().finish(7.0), Chance::AfterAll, 1).status, Status::TooFew);
}

#[test]
fn fits_and_predictions_are_the_same_bits_on_any_number_of_threads() {
    let cells = simulate(2, 20_000, 1, 0.8, 6.0, Leaves::Exponential(0.7, 12.0), 0.0);
    assert!(cells.len() > 15_000, "large enough for trials on a thinned sample");
    let bits = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let (pareto, bg) = (ParetoNbd::fit(&cells), BetaGeometric::fit(&cells, Chance::AfterAll, 1));
            assert_eq!(pareto.status, Status::Ok, "{}", pareto.reason);
            let values = pareto.parameters.iter().chain(&bg.parameters).flat_map(|one| [one.value, one.standard_error.unwrap()]);
            let predictions = predict(pareto.usable().unwrap(), &cells, 13.0);
            values.chain(predictions.iter().map(|one| one.expected_purchases)).map(f64::to_bits).collect::<Vec<_>>()
        })
    };
    let one = bits(1);
    assert!(one == bits(3) && one == bits(8));
}
