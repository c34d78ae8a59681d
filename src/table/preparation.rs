//! Preparation: the shared results of a run, each made on any thread as soon as those that it needs are there.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::Scope;

use super::night::{AnyShared, Night, Read, has};
use super::request::Request;
use crate::error::{Error, Result};

/// A shared result that is to be made.
struct Step {
    shared: &'static dyn AnyShared,
    /// How many of the results that it needs are still to be made.
    waits_for: AtomicUsize,
    /// The places of the steps that need it.
    needed_by: Vec<usize>,
    failed: Mutex<Option<Error>>,
}

/// Makes all shared results that these reads need, each once.
///
/// # Errors
/// The first of those of making them, in the order in which the reads name them; what needs one that failed is not made.
pub fn prepare(night: &Night, reads: &[Read]) -> Result<()> {
    let mut steps = Vec::new();
    add(reads, &night.request, &mut steps, &mut BTreeMap::new());
    let ready: Vec<usize> = (0..steps.len()).filter(|place| steps[*place].waits_for.load(Ordering::Relaxed) == 0).collect();
    rayon::scope(|scope| {
        let steps = &steps;
        ready.into_iter().for_each(|place| scope.spawn(move |scope| take(night, steps, place, scope)));
    });
    let failed = steps.into_iter().find_map(|step| step.failed.into_inner().unwrap_or_else(PoisonError::into_inner));
    failed.map_or(Ok(()), Err)
}

/// Makes a result, and spawns the steps that waited for it alone.
fn take<'s>(night: &'s Night, steps: &'s [Step], place: usize, scope: &Scope<'s>) {
    let Some(step) = steps.get(place) else { return };
    if let Err(error) = night.any_shared(step.shared) {
        *step.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        return;
    }
    for next in step.needed_by.iter().copied() {
        // Who counts the last one down sees what all of them made.
        if steps.get(next).is_some_and(|step| step.waits_for.fetch_sub(1, Ordering::AcqRel) == 1) {
            scope.spawn(move |scope| take(night, steps, next, scope));
        }
    }
}

/// Adds the steps that make what these reads need, those that are needed before those that need them. Returns the places of the results that are
/// read directly.
fn add(reads: &[Read], request: &Request, steps: &mut Vec<Step>, places: &mut BTreeMap<&'static str, usize>) -> Vec<usize> {
    let mut found = Vec::new();
    for read in reads {
        let (Read::Shared(shared) | Read::IfRequested(shared)) = read else { continue };
        let place = match places.get(shared.name()) {
            Some(place) => *place,
            None if has(*shared, request) => {
                let needs = add(&shared.reads(request), request, steps, places);
                let place = steps.len();
                needs.iter().for_each(|need| steps[*need].needed_by.push(place));
                let waits_for = AtomicUsize::new(needs.len());
                steps.push(Step { shared: *shared, waits_for, needed_by: Vec::new(), failed: Mutex::default() });
                places.insert(shared.name(), place);
                place
            }
            None => continue,
        };
        if !found.contains(&place) {
            found.push(place);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;
    use crate::fold::folds::Gathered;
    use crate::table::night::{Shared, always};
    use crate::table::testing::{night_of, signed_shops};

    /// How often the first result below was made.
    static TIMES: AtomicU32 = AtomicU32::new(0);
    static FIRST: Shared<u32> =
        Shared { name: "first", not_requested: always, reads: |_| Vec::new(), make: |_| Ok(TIMES.fetch_add(1, Ordering::Relaxed)) };
    static ONE: Shared<u32> =
        Shared { name: "one", not_requested: always, reads: |_| vec![Read::Shared(&FIRST)], make: |night| Ok(*night.shared(&FIRST)? + 1) };
    static OTHER: Shared<u32> = Shared {
        name: "other",
        not_requested: always,
        reads: |_| vec![Read::Shared(&FIRST)],
        make: |night| Ok(*night.shared(&FIRST)? + 2),
    };
    static LAST: Shared<u32> = Shared {
        name: "last",
        not_requested: always,
        reads: |_| vec![Read::Shared(&OTHER), Read::Shared(&FIRST), Read::Shared(&ONE), Read::IfRequested(&NOT_ASKED)],
        make: |night| Ok(10 * *night.shared(&ONE)? + *night.shared(&OTHER)?),
    };
    static NOT_ASKED: Shared<u32> = Shared {
        name: "not_asked",
        not_requested: |_| Some("nobody asks for it"),
        reads: |_| Vec::new(),
        make: |_| Err(Error::bug("made all the same")),
    };
    static BROKEN: Shared<u32> =
        Shared { name: "broken", not_requested: always, reads: |_| Vec::new(), make: |_| Err(Error::bug("it is broken")) };
    static ABOVE: Shared<u32> = Shared {
        name: "above",
        not_requested: always,
        reads: |_| vec![Read::Shared(&BROKEN)],
        make: |_| Err(Error::bug("made of nothing")),
    };

    #[test]
    fn shared_results_are_made_once_each_after_what_it_reads() {
        let reads = [Read::Shared(&LAST), Read::Shared(&ONE)];
        let mut steps = Vec::new();
        assert_eq!(add(&reads, &Request::NOTHING, &mut steps, &mut BTreeMap::new()), [3, 2]);
        let found: Vec<(&str, usize, &[usize])> =
            steps.iter().map(|step| (step.shared.name(), step.waits_for.load(Ordering::Relaxed), step.needed_by.as_slice())).collect();
        assert_eq!(found, [("first", 0, [1, 2, 3].as_slice()), ("other", 1, &[3]), ("one", 1, &[3]), ("last", 3, &[])]);
        let night = night_of(&signed_shops("2026-06-30"), Gathered::default());
        prepare(&night, &reads).unwrap();
        assert_eq!((*night.shared(&LAST).unwrap(), *night.shared(&FIRST).unwrap()), (12, 0));
        // A second table of the same night finds it made.
        prepare(&night, &reads).unwrap();
        assert_eq!(TIMES.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_needs_a_result_that_failed_is_not_made() {
        let night = night_of(&signed_shops("2026-06-30"), Gathered::default());
        let told = prepare(&night, &[Read::Shared(&ABOVE)]).unwrap_err().to_string();
        assert!(told.contains("it is broken"), "{told}");
    }
}
