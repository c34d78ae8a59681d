//! The threads of a command.

use crate::error::{Error, Result};

/// The thread pool of a command.
pub fn pool(threads: Option<usize>) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().map_err(|cause| Error::no_thread(&cause))
}
