//! How long a load waits for the database: a host that takes the connection and is silent must not hold a night.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::failure::Failure;
use crate::error::Error;
use crate::job::Postgres;

/// What a load reports.
enum Report<T> {
    /// The database has answered.
    Connected,
    /// The load has ended.
    Ended(Box<Result<T, Failure>>),
}

/// Runs a load, which calls its argument once it is connected, in a thread of its own. A load that is given up keeps its thread, and the
/// server undoes it when the process ends.
pub(super) fn within<T: Send + 'static>(
    target: &Postgres,
    load: impl FnOnce(&dyn Fn()) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let limit = Duration::from_secs(u64::from(target.timeout_minutes) * 60);
    let connect = match target.connection.connect_seconds {
        0 => limit,
        seconds => limit.min(Duration::from_secs(seconds)),
    };
    let started = Instant::now();
    let (sender, receiver) = channel();
    let run = move || {
        let connected = || drop(sender.send(Report::Connected));
        let ended = load(&connected);
        drop(sender.send(Report::Ended(Box::new(ended))));
    };
    let no_thread = |cause: std::io::Error| Failure::from(Error::no_thread(&cause));
    std::thread::Builder::new().name("database".to_owned()).spawn(run).map_err(no_thread)?;
    match wait(&receiver, connect) {
        Some(Report::Ended(ended)) => return *ended,
        Some(Report::Connected) => {}
        None => {
            return Err(Failure::new(
                format!("cannot connect: no answer within {} s", connect.as_secs()),
                "is it a PostgreSQL server, and does it take connections? `connect_timeout` in the connection string waits longer",
            ));
        }
    }
    match wait(&receiver, limit.saturating_sub(started.elapsed())) {
        Some(Report::Ended(ended)) => *ended,
        _ => Err(Failure::unsure(
            format!("the load did not end within {} min", target.timeout_minutes),
            "look at what the server does (pg_stat_activity); `output.postgres.timeout_minutes` waits longer",
        )),
    }
}

/// The next report; `None` after the time.
fn wait<T>(receiver: &Receiver<Report<T>>, time: Duration) -> Option<Report<T>> {
    match receiver.recv_timeout(time) {
        Ok(report) => Some(report),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => {
            Some(Report::Ended(Box::new(Err(Failure::bug("the thread that loads the database panicked".to_owned())))))
        }
    }
}
