//! Short numbers: integers in as few bytes as they need, seven bits in each, for rows of which there are many.

/// Adds a number.
#[inline]
pub fn put(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

/// Takes the number at the beginning; `None` where none is there.
#[inline]
pub fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if *byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

/// A number without a sign, small for numbers near zero on either side: 2n, and -2n - 1 where n is negative.
#[inline]
pub fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The number of which this is the zigzag.
#[inline]
pub fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Adds a number that may be below zero.
#[inline]
pub fn put_signed(number: i64, into: &mut Vec<u8>) {
    put(zigzag(number), into);
}

/// Takes a number that may be below zero.
#[inline]
pub fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    take(bytes).map(unzigzag)
}

/// Adds a number that may be unknown; one below zero takes ten bytes. The least of all numbers is none: columns have it where nothing is known.
#[inline]
pub fn put_known(number: Option<i64>, into: &mut Vec<u8>) {
    put(number.map_or(0, |number| if number < 0 { number as u64 } else { number as u64 + 1 }), into);
}

/// Takes a number that may be unknown.
#[inline]
pub fn take_known(bytes: &mut &[u8]) -> Option<Option<i64>> {
    /// That of the greatest number of all.
    const GREATEST: u64 = 1 << 63;
    Some(match take(bytes)? {
        0 => None,
        number @ 1..=GREATEST => Some((number - 1) as i64),
        below_zero => Some(below_zero as i64),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back_as_they_went(numbers in prop::collection::vec((any::<u64>(), any::<i64>(), prop::option::of(-i64::MAX..=i64::MAX)), 0..20)) {
            let mut bytes = Vec::new();
            for (number, signed, known) in &numbers {
                put(*number, &mut bytes);
                put_signed(*signed, &mut bytes);
                put_known(*known, &mut bytes);
            }
            let mut rest = bytes.as_slice();
            for (number, signed, known) in &numbers {
                prop_assert_eq!(take(&mut rest), Some(*number));
                prop_assert_eq!(take_signed(&mut rest), Some(*signed));
                prop_assert_eq!(take_known(&mut rest), Some(*known));
            }
            prop_assert_eq!(take(&mut rest), None);
        }
    }

    #[test]
    fn a_small_number_takes_one_byte() {
        // 127 is the largest of seven bits; a sign takes one of them, and unknown one of the values.
        let length = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = Vec::new();
            write(&mut bytes);
            bytes.len()
        };
        assert_eq!([127, 128].map(|number| length(&|bytes| put(number, bytes))), [1, 2]);
        assert_eq!([63, -64, 64].map(|number| length(&|bytes| put_signed(number, bytes))), [1, 1, 2]);
        assert_eq!([None, Some(126), Some(127)].map(|number| length(&|bytes| put_known(number, bytes))), [1, 1, 2]);
        assert_eq!(take(&mut [0x80; 3].as_slice()), None);
    }

    #[test]
    fn the_numbers_at_the_ends_are_known() {
        let mut bytes = Vec::new();
        let ends = [Some(i64::MAX), Some(-1), None, Some(-i64::MAX), Some(0)];
        ends.iter().for_each(|end| put_known(*end, &mut bytes));
        let mut rest = bytes.as_slice();
        assert_eq!(ends.map(|_| take_known(&mut rest)), ends.map(Some));
    }
}
