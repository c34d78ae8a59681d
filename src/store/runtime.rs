//! The threads on which answers of stores are waited for: few, whatever the number of requests.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

/// Threads that receive and decrypt.
const THREADS: usize = 2;

static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();

/// Runs requests to their end, and waits for it on this thread.
///
/// # Errors
/// That the system gave no thread.
pub(super) fn wait<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = RUNTIME.get_or_init(|| {
        // The one that connections to databases have too; one that another part of the program chose before stays.
        let _ = rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
        let built = Builder::new_multi_thread().worker_threads(THREADS).thread_name("store").enable_all().build();
        built.map_err(|cause| cause.to_string())
    });
    match runtime {
        Ok(runtime) => Ok(runtime.block_on(work)),
        Err(cause) => Err(cause.clone()),
    }
}
