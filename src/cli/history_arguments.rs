//! The arguments of `history`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::output_folder::output_folder;

/// Options of `history`.
#[derive(Debug, Args)]
pub struct HistoryOptions {
    /// The output folder
    #[arg(long, value_name = "DIR", default_value = "out", value_parser = output_folder)]
    pub out: PathBuf,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: HistoryFormat,
}

/// How the snapshots are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// Lines for people.
    Text,
    /// Comma-separated values, RFC 4180.
    Csv,
    /// One JSON document.
    Json,
}
