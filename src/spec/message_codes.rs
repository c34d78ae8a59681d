//! Codes of messages, for programs that act on them: stated, one for each message, so that a sentence may be worded anew and keep its code.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::messages::template;

/// Codes, and the English template of `messages.tsv` that each belongs to, one pair on each line with a tab between them, sorted. A code stays what
/// it is for as long as its message says the same; one that is given up is not used again.
const LIST: &str = include_str!("message_codes.tsv");

/// Messages that begin with their code and a colon, so that people see it too.
pub const NAMES: [&str; 10] = [
    "implausible_times",
    "many_ids",
    "missing_days",
    "open_files",
    "placeholder_customer",
    "stale_input",
    "unknown_campaign",
    "unknown_customer",
    "unknown_line",
    "unknown_order",
];

static CODES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| codes().map(|(code, template)| (template, code)).collect());

/// The stated codes with their templates, in the order of the list.
pub fn codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIST.lines().filter_map(|line| line.split_once('\t'))
}

/// The code of a message, whatever its figures; `None` where none is stated for it. The same in every language.
pub fn code(english: &str) -> Option<&'static str> {
    let name = english.split_once(':').and_then(|(start, _)| NAMES.into_iter().find(|name| *name == start));
    name.or_else(|| CODES.get(template(english)?).copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::spec::Lang;

    #[test]
    fn a_code_names_the_message_and_none_of_its_figures() {
        for (text, expected) in [
            ("stale_input: orders: the newest event is of 2026-03-28", Some("stale_input")),
            ("input `plans`: `plans.parquet` has no rows", Some("input_has_no_rows")),
            ("there was nothing to remove", Some("nothing_to_remove")),
            ("there was nothing to remove\n", Some("nothing_to_remove")),
            ("payment_rate: the job has no traffic", None),
            ("x", None),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn every_code_is_of_one_message_that_there_is() {
        let templates: BTreeSet<&str> = Lang::messages().map(|(english, _)| english).collect();
        let mut known: BTreeSet<&str> = NAMES.into();
        assert!(codes().is_sorted_by(|(one, _), (other, _)| one < other), "sort the list by its codes");
        for (code, template) in codes() {
            let is_name = code
                .split('_')
                .all(|word| !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit()));
            assert!(is_name && code.len() <= 40, "{code}: words of small letters, 40 letters at most");
            assert!(known.insert(code), "{code}: another message has it");
            assert!(
                templates.contains(template),
                "{code}: no message is worded so: {template}\nIf it is worded anew, write its new template here, and leave the code"
            );
        }
        let listed: BTreeSet<&str> = codes().map(|(_, template)| template).collect();
        assert_eq!(listed.len(), codes().count(), "a message has two codes");
        for name in NAMES {
            assert!(templates.iter().any(|template| template.starts_with(&format!("{name}: "))), "{name}: no message begins with it");
        }
    }

    #[test]
    fn every_listed_message_finds_its_code() {
        for (expected, template) in codes() {
            // Of two holes beside each other the second begins with a sign.
            let text = template.replace("{}{}", "{};{}").replace("{}", "〔1〕").replace("{{", "{").replace("}}", "}").replace("\\n", "\n");
            assert_eq!(code(&text), Some(expected), "{text}");
        }
    }
}
