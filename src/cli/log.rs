//! Messages on standard error: lines for people, or one JSON object a line for machines.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use serde_json::json;

use crate::error::{Error, Problem};

use super::arguments::{Form, RunOptions};

static IS_JSON: AtomicBool = AtomicBool::new(false);
static LEVEL: AtomicU8 = AtomicU8::new(NORMAL);

const QUIET: u8 = 0;
const NORMAL: u8 = 1;
const VERBOSE: u8 = 2;

/// Takes the form and the level of messages from the options of a run.
pub fn set(options: &RunOptions) {
    IS_JSON.store(options.log == Form::Json, Ordering::Relaxed);
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

/// Whether messages are JSON.
pub fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// Whether messages of the ordinary level are wanted.
pub fn is_normal() -> bool {
    LEVEL.load(Ordering::Relaxed) >= NORMAL
}

/// A message of the ordinary level.
pub fn info(message: &str) {
    write(NORMAL, "info", message);
}

/// A message for who wants to know more.
pub fn detail(message: &str) {
    write(VERBOSE, "detail", message);
}

/// Something odd that does not stop the run.
pub fn warning(message: &str) {
    write(NORMAL, "warning", message);
}

fn write(level: u8, name: &str, message: &str) {
    if LEVEL.load(Ordering::Relaxed) < level {
        return;
    }
    if is_json() {
        tell(&json!({ "level": name, "message": message }).to_string());
    } else if name == "warning" {
        tell(&format!("warning: {message}"));
    } else {
        tell(message);
    }
}

/// A line on standard error. Nobody can be told that it cannot be written to, so the run goes on.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// An error, with all its problems.
pub fn error(error: &Error) {
    if is_json() {
        let problem = |problem: &Problem| json!({ "place": problem.place, "message": problem.message, "help": problem.help });
        let problems: Vec<_> = match error {
            Error::Bug(what) => vec![json!({ "place": "huitou", "message": what, "help": "" })],
            Error::Usage(problems) | Error::Input(problems) => problems.iter().map(problem).collect(),
            Error::Output(one) | Error::Busy(one) => vec![problem(one)],
        };
        tell(&json!({ "level": "error", "exit_code": error.exit_code(), "problems": problems }).to_string());
    } else {
        for line in error.to_string().split('\n') {
            // Continuations of a problem are indented and belong to the line before.
            let mark = if line.starts_with(' ') { "" } else { "error: " };
            tell(&format!("{mark}{line}"));
        }
    }
}
