//! The documents agree with the program: what README.md and docs/ say of tables, inputs, keys and exit codes is what the code has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch};
use assert_cmd::Command;
use huitou::error::{Error, Problem};
use huitou::input::declared::columns::INPUTS;
use huitou::input::expression::{Expressions, FORMS, FUNCTIONS};
use huitou::job::keys::{self, Key, Shape};
use huitou::job::rule::Rule;
use huitou::job::strategy::Strategy;
use huitou::job::{Job, rule_keys, stage_keys, strategy_keys};
use huitou::nightly::Plan;
use huitou::spec::{IdType, IdTypes, Lang};
use huitou::table;
use huitou::table::audience::card::OF_UNPAID;
use huitou::table::morning::briefing;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
}

const INPUTS_PAGE: &str = "docs/reference/inputs.md";
const JOB_PAGE: &str = "docs/reference/job-file.md";
const RULES_PAGE: &str = "docs/rules.md";
const STRATEGIES_PAGE: &str = "docs/reference/strategies.md";

/// A page from one heading to the next.
fn section(page: &str, heading: &str) -> String {
    let whole = read(page);
    let start = whole.find(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("{page} has no section `{heading}`"));
    let text = &whole[start + 1..];
    text[..text[3..].find("\n## ").map_or(text.len(), |end| end + 3)].to_owned()
}

/// The first block of that language.
fn block(text: &str, language: &str) -> String {
    let start = text.find(&format!("```{language}\n")).unwrap() + language.len() + 4;
    text[start..start + text[start..].find("```").unwrap()].to_owned()
}

#[test]
fn the_pages_made_from_the_code_are_what_the_program_prints() {
    for (page, command) in [
        ("docs/tables.md", "tables --format markdown"),
        ("docs/zh/tables.md", "tables --format markdown --lang zh"),
        ("docs/keys.md", "schema --format markdown"),
        ("docs/zh/keys.md", "schema --format markdown --lang zh"),
    ] {
        let printed = Command::new(env!("CARGO_BIN_EXE_huitou")).args(command.split(' ')).output().unwrap().stdout;
        assert!(read(page) == String::from_utf8(printed).unwrap(), "{page} is stale: scripts/generate.sh writes it");
    }
}

#[test]
fn every_table_has_its_section_in_the_manual() {
    for page in ["docs/reading.md", "docs/zh/reading.md"] {
        let text = read(page);
        let found: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")?.split(' ').next()).collect();
        let missing: Vec<_> = table::cards()
            .map(|card| card.name.replace('<', "&lt;").replace('>', "&gt;"))
            .filter(|name| !found.contains(name.as_str()))
            .collect();
        assert!(missing.is_empty(), "{page} has no section, `## <table> <Chinese name>`, on {missing:?}");
    }
}

