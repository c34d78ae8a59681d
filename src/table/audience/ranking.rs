//! The best of a strategy's candidates in one shop, selected batch by batch.

use arrow::array::{AsArray, UInt32Array};
use arrow::compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::UInt32Type;
use arrow::record_batch::RecordBatch;

use crate::error::{Error, Result};
use crate::job::strategy::Strategy;

/// The column with a candidate's number, the last one.
pub(super) const NUMBER: &str = "candidate";

/// The rows that are buffered before they are sorted again.
const ENOUGH: usize = 1 << 16;

/// Candidates of one strategy and shop: those who may still be on the list, and the numbers of all others.
#[derive(Debug)]
pub(super) struct Ranking {
    /// Columns and whether the greatest comes first; the customer's id decides between equals.
    order: Vec<(String, bool)>,
    most: usize,
    kept: Vec<RecordBatch>,
    rows: usize,
    dropped: Vec<u32>,
}

impl Ranking {
    /// Keeps the `most` best: more than the size of the list, since customers of other lists are removed from it.
    pub fn new(strategy: &Strategy, most: usize) -> Self {
        let own = strategy.order_by.iter().map(|ordering| (ordering.column.clone(), ordering.is_descending));
        Ranking { order: own.chain([("customer_id".to_owned(), false)]).collect(), most, kept: Vec::new(), rows: 0, dropped: Vec::new() }
    }

    /// Adds candidates.
    ///
    /// # Errors
    /// [`Error::Bug`] if they lack a column.
    pub fn add(&mut self, candidates: RecordBatch) -> Result<()> {
        self.rows += candidates.num_rows();
        self.kept.push(candidates);
        if self.rows > self.most.saturating_add(ENOUGH) { self.sort() } else { Ok(()) }
    }

    /// Returns the best, best first, and the numbers of all others in no order; `None` without candidates.
    ///
    /// # Errors
    /// As for [`Ranking::add`].
    pub fn finish(mut self) -> Result<(Option<RecordBatch>, Vec<u32>)> {
        self.sort()?;
        Ok((self.kept.pop(), self.dropped))
    }

    fn sort(&mut self) -> Result<()> {
        let Some(schema) = self.kept.first().map(RecordBatch::schema) else { return Ok(()) };
        let all = concat_batches(&schema, &self.kept)?;
        let column = |(name, descending): &(String, bool)| {
            let values = all.column_by_name(name).cloned().ok_or_else(|| absent(name))?;
            Ok(SortColumn { values, options: Some(SortOptions { descending: *descending, nulls_first: false }) })
        };
        let columns = self.order.iter().map(column).collect::<Result<Vec<_>>>()?;
        // Ids are distinct, so no two rows are equal and the order is the same on every machine.
        let ranked = lexsort_to_indices(&columns, None)?;
        let best = ranked.slice(0, ranked.len().min(self.most));
        let others = ranked.slice(best.len(), ranked.len() - best.len());
        let numbers = numbers(&all)?;
        self.dropped.extend(others.values().iter().map(|row| numbers.value(*row as usize)));
        self.rows = best.len();
        self.kept = vec![take_record_batch(&all, &best)?];
        Ok(())
    }
}

/// The numbers of candidates.
///
/// # Errors
/// [`Error::Bug`] if they have none.
pub(super) fn numbers(candidates: &RecordBatch) -> Result<&UInt32Array> {
    candidates.column_by_name(NUMBER).and_then(|column| column.as_primitive_opt::<UInt32Type>()).ok_or_else(|| absent(NUMBER))
}

/// The error for candidates that lack a column.
pub(super) fn absent(name: &str) -> Error {
    Error::bug(format!("candidates of a list have no column {name}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use proptest::prelude::*;

    use super::*;
    use crate::job::strategy::{Ordering, Strategy};

    fn strategy(order_by: &[(&str, bool)]) -> Strategy {
        let ordering = |(column, is_descending): &(&str, bool)| Ordering { column: (*column).to_owned(), is_descending: *is_descending };
        Strategy {
            name: "s".into(),
            title: "s".into(),
            place: String::new(),
            condition: "true".into(),
            condition_place: String::new(),
            order_by: order_by.iter().map(ordering).collect(),
            order_place: String::new(),
            max_size: 1,
            cool_down_days: 0,
            min_hours_since_order: 0,
            control_share: 0.0,
        }
    }

    fn batch(rows: &[(u32, Option<i64>)]) -> RecordBatch {
        let ids = rows.iter().map(|(number, _)| Some(format!("{number:05}"))).collect::<StringArray>();
        RecordBatch::try_from_iter_with_nullable([
            ("customer_id", Arc::new(ids) as ArrayRef, true),
            ("net_revenue", Arc::new(Int64Array::from_iter(rows.iter().map(|(_, value)| *value))), true),
            (NUMBER, Arc::new(UInt32Array::from_iter_values(rows.iter().map(|(number, _)| *number))), true),
        ])
        .unwrap()
    }

    #[test]
    fn equals_come_by_their_ids_and_nulls_last_in_both_directions() {
        let rows = batch(&[(4, Some(7)), (1, None), (3, Some(9)), (2, Some(7)), (0, None)]);
        for (descending, expected) in [(true, [3, 2, 4, 0, 1]), (false, [2, 4, 3, 0, 1])] {
            let mut ranking = Ranking::new(&strategy(&[("net_revenue", descending)]), 9);
            ranking.add(rows.clone()).unwrap();
            assert_eq!(numbers(&ranking.finish().unwrap().0.unwrap()).unwrap().values(), &expected);
        }
    }

    proptest! {
        #[test]
        fn the_best_are_the_same_however_they_come(
            values in prop::collection::vec(prop::option::of(0..9_i64), 1..60),
            cuts in prop::collection::vec(0..60_usize, 0..5),
            most in 1..20_usize,
        ) {
            let rows: Vec<(u32, Option<i64>)> = (0..).zip(values).collect();
            let mut expected = rows.clone();
            expected.sort_by_key(|(number, value)| (value.is_none(), value.map(|value| -value), *number));
            let mut ranking = Ranking::new(&strategy(&[("net_revenue", true)]), most);
            let mut ends: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).chain([0, rows.len()]).collect();
            ends.sort_unstable();
            for pair in ends.windows(2) {
                ranking.add(batch(&rows[pair[0]..pair[1]])).unwrap();
                ranking.sort().unwrap();
            }
            let (best, mut dropped) = ranking.finish().unwrap();
            let expected: Vec<u32> = expected.into_iter().map(|(number, _)| number).collect();
            let (first, others) = expected.split_at(most.min(expected.len()));
            prop_assert_eq!(numbers(&best.unwrap()).unwrap().values().to_vec(), first);
            let mut others = others.to_vec();
            others.sort_unstable();
            dropped.sort_unstable();
            prop_assert_eq!(dropped, others);
        }
    }
}
