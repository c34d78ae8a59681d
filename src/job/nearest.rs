//! The name that somebody may have meant.

/// The candidate nearest to `name`, where one is near enough to be a slip of the pen: a third of the letters, at least two.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = normalized(name);
    let allowed = (name.chars().count() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&written, &normalized(candidate)), candidate))
        // Of a short name, two slips leave nothing that could be recognized.
        .filter(|(slips, candidate)| *slips <= allowed && *slips < candidate.chars().count().min(name.chars().count()))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

/// What to do about a name that is none of `candidates`: the nearest one, then all of them.
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
    fn slips_are_recognized_and_other_words_are_not() {
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
