//! Errors, with messages for the person who must act, and the exit codes that cron sees.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that is wrong: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The location: a file, `jobs/nightly.yaml:12:5`, an input and column, an option.
    pub place: String,
    /// What was expected and what was found there.
    pub message: String,
    /// Further lines of the message, such as examples.
    pub details: Vec<String>,
    /// What to do; empty if the message makes that clear.
    pub help: String,
}

impl Problem {
    /// A problem at `place`, described by `message`.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Problem { place: place.into(), message: message.into(), details: Vec::new(), help: String::new() }
    }

    /// The same problem with further lines.
    pub fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// The same problem with advice on how to fix it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", visible(&self.place), visible(&self.message))?;
        for detail in &self.details {
            write!(f, "\n    {}", visible(detail))?;
        }
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", visible(&self.help))?;
        }
        Ok(())
    }
}

/// Why a command failed, one variant for each exit code other than 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A bug in huitou itself (exit code 1).
    Bug(String),
    /// A bad command line or job file (exit code 2).
    Usage(Vec<Problem>),
    /// The inputs are wrong: their shape, or more rejected rows than allowed (exit code 3).
    Input(Vec<Problem>),
    /// The output could not be written (exit code 4).
    Output(Problem),
    /// Another run holds the output folder (exit code 5).
    Busy(Problem),
}

/// The result of functions of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Bug(_) => 1,
            Error::Usage(_) => 2,
            Error::Input(_) => 3,
            Error::Output(_) => 4,
            Error::Busy(_) => 5,
        }
    }

    /// The name of the variant, for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Error::Bug(_) => "bug",
            Error::Usage(_) => "usage",
            Error::Input(_) => "input",
            Error::Output(_) => "output",
            Error::Busy(_) => "busy",
        }
    }

    /// The error within a sentence, such as a warning: the first line of its first problem, and what to do about it.
    pub fn in_a_line(&self) -> String {
        let problem = match self {
            Error::Bug(what) => return format!("bug in huitou: {}", visible(&what.replace('\n', " "))),
            Error::Usage(problems) | Error::Input(problems) => problems.first(),
            Error::Output(problem) | Error::Busy(problem) => Some(problem),
        };
        let Some(Problem { place, message, help, .. }) = problem else { return String::new() };
        let what = format!("{}: {}", visible(place), visible(message));
        match visible(help) {
            help if help.is_empty() => what,
            help => format!("{what}; what to do about it: {help}"),
        }
    }

    /// A bug: a state that the program rules out.
    pub fn bug(what: impl fmt::Display) -> Self {
        Error::Bug(what.to_string())
    }

    /// Output that the system refused: the path, the error of the system, and what to do about it.
    pub fn system(path: &std::path::Path, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let help = match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                "make room on that disk (`df -h`; `df -i` for the number of files) and run again; snapshots published before are unchanged"
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "give the run permission to write there, or write to another --out"
            }
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "a file is where a folder is needed: write to another --out",
            _ => "",
        };
        Error::Output(Problem::new(path.display().to_string(), cause.to_string()).help(help))
    }

    /// A panic with this message: a bug, unless the system gave no thread.
    pub fn panic(message: &str) -> Self {
        match message.contains("thread") && message.contains("Resource temporarily unavailable") {
            true => Error::no_thread(&message),
            false => Error::bug(message),
        }
    }

    /// The system gave no thread.
    pub fn no_thread(cause: &dyn fmt::Display) -> Self {
        let problem = Problem::new("threads", format!("the system gives this process no more: {cause}"));
        Error::Output(problem.help("raise the limit (`ulimit -u`, TasksMax= of systemd, pids of the container), or run with --threads 1"))
    }

    /// Output that could not be written: the path and the cause.
    pub fn output(path: &std::path::Path, cause: impl fmt::Display) -> Self {
        Error::Output(Problem::new(path.display().to_string(), cause.to_string()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Bug(what) => {
                let what = what.replace('\n', " ");
                write!(f, "bug in huitou: {}\n  help: please report it with the job file and the command line", visible(&what))
            }
            Error::Usage(problems) | Error::Input(problems) => {
                for (position, problem) in problems.iter().enumerate() {
                    if position > 0 {
                        writeln!(f)?;
                    }
                    write!(f, "{problem}")?;
                }
                Ok(())
            }
            Error::Output(problem) | Error::Busy(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// Arrow fails only where this program built inconsistent arrays.
impl From<arrow::error::ArrowError> for Error {
    fn from(cause: arrow::error::ArrowError) -> Self {
        Error::bug(cause)
    }
}

/// The text with control characters, line breaks and marks of direction as escapes: `\n`, `\u{1b}`. Names and values come from files of
/// others; shown as they are, they could move the cursor, hide what follows, or look like a line of this program.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(is_hidden) {
        let shown = |each: char| if is_hidden(each) { each.escape_default().to_string() } else { each.to_string() };
        return Cow::Owned(text.chars().map(shown).collect());
    }
    Cow::Borrowed(text)
}

fn is_hidden(each: char) -> bool {
    each.is_control() || matches!(each, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first texts of a message, and how many more there are: `a, b and 3 more`.
pub fn listed(texts: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = texts.len().saturating_sub(most);
    let mut shown = texts.take(most).collect::<Vec<_>>().join(", ");
    if more > 0 {
        shown += &format!(" and {more} more");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_within_a_sentence_is_one_line_with_its_advice() {
        let problem = Problem::new("out", "no room\nleft").details(vec!["for example".to_owned()]).help("make room");
        for error in [Error::Output(problem.clone()), Error::Input(vec![problem, Problem::new("other", "wrong")])] {
            assert_eq!(error.in_a_line(), "out: no room\\nleft; what to do about it: make room");
        }
        assert_eq!(Error::Output(Problem::new("out", "no room")).in_a_line(), "out: no room");
        assert_eq!(Error::Bug("one\ntwo".to_owned()).in_a_line(), "bug in huitou: one two");
    }
}
