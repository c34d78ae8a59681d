//! payment_funnel: what became of the orders placed in a period by the as-of date: paid, shipped, completed, and how long that took.

mod columns;
mod row;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use crate::fold::payment_funnel::PAYMENT_FUNNEL;
use crate::spec::{NO_DAY, Need};
use crate::table::night::{Night, Read};
use crate::table::rows::RowWriter;
use crate::table::shop::unrecorded::{Recorded, UNRECORDED_STEPS};
use crate::table::unit::{Table, Witness};
use columns::{ORDERS, WAITS};
use row::Row;

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "payment_funnel",
    chinese: "付款履约漏斗",
    question: "What became of the orders placed in a period: how many were paid, shipped and completed, how long did each step take, and \
         what money is still on its way?",
    grain: "one shop, grain and period of the placement, the same as in shop_periods",
    key: &["shop_id", "grain", "period_start"],
    needs: &[Need { input: "orders", column: "" }],
    uses: &[],
    reads: &[Read::Fold(&PAYMENT_FUNNEL), Read::Shared(&UNRECORDED_STEPS)],
    columns: &[&ORDERS, &WAITS],
    rows: write,
    witness: Witness::Sql,
    card: OnceLock::new(),
};

fn write(night: &Night, out: &mut RowWriter<'_, Row>) -> crate::error::Result<()> {
    let (context, fold, unrecorded) = (&night.context, night.fold(&PAYMENT_FUNNEL)?, night.shared(&UNRECORDED_STEPS)?);
    for shop in 0..context.shops.len() as u32 {
        let first = night.facts.first_days.get(shop as usize).copied().filter(|day| *day != NO_DAY && *day <= context.as_of);
        let Some(first) = first else { continue };
        for grain in context.params.periods() {
            let indices = grain.index(first)..=grain.index(context.as_of);
            out.all(indices.map(|index| {
                let (start, end) = (grain.start(index), grain.end(index));
                let is_recorded = |step| unrecorded.is_recorded(step, shop, start, end);
                let mut features = context.features;
                features.shipped &= is_recorded(Recorded::Shipping);
                features.completed &= is_recorded(Recorded::Completion);
                let is_complete = grain.lies_within(index, first, context.as_of);
                Row::of(shop, grain, start, is_complete, &fold.period(shop, grain, index), &features)
            }))?;
        }
    }
    Ok(())
}
