//! Effects: what the orders of each cause did to sums of money, and how many of them have to do with a figure.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use hashbrown::HashMap;

use super::compared::{COMPARED, Compared};
use super::refund_steps::{RefundStep, RefundSteps};
use crate::error::Result;
use crate::fold::folds::Folds;
use crate::fold::selection::Selection;
use crate::history::Context;
use crate::history::changed::{ChangedOrder, Found, Steps};
use crate::history::past_values::PastValues;
use crate::input::records::facts::{Facts, Refund};
use crate::input::values::codes::OwnedId;
use crate::nightly::plan::Plan;
use crate::spec::cause::Cause;
use crate::spec::{Card, Day, IdType, NO_DAY, day_of_time};
use crate::table::catalogue;
use crate::table::night::Night;
use crate::table::read_back::rows_of;
use crate::table::restatement::restated_figure::Place;

/// By figure that is a sum or a count: what the orders of each counted cause did to it, money in minor units.
pub type Amounts = HashMap<Place, [i64; Cause::COUNT]>;

/// What changed between the snapshot before and this run.
pub struct Changes {
    /// Orders that differ, and the folds of their customers.
    pub found: Found<Folds>,
    /// Refunds that count otherwise than before.
    pub refunds: RefundSteps,
    /// Values that only the orders of before had.
    pub values: PastValues,
}

/// Whether the sums of a table are explained.
fn is_explained(plan: &Plan, compared: &Compared) -> bool {
    !compared.sums.is_empty() && plan.wants(compared.table)
}

/// The folds that the sums of the compared tables follow from.
pub fn selection(plan: &Plan) -> Selection {
    let is_wanted = |name: &str| COMPARED.iter().any(|compared| compared.table == name && is_explained(plan, compared));
    catalogue::selection(&is_wanted, &[], &plan.request())
}

/// What the orders and refunds of each cause did to each sum, and the orders.
///
/// # Errors
/// [`crate::error::Error::Bug`] where a table does not fit its card.
pub fn amounts(plan: &Plan, night: &Night, changes: Changes) -> Result<(Amounts, Vec<ChangedOrder>)> {
    let Changes { found: Found { steps, orders, .. }, refunds, values } = changes;
    let context = if values.is_empty() { Arc::clone(&night.context) } else { Arc::new(values.beside(&night.context)) };
    let mut amounts = Amounts::new();
    for (place, ((cause, steps), RefundStep { before, after })) in Cause::COUNTED.into_iter().zip(steps).zip(refunds).enumerate() {
        let has_refunds = !before.is_empty() || !after.is_empty();
        let steps = match steps {
            Some(steps) => steps,
            None if has_refunds => {
                let start = || Folds::start(&context, &selection(plan));
                Steps { before: start(), after: start() }
            }
            None => continue,
        };
        let mut shops: HashMap<u32, Day> = HashMap::new();
        for refund in before.iter().chain(&after) {
            let first = shops.entry(refund.shop).or_insert(Day::MAX);
            *first = day_of_time(refund.completed).min(*first);
        }
        for order in orders.iter().filter(|order| order.cause == cause) {
            let first = shops.entry(order.shop).or_insert(Day::MAX);
            *first = order.days.iter().filter(|day| **day != NO_DAY).fold(*first, |first, day| first.min(*day));
        }
        for (folds, refunds, sign) in [(steps.before, before, -1), (steps.after, after, 1)] {
            let of_step = Night::new(Arc::clone(&context), Arc::new(facts(night, &shops, refunds)), night.request, folds.finish());
            add(plan, &of_step, &mut |figure, amount| amounts.entry(figure).or_default()[place] += sign * amount)?;
        }
    }
    Ok((amounts, orders))
}

/// Nothing but these refunds, and the days that decide which periods these shops have: from that day on, which may lie before the first one that
/// is left. Others have none.
fn facts(night: &Night, shops: &HashMap<u32, Day>, refunds: Vec<Refund>) -> Facts {
    let refunds = night.context.features.refunds.then_some(refunds);
    let first_days = (0..).zip(&night.facts.first_days).map(|(shop, day)| shops.get(&shop).map_or(NO_DAY, |first| *first.min(day)));
    Facts { refunds, first_days: first_days.collect(), last_days: night.facts.last_days.clone(), ..Facts::default() }
}

/// Passes every sum and every count of the compared tables that is not 0.
fn add(plan: &Plan, night: &Night, each: &mut (dyn FnMut(Place, i64) + Send)) -> Result<()> {
    let of_table = |name: &str| COMPARED.iter().find(|compared| compared.table == name && is_explained(plan, compared));
    let context: &Context = &night.context;
    let mut sink = |card: &Card, batch: RecordBatch| {
        if let Some(compared) = of_table(&card.name) {
            add_batch(compared, &batch, &context.ids.shop, each);
        }
        Ok(())
    };
    catalogue::write(night, &|name| of_table(name).is_some(), &mut sink)
}

fn add_batch(compared: &Compared, batch: &RecordBatch, shops: &IdType, each: &mut dyn FnMut(Place, i64)) {
    // Counts too: of what did most to a figure the steps say more than the number of orders.
    let schema = batch.schema();
    let is_added =
        |name: &str| compared.sums.contains(&name) || schema.field_with_name(name).is_ok_and(|field| *field.data_type() == DataType::Int64);
    let names = schema.fields().iter().map(|field| field.name().as_str()).filter(|name| is_added(name));
    let columns: Vec<(&str, &ArrayRef)> = names.filter_map(|name| Some((name, batch.column_by_name(name)?))).collect();
    let amount = |array: &ArrayRef, at: usize| {
        let money = array.as_primitive_opt::<Decimal128Type>().map(|amounts| amounts.value(at) as i64);
        money.or_else(|| array.as_primitive_opt::<Int64Type>().map(|counts| counts.value(at))).filter(|_| array.is_valid(at)).unwrap_or(0)
    };
    for (at, row) in rows_of(batch).enumerate() {
        let mut place = None;
        for (name, values) in &columns {
            let amount = amount(values, at);
            if amount == 0 {
                continue;
            }
            let place = place.get_or_insert_with(|| {
                let text = |column: &str| row.text(column);
                let shop = shops.read(&row.text("shop_id")?).map(OwnedId::from)?;
                Some(((compared.place)(&text)?, shop))
            });
            if let Some((place, shop)) = place {
                let (grain, dimension) = (place.grain.clone(), place.dimension.clone());
                let (shop, period_start) = (shop.clone(), place.period_start);
                each(Place { table: compared.table, metric: (*name).to_owned(), shop, grain, period_start, dimension }, amount);
            }
        }
    }
}
