//! The models on UCI Online Retail, rule D (customer known, quantity and price above 0), days: nobody is seen to leave.

use std::collections::BTreeMap;
use std::fs::File;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use huitou::model::beta_geometric::{BetaGeometric, Chance};
use huitou::model::estimate::{Fit, Status};
use huitou::model::gamma_gamma::{GammaGamma, Spenders};
use huitou::model::pareto_nbd::ParetoNbd;
use huitou::model::prediction::predict;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::customer_base::{Base, close, day, within};
use super::public_data;

/// Purchase days since 0000-03-01 as `customer_base::day` counts them.
fn online_retail(country: Option<&str>) -> Option<Base> {
    let file = File::open(public_data::file("online_retail.parquet")?).unwrap();
    let epoch = day(1970, 1, 1);
    let mut days: BTreeMap<i64, BTreeMap<i64, f64>> = BTreeMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let column = |name: &str, to: DataType| cast(batch.column_by_name(name).unwrap(), &to).unwrap();
        let (customers, moments) = (column("CustomerID", DataType::Int64), column("InvoiceDate", DataType::Int64));
        let (quantities, prices) = (column("Quantity", DataType::Float64), column("UnitPrice", DataType::Float64));
        let countries = column("Country", DataType::Utf8);
        for row in 0..batch.num_rows() {
            let (quantity, price) = (quantities.as_primitive::<Float64Type>().value(row), prices.as_primitive::<Float64Type>().value(row));
            let is_of_country = country.is_none_or(|country| countries.as_string::<i32>().value(row) == country);
            if customers.is_null(row) || !(quantity > 0.0 && price > 0.0 && is_of_country) {
                continue;
            }
            let day = epoch + moments.as_primitive::<Int64Type>().value(row).div_euclid(86_400_000_000);
            let customer = customers.as_primitive::<Int64Type>().value(row);
            *days.entry(customer).or_default().entry(day).or_default() += quantity * price;
        }
    }
    Some(Base { days })
}

#[track_caller]
fn parameters<M>(fit: &Fit<M>, values: &[f64], relative: f64) {
    for (parameter, value) in fit.parameters.iter().zip(values) {
        close(parameter.value, *value, relative);
    }
}

#[test]
fn online_retail_bg_nbd_tutorials_leaving_is_not_identified() {
    let Some(base) = online_retail(None) else { return };
    let cells = base.cells(day(2011, 12, 9), 1.0);
    assert_eq!((cells.customers(), cells.repeaters()), (4_338, 2_790));
    let fit = BetaGeometric::fit(&cells, Chance::AfterRepeats, 1);
    within(fit.log_likelihood.unwrap(), -61_823.4713, 0.01);
    parameters(&fit, &[0.826542, 68.905121, 0.003437, 6.745127], 1e-3);
    assert_eq!((fit.status, fit.usable()), (Status::NotIdentified, None));
    assert!(fit.reason.starts_with("the data do not show that customers leave"), "{}", fit.reason);
    let predictions = predict(&fit.model.unwrap(), &cells, 30.0);
    let counts = || predictions.iter().zip(cells.counts());
    let sum: f64 = counts().map(|(one, (_, count))| *count as f64 * one.expected_purchases).sum();
    close(sum, 1_557.6769, 1e-4);
    let mean_alive = counts().map(|(one, (_, count))| *count as f64 * one.probability_alive).sum::<f64>() / 4_338.0;
    within(mean_alive, 0.999, 0.0005);
}

#[test]
fn online_retail_mbg_nbd_and_pareto_nbd_are_not_identified_either() {
    let Some(base) = online_retail(None) else { return };
    let cells = base.cells(day(2011, 12, 9), 1.0);
    let fit = BetaGeometric::fit(&cells, Chance::AfterAll, 1);
    within(fit.log_likelihood.unwrap(), -61_823.5733, 0.01);
    parameters(&fit, &[0.827424, 69.034997, 0.001856, 11.893611], 1e-3);
    assert_eq!(fit.status, Status::NotIdentified);
    let fit = ParetoNbd::fit(&cells);
    assert_eq!((fit.status, fit.usable()), (Status::NotIdentified, None), "{fit:?}");
}

#[test]
fn online_retail_of_the_united_kingdom_scipy() {
    let Some(base) = online_retail(Some("United Kingdom")) else { return };
    let end = day(2011, 12, 9);
    let cells = base.cells(end, 1.0);
    assert_eq!(cells.customers(), 3_920);
    let fit = BetaGeometric::fit(&cells, Chance::AfterRepeats, 1);
    parameters(&fit, &[0.833433, 69.63780, 0.005493, 7.955328], 1e-3);
    let spenders = Spenders::new(base.histories(end).iter().map(|(_, history, mean)| (history.repeats, *mean)).collect());
    assert_eq!(spenders.customers(), 2_522);
    parameters(&GammaGamma::fit(&spenders), &[2.081863, 3.794733, 526.950971], 1e-3);
}

#[test]
fn online_retail_gamma_gamma_scipy() {
    let Some(base) = online_retail(None) else { return };
    let histories = base.histories(day(2011, 12, 9));
    let spenders = Spenders::new(histories.iter().map(|(_, history, mean)| (history.repeats, *mean)).collect());
    assert_eq!(spenders.customers(), 2_790);
    let fit = GammaGamma::fit(&spenders);
    assert_eq!(fit.status, Status::Ok, "{}", fit.reason);
    parameters(&fit, &[2.103382, 3.451179, 485.888469], 1e-3);
    within(fit.log_likelihood.unwrap(), -19_083.3306, 0.01);
}
