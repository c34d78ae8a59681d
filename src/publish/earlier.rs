//! The audience lists of earlier snapshots, whose customers tonight's lists leave out: the only result tables that a run reads.

use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};

use super::layout::{MANIFEST, SNAPSHOTS, as_of_in_name};
use super::manifest::{Manifest, TableEntry};
use crate::disk::durable::entries;
use crate::disk::regular;
use crate::error::{Error, Problem, Result};
use crate::job::strategy::{EXCLUDED, TABLE_PREFIX};
use crate::spec::Day;
use crate::spec::period::iso;

/// A list of an earlier snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierList {
    /// The folder of the snapshot.
    folder: PathBuf,
    /// Its as-of date.
    pub as_of: Day,
    /// The list's table.
    table: TableEntry,
}

/// The lists of the snapshots below `out` with as-of dates from `first` on and before `before`, by date, snapshot and name. All
/// snapshots of a date count, because it is not known after which of them customers were contacted; those of experiments do not, since
/// nobody sends to lists of an experiment.
///
/// # Errors
/// [`Error::Input`] with every damaged snapshot of these days: customers on its lists could otherwise be contacted again.
pub fn earlier_lists(out: &Path, first: Day, before: Day) -> Result<Vec<EarlierList>> {
    let (mut lists, mut problems) = (Vec::new(), Vec::new());
    for folder in entries(&out.join(SNAPSHOTS))? {
        // The name of a snapshot begins with the as-of date; folders of others are skipped.
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(as_of) = as_of_in_name(&name).filter(|day| (first..before).contains(day) && folder.is_dir()) else { continue };
        // The manifest only: damage of other tables of the snapshot does not matter here.
        let file = folder.join(MANIFEST);
        match Manifest::read(&file) {
            Ok(manifest) if manifest.experiment => {}
            Ok(manifest) => lists.extend(manifest.tables.into_iter().filter(is_list).map(|table| {
                let folder = folder.clone();
                EarlierList { folder, as_of, table }
            })),
            Err(cause) => problems.push(damaged(&file, as_of, &cause)),
        }
    }
    if problems.is_empty() { Ok(lists) } else { Err(Error::Input(problems)) }
}

pub(super) fn is_list(table: &TableEntry) -> bool {
    table.name.strip_prefix(TABLE_PREFIX).is_some_and(|name| name != EXCLUDED)
}

fn damaged(file: &Path, as_of: Day, cause: &str) -> Problem {
    let day = iso(as_of);
    let what = format!("{cause}, so nobody knows who was on the lists of {day}, and tonight's could reach them again");
    Problem::new(file.display().to_string(), what).help(format!(
        "remove the folder of that snapshot and run the job with --as-of {day}, which makes the same lists again; if they were never \
         used, removing it is enough; --set \"strategies=[]\" --publish runs without lists"
    ))
}

impl EarlierList {
    /// The name of the table.
    pub fn name(&self) -> &str {
        &self.table.name
    }

    /// What identifies its contents: date, name and the SHA-256 of its parts.
    pub fn identity(&self) -> String {
        let parts: Vec<&str> = self.table.parts.iter().map(|part| part.sha256.as_str()).collect();
        format!("{}\0{}\0{}", iso(self.as_of), self.table.name, parts.join("\0"))
    }

    /// Shop and customer of its rows.
    ///
    /// # Errors
    /// [`Error::Input`] where a part is not what its manifest says.
    pub fn read(&self) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        for part in &self.table.parts {
            let path = self.folder.join(&part.file);
            let wrong = |cause: &str| Error::Input(vec![damaged(&path, self.as_of, cause)]);
            let bytes = regular::check(&path).and_then(|()| std::fs::read(&path)).map_err(|cause| wrong(&cause.to_string()))?;
            if hex::encode(Sha256::digest(&bytes)) != part.sha256 {
                return Err(wrong("its SHA-256 is not that of the manifest"));
            }
            let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).and_then(ParquetRecordBatchReaderBuilder::build);
            for batch in reader.map_err(|cause| wrong(&cause.to_string()))? {
                let batch = batch.map_err(|cause| wrong(&cause.to_string()))?;
                let [shop, customer] = ["shop_id", "customer_id"].map(|name| batch.schema().index_of(name));
                let (Ok(shop), Ok(customer)) = (shop, customer) else { return Err(wrong("it has no shop_id and customer_id")) };
                batches.push(batch.project(&[shop, customer])?);
            }
        }
        Ok(batches)
    }
}
