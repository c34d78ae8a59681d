//! The record: the encoding of a line in the shuffle, some 45 bytes instead of a hundred.
//!
//! A record is a word of sixteen lengths, the bytes of sixteen numbers, what few lines have, and the texts of its ids. Length `n`
//! takes bits 4n to 4n + 3 of the word; a number takes as many bytes as it needs, 0 to 8, and none if it is 0. All is little-endian. [`VERSION`] is the version of
//! this table:
//!
//! | number | name | unit | what is written |
//! | ---: | --- | --- | --- |
//! | 0 | customer; the order where the input has no customers; 0 for nobody | id | key with the sign bit turned; of a text its length in bytes |
//! | 1 | order | id | as 0 |
//! | 2 | line | id | integers: zigzag of its key less that of an integer order; else as 0; 0 for none |
//! | 3 | created | `t` | as it is |
//! | 4 | modified | `t` | 0 for none, else 1 + zigzag of what it is after created |
//! | 5 | paid | `t` | as 4 |
//! | 6 | shipped | s | as 4, after created in whole seconds |
//! | 7 | completed | days | as 4, after the day of created |
//! | 8 | placed amount | minor units | as it is |
//! | 9 | paid amount | minor units | zigzag of what it is more than 8 |
//! | 10 | refunded | minor units | as it is |
//! | 11 | quantity, flags | items | bit 0: `t` is seconds, else microseconds; bit 1: closed; bit 2: names no customer; bit 3: more follows; bits 4 and 5: what its status says that it waits for, 1 completion, 2 shipping; bits 6 on: zigzag of quantity less 1 |
//! | 12 | row | | as it is |
//! | 13 | shop | code | as it is |
//! | 14 | category, item | codes | category from bit 0 and its upper half from bit 48; item from bit 16, 32 bits |
//! | 15 | channel, province, file | codes | channel from bits 0 and 48, province from 8 and 56, a byte each; file from 16, 32 bits |
//!
//! What few lines have is a byte (the length of a first number in bits 0 and 1, of a second one from bit 4 on, in bit 3 whether a third
//! follows, and in bit 2 whether a fourth does) and the bytes of these numbers: the code of the promotion; one more than the discount in
//! minor units, 0 for none; in four bytes the place among the links of the id that the line names, where the customer stands for that one; in four
//! bytes the code of the item's title. A line that knows none of them has nothing of it.
//!
//! Zigzag of n is 2n, and -2n - 1 where n is negative. Texts follow in the order customer, order, line. Codes and files are those of
//! the run that wrote the record: records that outlive the run need its dictionaries with them.

use super::row::{NOT_COMPLETED, NOT_SHIPPED, Row, TextIds};
use crate::input::records::awaited::Awaited;
use crate::input::records::orders::Line;
use crate::input::values::links::NO_ALIAS;
use crate::input::values::money::NO_MONEY;
use crate::input::values::short_numbers::{unzigzag, zigzag};
use crate::spec::{DAY_MICROSECONDS, Id, NO_TIME, NO_VALUE, day_of_time};

/// The version of the layout. Code that stores records stores it with them, and refuses records of another version.
pub const VERSION: u32 = 6;

/// Numbers of a record.
const NUMBERS: usize = 16;

/// Bytes of a record without its texts, at most: the word and its numbers, a byte and four numbers.
pub(super) const MOST: usize = 8 + NUMBERS * 8 + 1 + 4 * 8;

/// Whether the third number of what few lines have follows.
const ALIAS: usize = 1 << 3;

/// Whether the fourth follows.
const TITLE: usize = 1 << 2;

/// The bits of the length of the first.
const FIRST_BYTES: usize = TITLE - 1;

/// Bytes of the third number, and of the fourth.
const CODE_BYTES: usize = 4;

/// Bytes that the reader may touch behind the last record.
pub(super) const PADDING: usize = MOST;

/// Bits of the length in a place; readers reject longer ids (see [`crate::input::values::ids::LONGEST_ID`]).
const LENGTH_BITS: u32 = (crate::input::values::ids::LONGEST_ID + 1).trailing_zeros();

/// Keys of signed ids have this bit flipped; flipped back, small ids are short.
const SIGN: u64 = 1 << 63;

/// The times of most sources are whole seconds.
const SECOND: i64 = 1_000_000;

/// The masks of numbers of 0 to 8 bytes.
const MASKS: [u64; 16] = {
    let mut masks = [u64::MAX; 16];
    let mut bytes = 0;
    while bytes < 8 {
        masks[bytes] = (1 << (8 * bytes)) - 1;
        bytes += 1;
    }
    masks
};

/// Encodes a time that may be missing: 0 for none, else 1 + the zigzag of its difference from another time.
fn since(time: i64, other: i64) -> u64 {
    if time == NO_TIME { 0 } else { zigzag(time.wrapping_sub(other)).wrapping_add(1) }
}

