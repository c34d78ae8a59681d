//! Forecast: the expected purchases of the customers of each shop, by the model that predicts the hold-out best.
//!
//! `base` counts histories, `fitted` fits models to them, `hold_out` tests them, `choice` chooses one, `value` adds the revenue, `columns`
//! are the columns in tables of customers. `models` (rows in `model_row`, columns in `model_columns`) and `calibration` are the tables
//! about the models themselves; `existing_customers`, `new_customers` and `months` forecast the shop.

pub mod base;
pub mod calibration;
pub mod choice;
pub(super) mod columns;
mod existing_customers;
pub mod fitted;
pub mod hold_out;
mod model_columns;
mod model_row;
pub mod models;
pub mod months;
mod new_customers;
mod season;
pub mod shop;
mod span;
pub mod value;

use rayon::prelude::*;

use self::base::{Base, DAYS_PER_PERIOD, PurchaseSummary};
use self::choice::{Chosen, choose};
use self::fitted::Fitted;
use self::hold_out::HoldOut;
use self::shop::{FittedOn, ShopForecast};
use self::value::ValueFit;
use super::customer::scores::{SCORED_CUSTOMERS, ScoredCustomers};
use super::night::{Read, Shared};
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::customers::CALIBRATION;
use crate::fold::interval_counts::{INTERVAL_COUNTS, IntervalCounts};
use crate::job::ModelChoice;
use crate::model::cells::Cells;
use crate::model::estimate::FEWEST_REPEATERS;
use crate::model::prediction::predict;
use crate::spec::NO_DAY;

/// The expected purchases of the customers of each shop.
pub static FORECASTS: Shared<Forecasts> = Shared {
    name: "forecasts",
    not_requested: |request| (!request.forecast.is_wanted()).then_some("the job wants no forecast (`params.forecast.model: none`)"),
    reads: |request| {
        let mut reads = vec![Read::Shared(&SCORED_CUSTOMERS), Read::Part(&CALIBRATION)];
        if request.forecast.needs_intervals() {
            reads.push(Read::Fold(&INTERVAL_COUNTS));
        }
        reads
    },
    make: |night| {
        let intervals = night.request.forecast.needs_intervals().then(|| night.fold(&INTERVAL_COUNTS)).transpose()?;
        Ok(Forecasts::of(night.shared(&SCORED_CUSTOMERS)?.as_ref(), intervals.as_deref()))
    },
};

/// The forecasts of all shops with customers.
#[derive(Debug)]
pub struct Forecasts {
    /// Ascending by code of the shop.
    pub shops: Vec<ShopForecast>,
    /// By shop code: its index in `shops`.
    places: Vec<Option<usize>>,
    /// By row of the customers: the index of their history among the cells of the shop.
    cells: Vec<u32>,
}

/// The forecast of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerForecast {
    /// The chance that the customer has not left for good.
    pub probability_alive: f64,
    /// Purchase days expected within the horizon.
    pub expected_purchases: f64,
    /// Net revenue expected within the horizon, in minor units; `None` where the model of values cannot be used.
    pub expected_value: Option<i64>,
}

/// The models fitted to the customers of all shops together.
struct Pool {
    fitted: Vec<Fitted>,
    chosen: Option<Chosen>,
}

impl Forecasts {
    /// Fits, tests and chooses models for every shop, and computes their predictions for every history.
    pub fn of(customers: &ScoredCustomers, intervals: Option<&IntervalCounts>) -> Forecasts {
        let ScoredCustomers { context, columns, shops, .. } = customers;
        let choice = context.params.forecast.model;
        let base = |shop: u32, rows: &std::ops::Range<usize>| {
            let end = context.calibration_ends.get(shop as usize).copied().unwrap_or(NO_DAY);
            let intervals = intervals.map(|intervals| intervals.shop(shop));
            Base::of(columns, rows.clone(), context.as_of, end, intervals.as_ref())
        };
        let bases: Vec<Base> = shops.par_iter().map(|(shop, rows)| base(*shop, rows)).collect();
        // A single shop has no other shop to share with.
        let is_small = |base: &Base| base.whole.repeaters() < FEWEST_REPEATERS && shops.len() > 1;
        let pool = bases.iter().any(is_small).then(|| Pool::of(choice, &bases));
        let values: Vec<ValueFit> = shops.par_iter().map(|(_, rows)| ValueFit::of(columns, rows.clone())).collect();
        let is_poor = |value: &ValueFit| value.fit.customers < FEWEST_REPEATERS && shops.len() > 1;
        let pooled_value = values.iter().any(is_poor).then(|| ValueFit::of(columns, 0..columns.len()));

        let parts: Vec<_> = shops.iter().zip(bases).zip(values).collect();
        let forecast = |(((shop, rows), base), value): ((&(u32, std::ops::Range<usize>), Base), ValueFit)| {
            let pool = pool.as_ref().filter(|_| is_small(&base));
            let fitted = match pool {
                Some(pool) => pool.fitted.clone(),
                None => Fitted::all(&choice.kinds(), &base.whole, calibration(&base)),
            };
            let hold_outs = hold_outs(&fitted, &base);
            let chosen = match pool {
                Some(pool) => pool.chosen,
                None => choose(choice, &fitted, &log_likelihoods(&hold_outs)),
            };
            let pooled_value = pooled_value.as_ref().filter(|_| is_poor(&value));
            let on = |is_pooled: bool| if is_pooled { FittedOn::AllShops } else { FittedOn::Shop };
            let mut forecast = ShopForecast {
                shop: *shop,
                rows: rows.clone(),
                fitted_on: on(pool.is_some()),
                fitted,
                hold_outs,
                naive: base.held_out.as_ref().map(|held_out| held_out.naive()),
                base,
                chosen,
                predictions: Vec::new(),
                value_fitted_on: on(pooled_value.is_some()),
                value: pooled_value.cloned().unwrap_or(value),
            };
            let periods = f64::from(context.params.forecast.horizon_days) / DAYS_PER_PERIOD;
            let predictions = forecast.model().map(|model| predict(model.purchases(), forecast.cells(), periods));
            forecast.predictions = predictions.unwrap_or_default();
            forecast
        };
        Forecasts::over(parts.into_par_iter().map(forecast).collect(), customers)
    }

