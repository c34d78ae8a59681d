//! A spill file: rounds of all partitions, written one after the other and read back by partition.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use crate::disk::unfinished;
use crate::error::{Error, Result};

/// Bytes that are buffered before they are written: large enough for a hard disk.
const BUFFER: usize = 1 << 20;

/// A file to which a writer moves all its records when its memory is full.
#[derive(Debug)]
pub(super) struct SpillFile {
    path: PathBuf,
    file: File,
    /// For each round, where each partition begins and the last one ends.
    rounds: Vec<Vec<u64>>,
}

impl SpillFile {
    /// Creates the file and its folder.
    pub fn create(path: PathBuf) -> Result<Self> {
        if let Some(folder) = path.parent() {
            unfinished::create(|| fs::create_dir_all(folder)).map_err(|cause| Error::system(folder, &cause))?;
        }
        let file = unfinished::create(|| File::options().read(true).write(true).create_new(true).open(&path));
        let file = file.map_err(|cause| Error::system(&path, &cause))?;
        Ok(SpillFile { path, file, rounds: Vec::new() })
    }

    /// Writes a round: `each` writes the partition with a number. Returns the number of bytes.
    pub fn write(
        &mut self,
        partitions: usize,
        mut each: impl FnMut(usize, &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>,
    ) -> Result<u64> {
        let start = self.rounds.last().and_then(|round| round.last()).copied().unwrap_or(0);
        let mut offsets = Vec::with_capacity(partitions + 1);
        let mut at = start;
        let path = &self.path;
        let mut writer = BufWriter::with_capacity(BUFFER, &self.file);
        for partition in 0..partitions {
            offsets.push(at);
            each(partition, &mut |bytes| {
                at += bytes.len() as u64;
                fault(path)?;
                writer.write_all(bytes).map_err(|cause| Error::system(path, &cause))
            })?;
        }
        offsets.push(at);
        writer.flush().map_err(|cause| Error::system(path, &cause))?;
        drop(writer);
        self.rounds.push(offsets);
        Ok(at - start)
    }

    /// Appends the bytes of a partition to `into`.
    pub fn read(&self, partition: usize, into: &mut Vec<u8>) -> Result<()> {
        for round in &self.rounds {
            let (Some(from), Some(until)) = (round.get(partition), round.get(partition + 1)) else { continue };
            let filled = into.len();
            into.resize(filled + (until - from) as usize, 0);
            self.file.read_exact_at(&mut into[filled..], *from).map_err(|cause| Error::system(&self.path, &cause))?;
        }
        Ok(())
    }
}

/// The failpoint with which tests simulate a full disk. Does nothing in ordinary builds.
#[allow(unused_variables)]
fn fault(path: &std::path::Path) -> Result<()> {
    #[cfg(feature = "failpoints")]
    fail::fail_point!("partition::spill", |action: Option<String>| match action.as_deref() {
        Some("abort") => std::process::abort(),
        _ => Err(Error::system(path, &std::io::Error::from(std::io::ErrorKind::StorageFull))),
    });
    Ok(())
}
