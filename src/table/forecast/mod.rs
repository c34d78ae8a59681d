//! Forecast: the expected purchases of the customers of each shop, by the model that predicts the hold-out best.
//!
//! `selection` fits and tests the models and chooses one, `value` adds the revenue, `columns` are the columns in tables of customers,
//! `doubts` what a run warns of. `models` (rows in `model_row`, columns in `model_columns`) and `calibration` are the tables about the
//! models themselves; `existing_customers`, `new_customers`, `season` (of `repeats`) and `months` forecast the shop.

pub mod calibration;
pub(super) mod columns;
pub mod doubts;
mod existing_customers;
mod model_columns;
mod model_row;
pub mod models;
pub mod months;
mod new_customers;
mod repeats;
mod season;
pub mod selection;
pub mod shop;
mod span;
pub mod value;

use rayon::prelude::*;

use self::selection::as_before::AsBefore;
use self::selection::base::{Base, DAYS_PER_PERIOD, PurchaseSummary};
use self::selection::choice::choose;
use self::selection::evidence::Evidence;
use self::selection::fitted::{Fitted, FittedModel};
use self::selection::hold_out::{HoldOut, hold_outs};
use self::selection::pool::{Pool, calibration, gains};
use self::shop::{FittedOn, ShopForecast};
use self::value::ValueFit;
use super::night::{Read, Shared};
use super::scores::{SCORED_CUSTOMERS, ScoredCustomers};
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::customers::CALIBRATION;
use crate::fold::interval_counts::{INTERVAL_COUNTS, IntervalCounts};
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
    /// The chance that the customer has not left for good; `None` where no model says it, but everybody goes on as before.
    pub probability_alive: Option<f64>,
    /// Purchase days expected within the horizon.
    pub expected_purchases: f64,
    /// Net revenue expected within the horizon, in minor units; `None` where the model of values cannot be used.
    pub expected_value: Option<i64>,
}

/// A shop: its number, its code with the rows of its customers, their histories, and the model of their values.
type ShopPart<'a> = (usize, ((&'a (u32, std::ops::Range<usize>), Base), ValueFit));

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

        let parts: Vec<ShopPart<'_>> = shops.iter().zip(bases).zip(values).enumerate().collect();
        let forecast = |(number, (((shop, rows), base), value)): ShopPart<'_>| {
            let pool = pool.as_ref().filter(|_| is_small(&base));
            let naive = base.naive();
            let fitted = match pool {
                Some(pool) => pool.fitted.clone(),
                None => Fitted::all(&choice.kinds(), &base.whole, calibration(&base)),
            };
            let mut hold_outs = match pool {
                Some(pool) => pool.hold_outs.get(number).cloned().unwrap_or_default(),
                None => hold_outs(&fitted, &base, naive.as_ref()),
            };
            let ranks_worse = |place: usize| hold_outs.get(place).and_then(Option::as_ref).is_some_and(HoldOut::ranks_worse);
            let (chosen, gains) = match pool {
                Some(pool) => (pool.chosen, pool.gains.clone()),
                None => {
                    let evidence = Evidence::of(&fitted, &hold_outs, &base);
                    let gain = |one: usize, other: usize| evidence.gain(one, other);
                    let chosen = choose(choice, &fitted, &gain, &ranks_worse);
                    (chosen, gains(chosen, fitted.len(), &gain))
                }
            };
            // Where a model was tried and ranks customers worse than "as often as before", none that was not tried takes its place.
            let is_doubted = (0..fitted.len()).any(ranks_worse);
            let was_tried = |place: usize| hold_outs.get(place).is_some_and(Option::is_some);
            let chosen = chosen.filter(|chosen| !ranks_worse(chosen.place) && (!is_doubted || was_tried(chosen.place)));
            let as_before = (chosen.is_none() && is_doubted).then(|| FittedModel::AsBefore(AsBefore::of(&base.whole)));
            hold_outs.iter_mut().flatten().for_each(|hold_out| hold_out.densities = Vec::new());
            let pooled_value = pooled_value.as_ref().filter(|_| is_poor(&value));
            let on = |is_pooled: bool| if is_pooled { FittedOn::AllShops } else { FittedOn::Shop };
            let mut forecast = ShopForecast {
                shop: *shop,
                rows: rows.clone(),
                fitted_on: on(pool.is_some()),
                fitted,
                hold_outs,
                naive: naive.map(|naive| naive.accuracy()),
                base,
                gains: if chosen.is_some() { gains } else { Vec::new() },
                chosen,
                as_before,
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
        let knows_leaving = forecast.model().is_some_and(FittedModel::knows_leaving);
        Some(CustomerForecast {
            probability_alive: Some(prediction.probability_alive).filter(|_| knows_leaving),
            expected_purchases: prediction.expected_purchases,
            expected_value: minor.filter(|minor| *minor < MOST_MONEY).map(|minor| minor as i64),
        })
    }
}

