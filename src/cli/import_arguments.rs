//! The arguments of `import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of `import`.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// What the files are
    pub preset: PresetOption,
    /// The files: CSV in any encoding, XLSX, XLS
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The folder of the inputs and the job; what was imported there before stays
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// `generic`: one of our columns and the name of theirs, or a YAML file of such pairs; can be given again
    #[arg(long, value_name = "OURS=THEIRS")]
    pub map: Vec<String>,
    /// `generic`: the input that the rows are of [default: orders]
    #[arg(long, value_name = "INPUT")]
    pub input: Option<String>,
    /// The shop of all rows, whatever the files say
    #[arg(long, value_name = "ID")]
    pub shop: Option<String>,
    /// Whether amounts paid are meant after refunds (net) or before (gross) [default: the figures tell]
    #[arg(long, value_name = "MEANING")]
    pub paid: Option<PaidOption>,
    /// What a status means that is not known, as in `已签收=completed`; can be given again
    #[arg(long, value_name = "STATUS=MEANING")]
    pub status: Vec<String>,
    /// Replace buyers' names by pseudonyms; the secret salt is in the environment variable HUITOU_SALT, or in --salt-file
    #[arg(long)]
    pub pseudonymise: bool,
    /// The file with the secret salt of the pseudonyms, at least 16 bytes
    #[arg(long, value_name = "FILE", requires = "pseudonymise")]
    pub salt_file: Option<PathBuf>,
    /// The timezone of the shop, for the job file [default: that of the job in DIR, else Asia/Shanghai]
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
}

/// The exports that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PresetOption {
    /// Orders of the seller centre of Tmall and Taobao (ExportOrderList).
    TmallOrders,
    /// Lines of these orders (ExportOrderDetailList).
    TmallItems,
    /// Daily figures of a shop from 生意参谋.
    SycmTraffic,
    /// Any other table; `--map` says which columns are which.
    Generic,
}

/// What amounts paid mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PaidOption {
    /// What is left after refunds.
    Net,
    /// What was paid, whatever was refunded later.
    Gross,
}
