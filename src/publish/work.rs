//! The work of a run, and the name of its snapshot: the same work has the same name.

use sha2::{Digest, Sha256};

use crate::spec::{Day, period};

/// Hex digits of the fingerprint in a snapshot's name: enough to distinguish runs at a glance. The manifest has all digits.
pub(super) const DIGITS_IN_NAME: usize = 6;

/// The work of a run: the as-of date, and the fingerprint of everything that decides the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    as_of: Day,
    fingerprint: String,
    is_experiment: bool,
}

impl Work {
    /// The work as of a day. `parts` are the bytes that decide the result beside the day: the canonical text of the job,
    /// the fingerprints of the inputs, the version of the program.
    pub fn new<'a>(as_of: Day, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Work { as_of, fingerprint: fingerprint(parts), is_experiment: false }
    }

    /// The same work as an experiment, or not: an experiment has a snapshot, and nothing else knows of it.
    pub fn experiment(self, is_experiment: bool) -> Self {
        Work { is_experiment, ..self }
    }

    /// Whether it is an experiment.
    pub fn is_experiment(&self) -> bool {
        self.is_experiment
    }

    /// The as-of date.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The fingerprint in 64 hex digits.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The name of the snapshot: as-of date and the first digits of the fingerprint, `2026-11-21-3f9c2a`.
    pub fn name(&self) -> String {
        format!("{}-{}", period::iso(self.as_of), &self.fingerprint[..DIGITS_IN_NAME])
    }
}

/// SHA-256 of the parts in 64 hex digits. The length of each part is hashed too, so that no two lists of parts give
/// the same bytes.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_day_and_six_digits() {
        let day = period::day_of(2026, 11, 21).unwrap();
        let work = Work::new(day, [b"job".as_slice()]);
        assert_eq!(work.name(), format!("2026-11-21-{}", &work.fingerprint()[..6]));
        assert_eq!(work.fingerprint().len(), 64);
    }

    #[test]
    fn sha_256_as_in_fips_180_4() {
        // Appendix B.1 of FIPS 180-2: the digest of "abc".
        assert_eq!(hex::encode(Sha256::digest(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn different_parts_have_different_fingerprints() {
        let of = |parts: &[&str]| fingerprint(parts.iter().map(|part| part.as_bytes()));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["abc"]), of(&["abc", ""]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }
}
