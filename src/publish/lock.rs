//! The lock of an output folder: one run at a time writes to it.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::time::Duration;

use super::layout::LOCK;
use crate::disk::durable::failed;
use crate::disk::folder::Folder;
use crate::error::{Error, Problem, Result};

/// How often a held lock is tried again: a process that another one starts holds what that one holds until it runs its own program.
const TRIES: usize = 20;

/// How long a trial waits for the next one.
const PAUSE: Duration = Duration::from_millis(10);

/// Takes the lock, and writes the process id into its file.
pub(super) fn lock(out: &Folder) -> Result<File> {
    let path = out.path().join(LOCK);
    let mut file = out.file_or_new(LOCK)?;
    let mut tried = file.try_lock();
    for _ in 0..TRIES {
        if !matches!(tried, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(PAUSE);
        tried = file.try_lock();
    }
    match tried {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let message = match holder.trim() {
                "" => "another run of huitou holds this output folder".to_string(),
                process => format!("another run of huitou holds this output folder (process {process})"),
            };
            let help = "wait for it to end, stop it, or write to another --out; do not delete any file";
            return Err(Error::Busy(Problem::new(out.path().display().to_string(), message).help(help)));
        }
        Err(TryLockError::Error(cause)) => return Err(Error::system(&path, &cause)),
    }
    // Only for the message above: the system keeps the lock itself, so an outdated process id does no harm.
    let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
    written.map_err(failed(&path))?;
    Ok(file)
}
