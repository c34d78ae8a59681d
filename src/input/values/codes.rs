//! Codes: a small number for each distinct value of a column, assigned in the order of arrival and ranked at the end.

use std::hash::BuildHasher;
use std::sync::{PoisonError, RwLock};

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use serde::{Deserialize, Serialize};

use super::ids::{Ids, is_blank};
use super::text::Texts;
use crate::spec::{Id, IdType, id_hash};

/// An id that owns its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OwnedId {
    /// The order-preserving key of an integer id.
    #[serde(rename = "I")]
    Integer(u64),
    /// Text.
    #[serde(rename = "T")]
    Text(Box<str>),
}

impl OwnedId {
    /// The value as an id.
    pub fn id(&self) -> Id<'_> {
        match self {
            OwnedId::Integer(key) => Id::Integer(*key),
            OwnedId::Text(text) => Id::Text(text),
        }
    }
}

impl From<Id<'_>> for OwnedId {
    fn from(id: Id<'_>) -> Self {
        match id {
            Id::Integer(key) => OwnedId::Integer(key),
            Id::Text(text) => OwnedId::Text(text.into()),
        }
    }
}

/// Distinct values and their provisional codes, from 0 in the order of arrival. Threads share it, each with a [`Local`] view, so that
/// a thread takes the lock once for each value, or as often as it forgets one of very many.
#[derive(Debug, Default)]
pub struct Codes(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    /// By hash of a value: its code. Values may be millions, so that each is kept once.
    codes: HashTable<u32>,
    values: Vec<OwnedId>,
}

impl Known {
    fn code(&self, hash: u64, id: Id<'_>) -> Option<u32> {
        self.codes.find(hash, |code| self.values.get(*code as usize).is_some_and(|value| value.id() == id)).copied()
    }
}

fn hash_of(id: Id<'_>) -> u64 {
    FixedState::with_seed(0).hash_one(id)
}

impl Codes {
    /// Returns the code of a value; assigns a new one to a new value.
    pub fn code(&self, id: Id<'_>) -> u32 {
        let hash = hash_of(id);
        if let Some(code) = self.0.read().unwrap_or_else(PoisonError::into_inner).code(hash, id) {
            return code;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have come first.
        if let Some(code) = known.code(hash, id) {
            return code;
        }
        let Known { codes, values } = &mut *known;
        let code = values.len() as u32;
        values.push(OwnedId::from(id));
        codes.insert_unique(hash, code, |code| values.get(*code as usize).map_or(0, |value| hash_of(value.id())));
        code
    }

    /// The code of a value that has one.
    pub fn known(&self, id: Id<'_>) -> Option<u32> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).code(hash_of(id), id)
    }

    /// The value with that code.
    pub fn value(&self, code: u32) -> Option<OwnedId> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values.get(code as usize).cloned()
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values in ascending order, and for each provisional code the position there.
    pub fn sorted(&self) -> (Vec<OwnedId>, Vec<u32>) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut order: Vec<u32> = (0..known.values.len() as u32).collect();
        order.sort_unstable_by(|a, b| known.values[*a as usize].cmp(&known.values[*b as usize]));
        let mut ranks = vec![0; order.len()];
        for (rank, code) in order.iter().enumerate() {
            ranks[*code as usize] = rank as u32;
        }
        (order.iter().map(|code| known.values[*code as usize].clone()).collect(), ranks)
    }

    /// The same of values that may be millions: they are taken, so that none is in memory twice.
    pub fn take_sorted(&self) -> (Vec<OwnedId>, Vec<u32>) {
        let Known { codes, values } = std::mem::take(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner));
        drop(codes);
        let mut values: Vec<(OwnedId, u32)> = values.into_iter().zip(0..).collect();
        values.sort_unstable();
        let mut ranks = vec![0; values.len()];
        for ((_, code), rank) in values.iter().zip(0..) {
            ranks[*code as usize] = rank;
        }
        (values.into_iter().map(|(value, _)| value).collect(), ranks)
    }

    /// The values as people read them, in the order of these texts, and for each provisional code the position there.
    pub fn shown(&self, id_type: &IdType) -> (Vec<String>, Vec<u32>) {
        let (ids, ranks) = self.sorted();
        let mut texts: Vec<(String, usize)> = ids.iter().map(|id| id_type.show(id.id())).zip(0..).collect();
        texts.sort_unstable();
        let mut places = vec![0; texts.len()];
        for ((_, at), place) in texts.iter().zip(0..) {
            places[*at] = place;
        }
        (texts.into_iter().map(|(text, _)| text).collect(), ranks.into_iter().map(|rank| places[rank as usize]).collect())
    }
}

