//! The job file of imported data: written from the files in the folder, and written again by each import until somebody edits it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::options::What;
use super::order_lines;
use super::origin::{Imported, imported};
use super::report::JobFile;
use super::strategy_files;
use crate::disk::regular;
use crate::disk::replace::replace;
use crate::error::{Error, Result};
use crate::input::declared::columns::{AUDIENCES, CAMPAIGNS, INPUTS};
use crate::spec::period::iso;
use crate::spec::{Day, day_of_time};

/// How the first line begins. The digest of the rest of the file follows.
const MARK: &str = "# huitou import wrote this file; as written: ";

/// The name of the file.
const NAME: &str = "job.yaml";

/// The inputs in which sendings are remembered: files that no import wrote lie in their folders too.
const SENT: [&str; 2] = [CAMPAIGNS.name, AUDIENCES.name];

/// The default timezone of shops.
const ZONE: &str = "Asia/Shanghai";

/// What every job was called that an import wrote before jobs were named.
const UNNAMED: &str = "import";

/// Writes `job.yaml` for the imported files of a folder. `name` and `timezone` are what the user gave.
///
/// # Errors
/// [`Error::Output`] where it cannot be read or written.
pub fn write(to: &Path, name: Option<&str>, timezone: Option<&str>, today: Day) -> Result<JobFile> {
    let path = to.join(NAME);
    let found = match regular::check(&path).and_then(|()| fs::read_to_string(&path)) {
        Ok(found) => found,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(cause) => return Err(Error::system(&path, &cause)),
    };
    let earlier = found.lines().find_map(|line| line.strip_prefix("timezone: "));
    let name = name.map(str::to_owned).or_else(|| name_in(&found)).unwrap_or_else(|| name_of(to));
    let Some((text, strategies)) = text(to, &name, timezone.or(earlier).unwrap_or(ZONE), today)? else { return Ok(JobFile::NoOrders) };
    if !found.is_empty() && !is_unedited(&found) {
        return Ok(JobFile::Kept(path, text));
    }
    if let Some(has_items) = strategies {
        strategy_files::write(to, has_items)?;
    }
    replace(&path, format!("{MARK}{}\n{text}", digest(&text)).as_bytes())?;
    Ok(JobFile::Written(path))
}

/// The name of the job in a file that an import wrote; `None` where it has none of its own.
fn name_in(found: &str) -> Option<String> {
    let written = found.lines().find_map(|line| line.strip_prefix("job: "))?;
    let name = serde_json::from_str(written).unwrap_or_else(|_| written.to_owned());
    (name != UNNAMED).then_some(name)
}

/// The name of a folder, by which somebody with several shops tells their jobs apart.
fn name_of(to: &Path) -> String {
    let whole = to.canonicalize().unwrap_or_else(|_| to.to_owned());
    let name = whole.file_name().map(|name| name.to_string_lossy().trim().to_owned());
    name.filter(|name| !name.is_empty() && !name.chars().any(char::is_control)).unwrap_or_else(|| UNNAMED.to_owned())
}

/// Whether a job file was written by an import and not edited since, so that the next import writes it again.
pub fn is_written_by_import(job: &Path) -> bool {
    job.file_name().is_some_and(|name| name == NAME) && fs::read_to_string(job).is_ok_and(|found| is_unedited(&found))
}

/// Whether nobody has edited a job file since it was written.
fn is_unedited(found: &str) -> bool {
    found.split_once('\n').is_some_and(|(first, rest)| first.strip_prefix(MARK).is_some_and(|written| written.trim() == digest(rest)))
}

fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..8])
}

/// The job, and whether it names strategies about items, if it names strategies at all; `None` without orders.
fn text(to: &Path, name: &str, timezone: &str, today: Day) -> Result<Option<(String, Option<bool>)>> {
    let folders = INPUTS.iter().map(|input| input.name).chain(What::PRESETS.iter().map(|preset| preset.folder));
    let mut files: BTreeMap<&str, Vec<Imported>> = BTreeMap::new();
    for folder in folders {
        let found = imported(&to.join(folder))?;
        if !found.is_empty() {
            files.insert(folder, found);
        }
    }
    let orders: Vec<&Imported> = ["orders", "items"].iter().filter_map(|folder| files.get(folder)).flatten().collect();
    let path = if files.contains_key("items") { order_lines::FOLDER } else { "orders" };
    let Some(newest) = orders.iter().filter_map(|file| file.origin.newest_sale.or(file.origin.newest)).max() else { return Ok(None) };
    if path == order_lines::FOLDER && !order_lines::exists(to) {
        return Ok(None);
    }
    let mut text = format!(
        "# The next import writes it again, unless somebody has edited it: then the edits stay.
# docs/reference/job-file.md shows every key.
job: {}
timezone: {timezone}
# The day on which the newest order of the exports was placed or paid: later orders are not in them, although some of these were completed
# later. `yesterday` would count the days since then as days without orders.
as_of: {}
",
        quoted(name)?,
        iso(day_of_time(newest).min(today))
    );
    let shops: BTreeSet<&String> = files.values().flatten().flat_map(|file| &file.origin.shops).collect();
    if let (1, Some(shop)) = (shops.len(), shops.first()) {
        text += &format!("# The shop of rows that name none.\nshop: {}\n", quoted(shop)?);
    }
    text += "inputs:\n";
    text += &format!("  orders:\n    path: {path}\n");
    text += &statuses(&orders)?;
    for (folder, found) in files.iter().filter(|(folder, _)| !["orders", "items"].contains(folder)) {
        text += &format!("  {folder}:\n    path: {folder}\n");
        text += &statuses(&found.iter().collect::<Vec<_>>())?;
    }
    for folder in SENT.into_iter().filter(|folder| !files.contains_key(folder) && has_parquet(&to.join(folder))) {
        text += &format!("  {folder}:\n    path: {folder}\n");
    }
    // Lists are of customers: orders without buyers have none.
    let strategies = orders.iter().any(|file| !file.origin.buyers.is_empty()).then_some(path == order_lines::FOLDER);
    if let Some(has_items) = strategies {
        text += &strategy_files::lines(has_items);
    }
    text += "output:\n  path: out\n";
    Ok(Some((text, strategies)))
}

/// Whether a folder has a Parquet file that a run reads.
fn has_parquet(folder: &Path) -> bool {
    let is_read = |path: &Path| {
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        !is_hidden && path.extension().is_some_and(|extension| extension == "parquet")
    };
    fs::read_dir(folder).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| is_read(&entry.path()))))
}

/// The statuses that a run does not know without the job file.
fn statuses(files: &[&Imported]) -> Result<String> {
    let statuses: BTreeMap<&String, &String> = files.iter().flat_map(|file| &file.origin.statuses).collect();
    let mut text = String::new();
    for (position, (name, meaning)) in statuses.into_iter().enumerate() {
        if position == 0 {
            text += "    status:\n";
        }
        writeln!(text, "      {}: {meaning}", quoted(name)?).map_err(Error::bug)?;
    }
    Ok(text)
}

/// A text as a quoted YAML scalar, for which JSON's form is valid.
fn quoted(text: &str) -> Result<String> {
    serde_json::to_string(text).map_err(Error::bug)
}
