//! Import: exports of seller centres to Parquet inputs, and a job that runs on them.
//!
//! Each file is read twice: the first reading finds its kind and what its amounts mean; the second one writes it, if no file has a
//! problem. Written files become visible together, when all of them are complete.

mod affiliate;
mod buyers;
mod compound_file;
mod convert;
mod encoding;
mod export_file;
mod file_report;
mod generic;
mod header;
mod job_file;
mod layout;
mod options;
mod order_line;
mod order_lines;
mod origin;
mod paid;
mod parquet_file;
mod parquet_rows;
mod parts;
mod preset;
mod privacy;
mod product;
mod redaction;
mod rejects;
mod repeats;
mod report;
mod row;
mod row_checks;
pub mod sent;
mod share;
mod sheet_records;
mod staging;
mod status;
mod strategy_files;
mod survey;
mod text_rows;
mod time;
mod value;
mod workbook;
mod workbook_parts;

use std::fs::{self, File, TryLockError};
use std::path::Path;

pub use generic::generic;
pub use options::{Options, PaidMeans, What};
pub use preset::input;
pub use privacy::{Pseudonyms, SHORTEST_SALT};
pub use report::{JobFile, Message, Report};

use buyers::Buyers;
use convert::Converter;
use origin::{Imported, KEY, imported};
use parquet_file::ParquetFile;
use rejects::Rejects;
use staging::Staging;
use survey::{Surveyed, survey};

use crate::error::{Error, Problem, Result};

/// Imports the files of an export.
///
/// # Errors
/// [`Error::Input`] with all problems of the files, in which case nothing is written; [`Error::Output`] where a file cannot be
/// written; [`Error::Busy`] where another import works on the folder.
pub fn import(options: &Options) -> Result<Report> {
    let is_new = !options.to.exists();
    let folder = lock_folder(&options.to).map_err(with_to_option)?;
    let report = import_locked(options).map_err(with_to_option);
    drop(folder);
    if report.is_err() || is_new {
        // Removes the folder if it is empty; the system refuses to remove one with files.
        let _ = fs::remove_dir(&options.to);
    }
    report
}

/// The same error with `--to`, the option of imports and exports for what they write, in place of `--out`.
pub fn with_to_option(error: Error) -> Error {
    match error {
        Error::Output(problem) => Error::Output(Problem { help: problem.help.replace("--out", "--to"), ..problem }),
        other => other,
    }
}

/// Creates a folder if it does not exist and locks it until the returned file is dropped.
fn lock_folder(to: &Path) -> Result<File> {
    fs::create_dir_all(to).map_err(|cause| Error::system(to, &cause))?;
    let folder = File::open(to).map_err(|cause| Error::system(to, &cause))?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => {
            let problem = Problem::new(to.display().to_string(), "another import works on this folder");
            Err(Error::Busy(problem.help("wait until it has ended")))
        }
        Err(TryLockError::Error(cause)) => Err(Error::system(to, &cause)),
    }
}

fn import_locked(options: &Options) -> Result<Report> {
    let mut report = Report::default();
    let folder = options.to.join(options.what.folder());
    let known = imported(&folder)?;
    let files = survey(options, &known, &mut report)?;
    let mut staging = Staging::default();
    let mut problems = Vec::new();
    for file in &files {
        write(options, file, &known, &mut staging, &mut report, &mut problems)?;
    }
    problems.extend(files.iter().filter_map(|file| file.source.unchanged().err()));
    if !problems.is_empty() {
        return Err(Error::Input(problems));
    }
    staging.commit()?;
    if options.what.is_orders() {
        order_lines::write(&options.to, &mut report)?;
    }
    report.job = job_file::write(&options.to, options.name.as_deref(), options.timezone.as_deref(), options.today)?;
    Ok(report)
}

/// Writes one file under a hidden name.
fn write(
    options: &Options,
    file: &Surveyed,
    known: &[Imported],
    staging: &mut Staging,
    report: &mut Report,
    problems: &mut Vec<Problem>,
) -> Result<()> {
    let folder = options.to.join(options.what.folder());
    let rejects_folder = options.to.join("rejects");
    let written = file.layout.written(&options.what);
    let columns: Vec<_> = written.iter().filter_map(|position| file.layout.columns.get(*position)).collect();
    let columns: Vec<_> = columns.iter().map(|column| (column.name.clone(), column.kind)).collect();
    let hidden = staging.path(&folder)?;
    let hidden_rejects = staging.path(&rejects_folder)?;
    let mut parquet = ParquetFile::create(&hidden, &columns)?;
    let mut rejects = Rejects::new(hidden_rejects.clone(), file.source.name());
    let mut converter = Converter::new(options, &file.source, &file.layout, file.origin.clone(), &file.shop, file.decision.means);
    let mut outcome = Ok(());
    let read = file.source.each_row(|row| {
        outcome = match converter.row(row) {
            Ok(values) => parquet.push(written.iter().filter_map(|position| values.get(*position))),
            Err(rejection) => rejects.push(rejection),
        };
        outcome.is_ok()
    });
    outcome?;
    let has_rejects = rejects.finish()?;
    let Converter { origin, restored, masked, without_buyer, parts, .. } = converter;
    let buyers = Buyers { missing: without_buyer, masked, rows: origin.rows };
    if let Err(problem) = read {
        problems.push(problem);
        return Ok(());
    }
    if origin.rejected * 2 > origin.rows {
        problems.push(mostly_unreadable(&file.source.path, &rejects));
        return Ok(());
    }
    report.file(options, file, &origin, &rejects, restored, buyers);
    report.parts(&file.source.path, &parts);
    let rejects_name = format!("{}-{}.csv", options.what.folder(), origin.label());
    parquet.finish(KEY, origin.json()?)?;
    if origin.rows > 0 {
        staging.show(&hidden, folder.join(origin.file_name()));
    }
    if has_rejects {
        staging.show(&hidden_rejects, rejects_folder.join(&rejects_name));
    }
    staging.remove(rejects_folder.join(rejects_name));
    for earlier in known.iter().filter(|earlier| earlier.origin.sha256 == origin.sha256) {
        staging.remove(earlier.path.clone());
    }
    Ok(())
}

/// The problem of a file most of whose rows cannot be read: it is probably of another kind.
fn mostly_unreadable(path: &Path, rejects: &Rejects) -> Problem {
    let first: Vec<String> = rejects.first.iter().map(Message::of_rejection).collect();
    let message = format!("more than half of its rows cannot be read: {} of them, as {}", rejects.rows, first.join("; "));
    Problem::new(path.display().to_string(), message).help("is it the export that the preset means? nothing was imported")
}
