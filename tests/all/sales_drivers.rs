//! Sales drivers on sampled shops: in every row the factors multiply to the amount, and the effects add up to the change.

use huitou::sample::{Options, write};
use proptest::prelude::*;

use super::result::{Row, run};
use super::scene::{Scene, orders};

/// Money in fen; `None` where it is null.
fn fen(row: &Row<'_>, column: &str) -> Option<i64> {
    let text = row.text(column);
    (!text.is_empty()).then(|| text.replace('.', "").parse().unwrap())
}

/// That Σ visitors × conversion × share × orders per customer × items per order × price per item is the amount, both groups together.
fn multiplies(row: &Row<'_>, ending: &str) {
    let number = |column: &str| row.number(&format!("{column}{ending}"));
    let group = |group: &str| {
        let factors = ["paying_share", "orders_per_customer", "items_per_order", "price_per_item"];
        // A factor is null where nobody of the group paid: then it sold nothing.
        factors.iter().map(|factor| number(&format!("{group}_{factor}"))).product::<Option<f64>>().unwrap_or(0.0)
    };
    let Some(amount) = fen(row, &format!("amount{ending}")) else { return };
    let visitors = row.count(&format!("visitors{ending}")).unwrap();
    let product = visitors as f64 * number("conversion").unwrap_or(0.0) * (group("new") + group("returning"));
    let difference = (product * 100.0 - amount as f64).abs();
    assert!(difference <= 1e-9 * (amount as f64).max(1.0), "{product} yuan where {amount} fen are expected");
}

/// That the effects and what is untracked add up to the change to the fen.
fn adds_up(row: &Row<'_>, ending: &str) -> bool {
    let Some(change) = fen(row, &format!("change{ending}")) else { return false };
    let effects =
        ["traffic", "conversion", "mix", "frequency", "basket", "price"].map(|factor| fen(row, &format!("{factor}_effect{ending}")));
    let untracked = fen(row, &format!("untracked_effect{ending}")).unwrap();
    assert!(effects.iter().all(Option::is_some) || effects.iter().all(Option::is_none));
    assert_eq!(effects.iter().flatten().sum::<i64>() + untracked, change);
    effects[0].is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn factors_multiply_and_effects_add_up_in_every_row(seed in any::<u64>(), shops in 1..6_u32, dirty in 0.0..0.02_f64) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        write(&data, &Options { orders: 8_000, shops, months: 15, seed, dirty, ..Options::default() }, &|_, _| ()).unwrap();
        let snapshot = run(&data.join("job.yaml"), &["tables=[sales_drivers]", "params.max_reject_share=0.5"], None).unwrap();
        let drivers = snapshot.table("sales_drivers");
        let mut attributed = 0;
        for row in drivers.rows() {
            multiplies(&row, "");
            multiplies(&row, "_before");
            attributed += usize::from(adds_up(&row, ""));
            adds_up(&row, "_vs_year_ago");
            let [paid, tracked] = ["paid_amount", "amount"].map(|column| fen(&row, column).unwrap_or(0));
            prop_assert_eq!(fen(&row, "untracked_amount"), Some(paid - tracked));
        }
        // Most weeks of 15 months follow a complete one, in each shop that was there by then.
        prop_assert!(attributed > 30, "{attributed} of {} rows", drivers.batch.num_rows());
    }
}

#[test]
fn without_a_traffic_input_the_table_is_left_out_with_the_reason() {
    let scene = Scene::with(&orders());
    let snapshot = run(&scene.path("job.yaml"), &[], None).unwrap();
    assert_eq!(snapshot.reason("sales_drivers"), "the job has no input `traffic`");
}
