//! The dimensions of cohorts and repurchases: those that a job chooses, the columns of the orders that they come from, and those of tables
//! that say which one a row is of.

use crate::error::Result;
use crate::job::{Job, Params};
use crate::spec::Card;
use crate::spec::card::{Column, Kind};
use crate::table::night::{Night, Read};
use crate::table::rows::Sink;
use crate::table::unit::{AnyTable, Table, Witness};

/// Cohort dimensions and the columns of the orders that they come from.
pub const DIMENSIONS: [(&str, &str); 6] = [
    ("first_channel", "channel"),
    ("first_category", "category_id"),
    ("first_item", "item_id"),
    ("first_order_value_band", "paid_amount"),
    ("first_promotion", "promotion"),
    ("province", "province"),
];

/// The dimension of a row of a table about repurchases.
pub const DIMENSION: Column = Column::new(
    "dimension",
    Kind::Text,
    "",
    "维度",
    "By what the customers are divided: `all` (undivided), or a dimension as in cohort_retention.",
);

/// Its value.
pub const DIMENSION_VALUE: Column = Column::new(
    "dimension_value",
    Kind::Text,
    "",
    "维度取值",
    "The value that all customers of the row share; `all` for the undivided customers, `(none)` for those whose purchase has no such \
     value; of `first_item` the 20 items with the most customers of the shop, and `(other)` for all others. Every customer has exactly one value, so the counts of a dimension's values add up to those of `all`; all intervals of a \
     customer stand under that value, whatever value the later purchases have.",
);

/// The dimensions that a job chooses.
fn chosen(params: &Params) -> impl Iterator<Item = (&'static str, &'static str)> {
    DIMENSIONS.into_iter().filter(|(dimension, _)| params.cohort.dimensions.iter().any(|listed| listed == dimension))
}

/// A table by dimension, whose columns of the orders depend on the dimensions that a job chooses.
pub struct ByDimensions<Row: 'static> {
    /// The rest of its declaration.
    pub table: &'static Table<Row>,
}

impl<Row: Send + Sync> AnyTable for ByDimensions<Row> {
    fn card(&'static self) -> &'static Card {
        self.table.card()
    }

    fn reads(&self) -> &'static [Read] {
        self.table.reads
    }

    fn uses_with(&self, params: &Params) -> Vec<&'static str> {
        chosen(params).map(|(_, column)| column).collect()
    }

    fn witness(&self) -> Witness {
        self.table.witness
    }

    fn lacks(&self, job: &Job, has: &dyn Fn(&str) -> bool) -> Vec<String> {
        let lacking = chosen(&job.params).filter(|(_, column)| !has(column));
        lacking.map(|(dimension, column)| format!("cohorts have no dimension `{dimension}`: input `orders` has no `{column}`")).collect()
    }

    fn write(&'static self, night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        self.table.write(night, sink)
    }
}
