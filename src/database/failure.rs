//! Why a load failed: a message with advice for the person who must act, without the password.

use std::error::Error as _;

use postgres::error::{DbError, SqlState};

use crate::error::{Error, Problem};
use crate::job::{Connection, Postgres};

/// Why a load failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// What happened.
    pub message: String,
    /// What to do about it; empty where the message makes that clear.
    pub help: String,
    kind: FailureKind,
}

#[derive(Debug, PartialEq, Eq)]
enum FailureKind {
    /// The database is unchanged.
    RolledBack,
    /// The connection broke during the commit, so that its result is not known.
    Unsure,
    /// A bug in huitou.
    Bug,
}

impl Failure {
    /// A failure with a message and what to do about it.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure { message: message.into(), help: help.into(), kind: FailureKind::RolledBack }
    }

    /// A failure after which it is not known whether the load was committed.
    pub fn unsure(message: String, help: &str) -> Failure {
        Failure { message, help: help.to_owned(), kind: FailureKind::Unsure }
    }

    /// A failure by a bug in huitou.
    pub fn bug(message: String) -> Failure {
        Failure { message, help: String::new(), kind: FailureKind::Bug }
    }

    /// The same failure, with the step in which it happened.
    pub fn during(mut self, what: &str) -> Failure {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// The failure of the commit.
    pub fn of_commit(cause: &postgres::Error) -> Failure {
        let failure = Failure::from(cause);
        // An answer of the server means that it rolled back; without one it may have committed.
        if cause.as_db_error().is_some_and(|error| !ends_session(error)) {
            failure
        } else {
            Failure { kind: FailureKind::Unsure, ..failure }
        }
    }

    /// Converts to the error of a run whose snapshot is in the folder `snapshot`.
    pub fn error(self, target: &Postgres, snapshot: &str) -> Error {
        let Failure { message, help, kind } = self;
        let message = without_password(message, &target.connection);
        if kind == FailureKind::Bug {
            return Error::Bug(message);
        }
        let state = match kind {
            FailureKind::Unsure => "huitou_snapshot shows whether the new tables are there; if not, the next run loads them",
            _ => "the tables in the database are unchanged, and the next run loads it",
        };
        let advice = if help.is_empty() { String::new() } else { format!("{help}; ") };
        let place = format!("PostgreSQL, {}", target.connection);
        Error::Output(Problem::new(place, message).help(format!("{advice}the snapshot {snapshot} is published; {state}")))
    }
}

impl From<postgres::Error> for Failure {
    fn from(cause: postgres::Error) -> Self {
        Failure::from(&cause)
    }
}

impl From<&postgres::Error> for Failure {
    fn from(cause: &postgres::Error) -> Self {
        match cause.as_db_error() {
            Some(error) => Failure::new(format!("{} [SQLSTATE {}]", message(error), error.code().code()), advice(error.code())),
            None => {
                let mut message = cause.to_string();
                let mut next = cause.source();
                while let Some(inner) = next {
                    let text = inner.to_string();
                    if !message.contains(&text) {
                        message = format!("{message}: {text}");
                    }
                    next = inner.source();
                }
                let help = advice_of_text(&message);
                Failure::new(message, help)
            }
        }
    }
}

/// The message of the server and its detail, without the values of rows: a log is read by others than those who may see customers.
fn message(error: &DbError) -> String {
    // Class 22 quotes the value, the details of class 23 the whole row (PostgreSQL, Appendix A: Error Codes).
    match (error.code().code().get(..2).unwrap_or_default(), error.detail()) {
        ("22", _) => without_quoted(error.message()),
        ("23", _) => {
            let places = [("table", error.table()), ("column", error.column()), ("constraint", error.constraint())];
            let named: Vec<String> = places.iter().filter_map(|(what, name)| name.map(|name| format!("{what} {name}"))).collect();
            format!("{} ({}; the log of the server has the row)", error.message(), named.join(", "))
        }
        (_, Some(detail)) => format!("{} ({detail})", error.message()),
        (_, None) => error.message().to_owned(),
    }
}

/// A text with what stands between quotation marks left out.
fn without_quoted(text: &str) -> String {
    text.split('"').enumerate().map(|(at, piece)| if at % 2 == 1 { "\"…\"" } else { piece }).collect()
}

impl From<Error> for Failure {
    fn from(cause: Error) -> Self {
        match cause {
            Error::Bug(what) => Failure::bug(what),
            other => Failure::new(other.to_string(), ""),
        }
    }
}

/// Replaces the password in a message. huitou puts no connection string into messages, but servers and authentication modules may quote
/// it. A password that is part of a name is not replaced, because the gap in the name would reveal it.
fn without_password(message: String, connection: &Connection) -> String {
    let names = [&connection.user, &connection.database, &connection.host];
    let is_secret = |password: &&str| password.len() > 3 && !names.iter().any(|name| name.contains(*password));
    match connection.password.as_ref().map(|password| password.reveal()).filter(is_secret) {
        Some(password) => message.replace(password, "…"),
        None => message,
    }
}

/// Whether the server ended the session instead of answering a statement.
fn ends_session(error: &DbError) -> bool {
    matches!(error.severity(), "FATAL" | "PANIC") || error.code().code().starts_with("57P")
}

fn advice(code: &SqlState) -> &'static str {
    match *code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "check user and password, and the server's pg_hba.conf"
        }
        SqlState::INVALID_CATALOG_NAME => "create that database, or name another one",
        SqlState::INSUFFICIENT_PRIVILEGE => {
            "the user needs CREATE on the database or must own both schemas, and must own the tables or be a member of the owner's role"
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => "name the server that accepts writes, and a user without default_transaction_read_only",
        SqlState::DISK_FULL => "make room on the server's disk: a load needs space for the new rows beside the old ones",
        SqlState::QUERY_CANCELED | SqlState::ADMIN_SHUTDOWN => "somebody ended the load on the server",
        SqlState::TOO_MANY_CONNECTIONS => "the server has no free connection: allow more, or run at another time",
        SqlState::FOREIGN_KEY_VIOLATION => {
            "a table that is not huitou's refers to one of its tables: drop that foreign key, since rows to which others refer cannot be exchanged"
        }
        SqlState::DEPENDENT_OBJECTS_STILL_EXIST => "drop what depends on it, run again, then create that again",
        SqlState::DUPLICATE_TABLE => {
            "somebody renamed a result table, or another one has its name: rename it back, or drop it (ALTER TABLE … RENAME TO …)"
        }
        _ => "",
    }
}

fn advice_of_text(message: &str) -> &'static str {
    let has = |word: &str| message.contains(word);
    if has("UnknownIssuer") || has("CaUsedAsEndEntity") {
        "the server's certificate is from an authority that this system does not know: name its file with sslrootcert, or encrypt without \
         verifying the certificate with sslmode=prefer"
    } else if has("NotValidForName") || has("not valid for name") {
        "the server's certificate is for another name: write that name as the host"
    } else if has("does not support TLS") {
        "the server does not support encryption: switch on its ssl, or set sslmode=prefer"
    } else if has("Connection refused") || has("No such file or directory") {
        "is the server running, and are host and port right?"
    } else if has("failed to lookup address") || has("Name or service not known") {
        "is the host's name right, and does this machine know it?"
    } else if has("timed out") || has("unreachable") {
        "does a firewall let this machine through to the server?"
    } else if has("password missing") {
        "the server asks for a password: write it into the URL, or into PGPASSWORD"
    } else if has("connection closed") || has("communicating with the server") {
        "the server closed the connection: see its log for the reason"
    } else {
        ""
    }
}
