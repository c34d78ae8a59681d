//! Cohort fold (同期群): purchases of customers by their first period, in that period and the following ones.

use arrow::record_batch::RecordBatch;

use super::codes::CodeOf;
use super::layout::{Key, Layout, Rows};
use super::spec::{FoldSpec, Pace};
use super::tally;
use super::tally::{Line, Tally, add_count, add_sum};
use crate::error::{Error, Result};
use crate::history::{Context, Dictionary, Fold, History, Order};
use crate::spec::{Day, Grain, NONE};

/// The dimensions in the order of their names, which is the order of the rows; `all` comes first.
const DIMENSIONS: [&str; 4] = ["all", "first_category", "first_channel", "province"];

/// The grains in the order of their names.
const GRAINS: [Grain; 5] = [Grain::Day, Grain::Month, Grain::Quarter, Grain::Week, Grain::Year];

/// The most days in the tables of periods; those of other days are computed.
const CALENDAR_DAYS: i32 = 40_000;

/// Purchases of customers by their first period, in that period and the following ones.
pub static COHORTS: FoldSpec<CohortFold> =
    FoldSpec { name: "cohorts", version: 2, pace: Pace::ByShop, new: |context, _| CohortFold::new(context) };

/// Counts by (shop, dimension, value, grain, cohort) and period since the cohort's own.
#[derive(Debug)]
pub struct CohortFold {
    dimensions: Vec<Dimension>,
    calendars: Vec<Calendar>,
    /// For each calendar and each dimension: by (shop, value) and index of the cohort, a line of periods.
    tallies: Vec<Tally<2, Line<Counters>>>,
}

/// A dimension of the table: its values in the order of their texts.
#[derive(Debug)]
struct Dimension {
    /// Index in [`DIMENSIONS`].
    number: usize,
    /// By code: the index of its text in `names`.
    place_of_code: Vec<i32>,
    /// Texts, ascending.
    names: Vec<String>,
}

/// The periods of one grain.
#[derive(Debug)]
struct Calendar {
    /// Index in [`GRAINS`].
    number: usize,
    grain: Grain,
    first_day: Day,
    /// The period of each day from `first_day` on; other days are computed.
    periods: Vec<i32>,
}

/// The counters of a cohort in one period; see [`Cell`]. Two of them fill a cache line.
#[derive(Debug, Clone, Default)]
#[repr(align(32))]
struct Counters {
    net_revenue: i64,
    active: u32,
    orders: u32,
    last_seen: u32,
    repurchased: u32,
}

impl tally::Cell<5> for Counters {
    fn counters(&self) -> [i64; 5] {
        [self.active.into(), self.orders.into(), self.net_revenue, self.last_seen.into(), self.repurchased.into()]
    }

    fn add(&mut self, &[active, orders, net_revenue, last_seen, repurchased]: &[i64; 5]) -> Option<()> {
        add_count(&mut self.active, active)?;
        add_count(&mut self.orders, orders)?;
        add_sum(&mut self.net_revenue, net_revenue)?;
        add_count(&mut self.last_seen, last_seen)?;
        add_count(&mut self.repurchased, repurchased)
    }
}

/// One cohort of one dimension value.
#[derive(Debug)]
pub struct Cohort<'a> {
    /// Shop code.
    pub shop: u32,
    /// Name of the dimension.
    pub dimension: &'static str,
    /// The customers' value of the dimension.
    pub value: &'a str,
    /// Length of the periods.
    pub grain: Grain,
    /// Index of the cohort's own period (see [`Grain::index`]).
    pub number: i32,
    periods: &'a Line<Counters>,
}

/// The purchases of a cohort in one period.
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
    /// Customers whose second purchase day lies in the period.
    pub repurchased: i64,
}

impl Cohort<'_> {
    /// The cell of the `period`-th period since the cohort's own.
    pub fn cell(&self, period: i32) -> Cell {
        let Counters { net_revenue, active, orders, last_seen, repurchased } = self.periods.at(period);
        Cell { active: active.into(), orders: orders.into(), net_revenue, last_seen: last_seen.into(), repurchased: repurchased.into() }
    }
}

impl CohortFold {
    /// An empty fold for the grains and dimensions of the job. Leaves out dimensions whose column the orders input does not have.
    pub fn new(context: &Context) -> Self {
        let listed = |name: &str| context.params.cohort.dimensions.iter().any(|dimension| dimension == name);
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
        let dimensions: Vec<Dimension> = dimensions.collect();
        let calendars = GRAINS.iter().enumerate().filter(|(_, grain)| context.params.cohort.grains.contains(grain));
        let calendars: Vec<Calendar> = calendars.map(|(number, grain)| Calendar::new(number, *grain, context)).collect();
        CohortFold { tallies: vec![Tally::default(); calendars.len() * dimensions.len()], dimensions, calendars }
    }

