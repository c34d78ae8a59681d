//! The strategy files of a job that `import` writes: those that come with the program, beside the job, so that it makes lists from the first
//! night on and somebody can change them.

use std::path::Path;

use crate::disk::replace::replace;
use crate::error::{Error, Result};
use crate::job::shipped::STRATEGIES;

/// The folder beside the job.
const FOLDER: &str = "strategies";

/// The lines of the job that name the strategies; those about items only where the orders have items.
pub fn lines(has_items: bool) -> String {
    let named = STRATEGIES.iter().filter(|strategy| has_items || !strategy.needs_items);
    let files: String = named.map(|strategy| format!("  - {FOLDER}/{}.yaml\n", strategy.name)).collect();
    format!("# Whom to contact: `huitou list` shows the lists. Who is on one list of a night is on none after it.\nstrategies:\n{files}")
}

/// Writes the files that are not there yet: the others may have been changed.
///
/// # Errors
/// [`Error::Output`] where one cannot be written.
pub fn write(to: &Path, has_items: bool) -> Result<()> {
    let folder = to.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|cause| Error::system(&folder, &cause))?;
    for strategy in STRATEGIES.iter().filter(|strategy| has_items || !strategy.needs_items) {
        let path = folder.join(format!("{}.yaml", strategy.name));
        if !path.exists() {
            replace(&path, strategy.text.as_bytes())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_strategies_that_ship_are_named_and_one_that_was_changed_stays() {
        let shipped = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/jobs/strategies")).unwrap().count();
        assert_eq!(
            (STRATEGIES.len(), lines(true).matches(".yaml\n").count(), lines(false).matches(".yaml\n").count()),
            (shipped, shipped, shipped - 2)
        );
        let place = tempfile::tempdir().unwrap();
        let own = place.path().join("strategies/winback.yaml");
        std::fs::create_dir(place.path().join("strategies")).unwrap();
        std::fs::write(&own, "mine").unwrap();
        write(place.path(), false).unwrap();
        assert_eq!(std::fs::read_to_string(&own).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(place.path().join("strategies")).unwrap().count(), shipped - 2);
        write(place.path(), true).unwrap();
        assert_eq!(std::fs::read_dir(place.path().join("strategies")).unwrap().count(), shipped);
    }
}
