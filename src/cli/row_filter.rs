//! Rows by shop and condition, for `show` and `diff`.

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::and_kleene;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Error, Problem, Result};
use crate::table::condition::Condition;

/// The column with the shops.
const SHOP: &str = "shop_id";

/// The rows of a shop, and those for which a condition holds; all rows by default.
#[derive(Debug, Default)]
pub struct RowFilter {
    shop: Option<String>,
    condition: Option<Condition>,
}

impl RowFilter {
    /// The filter of `--shop` and `--where`.
    ///
    /// # Errors
    /// What is wrong with the condition.
    pub fn new(shop: Option<&str>, condition: Option<&str>) -> Result<RowFilter, Problem> {
        let condition = condition.map(Condition::parse).transpose().map_err(|refused| {
            let help = "write it as in the WHERE of a query, such as --where \"net_revenue > 1000 AND segment = 'A'\"";
            let help = refused.help.unwrap_or_else(|| help.to_owned());
            Problem::new("--where", format!("is not a valid condition: {}", refused.cause)).help(help)
        })?;
        Ok(RowFilter { shop: shop.map(str::to_owned), condition })
    }

    /// Whether it is for all rows.
    pub fn is_for_all(&self) -> bool {
        self.shop.is_none() && self.condition.is_none()
    }

    /// The columns that it needs, each with the option that names it.
    pub fn columns(&self) -> Vec<(&'static str, String)> {
        let shop = self.shop.iter().map(|_| ("--shop", SHOP.to_owned()));
        shop.chain(self.condition.iter().flat_map(Condition::columns).map(|column| ("--where", column))).collect()
    }

    /// For each row whether it is one of these: true, false or null, which counts as false; `None` where all are.
    ///
    /// # Errors
    /// [`Error::Usage`] where the condition cannot be evaluated.
    pub fn holds(&self, batch: &RecordBatch) -> Result<Option<BooleanArray>> {
        let mut holds: Option<BooleanArray> = None;
        if let (Some(shop), Some(shops)) = (&self.shop, batch.column_by_name(SHOP)) {
            let options = FormatOptions::new();
            let shown = ArrayFormatter::try_new(shops.as_ref(), &options)?;
            holds = Some((0..shops.len()).map(|row| Some(shops.is_valid(row) && shown.value(row).to_string() == *shop)).collect());
        }
        if let Some(condition) = &self.condition {
            let found = condition.evaluate(batch).map_err(|refusal| {
                Error::Usage(vec![Problem::new("--where", format!("cannot be evaluated: {}", refusal.cause)).help(refusal.help)])
            })?;
            holds = Some(match holds {
                Some(holds) => and_kleene(&holds, &found)?,
                None => found,
            });
        }
        Ok(holds)
    }
}
