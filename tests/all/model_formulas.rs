//! Formulas of the models at given parameters, as in BTYD's walkthrough and manual, Hardie's spreadsheets, and the test suites of
//! lifetimes and pymc-marketing; among them those at which naive forms overflow or underflow.

use huitou::model::beta_geometric::{BetaGeometric, Chance};
use huitou::model::cells::CellCounter;
use huitou::model::likelihood::Density;
use huitou::model::nbd::Nbd;
use huitou::model::pareto_nbd::ParetoNbd;
use huitou::model::prediction::PurchaseModel;

use super::customer_base::{close, customer, history, within};

fn bg_of_the_paper() -> BetaGeometric {
    BetaGeometric::new(Chance::AfterRepeats, 1, [0.243, 4.414, 0.793, 2.426])
}

#[test]
fn bg_nbd_expected_purchases_of_new_customers_hardie() {
    let model = bg_of_the_paper();
    let scipy = [(0.1429, 0.007828), (1.0, 0.053268), (3.0, 0.150865), (31.8571, 1.041996), (32.0, 1.045243), (78.0, 1.860519)];
    for (weeks, expected) in scipy {
        within(model.expected_purchases_of_new(weeks), expected, 0.6e-6);
    }
    let unrounded = BetaGeometric::new(Chance::AfterRepeats, 1, [0.242595, 4.413602, 0.792922, 2.425907]);
    let sheet = [(1.0 / 7.0, 0.0078), (1.0, 0.0532), (3.0, 0.1506), (31.8571, 1.0405), (32.0, 1.0437), (78.0, 1.8576)];
    for (weeks, expected) in sheet {
        // The sheet's solver stopped a little before the optimum.
        within(unrounded.expected_purchases_of_new(weeks), expected, 0.00006 + 2e-4 * expected);
    }
}

#[test]
fn bg_nbd_conditional_expectation_hardie() {
    within(bg_of_the_paper().expected_purchases(&customer(2.0, 30.43, 38.86), 39.0), 1.226028, 0.6e-6);
}

#[test]
fn bg_nbd_probability_mass_btyd() {
    let model = bg_of_the_paper();
    close(model.probability_of_purchases(2.0, 10), 1.07869e-7, 1e-5);
    close(model.probability_of_purchases(39.0, 0), 0.5737864, 1e-6);
    let published = [
        0.0019995214,
        0.0015170236,
        0.0011633150,
        0.0009003148,
        0.0007023638,
        0.0005517902,
        0.0004361913,
        0.0003467171,
        0.0002769613,
        0.0002222260,
    ];
    for (count, expected) in (11..).zip(published) {
        close(model.probability_of_purchases(30.0, count), expected, 1e-6);
    }
}

#[test]
fn bg_nbd_probability_alive_of_a_thousand_purchases_lifetimes() {
    assert_eq!(bg_of_the_paper().probability_alive(&customer(1000.0, 10.0, 100.0)), 0.0);
    assert_eq!(bg_of_the_paper().expected_purchases(&customer(1000.0, 10.0, 100.0), 52.0), 0.0);
    // Bought a thousand times until the end: nearly sure to be alive, and finite.
    let busy = customer(1000.0, 100.0, 100.0);
    close(bg_of_the_paper().probability_alive(&busy), 1.0 / (1.0 + 0.793 / 1001.426), 1e-12);
    assert!((300.0..600.0).contains(&bg_of_the_paper().expected_purchases(&busy, 52.0)));
}

#[test]
fn log_likelihood_of_one_customer_pymc_marketing() {
    let parameters = [0.25, 4.0, 0.8, 2.5];
    let mbg = BetaGeometric::new(Chance::AfterAll, 1, parameters);
    let bg = BetaGeometric::new(Chance::AfterRepeats, 1, parameters);
    let (none, many) = (customer(0.0, 0.0, 40.0), customer(200.0, 38.0, 40.0));
    within(mbg.log_likelihood(&none), -0.41792826, 1e-8);
    within(mbg.log_likelihood(&many), 100.7869, 0.00006);
    within(bg.log_likelihood(&none), -0.5994738181996, 1e-12);
    close(bg.log_likelihood(&many), 100.7956930927, 1e-12);
}

#[test]
fn pareto_nbd_expected_purchases_of_new_customers_btyd_manual_via_lifetimes() {
    let model = ParetoNbd { r: 0.5534, alpha: 10.5802, s: 0.6061, beta: 11.6562 };
    let published = [0.0, 0.05077821, 0.09916088, 0.14542507, 0.18979930, 0.23247466, 0.27361274];
    for (weeks, expected) in published.into_iter().enumerate() {
        within(model.expected_purchases_of_new(weeks as f64), expected, 0.01);
    }
    within(model.probability_alive(&customer(26.0, 30.86, 31.0)), 0.997918, 0.6e-6);
}

#[test]
fn pareto_nbd_of_many_purchases_does_not_underflow_lifetimes() {
    let model = ParetoNbd { r: 0.55, alpha: 10.58, s: 0.61, beta: 11.67 };
    close(model.expected_purchases(&customer(132.0, 200.0, 200.0), 10.0), 6.2060517889632, 1e-12);
    within(model.expected_purchases(&customer(133.0, 200.0, 200.0), 10.0), 6.2528722, 0.6e-7);
    let long_gone = customer(2000.0, 50.0, 400.0);
    assert_eq!(model.probability_alive(&long_gone), 0.0);
    assert!(model.log_likelihood(&long_gone).is_finite());
}

