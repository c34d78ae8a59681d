//! Codes: a small number for each distinct value of a column, assigned in the order of arrival and ranked at the end.

use std::sync::{PoisonError, RwLock};

use hashbrown::HashMap;

use super::ids::Ids;
use super::text::Texts;
use crate::spec::{Id, id_hash};

/// An id that owns its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnedId {
    /// The order-preserving key of an integer id.
    Integer(u64),
    /// Text.
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
/// a thread takes the lock once for each value.
#[derive(Debug, Default)]
pub struct Codes(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    codes: HashMap<OwnedId, u32, foldhash::fast::FixedState>,
    values: Vec<OwnedId>,
}

impl Codes {
    /// Returns the code of a value; assigns a new one to a new value.
    pub fn code(&self, id: Id<'_>) -> u32 {
        let owned = OwnedId::from(id);
        if let Some(code) = self.0.read().unwrap_or_else(PoisonError::into_inner).codes.get(&owned) {
            return *code;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let next = known.values.len() as u32;
        let code = *known.codes.entry(owned.clone()).or_insert(next);
        if code == next {
            known.values.push(owned);
        }
        code
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
        let codes = self.codes;
        *self.integers.entry(key).or_insert_with(|| codes.code(Id::Integer(key)))
    }

    /// One more than the code of each row's id, 0 for null.
    pub fn ids(&mut self, ids: &Ids, rows: usize, into: &mut Vec<u32>) {
        into.clear();
        match ids {
            Ids::Texts(texts) => self.column(texts, into),
            Ids::Absent => into.resize(rows, 0),
            other => into.extend((0..rows).map(|row| other.get(row).map_or(0, |id| self.code(id) + 1))),
        }
    }

    /// One more than the code of each row's text, 0 for null: each value of a dictionary is looked up once.
    pub fn column(&mut self, texts: &Texts, into: &mut Vec<u32>) {
        into.clear();
        match texts {
            Texts::Dictionary(keys, values) => {
                let mut known = vec![NO_CODE; values.len()];
                into.extend(keys.iter().map(|key| {
                    let Some(code) = known.get_mut(*key as usize) else { return 0 };
                    if *code == NO_CODE {
                        *code = values.get(*key as usize).map_or(0, |text| self.code(Id::Text(text)) + 1);
                    }
                    *code
                }));
            }
            other => into.extend((0..other.len()).map(|row| other.get(row).map_or(0, |text| self.code(Id::Text(text)) + 1))),
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