    /// The cohorts with customers, in the order of the table's rows.
    pub fn cohorts(&self) -> impl Iterator<Item = Cohort<'_>> {
        self.lines().into_iter().filter_map(|([shop, dimension, value, grain, number], periods)| {
            let dimension = self.dimensions.iter().find(|known| known.number as i32 == dimension)?;
            Some(Cohort {
                shop: shop as u32,
                dimension: DIMENSIONS[dimension.number],
                value: dimension.names.get(value as usize)?,
                grain: *GRAINS.get(grain as usize)?,
                number,
                periods,
            })
        })
    }

    /// All cohorts by (shop, dimension, value, grain, number).
    fn lines(&self) -> Vec<([i32; 5], &Line<Counters>)> {
        let mut lines = Vec::new();
        let pairs = self.calendars.iter().flat_map(|calendar| self.dimensions.iter().map(move |dimension| (calendar, dimension)));
        for ((calendar, dimension), tally) in pairs.zip(&self.tallies) {
            for (&[shop, value], cohorts) in tally.sorted() {
                let key = |cohort| [shop, dimension.number as i32, value, calendar.number as i32, cohort];
                lines.extend(cohorts.cells().filter(|(_, periods)| !periods.is_empty()).map(|(cohort, periods)| (key(cohort), periods)));
            }
        }
        lines.sort_unstable_by_key(|(key, _)| *key);
        lines
    }
}

impl Dimension {
    fn new(number: usize, dictionary: &Dictionary) -> Self {
        let codes = dictionary.codes().max(1);
        let text = |code: usize| dictionary.value(code as u32).unwrap_or(NONE);
        // Codes of numbers ascend as numbers, texts of numbers do not: 10 comes before 2.
        let mut by_text: Vec<usize> = (0..codes).collect();
        by_text.sort_by_key(|code| text(*code));
        let (mut names, mut place_of_code) = (Vec::<String>::new(), vec![0; codes]);
        for code in by_text {
            // The data may have the text "(none)": it is the same value as none, not a second row with the same key.
            if names.last().is_none_or(|last| last != text(code)) {
                names.push(text(code).to_owned());
            }
            place_of_code[code] = names.len() as i32 - 1;
        }
        Dimension { number, place_of_code, names }
    }

    /// The columns of the state of this dimension.
    fn layout(&self) -> Layout<4, 5> {
        let value = match self.number {
            1 => Key::Code(CodeOf::Category),
            2 => Key::Code(CodeOf::Channel),
            3 => Key::Code(CodeOf::Province),
            _ => Key::Number("all"),
        };
        Layout {
            keys: [Key::Code(CodeOf::Shop), value, Key::Number("grain"), Key::Number("cohort")],
            position: "period",
            counters: ["active", "orders", "net_revenue", "last_seen", "repurchased"],
        }
    }

    /// The first code with the value at an index of `names`.
    fn code_at(&self, place: i32) -> i32 {
        self.place_of_code.iter().position(|other| *other == place).unwrap_or(0) as i32
    }

