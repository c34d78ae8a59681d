//! Command line: parses arguments, executes commands, prints results and messages. The only room with a terminal, and the only one that takes a date from the clock.

mod arguments;
mod as_of;
mod backtest;
mod check;
mod database;
mod gc;
mod history;
mod import;
mod import_arguments;
mod licenses;
mod log;
mod manual;
mod memory;
mod peak;
mod progress;
mod report;
mod run;
mod sample;
mod schema;
mod show;
mod signals;
mod snapshot;
mod stdout;
mod tables;
mod threads;
mod verify;

use clap::Parser;

use crate::error::{Error, Result};
use arguments::{Arguments, Command};

/// Executes the command of the command line. Ends the process where clap cannot parse it or prints help.
///
/// # Errors
/// The errors of the command.
pub fn run() -> Result<()> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(cause) => {
            let _ = cause.print();
            // clap returns help and version as errors too; those go to standard output.
            std::process::exit(if cause.use_stderr() { 2 } else { 0 });
        }
    };
    signals::watch();
    let outcome = match arguments.command {
        Command::Run(options) => run::run(&options),
        Command::Check(options) => check::check(&options),
        Command::Import(options) => import::import(&options),
        Command::Sample(options) => sample::sample(&options),
        Command::Tables(options) => tables::tables(&options),
        Command::Show(options) => show::show(&options),
        Command::Report(options) => report::report(&options),
        Command::Backtest(options) => backtest::backtest_job(&options),
        Command::History(options) => history::history(&options),
        Command::Verify(options) => verify::verify(&options),
        Command::Gc(options) => gc::gc(&options),
        Command::Schema(options) => schema::schema(&options),
        Command::Completions(options) => manual::completions(&options),
        Command::Man(options) => manual::man(&options),
        Command::Licenses => licenses::licenses(),
    };
    signals::stand_back();
    outcome
}

/// Prints an error as text, or as one JSON line where the log is JSON.
pub fn report(error: &Error) {
    signals::stand_back();
    log::error(error);
}
