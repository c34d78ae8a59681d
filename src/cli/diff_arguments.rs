//! The arguments of `diff`.

use std::path::PathBuf;

use clap::Args;

use super::output_folder::output_folder;
use super::output_format::RowFormat;

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct DiffOptions {
    /// The first snapshot: its name, an as-of date, `latest`, `previous` (the one before the other), or a folder
    #[arg(value_name = "A")]
    pub a: String,
    /// The second snapshot
    #[arg(value_name = "B")]
    pub b: String,
    /// Print the rows of this table that differ [default: how many rows of each table differ]
    #[arg(value_name = "TABLE")]
    pub table: Option<String>,
    /// The output folder
    #[arg(long, value_name = "DIR", default_value = "out", value_parser = output_folder)]
    pub out: PathBuf,
    /// Compare only the rows of this shop
    #[arg(long, value_name = "ID")]
    pub shop: Option<String>,
    /// Compare only the rows for which this SQL condition holds in A or in B, such as "grain = 'month'"
    #[arg(long = "where", value_name = "SQL")]
    pub condition: Option<String>,
    /// With a table: print at most this many rows; 0 for all [default: 20]
    #[arg(long, value_name = "N", requires = "table")]
    pub limit: Option<usize>,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: RowFormat,
    /// End with code 10 where anything differs
    #[arg(long)]
    pub exit_code: bool,
}
