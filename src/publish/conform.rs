//! Checks every row of a table against its card: types, nulls, ranges, order and uniqueness of the key.

use std::cmp::Ordering;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array, make_comparator};
use arrow::compute::{SortOptions, take};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use arrow::util::display::array_value_to_string;
use rayon::prelude::*;

use super::part::columns_of_a_task;
use crate::error::{Error, Result};
use crate::spec::IdTypes;
use crate::spec::schema::MONEY_PRECISION;
use crate::spec::{Card, Column, Kind};

/// Checks the batches of a table in sequence. A violation is a bug of the program, because the rows come from its own
/// computation, whatever the inputs are.
#[derive(Debug)]
pub struct Conform {
    table: String,
    columns: Vec<(Column, DataType)>,
    /// How many of the first columns are the key.
    key: usize,
    rows: u64,
    /// The key of the last row so far, one value for each column.
    last: Option<Vec<ArrayRef>>,
}

impl Conform {
    /// A checker for the table of a card.
    ///
    /// # Errors
    /// `Bug` where the key columns are not the first ones.
    pub fn new(card: &Card, ids: &IdTypes) -> Result<Self> {
        let first = card.columns.iter().map(|column| column.name).take(card.key.len());
        if card.key.is_empty() || !first.eq(card.key.iter().copied()) {
            return Err(Error::bug(format!("table `{}`: the key columns {:?} do not come first", card.name, card.key)));
        }
        let columns = card.columns.iter().map(|column| (*column, column.kind.data_type(ids))).collect();
        Ok(Conform { table: card.name.to_string(), columns, key: card.key.len(), rows: 0, last: None })
    }

    /// Checks the next rows.
    ///
    /// # Errors
    /// `Bug` with the first violation of each column: table, column, row and value.
    pub fn check(&mut self, batch: &RecordBatch) -> Result<()> {
        self.check_columns(batch)?;
        let keys = &batch.columns()[..self.key];
        let mut problems: Vec<String> = self
            .columns
            .par_iter()
            .with_min_len(columns_of_a_task(batch.num_rows()))
            .zip(batch.columns())
            .filter_map(|((column, _), values)| violation(column, values).map(|(row, rule)| (column, values, row, rule)))
            .map(|(column, values, row, rule)| self.message(keys, column.name, row, &format!("{} {rule}", text(values, row))))
            .collect();
        problems.extend(self.check_order(keys)?);
        if !problems.is_empty() {
            return Err(Error::bug(problems.join("\n")));
        }
        if let Some(last) = batch.num_rows().checked_sub(1) {
            // Copies one row; a slice would keep the whole batch in memory.
            let row = UInt32Array::from(vec![last as u32]);
            self.last = Some(keys.iter().map(|column| take(column, &row, None)).collect::<Result<_, _>>()?);
            self.rows += batch.num_rows() as u64;
        }
        Ok(())
    }

    /// Checks names and types.
    fn check_columns(&self, batch: &RecordBatch) -> Result<()> {
        let schema = batch.schema();
        let found: Vec<(&str, &DataType)> = schema.fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect();
        let expected: Vec<(&str, &DataType)> = self.columns.iter().map(|(column, kind)| (column.name, kind)).collect();
        if found == expected {
            return Ok(());
        }
        let shown = |column: Option<&(&str, &DataType)>| match column {
            Some((name, kind)) => format!("`{name}` {kind}"),
            None => "no column".to_string(),
        };
        let differences: Vec<String> = (0..found.len().max(expected.len()))
            .filter(|position| found.get(*position) != expected.get(*position))
            .map(|position| {
                let (found, expected) = (shown(found.get(position)), shown(expected.get(position)));
                format!("table `{}`, column {}: {found} where the card says {expected}", self.table, position + 1)
            })
            .collect();
        Err(Error::bug(differences.join("\n")))
    }

    /// The message for the first row whose key does not come after the previous one.
    fn check_order(&self, keys: &[ArrayRef]) -> Result<Option<String>> {
        let rows = keys.first().map_or(0, |column| column.len());
        // Null is the lowest value of a key, as in `SortOptions::default()`.
        let comparators = |left: &[ArrayRef]| {
            left.iter().zip(keys).map(|(left, right)| make_comparator(left, right, SortOptions::default())).collect::<Result<Vec<_>, _>>()
        };
        if let Some(last) = self.last.as_ref().filter(|_| rows > 0) {
            let order = comparators(last)?.iter().map(|compare| compare(0, 0)).find(|order| order.is_ne());
            if order != Some(Ordering::Less) {
                return Ok(Some(self.order_message(keys, 0, last, 0)));
            }
        }
        let comparators = comparators(keys)?;
        let is_wrong =
            |row: &usize| comparators.iter().map(|compare| compare(row - 1, *row)).find(|order| order.is_ne()) != Some(Ordering::Less);
        Ok((1..rows).find(is_wrong).map(|row| self.order_message(keys, row, keys, row - 1)))
    }

