//! Laws of every fold that some table reads: any split of the customers merges to the same state, a state merged into an empty fold is
//! that state again, an empty state changes nothing, and what is not its state is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use huitou::error::Result;
use huitou::fold::folds::Folds;
use huitou::fold::spec::Running;
use huitou::history::conflicts::Conflicts;
use huitou::history::customer::{History, ItemLine, ItemRefund, Order, PaidRefund};
use huitou::history::refunds::RefundIndex;
use huitou::history::{Fold, pass};
use huitou::input::values::codes::OwnedId;
use huitou::spec::Day;
use proptest::prelude::*;

use super::folds::{DrawnLine, context, drawn_lines, selection, shuffled};

/// A customer's history that owns itself.
#[derive(Debug, Clone)]
struct Customer {
    shop: u32,
    id: OwnedId,
    orders: Vec<Order>,
    paid: usize,
    lines: Vec<ItemLine>,
    purchase_days: Vec<Day>,
}

/// A fold that keeps the histories, and hands them out when it is asked for its state.
struct Keeping<'a> {
    customers: Vec<Customer>,
    handed_out: &'a Mutex<Vec<Customer>>,
}

impl Fold for Keeping<'_> {
    fn update(&mut self, history: &History<'_>) {
        self.customers.push(Customer {
            shop: history.shop,
            id: history.customer.into(),
            orders: history.orders.to_vec(),
            paid: history.paid,
            lines: history.lines.to_vec(),
            purchase_days: history.purchase_days.to_vec(),
        });
    }

    fn reads_lines(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        self.handed_out.lock().unwrap().append(&mut self.customers);
        Ok(Vec::new())
    }

    fn merge(&mut self, _: &[RecordBatch]) -> Result<()> {
        Ok(())
    }
}

/// The histories of those orders, ascending by (shop, customer).
fn customers(drawn_lines: &[DrawnLine]) -> Vec<Customer> {
    let (shuffled, _) = shuffled(drawn_lines, &context(), 1, 1);
    let handed_out = Mutex::default();
    let start = || Keeping { customers: Vec::new(), handed_out: &handed_out };
    pass::run(&shuffled, &RefundIndex::default(), &Conflicts::default(), &start, &|| ()).map(|_| ()).unwrap();
    let mut customers = handed_out.into_inner().unwrap();
    customers.sort_by(|one, other| (one.shop, &one.id).cmp(&(other.shop, &other.id)));
    customers
}

fn feed<'a>(fold: &mut dyn Running, customers: impl IntoIterator<Item = &'a Customer>) {
    for customer in customers {
        // What was refunded of an order went back a week after its payment.
        let refunded = customer.orders.iter().filter(|order| order.is_paid() && order.refunded > 0);
        let refunds: Vec<PaidRefund> =
            refunded.map(|order| PaidRefund { order_paid_day: order.paid_day, day: order.paid_day + 7, amount: order.refunded }).collect();
        // What went back of lines did so for one of two reasons or for none, partly long ago.
        let gone = customer.lines.iter().filter(|line| line.net_revenue < line.paid_amount);
        let item_refunds: Vec<ItemRefund> = gone
            .filter_map(|line| {
                let order = customer.orders.get(line.order as usize)?;
                let reason = (line.item % 3) as u16;
                let amount = line.paid_amount - line.net_revenue;
                Some(ItemRefund { rank: order.rank, item: line.item, reason, day: order.paid_day + 7, amount })
            })
            .collect();
        fold.update(&History {
            shop: customer.shop,
            customer: customer.id.id(),
            is_anonymous: false,
            orders: &customer.orders,
            paid: customer.paid,
            lines: &customer.lines,
            purchase_days: &customer.purchase_days,
            refunds: &refunds,
            returns: &[],
            // As if the shop were a scope of these shops.
            shops: &[0, 2],
            affiliated: &[],
            inquiries: &[],
            item_refunds: &item_refunds,
        });
    }
}

