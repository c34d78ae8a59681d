//! Public data that the project does not contain: the tests over them are left out where they are absent.

use std::path::{Path, PathBuf};

/// The variable that names their folder.
const VARIABLE: &str = "HUITOU_PUBLIC_DATA";
/// Their folder where the variable is not set, beside the project.
const BESIDE: &str = "../shared/data";

/// Their folder; `None`, with a line of output, where there is none.
pub fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join(BESIDE);
    let folder = std::env::var_os(VARIABLE).map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("left out: there is no folder {}; {VARIABLE} names the folder of the public data", folder.display());
        return None;
    }
    Some(std::fs::canonicalize(folder).unwrap())
}

/// A file of them; `None`, with a line of output, where it is not there.
pub fn file(name: &str) -> Option<PathBuf> {
    let file = folder()?.join(name);
    if !file.is_file() {
        println!("left out: there is no file {}", file.display());
        return None;
    }
    Some(file)
}
