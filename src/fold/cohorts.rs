//! Cohort fold (同期群): purchases of customers by their first period, in that period and the following ones.

use arrow::record_batch::RecordBatch;

use super::cohort_tallies::{Calendar, CohortLine, CohortTallies, CounterNames};
use super::spec::{FoldSpec, Pace};
use super::tally::{self, Line, add_count, add_sum};
use crate::error::Result;
use crate::history::{Context, Fold, History};
/// Purchases of customers by their first period, in that period and the following ones.
pub static COHORTS: FoldSpec<CohortFold> =
    FoldSpec { name: "cohorts", version: 2, pace: Pace::ByShop, new: |context, _| CohortFold::new(context) };

/// Counts by (shop, dimension, value, grain, cohort) and period since the cohort's own.
#[derive(Debug)]
pub struct CohortFold {
    cohorts: CohortTallies<Counters, 5>,
}

/// The counters of a state.
const NAMES: CounterNames<5> =
    CounterNames { position: "period", counters: ["active", "orders", "net_revenue", "last_seen", "repurchased"] };

/// The counters of a cohort in one period; see [`Cell`]. Two of them fill a cache line.
#[derive(Debug, Clone, Default)]
#[repr(align(32))]
pub struct Counters {
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
pub type Cohort<'a> = CohortLine<'a, Counters>;

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

impl CohortLine<'_, Counters> {
    /// The cell of the `period`-th period since the cohort's own.
    pub fn cell(&self, period: i32) -> Cell {
        let Counters { net_revenue, active, orders, last_seen, repurchased } = self.cells.at(period);
        Cell { active: active.into(), orders: orders.into(), net_revenue, last_seen: last_seen.into(), repurchased: repurchased.into() }
    }
}

impl CohortFold {
    /// An empty fold for the grains and dimensions of the job.
    pub fn new(context: &Context) -> Self {
        CohortFold { cohorts: CohortTallies::new(context, NAMES) }
    }

    /// The cohorts with customers, in the order of the table's rows.
    pub fn cohorts(&self, context: &Context) -> impl Iterator<Item = Cohort<'_>> {
        self.cohorts.cohorts(context)
    }
}

impl Fold for CohortFold {
    fn update(&mut self, history: &History<'_>) {
        self.cohorts.of_customer(history, |periods, cohort, calendar| count(periods, cohort, calendar, history));
    }

    fn hand_over(&mut self, most: usize) -> Result<Vec<RecordBatch>> {
        self.cohorts.hand_over(most)
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.cohorts.state()
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        self.cohorts.merge(state)
    }

    fn absorb(&mut self, other: Self) -> Result<()> {
        self.cohorts.absorb(other.cohorts)
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
    use crate::history::Order;
    use crate::input::values::codes::OwnedId;
    use crate::spec::{Grain, IdType};
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

    #[test]
    fn items_are_handed_over_and_those_of_few_are_one_row() {
        let mut context = integer_shops("2026-01-01", "2026-03-31");
        context.params.cohort.dimensions = vec!["first_item".to_owned()];
        context.features.item = true;
        context.ids.item = IdType::text();
        context.item_ids = (1..=22).map(|number| OwnedId::Text(format!("i{number:02}").into())).collect();
        // Two customers began with each of the first 20 items, one with i21, who comes back in March, one with i22, and one with none.
        let bought = |date: &str, item| Order { item, ..paid(date, 10_000) };
        let of_two = (1..=20).flat_map(|item| [item, item]).map(|item| customer(0, vec![bought("2026-01-05", item)]));
        let others = [
            customer(0, vec![bought("2026-01-06", 21), bought("2026-03-01", 1)]),
            customer(0, vec![bought("2026-01-07", 22)]),
            customer(0, vec![bought("2026-01-08", 0)]),
        ];
        let customers: Vec<Customer> = of_two.chain(others).collect();
        let rows = table(&context, folded(CohortFold::new(&context), &customers));
        let found = |row: usize| (texts(&rows, "dimension_value")[row].clone().unwrap(), known(&rows, "cohort_size")[row]);
        // Three months of each cohort: that of all, and after it those of none, of the others and of 20 items.
        assert_eq!(rows.num_rows(), 3 * (1 + 1 + 1 + 20));
        assert_eq!(
            [0, 3, 6, 9, 66].map(found),
            [("all", 43), ("(none)", 1), ("(other)", 2), ("i01", 2), ("i20", 2)].map(|(value, size)| (value.to_owned(), size))
        );
        assert_eq!(known(&rows, "active_customers")[6..9], [2, 0, 1]);

        // A thread hands over what it has of more than 5 items.
        let (mut shared, mut own, mut handed) = (CohortFold::new(&context), CohortFold::new(&context), 0);
        for customer in &customers {
            own = folded(own, [customer]);
            let state = own.hand_over(5).unwrap();
            handed += usize::from(!state.is_empty());
            shared.merge(&state).unwrap();
        }
        shared.merge(&own.state().unwrap()).unwrap();
        // The first customers of i06, i11, i16 and i21 are of the sixth item since then.
        assert_eq!((handed, table(&context, shared)), (4, rows));
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
        fn the_law_of_cohorts(customers in customers(), week_starts in any_week_start()) {
            let (customers, parts): (Vec<Customer>, Vec<usize>) = customers.into_iter().unzip();
            let mut context = integer_shops(20_000, 20_510);
            context.params.cohort.grains = vec![Grain::Week(week_starts), Grain::Month, Grain::Quarter, Grain::Day];
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
