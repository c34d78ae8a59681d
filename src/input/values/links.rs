//! Links: ids of which each is another name of the same person. All of a person's ids stand for the smallest of them.

use std::cmp::Reverse;
use std::sync::OnceLock;

use hashbrown::HashTable;
use rayon::slice::ParallelSliceMut;
use sha2::{Digest, Sha256};

use crate::spec::{Id, id_hash};

/// The place of an id that is its person's own: no other id stands for it.
pub const NO_ALIAS: u32 = u32::MAX;

/// Bytes that an id takes in [`Links`] at most, beside its text.
pub const LINKED_ID_BYTES: u64 = 40;

/// Ids one after the other, all integers or all texts.
#[derive(Debug, Clone, Default)]
pub struct LinkedIds {
    integers: Vec<u64>,
    texts: String,
    /// By text: where it ends.
    ends: Vec<usize>,
}

impl LinkedIds {
    /// Adds an id; the first one decides about their type. Returns whether the id is of that type.
    pub fn push(&mut self, id: Id<'_>) -> bool {
        match id {
            Id::Integer(key) if self.ends.is_empty() => self.integers.push(key),
            Id::Text(text) if self.integers.is_empty() => {
                self.texts.push_str(text);
                self.ends.push(self.texts.len());
            }
            _ => return false,
        }
        true
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.integers.len().max(self.ends.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all texts.
    pub fn text_bytes(&self) -> usize {
        self.texts.len()
    }

    /// The id at a place.
    #[inline]
    pub fn get(&self, place: usize) -> Option<Id<'_>> {
        if let Some(key) = self.integers.get(place) {
            return Some(Id::Integer(*key));
        }
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.texts.get(start..end).map(Id::Text)
    }
}

/// Which ids are of one person.
#[derive(Debug, Default)]
pub struct Links {
    /// All linked ids, ascending.
    ids: LinkedIds,
    /// By place of an id: the place of the smallest id of its person.
    people: Vec<u32>,
    places: HashTable<u32>,
    /// The places of the ids for which another one stands, by (that one, their own); made when somebody asks for them.
    others: OnceLock<Vec<u32>>,
}

impl Links {
    /// Joins the ids of each pair, and with them all that are joined to either: a chain is one person, a circle too. The ids of a pair follow
    /// each other.
    pub fn new(pairs: &LinkedIds) -> Self {
        let mut order: Vec<u32> = (0..u32::try_from(pairs.len()).unwrap_or(u32::MAX)).collect();
        order.par_sort_unstable_by(|one, other| pairs.get(*one as usize).cmp(&pairs.get(*other as usize)));
        let mut ids = LinkedIds::default();
        let mut places = vec![0; order.len()];
        let mut last = None;
        for entry in order {
            let id = pairs.get(entry as usize);
            if let Some(new) = id.filter(|_| id != last) {
                ids.push(new);
                last = id;
            }
            if let Some(place) = places.get_mut(entry as usize) {
                *place = ids.len().saturating_sub(1) as u32;
            }
        }
        let mut people: Vec<u32> = (0..ids.len() as u32).collect();
        for pair in places.chunks_exact(2) {
            let [one, other] = [root(&mut people, pair[0]), root(&mut people, pair[1])];
            // The root of each is its smallest id, and stays so.
            people[one.max(other) as usize] = one.min(other);
        }
        // Roots lie before what hangs on them, so that these are final.
        for place in 0..people.len() {
            people[place] = people[people[place] as usize];
        }
        let mut found = HashTable::with_capacity(ids.len());
        let hash = |place: &u32| ids.get(*place as usize).map_or(0, id_hash);
        for place in 0..ids.len() as u32 {
            found.insert_unique(hash(&place), place, hash);
        }
        Links { ids, people, places: found, others: OnceLock::new() }
    }

