//! The arguments of `import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of `import`.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// The kind of the files
    pub preset: PresetOption,
    /// The files: CSV in any encoding, XLSX, XLS
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The folder for the inputs and the job; files imported there before stay
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// `generic`: a column of huitou and its name in the files, or a YAML file of such pairs; can be repeated
    #[arg(long, value_name = "OURS=THEIRS")]
    pub map: Vec<String>,
    /// `generic`: the input that the rows belong to [default: orders]
    #[arg(long, value_name = "INPUT")]
    pub input: Option<String>,
    /// The columns of files without a header, in their order; any name for those that are not imported
    #[arg(long, value_name = "NAME,NAME,…", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Import orders that name no buyers: the figures of the shop alone
    #[arg(long)]
    pub without_customers: bool,
    /// Import orders whose buyers' names are masked (`买**2`): equal masks count as one person
    #[arg(long, conflicts_with = "without_customers")]
    pub accept_masked: bool,
    /// The shop of all rows; overrides the files
    #[arg(long, value_name = "ID")]
    pub shop: Option<String>,
    /// Whether amounts paid are after refunds (net) or before (gross) [default: the figures of the files decide]
    #[arg(long, value_name = "MEANING")]
    pub paid: Option<PaidOption>,
    /// The meaning of a status that huitou does not know, such as `已签收=completed`; can be repeated
    #[arg(long, value_name = "STATUS=MEANING")]
    pub status: Vec<String>,
    /// Replace buyers' names by pseudonyms; the secret salt is read from the environment variable HUITOU_SALT, or from --salt-file
    #[arg(long)]
    pub pseudonymise: bool,
    /// The file with the secret salt of the pseudonyms, at least 16 bytes
    #[arg(long, value_name = "FILE", requires = "pseudonymise")]
    pub salt_file: Option<PathBuf>,
    /// The name of the job, for the job file [default: that of the job in DIR, else the name of the folder]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The timezone of the shop, for the job file [default: that of the job in DIR, else Asia/Shanghai]
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
}

/// The known exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PresetOption {
    /// Orders of the seller centre of Tmall and Taobao (ExportOrderList).
    TmallOrders,
    /// Lines of these orders (ExportOrderDetailList).
    TmallItems,
    /// Daily figures of a shop from 生意参谋.
    SycmTraffic,
    /// Order details of an affiliate alliance (淘宝联盟 订单明细).
    TbkOrders,
    /// Items of a shop by day from 生意参谋 (商品明细).
    SycmItems,
    /// Any other table; `--map` names its columns.
    Generic,
}

/// Whether amounts paid are before or after refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PaidOption {
    /// After refunds.
    Net,
    /// Before refunds.
    Gross,
}
