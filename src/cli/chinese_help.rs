//! `--help` in Chinese: headings, defaults and possible values, for which the parser has English words alone.

use clap::builder::PossibleValue;
use clap::{Arg, Command};

use super::declared::command;
use crate::spec::Lang;

/// The declaration as the parser takes it, with its help in a language.
pub fn parser(lang: Lang) -> Command {
    let mut command = command(lang);
    if lang == Lang::Zh {
        // What the parser adds by itself, such as `--help`, is there once it is built.
        command.build();
        return with_chinese_help(command);
    }
    command
}

fn with_chinese_help(mut command: Command) -> Command {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").replace("\n       ", "\n      ");
    let usage = [("[OPTIONS]", "[选项]"), ("[COMMAND]", "[命令]"), ("<COMMAND>", "<命令>")]
        .into_iter()
        .fold(usage, |usage, (english, chinese)| usage.replace(english, chinese));
    let template = template(&command);
    let is_help = command.get_name() == "help";
    let about = command.get_about().filter(|_| is_help).map(|about| Lang::Zh.message(&about.to_string()).into_owned());
    let command = about.into_iter().fold(command, Command::about);
    command.override_usage(usage).help_template(template).mut_args(argument).mut_subcommands(with_chinese_help)
}

/// The parts of a help text that the command has, in the order of those of the parser.
fn template(command: &Command) -> String {
    let style = *command.get_styles().get_header();
    let part = |heading: &str, tag: &str, is_there: bool| {
        if is_there { format!("\n\n{style}{heading}：{style:#}\n{{{tag}}}") } else { String::new() }
    };
    let has_arguments =
        |is_positional: bool| command.get_arguments().any(|argument| argument.is_positional() == is_positional && !argument.is_hide_set());
    format!(
        "{{before-help}}{{about-with-newline}}\n{style}用法：{style:#}{{usage}}{}{}{}{{after-help}}",
        part("命令", "subcommands", command.get_subcommands().any(|own| !own.is_hide_set())),
        part("参数", "positionals", has_arguments(true)),
        part("选项", "options", has_arguments(false))
    )
}

/// An argument with its default and its possible values in its help; `--help` has a line for each value that means something.
fn argument(argument: Arg) -> Arg {
    let own = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let is_built_in = ["help", "version"].contains(&argument.get_id().as_str()) || own == "Print help for the subcommand(s)";
    if is_built_in {
        let long = argument.get_long_help().map(|help| Lang::Zh.message(&help.to_string()).into_owned());
        let argument = argument.help(Lang::Zh.message(&own).into_owned());
        return long.into_iter().fold(argument, Arg::long_help);
    }
    if !argument.get_action().takes_values() {
        return argument;
    }
    let defaults: Vec<String> = argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let values: Vec<PossibleValue> = argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
    let default = if defaults.is_empty() { String::new() } else { format!(" [默认：{}]", defaults.join(" ")) };
    let possible = if names.is_empty() { String::new() } else { format!(" [可选：{}]", names.join("、")) };
    let line = |value: &PossibleValue| {
        let meaning = value.get_help().map(|help| Lang::Zh.message(&help.to_string()).into_owned());
        meaning.map_or_else(|| format!("- {}", value.get_name()), |meaning| format!("- {}：{meaning}", value.get_name()))
    };
    let long = values.iter().any(|value| value.get_help().is_some()).then(|| {
        let lines: Vec<String> = values.iter().map(line).collect();
        format!("{own}{default}\n\n可选：\n{}", lines.join("\n"))
    });
    let argument = argument.help(format!("{own}{default}{possible}")).hide_default_value(true).hide_possible_values(true);
    long.into_iter().fold(argument, Arg::long_help)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of the parser that a Chinese reader is not to meet.
    const ENGLISH: [&str; 10] =
        ["Usage:", "Options:", "Arguments:", "Commands:", "[default", "[possible", "Possible values", "Print ", "[OPTIONS]", "COMMAND]"];

    fn helps(command: &mut Command, found: &mut Vec<String>) {
        found.extend([command.render_help().to_string(), command.render_long_help().to_string()]);
        command.get_subcommands_mut().for_each(|own| helps(own, found));
    }

    #[test]
    fn no_help_has_english_words_of_the_parser() {
        let mut found = Vec::new();
        helps(&mut parser(Lang::Zh), &mut found);
        assert!(found.len() > 40, "{}", found.len());
        for help in &found {
            assert!(help.contains("用法：huitou"), "{help}");
            let english: Vec<&&str> = ENGLISH.iter().filter(|word| help.contains(**word)).collect();
            assert!(english.is_empty(), "{english:?} in {help}");
        }
    }

    #[test]
    fn what_the_parser_prints_is_this_help() {
        let said = |words: &[&str]| parser(Lang::Zh).try_get_matches_from(words).unwrap_err().to_string();
        for words in [&["huitou", "import", "--help"][..], &["huitou", "help", "import"]] {
            let help = said(words);
            for part in ["用法：huitou import [选项] --to <DIR> <PRESET> <FILES>...", "\n参数：\n", "\n选项：\n", "可选：\n", "- generic："]
            {
                assert!(help.contains(part), "{part} in {help}");
            }
        }
        assert!(said(&["huitou", "run", "-h"]).contains("[默认：auto] [可选：auto、always、never]"), "{}", said(&["huitou", "run", "-h"]));
        // English is the parser's own.
        let english = parser(Lang::En).try_get_matches_from(["huitou", "run", "-h"]).unwrap_err().to_string();
        assert!(english.contains("Usage: huitou run [OPTIONS] <JOB>") && english.contains("[default: auto]"), "{english}");
    }

    #[test]
    fn it_parses_what_the_declaration_parses() {
        let matches = parser(Lang::Zh).try_get_matches_from(["huitou", "run", "job.yaml", "--lang", "zh", "--threads", "2"]).unwrap();
        let (name, of_run) = matches.subcommand().unwrap();
        assert_eq!((name, of_run.contains_id("lang")), ("run", true));
    }
}