#[test]
fn the_page_of_sql_has_every_function_and_its_examples_are_true() {
    let functions = FUNCTIONS.iter().map(|function| (function.name, function.example)).chain(FORMS.iter().copied());
    let lines: Vec<String> = functions.map(|(name, example)| format!("| `{name}` | `{}` |", example.replace('|', "\\|"))).collect();
    for page in ["docs/reference/sql.md", "docs/zh/reference/sql.md"] {
        let text = read(page);
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(found, lines, "{page}");
        assert_eq!(block(&text, "sql"), block(&read("docs/reference/sql.md"), "sql"), "{page}");
    }
    let row = RecordBatch::try_from_iter([("one", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).unwrap();
    let shanghai = jiff::tz::db().get("Asia/Shanghai").unwrap();
    for line in block(&read("docs/reference/sql.md"), "sql").lines() {
        let mut expressions = Expressions::default();
        let expression = Expressions::parse(line).unwrap_or_else(|refused| panic!("{line}: {}", refused.cause));
        expressions.column_by_clock_of(shanghai.clone(), false, 0, expression);
        let found = expressions.evaluate(&row, &[]).unwrap_or_else(|cause| panic!("{line}: {cause}"));
        assert_eq!(found.columns[0].1.as_boolean(), &BooleanArray::from(vec![true]), "{line}");
    }
}

/// All texts of cards and keys that people read in their language.
fn texts() -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (mut prose, mut formulas) = (BTreeSet::new(), BTreeSet::new());
    for card in table::cards() {
        prose.extend([card.question.as_ref(), card.grain]);
        for column in card.columns.iter() {
            prose.extend([column.definition, column.unit, column.null_when]);
            formulas.insert(column.formula);
        }
    }
    prose.extend(briefing::texts());
    prose.insert(OF_UNPAID);
    let mut below = vec![keys::JOB, rule_keys::RULE, strategy_keys::STRATEGY, stage_keys::STAGES];
    below.extend(INPUTS.iter().map(|input| keys::input_keys(input.name)));
    while let Some(keys) = below.pop() {
        for key in keys {
            prose.insert(key.doc);
            if let Shape::Section(keys) | Shape::SectionOr(keys, _) | Shape::List(keys) | Shape::ByMetric(keys) = key.shape {
                below.push(keys);
            }
        }
    }
    prose.remove("");
    (prose, formulas)
}

#[test]
fn every_text_of_the_catalogue_is_there_in_chinese() {
    let (prose, formulas) = texts();
    let translated: BTreeSet<&str> = Lang::translated().collect();
    let missing: Vec<&&str> = prose.difference(&translated).collect();
    assert!(missing.is_empty(), "src/spec/chinese.tsv lacks {missing:#?}");
    // Formulas that are signs and names of columns need none.
    let stale: Vec<&&str> = translated.iter().filter(|text| !prose.contains(*text) && !formulas.contains(*text)).collect();
    assert!(stale.is_empty(), "src/spec/chinese.tsv has what nothing says any more: {stale:#?}");
}

#[test]
fn the_pages_of_tables_begin_with_every_table_and_its_question() {
    for (page, lang) in [("docs/tables.md", Lang::En), ("docs/zh/tables.md", Lang::Zh)] {
        let text = read(page);
        let list = &text[..text.find("\n## ").unwrap()];
        let rows: Vec<Vec<&str>> =
            list.lines().filter(|line| line.starts_with("| [")).map(|line| line.trim_matches(['|', ' ']).split(" | ").collect()).collect();
        let expected: Vec<_> = table::cards().map(|card| (format!("[`{}`]", card.name), card.chinese, lang.text(&card.question))).collect();
        assert_eq!(rows.len(), expected.len(), "{page}");
        for (row, (name, chinese, question)) in rows.iter().zip(expected) {
            assert!(row[0].starts_with(&name), "{page}: {row:?} is not {name}");
            assert_eq!(row[1..], [chinese, question], "{page}");
        }
    }
}

#[test]
fn every_source_of_a_column_is_something_that_readers_have() {
    let headings: BTreeSet<String> =
        read("docs/definitions.md").lines().filter_map(|line| line.strip_prefix("## ")).map(|name| name.to_owned()).collect();
    let mut cited = BTreeSet::new();
    for card in table::cards() {
        for column in card.columns.iter().filter(|column| !column.source.is_empty()) {
            let place = format!("{}.{}: {}", card.name, column.name, column.source);
            match column.source.strip_prefix("docs/definitions.md, ") {
                Some(heading) => {
                    assert!(headings.contains(heading), "{place}: docs/definitions.md has no such section");
                    cited.insert(heading);
                }
                // A paper or a rule has a year; a page of this project would have a name that ends so.
                None => {
                    assert!(column.source.contains(|letter: char| letter.is_ascii_digit()) && !column.source.contains(".md"), "{place}")
                }
            }
            for word in ["specification", "assessments, "] {
                assert!(!column.source.contains(word), "{place}");
            }
        }
    }
    assert!(cited.contains("Cohorts"), "{cited:?}");
}

#[test]
fn the_pages_on_inputs_list_every_input_with_its_columns() {
    for (page, comma) in [(INPUTS_PAGE, ", "), ("docs/zh/reference/inputs.md", "、")] {
        let text = read(page);
        for input in INPUTS {
            let line = text.lines().find(|line| line.starts_with(&format!("| `{}`", input.name))).unwrap();
            let listed = line.trim_end_matches(" |").rsplit(" | ").next().unwrap();
            let expected: Vec<String> = input
                .columns
                .iter()
                .map(|column| if column.required { format!("**`{}`**", column.name) } else { format!("`{}`", column.name) })
                .collect();
            assert_eq!(listed, expected.join(comma), "{page}: {}", input.name);
        }
    }
}

/// The names of keys, and of those below them.
fn names(keys: &[Key], found: &mut Vec<&'static str>) {
    for key in keys {
        found.push(key.name);
        if let Shape::Section(below) | Shape::SectionOr(below, _) = key.shape {
            names(below, found);
        }
    }
}

#[test]
fn the_job_files_of_the_manual_are_valid_and_have_every_key() {
    let mut every = Vec::new();
    names(keys::JOB, &mut every);
    for input in INPUTS {
        every.push(input.name);
        names(keys::input_keys(input.name), &mut every);
    }
    for page in [JOB_PAGE, "docs/zh/reference/job-file.md"] {
        let example = block(&read(page), "yaml");
        // The environment is not the test's to set.
        let example = example.replace("${DATA}", "/data").replace("${HUITOU_PG}", "postgresql://huitou@localhost/shops");
        // Its rule files are those beside the main job.
        Job::parse(&example, &path("jobs/nightly.yaml"), &[], &Plan::catalogue()).unwrap_or_else(|error| panic!("{page}: {error}"));
        for name in &every {
            assert!(example.contains(&format!("{name}:")), "the job file of {page} has no `{name}`");
        }
    }
}

/// The rules of these files, in a job that has every input they may need.
fn rules(files: &[PathBuf]) -> Vec<Rule> {
    let mut catalogue = Plan::catalogue();
    for input in ["shops", "shop_metrics"] {
        if !catalogue.input_names().any(|name| name == input) {
            catalogue.inputs.push((input, vec![]));
        }
    }
    let names: Vec<String> = files.iter().map(|file| format!("{file:?}")).collect();
    let job = format!("job: j\ninputs: {{ orders: o, shops: s, shop_metrics: m }}\nassessments: [{}]\n", names.join(", "));
    Job::parse(&job, Path::new("job.yaml"), &[], &catalogue).unwrap_or_else(|error| panic!("{error}")).assessments
}

#[test]
fn the_rule_files_that_ship_are_valid_and_the_manual_names_them() {
    let section = section(RULES_PAGE, "All keys of a rule file");
    let mut files: Vec<PathBuf> = fs::read_dir(path("jobs/rules")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 5);
    for (rule, file) in rules(&files).iter().zip(&files) {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert_eq!(format!("{}.yaml", rule.assessment), name);
        assert!(section.contains(&format!("`{name}`")), "{RULES_PAGE} does not name {name}");
    }
}

#[test]
fn the_manual_explains_every_key_of_a_rule_file_and_its_example_is_valid() {
    let section = section(RULES_PAGE, "All keys of a rule file");
    let rows: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
    for key in rule_keys::RULE.iter().chain(rule_keys::REQUIREMENT) {
        let name = format!("`{}`", key.name);
        assert!(rows.iter().any(|row| row.split(", ").any(|listed| listed == name)), "{RULES_PAGE} does not explain the key {name}");
    }
    for key in rule_keys::ELIGIBLE.iter().chain(rule_keys::CONDITION) {
        assert!(section.contains(&format!("{}: ", key.name)), "{RULES_PAGE} does not show the key `{}`", key.name);
    }
    let metrics = section[section.find("\nMetrics: ").unwrap()..].replace('\n', " ");
    let listed: Vec<&str> = metrics.split('.').next().unwrap().split('`').skip(1).step_by(2).collect();
    assert_eq!(listed, Plan::catalogue().metrics);
    let folder = tempfile::tempdir().unwrap();
    let example = folder.path().join("example.yaml");
    fs::write(&example, block(&section, "yaml")).unwrap();
    assert_eq!(rules(&[example])[0].requirements.len(), 5);
}

#[test]
fn the_strategy_files_that_ship_are_valid_and_the_manual_names_them() {
    let page = read(STRATEGIES_PAGE);
    let mut files: Vec<PathBuf> = fs::read_dir(path("jobs/strategies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 10);
    let strategies = strategies(&files);
    for (strategy, file) in strategies.iter().zip(&files) {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert_eq!(format!("{}.yaml", strategy.name), name);
        assert!(page.contains(&format!("`{name}`")), "{STRATEGIES_PAGE} does not name {name}");
        assert_ne!(strategy.title, strategy.name, "{name} has no title");
    }
    let integer = || IdType::of(&arrow::datatypes::DataType::Int64).unwrap();
    for id in [IdType::text(), integer()] {
        let ids = IdTypes { shop: id.clone(), customer: id.clone(), category: id.clone(), item: id.clone(), campaign: id };
        assert_eq!(table::audience::problems(&strategies, &ids), []);
    }
}

/// The strategies of these files.
fn strategies(files: &[PathBuf]) -> Vec<Strategy> {
    let names: Vec<String> = files.iter().map(|file| format!("{file:?}")).collect();
    let job = format!("job: j\ninputs: {{ orders: o }}\nstrategies: [{}]\n", names.join(", "));
    Job::parse(&job, Path::new("job.yaml"), &[], &Plan::catalogue()).unwrap_or_else(|error| panic!("{error}")).strategies
}

#[test]
fn the_manuals_explain_every_key_of_a_strategy_file_and_every_column() {
    let (page, manual) = (read(STRATEGIES_PAGE), read("docs/lists.md"));
    for key in strategy_keys::STRATEGY {
        for explained in [&page, &read("docs/zh/reference/strategies.md")] {
            assert!(
                explained.contains(&format!("\n| `{}` | ", key.name)),
                "a page on strategy files does not explain the key `{}`",
                key.name
            );
        }
        assert!(manual.contains(&format!("\n{}: ", key.name)), "docs/lists.md does not show the key `{}`", key.name);
    }
    for column in &table::audience::candidates::BESIDE {
        assert!(manual.contains(&format!("`{}`", column.meaning.name)), "docs/lists.md does not explain `{}`", column.meaning.name);
    }
    let folder = tempfile::tempdir().unwrap();
    let example = folder.path().join("example.yaml");
    for text in [block(&page, "yaml"), block(&manual, "yaml")] {
        fs::write(&example, text).unwrap();
        assert_eq!(strategies(std::slice::from_ref(&example))[0].name, "second_purchase");
    }
}

#[test]
fn the_readme_and_the_manual_explain_every_exit_code() {
    let problem = || Problem::new("", "");
    let errors = [Error::bug(""), Error::Usage(vec![]), Error::Input(vec![]), Error::Output(problem()), Error::Busy(problem())];
    for (page, heading) in [
        ("README.md", "Every night"),
        ("docs/zh/README.md", "每晚运行"),
        ("docs/reference/commands.md", "Exit codes"),
        ("docs/zh/reference/commands.md", "退出码"),
    ] {
        let section = section(page, heading);
        for code in errors.iter().map(Error::exit_code).chain([0]) {
            assert!(section.contains(&format!("\n| {code} | ")), "{page} does not explain exit code {code}");
        }
    }
}

#[test]
fn the_job_of_the_sample_data_and_its_example_are_valid() {
    let file = path("jobs/nightly.yaml");
    let text = read("jobs/nightly.yaml");
    Job::parse(&text, &file, &[], &Plan::catalogue()).unwrap_or_else(|error| panic!("{error}"));
    let example: Vec<&str> = text.lines().skip_while(|line| *line != "# job: nightly").map(|line| line.trim_start_matches('#')).collect();
    let example: Vec<&str> = example.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let example = example.join("\n").replace("${WAREHOUSE}", "/data");
    Job::parse(&example, &file, &[], &Plan::catalogue()).unwrap_or_else(|error| panic!("{error}"));
}
