//! Failpoints of publishing: named steps at which tests make the program die or run out of disk.

use std::path::Path;

use crate::error::Result;

/// All steps, in the order in which a run that publishes one table passes them. With the feature `failpoints`,
/// `FAILPOINTS="publish::swap=return(abort)"` kills the process there and `return(full)` simulates a full disk.
pub const STEPS: [&str; 18] = [
    "publish::lock",
    "publish::sweep",
    "publish::begin",
    "publish::part",
    "publish::group",
    "publish::footer",
    "publish::part_sync",
    "publish::tree_sync",
    "publish::manifest",
    "publish::manifest_half",
    "publish::manifest_sync",
    "publish::rename",
    "publish::renamed",
    "publish::snapshots_sync",
    "publish::link",
    "publish::swap",
    "publish::swapped",
    "publish::done",
];

/// Steps of keeping a state for the next night.
pub const STATE_STEPS: [&str; 3] = ["state::write", "state::rename", "state::prune"];

/// Passes the step `name`, where tests can make writing below `path` fail. Does nothing in ordinary builds.
#[allow(unused_variables)]
pub(super) fn step(name: &'static str, path: &Path) -> Result<()> {
    #[cfg(feature = "failpoints")]
    {
        debug_assert!(STEPS.contains(&name) || STATE_STEPS.contains(&name), "{name} is not in the list of steps");
        fail::fail_point!(name, |action: Option<String>| match action.as_deref() {
            Some("abort") => std::process::abort(),
            _ => Err(crate::error::Error::system(path, &std::io::Error::from(std::io::ErrorKind::StorageFull))),
        });
    }
    Ok(())
}