    fn over(shops: Vec<ShopForecast>, customers: &ScoredCustomers) -> Forecasts {
        let mut places = vec![None; customers.context.shops.len()];
        let mut cells = vec![0; customers.columns.len()];
        let mut rest = cells.as_mut_slice();
        for (place, forecast) in shops.iter().enumerate() {
            if let Some(of_shop) = places.get_mut(forecast.shop as usize) {
                *of_shop = Some(place);
            }
            let (own, others) = rest.split_at_mut(forecast.rows.len().min(rest.len()));
            rest = others;
            if forecast.predictions.is_empty() {
                continue;
            }
            let history = |row: usize| PurchaseSummary::of(&customers.columns, row).history(customers.context.as_of);
            own.par_iter_mut().with_min_len(1 << 12).zip(forecast.rows.clone()).for_each(|(cell, row)| {
                *cell = forecast.cells().position(&history(row)).unwrap_or_default() as u32;
            });
        }
        Forecasts { shops, places, cells }
    }

    /// The forecast of a shop.
    pub fn shop(&self, shop: u32) -> Option<&ShopForecast> {
        self.shops.get((*self.places.get(shop as usize)?)?)
    }

    /// The forecast of the customer in a row; `None` if no model of the shop can be used.
    #[inline]
    pub fn customer(&self, columns: &CustomerColumns, row: usize) -> Option<CustomerForecast> {
        let forecast = self.shop(columns.keys.shop[row])?;
        let prediction = forecast.prediction(self.cells[row] as usize)?;
        let value = forecast.value.of_customer(columns, row);
        // Half to even, as all money is rounded.
        let minor = value.map(|value| (prediction.expected_purchases * value * 100.0).round_ties_even());
        Some(CustomerForecast {
            probability_alive: prediction.probability_alive,
            expected_purchases: prediction.expected_purchases,
            expected_value: minor.filter(|minor| *minor < MOST_MONEY).map(|minor| minor as i64),
        })
    }
}

/// Ten billion in fen: only a degenerate fit expects more of a customer, and sums of more would overflow a column.
const MOST_MONEY: f64 = 1e12;

impl Pool {
    /// Models fitted to all customers; the choice is by the hold-outs of all shops together.
    fn of(choice: ModelChoice, bases: &[Base]) -> Pool {
        let whole = Cells::pooled(bases.iter().map(|base| &base.whole), DAYS_PER_PERIOD);
        let calibration = Cells::pooled(bases.iter().filter_map(calibration), DAYS_PER_PERIOD);
        let fitted = Fitted::all(&choice.kinds(), &whole, (!calibration.is_empty()).then_some(&calibration));
        let log_likelihoods: Vec<Option<f64>> = fitted
            .iter()
            .map(|fitted| {
                let model = fitted.calibrated()?;
                let of_shops: Vec<f64> =
                    bases.par_iter().map(|base| HoldOut::of(model, base).map_or(0.0, |hold_out| hold_out.log_likelihood)).collect();
                Some(of_shops.iter().sum())
            })
            .collect();
        let chosen = choose(choice, &fitted, &log_likelihoods);
        Pool { fitted, chosen }
    }
}

fn calibration(base: &Base) -> Option<&Cells> {
    base.held_out.as_ref().map(|held_out| &held_out.calibration)
}

fn hold_outs(fitted: &[Fitted], base: &Base) -> Vec<Option<HoldOut>> {
    fitted.iter().map(|fitted| fitted.calibrated().and_then(|model| HoldOut::of(model, base))).collect()
}

