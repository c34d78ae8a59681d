//! The command `huitou`: the only place that prints errors and ends the process.

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use huitou::error::Error;

/// Location and message of the last panic. A panic is a bug in huitou and is reported as one, with its exit code.
static PANIC: Mutex<String> = Mutex::new(String::new());

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _scenario = fail::FailScenario::setup();
    std::panic::set_hook(Box::new(|panic| *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string()));
    let panicked = |_| Err(Error::panic(&PANIC.lock().unwrap_or_else(PoisonError::into_inner)));
    match std::panic::catch_unwind(huitou::cli::run).unwrap_or_else(panicked) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            huitou::cli::report(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
