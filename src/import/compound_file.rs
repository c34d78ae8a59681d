//! The container of XLS files, judged before it is read: the library that reads them follows its chains of sectors wherever they lead.
//!
//! Source: Microsoft, \[MS-CFB\]: Compound File Binary File Format, 2.2 (header), 2.3 (FAT), 2.4 (mini FAT), 2.5 (DIFAT), 2.6 (directory).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Sector numbers from this one on are none: ends of chains, free sectors, and those of the tables themselves.
const NO_SECTOR: u32 = 0xFFFF_FFFA;
/// Numbers of FAT sectors in the header.
const IN_HEADER: usize = 109;

/// Streams that are shorter than this lie in the small sectors of another stream.
const SHORT: u64 = 4096;
/// The size of a small sector.
const SMALL: usize = 64;

/// A compound file whose chains end.
pub(super) struct CompoundFile {
    file: File,
    /// Bytes of a sector.
    size: u64,
    length: u64,
    header: Vec<u32>,
    /// The sector after each one.
    successors: Vec<u32>,
}

impl CompoundFile {
    /// Opens a compound file and checks that each of its chains of sectors ends.
    ///
    /// # Errors
    /// The cause, where one does not, or the file cannot be read.
    pub fn open(path: &Path) -> Result<CompoundFile, String> {
        let file = File::open(path).map_err(|cause| cause.to_string())?;
        let length = file.metadata().map_err(|cause| cause.to_string())?.len();
        let mut header = [0; 512];
        file.read_exact_at(&mut header, 0).map_err(|_| "it is cut off".to_owned())?;
        let size = match u16::from_le_bytes([header[30], header[31]]) {
            9 => 512,
            12 => 4096,
            _ => return Err("its sectors have a size that no such file has".to_owned()),
        };
        let mut opened = CompoundFile { file, size, length, header: numbers(&header), successors: Vec::new() };
        opened.successors = opened.table()?;
        ends(&opened.successors)?;
        Ok(opened)
    }

    /// The table of successors, whose own sectors the header and further sectors list.
    fn table(&self) -> Result<Vec<u32>, String> {
        let mut of_table: Vec<u32> = self.header.iter().skip(19).take(IN_HEADER).copied().filter(|number| *number < NO_SECTOR).collect();
        let mut next = self.number(17);
        let mut seen = vec![false; usize::try_from(self.length / self.size).map_err(|_| "it is too large".to_owned())?];
        while next < NO_SECTOR {
            visit(&mut seen, next)?;
            let mut listed = numbers(&self.sector(next)?);
            next = listed.pop().unwrap_or(NO_SECTOR);
            of_table.extend(listed.into_iter().filter(|number| *number < NO_SECTOR));
        }
        let mut successors = Vec::new();
        for number in of_table {
            visit(&mut seen, number)?;
            successors.extend(numbers(&self.sector(number)?));
        }
        Ok(successors)
    }

    /// A number of the header, by its place among those of four bytes.
    fn number(&self, place: usize) -> u32 {
        self.header.get(place).copied().unwrap_or(NO_SECTOR)
    }

    /// The bytes of a sector; those behind the end of the file are missing.
    fn sector(&self, number: u32) -> Result<Vec<u8>, String> {
        let at = (u64::from(number) + 1) * self.size;
        if at >= self.length {
            return Err(format!("sector {number} lies after its end"));
        }
        let mut bytes = vec![0; self.length.saturating_sub(at).min(self.size) as usize];
        self.file.read_exact_at(&mut bytes, at).map_err(|cause| cause.to_string())?;
        Ok(bytes)
    }