fn until(number: u64, other: i64) -> i64 {
    if number == 0 { NO_TIME } else { other.wrapping_add(unzigzag(number.wrapping_sub(1))) }
}

/// An integer id, or the length of a text.
fn word(id: Id<'_>) -> u64 {
    match id {
        Id::Integer(key) => key ^ SIGN,
        Id::Text(text) => text.len() as u64,
    }
}

/// Writes a number at a place, in as many bytes as it needs; returns how many. What was behind them may be overwritten.
#[inline(always)]
fn put(room: &mut [u8; MOST], at: usize, number: u64) -> usize {
    if let Some(room) = room.get_mut(at..at + 8) {
        room.copy_from_slice(&number.to_le_bytes());
    }
    (71 - (number | 1).leading_zeros() as usize - usize::from(number == 0)) / 8
}

/// Writes what few lines have, and returns how many bytes it took.
fn put_further(line: &Line<'_>, room: &mut [u8; MOST], at: usize) -> usize {
    let discount = if line.discount == NO_MONEY { 0 } else { (line.discount as u64).wrapping_add(1) };
    let promotion_bytes = put(room, at + 1, u64::from(line.promotion));
    let discount_bytes = put(room, at + 1 + promotion_bytes, discount);
    let mut lengths = promotion_bytes & FIRST_BYTES | discount_bytes << 4;
    let mut end = 1 + promotion_bytes + discount_bytes;
    for (code, none, bit) in [(line.alias, NO_ALIAS, ALIAS), (line.title, NO_VALUE, TITLE)] {
        if code != none {
            put(room, at + end, u64::from(code));
            end += CODE_BYTES;
            lengths |= bit;
        }
    }
    if let Some(room) = room.get_mut(at) {
        *room = lengths as u8;
    }
    end
}

/// What few lines have.
struct Further {
    promotion: u16,
    discount: i64,
    alias: u32,
    title: u32,
    /// How many bytes it takes.
    bytes: usize,
}

/// Reads what few lines have at a place.
fn take_further(record: &[u8; MOST], at: usize) -> Option<Further> {
    let lengths = usize::from(*record.get(at)?);
    let (promotion_bytes, discount_bytes) = (lengths & FIRST_BYTES, lengths >> 4);
    let number = |at: usize, bytes: usize| Some(u64::from_le_bytes(*record.get(at..)?.first_chunk()?) & MASKS[bytes]);
    let promotion = number(at + 1, promotion_bytes)?;
    let discount = number(at + 1 + promotion_bytes, discount_bytes)?;
    let discount = if discount == 0 { NO_MONEY } else { discount.wrapping_sub(1) as i64 };
    let mut end = 1 + promotion_bytes + discount_bytes;
    let mut code = |bit: usize, none: u32| {
        if lengths & bit == 0 {
            return Some(none);
        }
        let code = number(at + end, CODE_BYTES)? as u32;
        end += CODE_BYTES;
        Some(code)
    };
    let (alias, title) = (code(ALIAS, NO_ALIAS)?, code(TITLE, NO_VALUE)?);
    Some(Further { promotion: promotion as u16, discount, alias, title, bytes: end })
}

/// Writes the numbers of a line, whose texts the caller appends; `customer` is the one that it goes to. Returns how many bytes they took.
#[inline]
pub(super) fn write(line: &Line<'_>, customer: Id<'_>, room: &mut [u8; MOST]) -> usize {
    let is_whole = |time: i64| time == NO_TIME || time % SECOND == 0;
    let in_seconds = is_whole(line.created) && is_whole(line.modified) && is_whole(line.paid);
    let unit = |time: i64| if in_seconds && time != NO_TIME { time / SECOND } else { time };
    let created = unit(line.created);
    let shipped = if line.shipped == NO_TIME { NO_TIME } else { line.shipped / SECOND };
    let completed = if line.completed == NO_TIME { NO_TIME } else { i64::from(day_of_time(line.completed)) };
    let order = word(line.order);
    let line_id = match (line.order, line.line) {
        (Id::Integer(order), Some(Id::Integer(line))) => zigzag(line.wrapping_sub(order) as i64),
        (_, id) => id.map_or(0, word),
    };
    let (channel, province) = (u64::from(line.channel), u64::from(line.province));
    let has_further = line.promotion != 0 || line.discount != NO_MONEY || line.alias != NO_ALIAS || line.title != NO_VALUE;
    let numbers: [u64; NUMBERS] = [
        word(customer),
        order,
        line_id,
        created as u64,
        since(unit(line.modified), created),
        since(unit(line.paid), created),
        since(shipped, line.created / SECOND),
        since(completed, line.created / DAY_MICROSECONDS),
        line.placed_amount as u64,
        zigzag(line.paid_amount.wrapping_sub(line.placed_amount)),
        line.refunded as u64,
        zigzag(i64::from(line.quantity) - 1) << 6
            | line.awaited.bits() << 4
            | u64::from(has_further) << 3
            | u64::from(line.is_anonymous) << 2
            | u64::from(line.is_closed) << 1
            | u64::from(in_seconds),
        u64::from(line.row),
        u64::from(line.shop),
        // Small values take the low bits, so that the number is short.
        u64::from(line.category & 0xffff) | u64::from(line.item) << 16 | u64::from(line.category >> 16) << 48,
        (channel & 0xff) | (province & 0xff) << 8 | u64::from(line.file) << 16 | (channel >> 8) << 48 | (province >> 8) << 56,
    ];
    let mut lengths = 0;
    let mut at = 8;
    for (position, number) in numbers.into_iter().enumerate() {
        let bytes = put(room, at, number);
        lengths |= (bytes as u64) << (4 * position);
        at += bytes;
    }
    if has_further {
        at += put_further(line, room, at);
    }
    if let Some(room) = room.first_chunk_mut::<8>() {
        *room = lengths.to_le_bytes();
    }
    at
}

