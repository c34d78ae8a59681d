//! What to import, and how.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::preset::{Preset, SYCM_ITEMS, SYCM_TRAFFIC, TBK_ORDERS, TMALL_ITEMS, TMALL_ORDERS};
use super::privacy::Pseudonyms;
use crate::input::declared::columns::{Input, ORDERS};
use crate::job::Status;
use crate::spec::Day;

/// What the files hold.
#[derive(Debug, Clone)]
pub enum What {
    /// An export of a known kind.
    Known(&'static Preset),
    /// Any other table, with the names that our columns have in it.
    Generic {
        /// The input that its rows belong to.
        input: &'static Input,
        /// Our names of columns and those of the table.
        map: BTreeMap<String, String>,
    },
}

impl What {
    /// The known exports.
    pub const PRESETS: [&'static Preset; 5] = [&TMALL_ORDERS, &TMALL_ITEMS, &SYCM_TRAFFIC, &TBK_ORDERS, &SYCM_ITEMS];

    /// Its name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            What::Known(preset) => preset.name,
            What::Generic { .. } => "generic",
        }
    }

    /// The folder below the target that the rows are written to.
    pub fn folder(&self) -> &'static str {
        match self {
            What::Known(preset) => preset.folder,
            What::Generic { input, .. } => input.name,
        }
    }

    /// The input that the rows belong to.
    pub fn input(&self) -> &'static Input {
        match self {
            What::Known(preset) => preset.input,
            What::Generic { input, .. } => input,
        }
    }

    /// Whether the rows are orders or lines of orders.
    pub fn is_orders(&self) -> bool {
        self.input().name == ORDERS.name
    }
}

/// Whether the amounts that buyers paid are before or after refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidMeans {
    /// After refunds.
    Net,
    /// Before refunds.
    Gross,
}

/// An import.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the files hold.
    pub what: What,
    /// The files, in the order of the command line.
    pub files: Vec<PathBuf>,
    /// The folder to write to.
    pub to: PathBuf,
    /// The shop of all rows; overrides the files.
    pub shop: Option<String>,
    /// Whether the amounts paid are before or after refunds; by default the figures of the files decide.
    pub paid: Option<PaidMeans>,
    /// What the statuses of this shop mean that huitou does not know.
    pub statuses: BTreeMap<String, Status>,
    /// The names of the columns of files without a header.
    pub columns: Vec<String>,
    /// Whether orders are imported without their buyers.
    pub without_customers: bool,
    /// Whether names of buyers written with asterisks stand for customers.
    pub accept_masked: bool,
    /// The pseudonyms that replace buyers' names.
    pub pseudonyms: Option<Pseudonyms>,
    /// The timezone of the shop, for the job file; by default that of the existing job file, else that of China.
    pub timezone: Option<String>,
    /// The name of the job, for the job file; by default that of the existing job file, else that of the folder.
    pub name: Option<String>,
    /// Today in that timezone: the as-of date of a job cannot be later.
    pub today: Day,
}
