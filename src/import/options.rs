//! What is to be imported, and how.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::preset::{Preset, SYCM_TRAFFIC, TMALL_ITEMS, TMALL_ORDERS};
use super::privacy::Pseudonyms;
use crate::input::columns::{Input, ORDERS};
use crate::job::Status;
use crate::spec::Day;

/// What stands in the files.
#[derive(Debug, Clone)]
pub enum What {
    /// An export that is known.
    Known(&'static Preset),
    /// Any table: what each of our columns is called in it.
    Generic {
        /// The input that its rows are of.
        input: &'static Input,
        /// Our columns and theirs.
        map: BTreeMap<String, String>,
    },
}

impl What {
    /// The known exports.
    pub const PRESETS: [&'static Preset; 3] = [&TMALL_ORDERS, &TMALL_ITEMS, &SYCM_TRAFFIC];

    /// The name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            What::Known(preset) => preset.name,
            What::Generic { .. } => "generic",
        }
    }

    /// The folder below the target in which the rows lie.
    pub fn folder(&self) -> &'static str {
        match self {
            What::Known(preset) => preset.folder,
            What::Generic { input, .. } => input.name,
        }
    }

    /// The input that the rows are of.
    pub fn input(&self) -> &'static Input {
        match self {
            What::Known(preset) => preset.input,
            What::Generic { input, .. } => input,
        }
    }

    /// Whether the rows are orders or lines of them.
    pub fn is_orders(&self) -> bool {
        self.input().name == ORDERS.name
    }
}

/// What the amounts that buyers paid mean where something was refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidMeans {
    /// What is left after the refund.
    Net,
    /// What was paid, whatever was refunded later.
    Gross,
}

/// An import.
#[derive(Debug, Clone)]
pub struct Options {
    /// What stands in the files.
    pub what: What,
    /// The files, in the order of the command line.
    pub files: Vec<PathBuf>,
    /// The folder to write to.
    pub to: PathBuf,
    /// The shop of all rows, whatever the files say.
    pub shop: Option<String>,
    /// What amounts paid mean; the files tell if nobody says.
    pub paid: Option<PaidMeans>,
    /// Statuses that only this shop has.
    pub statuses: BTreeMap<String, Status>,
    /// What replaces buyers' names.
    pub pseudonyms: Option<Pseudonyms>,
    /// The timezone of the shop, for the job file; that of the job that is there, else that of China, if nobody says.
    pub timezone: Option<String>,
    /// Today in that timezone: the as-of date of a job cannot lie behind it.
    pub today: Day,
}
