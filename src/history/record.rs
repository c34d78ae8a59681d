//! The record: the encoding of a line in the shuffle, some 45 bytes instead of a hundred.
//!
//! A record is a word of sixteen lengths, the bytes of sixteen numbers, and the texts of its ids. Length `n` takes bits 4n to 4n + 3 of
//! the word; a number takes as many bytes as it needs, 0 to 8, and none if it is 0. All is little-endian. [`VERSION`] is the version of
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
//! | 11 | quantity, flags | items | bit 0: `t` is seconds, else microseconds; bit 1: closed; bit 2: names no customer; bits 3 on: zigzag of quantity less 1 |
//! | 12 | row | | as it is |
//! | 13 | shop | code | as it is |
//! | 14 | category, item | codes | category from bit 0 and its upper half from bit 48; item from bit 16, 32 bits |
//! | 15 | channel, province, file | codes | channel from bits 0 and 48, province from 8 and 56, a byte each; file from 16, 32 bits |
//!
//! Zigzag of n is 2n, and -2n - 1 where n is negative. Texts follow in the order customer, order, line. Codes and files are those of
//! the run that wrote the record: records that outlive the run need its dictionaries with them.

use super::row::{NOT_COMPLETED, NOT_SHIPPED, Row, TextIds};
use crate::input::records::orders::Line;
use crate::spec::{DAY_MICROSECONDS, Id, NO_TIME, day_of_time};

/// The version of the layout. Code that stores records stores it with them, and refuses records of another version.
pub const VERSION: u32 = 2;

/// Numbers of a record.
const NUMBERS: usize = 16;

/// Bytes of a record without its texts, at most.
pub(super) const MOST: usize = 8 + NUMBERS * 8;

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

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

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
        zigzag(i64::from(line.quantity) - 1) << 3
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

/// Reads the record at `at` and moves `at` behind it. Texts are not copied. `None` where the bytes end before the record does.
#[inline]
pub(super) fn read(bytes: &[u8], at: &mut usize, text: TextIds) -> Option<Row> {
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
        quantity: (unzigzag(quantity >> 3) + 1) as u32,
        file: (place >> 16) as u32,
        row: row as u32,
        shop: shop as u32,
        category: (category & 0xffff | category >> 48 << 16) as u32,
        item: (category >> 16) as u32,
        channel: (place & 0xff | place >> 48 << 8 & 0xff00) as u16,
        province: (place >> 8 & 0xff | place >> 56 << 8) as u16,
        completed: if completed == NO_TIME { NOT_COMPLETED } else { u16::try_from(completed).unwrap_or(NOT_COMPLETED) },
        is_closed: quantity & 2 != 0,
        is_anonymous: quantity & 4 != 0,
    })
}

