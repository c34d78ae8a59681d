//! `huitou gc`: removes old snapshots.

use super::arguments::GcOptions;
use super::as_of::today;
use super::log;
use super::stdout::print;
use crate::error::{Error, Problem, Result, listed};
use crate::publish::{Pruned, Store};

/// Removes old snapshots and prints their names.
pub fn gc(options: &GcOptions) -> Result<()> {
    if !options.out.is_dir() {
        let place = options.out.display().to_string();
        return Err(Error::Usage(vec![Problem::new(place, "there is no such folder").help("name the output folder with --out")]));
    }
    let store = Store::open(&options.out)?.on(today(jiff::tz::TimeZone::system())?)?;
    let pruned = store.prune(options.keep as usize, None)?;
    if pruned.removed.is_empty() {
        log::info("there was nothing to remove");
    }
    tell_kept(&pruned);
    print(&pruned.removed.iter().map(|name| format!("{name}\n")).collect::<String>())
}

/// Says which snapshots stay for the files of others in them.
pub fn tell_kept(pruned: &Pruned) {
    for (name, others) in &pruned.kept {
        let others = listed(others.iter().map(|other| format!("`{other}`")), 5);
        log::warning(&format!("snapshot {name} stays, because it has files that huitou did not write: {others}; move them away"));
    }
}
