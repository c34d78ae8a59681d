//! The command `huitou`: the only place that prints errors and ends the process.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _scenario = fail::FailScenario::setup();
    match huitou::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            huitou::cli::report(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
