//! What the brief of a run says nothing of, as it tells what is in the tables that the run makes.

use crate::table::morning::brief;
use crate::table::morning::briefing::HEARD;

/// The warning about a run of named tables, with the brief and without some that it tells of; `None` where it misses nothing.
pub(super) fn unheard(names_tables: bool, makes: impl Fn(&str) -> bool) -> Option<String> {
    let missing: Vec<String> = HEARD.iter().filter(|table| !makes(table)).map(|table| format!("`{table}`")).collect();
    let is_told = names_tables && makes(brief::TABLE.name) && !missing.is_empty();
    is_told.then(|| format!("brief: it tells only of tables that the run makes, and nothing of {}", missing.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brief_alone_says_what_it_does_not_hear() {
        let alone = unheard(true, |table| table == "brief").unwrap();
        assert!(
            alone.ends_with(
                "nothing of `alerts`, `assessment_results`, `plan_progress`, `revenue_bridge`, `store_stage`, `items`, `restatements`"
            ),
            "{alone}"
        );
        assert_eq!(unheard(true, |table| table != "items").unwrap().matches('`').count(), 2);
        assert_eq!(
            [unheard(true, |table| table == "items"), unheard(true, |_| true), unheard(false, |table| table == "brief")],
            [None, None, None]
        );
    }
}
