//! Buyers who may be none: words such as `NULL` as ids, and accounts to which a shop books whoever has none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::input::values::codes::OwnedId;
use crate::input::values::placeholder::is_placeholder;
use crate::spec::{Id, IdType};

/// Customers that a shop has more than of which one with so many orders is unusual.
const MANY_CUSTOMERS: u64 = 1_000;

/// The share of the orders of a shop with many customers that no one person has: one in so many.
const ONE_IN: u64 = 20;

/// The orders of customers, as far as they show buyers who may be none. Additive.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyers {
    /// By shop.
    shops: Vec<ShopBuyers>,
    /// By id: the orders of customers whose ids may be placeholders, in all shops.
    #[serde(with = "pairs")]
    placeholders: BTreeMap<OwnedId, u64>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ShopBuyers {
    customers: u64,
    orders: u64,
    /// The customers with the most orders, as many as can have more than their share.
    most: Vec<(u64, OwnedId)>,
}

/// A map as pairs: the keys of JSON are texts.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::OwnedId;

    pub fn serialize<S: Serializer>(map: &BTreeMap<OwnedId, u64>, into: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<(&OwnedId, &u64)>>().serialize(into)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<OwnedId, u64>, D::Error> {
        Ok(Vec::deserialize(from)?.into_iter().collect())
    }
}

impl ShopBuyers {
    /// Notes a customer who may be among those with the most orders.
    fn note(&mut self, orders: u64, customer: OwnedId) {
        self.most.push((orders, customer));
        if self.most.len() >= 4 * ONE_IN as usize {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.most.sort_unstable_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
        self.most.truncate(ONE_IN as usize);
    }
}

/// A customer with more orders than one person has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The shop; `None` for a placeholder, which is one in all shops.
    pub shop: Option<u32>,
    /// The id.
    pub customer: OwnedId,
    /// The orders of that customer.
    pub orders: u64,
    /// The orders of all customers of the shop, or of all shops.
    pub of: u64,
}

impl Buyers {
    /// Adds a customer of a shop.
    pub(super) fn note(&mut self, shop: u32, customer: Id<'_>, orders: u64) {
        let at = shop as usize;
        if at >= self.shops.len() {
            self.shops.resize(at + 1, ShopBuyers::default());
        }
        if let Some(shop) = self.shops.get_mut(at) {
            shop.customers += 1;
            shop.orders += orders;
            // Fewer are never more than the share of more than a thousand customers.
            if orders > MANY_CUSTOMERS / ONE_IN {
                shop.note(orders, OwnedId::from(customer));
            }
        }
        let may_be_none = match customer {
            Id::Integer(key) => key == 0 || key == IdType::key(0) || key == IdType::key(-1),
            Id::Text(text) => is_placeholder(text),
        };
        if may_be_none {
            *self.placeholders.entry(OwnedId::from(customer)).or_default() += orders;
        }
    }

    pub(super) fn add(&mut self, other: Buyers) {
        if self.shops.len() < other.shops.len() {
            self.shops.resize(other.shops.len(), ShopBuyers::default());
        }
        for (own, more) in self.shops.iter_mut().zip(other.shops) {
            own.customers += more.customers;
            own.orders += more.orders;
            own.most.extend(more.most);
            own.settle();
        }
        for (id, orders) in other.placeholders {
            *self.placeholders.entry(id).or_default() += orders;
        }
    }

    /// The customers whose ids are placeholders as people read them (`show`), ascending by id, and then those with more than a twentieth of
    /// the orders of a shop with more than a thousand customers.
    pub fn suspects(&self, show: &dyn Fn(Id<'_>) -> String) -> Vec<Suspect> {
        let all = self.shops.iter().map(|shop| shop.orders).sum();
        let named = self.placeholders.iter().filter(|(id, _)| is_placeholder(&show(id.id())));
        let mut suspects: Vec<Suspect> =
            named.map(|(id, orders)| Suspect { shop: None, customer: id.clone(), orders: *orders, of: all }).collect();
        for (shop, buyers) in (0..).zip(&self.shops) {
            let mut buyers = buyers.clone();
            buyers.settle();
            let ShopBuyers { customers, orders: of, most } = buyers;
            let is_known = |id: &OwnedId| suspects.iter().any(|suspect| suspect.shop.is_none() && suspect.customer == *id);
            let large = most.into_iter().filter(|(orders, id)| customers > MANY_CUSTOMERS && orders * ONE_IN > of && !is_known(id));
            let found: Vec<Suspect> = large.map(|(orders, customer)| Suspect { shop: Some(shop), customer, orders, of }).collect();
            suspects.extend(found);
        }
        suspects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(buyers: &Buyers) -> Vec<(Option<u32>, String, u64, u64)> {
        let show = |id: Id<'_>| IdType::text().show(id);
        buyers.suspects(&show).iter().map(|found| (found.shop, show(found.customer.id()), found.orders, found.of)).collect()
    }

    #[test]
    fn an_account_with_a_twentieth_of_many_customers_orders_is_told_whoever_counted_it() {
        // 1,001 customers of one order each, and `pos` with 53 of 1,054, which is more than 52.7; in the small shop it has almost all.
        let (mut one, mut other) = (Buyers::default(), Buyers::default());
        for customer in 0..1_001 {
            let id = format!("c{customer}");
            (if customer % 2 == 0 { &mut one } else { &mut other }).note(1, Id::Text(&id), 1);
        }
        other.note(1, Id::Text("pos"), 53);
        one.note(0, Id::Text("pos"), 90);
        let mut whole = one.clone();
        whole.add(other.clone());
        assert_eq!(found(&whole), [(Some(1), "pos".to_owned(), 53, 1_054)]);
        other.add(one);
        assert_eq!(found(&other), found(&whole));
        // 1,060 orders, of which a twentieth is 53.
        whole.note(1, Id::Text("x"), 6);
        assert_eq!(found(&whole), []);
    }

    #[test]
    fn placeholders_are_told_however_few() {
        let mut buyers = Buyers::default();
        buyers.note(0, Id::Text("NULL"), 2);
        buyers.note(1, Id::Text("NULL"), 1);
        buyers.note(1, Id::Text("甲"), 5);
        assert_eq!(found(&buyers), [(None, "NULL".to_owned(), 3, 8)]);
        let mut integers = Buyers::default();
        [i64::MIN, -1, 0, 7].into_iter().for_each(|id| integers.note(0, Id::Integer(IdType::key(id)), 1));
        let show = |id: Id<'_>| IdType::of(&arrow::datatypes::DataType::Int64).unwrap().show(id);
        let shown: Vec<String> = integers.suspects(&show).iter().map(|found| show(found.customer.id())).collect();
        assert_eq!(shown, ["-1", "0"]);
    }
}
