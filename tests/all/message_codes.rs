//! Codes of messages: what the program tells whoever runs it has a stated code where its sentence stands in the call that tells it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use huitou::spec::Lang;
use huitou::spec::message_codes::{NAMES, codes};

use super::chinese_messages::{is_sentence, literals, sources, template};

/// The calls that tell something.
const CALLS: [&str; 6] = ["Problem::new(", "log::info(", "log::alert(", "log::warning(", "log::detail(", "warnings.push("];

/// Where what is told ends: at the end of the statement, or before what to do about it.
const ENDS: [&str; 3] = [";\n", ".help(", ".details("];

/// Templates in such calls that are places or parts of messages.
const PARTS: [&str; 9] = [
    "command line",
    "standard input",
    "standard output",
    "the path {}",
    "the rows of other steps",
    "the stream of a step",
    "`latest` points to it already",
    "`latest` stays at {}",
    "there is no `latest` yet",
];

#[test]
fn whatever_is_told_in_so_many_words_has_a_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let listed: BTreeSet<&str> = Lang::messages().map(|(english, _)| english).collect();
    let coded: BTreeSet<&str> = codes().map(|(_, template)| template).collect();
    let (mut told, mut missing) = (0, BTreeSet::new());
    for file in files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "tests")) {
        let source = fs::read_to_string(file).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for at in CALLS.iter().flat_map(|call| source.match_indices(call)).map(|(at, _)| at) {
            let call = &source[at..];
            let end = ENDS.iter().filter_map(|end| call.find(end)).min().unwrap_or(call.len());
            for text in literals(&call[..end]).iter().map(|text| template(text)) {
                let is_message =
                    listed.contains(text.as_str()) && is_sentence(&text) && text.starts_with(|letter: char| !" ,;:(".contains(letter));
                let is_named = NAMES.iter().any(|name| text.starts_with(&format!("{name}: ")));
                if is_message && !is_named && !PARTS.contains(&text.as_str()) {
                    told += 1;
                    if !coded.contains(text.as_str()) {
                        missing.insert(format!("{}: CODE\t{text}", file.strip_prefix(&root).unwrap().display()));
                    }
                }
            }
        }
    }
    assert!(told > 140, "only {told} messages were found in calls");
    let missing: Vec<String> = missing.into_iter().collect();
    assert!(
        missing.is_empty(),
        "src/spec/message_codes.tsv has no code for {} messages; a code stays for ever:\n{}",
        missing.len(),
        missing.join("\n")
    );
}
