//! The language of what the commands say: `--lang`, or else that of the locale. Files that a command writes follow their own option.

use std::sync::atomic::{AtomicBool, Ordering};

use unicode_width::UnicodeWidthStr;

use crate::error::{Error, Problem, visible};
use crate::spec::Lang;

static IS_CHINESE: AtomicBool = AtomicBool::new(false);

/// Sets the language of messages.
pub fn set(lang: Lang) {
    IS_CHINESE.store(lang == Lang::Zh, Ordering::Relaxed);
}

/// The words of the command line; `--lang=zh` is two.
pub fn arguments() -> Vec<String> {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    words
        .flat_map(|word| word.split_once('=').map_or(vec![word.clone()], |(name, value)| vec![name.to_owned(), value.to_owned()]))
        .collect()
}

/// The language that the command line asks for before it is parsed: its errors are said in it too.
pub fn of_arguments() -> Lang {
    let arguments = arguments();
    let named = arguments.windows(2).find_map(|pair| if pair[0] == "--lang" { Some(pair[1].clone()) } else { None });
    match named.as_deref() {
        Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        _ => of_locale(|name| std::env::var(name).ok()),
    }
}

/// The language of messages.
pub fn lang() -> Lang {
    if IS_CHINESE.load(Ordering::Relaxed) { Lang::Zh } else { Lang::En }
}

/// A message, written in English, in the language of messages.
pub fn say(english: &str) -> String {
    lang().message(english).into_owned()
}

/// A line for people in the language of messages, added to a text.
pub fn add_line(text: &mut String, english: &str) {
    text.push_str(&lang().message(english));
    text.push('\n');
}

/// A text with blanks up to a width in columns of the terminal; a Chinese character takes two.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The same with the blanks before it.
pub fn padded_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// An error in the language of messages, as a terminal shows it.
pub fn say_error(error: &Error) -> String {
    let (Error::Usage(problems) | Error::Input(problems)) = error else {
        return match error {
            Error::Output(problem) | Error::Busy(problem) => say_lines(problem),
            other => other.to_string(),
        };
    };
    problems.iter().map(say_lines).collect::<Vec<_>>().join("\n")
}

/// The lines of a problem: what is wrong, examples, and what to do.
pub fn say_lines(problem: &Problem) -> String {
    let text = Problem { help: String::new(), ..say_problem(problem) }.to_string();
    match problem.help.as_str() {
        "" => text,
        help => format!("{text}\n  {}{}", say("help: "), visible(&say(help))),
    }
}

/// A problem in the language of messages.
pub fn say_problem(problem: &Problem) -> Problem {
    Problem {
        place: say(&problem.place),
        message: say(&problem.message),
        details: problem.details.iter().map(|detail| say(detail)).collect(),
        help: say(&problem.help),
    }
}

/// The language of messages in a locale, by the first of its variables that is set (POSIX.1-2017, section 8.2).
fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match locale {
        // The language is what stands before the script, the territory or the encoding: `zhuang` is another one.
        Some(locale) if locale.split(['_', '-', '.', '@']).next().is_some_and(|language| language.eq_ignore_ascii_case("zh")) => Lang::Zh,
        _ => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_says_the_language() {
        let lang =
            |set: &[(&str, &str)]| of_locale(|name| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()));
        assert_eq!(lang(&[]), Lang::En);
        assert_eq!(lang(&[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        for chinese in ["zh", "ZH_TW", "zh.UTF-8", "zh@radical", "zh-Hans-CN"] {
            assert_eq!(lang(&[("LANG", chinese)]), Lang::Zh, "{chinese}");
        }
        for other in ["zhuang", "zha_CN.UTF-8", "z", "C", "en_ZH"] {
            assert_eq!(lang(&[("LANG", other)]), Lang::En, "{other}");
        }
        assert_eq!(lang(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")]), Lang::En);
        assert_eq!(lang(&[("LANG", "en_GB.UTF-8"), ("LC_MESSAGES", "zh-Hans"), ("LC_ALL", "")]), Lang::Zh);
    }
}
