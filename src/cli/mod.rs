//! Command line: parses arguments, executes commands, prints results and messages. The only room with a terminal, and the only one that takes a date from the clock.

mod arguments;
mod as_of;
mod backfill;
mod backtest;
mod check;
mod chinese_help;
mod clock;
mod database;
mod date_step;
mod declared;
mod diff;
mod diff_arguments;
mod engine;
mod float_text;
mod gc;
mod history;
mod history_arguments;
mod import;
mod import_arguments;
mod language;
mod licenses;
mod list;
mod list_arguments;
mod log;
mod manual;
mod memory;
mod output_folder;
mod output_format;
mod peak;
mod plan_document;
mod progress;
mod report;
mod report_arguments;
mod restated;
mod row_filter;
mod run;
mod sample;
mod schema;
mod show;
mod signals;
mod snapshot;
mod stdout;
mod step;
mod step_arguments;
mod tables;
mod threads;
mod usage;
mod verify;

use clap::FromArgMatches;

use crate::error::{Error, Result};
use crate::spec::Lang;
use arguments::{Arguments, Command};

/// The exit code of `diff --exit-code` where the snapshots differ: none that a failure has.
const DIFFERENT: u8 = 10;

/// Executes the command of the command line, and returns its exit code. Ends the process where clap cannot parse it or prints help.
///
/// # Errors
/// The errors of the command.
pub fn run() -> Result<u8> {
    let lang = language::of_arguments();
    let parsed = chinese_help::parser(lang).try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(cause) => {
            let is_json = language::arguments().windows(2).any(|pair| pair == ["--log", "json"]);
            if cause.use_stderr() && lang == Lang::Zh {
                log::usage(&usage::in_chinese(&cause), is_json);
            } else if cause.use_stderr() && is_json {
                log::usage(&cause.to_string(), true);
            } else {
                let _ = cause.print();
            }
            // clap returns help and version as errors too; those go to standard output.
            std::process::exit(if cause.use_stderr() { 2 } else { 0 });
        }
    };
    signals::watch();
    language::set(arguments.lang.unwrap_or(lang));
    let mut code = 0;
    let outcome = match arguments.command {
        Command::Run(options) if backfill::is_one(&options) => backfill::backfill(&options),
        Command::Run(options) => run::run(&options),
        Command::Check(options) => check::check(&options),
        Command::Import(options) => import::import(&options),
        Command::Sample(options) => sample::sample(&options),
        Command::Tables(options) => tables::tables(&options),
        Command::Show(options) => show::show(&options),
        Command::Report(options) => report::report(&options, arguments.lang),
        Command::Backtest(options) => backtest::backtest_job(&options),
        Command::List(options) => list::list(&options),
        Command::History(options) => history::history(&options),
        Command::Diff(options) => diff::diff(&options).map(|is_equal| code = if is_equal || !options.exit_code { 0 } else { DIFFERENT }),
        Command::Verify(options) => verify::verify(&options),
        Command::Gc(options) => gc::gc(&options),
        Command::Schema(options) => schema::schema(&options),
        Command::Completions(options) => manual::completions(&options),
        Command::Man(options) => manual::man(&options),
        Command::Step(options) => step::step(&options),
        Command::Engine(options) => engine::engine(&options),
        Command::Licenses => licenses::licenses(),
    };
    signals::stand_back();
    outcome.map(|()| code)
}

/// Prints an error as text, or as one JSON line where the log is JSON.
pub fn report(error: &Error) {
    signals::stand_back();
    log::error(error);
}
