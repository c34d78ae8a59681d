//! What changed between two snapshots beside the rows: the job, or the program.

use std::collections::{BTreeMap, BTreeSet};

use crate::publish::Manifest;
use crate::spec::cause::Cause;

/// The cause and its description where the job or the program of `now` is another than that of `before`.
pub fn changed(before: &Manifest, now: &Manifest) -> Option<(Cause, String)> {
    if before.version != now.version {
        return Some((Cause::ChangedProgram, format!("huitou {} before, {} now", before.version, now.version)));
    }
    if before.keys.is_empty() {
        return Some((Cause::ChangedProgram, "the snapshot before was made by an earlier build, which does not say its job".to_owned()));
    }
    let keys = changed_keys(&before.keys, &now.keys);
    (!keys.is_empty()).then(|| (Cause::ChangedJob, keys.into_iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")))
}

fn changed_keys<'a>(before: &'a BTreeMap<String, String>, now: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
    let all = before.keys().chain(now.keys());
    all.filter(|key| before.get(*key) != now.get(*key)).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(version: &str, keys: &[(&str, &str)]) -> Manifest {
        let keys = keys.iter().map(|(key, digest)| ((*key).to_owned(), (*digest).to_owned())).collect();
        Manifest { version: version.to_owned(), keys, ..Manifest::default() }
    }

    #[test]
    fn the_keys_that_changed_came_or_went_are_named() {
        let before = manifest("1", &[("params.rfm", "a"), ("timezone", "b"), ("inputs.refunds", "c")]);
        let now = manifest("1", &[("params.rfm", "a"), ("timezone", "x"), ("currency", "d")]);
        assert_eq!(changed(&before, &now), Some((Cause::ChangedJob, "`currency`, `inputs.refunds`, `timezone`".to_owned())));
        assert_eq!(changed(&before, &before), None);
    }

    #[test]
    fn another_program_is_told_before_the_job() {
        let (old, new) = (manifest("1", &[("timezone", "a")]), manifest("2", &[("timezone", "b")]));
        assert_eq!(changed(&old, &new), Some((Cause::ChangedProgram, "huitou 1 before, 2 now".to_owned())));
        assert_eq!(changed(&manifest("2", &[]), &new).map(|(cause, _)| cause), Some(Cause::ChangedProgram));
    }
}
