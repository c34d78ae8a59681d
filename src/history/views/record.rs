//! The record of a view in the shuffle: some 30 bytes, and the texts of its ids.
//!
//! A byte of flags, then channel, shop and day in 4 bytes each, the moment in 8 and the visitor in 8; then the seconds on the page in 4 bytes
//! and the customer in 8, where the view has them. Of an id that is a text the 8 bytes are its length, and its bytes follow behind the
//! record, the visitor's first. All is little-endian.

use crate::input::records::page_views::PageView;
use crate::spec::{Day, Id, id_hash};

/// Bytes of a record without texts, at most.
pub(super) const MOST: usize = 1 + 3 * 4 + 2 * 8 + 4 + 8;

const IS_ITEM: u8 = 1;
const HAS_DWELL: u8 = 2;
const HAS_CUSTOMER: u8 = 4;
const VISITOR_IS_TEXT: u8 = 8;
const CUSTOMER_IS_TEXT: u8 = 16;

/// An id in a bucket: its key or the hash of its text, and where the text lies among the bytes of the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdPlace {
    /// The key of an integer; of a text its [`id_hash`], by which ids are put in order before they are compared.
    pub key: u64,
    /// The bytes of a text; `None` for an integer.
    pub text: Option<(usize, usize)>,
}

impl IdPlace {
    /// The bytes of a text; none for an integer.
    pub fn text(self, bytes: &[u8]) -> &[u8] {
        self.text.and_then(|(from, length)| bytes.get(from..from + length)).unwrap_or_default()
    }

    /// The id.
    pub fn id(self, bytes: &[u8]) -> Id<'_> {
        match self.text {
            None => Id::Integer(self.key),
            Some(_) => Id::Text(std::str::from_utf8(self.text(bytes)).unwrap_or_default()),
        }
    }
}

/// A view as read from the shuffle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ViewRow {
    pub shop: u32,
    /// Provisional code from 1; 0 for none.
    pub channel: u32,
    pub day: Day,
    pub moment: i64,
    pub is_item: bool,
    pub dwell_seconds: Option<u32>,
    pub visitor: IdPlace,
    pub customer: Option<IdPlace>,
}

/// Writes a view without its texts, and returns how many bytes it took. The texts of its ids are to follow.
pub(super) fn write(view: &PageView<'_>, room: &mut [u8; MOST]) -> usize {
    let is_text = |id: Id<'_>| matches!(id, Id::Text(_));
    let word = |id: Id<'_>| match id {
        Id::Integer(key) => key,
        Id::Text(text) => text.len() as u64,
    };
    let flags = [
        (view.is_item, IS_ITEM),
        (view.dwell_seconds.is_some(), HAS_DWELL),
        (view.customer.is_some(), HAS_CUSTOMER),
        (is_text(view.visitor), VISITOR_IS_TEXT),
        (view.customer.is_some_and(is_text), CUSTOMER_IS_TEXT),
    ];
    let flags = flags.iter().filter(|(is_set, _)| *is_set).fold(0, |flags, (_, flag)| flags | flag);
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        if let Some(room) = room.get_mut(at..at + bytes.len()) {
            room.copy_from_slice(bytes);
        }
        at += bytes.len();
    };
    put(&[flags]);
    put(&view.channel.to_le_bytes());
    put(&view.shop.to_le_bytes());
    put(&view.day.to_le_bytes());
    put(&view.moment.to_le_bytes());
    put(&word(view.visitor).to_le_bytes());
    if let Some(seconds) = view.dwell_seconds {
        put(&seconds.to_le_bytes());
    }
    if let Some(customer) = view.customer {
        put(&word(customer).to_le_bytes());
    }
    at
}

