//! What people call shops, beside the ids in tables that have no names.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::array_value_to_string;

use super::selection::Selected;
use crate::error::Result;
use crate::publish::Snapshot;
use crate::table::read_back::rows;
use crate::table::shop::shops;

/// The column with the ids.
const ID: &str = "shop_id";
/// The column with the names in `shops`.
const NAME: &str = "name";
/// That of other tables, if they have one.
const NAME_ELSEWHERE: &str = "shop_name";

/// The names of a snapshot by the shop's id as text.
#[derive(Debug)]
pub struct ShopNames(BTreeMap<String, String>);

impl ShopNames {
    /// Those of the table `shops`; none where the snapshot does not have it.
    ///
    /// # Errors
    /// [`crate::error::Error::Input`] where that table is damaged.
    pub fn of(snapshot: &Snapshot) -> Result<ShopNames> {
        let batches = snapshot.columns(shops::TABLE.name, &[ID, NAME]).collect::<Result<Vec<RecordBatch>>>()?;
        Ok(ShopNames(rows(&batches).filter_map(|row| row.text(ID).zip(row.text(NAME))).collect()))
    }

    /// The name of a shop, if the snapshot says it.
    pub fn get(&self, shop: &str) -> Option<&str> {
        self.0.get(shop).map(String::as_str)
    }

    /// The id of a shop, and behind it the name.
    fn beside(&self, id: String) -> String {
        match self.get(&id) {
            Some(name) => format!("{id} {name}"),
            None => id,
        }
    }
}

/// The same rows of a table with the names behind the ids, for people. Rows without ids, or with names of their own, are left as they are.
///
/// # Errors
/// As for [`ShopNames::of`].
pub fn beside_ids(selected: Selected, table: &str, snapshot: &Snapshot) -> Result<Selected> {
    let Ok(at) = selected.schema.index_of(ID) else { return Ok(selected) };
    let own = if table == shops::TABLE.name { NAME } else { NAME_ELSEWHERE };
    if selected.schema.index_of(own).is_ok() {
        return Ok(selected);
    }
    let names = ShopNames::of(snapshot)?;
    let mut fields: Vec<_> = selected.schema.fields().iter().cloned().collect();
    fields[at] = Arc::new(Field::new(ID, DataType::Utf8, true).with_metadata(fields[at].metadata().clone()));
    let schema = Arc::new(Schema::new(fields));
    let named = |batch: &RecordBatch| -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        let ids = &batch.columns()[at];
        let text = |row: usize| ids.is_valid(row).then(|| array_value_to_string(ids, row).map(|id| names.beside(id))).transpose();
        columns[at] = Arc::new((0..ids.len()).map(text).collect::<Result<StringArray, _>>()?);
        Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
    };
    let batches = selected.batches.iter().map(named).collect::<Result<Vec<_>>>()?;
    Ok(Selected { schema, batches, ..selected })
}
