//! New customers: who will buy for the first time in the months to come, and what they will bring, including their early repurchases
//! in the same months.

use super::season::Season;
use super::selection::base::DAYS_PER_PERIOD;
use super::shop::ShopForecast;
use super::span::Span;
use crate::fold::customer::columns::CustomerColumns;
use crate::metric::damped_trend::DampedTrend;
use crate::metric::ratio::{in_units_of, ratio_of};
use crate::spec::{Day, Grain};

/// The expectation for new customers in a span of days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NewCustomers {
    /// Customers who will buy for the first time.
    pub customers: f64,
    /// Revenue of their first purchase days, in units of the currency.
    pub first_revenue: f64,
    /// Revenue of repeat purchase days of these, and of customers who first buy between the as-of date and the span.
    pub repeat_revenue: f64,
    /// The variance of both.
    pub variance: f64,
    /// The mean revenue of one more of them within the span.
    pub value_of_one: f64,
}

/// The mean revenue of a new customer's purchase days.
#[derive(Debug, Clone, Copy)]
struct CustomerValue {
    /// Mean of the first purchase day.
    first: f64,
    /// Mean of its square.
    first_square: f64,
    /// Mean of a repeat purchase day.
    repeat: f64,
}

/// Days up to the as-of date over whose new customers the value of a first purchase day is averaged.
const VALUE_DAYS: Day = 180;

/// With fewer new customers in these days, the mean is taken over all customers of the shop.
const LEAST_CUSTOMERS: f64 = 30.0;

/// Returns what is expected of new customers in each span, ascending from the as-of date, and whether the trend has a season. `None` where
/// too few whole months are known, or no model of purchases or of values can be used. `known_from` is the first day of which the shop's
/// purchases are known.
pub fn expected(
    forecast: &ShopForecast,
    columns: &CustomerColumns,
    as_of: Day,
    known_from: Day,
    spans: &[Span],
    season: &Season,
) -> Option<(Vec<NewCustomers>, bool)> {
    let trend = DampedTrend::of(&by_month(forecast, columns, as_of, known_from))?;
    let last_whole = last_whole_month(as_of);
    let customer_value = customer_value(forecast, columns, as_of)?;
    let days = spans.last()?.until;
    // By days since the first purchase: the repeat purchase days expected since then.
    let model = forecast.model()?.purchases();
    let repeats: Vec<f64> = (0..=days).map(|day| model.expected_purchases_of_new(f64::from(day) / DAYS_PER_PERIOD)).collect();
    let upto = |days: i32| usize::try_from(days).ok().and_then(|days| repeats.get(days)).copied().unwrap_or(0.0);
    let arrivals: Vec<(f64, f64)> = spans
        .iter()
        .enumerate()
        .map(|(place, span)| {
            let expected = trend.expected(span.month.abs_diff(last_whole));
            let customers = expected.number * season.part_of_month(place, span);
            (customers, expected.spread)
        })
        .collect();
    let new_customers = spans.iter().zip(&arrivals).map(|(span, (customers, spread))| {
        // Customers who first buy on a day of an earlier span, or of this one, buy again in this one.
        let again = |of: &Span| -> f64 {
            let by_day = |day: i32| upto(span.until - day) - upto(span.after - day);
            in_units_of(f64::from(of.days()), (of.after + 1..=of.until).map(by_day).sum())
        };
        let came = spans.iter().zip(&arrivals).take_while(|(of, _)| of.after <= span.after);
        let repeat_purchases: f64 = came.map(|(of, (customers, _))| customers * again(of)).sum();
        let (first_revenue, repeat_revenue) = (customers * customer_value.first, repeat_purchases * customer_value.repeat);
        // Their number varies with the spread of the trend and by chance, and so does what each of them brings.
        let variance = ((first_revenue + repeat_revenue) * spread).powi(2) + customers * customer_value.first_square;
        let value_of_one = customer_value.first + again(span) * customer_value.repeat;
        NewCustomers { customers: *customers, first_revenue, repeat_revenue, variance, value_of_one }
    });
    Some((new_customers.collect(), trend.has_season()))
}

/// New customers of each whole month of the shop, oldest first.
fn by_month(forecast: &ShopForecast, columns: &CustomerColumns, as_of: Day, known_from: Day) -> Vec<f64> {
    let month = |day: Day| Grain::Month.index(day);
    // The first month that does not begin before.
    let first = month(known_from - 1) + 1;
    let mut counts = vec![0.0; usize::try_from(last_whole_month(as_of) + 1 - first).unwrap_or(0)];
    for row in forecast.rows.clone() {
        let place = usize::try_from(month(columns.first_day[row]) - first).ok();
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1.0;
        }
    }
    counts
}

/// The last month that ends by the as-of date.
fn last_whole_month(as_of: Day) -> i32 {
    Grain::Month.index(as_of + 1) - 1
}

fn customer_value(forecast: &ShopForecast, columns: &CustomerColumns, as_of: Day) -> Option<CustomerValue> {
    let mean = |from: Day| {
        let first_days = forecast.rows.clone().filter(|row| columns.first_day[*row] > from).map(|row| columns.first_day_revenue[row]);
        first_days
            .map(|minor| in_units_of(100.0, minor as f64))
            .fold((0.0, 0.0, 0.0), |(count, sum, squares), value| (count + 1.0, sum + value, squares + value * value))
    };
    let recent = mean(as_of - VALUE_DAYS);
    let (count, sum, squares) = if recent.0 >= LEAST_CUSTOMERS { recent } else { mean(Day::MIN) };
    let repeat = forecast.value.mean()?;
    Some(CustomerValue { first: ratio_of(sum, count)?, first_square: ratio_of(squares, count)?, repeat })
}