/// What a state says, whatever its rows are called in: by the names of the columns all rows as texts, in order.
fn said(state: &[RecordBatch]) -> BTreeMap<Vec<String>, Vec<Vec<String>>> {
    let mut said: BTreeMap<Vec<String>, Vec<Vec<String>>> = BTreeMap::new();
    for batch in state {
        let names = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        let cell = |column, row| array_value_to_string(column, row).unwrap();
        let rows = (0..batch.num_rows()).map(|row| batch.columns().iter().map(|column| cell(column, row)).collect());
        said.entry(names).or_default().extend(rows);
    }
    said.retain(|_, rows| {
        rows.sort();
        !rows.is_empty()
    });
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_fold_keeps_the_laws(drawn_lines in drawn_lines(), cuts in prop::collection::vec(0..4_usize, 1..60)) {
        let (context, customers) = (context(), customers(&drawn_lines));
        let selection = selection(&context, &|_| true);
        for spec in selection.folds() {
            let start = || spec.start(&context, &selection.parts);
            let mut whole = start();
            feed(&mut *whole, &customers);
            let whole = whole.state().unwrap();

            // Any split, merged in any order.
            let parts: Vec<Vec<RecordBatch>> = (0..4).map(|part| {
                let mut fold = start();
                feed(&mut *fold, customers.iter().zip(cuts.iter().cycle()).filter(|(_, cut)| **cut == part).map(|(customer, _)| customer));
                fold.state().unwrap()
            }).collect();
            for order in [[0, 1, 2, 3], [3, 1, 0, 2]] {
                let mut merged = start();
                order.iter().for_each(|part| merged.merge(&parts[*part]).unwrap());
                prop_assert_eq!(said(&merged.state().unwrap()), said(&whole), "{} in the order {:?}", spec.name(), order);
                prop_assert!(said(&merged.state().unwrap()).is_empty(), "{} keeps something back", spec.name());
            }

            // What is handed over on the way, however often, is not lost and not counted twice.
            let (mut shared, mut own) = (start(), start());
            for (customer, cut) in customers.iter().zip(cuts.iter().cycle()) {
                feed(&mut *own, [customer]);
                let handed_over = own.hand_over(*cut).unwrap();
                if !handed_over.is_empty() {
                    shared.merge(&handed_over).unwrap();
                }
            }
            shared.merge(&own.state().unwrap()).unwrap();
            prop_assert_eq!(said(&shared.state().unwrap()), said(&whole), "{} handed over", spec.name());

            // A state is what it was; nothing adds nothing.
            let mut again = start();
            again.merge(&whole).unwrap();
            again.merge(&[]).unwrap();
            again.merge(&start().state().unwrap()).unwrap();
            prop_assert_eq!(said(&again.state().unwrap()), said(&whole), "{}", spec.name());
        }
    }
}

#[test]
fn a_state_of_another_version_or_of_another_fold_is_refused() {
    let context = context();
    let selection = selection(&context, &|_| true);
    let start = || Folds::start(&context, &selection);
    // Two customers who came back, one who did not pay, one refunded in another shop: no fold has nothing to say of them.
    let drawn_lines = [
        (0, 1, 10, Some(0), 2_000, false, 1),
        (0, 1, 30, Some(1), 3_000, false, 2),
        (0, 1, 80, Some(0), 1_000, false, 1),
        (0, 2, 20, Some(0), 5_000, false, 3),
        (0, 2, 90, Some(0), 4_000, false, 1),
        (0, 3, 40, None, 6_000, false, 2),
        (1, 4, 50, Some(0), 7_000, true, 1),
    ];
    let (shuffled, _) = shuffled(&drawn_lines, &context, 1, 1);
    let state = pass::run(&shuffled, &RefundIndex::default(), &Conflicts::default(), &start, &|| ()).unwrap().fold.state().unwrap();
    let owners: Vec<String> = state.iter().map(|batch| batch.schema().metadata().get("fold").unwrap().to_string()).collect();
    let (found, expected): (BTreeSet<&str>, BTreeSet<&str>) =
        (owners.iter().map(|owner| owner.as_str()).collect(), selection.folds().map(|spec| spec.name()).collect());
    assert_eq!(found, expected);
    for (entry, value) in [("version", "0"), ("fold", "no fold at all")] {
        for (at, owner) in owners.iter().enumerate() {
            let mut changed = state.clone();
            let mut metadata = changed[at].schema().metadata().clone();
            metadata.insert(entry.to_owned(), value.to_owned());
            let schema = Schema::new(changed[at].schema().fields().clone()).with_metadata(metadata);
            changed[at] = RecordBatch::try_new(Arc::new(schema), changed[at].columns().to_vec()).unwrap();
            assert_eq!(start().merge(&changed).unwrap_err().exit_code(), 1, "{entry} of {owner}");
        }
    }
    start().merge(&state).unwrap();
}
