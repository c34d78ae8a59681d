//! `huitou gc`: removes old snapshots.

use serde_json::json;

use super::arguments::GcOptions;
use super::as_of::today;
use super::log;
use super::output_format::OutputFormat;
use super::stdout::{print, print_json};
use crate::error::{Error, Problem, Result, listed};
use crate::nightly::state::{StateList, list_of};
use crate::publish::{Pruned, Store, latest};

/// Removes old snapshots and prints their names, or prints what would be removed.
pub fn gc(options: &GcOptions) -> Result<()> {
    if !options.out.is_dir() {
        let place = options.out.display().to_string();
        return Err(Error::Usage(vec![Problem::new(place, "there is no such folder").help("name the output folder with --out")]));
    }
    let store = Store::open(&options.out)?.on(today(&jiff::tz::TimeZone::system())?)?;
    let keep = options.keep as usize;
    let pruned = if options.dry_run { store.plan_pruning(keep)? } else { store.prune(keep, None)? };
    let needed = latest(&options.out)?.and_then(|latest| list_of(&latest.path)).map(StateList::names).unwrap_or_default();
    let states = if options.dry_run { store.unneeded_states(&needed)? } else { store.prune_states(&needed)? };
    if options.format == OutputFormat::Json {
        let kept: Vec<_> = pruned.kept.iter().map(|(name, files)| json!({ "name": name, "files_of_others": files })).collect();
        let names: Vec<&String> = pruned.lists_left.iter().map(|(name, _)| name).collect();
        let stripped: Vec<_> = pruned.lists_left.iter().map(|(name, tables)| json!({ "name": name, "tables": tables })).collect();
        return print_json(&json!({
            "dry_run": options.dry_run,
            "removed": pruned.removed,
            "lists_left": names,
            "tables_removed": stripped,
            "kept": kept,
            "states_removed": states,
        }));
    }
    let removes_whole = !(pruned.removed.is_empty() && states.is_empty());
    if !removes_whole && pruned.lists_left.is_empty() {
        log::info("there was nothing to remove");
    }
    tell_kept(&pruned, options.dry_run);
    if removes_whole && options.dry_run {
        log::info("these would be removed:");
    }
    let states = states.iter().map(|name| format!("state/{name}\n"));
    print(&pruned.removed.iter().map(|name| format!("{name}\n")).chain(states).collect::<String>())
}

/// Says of which snapshots something stays, or would stay: the lists, or all of it for the files of others in them.
pub fn tell_kept(pruned: &Pruned, is_plan: bool) {
    if !pruned.lists_left.is_empty() {
        let names = listed(pruned.lists_left.iter().map(|(name, _)| name.clone()), 5);
        log::info(&match is_plan {
            true => format!("all tables but the lists would go from {names}: the lists stay, for the cool-down of later nights"),
            false => format!("all tables but the lists went from {names}: the lists stay, for the cool-down of later nights"),
        });
    }
    for (name, others) in &pruned.kept {
        let others = listed(others.iter().map(|other| format!("`{other}`")), 5);
        log::warning(&format!("snapshot {name} stays, because it has files that huitou did not write: {others}; move them away"));
    }
}
