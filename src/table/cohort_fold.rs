//! The fold over cohorts (同期群): what customers of one first period do in the periods since.

use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::history::tally::Line;
use crate::history::{Context, Dictionary, Fold, History, Order, Tally};
use crate::spec::{Day, Grain, NONE};

/// The dimensions in the order of their names, which is the order of the rows; `all` comes first.
const DIMENSIONS: [&str; 4] = ["all", "first_category", "first_channel", "province"];

/// The grains in the order of their names.
const GRAINS: [Grain; 5] = [Grain::Day, Grain::Month, Grain::Quarter, Grain::Week, Grain::Year];

/// Days whose periods are looked up rather than computed, at most.
const CALENDAR_DAYS: i32 = 40_000;

/// Counts by (shop, dimension, value, grain, cohort) and period since the cohort's own.
#[derive(Debug)]
pub struct CohortFold {
    dimensions: Vec<Dimension>,
    calendars: Vec<Calendar>,
    cells: Tally<5, 4>,
    steps: Vec<Step>,
}

/// A dimension of the table: its values in the order of their texts.
#[derive(Debug)]
struct Dimension {
    /// Place in [`DIMENSIONS`].
    number: usize,
    /// The place of each code's text among `names`.
    place_of_code: Vec<i32>,
    /// Texts, ascending.
    names: Vec<String>,
}

/// The periods of one grain.
#[derive(Debug)]
struct Calendar {
    /// Place in [`GRAINS`].
    number: usize,
    grain: Grain,
    first_day: Day,
    /// The period of each day from `first_day` on; other days are computed.
    periods: Vec<i32>,
}

/// What one customer did in one period.
#[derive(Debug, Clone, Copy)]
struct Step {
    period: i32,
    orders: i64,
    net_revenue: i64,
}

/// One cohort of one dimension value.
#[derive(Debug)]
pub struct Cohort<'a> {
    /// Shop code.
    pub shop: u32,
    /// Name of the dimension.
    pub dimension: &'static str,
    /// The value of it that the customers have.
    pub value: &'a str,
    /// Length of the periods.
    pub grain: Grain,
    /// Number of the cohort's own period (see [`Grain::index`]).
    pub number: i32,
    cells: &'a Line<5, 4>,
}

/// What a cohort did in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Customers with a purchase day in the period.
    pub active: i64,
    /// Purchases paid in the period.
    pub orders: i64,
    /// Their net revenue, in minor units.
    pub net_revenue: i64,
    /// Customers whose last purchase day lies in the period.
    pub last_seen: i64,
}

impl Cohort<'_> {
    /// The cell of the `period`-th period since the cohort's own.
    pub fn cell(&self, period: i32) -> Cell {
        let [active, orders, net_revenue, last_seen] = self.cells.at(period);
        Cell { active, orders, net_revenue, last_seen }
    }
}

impl CohortFold {
    /// A fold for the grains and dimensions of the job. A dimension whose column the orders input does not have is left out.
    pub fn new(context: &Context) -> Self {
        let listed = |name: &str| context.cohort_dimensions.iter().any(|dimension| dimension == name);
        let features = &context.features;
        let sources = [
            None,
            Some((features.category, &context.categories)),
            Some((features.channel, &context.channels)),
            Some((features.province, &context.provinces)),
        ];
        let dimensions = DIMENSIONS.iter().zip(sources).enumerate().filter_map(|(number, (name, source))| match source {
            None => Some(Dimension { number, place_of_code: Vec::new(), names: vec![DIMENSIONS[0].to_owned()] }),
            Some((mapped, values)) => (mapped && listed(name)).then(|| Dimension::new(number, values)),
        });
        let calendars = GRAINS.iter().enumerate().filter(|(_, grain)| context.cohort_grains.contains(grain));
        CohortFold {
            dimensions: dimensions.collect(),
            calendars: calendars.map(|(number, grain)| Calendar::new(number, *grain, context)).collect(),
            cells: Tally::default(),
            steps: Vec::new(),
        }
    }

    /// The cohorts with customers, in the order of the table's rows.
    pub fn cohorts(&self) -> impl Iterator<Item = Cohort<'_>> {
        self.cells.sorted().into_iter().filter_map(|line| {
            let [shop, dimension, value, grain, number] = line.key;
            let dimension = self.dimensions.iter().find(|known| known.number as i32 == dimension)?;
            Some(Cohort {
                shop: shop as u32,
                dimension: DIMENSIONS[dimension.number],
                value: dimension.names.get(value as usize)?,
                grain: *GRAINS.get(grain as usize)?,
                number,
                cells: line,
            })
        })
    }
}