    fn order_message(&self, keys: &[ArrayRef], row: usize, before: &[ArrayRef], row_before: usize) -> String {
        let names: Vec<&str> = self.columns[..self.key].iter().map(|(column, _)| column.name).collect();
        let what = format!("the key does not come after ({}) before it", tuple(before, row_before));
        self.message(keys, &names.join(", "), row, &what)
    }

    fn message(&self, keys: &[ArrayRef], column: &str, row: usize, what: &str) -> String {
        format!("table `{}`, column `{column}`, row {} with key ({}): {what}", self.table, self.rows + row as u64 + 1, tuple(keys, row))
    }
}

fn tuple(columns: &[ArrayRef], row: usize) -> String {
    columns.iter().map(|column| text(column, row)).collect::<Vec<_>>().join(", ")
}

fn text(values: &ArrayRef, row: usize) -> String {
    if values.is_null(row) { "null".to_string() } else { array_value_to_string(values, row).unwrap_or_default() }
}

/// The first row of a column that breaks a rule of the card, and the rule.
fn violation(column: &Column, values: &ArrayRef) -> Option<(usize, &'static str)> {
    if !column.is_nullable() && values.null_count() > 0 {
        return (0..values.len()).find(|row| values.is_null(*row)).map(|row| (row, "where the card says it is never null"));
    }
    let found = match column.kind {
        Kind::Count => first(values, values.as_primitive::<Int64Type>().values(), |value| *value >= 0),
        Kind::Share => first(values, values.as_primitive::<Float64Type>().values(), |value| (0.0..=1.0).contains(value)),
        Kind::Ratio => first(values, values.as_primitive::<Float64Type>().values(), |value| (0.0..f64::INFINITY).contains(value)),
        Kind::Number => first(values, values.as_primitive::<Float64Type>().values(), |value| value.is_finite()),
        Kind::Money => {
            let limit = 10_i128.pow(u32::from(MONEY_PRECISION));
            first(values, values.as_primitive::<Decimal128Type>().values(), |value| -limit < *value && *value < limit)
        }
        Kind::ShopId
        | Kind::CustomerId
        | Kind::CategoryId
        | Kind::ItemId
        | Kind::CampaignId
        | Kind::Text
        | Kind::Date
        | Kind::Integer
        | Kind::Flag => None,
    };
    found.map(|row| (row, rule(column.kind)))
}

fn rule(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "is a count below 0",
        Kind::Share => "is not within 0..1",
        Kind::Ratio => "is a ratio below 0 or not finite",
        Kind::Number => "is not finite",
        _ => "has more digits than Decimal(18,2) holds",
    }
}

