//! Whether the job reads what is to be added: a file that it does not read would stop every night from then on.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::inputs::{Inputs, Place, UNFINISHED};
use super::sending::Sending;
use crate::error::{Error, Problem, Result};
use crate::input::declared::columns::{AUDIENCES, CAMPAIGNS};
use crate::input::parquet_files::left_out::is_hidden;
use crate::job::{GroupIds, Tables};
use crate::nightly::Plan;

/// A file to add: its place, its name and its bytes.
pub type Added<'a> = (&'a Place, &'a Path, &'a [u8]);

/// Opens the orders and both inputs as `check` does, with the files to add among those of their folders.
///
/// # Errors
/// [`Error::Usage`] where the job would not read them; [`Error::Output`] where they cannot be laid out beside each other.
pub fn refuse_unreadable(sending: &Sending<'_>, inputs: &Inputs, added: &[Added<'_>]) -> Result<()> {
    let stage = Stage(inputs.audiences.folder.join(format!("{UNFINISHED}check.{}", std::process::id())));
    let mut job = sending.job.clone();
    job.inputs.others.clear();
    for (input, place) in [(&CAMPAIGNS, &inputs.campaigns), (&AUDIENCES, &inputs.audiences)] {
        let folder = stage.0.join(input.name);
        let files = added.iter().filter(|(of, ..)| of.folder == place.folder);
        lay_out(place, files, &folder).map_err(|cause| Error::system(&folder, &cause))?;
        let mut spec = place.spec.clone();
        spec.path = folder.display().to_string();
        job.inputs.others.insert(input.name.to_owned(), spec);
    }
    job.assessments.clear();
    job.strategies.clear();
    job.stages = None;
    job.tables = Tables::All;
    // What the job asks of the other inputs, which are not opened.
    job.params.totals.clear();
    job.params.group_ids = GroupIds::Separate;
    let place = job.file.display().to_string();
    let found = match Plan::new(job, sending.today, &[]) {
        Ok(_) => return Ok(()),
        Err(Error::Usage(found) | Error::Input(found)) => found,
        Err(other) => return Err(other),
    };
    let what = "with what was sent the job would not read its inputs any more, so nothing was written";
    let help = "is the list one of this job? else make what follows right, and run this command again";
    Err(Error::Usage([Problem::new(place, what).help(help)].into_iter().chain(found).collect()))
}

/// Puts links to the entries of a folder, and the files to add, into another folder.
fn lay_out<'a>(place: &Place, added: impl Iterator<Item = &'a Added<'a>>, folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(&place.folder)? {
        let entry = entry?;
        if !is_hidden(&entry.file_name().to_string_lossy()) {
            symlink(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    added.into_iter().try_for_each(|(_, name, bytes)| fs::write(folder.join(name), bytes))
}

/// A hidden folder that goes when it is dropped.
struct Stage(PathBuf);

impl Drop for Stage {
    fn drop(&mut self) {
        // Links in it are removed, and not what they lead to.
        let _ = fs::remove_dir_all(&self.0);
    }
}
