//! `huitou engine`: writes the script by which an engine runs a job in steps. The script is inside the program, so that both always belong together.

use super::stdout::print;
use super::step_arguments::{Engine, EngineOptions};
use crate::error::Result;

/// The script for Spark.
const SPARK: &str = include_str!("engine/huitou_spark.py");

/// Prints the script of an engine.
///
/// # Errors
/// Where standard output cannot be written.
pub fn engine(options: &EngineOptions) -> Result<()> {
    match options.engine {
        Engine::Spark => print(&SPARK.replace("{{version}}", env!("CARGO_PKG_VERSION"))),
    }
}
