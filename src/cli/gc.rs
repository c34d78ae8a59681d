//! `huitou gc`: removes old snapshots.

use super::arguments::GcOptions;
use super::as_of::today;
use super::log;
use super::stdout::print;
use crate::error::{Error, Problem, Result};
use crate::publish::Store;

/// Removes old snapshots and prints their names.
pub fn gc(options: &GcOptions) -> Result<()> {
    if !options.out.is_dir() {
        let place = options.out.display().to_string();
        return Err(Error::Usage(vec![Problem::new(place, "there is no such folder").help("name the output folder with --out")]));
    }
    let removed = Store::open(&options.out)?.on(today(jiff::tz::TimeZone::system())?).prune(options.keep as usize, None)?;
    if removed.is_empty() {
        log::info("there was nothing to remove");
    }
    print(&removed.iter().map(|name| format!("{name}\n")).collect::<String>())
}
