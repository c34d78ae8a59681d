//! The places in which a job remembers what was sent: the folders of its inputs `campaigns` and `audiences`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::error::{Error, Problem, Result};
use crate::import::{job_file, lock_folder};
use crate::input::declared::columns::{AUDIENCES, CAMPAIGNS, Input};
use crate::job::{InputSpec, Job, MoneyUnit};
use crate::store::address::is_address;

/// What to add to a job that has no such inputs.
pub const ADVICE: &str = "add to its `inputs`: campaigns: { path: campaigns } and audiences: { path: audiences }, which are folders beside the \
     job file, and run this command again";

/// Letters by which a path is a pattern.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// Both places.
pub struct Inputs {
    /// That of the campaigns.
    pub campaigns: Place,
    /// That of the audiences.
    pub audiences: Place,
    /// Whether the job names them already.
    pub are_named: bool,
}

/// The place of one input.
pub struct Place {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// The input of the job; where the job does not name it yet, as it will.
    pub spec: InputSpec,
}

/// With what the names of files begin that are no records yet. Only a killed process can have left one where nobody else holds the lock.
pub const UNFINISHED: &str = ".sent-";

impl Inputs {
    /// The places of a job. A job that `import` wrote and nobody edited gets them beside its file.
    ///
    /// # Errors
    /// [`Error::Usage`] where the job names no folder for one of them, or makes a column by an expression.
    pub fn of(job: &Job) -> Result<Inputs> {
        let [campaigns, audiences] = [CAMPAIGNS.name, AUDIENCES.name].map(|name| job.inputs.get(name));
        let are_named = campaigns.is_some() && audiences.is_some();
        let is_imported = job_file::is_written_by_import(&job.file);
        let mut problems = Vec::new();
        let mut place = |input: &Input, spec: Option<&InputSpec>| match spec {
            Some(spec) => Place::of(input, spec).map_err(|found| problems.extend(found)).ok(),
            None if is_imported => Some(Place::beside(input, job)),
            None => {
                let what = format!("the job has no input `{}`, in which to remember what was sent", input.name);
                problems.push(Problem::new(job.file.display().to_string(), what).help(ADVICE));
                None
            }
        };
        match (place(&CAMPAIGNS, campaigns), place(&AUDIENCES, audiences)) {
            (Some(campaigns), Some(audiences)) => Ok(Inputs { campaigns, audiences, are_named }),
            _ => Err(Error::Usage(problems)),
        }
    }

    /// Makes the folders, and locks them until the returned files are dropped. Removes what killed processes left there.
    ///
    /// # Errors
    /// [`Error::Busy`] where another command writes there; [`Error::Output`] where the system refuses.
    pub fn lock(&self) -> Result<Vec<File>> {
        let mut locks = vec![locked(&self.audiences.folder)?];
        let real = |place: &Place| fs::canonicalize(&place.folder).unwrap_or_else(|_| place.folder.clone());
        if real(&self.campaigns) != real(&self.audiences) {
            locks.push(locked(&self.campaigns.folder)?);
        }
        for place in [&self.campaigns, &self.audiences] {
            for entry in fs::read_dir(&place.folder).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                    // What cannot be removed is hidden from every run by its name.
                    let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
                }
            }
        }
        Ok(locks)
    }

    /// Removes the folders if they are empty; the system refuses to remove one with files.
    pub fn remove_empty(&self) {
        for place in [&self.campaigns, &self.audiences] {
            let _ = fs::remove_dir(&place.folder);
        }
    }
}

fn locked(folder: &Path) -> Result<File> {
    lock_folder(folder).map_err(|error| match error {
        Error::Busy(problem) => Error::Busy(Problem { message: "another `huitou list sent` writes to this folder".to_owned(), ..problem }),
        other => other,
    })
}

impl Place {
    /// That of an input which a job of imported data does not name yet.
    fn beside(input: &Input, job: &Job) -> Place {
        let folder = job.folder.join(input.name);
        let spec = InputSpec {
            path: folder.display().to_string(),
            written_path: input.name.to_owned(),
            columns: BTreeMap::new(),
            status: BTreeMap::new(),
            column_places: BTreeMap::new(),
            filter: None,
            ..job.inputs.orders.clone()
        };
        Place { folder, spec }
    }

    fn of(input: &Input, spec: &InputSpec) -> Result<Place, Vec<Problem>> {
        let mut problems = Vec::new();
        let path = Path::new(&spec.path);
        let help = format!("make it a folder (mkdir, and move the file into it), and name the folder: {}: {{ path: FOLDER }}", input.name);
        if is_address(&spec.path) {
            let what = format!("input `{}`: `{}` lies in an object store, to which huitou writes nothing", input.name, spec.written_path);
            problems
                .push(Problem::new(&spec.place, what).help("write to a local folder, by another job or --set, and copy it to the store"));
        } else if spec.path.contains(WILDCARDS) {
            let what = format!("input `{}`: `{}` is a pattern, and a file that is added may not match it", input.name, spec.written_path);
            problems.push(Problem::new(&spec.place, what).help("name the folder instead"));
        } else if path.is_file() || path.extension().is_some_and(|extension| extension == "parquet") {
            let what = format!("input `{}`: `{}` is one file, to which nothing can be added", input.name, spec.written_path);
            problems.push(Problem::new(&spec.place, what).help(help));
        }
        for column in input.columns {
            let written = spec.columns.get(column.name);
            if let Some(written) = written.filter(|written| !written.chars().all(|letter| letter.is_alphanumeric() || letter == '_')) {
                let what = format!(
                    "input `{}` makes `{}` by an expression, `{written}`: no file can be added whose rows mean the same",
                    input.name, column.name
                );
                problems.push(
                    Problem::new(spec.place_of(column.name), what).help("map a column of the files, or write what was sent by yourself"),
                );
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Place { folder: path.to_owned(), spec: spec.clone() })
    }

    /// Whether amounts are in minor units.
    pub fn is_minor(&self) -> bool {
        self.spec.money == MoneyUnit::Minor
    }

    /// The name of a column in the files.
    pub fn name<'a>(&'a self, column: &'a str) -> &'a str {
        self.spec.columns.get(column).map_or(column, String::as_str)
    }
}
