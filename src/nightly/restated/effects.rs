//! Effects: what the orders of each cause did to sums of money, and how many of them have to do with a figure.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, Decimal128Type, Field, Int64Type};
use arrow::row::{RowConverter, Rows, SortField};
use hashbrown::HashMap;

use super::compared::{COMPARED, Compared, RowPlace, could_be_compared};
use super::refund_steps::{RefundStep, RefundSteps};
use crate::error::Result;
use crate::fold::folds::{Folds, Gathered};
use crate::fold::selection::Selection;
use crate::history::Fold;
use crate::history::changed::{ChangedOrder, Found, Steps};
use crate::history::past_values::PastValues;
use crate::input::records::facts::{Facts, Refund};
use crate::input::values::codes::OwnedId;
use crate::nightly::plan::Plan;
use crate::spec::cause::Cause;
use crate::spec::{Card, Day, IdType, NO_DAY, day_of_time};
use crate::table::catalogue;
use crate::table::night::Night;
use crate::table::read_back::row_of;
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

/// The tables whose sums are explained.
fn explained(plan: &Plan) -> impl Iterator<Item = &'static Compared> {
    COMPARED.iter().filter(|compared| !compared.sums.is_empty() && plan.wants(compared.table))
}

/// The folds that the sums of the compared tables follow from.
pub fn selection(plan: &Plan) -> Selection {
    catalogue::selection(&|name| explained(plan).any(|compared| compared.table == name), &[], &plan.request())
}

