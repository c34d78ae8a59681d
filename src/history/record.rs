//! The record: a line as it travels through the shuffle, some 45 bytes of it instead of a hundred.
//!
//! Sixteen numbers, each as many bytes as it needs: a word of sixteen lengths, then the bytes. Times are written as what
//! they differ from the placing of the order, amounts and ids as what they differ from each other, so that most are short.
//! Texts of ids follow behind the numbers, which hold their lengths.

use super::row::{NOT_COMPLETED, NOT_SHIPPED, Row};
use crate::input::orders::Line;
use crate::spec::{DAY_MICROSECONDS, Id, NO_TIME, day_of_time};

/// Numbers of a record.
const NUMBERS: usize = 16;

/// Bytes of a record without its texts, at most.
pub(super) const MOST: usize = 8 + NUMBERS * 8;

/// Bytes that must be there to be read behind the last record.
pub(super) const PADDING: usize = MOST;

/// Bits of the length in a place; readers reject longer ids (see [`crate::input::ids::LONGEST_ID`]).
const LENGTH_BITS: u32 = (crate::input::ids::LONGEST_ID + 1).trailing_zeros();

/// Keys of signed ids have this bit turned; turned back, small ids are short.
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

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// A time that may be missing: 0 for none, else what it differs from another by, and one more.
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

/// Writes the numbers of a line; `customer` is the one that it goes to. Returns how many bytes they took.
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
        zigzag(i64::from(line.quantity) - 1) << 2 | u64::from(line.is_closed) << 1 | u64::from(in_seconds),
        u64::from(line.row),
        u64::from(line.shop),
        // What is small stands low, so that it is short.
        u64::from(line.category & 0xffff) | u64::from(line.item) << 16 | u64::from(line.category >> 16) << 48,
        (channel & 0xff) | (province & 0xff) << 8 | u64::from(line.file) << 16 | (channel >> 8) << 48 | (province >> 8) << 56,
    ];
    let mut lengths = 0;
    let mut at = 8;
    for (position, number) in numbers.into_iter().enumerate() {
        let bytes = (71 - (number | 1).leading_zeros() as usize - usize::from(number == 0)) / 8;
        if let Some(room) = room.get_mut(at..at + 8) {
            room.copy_from_slice(&number.to_le_bytes());
        }
        lengths |= (bytes as u64) << (4 * position);
        at += bytes;
    }
    if let Some(room) = room.first_chunk_mut::<8>() {
        *room = lengths.to_le_bytes();
    }
    at
}

/// Which ids are texts: those of customers, orders, lines.
pub(super) type IsText = [bool; 3];

/// Reads the record at `at`, whose texts stay where they are, and moves `at` behind it. `None` where there is no whole one.
#[inline]
pub(super) fn read(bytes: &[u8], at: &mut usize, is_text: IsText) -> Option<Row> {
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
    let [customer_is_text, order_is_text, line_is_text] = is_text;
    let customer = id(customer_is_text, customer);
    let order_id = id(order_is_text, order);
    let line = match (order_is_text, line_is_text) {
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
    Some(Row {
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
        quantity: (unzigzag(quantity >> 2) + 1) as u32,
        file: (place >> 16) as u32,
        row: row as u32,
        shop: shop as u32,
        category: (category & 0xffff | category >> 48 << 16) as u32,
        item: (category >> 16) as u32,
        channel: (place & 0xff | place >> 48 << 8 & 0xff00) as u16,
        province: (place >> 8 & 0xff | place >> 56 << 8) as u16,
        completed: if completed == NO_TIME { NOT_COMPLETED } else { u16::try_from(completed).unwrap_or(NOT_COMPLETED) },
        is_closed: quantity & 2 != 0,
    })
}

/// The bytes of a text at a place.
pub(super) fn text_at(bytes: &[u8], place: u64) -> &[u8] {
    let from = (place >> LENGTH_BITS) as usize;
    bytes.get(from..from + (place & crate::input::ids::LONGEST_ID as u64) as usize).unwrap_or_default()
}
