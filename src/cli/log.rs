//! Messages on standard error: lines for people, or one JSON object for each line for machines, with the time (`ts`), what happened
//! (`event`) and what kind of message it is (`code`).

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::error::{Error, Problem, visible};
use crate::spec::message_codes::code;

use super::arguments::{LogFormat, RunOptions};
use super::language::{say, say_error, say_problem};

/// The as-of date that a backfill is at, for programs.
static AS_OF: Mutex<Option<String>> = Mutex::new(None);
static IS_JSON: AtomicBool = AtomicBool::new(false);
static LEVEL: AtomicU8 = AtomicU8::new(NORMAL);

const QUIET: u8 = 0;
const NORMAL: u8 = 1;
const VERBOSE: u8 = 2;

/// Sets the format and the level of messages from the options of a run.
pub fn set(options: &RunOptions) {
    IS_JSON.store(options.log == LogFormat::Json, Ordering::Relaxed);
    LEVEL.store(
        if options.quiet {
            QUIET
        } else if options.verbose {
            VERBOSE
        } else {
            NORMAL
        },
        Ordering::Relaxed,
    );
}

/// From now on messages are about this as-of date; about none in particular where it is `None`.
pub fn set_as_of(as_of: Option<String>) {
    *AS_OF.lock().unwrap_or_else(PoisonError::into_inner) = as_of;
}

/// Whether messages are JSON.
pub fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// Whether messages of the normal level are printed.
pub fn is_normal() -> bool {
    LEVEL.load(Ordering::Relaxed) >= NORMAL
}

/// Whether messages of the verbose level are printed.
pub fn is_verbose() -> bool {
    LEVEL.load(Ordering::Relaxed) >= VERBOSE
}

/// Prints a message of the normal level.
pub fn info(message: &str) {
    write(NORMAL, "info", "message", message, json!({}));
}

/// Prints a message of the verbose level.
pub fn detail(message: &str) {
    write(VERBOSE, "detail", "message", message, json!({}));
}

/// Prints a warning that `--quiet` does not silence: figures mislead whoever does not know of it.
pub fn alert(message: &str) {
    write(QUIET, "warning", "warning", message, json!({}));
}

/// Prints a warning, which does not stop the run.
pub fn warning(message: &str) {
    write(NORMAL, "warning", "warning", message, json!({}));
}

/// Prints what happened: to programs with these facts.
pub fn event(event: &str, message: &str, facts: Value) {
    write(NORMAL, "info", event, message, facts);
}

fn write(level: u8, name: &str, event: &str, message: &str, facts: Value) {
    if LEVEL.load(Ordering::Relaxed) < level {
        return;
    }
    if is_json() {
        let line = json!({ "ts": now(), "level": name, "event": event, "code": kind(event, message), "message": say(message) });
        write_line(&with(line, facts).to_string());
    } else if name == "warning" {
        write_line(&format!("{}{}", say("warning: "), visible(&say(message))));
    } else {
        write_line(&say(message));
    }
}

/// The code of a line: that of its message, or what happened where that says it all or the message has none.
fn kind<'a>(event: &'a str, message: &str) -> &'a str {
    if ["message", "warning"].contains(&event) { code(message).unwrap_or(event) } else { event }
}

/// The fields of both objects, and the as-of date of a backfill.
fn with(mut line: Value, facts: Value) -> Value {
    let as_of = AS_OF.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let (Some(line), Some(as_of)) = (line.as_object_mut(), as_of) {
        line.insert("as_of".to_owned(), as_of.into());
    }
    if let (Some(line), Value::Object(facts)) = (line.as_object_mut(), facts) {
        line.extend(facts);
    }
    line
}

/// The present time in UTC, as RFC 3339 writes it, to the millisecond.
fn now() -> String {
    let now = jiff::Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{now:.3}")
}

/// Writes a line to standard error. Ignores failures: there is nowhere else to report them, and the run must go on.
fn write_line(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Prints what is wrong with the command line, as JSON if it asks for that.
pub fn usage(text: &str, is_json: bool) {
    if is_json {
        IS_JSON.store(true, Ordering::Relaxed);
        let text = text.trim_start_matches("error: ").trim_start_matches("错误：").trim_end();
        let (message, help) = text.split_once('\n').unwrap_or((text, ""));
        error(&Error::Usage(vec![Problem::new("command line", message).help(help.trim())]));
    } else {
        write_line(text);
    }
}

/// Prints an error with all its problems.
pub fn error(error: &Error) {
    if is_json() {
        let message = |problem: &Problem| [std::slice::from_ref(&problem.message), problem.details.as_slice()].concat().join("\n    ");
        let problem = |problem: &Problem| {
            let said = say_problem(problem);
            // What has no code of its own has that of the error.
            json!({ "code": code(&problem.message).unwrap_or(error.kind()), "place": said.place, "message": message(&said), "help": said.help })
        };
        let problems: Vec<_> = match error {
            Error::Bug(what) => vec![json!({ "code": "bug", "place": "huitou", "message": what, "help": "" })],
            Error::Usage(problems) | Error::Input(problems) => problems.iter().map(problem).collect(),
            Error::Output(one) | Error::Busy(one) => vec![problem(one)],
        };
        let line = json!({ "ts": now(), "level": "error", "event": "error", "code": error.kind() });
        write_line(&with(line, json!({ "exit_code": error.exit_code(), "problems": problems })).to_string());
    } else {
        for line in say_error(error).split('\n') {
            // Indented lines continue the problem of the line before.
            let mark = if line.starts_with(' ') { String::new() } else { say("error: ") };
            write_line(&format!("{mark}{line}"));
        }
    }
}
