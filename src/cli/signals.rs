//! Signals: one that ends the process takes away what is unfinished, prints a message, and gives an exit code.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::log;
use crate::disk::unfinished;

/// The signals that end a process which does not watch for them, and that somebody can send on purpose.
const ENDING: [i32; 8] = [SIGHUP, SIGINT, SIGTERM, SIGXCPU, SIGALRM, SIGVTALRM, SIGUSR1, SIGUSR2];

/// Whether a signal is ending the process.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// How long the message may wait for a reader of standard error that reads no more.
const PATIENCE: Duration = Duration::from_secs(3);

/// Waits for the end where a signal is ending the process: what fails meanwhile fails because its files are being removed.
pub fn stand_back() {
    while IS_ENDING.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Watches for signals from now on, but for those that the caller has this process ignore (`nohup`, `&` in scripts). Without a thread or a
/// descriptor for it the process ends as signals end any.
pub fn watch() {
    // A file that grows over the limit of the process (`ulimit -f`) is then an error of writing, and no signal.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    let ignored = std::fs::read_to_string("/proc/self/status").map_or(0, |status| ignored(&status));
    let Ok(mut signals) = Signals::new(ENDING.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0)) else { return };
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || signals.forever().for_each(end));
}

/// The ignored signals of a process by its status in Linux: bit 0 stands for signal 1. Other systems have no such file.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Ends the process with the exit code that shells give to a signal: 128 and its number.
fn end(signal: i32) {
    IS_ENDING.store(true, Ordering::SeqCst);
    let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
    let left = if unfinished::remove_all() { "what a run had not finished is removed" } else { "the next run removes what this one left" };
    // Without a thread the message may wait.
    let _ = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(PATIENCE);
        signal_hook::low_level::exit(128 + signal);
    });
    log::alert(&format!("ended by {name}: {left}, and `latest` is what it was or complete"));
    std::process::exit(128 + signal);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_status() {
        // SIGHUP is 1, SIGINT 2: nohup in the background of a script.
        assert_eq!(ignored("Name:\thuitou\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000003\n"), 3);
        assert_eq!(ignored("Name:\thuitou\n"), 0);
    }
}
