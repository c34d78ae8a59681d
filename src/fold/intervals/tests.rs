//! Intervals: any split of the customers merges to the same tables, and nothing is lost or counted twice.

use crate::job::Lifecycle;

use super::*;
use crate::fold::folds::Gathered;
use crate::history::Order;
use crate::input::values::codes::OwnedId;
use crate::statistics::kaplan_meier::Count;
use crate::table::repurchase::{interval_histogram, intervals, lifecycle_thresholds, survival};
use crate::table::testing::*;
use crate::table::unit::AnyTable;
use proptest::prelude::*;

/// All rows of the four tables that the fold feeds.
fn tables(context: &Context, fold: IntervalFold) -> Vec<RecordBatch> {
    let night = night_of(context, Gathered::default().and(&INTERVALS, fold));
    let tables: [&dyn AnyTable; 4] = [&survival::TABLE, &intervals::TABLE, &interval_histogram::TABLE, &lifecycle_thresholds::TABLE];
    tables.map(|table| of_night(table, &night)).to_vec()
}

fn customers() -> impl Strategy<Value = Vec<(Customer, usize)>> {
    let order = (0_i32..400, 0_u32..3).prop_map(|(day, code)| Order { item: code, ..paid(day, 100).coded(code, code) });
    // One more on the day of the first order, so that days and orders differ.
    let twice = |mut orders: Vec<Order>| {
        orders.extend(orders.first().copied());
        orders
    };
    let one = (0_u32..3, prop::collection::vec(order, 0..7).prop_map(twice), 0_usize..4);
    let one = one.prop_map(|(shop, orders, part)| (customer(shop, orders), part));
    prop::collection::vec(one, 0..60)
}

/// The stage of a customer, from the days themselves.
fn stage_of(customer: &Customer, as_of: Day, limits: StageLimits) -> Option<Stage> {
    let days = &customer.days;
    let last = *days.last()?;
    Some(Stage::of(limits, i64::from(as_of - last), days.len().checked_sub(2).map(|place| (last - days[place]) as u32)))
}

