//! The forecast through whole jobs on simulated shops: one that half of its customers have left, and small ones beside a large one.

use arrow::array::{Date32Array, Int64Array};
use huitou::statistics::random::Random;

use super::customer_base::{beta, exponential};
use super::result::{Snapshot, run};
use super::scene::{Columns, Scene, day, money, orders};

/// 2024-01-01 to 2025-12-31.
const DAYS: i32 = 730;

/// Orders: shop, customer, day, fen.
type Order = (i64, i64, i32, i64);

/// Customers of a shop who first buy within 300 days, then every 30 days on average, the rates being gamma distributed with shape
/// 2, and leave after a purchase with a chance that is beta(0.6, 4) distributed, or by the day on which the shop loses them.
/// Purchases are gamma distributed with shape 3, the rates with shape 4.
fn buyers(seed: u64, shop: i64, customers: i64, lost: impl Fn(i64) -> i32) -> Vec<Order> {
    let mut random = Random::new(seed);
    let mut orders = Vec::new();
    for customer in 0..customers {
        let mut time = 300.0 * random.unit();
        let rate = random.gamma(2.0) / 60.0;
        let leaving = beta(&mut random, 0.6, 4.0);
        let scale = 10_000.0 / random.gamma(4.0);
        loop {
            orders.push((shop, 10_000 * shop + customer, time as i32, (scale * random.gamma(3.0)) as i64));
            time += exponential(&mut random, rate);
            if time as i32 > DAYS.min(lost(customer)) || random.unit() < leaving {
                break;
            }
        }
    }
    orders
}

fn published(orders: &[Order], model: &str) -> Snapshot {
    let scene = Scene::new();
    let first = day("2024-01-01");
    let columns = Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(orders.iter().map(|order| order.0)))
        .with("order_id", Int64Array::from_iter_values(0..orders.len() as i64))
        .with("customer_id", Int64Array::from_iter_values(orders.iter().map(|order| order.1)))
        .with("created_at", Date32Array::from_iter_values(orders.iter().map(|order| first + order.2)))
        .with("paid_amount", money(&orders.iter().map(|order| order.3).collect::<Vec<_>>()));
    scene.parquet("orders.parquet", &columns);
    scene.job("job: simulated\nas_of: 2025-12-31\ninputs: { orders: orders.parquet }\n");
    run(&scene.path("job.yaml"), &[&format!("params.forecast.model={model}")], None).unwrap_or_else(|error| panic!("{error}"))
}

/// Every second customer has been gone since some day up to day 450, 280 days ago or more.
#[test]
fn who_has_left_is_visibly_less_alive_under_mbg_nbd_and_pareto_nbd() {
    let orders = buyers(20_260_101, 1, 2_000, |customer| if customer % 2 == 1 { (customer * 7919 % 450) as i32 } else { DAYS });
    for model in ["mbg_nbd", "pareto_nbd"] {
        let snapshot = published(&orders, model);
        let models = snapshot.table("forecast_models");
        let row = models.row(&[("model", model)]);
        assert_eq!((row.text("status"), row.text("is_used")), ("ok".into(), "true".into()), "{}", row.text("reason"));
        let (mut alive, mut customers, mut purchases) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        for row in snapshot.table("customers").rows() {
            let group = (row.text("customer_id").parse::<usize>().unwrap()) % 2;
            alive[group] += row.number("p_alive").unwrap();
            purchases[group] += row.number("expected_purchases").unwrap();
            customers[group] += 1.0;
        }
        let [stayed, left] = [0, 1].map(|group| alive[group] / customers[group]);
        assert!(left < 0.1 && stayed > 3.0 * left, "{model}: {stayed} of those who stayed, {left} of those who left");
        assert!(purchases[1] < 0.2 * purchases[0], "{model}: {purchases:?}");
    }
}

#[test]
fn small_shops_take_the_parameters_of_all_shops() {
    let mut orders = buyers(1, 1, 1_500, |_| DAYS);
    orders.extend(buyers(2, 2, 60, |_| DAYS));
    orders.extend(buyers(3, 3, 40, |_| DAYS));
    let snapshot = published(&orders, "auto");
    let models = snapshot.table("forecast_models");
    assert_eq!(models.batch.num_rows(), 18);
    let row = |shop: &str, model: &str| models.row(&[("shop_id", shop), ("model", model)]);
    for model in ["bg_nbd", "mbg_nbd", "pareto_nbd", "gamma_gamma"] {
        let [large, second, third] = ["1", "2", "3"].map(|shop| row(shop, model));
        assert_eq!([&large, &second, &third].map(|row| row.text("fitted_on")), ["shop", "all_shops", "all_shops"], "{model}");
        assert_eq!([&large, &second, &third].map(|row| row.count("customers")), [Some(1_500), Some(60), Some(40)]);
        let of_repeaters = |row: &super::result::Row<'_>| row.count("repeat_customers").unwrap();
        let fitted = if model == "gamma_gamma" { [large, second, third].iter().map(of_repeaters).sum() } else { 1_600 };
        for column in ["log_likelihood", "r", "alpha", "a", "s", "p", "q"] {
            assert_eq!(second.number(column), third.number(column), "{model} {column}");
        }
        assert_eq!([&second, &third].map(|row| row.count("fitted_customers")), [Some(fitted); 2]);
        assert!(large.number("log_likelihood") > second.number("log_likelihood"), "more customers, less likely");
    }
    // One model for both small shops, chosen by all hold-outs; each shop's own hold-out beside it.
    let used = |shop: &str| models.with(&[("shop_id", shop), ("chosen_by", "hold_out")])[0].text("model");
    assert_eq!(used("2"), used("3"));
    assert!(row("2", &used("2")).count("hold_out_customers").unwrap() <= 60);
    assert!(snapshot.table("customers").rows().all(|row| row.number("p_alive").is_some() && !row.text("expected_value").is_empty()));
    // Alone, a small shop has nobody to share with.
    let alone = published(&buyers(2, 2, 60, |_| DAYS), "auto");
    for row in alone.table("forecast_models").rows() {
        assert_eq!((row.text("status"), row.text("fitted_on"), row.text("is_used")), ("too_few".into(), "shop".into(), "false".into()));
        assert!(row.text("reason").contains("at least 200 needed"), "{}", row.text("reason"));
    }
    assert!(alone.table("customers").rows().all(|row| row.text("p_alive").is_empty()));
}

#[test]
fn a_table_of_models_that_a_job_without_a_forecast_asks_for_is_refused() {
    let scene = Scene::with(&orders());
    let ran = scene.run(&["run", "job.yaml", "--only", "forecast_models", "--set", "params.forecast.model=none"]);
    assert_eq!(ran.code, Some(2));
    let message = "--only: table `forecast_models` cannot be built: the job wants no forecast (`params.forecast.model: none`)";
    assert!(ran.stderr.contains(message), "{}", ran.stderr);
}