/// The first row with a wrong value that is not null. A first loop ignores nulls, which is fast and nearly always finds
/// nothing, since the value under a null is mostly 0.
fn first<T>(values: &ArrayRef, numbers: &[T], is_right: impl Fn(&T) -> bool) -> Option<usize> {
    if numbers.iter().fold(true, |all, number| all & is_right(number)) {
        return None;
    }
    numbers.iter().enumerate().find(|(row, number)| !is_right(number) && values.is_valid(*row)).map(|(row, _)| row)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray};

    use super::super::fixture::{ids, rows};
    use super::super::schema::CARD;
    use super::*;

    fn checker() -> Conform {
        Conform::new(&CARD, &ids()).unwrap()
    }

    /// Ten rows that are valid except for one column.
    fn with(column: &str, values: ArrayRef) -> RecordBatch {
        let batch = rows(0, 10);
        let position = batch.schema().index_of(column).unwrap();
        let mut fields = batch.schema().fields().to_vec();
        fields[position] = Arc::new(fields[position].as_ref().clone().with_nullable(true).with_data_type(values.data_type().clone()));
        let mut columns = batch.columns().to_vec();
        columns[position] = values;
        RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), columns).unwrap()
    }

    fn refused(batch: &RecordBatch) -> String {
        checker().check(batch).unwrap_err().to_string()
    }

    /// Ten numbers, the fourth of which is `value`.
    fn floats(value: Option<f64>) -> ArrayRef {
        Arc::new((0..10).map(|row| if row == 3 { value } else { Some(0.5) }).collect::<Float64Array>())
    }

    #[test]
    fn valid_rows_pass_in_any_batches() {
        for cut in [1, 7, 999, 1000, 1001, 2500] {
            let mut conform = checker();
            for from in (0..2500).step_by(cut) {
                conform.check(&rows(from, (from + cut as i64).min(2500))).unwrap();
                conform.check(&rows(0, 0)).unwrap();
            }
            assert_eq!(conform.rows, 2500);
        }
    }

    #[test]
    fn each_kind_keeps_its_range() {
        for (column, wrong) in [
            ("share", 1.25),
            ("share", -0.01),
            ("share", f64::NAN),
            ("ratio", -1.0),
            ("ratio", f64::INFINITY),
            ("ratio", f64::NAN),
            ("trend", f64::NAN),
            ("trend", f64::NEG_INFINITY),
        ] {
            let message = refused(&with(column, floats(Some(wrong))));
            let place = format!("table `sample`, column `{column}`, row 4 with key (shop-000000, 3): {wrong:?}");
            assert!(message.contains(&place), "{message}\nwithout {place}");
        }
        for right in [0.0, 1.0] {
            checker().check(&with("share", floats(Some(right)))).unwrap();
        }
        checker().check(&with("share", floats(None))).unwrap();
        checker().check(&with("ratio", floats(Some(7.5)))).unwrap();
        checker().check(&with("trend", floats(Some(-7.5)))).unwrap();

        let counts = |value| Arc::new(Int64Array::from_iter_values((0..10).map(|row| if row == 3 { value } else { 0 })));
        assert!(refused(&with("orders", counts(-1))).contains("row 4 with key (shop-000000, 3): -1 is a count below 0"));
        checker().check(&with("change", counts(-1))).unwrap();

        let money = |value| {
            let values = Decimal128Array::from_iter_values((0..10).map(|row| if row == 3 { value } else { 0 }));
            Arc::new(values.with_data_type(DataType::Decimal128(18, 2)))
        };
        let limit = 10_i128.pow(18);
        checker().check(&with("paid_amount", money(limit - 1))).unwrap();
        checker().check(&with("paid_amount", money(1 - limit))).unwrap();
        assert!(refused(&with("paid_amount", money(limit))).contains("more digits than Decimal(18,2)"));
    }

    #[test]
    fn values_under_nulls_are_ignored() {
        let values = vec![0.5, f64::NAN, 9.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
        let valid = vec![true, false, false, true, true, true, true, true, true, true];
        checker().check(&with("share", Arc::new(Float64Array::new(values.into(), Some(valid.into()))))).unwrap();
    }

    #[test]
    fn nulls_only_where_the_card_allows_them() {
        let message = refused(&with("trend", floats(None)));
        assert!(
            message.contains("column `trend`, row 4 with key (shop-000000, 3): null where the card says it is never null"),
            "{message}"
        );
        let customers: Int64Array = (0..10).map(|row| (row != 0).then_some(row)).collect();
        assert!(refused(&with("customer_id", Arc::new(customers))).contains("column `customer_id`, row 1 with key (shop-000000, null)"));
    }

    #[test]
    fn the_key_goes_up_within_and_across_batches() {
        let twice: Int64Array = [0, 1, 2, 3, 3, 5, 6, 7, 8, 9].into_iter().map(Some).collect();
        let message = refused(&with("customer_id", Arc::new(twice)));
        assert!(message.contains("row 5 with key (shop-000000, 3): the key does not come after (shop-000000, 3)"), "{message}");

        let mut conform = checker();
        conform.check(&rows(0, 10)).unwrap();
        let message = conform.check(&rows(9, 20)).unwrap_err().to_string();
        assert!(message.contains("row 11 with key (shop-000000, 9): the key does not come after (shop-000000, 9)"), "{message}");

        // The later column starts again where the earlier one goes up.
        checker().check(&rows(990, 1010)).unwrap();
        let shops: StringArray = (0..10).map(|row| Some(format!("shop-{}", 9 - row))).collect();
        assert!(refused(&with("shop_id", Arc::new(shops))).contains("row 2 with key (shop-8, 1): the key does not come after (shop-9, 0)"));
    }

    #[test]
    fn all_problems_at_once_one_for_each_column() {
        let batch = with("share", floats(Some(2.0)));
        let mut columns = batch.columns().to_vec();
        columns[8] = floats(Some(-2.0));
        let message = refused(&RecordBatch::try_new(batch.schema(), columns).unwrap());
        assert!(message.contains("column `share`") && message.contains("column `ratio`"), "{message}");
    }

    #[test]
    fn types_and_names_are_those_of_the_card() {
        let message = refused(&with("first_date", Arc::new(Int64Array::from(vec![0; 10]))));
        assert!(message.contains("table `sample`, column 4: `first_date` Int64 where the card says `first_date` Date32"), "{message}");
        let dates = Arc::new(Date32Array::from(vec![0; 10]));
        assert!(refused(&with("orders", dates)).contains("`orders` Date32 where the card says `orders` Int64"));
        let batch = rows(0, 10).project(&[0, 1, 2]).unwrap();
        assert!(refused(&batch).contains("column 11: no column where the card says `is_complete` Boolean"));
    }

    #[test]
    fn a_key_that_does_not_come_first_is_refused() {
        let card = Card { key: &["customer_id"], ..CARD };
        assert_eq!(Conform::new(&card, &ids()).unwrap_err().exit_code(), 1);
    }
}
