//! The shifted beta-geometric model on the two cohorts of Fader & Hardie 2007, "How to Project Customer Retention".

use huitou::model::estimate::Status;
use huitou::model::sbg::ShiftedBetaGeometric;

use super::customer_base::{close, within};

const HIGH_END: [u64; 13] = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394];
const REGULAR: [u64; 13] = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173];

#[track_caller]
fn published(alive: &[u64], alpha: f64, beta: f64, log_likelihood: f64, projected: [f64; 5]) -> ShiftedBetaGeometric {
    let fit = ShiftedBetaGeometric::fit(&[alive.to_vec()]);
    assert_eq!((fit.status, fit.customers), (Status::Ok, 1000), "{}", fit.reason);
    close(fit.parameters[0].value, alpha, 1e-5);
    close(fit.parameters[1].value, beta, 1e-5);
    within(fit.log_likelihood.unwrap(), log_likelihood, 0.0001);
    let model = *fit.usable().unwrap();
    for (period, percent) in (8..).zip(projected) {
        within(100.0 * model.survival(period), percent, 0.0051);
    }
    model
}

#[test]
fn sbg_high_end_fader_hardie_2007() {
    let model = published(&HIGH_END[..8], 0.668088, 3.806095, -1611.1581, [46.04, 43.58, 41.42, 39.51, 37.80]);
    within(model.discounted_lifetime(0.1), 5.922254, 1e-5);
    published(&HIGH_END[..5], 1.280976, 7.790385, -1225.1349, [40.91, 37.84, 35.15, 32.79, 30.70]);
}

#[test]
fn sbg_regular_fader_hardie_2007() {
    let model = published(&REGULAR[..8], 0.704077, 1.182043, -1680.2652, [22.01, 20.44, 19.12, 17.99, 17.00]);
    within(model.discounted_lifetime(0.1), 3.694908, 1e-5);
    published(&REGULAR[..5], 0.763665, 1.29583, -1401.5594, [21.03, 19.43, 18.09, 16.94, 15.95]);
}

/// Two cohorts with the same curve, one seen for longer, are the longer one with more weight on its beginning.
#[test]
fn sbg_of_several_cohorts() {
    let fit = ShiftedBetaGeometric::fit(&[HIGH_END[..8].to_vec(), HIGH_END[..5].to_vec()]);
    assert_eq!((fit.status, fit.customers), (Status::Ok, 2000));
    assert!((0.668088..1.280976).contains(&fit.parameters[0].value), "{fit:?}");
}
