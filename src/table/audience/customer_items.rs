//! What lists know of the items of customers: what each runs out of, and what to offer beside the last item.

use crate::error::Result;
use crate::fold::customer::columns::CustomerColumns;
use crate::fold::customer::keys::{CustomerKeys, mixed};
use crate::fold::customers::LISTS;
use crate::fold::item::last_bought::{LAST_BOUGHT, LastBought, bought_on};
use crate::spec::{Id, NO_VALUE};
use crate::table::item::partners::{PARTNERS, Partners};
use crate::table::item::ranked::RANKED_ITEMS;
use crate::table::item::refills::{Lasting, Refill};
use crate::table::night::{Night, Read, Shared};
use crate::table::scores::SCORED_CUSTOMERS;

/// The items of customers. What no strategy asks for is not made.
pub static CUSTOMER_ITEMS: Shared<CustomerItems> = Shared {
    name: "customer_items",
    not_requested: |request| (!request.has_refills && !request.has_offers).then_some("no strategy of the job asks for items of customers"),
    reads: |request| {
        let always = [Read::Fold(&LAST_BOUGHT), Read::Shared(&PARTNERS)];
        let of_refills = [Read::Shared(&RANKED_ITEMS)].into_iter().filter(|_| request.has_refills);
        let of_offers = [Read::Shared(&SCORED_CUSTOMERS), Read::Part(&LISTS)].into_iter().filter(|_| request.has_offers);
        always.into_iter().chain(of_refills).chain(of_offers).collect()
    },
    make: CustomerItems::made,
};

/// What is known of the items of customers.
#[derive(Debug, Default)]
pub struct CustomerItems {
    /// Customers who run out of something, ascending.
    keys: CustomerKeys,
    /// Row by row what they run out of.
    refills: Vec<Refill>,
    /// By row of the scored customers: the code of the item to offer, 0 for none.
    offers: Vec<u32>,
}

impl CustomerItems {
    /// What a customer of a shop runs out of.
    pub fn refill(&self, shop: u32, customer: Id<'_>) -> Option<Refill> {
        self.refills.get(self.keys.find(shop, customer)?).copied()
    }

    /// The item to offer beside the last one to the customer in a row of the scored customers; code 0 for none.
    pub fn offer(&self, row: usize) -> u32 {
        self.offers.get(row).copied().unwrap_or(NO_VALUE)
    }

    fn made(night: &Night) -> Result<Self> {
        let (partners, purchases) = (night.shared(&PARTNERS)?, night.take_fold(&LAST_BOUGHT)?.finish()?);
        let mut items = CustomerItems::default();
        if night.request.has_refills {
            let lasting = Lasting::of(night, &partners)?;
            let mut found: Vec<(u32, Id<'_>, Refill)> = Vec::new();
            purchases.each_customer(|customer, bought| {
                let refill = bought.first().zip(lasting.first(bought));
                found.extend(refill.map(|(first, refill)| (first.shop, customer, refill)));
            });
            found.sort_unstable_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)));
            for (shop, customer, refill) in found {
                if !items.keys.id.push(customer) {
                    return Err(mixed());
                }
                items.keys.shop.push(shop);
                items.refills.push(refill);
            }
        }
        if night.request.has_offers {
            let columns = &night.shared(&SCORED_CUSTOMERS)?.columns;
            let best = |(shop, last): (&u32, &u32)| partners.best(*shop, *last).unwrap_or(NO_VALUE);
            items.offers = columns.keys.shop.iter().zip(&columns.last_item).map(best).collect();
            purchases.each_customer(|customer, bought| {
                if let Some((row, offer)) = other_offer(&partners, columns, customer, bought)
                    && let Some(own) = items.offers.get_mut(row)
                {
                    *own = offer;
                }
            });
        }
        Ok(items)
    }
}

/// The row of a customer who bought the best partner of the last item, and the best one that was not bought.
fn other_offer(partners: &Partners, columns: &CustomerColumns, customer: Id<'_>, bought: &[LastBought]) -> Option<(usize, u32)> {
    let shop = bought.first()?.shop;
    // Most customers bought nothing that has a partner: they need not be looked up.
    bought.iter().find(|last| !partners.of_item(shop, last.item).is_empty())?;
    let row = columns.keys.find(shop, customer)?;
    let of_last = partners.of_item(shop, *columns.last_item.get(row)?);
    let offer = of_last.iter().find(|partner| bought_on(bought, **partner).is_none());
    (!of_last.is_empty()).then_some((row, offer.copied().unwrap_or(NO_VALUE)))
}

#[cfg(test)]
mod tests;
