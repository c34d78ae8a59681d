//! What is wrong with a command line, in Chinese: the parser itself speaks English alone.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::spec::Lang;

/// The message for an error of the parser, with what helps. What it does not know stays in the parser's words.
pub fn in_chinese(cause: &clap::Error) -> String {
    let of = |kind: ContextKind| cause.get(kind).map(text).unwrap_or_default();
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let what = match cause.kind() {
        ErrorKind::UnknownArgument => format!("没有选项 `{argument}`"),
        ErrorKind::InvalidSubcommand => format!("没有命令 `{}`", of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("缺少 {argument}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::InvalidValue if value.is_empty() => format!("`{argument}` 缺少取值"),
        ErrorKind::InvalidValue => format!("`{argument}` 不接受 `{value}`"),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(cause).map(|why| why_not(&why.to_string()));
            format!("`{argument}` 不接受 `{value}`{}", why.map_or(String::new(), |why| format!("：{why}")))
        }
        ErrorKind::ArgumentConflict => format!("`{argument}` 不能与 {} 同时使用", of(ContextKind::PriorArg)),
        ErrorKind::TooManyValues => format!("`{argument}` 的取值太多，多出 `{value}`"),
        ErrorKind::NoEquals => format!("`{argument}` 的取值要写在等号后面"),
        _ => return cause.to_string(),
    };
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue].map(of);
    let mut help: Vec<String> =
        suggested.into_iter().filter(|close| !close.is_empty()).map(|close| format!("是否想写 {close}？")).collect();
    let possible = of(ContextKind::ValidValue);
    if !possible.is_empty() {
        help.push(format!("可选：{possible}"));
    }
    help.push("用法见 `huitou --help` 或 `huitou 命令 --help`".to_owned());
    format!("错误：{what}\n  建议：{}", help.join("；"))
}

/// Why a value was refused: the words of the parser of numbers, or a message of this program.
fn why_not(english: &str) -> String {
    match english.split_once(" is not in ").and_then(|(_, range)| range.split_once("..=")) {
        Some((from, to)) => format!("应为 {from} 到 {to} 的整数"),
        None if english == "invalid digit found in string" => "应为整数".to_owned(),
        None => Lang::Zh.message(english).into_owned(),
    }
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(several) => several.join("、"),
        ContextValue::StyledStrs(several) => several.iter().map(ToString::to_string).collect::<Vec<_>>().join("；"),
        ContextValue::None => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::Arguments;

    fn said(arguments: &[&str]) -> String {
        let cause = Arguments::try_parse_from(std::iter::once("huitou").chain(arguments.iter().copied())).unwrap_err();
        in_chinese(&cause).lines().next().unwrap().to_owned()
    }

    #[test]
    fn each_kind_of_error_says_what_is_wrong() {
        assert_eq!(said(&["runn", "job.yaml"]), "错误：没有命令 `runn`");
        assert_eq!(said(&["run", "job.yaml", "--ass-of", "x"]), "错误：没有选项 `--ass-of`");
        assert_eq!(said(&["run"]), "错误：缺少 <JOB>");
        assert_eq!(said(&["run", "job.yaml", "--log", "xml"]), "错误：`--log <FORMAT>` 不接受 `xml`");
        assert_eq!(said(&["gc"]), "错误：缺少 --keep <N>");
        assert_eq!(said(&["run", "job.yaml", "--threads", "0"]), "错误：`--threads <N>` 不接受 `0`：应为 1 到 1024 的整数");
        assert_eq!(said(&["run", "job.yaml", "-v", "-q"]), "错误：`--verbose` 不能与 --quiet 同时使用");
        assert!(
            said(&["run", "job.yaml", "--memory", "much"]).starts_with("错误：`--memory <SIZE>` 不接受 `much`：应为数字加单位"),
            "{}",
            said(&["run", "job.yaml", "--memory", "much"])
        );
        assert!(in_chinese(&Arguments::try_parse_from(["huitou", "checkk"]).unwrap_err()).contains("是否想写 check？"));
    }
}
