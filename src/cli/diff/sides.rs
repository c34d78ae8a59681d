//! The two snapshots that are compared.

use std::path::Path;

use crate::cli::snapshot::named;
use crate::error::{Error, Problem, Result};
use crate::publish::{self, Snapshot};
use crate::spec::period::parse_day;

/// The word for the snapshot before the other one.
const PREVIOUS: &str = "previous";

/// A and B.
#[derive(Debug)]
pub struct Sides {
    /// The first one.
    pub a: Snapshot,
    /// The second one.
    pub b: Snapshot,
}

impl Sides {
    /// Finds both by what the command line says.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such snapshot, [`Error::Input`] where it is damaged.
    pub fn find(out: &Path, a: &str, b: &str) -> Result<Sides> {
        Ok(match (a, b) {
            (PREVIOUS, PREVIOUS) => {
                let problem = Problem::new("A and B", "`previous` is the snapshot before the other one, and both are that");
                return Err(Error::Usage(vec![problem.help("name one of both, as in huitou diff previous latest")]));
            }
            (PREVIOUS, b) => {
                let b = find(out, b, "B")?;
                Sides { a: before(&b)?, b }
            }
            (a, PREVIOUS) => {
                let a = find(out, a, "A")?;
                Sides { b: before(&a)?, a }
            }
            (a, b) => Sides { a: find(out, a, "A")?, b: find(out, b, "B")? },
        })
    }

    /// What else differs between both that may be why figures do.
    pub fn remarks(&self) -> Vec<String> {
        let (a, b) = (&self.a.manifest, &self.b.manifest);
        let differ = |a: &str, b: &str| a != b && !a.is_empty() && !b.is_empty();
        let mut remarks = Vec::new();
        if differ(&a.job, &b.job) {
            remarks.push(format!("they are of other jobs: `{}` in A, `{}` in B", a.job, b.job));
        }
        if differ(&a.version, &b.version) {
            remarks.push(format!("they were made by other versions of huitou: `{}` in A, `{}` in B", a.version, b.version));
        }
        if differ(&a.currency, &b.currency) {
            remarks.push(format!("their amounts are in other currencies: `{}` in A, `{}` in B", a.currency, b.currency));
        }
        remarks
    }
}

fn before(snapshot: &Snapshot) -> Result<Snapshot> {
    publish::before(snapshot)?.ok_or_else(|| {
        let what = format!("there is no snapshot of the same job before {}", snapshot.manifest.name);
        Error::Usage(vec![Problem::new(PREVIOUS, what).help("`huitou history` lists them")])
    })
}

/// A name, a date or a folder. A word without a slash is a folder only where it is nothing else.
fn find(out: &Path, word: &str, argument: &str) -> Result<Snapshot> {
    let folder = Path::new(word);
    if word.contains('/') {
        return publish::in_folder(folder)?.ok_or_else(|| no_snapshot(word, argument));
    }
    let is_name = word == "latest" || parse_day(word).is_some() || publish::as_of_in_name(word).is_some();
    if !is_name && folder.is_dir() {
        return publish::in_folder(folder)?.ok_or_else(|| no_snapshot(word, argument));
    }
    named(out, word, argument)
}

fn no_snapshot(word: &str, argument: &str) -> Error {
    let what = format!("`{word}` is neither the folder of a snapshot nor an output folder with a latest one");
    Error::Usage(vec![Problem::new(argument, what)])
}
