//! Ids as from a shop platform: large, meaningless, unique; integers or texts.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, StringBuilder};
use arrow::datatypes::DataType;

use super::random::mix;
use super::shop::Shop;
use super::world::World;

/// Bits of a person's number.
const PERSON_BITS: u32 = 40;

/// Seconds before the first day of the data at which order ids begin to count.
const BEFORE: u64 = 10 * 365 * 86_400;

/// The id of an order: the time in the high bits, so that ids increase with time, the customer in the middle, and three
/// bits for the lines.
pub fn order(customer: u32, created: u32) -> i64 {
    // An odd factor permutes the 30 bits.
    let scrambled = (u64::from(customer) * 0x2545_f491) & ((1 << 30) - 1);
    (((u64::from(created) + BEFORE) << 33) | (scrambled << 3)) as i64
}

/// The id of a line: the only line of an order has the order's id.
pub fn line(order: i64, line: u8, lines: u8) -> i64 {
    if lines == 1 { order } else { order + 1 + i64::from(line) }
}

/// The id of the refund application for a line.
pub fn refund(line: i64) -> i64 {
    // A permutation of 61 bits, after a leading digit.
    (1 << 61) | ((line as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) & ((1 << 61) - 1)) as i64
}

/// The person behind a customer of a shop; the same person has the same id in every shop.
pub fn person(world: &World, shop: &Shop, customer: u32) -> u64 {
    (u64::from(customer - shop.first_customer) * shop.person.0 + shop.person.1) % world.people
}

/// A person as the application of a shop that moved knows it. The lower 40 bits are those of the person.
pub fn renamed(person: u64, shop: &Shop) -> u64 {
    person | (shop.index as u64 + 1) << PERSON_BITS
}

/// The shop's id.
pub fn shop(shop: &Shop) -> i64 {
    58_501_001 + 37 * shop.index as i64
}

/// The id of an item of a shop.
pub fn item(shop: &Shop, item: u64) -> i64 {
    600_000_000_000 + (shop.index as i64 * 1_000 + item as i64) * 7_919
}

/// The id of a category of items.
pub fn category(category: u64) -> i64 {
    50_010_000 + category as i64
}

/// A column of ids.
#[derive(Debug)]
pub enum IdColumn {
    /// As integers.
    Int(Int64Builder),
    /// As texts.
    Text(StringBuilder),
}

impl IdColumn {
    /// An empty column in the world's type of ids.
    pub fn new(world: &World) -> Self {
        if world.text_ids { IdColumn::Text(StringBuilder::new()) } else { IdColumn::Int(Int64Builder::new()) }
    }

    /// The type of such a column.
    pub fn data_type(world: &World) -> DataType {
        if world.text_ids { DataType::Utf8 } else { DataType::Int64 }
    }

    /// Adds an id; as a text it is its decimal digits.
    pub fn push(&mut self, id: Option<i64>) {
        match self {
            IdColumn::Int(builder) => builder.append_option(id),
            IdColumn::Text(builder) => match id {
                Some(id) => builder.append_value(decimal(id, &mut [0; 20])),
                None => builder.append_null(),
            },
        }
    }

    /// Adds a person's id: 13 digits, or 18 letters and digits of which the first two are the same for all but the people whom a shop knows by
    /// an id of its own, which is always the greater one.
    pub fn push_person(&mut self, person: Option<u64>) {
        match (self, person) {
            (IdColumn::Int(builder), person) => builder.append_option(person.map(|person| {
                // Bijections of 40 bits: xor with the own high half, odd factor, and once more.
                let mask = (1u64 << PERSON_BITS) - 1;
                let (shop, person) = (person >> PERSON_BITS, person & mask);
                let mixed = ((person ^ (person >> 20)).wrapping_mul(0xd6e8_feb8_6659_fd93)) & mask;
                let mixed = ((mixed ^ (mixed >> 20)).wrapping_mul(0xa5a3_564f_27f8_861b)) & mask;
                2_000_000_000_000 + ((shop << PERSON_BITS) + mixed) as i64
            })),
            (IdColumn::Text(builder), None) => builder.append_null(),
            (IdColumn::Text(builder), Some(person)) => builder.append_value(open_uid(person, &mut [0; 18])),
        }
    }

    /// The column.
    pub fn finish(self) -> ArrayRef {
        match self {
            IdColumn::Int(mut builder) => Arc::new(builder.finish()),
            IdColumn::Text(mut builder) => Arc::new(builder.finish()),
        }
    }
}

fn decimal(id: i64, buffer: &mut [u8; 20]) -> &str {
    let (mut left, mut start) = (id.unsigned_abs(), buffer.len());
    loop {
        start -= 1;
        buffer[start] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    std::str::from_utf8(&buffer[start..]).unwrap_or_default()
}

/// Like TOP's `buyer_open_uid`. The first 64 bits of the 96 are a bijection of the person, so no two are the same.
fn open_uid(person: u64, buffer: &mut [u8; 18]) -> &str {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (shop, person) = (person >> PERSON_BITS, person & ((1 << PERSON_BITS) - 1));
    let first = mix(person.wrapping_add(0x5bd1_e995));
    let bits = (u128::from(first) << 32) | u128::from(mix(first) >> 32);
    buffer[0] = if shop == 0 { b'A' } else { b'B' };
    buffer[1] = LETTERS[shop as usize & 63];
    for (position, byte) in buffer.iter_mut().skip(2).enumerate() {
        *byte = LETTERS[(bits >> (6 * position)) as usize & 63];
    }
    std::str::from_utf8(buffer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_rise_with_time() {
        let ids: BTreeSet<i64> = (0..1_000)
            .flat_map(|customer| (0..5).flat_map(move |second| (0..5).map(move |at| line(order(customer, second), at, 5))))
            .collect();
        assert_eq!(ids.len(), 25_000);
        assert!(order(5, 100) < order(4, 101));
        assert!(order(u32::MAX, 240 * 31 * 86_400) > 0);
        assert_eq!(ids.iter().map(|id| refund(*id)).collect::<BTreeSet<_>>().len(), 25_000);
        assert!(ids.iter().all(|id| refund(*id) > 0));
    }

    #[test]
    fn texts() {
        assert_eq!(decimal(1_203_004, &mut [0; 20]), "1203004");
        assert_eq!(decimal(i64::MAX, &mut [0; 20]), i64::MAX.to_string());
        let texts: BTreeSet<String> = (0..10_000).map(|person| open_uid(person, &mut [0; 18]).to_owned()).collect();
        assert_eq!(texts.len(), 10_000);
    }
}
