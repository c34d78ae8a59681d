//! Every message of the program is in `src/spec/messages.tsv`, and nothing else is: the sources are read for the texts that people see.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use huitou::input::declared::columns::INPUTS;
use huitou::spec::Lang;

use super::scene::{JOB, Scene, orders};

/// Places whose texts are no messages, and why.
const NO_MESSAGES: [(&str, &str); 34] = [
    ("tests", "tests"),
    ("expression/fuzz", "tests"),
    ("table/", "cards, whose texts are those of src/spec/chinese.tsv"),
    ("sample/", "invented data, and the job beside it"),
    ("report/", "the page has its own texts"),
    ("fold/", "defects, which are for developers"),
    ("database/code_names", "names in both languages"),
    ("database/days", "comments of a table, in both languages"),
    ("database/definition", "SQL"),
    ("database/encode", "SQL"),
    ("database/holidays", "names in both languages"),
    ("database/ledger", "SQL"),
    ("database/segments", "comments of a table, in both languages"),
    ("database/session", "SQL"),
    ("database/state", "SQL"),
    ("database/quote", "SQL"),
    ("database/view_builder", "SQL, and comments in both languages"),
    ("database/view_ledger", "comments of a table"),
    ("database/view_rules", "SQL"),
    ("import/strategy_files", "the job beside the inputs"),
    ("cli/chinese_help", "Chinese"),
    ("cli/usage", "Chinese"),
    ("cli/manual", "headings of manual pages, and Chinese"),
    ("job/keys", "documentation of keys, in src/spec/chinese.tsv"),
    ("job/rule_keys", "documentation of keys"),
    ("job/strategy_keys", "documentation of keys"),
    ("job/stage_keys", "documentation of keys"),
    ("job/reference", "a page in both languages"),
    ("job/json_schema", "a document for programs"),
    ("cli/backtest", "a document in Markdown"),
    ("cli/licenses", "licences, which nobody translates"),
    ("publish/survival", "tests"),
    ("import/privacy", "what pseudonyms are made of"),
    ("spec/messages", "how messages are put together"),
];

/// Files among these that warn, or say why something is not there.
const WITH_MESSAGES: [&str; 12] = [
    "table/assessment/assess.rs",
    "table/assessment/judge.rs",
    "table/assessment/measured.rs",
    "table/audience/conditions.rs",
    "table/audience/lists.rs",
    "table/campaign/parts.rs",
    "table/campaign/pooled_notes.rs",
    "table/condition.rs",
    "table/forecast/doubts.rs",
    "table/repurchase/lifecycle_limits.rs",
    "table/shop/unrecorded.rs",
    "table/stage/decision.rs",
];

/// With what a text begins that is no message.
const NO_SENTENCES: [&str; 23] = [
    "{}DELETE",
    "huitou ",
    "${}",
    "##",
    "status:",
    "SELECT",
    "ALTER",
    "CREATE",
    "COPY",
    "SET ",
    "COMMENT",
    "DROP",
    "INSERT",
    "DELETE",
    "UPDATE",
    "LOCK",
    "TRUNCATE",
    "BEGIN",
    "CAST(",
    "REPLACE(",
    "GRANT",
    "COALESCE(",
    "CONCAT(",
];

pub(super) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The string literals of a source before its tests, as the compiler reads them.
pub(super) fn literals(source: &str) -> Vec<String> {
    let is_body = |at: &usize| source[*at..].lines().nth(1).is_some_and(|line| line.contains('{'));
    let tests = source.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at).find(is_body);
    let source = &source[..tests.unwrap_or(source.len())];
    let (mut found, mut rest) = (Vec::new(), source);
    while let Some(at) = rest.find(['"', '\'', '/', 'r']) {
        let from = &rest[at..];
        if from.starts_with("//") {
            rest = from.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(raw) = from.strip_prefix("r\"") {
            let (text, after) = raw.split_once('"').unwrap();
            found.push(text.to_owned());
            rest = after;
        } else if let Some(raw) = from.strip_prefix("r#\"") {
            let (text, after) = raw.split_once("\"#").unwrap();
            found.push(text.to_owned());
            rest = after;
        } else if let Some(text) = from.strip_prefix('"') {
            let (text, after) = literal(text);
            found.push(text);
            rest = after;
        } else if let Some(letter) = from.strip_prefix('\'') {
            // A character such as '"' and '\''; a lifetime has no second quotation mark.
            let ends = letter.strip_prefix('\\').map_or(letter.char_indices().nth(1), |escaped| {
                escaped.char_indices().find(|(at, each)| *at > 0 && *each == '\'').map(|(at, each)| (at + 1, each))
            });
            rest = match ends {
                Some((end, '\'')) => &letter[end + 1..],
                _ => letter,
            };
        } else {
            rest = &from[1..];
        }
    }
    found
}