/// Reads the record at `at` and moves `at` behind it. Texts are not copied. Also returns the code of the item's title, [`NO_VALUE`] where the
/// record has none. `None` where the bytes end before the record does.
#[inline(always)]
pub(super) fn read(bytes: &[u8], at: &mut usize, text: TextIds) -> Option<(Row, u32)> {
    let record: &[u8; MOST] = bytes.get(*at..)?.first_chunk()?;
    let lengths = u64::from_le_bytes(*record.first_chunk()?);
    let mut from = 8;
    let mut numbers = [0_u64; NUMBERS];
    for (position, number) in numbers.iter_mut().enumerate() {
        let length = (lengths >> (4 * position)) as usize & 15;
        *number = u64::from_le_bytes(*record.get(from..)?.first_chunk()?) & MASKS[length];
        from += length;
    }
    let [
        customer,
        order,
        line,
        created,
        modified,
        paid,
        shipped,
        completed,
        placed,
        paid_amount,
        refunded,
        quantity,
        row,
        shop,
        category,
        place,
    ] = numbers;
    let mut further = Further { promotion: 0, discount: NO_MONEY, alias: NO_ALIAS, title: NO_VALUE, bytes: 0 };
    if quantity & 8 != 0 {
        further = take_further(record, from)?;
        from += further.bytes;
    }
    *at += from;
    let mut id = |is_text: bool, number: u64| {
        if is_text {
            let place = (*at as u64) << LENGTH_BITS | number;
            *at += number as usize;
            place
        } else {
            number ^ SIGN
        }
    };
    let customer = id(text.customer, customer);
    let order_id = id(text.order, order);
    let line = match (text.order, text.line) {
        (_, true) => id(true, line),
        (false, false) => order_id.wrapping_add(unzigzag(line) as u64),
        (true, false) => line ^ SIGN,
    };
    let in_seconds = quantity & 1 == 1;
    let time = |time: i64| if in_seconds && time != NO_TIME { time.wrapping_mul(SECOND) } else { time };
    let created_at = time(created as i64);
    let paid_at = time(until(paid, created as i64));
    let shipped = until(shipped, created_at / SECOND);
    let completed = until(completed, created_at / DAY_MICROSECONDS);
    let placed_amount = placed as i64;
    let row = Row {
        customer,
        order: order_id,
        line,
        modified: time(until(modified, created as i64)),
        created: created_at,
        paid: paid_at,
        placed_amount,
        paid_amount: placed_amount.wrapping_add(unzigzag(paid_amount)),
        refunded: refunded as i64,
        shipped: if shipped == NO_TIME { NOT_SHIPPED } else { u32::try_from(shipped).unwrap_or(NOT_SHIPPED) },
        quantity: (unzigzag(quantity >> 6) + 1) as u32,
        file: (place >> 16) as u32,
        row: row as u32,
        shop: shop as u32,
        category: (category & 0xffff | category >> 48 << 16) as u32,
        item: (category >> 16) as u32,
        discount: further.discount,
        promotion: further.promotion,
        alias: further.alias,
        channel: (place & 0xff | place >> 48 << 8 & 0xff00) as u16,
        province: (place >> 8 & 0xff | place >> 56 << 8) as u16,
        completed: if completed == NO_TIME { NOT_COMPLETED } else { u16::try_from(completed).unwrap_or(NOT_COMPLETED) },
        is_closed: quantity & 2 != 0,
        awaited: Awaited::of_bits(quantity >> 4),
        is_anonymous: quantity & 4 != 0,
    };
    Some((row, further.title))
}

/// The place of a text whose bytes have moved behind that many others.
pub(super) fn moved(place: u64, bytes: usize) -> u64 {
    place + ((bytes as u64) << LENGTH_BITS)
}

/// The bytes of a text at a place.
pub(super) fn text_at(bytes: &[u8], place: u64) -> &[u8] {
    let from = (place >> LENGTH_BITS) as usize;
    bytes.get(from..from + (place & crate::input::values::ids::LONGEST_ID as u64) as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests;
