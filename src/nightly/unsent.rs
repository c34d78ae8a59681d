//! Inputs in which nothing was recorded yet: a job names the folders of `campaigns` and `audiences` before the first list is sent, and without a
//! night there is no list to send.

use std::path::Path;

use crate::input::declared::columns::{AUDIENCES, CAMPAIGNS};
use crate::input::parquet_files::find::is_nothing_in_store;
use crate::input::parquet_files::left_out::is_hidden;
use crate::job::{CoolDown, InputSpec, Job};

/// The inputs of the job that have no records yet. Audiences are recorded with their campaigns: those without are no start.
pub(super) fn unsent(job: &Job) -> Vec<&'static str> {
    let is_empty = |name: &str| job.inputs.get(name).is_none_or(|spec| is_without_files(&spec.path));
    let has = |name: &&str| job.inputs.get(name).is_some();
    match (is_empty(CAMPAIGNS.name), is_empty(AUDIENCES.name)) {
        (_, false) => Vec::new(),
        (false, true) => [AUDIENCES.name].into_iter().filter(has).collect(),
        (true, true) => [CAMPAIGNS.name, AUDIENCES.name].into_iter().filter(has).collect(),
    }
}

/// A warning where only lists that were sent count for the cool-down, and nobody records them.
pub(super) fn unrecorded(job: &Job) -> Option<String> {
    let is_recorded = [CAMPAIGNS.name, AUDIENCES.name].iter().all(|name| job.inputs.get(name).is_some());
    (job.params.cool_down == CoolDown::Sent && !job.strategies.is_empty() && !is_recorded).then(|| {
        "`params.cool_down` is `sent`, and the job does not name the inputs `campaigns` and `audiences`: nobody is known to have been sent a \
         list, so nobody is left out for it"
            .to_owned()
    })
}

/// Whether a path is that of a folder with nothing in it but hidden entries, or of a folder that nobody made yet.
fn is_without_files(path: &str) -> bool {
    if let Some(is_nothing) = is_nothing_in_store(path) {
        return is_nothing;
    }
    let file = Path::new(path);
    if file.is_dir() {
        let is_shown =
            |entry: std::io::Result<std::fs::DirEntry>| entry.is_ok_and(|entry| !is_hidden(&entry.file_name().to_string_lossy()));
        return std::fs::read_dir(file).is_ok_and(|mut entries| !entries.any(is_shown));
    }
    // A file, a pattern or a link that leads nowhere was meant to have records.
    let is_missing = file.symlink_metadata().is_err_and(|cause| cause.kind() == std::io::ErrorKind::NotFound);
    is_missing && !path.contains(['*', '?', '[']) && file.extension().is_none()
}

/// What to say of such an input.
pub(super) fn warning(name: &str, spec: &InputSpec) -> Option<String> {
    let path = &spec.written_path;
    Some(match Path::new(&spec.path).is_dir() {
        true => format!("input `{name}`: the folder `{path}` is empty: nothing was sent yet, or the path is wrong"),
        false => {
            format!("input `{name}`: there is no folder `{path}` (looked at {}): nothing was sent yet, or the path is wrong", spec.path)
        }
    })
}
