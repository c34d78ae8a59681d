//! Signals: one that ends the process takes away what is unfinished, prints a message, and gives an exit code.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::log;
use crate::disk::unfinished;

/// Whether a signal is ending the process.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Waits for the end where a signal is ending the process: what fails meanwhile fails because its files are being removed.
pub fn stand_back() {
    while IS_ENDING.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Watches for signals from now on. Without a thread or a descriptor for it the process ends as signals end any.
pub fn watch() {
    // A file that grows over the limit of the process (`ulimit -f`) is then an error of writing, and no signal.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || signals.forever().for_each(end));
}

/// Ends the process with the exit code that shells give to a signal: 128 and its number.
fn end(signal: i32) {
    IS_ENDING.store(true, Ordering::SeqCst);
    let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
    unfinished::remove_all();
    log::alert(&format!("ended by {name}: what was unfinished is removed, and `latest` is what it was or complete"));
    std::process::exit(128 + signal);
}