/// Reads the view at a place among `bytes`, and moves the place behind it; `None` at the end.
pub(super) fn read(bytes: &[u8], at: &mut usize) -> Option<ViewRow> {
    let [flags] = take::<1>(bytes, at)?;
    let has = |flag: u8| flags & flag != 0;
    let (channel, shop) = (u32::from_le_bytes(take(bytes, at)?), u32::from_le_bytes(take(bytes, at)?));
    let (day, moment) = (i32::from_le_bytes(take(bytes, at)?), i64::from_le_bytes(take(bytes, at)?));
    let visitor = u64::from_le_bytes(take(bytes, at)?);
    let dwell_seconds = if has(HAS_DWELL) { Some(u32::from_le_bytes(take(bytes, at)?)) } else { None };
    let customer = if has(HAS_CUSTOMER) { Some(u64::from_le_bytes(take(bytes, at)?)) } else { None };
    let mut place = |is_text: bool, word: u64| -> Option<IdPlace> {
        if !is_text {
            return Some(IdPlace { key: word, text: None });
        }
        let (from, length) = (*at, usize::try_from(word).ok()?);
        let text = bytes.get(from..from.checked_add(length)?)?;
        *at += length;
        Some(IdPlace { key: id_hash(Id::Text(std::str::from_utf8(text).unwrap_or_default())), text: Some((from, length)) })
    };
    let visitor = place(has(VISITOR_IS_TEXT), visitor)?;
    let customer = match customer {
        Some(word) => Some(place(has(CUSTOMER_IS_TEXT), word)?),
        None => None,
    };
    Some(ViewRow { shop, channel, day, moment, is_item: has(IS_ITEM), dwell_seconds, visitor, customer })
}

pub(super) fn take<const N: usize>(bytes: &[u8], at: &mut usize) -> Option<[u8; N]> {
    let taken = *bytes.get(*at..)?.first_chunk()?;
    *at += N;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Owned {
        Integer(u64),
        Text(String),
    }

    impl Owned {
        fn id(&self) -> Id<'_> {
            match self {
                Owned::Integer(key) => Id::Integer(*key),
                Owned::Text(text) => Id::Text(text),
            }
        }
    }

    fn any_id() -> impl Strategy<Value = Owned> {
        prop_oneof![any::<u64>().prop_map(Owned::Integer), "[a-z客]{0,20}".prop_map(Owned::Text)]
    }

    proptest! {
        #[test]
        fn a_view_is_read_as_it_was_written(
            numbers in (any::<u32>(), any::<u32>(), any::<i32>(), any::<i64>()),
            is_item: bool,
            dwell_seconds in prop::option::of(any::<u32>()),
            visitor in any_id(),
            customer in prop::option::of(any_id()),
        ) {
            let (shop, channel, day, moment) = numbers;
            let customer = customer.as_ref().map(Owned::id);
            let view = PageView { shop, shop_hash: 0, visitor: visitor.id(), moment, day, is_item, channel, dwell_seconds, customer };
            let mut bytes = Vec::new();
            for _ in 0..2 {
                let mut room = [0; MOST];
                let length = write(&view, &mut room);
                bytes.extend_from_slice(&room[..length]);
                for id in [Some(view.visitor), view.customer] {
                    if let Some(Id::Text(text)) = id {
                        bytes.extend_from_slice(text.as_bytes());
                    }
                }
            }
            let mut at = 0;
            for _ in 0..2 {
                let row = read(&bytes, &mut at).unwrap();
                prop_assert_eq!((row.shop, row.channel, row.day, row.moment), numbers_of(&view));
                prop_assert_eq!((row.is_item, row.dwell_seconds), (is_item, dwell_seconds));
                prop_assert_eq!(row.visitor.id(&bytes), view.visitor);
                prop_assert_eq!(row.customer.map(|place| place.id(&bytes)), view.customer);
            }
            prop_assert_eq!(at, bytes.len());
            prop_assert_eq!(read(&bytes, &mut at), None);
        }
    }

    fn numbers_of(view: &PageView<'_>) -> (u32, u32, i32, i64) {
        (view.shop, view.channel, view.day, view.moment)
    }
}