/// What the orders and refunds of each cause did to each sum, and the orders.
///
/// # Errors
/// [`crate::error::Error::Bug`] where a table does not fit its card.
pub fn amounts(plan: &Plan, night: &Night, changes: Changes) -> Result<(Amounts, Vec<ChangedOrder>)> {
    let Changes { found: Found { steps, orders, .. }, refunds, values } = changes;
    let context = if values.is_empty() { Arc::clone(&night.context) } else { Arc::new(values.beside(&night.context)) };
    let start = || Folds::start(&context, &selection(plan));
    // Some folds count what they were shown only when they give their state.
    let counted = |mut folds: Folds| -> Result<Gathered> {
        let mut all = start();
        all.merge(&folds.state()?)?;
        Ok(all.finish())
    };
    let mut amounts = Amounts::new();
    for (place, ((cause, steps), RefundStep { before, after })) in Cause::COUNTED.into_iter().zip(steps).zip(refunds).enumerate() {
        let has_refunds = !before.is_empty() || !after.is_empty();
        let steps = match steps {
            Some(steps) => steps,
            None if has_refunds => Steps { before: start(), after: start() },
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
        let side = |folds: Folds, refunds: Vec<Refund>| {
            let of_side = Night::new(Arc::clone(&context), Arc::new(facts(night, &shops, refunds)), night.request, counted(folds)?);
            tables(plan, &of_side)
        };
        let (was, is) = rayon::join(|| side(steps.before, before), || side(steps.after, after));
        let (was, is) = (was?, is?);
        for compared in explained(plan) {
            let [was, is] = [&was, &is].map(|tables| tables.get(compared.table).map_or(&[][..], Vec::as_slice));
            difference(compared, [was, is], &context.ids.shop, &mut |figure, amount| amounts.entry(figure).or_default()[place] += amount)?;
        }
    }
    Ok((amounts, orders))
}

/// These refunds, the visitors, by whom days are counted that have some, and the days that decide which periods these shops have: from that day on,
/// which may lie before the first one that is left. Others have none.
fn facts(night: &Night, shops: &HashMap<u32, Day>, refunds: Vec<Refund>) -> Facts {
    let refunds = night.context.features.refunds.then_some(refunds);
    let first_days = (0..).zip(&night.facts.first_days).map(|(shop, day)| shops.get(&shop).map_or(NO_DAY, |first| *first.min(day)));
    let Facts { traffic, viewers, last_days, .. } = &*night.facts;
    let (traffic, viewers, last_days) = (traffic.clone(), viewers.clone(), last_days.clone());
    Facts { refunds, traffic, viewers, first_days: first_days.collect(), last_days, ..Facts::default() }
}

/// The rows of the compared tables of one side of a step, by table, without those that are never compared.
fn tables(plan: &Plan, night: &Night) -> Result<BTreeMap<String, Vec<RecordBatch>>> {
    let mut found: BTreeMap<String, Vec<RecordBatch>> = BTreeMap::new();
    let mut sink = |card: &Card, batch: RecordBatch| {
        let batch = filter_record_batch(&batch, &could_be_compared(&batch)?)?;
        found.entry(card.name.to_string()).or_default().push(batch);
        Ok(())
    };
    catalogue::write(night, &|name| explained(plan).any(|compared| compared.table == name), &mut sink)?;
    Ok(found)
}

/// Passes what differs between both sides of each sum and each count of a table. Nearly all that changed customers have done is on both sides: their
/// rows are compared as keys and numbers, and only those that differ are read as texts.
fn difference(compared: &Compared, sides: [&[RecordBatch]; 2], shops: &IdType, each: &mut dyn FnMut(Place, i64)) -> Result<()> {
    let (Some(card), Some(any)) = (catalogue::card(compared.table), sides.into_iter().flatten().next()) else { return Ok(()) };
    let schema = any.schema();
    let key = card.key.iter().filter_map(|name| schema.index_of(name).ok()).collect::<Vec<usize>>();
    let keys = RowConverter::new(key.iter().map(|at| SortField::new(schema.field(*at).data_type().clone())).collect())?;
    // Counts too: of what did most to a figure the steps say more than the number of orders.
    let is_added = |field: &Field| compared.sums.contains(&field.name().as_str()) || *field.data_type() == DataType::Int64;
    let figures: Vec<usize> = (0..schema.fields().len()).filter(|at| is_added(schema.field(*at))).collect();
    let side = |batches: &[RecordBatch]| -> Result<Side> {
        let rows = concat_batches(&schema, batches)?;
        let of_key: Vec<ArrayRef> = key.iter().map(|at| Arc::clone(rows.column(*at))).collect();
        let keys = keys.convert_columns(&of_key)?;
        let amounts = figures.iter().map(|at| amounts_of(rows.column(*at))).collect();
        Ok(Side { rows, keys, amounts })
    };
    let [was, is] = sides;
    let (was, is) = (side(was)?, side(is)?);
    let mut pass = |(side, row): (&Side, usize), amount: &dyn Fn(usize) -> i64| {
        let mut place = None;
        for (number, at) in figures.iter().enumerate() {
            let amount = amount(number);
            if amount == 0 {
                continue;
            }
            if let Some((shop, place)) = place.get_or_insert_with(|| place_of(compared, &side.rows, row, shops)) {
                let (metric, shop) = (schema.field(*at).name().clone(), OwnedId::clone(shop));
                let (grain, dimension, period_start) = (place.grain.clone(), place.dimension.clone(), place.period_start);
                each(Place { table: compared.table, metric, shop, grain, period_start, dimension }, amount);
            }
        }
    };
    let (mut before, mut now) = (0, 0);
    loop {
        let ordering = match (before < was.rows.num_rows(), now < is.rows.num_rows()) {
            (true, true) => was.keys.row(before).cmp(&is.keys.row(now)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => return Ok(()),
        };
        match ordering {
            Ordering::Less => pass((&was, before), &|number| -was.amounts[number][before]),
            Ordering::Greater => pass((&is, now), &|number| is.amounts[number][now]),
            Ordering::Equal => pass((&is, now), &|number| is.amounts[number][now] - was.amounts[number][before]),
        }
        before += usize::from(ordering.is_le());
        now += usize::from(ordering.is_ge());
    }
}

/// The rows of a table on one side of a step, ascending by key.
struct Side {
    rows: RecordBatch,
    keys: Rows,
    /// By figure: its amounts, money in minor units; 0 where there is none.
    amounts: Vec<Vec<i64>>,
}

fn amounts_of(array: &ArrayRef) -> Vec<i64> {
    let money = array.as_primitive_opt::<Decimal128Type>();
    let money = money.map(|amounts| amounts.iter().map(|amount| amount.map_or(0, |amount| amount as i64)).collect());
    let counts = || array.as_primitive_opt::<Int64Type>().map(|counts| counts.iter().map(|count| count.unwrap_or(0)).collect());
    money.or_else(counts).unwrap_or_else(|| vec![0; array.len()])
}

/// The shop of a row, and its place; `None` of a row that is not compared.
fn place_of(compared: &Compared, rows: &RecordBatch, row: usize, shops: &IdType) -> Option<(OwnedId, RowPlace)> {
    let row = row_of(rows, row);
    let shop = shops.read(&row.text("shop_id")?).map(OwnedId::from)?;
    Some((shop, (compared.place)(&|column: &str| row.text(column))?))
}