/// One thread's view of [`Codes`].
#[derive(Debug)]
pub struct Local<'a> {
    codes: &'a Codes,
    texts: HashMap<Box<str>, u32, foldhash::fast::FixedState>,
    integers: HashMap<u64, u32, foldhash::fast::FixedState>,
    /// Recent integers and their codes, each in the slot of its hash: most columns with codes have a few hundred values.
    recent: Box<[(u64, u32); RECENT]>,
    /// By code: the hash of the value where [`Local::code_and_hash`] computed it, else 0.
    hashes: Vec<u64>,
}

const RECENT: usize = 512;

/// Values that a view keeps: of more of them each thread would need the memory that all need together. It forgets them then, and looks those
/// that come again up in [`Codes`].
const MOST: usize = 1 << 18;

/// No code yet.
const NO_CODE: u32 = u32::MAX;

impl<'a> Local<'a> {
    /// A view without values.
    pub fn new(codes: &'a Codes) -> Self {
        Local {
            codes,
            texts: HashMap::default(),
            integers: HashMap::default(),
            recent: Box::new([(0, NO_CODE); RECENT]),
            hashes: Vec::new(),
        }
    }

    /// The code of a value.
    #[inline]
    pub fn code(&mut self, id: Id<'_>) -> u32 {
        match id {
            Id::Integer(key) => {
                let slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - RECENT.ilog2())) as usize;
                match self.recent[slot] {
                    (recent, code) if recent == key && code != NO_CODE => code,
                    _ => {
                        let code = self.integer(key);
                        self.recent[slot] = (key, code);
                        code
                    }
                }
            }
            Id::Text(text) => match self.texts.get(text) {
                Some(code) => *code,
                None => {
                    let code = self.codes.code(id);
                    if self.texts.len() >= MOST {
                        self.texts.clear();
                    }
                    self.texts.insert(text.into(), code);
                    code
                }
            },
        }
    }

    /// The code of a value and its [`id_hash`], which is computed once for each value.
    #[inline]
    pub fn code_and_hash(&mut self, id: Id<'_>) -> (u32, u64) {
        let code = self.code(id);
        match self.hashes.get(code as usize) {
            Some(hash) if *hash != 0 => (code, *hash),
            _ => (code, self.note_hash(code, id)),
        }
    }

    #[cold]
    fn note_hash(&mut self, code: u32, id: Id<'_>) -> u64 {
        let hash = id_hash(id);
        if self.hashes.len() <= code as usize {
            self.hashes.resize(code as usize + 1, 0);
        }
        self.hashes[code as usize] = hash;
        hash
    }

    fn integer(&mut self, key: u64) -> u32 {
        if let Some(code) = self.integers.get(&key) {
            return *code;
        }
        let code = self.codes.code(Id::Integer(key));
        if self.integers.len() >= MOST {
            self.integers.clear();
        }
        self.integers.insert(key, code);
        code
    }

    /// One more than the code of each row's id, 0 for null. A text of blanks is null.
    pub fn ids(&mut self, ids: &Ids, rows: usize, into: &mut Vec<u32>) {
        into.clear();
        match ids {
            Ids::Texts(texts) => self.texts(texts, |text| !is_blank(text), into),
            Ids::Absent => into.resize(rows, 0),
            other => into.extend((0..rows).map(|row| other.get(row).map_or(0, |id| self.code(id) + 1))),
        }
    }

    /// One more than the code of each row's text, 0 for null: each value of a dictionary is looked up once.
    pub fn column(&mut self, texts: &Texts, into: &mut Vec<u32>) {
        self.texts(texts, |_| true, into);
    }

    fn texts(&mut self, texts: &Texts, counts: impl Fn(&str) -> bool, into: &mut Vec<u32>) {
        into.clear();
        let mut code = |text: &str| if counts(text) { self.code(Id::Text(text)) + 1 } else { 0 };
        match texts {
            Texts::Dictionary(keys, values) => {
                let mut known = vec![NO_CODE; values.len()];
                into.extend(keys.iter().map(|key| {
                    let Some(known_code) = known.get_mut(*key as usize) else { return 0 };
                    if *known_code == NO_CODE {
                        *known_code = values.get(*key as usize).map_or(0, &mut code);
                    }
                    *known_code
                }));
            }
            other => into.extend((0..other.len()).map(|row| other.get(row).map_or(0, &mut code))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_in_order_of_arrival_and_ranks_in_order_of_value() {
        let codes = Codes::default();
        let mut local = Local::new(&codes);
        let met: Vec<u32> = ["b", "a", "b", "c"].into_iter().map(|text| local.code(Id::Text(text))).collect();
        assert_eq!(met, [0, 1, 0, 2]);
        let (values, ranks) = codes.sorted();
        assert_eq!(values.iter().map(OwnedId::id).collect::<Vec<_>>(), [Id::Text("a"), Id::Text("b"), Id::Text("c")]);
        assert_eq!(ranks, [1, 0, 2]);
        assert_eq!(codes.take_sorted(), (values, ranks));
        assert!(codes.is_empty());
    }

    #[test]
    fn a_view_that_forgets_values_gives_the_same_codes() {
        let codes = Codes::default();
        let (mut local, values) = (Local::new(&codes), MOST as u64 + 1_000);
        for round in 0..2 {
            for key in 0..values {
                assert_eq!(u64::from(local.code(Id::Integer(key))), key, "in round {round}");
            }
        }
        assert!(local.integers.len() <= MOST);
        assert_eq!(codes.len() as u64, values);
    }

    #[test]
    fn an_id_of_blanks_is_null_and_a_text_of_blanks_is_a_text() {
        let array = arrow::array::StringArray::from(vec![Some("a"), Some("  "), Some(""), None, Some("a")]);
        let dictionary: arrow::array::DictionaryArray<arrow::datatypes::Int32Type> = array.iter().collect();
        for array in [std::sync::Arc::new(array.clone()) as arrow::array::ArrayRef, std::sync::Arc::new(dictionary)] {
            let (codes, mut found) = (Codes::default(), Vec::new());
            Local::new(&codes).ids(&Ids::of(&array).unwrap(), 5, &mut found);
            assert_eq!((found.as_slice(), codes.len()), (&[1, 0, 0, 0, 1][..], 1));
            let codes = Codes::default();
            Local::new(&codes).column(&Texts::of(&array).unwrap(), &mut found);
            assert_eq!((found.as_slice(), codes.len()), (&[1, 2, 3, 0, 1][..], 3));
        }
    }

    #[test]
    fn shown_codes_have_the_order_of_their_texts() {
        let codes = Codes::default();
        let met: Vec<u32> = [9, 10, 100].map(|id| codes.code(Id::Integer(IdType::key(id)))).to_vec();
        let (texts, places) = codes.shown(&IdType::of(&arrow::datatypes::DataType::Int64).unwrap());
        assert_eq!((met, texts, places), (vec![0, 1, 2], ["10", "100", "9"].map(str::to_owned).to_vec(), vec![2, 0, 1]));
    }

    #[test]
    fn a_hash_is_that_of_the_value_whatever_its_code() {
        let (forward, backward) = (Codes::default(), Codes::default());
        let (mut forward, mut backward) = (Local::new(&forward), Local::new(&backward));
        let ids = [Id::Text("a"), Id::Integer(7), Id::Text("b")];
        let found = |local: &mut Local<'_>, id: Id<'_>| (local.code_and_hash(id), local.code_and_hash(id));
        let one: Vec<_> = ids.into_iter().map(|id| found(&mut forward, id)).collect();
        let other: Vec<_> = ids.into_iter().rev().map(|id| found(&mut backward, id)).collect();
        for (at, id) in ids.into_iter().enumerate() {
            let hash = id_hash(id);
            assert_eq!(one[at], ((at as u32, hash), (at as u32, hash)));
            assert_eq!(other[2 - at], ((2 - at as u32, hash), (2 - at as u32, hash)));
        }
    }
}
