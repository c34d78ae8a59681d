//! The season of known customers through whole jobs, on simulated shops whose season is known, or that have none.

use arrow::array::{Date32Array, Int64Array};
use huitou::spec::period::civil;
use huitou::statistics::random::Random;

use super::customer_base::{beta, exponential};
use super::result::{Snapshot, run};
use super::scene::{Columns, Scene, day, money};

const FIRST: &str = "2023-01-01";
const LAST: &str = "2025-12-31";

/// The season by month, January first; the mean is 1.
const SEASON: [f64; 12] = [1.0, 0.6, 1.0, 1.0, 1.0, 1.6, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0];

/// Customers who first buy on any day of three years, then every 40 days of a mean year on average, at rates that are gamma distributed
/// with shape 2, more often in some months than in others, and leave after a purchase with a chance that is beta(1, 6) distributed.
fn published(seed: u64, shops: i64, customers: i64, season: [f64; 12]) -> Snapshot {
    let (first, last) = (day(FIRST), day(LAST));
    // The mean year up to the end of each day.
    let mut passed = vec![0.0];
    for on in first..=last {
        let (_, month, _) = civil(on);
        passed.push(passed[passed.len() - 1] + season[month as usize - 1]);
    }
    let mut random = Random::new(seed);
    let mut orders: Vec<(i64, i64, i32, i64)> = Vec::new();
    for customer in 0..shops * customers {
        let shop = customer / customers;
        let rate = random.gamma(2.0) / 80.0;
        let leaving = beta(&mut random, 1.0, 6.0);
        let mut on = random.below(passed.len() - 1);
        let mut time = passed[on] + random.unit() * (passed[on + 1] - passed[on]);
        loop {
            orders.push((shop + 1, customer, first + on as i32, 5_000 + random.below(5_000) as i64));
            time += exponential(&mut random, rate);
            on = passed.partition_point(|until| *until <= time) - 1;
            if on + 1 >= passed.len() || random.unit() < leaving {
                break;
            }
        }
    }
    let scene = Scene::new();
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(orders.iter().map(|order| order.0)))
        .with("order_id", Int64Array::from_iter_values(0..orders.len() as i64))
        .with("customer_id", Int64Array::from_iter_values(orders.iter().map(|order| order.1)))
        .with("created_at", Date32Array::from_iter_values(orders.iter().map(|order| order.2)))
        .with("paid_amount", money(&orders.iter().map(|order| order.3).collect::<Vec<_>>()));
    scene.parquet("orders.parquet", &columns);
    scene.job(&format!("job: simulated\nas_of: {LAST}\ninputs: {{ orders: orders.parquet }}\ntables: [forecast_months]\n"));
    let settings = ["params.forecast.model=mbg_nbd", "params.forecast.months=12"];
    run(&scene.path("job.yaml"), &settings, None).unwrap_or_else(|error| panic!("{error}"))
}

fn seasons(snapshot: &Snapshot) -> Vec<(String, f64)> {
    snapshot.table("forecast_months").rows().map(|row| (row.text("month"), row.number("season").unwrap())).collect()
}

#[test]
fn a_season_that_shops_have_is_found_again() {
    // Three shops with some 2,500 repeat purchases a year each: 1,250 in the same month of both years. Customers cluster, so that these
    // scatter a little more than Poisson: the standard error of a factor of 1 is some 0.035.
    let found = seasons(&published(7, 3, 2_500, SEASON));
    assert_eq!(found.len(), 3 * 12);
    for (month, season) in found {
        let truth = SEASON[month[5..7].parse::<usize>().unwrap() - 1];
        assert!((season - truth).abs() < 3.0 * 0.035 * truth.sqrt().max(1.0), "{month}: {season} of {truth}");
    }
}

#[test]
fn shops_without_a_season_have_factors_near_1() {
    for seed in [1, 2, 3] {
        let found = seasons(&published(seed, 6, 400, [1.0; 12]));
        assert_eq!(found.len(), 6 * 12);
        assert!(found.iter().all(|(_, season)| (season - 1.0).abs() <= 0.1), "{found:?}");
    }
}
