//! What a run says of figures that the snapshot before published otherwise.

use std::collections::BTreeMap;

use crate::spec::cause::Cause;

/// Figures that are restated, by cause, as lines for people; none where there is none.
pub fn in_words(restated: &BTreeMap<String, u64>) -> Vec<String> {
    let counted = |cause: Cause| Some((cause.name(), restated.get(cause.name()).copied().filter(|count| *count > 0)?));
    let mut causes: Vec<(&str, u64)> = Cause::COUNTED.into_iter().filter_map(counted).collect();
    // The sort is stable: of equals the first in the order of the causes comes first.
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let all: u64 = causes.iter().map(|(_, count)| count).sum();
    let list = causes.iter().map(|(cause, count)| format!("{cause} {count}")).collect::<Vec<_>>().join(", ");
    let mut lines = Vec::new();
    match all {
        0 => {}
        1 => lines.push(format!("1 figure that was published before is another one now ({list}): huitou show restatements")),
        _ => lines.push(format!("{all} figures that were published before are others now ({list}): huitou show restatements")),
    }
    if counted(Cause::ChangedJob).is_some() {
        lines.push(
            "figures are not compared with those of the snapshot before, since the job has changed: huitou show restatements".to_owned(),
        );
    }
    if counted(Cause::ChangedProgram).is_some() {
        lines.push(
            "figures are not compared with those of the snapshot before, since the program has changed: huitou show restatements"
                .to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(counts: &[(&str, u64)]) -> Vec<String> {
        in_words(&counts.iter().map(|(cause, count)| ((*cause).to_owned(), *count)).collect())
    }

    #[test]
    fn the_causes_of_most_figures_come_first() {
        assert_eq!(said(&[]), Vec::<String>::new());
        let several = said(&[("late_order", 3), ("late_refund", 40), ("moved", 3), ("other", 0)]);
        assert_eq!(
            several,
            ["46 figures that were published before are others now (late_refund 40, late_order 3, moved 3): huitou show restatements"]
        );
        assert_eq!(
            said(&[("vanished", 1)]),
            ["1 figure that was published before is another one now (vanished 1): huitou show restatements"]
        );
    }

    #[test]
    fn figures_that_nobody_compared_are_not_counted() {
        let [line] = &said(&[("changed_job", 18)])[..] else { panic!("one line") };
        assert!(line.contains("the job has changed") && !line.contains("18"), "{line}");
    }
}
