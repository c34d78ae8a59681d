//! Customer links: what the platform says of the customers whose ids changed, who is who.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array};

use super::ids::{self, IdColumn};
use super::renamed::{is_renamed, moves_on};
use super::small::write_file;
use super::summary::InputSummary;
use super::world::World;
use crate::error::Result;

/// Writes `customer_links.parquet`: the ids of the customers of the shops that moved, each with the one of before.
pub fn write_customer_links(world: &World, dir: &Path) -> Result<InputSummary> {
    let (mut customers, mut linked, mut days) = (IdColumn::new(world), IdColumn::new(world), Vec::new());
    for shop in &world.shops {
        let Some(day) = moves_on(world, shop) else { continue };
        for customer in (shop.first_customer..shop.first_customer + shop.customers).filter(|customer| is_renamed(world, *customer)) {
            let person = ids::person(world, shop, customer);
            customers.push_person(Some(ids::renamed(person, shop)));
            linked.push_person(Some(person));
            days.push(Some(world.calendar.first + day as i32));
        }
    }
    let columns: Vec<(&str, ArrayRef)> =
        vec![("customer_id", customers.finish()), ("linked_id", linked.finish()), ("valid_from", Arc::new(Date32Array::from(days)))];
    write_file(dir, "customer_links", columns)
}
