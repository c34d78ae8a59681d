//! A spill file: whole rounds of partitions written one after the other, read back a partition at a time.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use crate::error::{Error, Result};

/// Bytes gathered before they are written: large enough that a disk with moving parts would not mind.
const BUFFER: usize = 1 << 20;

/// A file that takes all that a writer holds, whenever its memory is full.
#[derive(Debug)]
pub(super) struct SpillFile {
    path: PathBuf,
    file: File,
    /// Of each round, where each partition begins, and where the last one ends.
    rounds: Vec<Vec<u64>>,
}

impl SpillFile {
    /// Creates the file and the folder that it lies in.
    pub fn create(path: PathBuf) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|cause| Error::system(folder, &cause))?;
        }
        let file = File::options().read(true).write(true).create_new(true).open(&path).map_err(|cause| Error::system(&path, &cause))?;
        Ok(SpillFile { path, file, rounds: Vec::new() })
    }

    /// Writes a round: `each` writes the partition of that number. Returns how many bytes it took.
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

    /// Appends what the file has of a partition.
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

/// Passes the point at which the tests fill the disk. Nothing in ordinary builds.
#[allow(unused_variables)]
fn fault(path: &std::path::Path) -> Result<()> {
    #[cfg(feature = "failpoints")]
    fail::fail_point!("partition::spill", |action: Option<String>| match action.as_deref() {
        Some("abort") => std::process::abort(),
        _ => Err(Error::system(path, &std::io::Error::from(std::io::ErrorKind::StorageFull))),
    });
    Ok(())
}
