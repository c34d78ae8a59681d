//! The items that the page lists: of tables with a row for each item and day, those of them alone are read.

use std::collections::HashSet;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::cells::{Texts, array};
use crate::error::Result;

/// Items by shop and id.
#[derive(Debug, Default)]
pub struct ListedItems(HashSet<(String, String)>);

impl ListedItems {
    /// The items of rows with these numbers of shops and of items.
    pub fn of(shop: &[Option<i64>], item: &[Option<i64>], shops: &Texts, texts: &Texts) -> ListedItems {
        let text = |all: &Texts, cell: &Option<i64>| all.all().get(usize::try_from((*cell)?).ok()?).cloned();
        ListedItems(shop.iter().zip(item).filter_map(|(shop, item)| Some((text(shops, shop)?, text(texts, item)?))).collect())
    }

    /// Those of some rows of a batch that are of these items.
    ///
    /// # Errors
    /// [`crate::error::Error::Bug`] where the batch does not have the columns.
    pub fn rows_of(&self, batch: &RecordBatch, mut rows: Vec<usize>) -> Result<Vec<usize>> {
        let options = FormatOptions::new();
        let (shops, items) = (array(batch, "shop_id")?, array(batch, "item_id")?);
        let (shop, item) = (ArrayFormatter::try_new(shops, &options)?, ArrayFormatter::try_new(items, &options)?);
        rows.retain(|row| items.is_valid(*row) && self.0.contains(&(shop.value(*row).to_string(), item.value(*row).to_string())));
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    #[test]
    fn an_item_of_another_shop_is_another_item() {
        let shops: ArrayRef = Arc::new(Int64Array::from(vec![1, 1, 2, 2]));
        let items: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b"), Some("a"), None]));
        let batch = RecordBatch::try_from_iter_with_nullable([("shop_id", shops, false), ("item_id", items, true)]).expect("a batch");
        let listed = ListedItems(HashSet::from([("1".to_owned(), "a".to_owned()), ("2".to_owned(), "b".to_owned())]));
        assert_eq!(listed.rows_of(&batch, (0..4).collect()).expect("rows"), [0]);
        assert_eq!(ListedItems::default().rows_of(&batch, (0..4).collect()).expect("rows"), [0; 0]);
    }
}
