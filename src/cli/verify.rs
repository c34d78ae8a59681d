//! `huitou verify`: compares every byte of a snapshot with its manifest.

use std::path::PathBuf;

use clap::Args;

use super::language::say;
use super::output_folder::output_folder;
use super::snapshot::snapshot;
use super::stdout::print;
use crate::error::{Error, Result};
use crate::publish;

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// The snapshot: its name, as `huitou history` lists it, its as-of date, or `latest`
    #[arg(value_name = "SNAPSHOT", default_value = "latest")]
    pub snapshot: String,
    /// The output folder
    #[arg(long, value_name = "DIR", default_value = "out", value_parser = output_folder)]
    pub out: PathBuf,
}

/// Reads the files of a snapshot and prints how many there are.
pub fn verify(options: &VerifyOptions) -> Result<()> {
    let snapshot = snapshot(&options.out, &options.snapshot)?;
    let name = &snapshot.manifest.name;
    let problems = publish::verify(&snapshot)?;
    if !problems.is_empty() {
        let help = "a disk or a person changed it after it was published: move away what was added; where a file changed, move the folder of the \
                    snapshot away and run the job again as of its date";
        return Err(Error::Input(problems.into_iter().map(|problem| problem.help(help)).collect()));
    }
    let parts = snapshot.manifest.tables.iter().flat_map(|table| &table.parts).map(|part| part.bytes);
    let sizes: Vec<u64> = parts.chain(snapshot.manifest.files.iter().map(|file| file.bytes)).collect();
    let text = format!(
        "{name}: {} files with {} bytes are what manifest.json says, and there are no others",
        sizes.len(),
        sizes.iter().sum::<u64>()
    );
    print(&format!("{}\n", say(&text)))
}