    /// Whether nobody has two ids.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// What names who is who: a digest of all ids and of their people.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (place, person) in self.people.iter().enumerate() {
            match self.ids.get(place) {
                Some(Id::Integer(key)) => hash.update(key.to_le_bytes()),
                Some(Id::Text(text)) => {
                    hash.update((text.len() as u64).to_le_bytes());
                    hash.update(text);
                }
                None => {}
            }
            hash.update(person.to_le_bytes());
        }
        hex::encode(hash.finalize())
    }

    /// Bytes that the links take.
    pub fn bytes(&self) -> u64 {
        self.len() as u64 * LINKED_ID_BYTES + self.ids.text_bytes() as u64
    }

    #[inline]
    fn place(&self, id: Id<'_>) -> Option<u32> {
        self.places.find(id_hash(id), |place| self.ids.get(*place as usize) == Some(id)).copied()
    }

    /// The id that stands for another one, and the place of that one; `None` for an id that stands for itself.
    #[inline]
    pub fn person(&self, id: Id<'_>) -> Option<(Id<'_>, u32)> {
        let place = self.place(id)?;
        let person = *self.people.get(place as usize)?;
        if person == place { None } else { self.ids.get(person as usize).map(|person| (person, place)) }
    }

    /// The id at a place.
    pub fn id(&self, place: u32) -> Option<Id<'_>> {
        self.ids.get(place as usize)
    }

    /// The other ids of the person for whom an id stands, ascending.
    pub fn others(&self, person: Id<'_>) -> impl Iterator<Item = Id<'_>> {
        let all = self.all_others();
        let own = self.place(person).map_or(&[][..], |person| {
            let of = |place: &u32| self.people.get(*place as usize).copied().unwrap_or(NO_ALIAS);
            let from = all.partition_point(|place| of(place) < person);
            let to = from + all.get(from..).unwrap_or_default().partition_point(|place| of(place) == person);
            all.get(from..to).unwrap_or_default()
        });
        own.iter().filter_map(|place| self.ids.get(*place as usize))
    }

    fn all_others(&self) -> &[u32] {
        self.others.get_or_init(|| {
            let person = |place: &u32| self.people.get(*place as usize).copied().unwrap_or(NO_ALIAS);
            let mut others: Vec<u32> = (0..self.people.len() as u32).filter(|place| person(place) != *place).collect();
            others.par_sort_unstable_by_key(|place| (person(place), *place));
            others
        })
    }

    /// The people with more than so many ids, and how many each has: the most ids first, the smaller id of equals.
    pub fn with_more_than(&self, most: usize) -> Vec<(Id<'_>, usize)> {
        let person = |place: &u32| self.people.get(*place as usize).copied().unwrap_or(NO_ALIAS);
        let people = self.all_others().chunk_by(|one, other| person(one) == person(other));
        let large = people.filter(|others| others.len() + 1 > most);
        let mut large: Vec<(Id<'_>, usize)> =
            large.filter_map(|others| Some((self.id(person(others.first()?))?, others.len() + 1))).collect();
        large.sort_unstable_by_key(|(id, ids)| (Reverse(*ids), *id));
        large
    }
}

/// The root of a place. Halves the way to it.
fn root(people: &mut [u32], mut place: u32) -> u32 {
    while people[place as usize] != place {
        let above = people[people[place as usize] as usize];
        people[place as usize] = above;
        place = above;
    }
    place
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn of(pairs: &[[Id<'_>; 2]]) -> Links {
        let mut ids = LinkedIds::default();
        assert!(pairs.iter().flatten().all(|id| ids.push(*id)));
        Links::new(&ids)
    }

    fn text<'a>(links: &'a Links, id: &'a str) -> Option<(&'a str, u32)> {
        links.person(Id::Text(id)).map(|(person, alias)| (if let Id::Text(text) = person { text } else { "" }, alias))
    }

    #[test]
    fn chains_and_circles_are_one_person_with_the_smallest_id() {
        let pair = |one, other| [Id::Text(one), Id::Text(other)];
        // A chain d - c - a, a circle x - y - z, an id with itself, and a pair that is there twice and the other way round.
        let links = of(&[
            pair("d", "c"),
            pair("c", "a"),
            pair("x", "y"),
            pair("y", "z"),
            pair("z", "x"),
            pair("m", "m"),
            pair("p", "o"),
            pair("p", "o"),
            pair("o", "p"),
        ]);
        // Places: a c d m o p x y z.
        assert_eq!(
            ["c", "d", "y", "z", "p"].map(|id| text(&links, id)),
            [Some(("a", 1)), Some(("a", 2)), Some(("x", 7)), Some(("x", 8)), Some(("o", 5))]
        );
        assert_eq!(["a", "x", "m", "o", "", "nobody"].map(|id| text(&links, id)), [None; 6]);
        let others = |id| links.others(Id::Text(id)).collect::<Vec<_>>();
        assert_eq!((others("a"), others("x")), (vec![Id::Text("c"), Id::Text("d")], vec![Id::Text("y"), Id::Text("z")]));
        assert_eq!((others("m"), others("nobody")), (vec![], vec![]));
        assert_eq!(links.with_more_than(2), [(Id::Text("a"), 3), (Id::Text("x"), 3)]);
        assert_eq!((links.with_more_than(3), links.id(2)), (vec![], Some(Id::Text("d"))));
        assert!(Links::default().is_empty() && Links::default().person(Id::Integer(1)).is_none());
    }

    #[test]
    fn ids_are_of_one_type() {
        let mut ids = LinkedIds::default();
        assert!(ids.push(Id::Integer(7)) && !ids.push(Id::Text("7")) && ids.push(Id::Integer(0)));
        assert_eq!((ids.len(), ids.get(1), ids.get(2)), (2, Some(Id::Integer(0)), None));
    }

    proptest! {
        #[test]
        fn people_are_the_parts_of_the_graph(pairs in prop::collection::vec([0u64..40, 0u64..40], 0..60)) {
            let links = of(&pairs.iter().map(|pair| pair.map(Id::Integer)).collect::<Vec<_>>());
            // The smallest id that can be reached, found by telling neighbours until nothing changes.
            let mut least: BTreeMap<u64, u64> = pairs.iter().flatten().map(|id| (*id, *id)).collect();
            loop {
                let before = least.clone();
                for [one, other] in &pairs {
                    let smaller = least[one].min(least[other]);
                    least.insert(*one, smaller);
                    least.insert(*other, smaller);
                }
                if before == least {
                    break;
                }
            }
            prop_assert_eq!(links.len(), least.len());
            for (place, (id, person)) in least.iter().enumerate() {
                let expected = (person != id).then_some((Id::Integer(*person), place as u32));
                prop_assert_eq!(links.person(Id::Integer(*id)), expected);
                let others: Vec<Id<'_>> = least.iter().filter(|(other, of)| *of == id && *other != id).map(|(other, _)| Id::Integer(*other)).collect();
                prop_assert_eq!(links.others(Id::Integer(*id)).collect::<Vec<_>>(), others);
            }
        }
    }
}