/// Two counts by shop, nth and days.
type Counted = BTreeMap<(u32, usize, i32), [i64; 2]>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_merges_to_the_same_tables(customers in customers(), max_nth in 1_u32..8) {
        let (customers, parts): (Vec<Customer>, Vec<usize>) = customers.into_iter().unzip();
        let mut context = integer_shops(0, 400);
        context.params.max_nth = max_nth;
        context.features.item = true;
        context.item_ids = vec![OwnedId::Integer(7), OwnedId::Integer(8)];
        context.params.cohort.dimensions = ["province", "first_channel", "first_item"].map(str::to_owned).to_vec();
        let whole = tables(&context, folded(IntervalFold::new(&context), &customers));
        prop_assert_eq!(whole, tables(&context, folded_in_parts(|| IntervalFold::new(&context), &customers, &parts)));
    }

    #[test]
    fn every_purchase_day_begins_one_interval(customers in customers(), max_nth in 1_u32..8) {
        let customers: Vec<Customer> = customers.into_iter().map(|(customer, _)| customer).collect();
        let mut context = integer_shops(0, 400);
        context.params.max_nth = max_nth;
        for shop in folded(IntervalFold::new(&context), &customers).shops() {
            let own: Vec<&Customer> = customers.iter().filter(|customer| customer.shop == shop.shop).collect();
            let sum = |counts: &[Count], of: fn(&Count) -> i64| counts.iter().map(of).sum::<i64>();
            for (nth, counts) in shop.by_nth.iter().enumerate().skip(1) {
                let reached = |nth| own.iter().filter(|customer| customer.days.len() >= nth).count() as i64;
                prop_assert_eq!(sum(counts, |count| count.events + count.censored), reached(nth));
                prop_assert_eq!(sum(counts, |count| count.events), reached(nth + 1));
            }
            let all = &shop.by_nth[0];
            prop_assert!(all.is_sorted_by(|one, next| one.days < next.days));
            let begun: i64 = own.iter().map(|customer| customer.days.len() as i64).sum();
            prop_assert_eq!(sum(all, |count| count.events + count.censored), begun);
            // Closed and open intervals of a customer together span the time since the first purchase.
            let span: i64 = own.iter().filter_map(|customer| customer.days.first()).map(|first| i64::from(400 - first)).sum();
            prop_assert_eq!(sum(all, |count| i64::from(count.days) * (count.events + count.censored)), span);
        }
    }

    #[test]
    fn values_of_a_dimension_add_up_to_all(customers in customers(), max_nth in 1_u32..5) {
        let customers: Vec<Customer> = customers.into_iter().map(|(customer, _)| customer).collect();
        let mut context = integer_shops(0, 400);
        context.params.max_nth = max_nth;
        context.params.cohort.dimensions = vec!["province".to_owned(), "first_channel".to_owned()];
        // By dimension: the intervals by (shop, nth, days), the customers by (shop, nth, −1).
        let mut sums: BTreeMap<&str, Counted> = BTreeMap::new();
        for group in folded(IntervalFold::new(&context), &customers).groups(&context) {
            let lengths = group.by_nth.iter().enumerate().flat_map(|(nth, counts)| {
                counts.iter().map(move |count| ((group.shop, nth, count.days), [count.events, count.censored]))
            });
            let orders = group.by_order.iter().enumerate().map(|(nth, counts)| ((group.shop, nth, -1), [counts.reached, counts.repurchased]));
            for (key, [one, other]) in lengths.chain(orders) {
                let sum = sums.entry(group.dimension).or_default().entry(key).or_default();
                *sum = [sum[0] + one, sum[1] + other];
            }
        }
        prop_assert!(sums.is_empty() || sums.len() == 3);
        let all = sums.get("all").cloned().unwrap_or_default();
        sums.values().try_for_each(|sum| { prop_assert_eq!(sum, &all); Ok(()) })?;
        // Of all, by their orders: who has so many, and who has more; at 0 the orders, and those that are not the last one.
        for ((shop, nth, _), counts) in all.iter().filter(|((_, _, days), _)| *days == -1) {
            let own = || customers.iter().filter(|customer| customer.shop == *shop).map(|customer| customer.orders.len());
            let expected = match nth {
                0 => [own().sum::<usize>(), own().map(|orders| orders.saturating_sub(1)).sum()],
                nth => [own().filter(|orders| orders >= nth).count(), own().filter(|orders| orders > nth).count()],
            };
            prop_assert_eq!(counts, &expected.map(|count| count as i64));
        }
    }

    #[test]
    fn customers_moved_are_those_whose_stage_changes(customers in customers(), number in 0_usize..3, candidate in 0_usize..10) {
        let customers: Vec<Customer> = customers.into_iter().map(|(customer, _)| customer).collect();
        let context = integer_shops(0, 400);
        let own = StageLimits::from(&context.params.lifecycle);
        let limits = own.with(LimitedStage::ALL[number], candidates(&context)[candidate]);
        let fold = folded(IntervalFold::new(&context), &customers);
        for shop in 0..3 {
            let changes = |customer: &Customer| stage_of(customer, 400, limits) != stage_of(customer, 400, own);
            let moves = |customer: &&Customer| customer.shop == shop && changes(customer);
            prop_assert_eq!(fold.customers_moved(shop, own, limits), customers.iter().filter(moves).count() as i64);
        }
    }
}

#[test]
fn candidates_are_the_usual_ones_and_the_jobs_own() {
    let mut context = integer_shops(0, 0);
    context.params.lifecycle = Lifecycle { active_days: 50, dormant_days: 200, thresholds: vec![21, 30], ..context.params.lifecycle };
    assert_eq!(candidates(&context), [7, 14, 21, 30, 45, 50, 60, 90, 120, 180, 200, 270, 365]);
}