    /// The bytes of the chain that begins with a sector.
    fn chain(&self, start: u32) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut next = start;
        while next < NO_SECTOR {
            bytes.extend(self.sector(next)?);
            next = self.successors.get(next as usize).copied().unwrap_or(NO_SECTOR);
        }
        Ok(bytes)
    }

    /// The bytes of the first stream with one of these names, in any letters; `None` if there is none.
    ///
    /// # Errors
    /// The cause, where it cannot be read.
    pub fn stream(&self, names: &[&str]) -> Result<Option<Vec<u8>>, String> {
        let directory = self.chain(self.number(12))?;
        let mut entries = directory.chunks_exact(128).map(Entry::of);
        let Some(root) = entries.next() else { return Ok(None) };
        let Some(found) = entries.find(|entry| names.iter().any(|name| entry.name.eq_ignore_ascii_case(name))) else { return Ok(None) };
        if found.length >= SHORT {
            let mut bytes = self.chain(found.start)?;
            bytes.truncate(usize::try_from(found.length).unwrap_or(usize::MAX));
            return Ok(Some(bytes));
        }
        let (holder, table) = (self.chain(root.start)?, numbers(&self.chain(self.number(15))?));
        ends(&table)?;
        let mut bytes = Vec::new();
        let mut next = found.start;
        while next < NO_SECTOR && (bytes.len() as u64) < found.length {
            let at = next as usize * SMALL;
            bytes.extend(holder.get(at..(at + SMALL).min(holder.len())).unwrap_or_default());
            next = table.get(next as usize).copied().unwrap_or(NO_SECTOR);
        }
        Ok(Some(bytes))
    }
}

/// An entry of the directory.
struct Entry {
    name: String,
    start: u32,
    length: u64,
}

impl Entry {
    fn of(bytes: &[u8]) -> Entry {
        let letters: Vec<u16> =
            bytes[..64].chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).take_while(|letter| *letter != 0).collect();
        let number = |at: usize| numbers(&bytes[at..at + 4]).first().copied().unwrap_or(0);
        Entry { name: String::from_utf16_lossy(&letters), start: number(116), length: number(120).into() }
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

/// Marks a sector of the tables, of which there is each one once.
fn visit(seen: &mut [bool], number: u32) -> Result<(), String> {
    match seen.get_mut(number as usize) {
        Some(seen) if !*seen => *seen = true,
        _ => return Err(format!("its list of sectors names sector {number} twice, or beyond its end")),
    }
    Ok(())
}

/// Whether the chain from each sector ends. Chains may meet, which makes a file odd and not endless.
fn ends(successors: &[u32]) -> Result<(), String> {
    // 0: not looked at; otherwise the number of the chain that came here first.
    let mut came = vec![0_usize; successors.len()];
    for start in 0..successors.len() {
        let mut at = start;
        while let Some(mark @ 0) = came.get_mut(at) {
            *mark = start + 1;
            at = successors.get(at).map_or(usize::MAX, |next| *next as usize);
        }
        if came.get(at) == Some(&(start + 1)) {
            return Err(format!("its chain of sectors leads back to sector {at}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u32 = 0xFFFF_FFFE;

    #[test]
    fn chains_that_end_and_chains_that_do_not() {
        assert_eq!(ends(&[1, 2, END, 2, u32::MAX]), Ok(()));
        assert_eq!(ends(&[9, END]), Ok(()), "behind the end, which reading finds");
        for circle in [&[0][..], &[1, 0], &[END, 2, 3, 1], &[3, END, 0, 2]] {
            assert!(ends(circle).is_err(), "{circle:?}");
        }
    }

    #[test]
    fn a_zeroed_sector_of_the_table_is_found() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.xls");
        let mut bytes = vec![0; 512 * 4];
        bytes[30] = 9;
        bytes[68..72].copy_from_slice(&END.to_le_bytes());
        for slot in 0..IN_HEADER {
            bytes[76 + 4 * slot..80 + 4 * slot].copy_from_slice(&u32::MAX.to_le_bytes());
        }
        bytes[76..80].copy_from_slice(&0_u32.to_le_bytes());
        let mut write = |fat: [u32; 3]| {
            for slot in 0..128 {
                let number = fat.get(slot).copied().unwrap_or(u32::MAX);
                bytes[512 + 4 * slot..516 + 4 * slot].copy_from_slice(&number.to_le_bytes());
            }
            std::fs::write(&path, &bytes).unwrap();
            CompoundFile::open(&path).map(|_| ())
        };
        assert_eq!(write([0xFFFF_FFFD, 2, END]), Ok(()));
        assert!(write([0, 0, 0]).unwrap_err().contains("leads back to sector 0"));
        std::fs::write(&path, [0; 100]).unwrap();
        assert!(CompoundFile::open(&path).is_err());
    }
}
