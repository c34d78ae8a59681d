//! Thrift's compact protocol, in which Parquet writes footers and the headers of pages: as much of it as it takes to look at them before the
//! Parquet reader does.
//!
//! Source: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// No struct of Parquet nests deeper; a damaged one might.
pub(super) const DEEPEST: usize = 24;

pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
pub(super) const SET: u8 = 10;
pub(super) const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;

/// The bytes that are not yet read. Every method is `None` where they end too early, or are no Thrift.
pub(super) struct Compact<'a>(pub &'a [u8]);

/// A field of a struct, whose value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub id: i16,
    pub kind: u8,
}

impl Compact<'_> {
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A number that may be negative.
    pub fn signed(&mut self) -> Option<i64> {
        let zigzag = self.number()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// The field after the one of number `last`; `Some(None)` at the end of the struct.
    pub fn field(&mut self, last: i16) -> Option<Option<Field>> {
        let header = self.byte()?;
        if header == 0 {
            return Some(None);
        }
        let id = match header >> 4 {
            0 => i16::try_from(self.signed()?).ok()?,
            delta => last.checked_add(i16::from(delta))?,
        };
        Some(Some(Field { id, kind: header & 0x0f }))
    }

    /// The type of the elements of a list, and how many there are: an element takes a byte at least.
    pub fn list(&mut self) -> Option<(u8, usize)> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { self.number()? } else { u64::from(header >> 4) };
        let count = usize::try_from(count).ok().filter(|count| *count <= self.0.len())?;
        Some((header & 0x0f, count))
    }

    /// Skips a value of a type that lies so deep.
    pub fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            // Booleans, whose value is their type.
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.number().map(|_| ()),
            7 => self.skip(8),
            BINARY => {
                let bytes = self.number()?;
                self.skip(usize::try_from(bytes).ok()?)
            }
            LIST | SET => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.element(kind, depth))
            }
            MAP => {
                let count = self.number()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.element(kinds >> 4, depth)?;
                    self.element(kinds & 0x0f, depth)
                })
            }
            STRUCT => {
                let mut last = 0;
                while let Some(Field { id, kind }) = self.field(last)? {
                    self.value(kind, depth + 1)?;
                    last = id;
                }
                Some(())
            }
            13 => self.skip(16),
            _ => None,
        }
    }

    /// As [`Compact::value`] within a list or map, where a Boolean takes a byte.
    pub fn element(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            1 | 2 => self.skip(1),
            kind => self.value(kind, depth + 1),
        }
    }
}