impl Dimension {
    fn new(number: usize, dictionary: &Dictionary) -> Self {
        let mut names: Vec<String> = (1..dictionary.codes() as u32).filter_map(|code| dictionary.value(code)).map(str::to_owned).collect();
        let missing = names.partition_point(|name| name.as_str() < NONE);
        // A shop may itself write "(none)": that is the same value then, not a second row with the same key.
        let written = names.get(missing).is_some_and(|name| name == NONE);
        let places = (0..names.len()).map(|place| if place >= missing && !written { place + 1 } else { place });
        let place_of_code = std::iter::once(missing).chain(places).map(|place| place as i32).collect();
        if !written {
            names.insert(missing, NONE.to_owned());
        }
        Dimension { number, place_of_code, names }
    }

    /// The place of the customer's value among the names.
    fn place(&self, first: &Order, last: &Order) -> i32 {
        let code = match self.number {
            1 => first.category,
            2 => first.channel,
            3 => last.province,
            _ => return 0,
        };
        self.place_of_code.get(code as usize).copied().unwrap_or(0)
    }
}

impl Calendar {
    fn new(number: usize, grain: Grain, context: &Context) -> Self {
        let first_day = context.first_day.min(context.as_of);
        let last_day = context.as_of.min(first_day.saturating_add(CALENDAR_DAYS));
        Calendar { number, grain, first_day, periods: (first_day..=last_day).map(|day| grain.index(day)).collect() }
    }

    fn index(&self, day: Day) -> i32 {
        let place = i64::from(day) - i64::from(self.first_day);
        match usize::try_from(place).ok().and_then(|place| self.periods.get(place)) {
            Some(period) => *period,
            None => self.grain.index(day),
        }
    }
}

impl Fold for CohortFold {
    fn customer(&mut self, history: &History<'_>) {
        let mut purchases = history.purchases();
        let Some(first) = purchases.next() else { return };
        let last = purchases.last().unwrap_or(first);
        for calendar in &self.calendars {
            let cohort = calendar.index(first.paid_day);
            self.steps.clear();
            for order in history.purchases() {
                let period = calendar.index(order.paid_day) - cohort;
                match self.steps.last_mut() {
                    Some(step) if step.period == period => {
                        step.orders += 1;
                        step.net_revenue += order.net_revenue();
                    }
                    _ => self.steps.push(Step { period, orders: 1, net_revenue: order.net_revenue() }),
                }
            }
            for dimension in &self.dimensions {
                let value = dimension.place(first, last);
                let key = [history.shop as i32, dimension.number as i32, value, calendar.number as i32, cohort];
                for (number, step) in self.steps.iter().enumerate() {
                    let cell = self.cells.cell(key, step.period);
                    cell[0] += 1;
                    cell[1] += step.orders;
                    cell[2] += step.net_revenue;
                    cell[3] += i64::from(number + 1 == self.steps.len());
                }
            }
        }
    }

    fn partial(&mut self) -> Result<Vec<RecordBatch>> {
        Ok(vec![self.cells.partial()?])
    }

    fn absorb(&mut self, partial: &[RecordBatch]) -> Result<()> {
        match partial {
            [cells] => self.cells.absorb(cells),
            other => Err(Error::defect(format!("a partial result of cohorts is 1 batch, not {}", other.len()))),
        }
    }
}