fn log_likelihoods(hold_outs: &[Option<HoldOut>]) -> Vec<Option<f64>> {
    hold_outs.iter().map(|hold_out| hold_out.as_ref().map(|hold_out| hold_out.log_likelihood)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::record_batch::RecordBatch;

    use super::super::customer::{customers, segment_value};
    use super::super::repurchase::lifecycle_limits::LifecycleLimits;
    use super::*;
    use crate::fold::customers::{CUSTOMERS, CustomerFold, Wants};
    use crate::fold::folds::Gathered;
    use crate::history::Context;
    use crate::spec::{Id, IdType};
    use crate::statistics::random::Random;
    use crate::table::testing::{Customer, batches, buyer, day, folded, night_of, paid, signed_shops};
    use crate::table::unit::AnyTable;

    /// Who first buys within 300 days of 2025, then at gamma distributed rates, and leaves after a purchase with a chance that is the
    /// smaller of two uniform ones.
    fn buyers(seed: u64, shop: u32, number: i64) -> Vec<Customer> {
        let mut random = Random::new(seed);
        let any_buyer = |id| {
            let mut time = 300.0 * random.unit();
            let (rate, leaving) = (random.gamma(1.5) / 40.0, random.unit().min(random.unit()) * 0.5);
            let mut orders = Vec::new();
            while time < 600.0 && (orders.is_empty() || random.unit() > leaving) {
                orders.push(paid(day("2025-01-01") + time as i32, 100 + (5_000.0 * random.gamma(2.0)) as i64));
                time -= (1.0 - random.unit()).ln() / rate;
            }
            buyer(shop, Id::Integer(IdType::key(id)), orders)
        };
        (0..number).map(any_buyer).collect()
    }

    fn two_shops() -> (Vec<Customer>, Context) {
        let mut buyers: Vec<Customer> = buyers(1, 1, 600);
        buyers.extend(self::buyers(2, 2, 50));
        let mut context = signed_shops(day("2025-01-01") + 600);
        context.ids.customer = IdType::of(&arrow::datatypes::DataType::Int64).unwrap();
        (buyers, Context { calibration_ends: vec![day("2025-01-01") + 480; 3], ..context })
    }

    fn folds(buyers: &[Customer], context: &Context) -> (CustomerFold, IntervalCounts) {
        let wants = Wants { calibration_ends: Some(context.calibration_ends.clone()), ..Wants::default() };
        (folded(CustomerFold::new(wants), buyers), folded(IntervalCounts::new(context), buyers))
    }

    #[test]
    fn every_customer_gets_what_the_used_model_says_of_the_own_history() {
        let (buyers, context) = two_shops();
        let (fold, intervals) = folds(&buyers, &context);
        let customers = ScoredCustomers::of(&Arc::new(context.clone()), fold, &LifecycleLimits::of_job(&context)).unwrap();
        let forecasts = Forecasts::of(&customers, Some(&intervals));
        assert_eq!(forecasts.shops.iter().map(|forecast| forecast.fitted_on).collect::<Vec<_>>(), [FittedOn::Shop, FittedOn::AllShops]);
        for forecast in &forecasts.shops {
            let model = forecast.model().unwrap().purchases();
            let mut sum = 0.0;
            for row in forecast.rows.clone() {
                let days = &buyers[row].days;
                let weeks = |days: i32| f64::from(days) / 7.0;
                let known = crate::model::cells::Customer {
                    repeats: days.len() as f64 - 1.0,
                    recency: weeks(days[days.len() - 1] - days[0]),
                    age: weeks(context.as_of - days[0]),
                };
                let found = forecasts.customer(&customers.columns, row).unwrap();
                let purchases = model.expected_purchases(&known, 90.0 / 7.0);
                assert_eq!((found.probability_alive, found.expected_purchases), (model.probability_alive(&known), purchases));
                let value = forecast.value.of_customer(&customers.columns, row).unwrap();
                assert_eq!(found.expected_value, Some((purchases * value * 100.0).round_ties_even() as i64));
                sum += purchases * value;
            }
            // The same by cells, in one span of as many days.
            let span = span::Span { month: 0, after: 0, until: 90 };
            let shop =
                existing_customers::expected(forecast, &customers.columns, &forecasts.cells, &[span], &season::Season::default()).unwrap();
            assert!((shop[0].revenue - sum).abs() < 1e-9 * sum, "{} {sum}", shop[0].revenue);
        }
        assert!(forecasts.shop(0).is_none(), "it has no customers");
    }

    #[test]
    fn threads_change_no_byte() {
        let (buyers, context) = two_shops();
        let tables: [&dyn AnyTable; 4] = [&models::TABLE, &calibration::TABLE, &segment_value::TABLE, &customers::TABLE];
        let on = |threads: usize| -> Vec<RecordBatch> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (fold, intervals) = folds(&buyers, &context);
                let mut night = night_of(&context, Gathered::default().and(&CUSTOMERS, fold).and(&INTERVAL_COUNTS, intervals));
                night.request.forecast = context.params.forecast;
                tables.into_iter().flat_map(|table| batches(table, &night).unwrap()).collect()
            })
        };
        let one = on(1);
        assert!(one.len() == tables.len() && one.iter().all(|batch| batch.num_rows() > 0));
        assert_eq!(one, on(3));
    }
}
