//! The arguments of `list`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::output_folder::output_folder;
use super::output_format::OutputFormat;

/// Options of `list`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ListOptions {
    /// What to do with a list
    #[command(subcommand)]
    pub action: Option<ListAction>,
    /// The list: the name of its strategy [default: all lists]
    pub name: Option<String>,
    /// Which lists
    #[command(flatten)]
    pub source: ListSource,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: OutputFormat,
}

/// What to do with a list.
#[derive(Debug, Subcommand)]
pub enum ListAction {
    /// Write a list for the people or the program that contacts the customers: CSV for spreadsheet programs, or XLSX
    Export(ExportOptions),
    /// Remember that a list was sent, so that its effect can be measured: adds to the inputs `campaigns` and `audiences` of the job
    Sent(SentOptions),
}

/// Options of `list export`.
#[derive(Debug, Args)]
pub struct ExportOptions {
    /// The list: the name of its strategy
    pub name: String,
    /// Which lists
    #[command(flatten)]
    pub source: ListSource,
    /// The file to write, which must not exist: NAME.csv, or NAME.xlsx
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Whom to write; the control arm must not be contacted, or nobody can tell what the messages did
    #[arg(long, value_name = "ARM", default_value = "treated")]
    pub arm: ArmOption,
}

/// Options of `list sent`.
#[derive(Debug, Args)]
pub struct SentOptions {
    /// The list: the name of its strategy
    pub name: String,
    /// Which lists
    #[command(flatten)]
    pub source: ListSource,
    /// When the messages went out: "YYYY-MM-DD HH:MM" in the timezone of the job, or `now`
    #[arg(long, value_name = "TIME")]
    pub at: String,
    /// A file with the ids of those to whom the platform really sent it, CSV, XLSX or an id on each line [default: all of the treated arm]
    #[arg(long, value_name = "FILE")]
    pub only: Option<PathBuf>,
    /// What the messages cost, in units of the currency
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub cost: Option<i64>,
}

/// Which lists a command is about.
#[derive(Debug, Clone, Args)]
pub struct ListSource {
    /// The output folder [default: that of the job, else out]
    #[arg(long, value_name = "DIR", value_parser = output_folder)]
    pub out: Option<PathBuf>,
    /// The job file
    #[arg(long, value_name = "JOB")]
    pub job: Option<PathBuf>,
    /// The snapshot: its name, as `huitou history` lists it, its as-of date, or `latest`
    #[arg(long, value_name = "NAME", default_value = "latest")]
    pub snapshot: String,
    /// Only the lists of this shop
    #[arg(long, value_name = "ID")]
    pub shop: Option<String>,
    /// Make the list anew as of this time, "YYYY-MM-DD HH:MM" in the timezone of the job, or `now`, from the newest files of the job; writes no
    /// snapshot
    #[arg(long, value_name = "TIME", requires = "job", conflicts_with = "snapshot")]
    pub now: Option<String>,
    /// With --now: how often the list is made; each unpaid order is on one of the lists
    #[arg(long, value_name = "HOURS", requires = "now", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=168))]
    pub every: u16,
}

/// The customers to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ArmOption {
    /// Those to contact.
    Treated,
    /// Those who are held out.
    Control,
    /// All of the list.
    Both,
}

/// An amount of at most two decimals, not below 0, in minor units.
fn amount(text: &str) -> Result<i64, String> {
    let wrong = || "an amount of at most two decimals is expected, such as 120 or 99.50".to_owned();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) || decimals.len() > 2 || text.ends_with('.') {
        return Err(wrong());
    }
    format!("{whole}{decimals:0<2}").parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_in_minor_units() {
        assert_eq!(["120", "99.5", "99.05", "0"].map(amount), [Ok(120_00), Ok(99_50), Ok(99_05), Ok(0)]);
        assert!(["", ".5", "5.", "1.234", "-1", "1,000", "99999999999999999999"].iter().all(|text| amount(text).is_err()));
    }
}
