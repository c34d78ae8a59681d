//! Paths without `..`, for people: `jobs/../out` is `out`.

use std::path::{Component, Path, PathBuf};

/// The path without the steps back that lead to where they came from. One behind a link stays: the folder above is another one there.
pub fn without_steps_back(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        let is_folder = || std::fs::symlink_metadata(&tidy).is_ok_and(|found| found.is_dir());
        if component == Component::ParentDir && matches!(tidy.components().next_back(), Some(Component::Normal(_))) && is_folder() {
            tidy.pop();
        } else {
            tidy.push(component);
        }
    }
    if tidy.as_os_str().is_empty() { PathBuf::from(".") } else { tidy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_back_end_at_links_and_at_the_root() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::create_dir_all(at("shop/jobs")).unwrap();
        std::os::unix::fs::symlink(at("shop/jobs"), at("link")).unwrap();
        let tidy = |name: &str| without_steps_back(&at(name)).strip_prefix(place.path()).unwrap().to_path_buf();
        assert_eq!(tidy("shop/jobs/../out"), Path::new("shop/out"));
        assert_eq!(tidy("shop/jobs/../../shop/./out"), Path::new("shop/out"));
        assert_eq!(tidy("link/../out"), Path::new("link/../out"), "that is shop/out");
        assert_eq!(tidy("none/../out"), Path::new("none/../out"), "a missing folder stays in the message");
        assert_eq!(without_steps_back(Path::new("../out")), Path::new("../out"));
        assert_eq!(without_steps_back(Path::new("/../out")), Path::new("/../out"));
    }
}