/// The bytes of a text at a place.
pub(super) fn text_at(bytes: &[u8], place: u64) -> &[u8] {
    let from = (place >> LENGTH_BITS) as usize;
    bytes.get(from..from + (place & crate::input::values::ids::LONGEST_ID as u64) as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT_CUSTOMERS: TextIds = TextIds { customer: true, order: false, line: false };

    fn key(id: i64) -> Id<'static> {
        Id::Integer(crate::spec::IdType::key(id))
    }

    /// Order 1000, line 1002 of customer 鱼: placed at 1,700,000,000 s, changed 5 s before, paid 60 s after, shipped an hour after,
    /// completed four days after.
    fn example() -> Line<'static> {
        let created = 1_700_000_000;
        Line {
            file: 1,
            row: 70_000,
            shop: 5,
            shop_hash: 0,
            order: key(1_000),
            line: Some(key(1_002)),
            customer: Some(Id::Text("鱼")),
            is_anonymous: false,
            modified: (created - 5) * SECOND,
            created: created * SECOND,
            paid: (created + 60) * SECOND,
            shipped: (created + 3_600) * SECOND,
            completed: (created / 86_400 + 4) * DAY_MICROSECONDS,
            placed_amount: 9_900,
            paid_amount: 9_800,
            refunded: 0,
            quantity: 3,
            category: 7,
            channel: 300,
            province: 2,
            item: 9,
            is_closed: true,
        }
    }

    fn written(line: &Line<'_>) -> Vec<u8> {
        let mut room = [0; MOST];
        let customer = line.customer.unwrap_or(line.order);
        let numbers = write(line, customer, &mut room);
        let mut bytes = room[..numbers].to_vec();
        for id in [Some(customer), Some(line.order), line.line] {
            if let Some(Id::Text(text)) = id {
                bytes.extend(text.as_bytes());
            }
        }
        bytes
    }

    fn read_back(line: &Line<'_>, text: TextIds) -> (Row, Vec<u8>) {
        let mut bytes = written(line);
        let (length, mut at) = (bytes.len(), 0);
        bytes.resize(length + PADDING, 0);
        let row = read(&bytes, &mut at, text).unwrap();
        assert_eq!(at, length);
        (row, bytes)
    }

    #[test]
    fn a_record_of_version_2_has_these_bytes() {
        assert_eq!(VERSION, 2);
        let expected = [
            // Lengths of the numbers 0 to 15, two in a byte, the first of them below.
            [0x21, 0x41, 0x11, 0x12, 0x12, 0x10, 0x13, 0x73].as_slice(),
            &[3],                                        // customer: a text of 3 bytes
            &[0xe8, 0x03],                               // order 1000 = 0x3e8
            &[4],                                        // line: 2 more, zigzag 4
            &[0x00, 0xf1, 0x53, 0x65],                   // created: 1,700,000,000 = 0x6553f100
            &[10],                                       // modified: 1 + zigzag(-5) = 1 + 9
            &[121],                                      // paid: 1 + zigzag(60)
            &[0x21, 0x1c],                               // shipped: 1 + zigzag(3,600) = 7,201 = 0x1c21
            &[9],                                        // completed: 1 + zigzag(4)
            &[0xac, 0x26],                               // placed amount: 9,900 = 0x26ac
            &[199],                                      // paid amount: zigzag(-100)
            &[],                                         // refunded: 0
            &[0b10_0011],                                // quantity: zigzag(2) = 4, then not anonymous, closed, seconds
            &[0x70, 0x11, 0x01],                         // row: 70,000 = 0x11170
            &[5],                                        // shop
            &[0x07, 0x00, 0x09],                         // category 7, item 9
            &[0x2c, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01], // channel 300 = 0x12c, province 2, file 1
            "鱼".as_bytes(),
        ];
        assert_eq!(written(&example()), expected.concat());
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let (row, bytes) = read_back(&example(), TEXT_CUSTOMERS);
        assert_eq!(text_at(&bytes, row.customer), "鱼".as_bytes());
        let signed = crate::spec::IdType::signed;
        assert_eq!((signed(row.order), signed(row.line)), (1_000, 1_002));
        assert_eq!([row.modified, row.created, row.paid].map(|time| time / SECOND), [1_699_999_995, 1_700_000_000, 1_700_000_060]);
        // 1,700,000,000 s is day 19,675.
        assert_eq!((row.shipped, row.completed), (1_700_003_600, 19_679));
        assert_eq!((row.placed_amount, row.paid_amount, row.refunded, row.quantity), (9_900, 9_800, 0, 3));
        assert_eq!((row.file, row.row, row.shop, row.category, row.item), (1, 70_000, 5, 7, 9));
        assert_eq!((row.channel, row.province, row.is_closed, row.is_anonymous), (300, 2, true, false));
        let nobody = Line { customer: Some(Id::Text("")), is_anonymous: true, is_closed: false, ..example() };
        let (row, bytes) = read_back(&nobody, TEXT_CUSTOMERS);
        assert_eq!((text_at(&bytes, row.customer), row.quantity, row.is_closed, row.is_anonymous), (&b""[..], 3, false, true));
    }

    #[test]
    fn what_is_missing_and_what_is_large_is_read_as_it_was_written() {
        let line = Line {
            file: u32::MAX,
            row: u32::MAX,
            shop: u32::MAX,
            order: Id::Text("o-1"),
            line: Some(Id::Text("l")),
            customer: None,
            // Not a whole second: all times are microseconds.
            modified: NO_TIME,
            created: 1_700_000_000_000_001,
            paid: NO_TIME,
            shipped: NO_TIME,
            completed: NO_TIME,
            placed_amount: i64::MAX / 2,
            paid_amount: 0,
            refunded: i64::MAX / 2,
            quantity: 0,
            category: u32::MAX,
            channel: u16::MAX.into(),
            province: u16::MAX.into(),
            item: u32::MAX,
            is_closed: false,
            ..example()
        };
        let (row, bytes) = read_back(&line, TextIds { customer: true, order: true, line: true });
        assert_eq!([row.customer, row.order, row.line].map(|place| text_at(&bytes, place)), ["o-1", "o-1", "l"].map(str::as_bytes));
        assert_eq!((row.modified, row.created, row.paid), (NO_TIME, 1_700_000_000_000_001, NO_TIME));
        assert_eq!((row.shipped, row.completed), (NOT_SHIPPED, NOT_COMPLETED));
        assert_eq!((row.placed_amount, row.paid_amount, row.refunded, row.quantity), (i64::MAX / 2, 0, i64::MAX / 2, 0));
        assert_eq!((row.file, row.row, row.shop, row.category, row.item), (u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX));
        assert_eq!((row.channel, row.province, row.is_closed), (u16::MAX, u16::MAX, false));
        // Without lines the order is the line.
        let (row, _) = read_back(&Line { order: key(-8), line: None, customer: Some(key(0)), ..example() }, TextIds::default());
        assert_eq!([row.customer, row.order, row.line].map(crate::spec::IdType::signed), [0, -8, -8]);
    }
}
