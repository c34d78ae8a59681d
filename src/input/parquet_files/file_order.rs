//! The order of files by their names, in which the later one counts: numbers in names are numbers, so that `export-9` comes before
//! `export-10`.

use std::cmp::Ordering;

/// The order of two labels.
pub(crate) fn by_name(one: &str, other: &str) -> Ordering {
    let (mut rest_one, mut rest_other) = (one, other);
    while !rest_one.is_empty() && !rest_other.is_empty() {
        let ((piece_one, next_one), (piece_other, next_other)) = (piece(rest_one), piece(rest_other));
        let are_numbers = is_number(piece_one) && is_number(piece_other);
        let order = if are_numbers { by_value(piece_one, piece_other) } else { piece_one.cmp(piece_other) };
        if order.is_ne() {
            return order;
        }
        (rest_one, rest_other) = (next_one, next_other);
    }
    // Names that differ in zeros before numbers only.
    rest_one.len().cmp(&rest_other.len()).then_with(|| one.cmp(other))
}

fn is_number(piece: &str) -> bool {
    piece.starts_with(|letter: char| letter.is_ascii_digit())
}

/// The digits with which a text begins, or the letters up to its next digit or folder, and the rest.
fn piece(text: &str) -> (&str, &str) {
    let is_digit = is_number(text);
    let ends =
        |(at, letter): &(usize, char)| *at > 0 && (letter.is_ascii_digit() != is_digit || *letter == '/' || text[..*at].ends_with('/'));
    let end = text.char_indices().find(ends).map_or(text.len(), |(at, _)| at);
    text.split_at(end)
}

/// Numbers of any length by their values.
fn by_value(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_in_names_are_numbers() {
        let sorted = [
            "o/2026-9-30.parquet",
            "o/2026-10-01.parquet",
            "o/batch=9/a",
            "o/batch=10/a",
            "o/export-9.parquet",
            "o/export-10.parquet",
            "o/part-00002-x",
            "o/part-00010-x",
            "o/v1/b",
            "o/v2/a",
            "o/导出 2",
            "o/导出 12",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(by_name(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!((by_name("a1", "a01"), by_name("a", "a"), by_name("a", "ab")), (Ordering::Greater, Ordering::Equal, Ordering::Less));
    }

    proptest! {
        #[test]
        fn it_is_an_order(mut names in prop::collection::vec("[a-c0-2/.]{0,6}", 3)) {
            let [one, two, three] = [&names[0], &names[1], &names[2]];
            prop_assert_eq!(by_name(one, two), by_name(two, one).reverse());
            prop_assert_eq!(by_name(one, two).is_eq(), one == two);
            if by_name(one, two).is_le() && by_name(two, three).is_le() {
                prop_assert!(by_name(one, three).is_le(), "{} {} {}", one, two, three);
            }
            names.sort_by(|one, two| by_name(one, two));
        }
    }
}
