//! Unsubscribed fold: which of the customers who must not be contacted have an order in the shop that may not contact them.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;
use hashbrown::HashSet;

use super::codes::{CodeOf, coded};
use super::customer::keys::{CustomerIds, mixed};
use super::spec::{FoldSpec, Pace};
use crate::error::{Error, Result};
use crate::history::{Context, Fold, History};
use crate::input::records::do_not_contact::DoNotContact;
use crate::input::values::codes::OwnedId;

/// The customers of the input `do_not_contact` who are known from the orders.
pub static UNSUBSCRIBED: FoldSpec<UnsubscribedFold> =
    FoldSpec { name: "unsubscribed", version: 1, pace: Pace::AsTheyCome, new: |context, _| UnsubscribedFold::new(context) };

/// Keeps those customers of shops who are on the list.
pub struct UnsubscribedFold {
    list: Arc<DoNotContact>,
    known: Vec<(u32, OwnedId)>,
}

impl UnsubscribedFold {
    /// An empty fold.
    pub fn new(context: &Context) -> Self {
        UnsubscribedFold { list: Arc::clone(&context.do_not_contact), known: Vec::new() }
    }

    /// How many of the list no order names.
    pub fn unknown(&self) -> usize {
        let known: HashSet<usize> = self.known.iter().flat_map(|(shop, customer)| self.list.positions(*shop, customer.id())).collect();
        self.list.len() - known.len()
    }

    /// How many the list has.
    pub fn listed(&self) -> usize {
        self.list.len()
    }
}

impl Fold for UnsubscribedFold {
    fn update(&mut self, history: &History<'_>) {
        if self.list.has(history.shop, history.customer) {
            self.known.push((history.shop, history.customer.into()));
        }
    }

    fn state(&mut self) -> Result<Vec<RecordBatch>> {
        let known = std::mem::take(&mut self.known);
        let mut customers = CustomerIds::default();
        if !known.iter().all(|(_, customer)| customers.push(customer.id())) {
            return Err(mixed());
        }
        let shops: ArrayRef = Arc::new(UInt32Array::from_iter_values(known.iter().map(|(shop, _)| *shop)));
        let customers = customers.into_array()?;
        let fields = vec![
            coded(Field::new("shop", DataType::UInt32, false), CodeOf::Shop),
            Field::new("customer_id", customers.data_type().clone(), false),
        ];
        Ok(vec![RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![shops, customers])?])
    }

    fn merge(&mut self, state: &[RecordBatch]) -> Result<()> {
        for batch in state {
            let column = |name: &str| batch.column_by_name(name).filter(|column| column.null_count() == 0);
            let shops = column("shop").and_then(|shops| shops.as_primitive_opt::<UInt32Type>());
            let (Some(shops), Some(customers)) = (shops, column("customer_id")) else {
                return Err(Error::bug("a state of unsubscribed customers has no shop or no customer_id"));
            };
            let customers = CustomerIds::concatenated(&[Arc::clone(customers)])?;
            self.known.extend(shops.values().iter().enumerate().map(|(row, shop)| (*shop, customers.get(row).into())));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::do_not_contact::Unsubscribed;
    use crate::spec::Id;
    use crate::table::testing::{bought_on, buyer, folded, integer_shops, paid};

    #[test]
    fn a_customer_is_known_by_the_orders_of_the_shop_that_is_named_or_of_any() {
        let of = |customer: u64, shop| Unsubscribed { customer: OwnedId::Integer(customer), shop };
        // 5 holds everywhere and bought in two shops; 7 bought in shop 0 and left shop 1; 8 never bought; 9 left shop 2, where it bought.
        let list = DoNotContact::new(vec![of(5, None), of(7, Some(1)), of(8, None), of(9, Some(2))]);
        let context = Context { do_not_contact: Arc::new(list), ..integer_shops(0, 10) };
        let bought = |shop, customer| buyer(shop, Id::Integer(customer), vec![paid(3, 100)]);
        let customers = [bought(0, 5), bought(1, 5), bought(0, 7), bought(2, 9), bought(2, 6)];
        let fold = folded(UnsubscribedFold::new(&context), &customers);
        assert_eq!((fold.listed(), fold.unknown()), (4, 2));
        // Merged from two parts, each of which met customer 5.
        let mut merged = UnsubscribedFold::new(&context);
        for part in [&customers[..1], &customers[1..]] {
            merged.merge(&folded(UnsubscribedFold::new(&context), part).state().unwrap()).unwrap();
        }
        assert_eq!(merged.unknown(), 2);
        let nobody = folded(UnsubscribedFold::new(&integer_shops(0, 10)), &[bought_on(0, &[3])]);
        assert_eq!((nobody.listed(), nobody.unknown()), (0, 0));
    }
}