    /// The index of the customer's value in `names`.
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
    fn update(&mut self, history: &History<'_>) {
        let mut purchases = history.purchases();
        let Some(first) = purchases.next() else { return };
        let last = purchases.last().unwrap_or(first);
        let CohortFold { dimensions, calendars, tallies } = self;
        let mut tallies = tallies.iter_mut();
        for calendar in calendars {
            let cohort = calendar.index(first.paid_day);
            for (dimension, tally) in dimensions.iter().zip(&mut tallies) {
                let value = dimension.place(first, last);
                count(tally.line_mut([history.shop as i32, value]).cell(cohort), cohort, calendar, history);
            }
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        for (place, dimension) in self.dimensions.iter().enumerate() {
            let layout = dimension.layout();
            let mut rows = Rows::new(&layout);
            for (calendar, tallies) in self.calendars.iter().zip(self.tallies.chunks(self.dimensions.len())) {
                for (&[shop, value], cohorts) in tallies.get(place).into_iter().flat_map(Tally::sorted) {
                    let key = |cohort| [shop, dimension.code_at(value), calendar.number as i32, cohort];
                    for (cohort, periods) in cohorts.cells() {
                        periods.counted().for_each(|(period, counters)| rows.push(key(cohort), period, counters));
                    }
                }
            }
            batches.push(rows.into_batch()?);
        }
        self.tallies.fill(Tally::default());
        Ok(batches)
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        let CohortFold { dimensions, calendars, tallies } = self;
        for batch in state {
            let own = dimensions.iter().enumerate().find(|(_, dimension)| dimension.layout().fits(batch));
            let Some((place, dimension)) = own else {
                return Err(Error::bug(format!("a state of cohorts of no dimension of this run: {}", batch.schema())));
            };
            dimension.layout().rows(batch, |[shop, code, grain, cohort], period, counters| {
                let calendar = calendars.iter().position(|known| known.number as i32 == grain)?;
                let tally = tallies.get_mut(calendar * dimensions.len() + place)?;
                let value = *dimension.place_of_code.get(usize::try_from(code).ok()?).unwrap_or(&0);
                tally::Cell::add(tally.line_mut([shop, value]).cell(cohort).cell(period), counters)
            })?;
        }
        Ok(())
    }
}

/// Counts the purchases of a customer, which are in order, in the periods from the cohort's own on.
fn count(periods: &mut Line<Counters>, cohort: i32, calendar: &Calendar, history: &History<'_>) {
    let mut known = None;
    for order in history.purchases() {
        let period = calendar.index(order.paid_day) - cohort;
        let counters = periods.cell(period);
        counters.active += u32::from(known != Some(period));
        counters.orders += 1;
        counters.net_revenue += order.net_revenue();
        known = Some(period);
    }
    for returned in history.returns {
        periods.cell(calendar.index(returned.day) - cohort).net_revenue -= returned.amount;
    }
    if let Some(period) = known {
        periods.cell(period).last_seen += 1;
    }
    if let Some(second) = history.purchase_days.get(1) {
        periods.cell(calendar.index(*second) - cohort).repurchased += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::intervals::IntervalFold;
    use crate::table::repurchase::cohort_retention::tests::table;
    use crate::table::testing::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_state_of_another_fold_is_refused() {
        let context = integer_shops(0, 0);
        let foreign = IntervalFold::new(&context).state().unwrap();
        assert!(CohortFold::new(&context).merge(&foreign).is_err());
    }

    /// Customers of three shops with up to six orders in 500 days, some refunded, and the part that each goes to.
    fn customers() -> impl Strategy<Value = Vec<(Customer, usize)>> {
        let order = (0_i32..500, 0_i64..5_000, 0_i64..3, 0_u32..3)
            .prop_map(|(day, amount, refund, channel)| paid(20_000 + day, amount).refunding(amount * refund / 2).coded(channel, channel));
        let one =
            (0_u32..3, prop::collection::vec(order, 1..7), 0_usize..4).prop_map(|(shop, orders, part)| (customer(shop, orders), part));
        prop::collection::vec(one, 0..40)
    }

    proptest! {
        // Cohorts by day make large tables: few cases show as much as many.
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_law_of_cohorts(customers in customers()) {
            let (customers, parts): (Vec<Customer>, Vec<usize>) = customers.into_iter().unzip();
            let mut context = integer_shops(20_000, 20_510);
            context.params.cohort.grains = vec![Grain::Week, Grain::Month, Grain::Quarter, Grain::Day];
            context.params.cohort.dimensions = vec!["first_channel".to_owned(), "province".to_owned()];
            let rows = table(&context, folded(CohortFold::new(&context), &customers));

            // Any split merges to the same table.
            prop_assert_eq!(&table(&context, folded_in_parts(|| CohortFold::new(&context), &customers, &parts)), &rows);

            let names = ["cohort_size", "active_customers", "rolling_active_customers", "orders", "net_revenue", "cumulative_net_revenue", "repurchased_customers"];
            let columns = names.map(|name| known(&rows, name));
            let (shops, cohorts, periods) = (known(&rows, "shop_id"), known(&rows, "cohort"), known(&rows, "period"));
            let (dimensions, grains) = (texts(&rows, "dimension"), texts(&rows, "grain"));
            let mut sums: BTreeMap<_, [i64; 7]> = BTreeMap::new();
            for row in 0..rows.num_rows() {
                let key = (shops[row], grains[row].clone(), cohorts[row], periods[row], dimensions[row].clone());
                let sum = sums.entry(key).or_default();
                for (sum, column) in sum.iter_mut().zip(&columns) {
                    *sum += column[row];
                }
                let [size, active, rolling, _, _, _, repurchased] = columns.each_ref().map(|column| column[row]);
                prop_assert!(active <= rolling && rolling <= size && repurchased <= size);
                // Who buys in a later period has bought again.
                prop_assert!(periods[row] == 0 || (active <= repurchased && columns[6][row - 1] <= repurchased));
                if periods[row] == 0 {
                    prop_assert!(active == size && size > 0);
                } else {
                    prop_assert!(rolling <= columns[2][row - 1]);
                }
            }
            // The values of a dimension add up to `all`.
            for ((shop, grain, cohort, period, _), sum) in &sums {
                prop_assert_eq!(sum, &sums[&(*shop, grain.clone(), *cohort, *period, Some("all".to_owned()))]);
            }
            // All purchases lie in some cohort, with all their money; every customer in one.
            let orders = customers.iter().flat_map(|customer| &customer.orders);
            let bought: Vec<&Order> = orders.filter(|order| order.is_purchase()).collect();
            for grain in ["day", "week", "month", "quarter"] {
                let undivided = |row: &usize| grains[*row].as_deref() == Some(grain) && dimensions[*row].as_deref() == Some("all");
                let rows: Vec<usize> = (0..rows.num_rows()).filter(undivided).collect();
                let total = |column: usize| rows.iter().map(|row| columns[column][*row]).sum::<i64>();
                prop_assert_eq!(total(3), bought.len() as i64);
                prop_assert_eq!(total(4), bought.iter().map(|order| order.net_revenue()).sum::<i64>());
                let sizes: i64 = rows.iter().filter(|row| periods[**row] == 0).map(|row| columns[0][*row]).sum();
                prop_assert_eq!(sizes, customers.iter().filter(|customer| !customer.days.is_empty()).count() as i64);
                if grain == "day" {
                    prop_assert_eq!(total(1), customers.iter().map(|customer| customer.days.len() as i64).sum::<i64>());
                }
            }
        }
    }
}