/// A literal after its first quotation mark, and what follows the last one.
fn literal(source: &str) -> (String, &str) {
    let (mut text, mut rest) = (String::new(), source);
    loop {
        let mut letters = rest.chars();
        match letters.next().unwrap() {
            '"' => return (text, letters.as_str()),
            '\\' => match letters.next().unwrap() {
                '\n' => {
                    rest = letters.as_str().trim_start();
                    continue;
                }
                'n' => text.push('\n'),
                't' => text.push('\t'),
                escaped => text.push(escaped),
            },
            letter => text.push(letter),
        }
        rest = letters.as_str();
    }
}

/// The template of a format string, as the list writes it: every hole is `{}`, a line break `\n`.
pub(super) fn template(text: &str) -> String {
    let (mut template, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        if let Some(escaped) = ["{{", "}}"].into_iter().find(|escaped| rest.starts_with(escaped)) {
            template.push_str(escaped);
            rest = &rest[2..];
            continue;
        }
        let hole = rest.strip_prefix('{').and_then(|inside| inside.split_once('}')).filter(|(inside, _)| !inside.contains('{'));
        if let Some((_, after)) = hole {
            template.push_str("{}");
            rest = after;
        } else {
            template.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    template.replace('\n', "\\n")
}

/// Whether a template is a sentence or a part of one: two words, or one after a comma.
pub(super) fn is_sentence(template: &str) -> bool {
    let words = template.replace("{}", " ");
    let words: Vec<&str> = words.split_whitespace().filter(|word| word.bytes().filter(u8::is_ascii_lowercase).count() > 1).collect();
    let starts = template.trim_start_matches([' ', ',', ';', '(']);
    let is_part = starts.len() < template.len() && starts.starts_with(|letter: char| letter.is_ascii_lowercase()) && !words.is_empty();
    let is_chinese = !template.starts_with(|letter: char| letter.is_ascii());
    (words.len() > 1 || is_part)
        && !is_chinese
        && template.contains(' ')
        && !NO_SENTENCES.iter().any(|start| template.trim_start().starts_with(start))
}

/// All literals of the program as templates, each with whether it must be in the list.
fn templates() -> BTreeMap<String, (bool, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let of_cards: BTreeSet<&str> = Lang::translated().collect();
    let mut found: BTreeMap<String, (bool, String)> = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let has_messages = WITH_MESSAGES.contains(&name.as_str()) || !NO_MESSAGES.iter().any(|(place, _)| name.contains(place));
        for text in literals(&fs::read_to_string(&file).unwrap()) {
            let template = template(&text);
            let is_wanted = has_messages && is_sentence(&template) && !of_cards.contains(text.as_str());
            found.entry(template).or_insert((false, name.clone())).0 |= is_wanted;
        }
    }
    found
}

/// The comments of the declarations of arguments, which are the help texts, and what the package says of itself.
fn help() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [
        "src/cli/arguments.rs",
        "src/cli/import_arguments.rs",
        "src/cli/verify.rs",
        "src/cli/diff_arguments.rs",
        "src/cli/history_arguments.rs",
        "src/cli/output_format.rs",
        "src/cli/report_arguments.rs",
        "src/cli/step_arguments.rs",
        "src/cli/date_step.rs",
        "src/cli/list_arguments.rs",
        "src/cli/output_format.rs",
        "src/spec/lang.rs",
        "src/job/json_schema.rs",
        "Cargo.toml",
    ];
    let sources: Vec<String> = files.iter().map(|file| fs::read_to_string(root.join(file)).unwrap()).collect();
    let lines = sources.iter().flat_map(|source| source.lines()).map(|line| line.trim().trim_start_matches("/// "));
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_message_is_there_in_chinese_and_no_other_text_is() {
    let (templates, help) = (templates(), help());
    let listed: BTreeSet<&str> = Lang::messages().map(|(english, _)| english).collect();
    let missing: Vec<_> = templates.iter().filter(|(text, (is_wanted, _))| *is_wanted && !listed.contains(text.as_str())).collect();
    assert!(missing.is_empty(), "src/spec/messages.tsv lacks {} texts: {missing:#?}", missing.len());
    let stale: Vec<&&str> =
        listed.iter().filter(|text| !templates.contains_key(**text) && !text.contains("(os error ") && !help.contains(**text)).collect();
    assert!(stale.is_empty(), "src/spec/messages.tsv has {} texts that nothing says: {stale:#?}", stale.len());
}

#[test]
fn literals_are_read_as_the_compiler_reads_them() {
    let source = "let a = \"one \\\"two\\\" {x:>3}\"; // \"no\"\nlet b = ['\"', '\\'', 'c']; fn f<'a>() { \"three \\\n      four\" } r#\"raw \"x\"\"# \
                  #[cfg(test)]\nmod tests { \"not this\" }";
    assert_eq!(literals(source), ["one \"two\" {x:>3}", "three four", "raw \"x\""]);
    assert_eq!(template("one {x:>3} {{a}} {}\n"), "one {} {{a}} {}\\n");
    assert!(is_sentence("no rows") && is_sentence(" and {} more") && !is_sentence("rows") && !is_sentence("SELECT no rows"));
}

#[test]
fn names_of_tables_inputs_and_columns_stay_what_they_are() {
    let cards = huitou::table::cards().flat_map(|card| card.columns.iter().map(|column| column.name).chain([card.name.as_ref()]));
    let inputs = INPUTS.iter().flat_map(|input| input.columns.iter().map(|column| column.name).chain([input.name]));
    for name in cards.chain(inputs) {
        for text in [format!("input `{name}` has no `{name}`"), format!("table `{name}` is left out: the job has no input `{name}`")] {
            assert_eq!(Lang::Zh.message(&text).matches(&format!("`{name}`")).count(), 2, "{text}: {}", Lang::Zh.message(&text));
        }
    }
    for input in INPUTS {
        let warning = format!("{}: 3 of 9 rows have no `shop_id`, and hold for all shops of the job", input.name);
        assert!(Lang::Zh.message(&warning).starts_with(input.name), "{}", Lang::Zh.message(&warning));
    }
}

/// Whether a text has English words behind each other, outside of what people wrote themselves.
fn english(text: &str) -> Vec<String> {
    let outside: String = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let words: Vec<&str> = outside.split(|letter: char| !letter.is_ascii_alphabetic() && letter != ' ').collect();
    let is_sentence = |part: &&&str| part.split(' ').filter(|word| word.len() > 1).count() > 2;
    words.iter().filter(is_sentence).map(|part| (*part).to_owned()).collect()
}

#[test]
fn a_chinese_locale_and_the_option_make_errors_warnings_and_the_plan_chinese() {
    let scene = Scene::with(&orders().without("paid_amount"));
    for (arguments, variables) in
        [(vec!["--lang", "zh", "check", "job.yaml"], vec![]), (vec!["check", "job.yaml"], vec![("LC_ALL", "zh_CN.UTF-8")])]
    {
        let ran = scene.run_in(&arguments, &variables);
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        assert!(ran.stderr.starts_with("错误：") && ran.stderr.contains("\n  建议："), "{}", ran.stderr);
        assert!(english(&ran.stderr).is_empty(), "{:?}", english(&ran.stderr));
    }
    let scene = Scene::with(&orders());
    scene.job(&JOB.replace("out }", "ouy, keep: x }"));
    let ran = scene.run(&["run", "job.yaml", "--lang", "zh"]);
    assert!(ran.stderr.starts_with("错误：") && english(&ran.stderr).is_empty(), "{}", ran.stderr);
    scene.job(JOB);
    let ran = scene.run(&["check", "job.yaml", "--lang", "zh"]);
    assert!(ran.stdout.contains("快照：2026-03-31-") && english(&ran.stdout).is_empty(), "{:?}: {}", english(&ran.stdout), ran.stdout);
    let ran = scene.run(&["run", "job.yaml", "--lang", "zh"]);
    assert!(ran.stderr.contains("内存峰值：") && english(&ran.stderr).is_empty(), "{:?}", english(&ran.stderr));
    // English is what the option says, in any locale.
    let ran = scene.run_in(&["history", "--lang", "en"], &[("LC_ALL", "zh_CN.UTF-8")]);
    assert!(ran.stdout.contains("rows written"), "{}", ran.stdout);
}
