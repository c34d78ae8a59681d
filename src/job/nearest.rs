//! Suggestions for misspelt names.

/// The candidate most similar to `name`, if they differ in at most a third of the letters, or in two.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The time grows with the square of the length, and no candidate is longer.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        return None;
    }
    let written = normalized(name);
    let allowed = (name.chars().count() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&written, &normalized(candidate)), candidate))
        // In a short name, two errors leave nothing to recognise.
        .filter(|(slips, candidate)| *slips <= allowed && *slips < candidate.chars().count().min(name.chars().count()))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

/// The advice for a name that is none of `candidates`: the most similar one, then all of them.
pub(super) fn advice<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let allowed = candidates.clone().into_iter().collect::<Vec<_>>().join(", ");
    match nearest(name, candidates) {
        Some(candidate) => format!("did you mean `{candidate}`? allowed here: {allowed}"),
        None => format!("allowed here: {allowed}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_recognised_and_other_words_are_not() {
        let names = ["inputs", "params", "tables", "output", "timezone", "as_of"];
        assert_eq!(nearest("inptus", names), Some("inputs"));
        assert_eq!(nearest("time-zone", names), Some("timezone"));
        assert_eq!(nearest("Timezone", names), Some("timezone"));
        assert_eq!(nearest("as of", names), Some("as_of"));
        assert_eq!(nearest("table", names), Some("tables"));
        assert_eq!(nearest("assessments", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("输出", ["输入"]), Some("输入"));
    }
}
