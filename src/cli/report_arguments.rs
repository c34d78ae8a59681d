//! The arguments of `huitou report`.

use std::path::PathBuf;

use clap::Args;

use super::output_folder::output_folder;

/// Options of `report`.
#[derive(Debug, Args)]
pub struct ReportOptions {
    /// The output folder
    #[arg(long, value_name = "DIR", default_value = "out", value_parser = output_folder)]
    pub out: PathBuf,
    /// The snapshot: its name, as `huitou history` lists it, its as-of date, or `latest`
    #[arg(long, value_name = "NAME", default_value = "latest")]
    pub snapshot: String,
    /// Write the brief instead: yesterday, the month to date, the plan and what to do, as a small page of tables for mail
    #[arg(long)]
    pub brief: bool,
    /// Write the brief of this shop only
    #[arg(long, value_name = "ID", requires = "brief")]
    pub shop: Option<String>,
    /// The file to write [default: report.html, or brief.html, in the current folder]
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}