/// For α = β the integral over the moments of leaving is elementary: ((α + t_x)^−n − (α + T)^−n) / n with n = r + s + x.
#[test]
fn pareto_nbd_with_equal_scales_worked_by_hand() {
    for (x, recency, age) in [(0.0, 0.0, 40.0), (1.0, 3.0, 40.0), (7.0, 39.99, 40.0), (200.0, 20.0, 40.0), (60.0, 1.0, 900.0)] {
        let model = ParetoNbd { r: 0.7, alpha: 5.0, s: 0.9, beta: 5.0 };
        let shape: f64 = 0.7 + 0.9 + x;
        // P(alive) = 1 / (1 + s / n · (((α + T) / (α + t_x))ⁿ − 1)).
        let odds = 0.9 / shape * (shape * ((5.0_f64 + age) / (5.0 + recency)).ln()).exp_m1();
        close(model.probability_alive(&customer(x, recency, age)), 1.0 / (1.0 + odds), 1e-12);
    }
}

/// The likelihood is continuous where the papers change between two forms, and finite at extreme scales.
#[test]
fn pareto_nbd_at_unequal_scales() {
    let at = |alpha: f64, beta: f64| ParetoNbd { r: 0.5, alpha, s: 0.6, beta }.log_likelihood(&customer(4.0, 12.0, 39.0));
    within(at(10.0, 10.0), 0.5 * (at(10.0, 10.0 - 1e-4) + at(10.0, 10.0 + 1e-4)), 1e-9);
    for (alpha, beta) in [(1e-4, 1e4), (1e4, 1e-4), (1e-4, 1e-4), (1e5, 1e5)] {
        for (x, recency) in [(0.0, 0.0), (1.0, 39.0), (300.0, 38.0)] {
            let model = ParetoNbd { r: 0.5, alpha, s: 0.6, beta };
            let alive = model.probability_alive(&customer(x, recency, 39.0));
            assert!((0.0..=1.0).contains(&alive), "{alpha} {beta} {x}: {alive}");
            assert!(model.log_likelihood(&customer(x, recency, 39.0)).is_finite(), "{alpha} {beta} {x}");
        }
    }
}

/// BG/NBD with a = 1 divides 0 by 0 in the papers' form; here it is an ordinary value.
#[test]
fn bg_nbd_with_a_of_1() {
    let at = |a: f64| BetaGeometric::new(Chance::AfterRepeats, 1, [0.5, 8.0, a, 2.0]).expected_purchases(&customer(2.0, 6.0, 10.0), 13.0);
    within(at(1.0), 0.5 * (at(1.0 - 1e-5) + at(1.0 + 1e-5)), 1e-9);
}

/// The probability mass sums to one, and its mean is the expectation, for all kinds and k.
#[test]
fn probability_mass_and_expectation_agree() {
    for chance in [Chance::AfterRepeats, Chance::AfterAll] {
        for regularity in 1..=3 {
            let model = BetaGeometric::new(chance, regularity, [1.5, 3.0, 0.8, 2.5]);
            let mass: Vec<f64> = (0..400).map(|count| model.probability_of_purchases(6.0, count)).collect();
            within(mass.iter().sum(), 1.0, 1e-12);
            let mean = mass.iter().enumerate().map(|(count, chance)| count as f64 * chance).sum::<f64>();
            close(model.expected_purchases_of_new(6.0), mean, 1e-10);
        }
    }
}

/// All gradients against central differences.
#[test]
fn gradients_are_the_slopes_of_the_likelihood() {
    fn check<const N: usize, D: Density<N, huitou::model::cells::Timing>>(model: impl Fn(&[f64; N]) -> D, at: [f64; N]) {
        let mut counter = CellCounter::default();
        for (x, recency, age) in [(0, 0, 0), (0, 0, 270), (1, 5, 270), (1, 269, 270), (3, 100, 200), (40, 180, 260), (200, 260, 266)] {
            counter.add(history(x, recency, age));
        }
        let cells = counter.finish(7.0);
        let value = |at: &[f64; N]| cells.sample().evaluate(&model(at), at);
        for index in 0..N {
            let beside = |step: f64| {
                let mut beside = at;
                beside[index] *= f64::exp(step);
                value(&beside).value
            };
            let slope = (beside(1e-5) - beside(-1e-5)) / 2e-5;
            let found = value(&at).gradient[index];
            assert!((found - slope).abs() < 1e-6 * slope.abs().max(1.0), "{at:?} {index}: {found} {slope}");
        }
    }
    for at in [[0.24, 4.4, 0.8, 2.4], [2.0, 30.0, 0.1, 0.3], [0.05, 0.2, 3.0, 9.0]] {
        for regularity in [1, 2, 5] {
            check(|[r, alpha]: &[f64; 2]| Nbd { regularity, r: *r, alpha: *alpha }, [at[0], at[1]]);
            for chance in [Chance::AfterRepeats, Chance::AfterAll] {
                check(|at: &[f64; 4]| BetaGeometric::new(chance, regularity, *at), at);
            }
        }
        check(|[r, alpha, s, beta]: &[f64; 4]| ParetoNbd { r: *r, alpha: *alpha, s: *s, beta: *beta }, at);
    }
}