/// Small histories for the tests of folds over customers.
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod cases {
    use super::*;
    use crate::history::context::ShopIds;
    use crate::history::{Features, Rfm};
    use crate::spec::period::parse_day;
    use crate::spec::{DAY_MICROSECONDS, Id, IdType, IdTypes, NO_DAY};
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};

    pub fn day(text: &str) -> Day {
        parse_day(text).unwrap()
    }

    /// Shops 10, 20 and 30; channels `activity` (1) and `natural` (2); provinces 广东 (1) and 浙江 (2).
    pub fn context(first_day: Day, as_of: Day) -> Context {
        let texts = |texts: &[&str]| Dictionary::new(texts.iter().map(|text| (*text).to_owned()).collect());
        Context {
            as_of,
            first_day,
            shops: ShopIds::Integer([10, 20, 30].map(IdType::key).to_vec()),
            ids: IdTypes { shop: IdType::of(&DataType::Int64).unwrap(), customer: IdType::of(&DataType::Int64).unwrap() },
            channels: texts(&["activity", "natural"]),
            provinces: texts(&["广东", "浙江"]),
            categories: texts(&[]),
            features: Features { customers: true, channel: true, province: true, ..Features::default() },
            cohort_grains: vec![Grain::Month],
            cohort_dimensions: Vec::new(),
            history_warmup: 90,
            lifecycle: [30, 90, 180],
            lifecycle_candidates: Vec::new(),
            rfm: Rfm::Quantile,
            max_nth: 10,
            min_peers: 5,
        }
    }

    /// An order placed and paid at noon of the day, amounts in minor units.
    pub fn paid(day: Day, amount: i64, refunded: i64, channel: u32) -> Order {
        let noon = i64::from(day) * DAY_MICROSECONDS + DAY_MICROSECONDS / 2;
        Order {
            rank: 0,
            created: noon,
            paid: noon,
            created_day: day,
            paid_day: day,
            shipping_seconds: -1,
            completed_day: NO_DAY,
            placed_amount: amount,
            paid_amount: amount,
            refunded,
            quantity: 1,
            channel,
            province: channel,
            category: 0,
        }
    }

    /// The orders of one customer.
    #[derive(Debug, Clone)]
    pub struct Customer {
        pub shop: u32,
        pub orders: Vec<Order>,
        pub days: Vec<Day>,
    }

    pub fn customer(shop: u32, mut orders: Vec<Order>) -> Customer {
        orders.sort_by_key(|order| order.paid);
        let mut days: Vec<Day> = orders.iter().filter(|order| order.is_purchase()).map(|order| order.paid_day).collect();
        days.dedup();
        Customer { shop, orders, days }
    }

    /// A customer with a purchase of 1.00 on each of the days.
    pub fn bought_on(shop: u32, days: &[Day]) -> Customer {
        customer(shop, days.iter().map(|day| paid(*day, 100, 0, 2)).collect())
    }

    pub fn folded<F: Fold>(mut fold: F, customers: &[Customer]) -> F {
        for (number, customer) in customers.iter().enumerate() {
            fold.customer(&History {
                shop: customer.shop,
                customer: Id::Integer(number as u64),
                orders: &customer.orders,
                paid: customer.orders.len(),
                purchase_days: &customer.days,
            });
        }
        fold
    }

    /// The same by parts, merged from the last to the first: the customer at place i goes to part `parts[i]`.
    pub fn folded_in_parts<F: Fold>(make: impl Fn() -> F, customers: &[Customer], parts: &[usize]) -> F {
        let mut merged = make();
        for part in (0..4).rev() {
            let own: Vec<Customer> =
                customers.iter().zip(parts).filter(|(_, of)| **of == part).map(|(customer, _)| customer.clone()).collect();
            merged.absorb(&folded(make(), &own).partial().unwrap()).unwrap();
        }
        merged
    }

    pub fn integers(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
        let column = batch.column_by_name(name).unwrap();
        match column.data_type() {
            DataType::Decimal128(_, _) => {
                column.as_primitive::<Decimal128Type>().iter().map(|value| value.map(|value| value as i64)).collect()
            }
            DataType::Date32 => column.as_primitive::<Date32Type>().iter().map(|value| value.map(i64::from)).collect(),
            DataType::Boolean => column.as_boolean().iter().map(|value| value.map(i64::from)).collect(),
            _ => column.as_primitive::<Int64Type>().iter().collect(),
        }
    }

    /// The same of columns that are never null.
    pub fn known(batch: &RecordBatch, name: &str) -> Vec<i64> {
        integers(batch, name).into_iter().map(|value| value.unwrap()).collect()
    }

    pub fn numbers(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
        batch.column_by_name(name).unwrap().as_primitive::<Float64Type>().iter().collect()
    }

    pub fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
        batch.column_by_name(name).unwrap().as_string::<i32>().iter().map(|value| value.map(str::to_owned)).collect()
    }

    #[track_caller]
    pub fn assert_close(found: &[Option<f64>], expected: &[Option<f64>]) {
        let close = |(found, expected): (&Option<f64>, &Option<f64>)| match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
            (found, expected) => found == expected,
        };
        assert!(found.len() == expected.len() && found.iter().zip(expected).all(close), "{found:?} where {expected:?} was worked out");
    }
}
