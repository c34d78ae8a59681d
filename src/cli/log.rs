//! Messages on standard error: lines for people, or one JSON object for each line for machines.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use serde_json::json;

use crate::error::{Error, Problem, visible};

use super::arguments::{LogFormat, RunOptions};

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

/// Whether messages are JSON.
pub fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// Whether messages of the normal level are printed.
pub fn is_normal() -> bool {
    LEVEL.load(Ordering::Relaxed) >= NORMAL
}

/// Prints a message of the normal level.
pub fn info(message: &str) {
    write(NORMAL, "info", message);
}

/// Prints a message of the verbose level.
pub fn detail(message: &str) {
    write(VERBOSE, "detail", message);
}

/// Prints a warning that `--quiet` does not silence: figures mislead whoever does not know of it.
pub fn alert(message: &str) {
    write(QUIET, "warning", message);
}

/// Prints a warning, which does not stop the run.
pub fn warning(message: &str) {
    write(NORMAL, "warning", message);
}

fn write(level: u8, name: &str, message: &str) {
    if LEVEL.load(Ordering::Relaxed) < level {
        return;
    }
    if is_json() {
        write_line(&json!({ "level": name, "message": message }).to_string());
    } else if name == "warning" {
        write_line(&format!("warning: {}", visible(message)));
    } else {
        write_line(message);
    }
}

/// Writes a line to standard error. Ignores failures: there is nowhere else to report them, and the run must go on.
fn write_line(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Prints an error with all its problems.
pub fn error(error: &Error) {
    if is_json() {
        let message = |problem: &Problem| [std::slice::from_ref(&problem.message), problem.details.as_slice()].concat().join("\n    ");
        let problem = |problem: &Problem| json!({ "place": problem.place, "message": message(problem), "help": problem.help });
        let problems: Vec<_> = match error {
            Error::Bug(what) => vec![json!({ "place": "huitou", "message": what, "help": "" })],
            Error::Usage(problems) | Error::Input(problems) => problems.iter().map(problem).collect(),
            Error::Output(one) | Error::Busy(one) => vec![problem(one)],
        };
        write_line(&json!({ "level": "error", "exit_code": error.exit_code(), "problems": problems }).to_string());
    } else {
        for line in error.to_string().split('\n') {
            // Indented lines continue the problem of the line before.
            let mark = if line.starts_with(' ') { "" } else { "error: " };
            write_line(&format!("{mark}{line}"));
        }
    }
}
