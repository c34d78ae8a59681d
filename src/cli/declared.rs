//! The command line as it is declared, with examples, exit codes and environment, in the language of the messages.

use clap::builder::StyledStr;
use clap::{Command, CommandFactory};

use super::arguments::Arguments;
use crate::spec::Lang;

/// What people type, by command. The manual runs the same lines.
const EXAMPLES: [(&str, &[&str]); 13] = [
    (
        "run",
        &[
            "huitou run jobs/nightly.yaml",
            "huitou run jobs/nightly.yaml --as-of 2026-10-31 --memory 2GiB",
            "huitou run jobs/nightly.yaml --log json 2>>run.log",
        ],
    ),
    ("check", &["huitou check jobs/nightly.yaml", "huitou check jobs/nightly.yaml --format json"]),
    ("import", &["huitou import tmall-orders ExportOrderList*.csv --to shop", "huitou import sycm-traffic 店铺取数.xlsx --to shop"]),
    ("sample", &["huitou sample demo --orders 20000 --shops 3"]),
    ("tables", &["huitou tables", "huitou tables customers --lang zh"]),
    (
        "show",
        &[
            "huitou show shop_periods --where \"grain = 'month'\" --sort \"paid_amount desc\" --limit 5",
            "huitou show cohort_retention --shop 58501149",
        ],
    ),
    (
        "list",
        &[
            "huitou list",
            "huitou list export vip_care --shop 58501149 --to vip_care.xlsx",
            "huitou list sent vip_care --shop 58501149 --at \"2026-11-22 10:00\" --job jobs/nightly.yaml",
            "huitou list unpaid_reminder --now now --job jobs/nightly.yaml",
        ],
    ),
    ("report", &["huitou report --lang zh --to report.html"]),
    ("backtest", &["huitou backtest jobs/nightly.yaml --assessment tmall_quarterly"]),
    ("history", &["huitou history --out out", "huitou history --format json"]),
    ("diff", &["huitou diff previous latest", "huitou diff 2026-11-20 2026-11-21 shop_periods --shop 58501149 --format csv"]),
    ("verify", &["huitou verify latest"]),
    ("gc", &["huitou gc --keep 30 --dry-run"]),
];

/// The exit codes of every command.
const EXIT_CODES: [(u8, &str); 7] = [
    (0, "done: for a run, a snapshot was published or was there already"),
    (1, "a defect of huitou itself"),
    (2, "a bad command line or job file"),
    (3, "the inputs are wrong: their shape, or more rejected rows than allowed"),
    (4, "the output could not be written"),
    (5, "another run holds the output folder"),
    (10, "`diff --exit-code`: the snapshots differ"),
];

/// The variables of the environment that every command heeds.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("LC_ALL, LC_MESSAGES, LANG", "a Chinese locale makes the messages Chinese"),
    ("HUITOU_SALT", "the salt of the pseudonyms that `import` makes"),
    ("NO_COLOR", "no colours in what `show` prints"),
    ("${…} in job files", "any variable that a path or a connection names"),
];

/// The declaration in a language, for the parser, the manual pages and the completions.
pub fn command(lang: Lang) -> Command {
    let say = |text: &str| lang.message(text).into_owned();
    let lines = |head: &str, lines: Vec<String>| format!("{}\n{}", say(head), lines.join("\n"));
    let codes = EXIT_CODES.iter().map(|(code, meaning)| format!("  {code:<2} {}", say(meaning))).collect();
    let environment = ENVIRONMENT.iter().map(|(name, meaning)| format!("  {}: {}", say(name), say(meaning))).collect();
    let after = format!("{}\n\n{}", lines("Exit codes:", codes), lines("Environment:", environment));
    let mut command = in_language(Arguments::command(), lang).after_help(after);
    for (name, examples) in EXAMPLES {
        let examples = examples.iter().map(|example| format!("  {example}")).collect();
        command = command.mut_subcommand(name, |own| own.after_help(lines("Examples:", examples)));
    }
    command
}

/// The texts of a command, its options and its subcommands in a language.
fn in_language(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let say = |text: &StyledStr| lang.message(&text.to_string()).into_owned();
    let about = command.get_about().map(say);
    let command = about.into_iter().fold(command, Command::about).mut_args(|argument| match argument.get_help().map(say) {
        Some(help) => argument.help(help),
        None => argument,
    });
    command.mut_subcommands(|own| in_language(own, lang))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::FromArgMatches;

    use super::*;

    /// All texts of the declaration.
    fn texts(command: &Command, found: &mut BTreeSet<String>) {
        found.extend(command.get_about().map(ToString::to_string));
        found.extend(command.get_arguments().filter_map(|argument| argument.get_help()).map(ToString::to_string));
        let values = command.get_arguments().filter(|argument| argument.get_action().takes_values());
        found.extend(
            values.flat_map(|argument| argument.get_possible_values()).filter_map(|value| value.get_help().map(ToString::to_string)),
        );
        command.get_subcommands().for_each(|own| texts(own, found));
    }

    #[test]
    fn every_text_of_help_is_there_in_chinese() {
        let mut found = BTreeSet::new();
        texts(&Arguments::command(), &mut found);
        found.extend(EXIT_CODES.iter().chain(&[]).map(|(_, text)| (*text).to_owned()));
        found.extend(ENVIRONMENT.iter().map(|(_, text)| (*text).to_owned()));
        found.extend(["Exit codes:", "Environment:", "Examples:"].map(str::to_owned));
        let mut built = Arguments::command();
        built.build();
        texts(&built, &mut found);
        // Names of types and formats are the same in both languages, and the list says so.
        let is_same = |text: &str| Lang::messages().any(|(english, chinese)| english == text && chinese == "=");
        let missing: Vec<&String> = found.iter().filter(|text| Lang::Zh.message(text) == text.as_str() && !is_same(text)).collect();
        assert!(missing.is_empty(), "src/spec/messages.tsv lacks {missing:#?}");
    }

    #[test]
    fn every_example_is_a_command_line_and_every_command_that_needs_one_has_some() {
        for (name, examples) in EXAMPLES {
            for example in examples {
                let example = example.split(" 2>>").next().unwrap();
                let (mut words, mut is_quoted) = (vec![String::new()], false);
                for letter in example.chars() {
                    match letter {
                        '"' => is_quoted = !is_quoted,
                        ' ' if !is_quoted => words.push(String::new()),
                        letter => words.last_mut().unwrap().push(letter),
                    }
                }
                let matches = command(Lang::En).try_get_matches_from(&words).unwrap_or_else(|cause| panic!("{example}: {cause}"));
                assert!(Arguments::from_arg_matches(&matches).is_ok() && words[1] == name, "{example}");
            }
        }
        let without: Vec<String> =
            command(Lang::En).get_subcommands().filter(|own| own.get_after_help().is_none()).map(|own| own.get_name().to_owned()).collect();
        assert_eq!(without, ["schema", "completions", "man", "step", "engine", "licenses"]);
    }

    #[test]
    fn help_speaks_the_language() {
        let help = command(Lang::Zh).render_long_help().to_string();
        assert!(help.contains("退出码：") && help.contains("环境变量："), "{help}");
    }
}