/// Ten billion in fen: only a degenerate fit expects more of a customer, and sums of more would overflow a column.
const MOST_MONEY: f64 = 1e12;

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
    use crate::table::testing::{Customer, batches, buyer, column, day, folded, night_of, numbers, paid, signed_shops, texts};
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
        let wants = Wants { firsts: true, calibration_ends: Some(context.calibration_ends.clone()), ..Wants::default() };
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
                assert_eq!((found.probability_alive, found.expected_purchases), (Some(model.probability_alive(&known)), purchases));
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

    /// Customers as the models have them until day 480. Then nobody buys but a third of the best of those who have been silent for a hundred
    /// days, as in a sale to which old customers are called: who takes these for lost ranks them last.
    fn called_back() -> (Vec<Customer>, Context) {
        let mut random = Random::new(1);
        let first_day = day("2025-01-01");
        let any_buyer = |number: i32| {
            let mut time = 300.0 * random.unit();
            let (rate, leaving) = (random.gamma(1.5) / 40.0, random.unit().min(random.unit()) * 0.5);
            let mut days: Vec<i32> = Vec::new();
            while time < 480.0 && (days.is_empty() || random.unit() > leaving) {
                days.push(time as i32);
                time -= (1.0 - random.unit()).ln() / rate;
            }
            days.dedup();
            if number % 3 == 0 && days.len() >= 4 && days.last().is_some_and(|last| 480 - last > 100) {
                days.push(485 + number % 100);
            }
            let value = |place: usize| 1_000 + 100 * i64::from((7 * number + 3 * place as i32) % 50);
            let orders = days.iter().enumerate().map(|(place, day)| paid(first_day + day, value(place))).collect();
            buyer(1, Id::Integer(IdType::key(i64::from(number))), orders)
        };
        let buyers = (0..900).map(any_buyer).collect();
        let mut context = signed_shops(first_day + 600);
        context.ids.customer = IdType::of(&arrow::datatypes::DataType::Int64).unwrap();
        (buyers, Context { calibration_ends: vec![first_day + 480; 3], ..context })
    }

    #[test]
    fn models_that_rank_customers_worse_than_as_often_as_before_give_way_to_it() {
        let (buyers, context) = called_back();
        let (fold, intervals) = folds(&buyers, &context);
        let mut night = night_of(&context, Gathered::default().and(&CUSTOMERS, fold).and(&INTERVAL_COUNTS, intervals));
        night.request.forecast = context.params.forecast;
        let forecasts = night.shared(&FORECASTS).unwrap();
        let shop = &forecasts.shops[0];
        assert!(shop.chosen.is_none() && shop.as_before.is_some());
        let tables: Vec<RecordBatch> = [&models::TABLE as &dyn AnyTable, &customers::TABLE, &segment_value::TABLE]
            .into_iter()
            .flat_map(|table| batches(table, &night).unwrap())
            .collect();
        let [models, customers, segments] = &tables[..] else { panic!("three tables") };
        let used: Vec<(String, String)> = column(models, "model")
            .into_iter()
            .zip(column(models, "is_used"))
            .zip(column(models, "chosen_by"))
            .filter_map(|((model, is_used), by)| (is_used == "true" && model != "gamma_gamma").then_some((model, by)))
            .collect();
        assert_eq!(used, [("naive".to_owned(), "worse_than_naive".to_owned())]);
        let statuses = texts(models, "status");
        let verdicts = texts(models, "verdict");
        assert!(statuses.iter().any(|status| status.as_deref() == Some("worse_than_naive")), "{statuses:?}");
        for (status, verdict) in statuses.iter().zip(&verdicts) {
            assert_eq!(status.as_deref() == Some("worse_than_naive"), verdict.as_deref() == Some("ranks_worse"));
        }
        // As often as before: x in T days are 90 / T times as many in 90, nothing of who came once; and nobody is said to be alive.
        assert!(numbers(customers, "p_alive").iter().all(Option::is_none));
        for (buyer, expected) in buyers.iter().zip(numbers(customers, "expected_purchases")) {
            let age = f64::from(context.as_of - buyer.days[0]);
            assert!((expected.unwrap() - (buyer.days.len() as f64 - 1.0) * 90.0 / age).abs() < 1e-12);
        }
        assert!(numbers(segments, "mean_p_alive").iter().all(Option::is_none));
        assert!(numbers(segments, "expected_purchases").iter().any(Option::is_some));
        let warnings = doubts::warnings(&context, &forecasts);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("worse_than_naive") && warnings[0].contains("as often as before"), "{warnings:?}");
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
