//! Packed rows: many rows of shops in few bytes each, those of a shop one after the other, read one by one.

use std::fmt::Debug;
use std::marker::PhantomData;

/// A row of a shop, such as its traffic on a day.
pub trait PackedRow: Clone + PartialEq + Debug {
    /// The code of its shop.
    fn shop(&self) -> u32;

    /// Writes all but the shop; `before` is the row of the shop before it.
    fn write(&self, before: Option<&Self>, into: &mut Vec<u8>);

    /// Reads what was written, and leaves what is behind it.
    fn read(shop: u32, before: Option<&Self>, bytes: &mut &[u8]) -> Option<Self>;
}

/// The rows of a shop within the bytes.
#[derive(Debug, Clone, Copy)]
struct OfShop {
    shop: u32,
    start: usize,
    end: usize,
}

/// Rows, ascending by shop, those of a shop in the order in which they came.
#[derive(Clone)]
pub struct PackedRows<T> {
    shops: Vec<OfShop>,
    bytes: Vec<u8>,
    rows: usize,
    of: PhantomData<T>,
}

impl<T> Default for PackedRows<T> {
    fn default() -> Self {
        PackedRows { shops: Vec::new(), bytes: Vec::new(), rows: 0, of: PhantomData }
    }
}

impl<T: PackedRow> PackedRows<T> {
    /// The rows of one shop.
    pub fn add_shop<'t>(&mut self, rows: impl IntoIterator<Item = &'t T>)
    where
        T: 't,
    {
        let start = self.bytes.len();
        let mut before: Option<&T> = None;
        for row in rows {
            row.write(before, &mut self.bytes);
            self.rows += 1;
            before = Some(row);
        }
        self.shops.extend(before.map(|row| OfShop { shop: row.shop(), start, end: self.bytes.len() }));
    }

    /// All rows of these, each of which has other shops.
    pub fn joined(all: Vec<Self>) -> Self {
        let bytes = all.iter().map(|rows| rows.bytes.len()).sum();
        let mut joined = PackedRows { bytes: Vec::with_capacity(bytes), ..PackedRows::default() };
        for more in all {
            let from = joined.bytes.len();
            joined.bytes.extend_from_slice(&more.bytes);
            joined.shops.extend(more.shops.iter().map(|of| OfShop { start: from + of.start, end: from + of.end, ..*of }));
            joined.rows += more.rows;
        }
        joined.shops.sort_unstable_by_key(|of| of.shop);
        joined
    }

    /// Replaces codes of shops.
    pub fn rank(&mut self, rank: &dyn Fn(u32) -> u32) {
        self.shops.iter_mut().for_each(|of| of.shop = rank(of.shop));
        self.shops.sort_unstable_by_key(|of| of.shop);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The bytes that they take.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The codes of the shops that have rows, ascending.
    pub fn shops(&self) -> impl Iterator<Item = u32> {
        self.shops.iter().map(|of| of.shop)
    }

    /// The rows of a shop.
    pub fn of_shop(&self, shop: u32) -> Unpacked<'_, T> {
        let of = self.shops.binary_search_by_key(&shop, |of| of.shop).ok().and_then(|at| self.shops.get(at));
        Unpacked { shop, bytes: of.and_then(|of| self.bytes.get(of.start..of.end)).unwrap_or_default(), before: None }
    }

    /// The first row of each shop.
    pub fn firsts(&self) -> impl Iterator<Item = T> {
        self.shops().filter_map(|shop| self.of_shop(shop).next())
    }

    /// All rows.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.shops().flat_map(|shop| self.of_shop(shop))
    }
}

impl<T: PackedRow> From<Vec<T>> for PackedRows<T> {
    fn from(mut rows: Vec<T>) -> Self {
        rows.sort_by_key(T::shop);
        let mut packed = PackedRows::default();
        rows.chunk_by(|one, next| one.shop() == next.shop()).for_each(|of_shop| packed.add_shop(of_shop));
        packed
    }
}

impl<T: PackedRow> FromIterator<T> for PackedRows<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        rows.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T: PackedRow> PartialEq for PackedRows<T> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.iter().eq(other.iter())
    }
}

impl<T: PackedRow> Debug for PackedRows<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// The rows of a shop, one after the other.
#[derive(Debug, Clone)]
pub struct Unpacked<'a, T> {
    shop: u32,
    bytes: &'a [u8],
    before: Option<T>,
}

impl<T: PackedRow> Iterator for Unpacked<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if self.bytes.is_empty() {
            return None;
        }
        self.before = T::read(self.shop, self.before.as_ref(), &mut self.bytes);
        self.before.clone()
    }
}
