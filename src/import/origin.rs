//! The origin of an imported file, kept in its footer for later imports and for the job file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The key in the footers of imported files.
pub const KEY: &str = "huitou.import";
/// Letters that the name of an imported file keeps of the name of its export.
const LONGEST_STEM: usize = 60;
/// Shops that a footer lists at most.
const MOST_SHOPS: usize = 1_000;

/// Where an imported file came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The preset.
    pub preset: String,
    /// The name of the export, without its folders.
    pub file: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Its position among the files of its folder: of two versions of a row the one of the later file counts.
    pub sequence: u32,
    /// Rows below the header.
    pub rows: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// The earliest time in it, local, in microseconds.
    pub oldest: Option<i64>,
    /// The latest time in it, local, in microseconds.
    pub newest: Option<i64>,
    /// The latest time at which an order of it was placed or paid, local, in microseconds. Files that were imported before it was noted have none.
    #[serde(default)]
    pub newest_sale: Option<i64>,
    /// Its shops, ascending.
    pub shops: Vec<String>,
    /// Statuses that a run does not know without the job file, and what they mean.
    pub statuses: BTreeMap<String, String>,
    /// How buyers are named: empty without buyers, `named`, or `pseudonyms` with a check value of their salt.
    pub buyers: String,
    /// Whether its orders have no order numbers, so that rows are numbered.
    pub is_numbered: bool,
}

impl Origin {
    /// The text for the footer.
    ///
    /// # Errors
    /// [`Error::Bug`]: numbers and texts can always be written.
    pub fn json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::bug)
    }

    /// Adds a shop.
    pub fn note_shop(&mut self, shop: &str) {
        if let Err(position) = self.shops.binary_search_by(|known| known.as_str().cmp(shop))
            && self.shops.len() < MOST_SHOPS
        {
            self.shops.insert(position, shop.to_owned());
        }
    }

    /// Extends the range of times.
    pub fn note_time(&mut self, time: i64) {
        self.oldest = Some(self.oldest.map_or(time, |oldest| oldest.min(time)));
        self.newest = Some(self.newest.map_or(time, |newest| newest.max(time)));
    }

    /// Notes when an order was placed or paid.
    pub fn note_sale(&mut self, time: i64) {
        self.newest_sale = self.newest_sale.max(Some(time));
    }

    /// Its part of file names: the name of the export and eight digits of the SHA-256.
    pub fn label(&self) -> String {
        let stem = Path::new(&self.file).file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
        let kept = stem.chars().map(|letter| if letter.is_alphanumeric() || letter == '_' { letter } else { '-' }).take(LONGEST_STEM);
        format!("{}-{}", kept.collect::<String>(), self.sha256.get(..8).unwrap_or_default())
    }

    /// The name of its Parquet file. Of versions without a time, a run takes the one of the file whose name sorts last.
    pub fn file_name(&self) -> String {
        format!("{:04}-{}.parquet", self.sequence, self.label())
    }
}

/// An imported file.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Where it is.
    pub path: PathBuf,
    /// Where it came from.
    pub origin: Origin,
}

/// The imported files of a folder, in the order of their names; none if the folder does not exist. Other files are ignored.
///
/// # Errors
/// [`Error::Output`] where the folder cannot be read.
pub fn imported(folder: &Path) -> Result<Vec<Imported>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(cause) => return Err(Error::system(folder, &cause)),
    };
    for entry in entries {
        let path = entry.map_err(|cause| Error::system(folder, &cause))?.path();
        let is_parquet = path.extension().is_some_and(|extension| extension == "parquet");
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if is_parquet
            && !is_hidden
            && let Some(origin) = origin(&path)
        {
            found.push(Imported { path, origin });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn origin(path: &Path) -> Option<Origin> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    let metadata = reader.metadata().file_metadata().key_value_metadata()?;
    let text = metadata.iter().find(|pair| pair.key == KEY)?.value.as_deref()?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stand_in_their_sequence() {
        let origin = |sequence, file: &str| {
            let sha256 = "0123456789abcdef".to_owned();
            Origin { sequence, file: file.to_owned(), sha256, ..Origin::default() }.file_name()
        };
        assert_eq!(origin(1, "订单 (2).csv"), "0001-订单--2--01234567.parquet");
        assert!(origin(9, "z") < origin(10, "a"));
    }

    #[test]
    fn shops_are_listed_once() {
        let mut origin = Origin::default();
        ["b", "a", "b"].into_iter().for_each(|shop| origin.note_shop(shop));
        assert_eq!(origin.shops, ["a", "b"]);
    }
}
