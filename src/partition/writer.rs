//! The writer of one thread: chains blocks of bytes by partition, in regions of memory, and spills them when the budget is used up.

use std::sync::Arc;

use memmap2::{Advice, MmapMut};

use super::budget::Budget;
use super::spill::SpillFile;
use crate::error::{Error, Problem, Result};

/// Bytes of a block: one page, so that a partition with few records costs no more than that.
const BLOCK: usize = 4096;

/// The number that stands for no block.
const NONE: u32 = u32::MAX;

/// The block that a partition is filling.
#[derive(Debug, Clone, Copy)]
struct Tail {
    block: u32,
    length: u32,
}

/// A block that is full, or will be.
#[derive(Debug, Clone, Copy)]
struct Block {
    previous: u32,
    length: u32,
}

/// Distributes records. [`Writer::check`] reports errors of writing to the disk; single records do not.
#[derive(Debug)]
pub struct Writer {
    budget: Arc<Budget>,
    /// A region has two to the power of this many blocks.
    blocks_shift: u32,
    regions: Vec<MmapMut>,
    /// By number of the block.
    blocks: Vec<Block>,
    /// Blocks in use are those below.
    next: u32,
    /// By partition.
    tails: Vec<Tail>,
    file: Option<SpillFile>,
    fault: Option<Error>,
}

impl Writer {
    /// A writer to a number of partitions.
    pub fn new(partitions: usize, budget: Arc<Budget>) -> Self {
        // All tails begin as full, so that the first record of a partition requests a block.
        let tail = Tail { block: NONE, length: BLOCK as u32 };
        let blocks_shift = (budget.region() / BLOCK).max(1).ilog2();
        Writer {
            budget,
            blocks_shift,
            regions: Vec::new(),
            blocks: Vec::new(),
            next: 0,
            tails: vec![tail; partitions],
            file: None,
            fault: None,
        }
    }

    /// The number of partitions.
    pub fn partitions(&self) -> usize {
        self.tails.len()
    }

    /// Puts a record of at most `MOST` bytes into one block: `write` fills the bytes and returns their number.
    #[inline]
    pub fn put<const MOST: usize>(&mut self, partition: usize, write: impl FnOnce(&mut [u8; MOST]) -> usize) {
        const { assert!(MOST <= BLOCK) };
        let Some(mut tail) = self.tails.get(partition).copied() else { return };
        if tail.length as usize + MOST > BLOCK {
            let Some(new) = self.grow(partition) else { return };
            tail = new;
        }
        let Some(room) = self.room(tail).and_then(|room| room.first_chunk_mut()) else { return };
        let written = write(room);
        self.tails[partition].length = tail.length + written as u32;
    }

    /// Appends any number of bytes directly after the last record of the partition.
    pub fn append(&mut self, partition: usize, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let Some(mut tail) = self.tails.get(partition).copied() else { return };
            if tail.length as usize == BLOCK {
                let Some(new) = self.grow(partition) else { return };
                tail = new;
            }
            let Some(room) = self.room(tail) else { return };
            let fit = room.len().min(bytes.len());
            room[..fit].copy_from_slice(&bytes[..fit]);
            self.tails[partition].length = tail.length + fit as u32;
            bytes = &bytes[fit..];
        }
    }

    /// The region of a block, and its offset in the region.
    #[inline]
    fn place(&self, block: u32) -> (usize, usize) {
        (block as usize >> self.blocks_shift, (block as usize & ((1 << self.blocks_shift) - 1)) * BLOCK)
    }

    /// The free bytes of a block.
    #[inline]
    fn room(&mut self, tail: Tail) -> Option<&mut [u8]> {
        let (region, offset) = self.place(tail.block);
        self.regions.get_mut(region)?.get_mut(offset + tail.length as usize..offset + BLOCK)
    }

    /// A new block for a partition; `None` if neither memory nor disk is available.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, partition: usize) -> Option<Tail> {
        if self.fault.is_some() {
            return None;
        }
        if let Err(fault) = self.ensure_block() {
            self.fault = Some(fault);
            return None;
        }
        let old = self.tails.get_mut(partition)?;
        if let Some(block) = self.blocks.get_mut(old.block as usize) {
            block.length = old.length;
        }
        let block = Block { previous: old.block, length: 0 };
        match self.blocks.get_mut(self.next as usize) {
            Some(slot) => *slot = block,
            None => self.blocks.push(block),
        }
        *old = Tail { block: self.next, length: 0 };
        self.next += 1;
        Some(*old)
    }

    /// Ensures that a free block exists, by a new region or by spilling.
    fn ensure_block(&mut self) -> Result<()> {
        if (self.next as usize) < self.regions.len() << self.blocks_shift {
            return Ok(());
        }
        // Blocks are numbered by 32 bits: 16 TiB.
        if self.regions.len() < self.budget.least_regions() {
            self.budget.hold();
            return self.map_region().map_err(no_memory);
        }
        if self.budget.try_hold() {
            match self.map_region() {
                Ok(()) => return Ok(()),
                Err(_) => self.budget.release(1),
            }
        }
        self.spill()
    }

    fn map_region(&mut self) -> std::io::Result<()> {
        let region = MmapMut::map_anon(self.budget.region())?;
        // Errors are ignored: large pages only improve speed, and kernels without them refuse.
        #[cfg(target_os = "linux")]
        let _ = region.advise(Advice::HugePage);
        self.regions.push(region);
        Ok(())
    }

    /// Writes all blocks to the disk and starts again with free blocks.
    fn spill(&mut self) -> Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => SpillFile::create(self.budget.next_file())?,
        };
        let written = file.write(self.tails.len(), |partition, write| self.chain(partition).iter().try_for_each(|bytes| write(bytes)))?;
        self.file = Some(file);
        self.budget.note_spilled(written);
        self.tails.fill(Tail { block: NONE, length: BLOCK as u32 });
        self.next = 0;
        // Gives back regions that no longer fit because of later reservations.
        while self.regions.len() > self.budget.least_regions() && self.budget.left() == 0 {
            self.regions.pop();
            self.budget.release(1);
        }
        Ok(())
    }

    /// The bytes of a partition in memory, in the order in which they were put.
    fn chain(&self, partition: usize) -> Vec<&[u8]> {
        let mut chain = Vec::new();
        let Some(tail) = self.tails.get(partition) else { return chain };
        let (mut number, mut length) = (tail.block, tail.length as usize);
        while number != NONE {
            let (region, offset) = self.place(number);
            chain.extend(self.regions.get(region).and_then(|region| region.get(offset..offset + length)));
            number = self.blocks.get(number as usize).map_or(NONE, |block| block.previous);
            length = self.blocks.get(number as usize).map_or(0, |block| block.length as usize);
        }
        chain.reverse();
        chain
    }

    /// Checks that all records were stored.
    ///
    /// # Errors
    /// [`Error::Output`] where the disk is full or cannot be written to.
    pub fn check(&self) -> Result<()> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// Appends the bytes of a partition to `into`.
    pub(super) fn read(&self, partition: usize, into: &mut Vec<u8>) -> Result<()> {
        if let Some(file) = &self.file {
            file.read(partition, into)?;
        }
        for bytes in self.chain(partition) {
            into.extend_from_slice(bytes);
        }
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.budget.release(self.regions.len());
    }
}

fn no_memory(cause: std::io::Error) -> Error {
    let help = "free memory on this machine, or set a smaller --memory, so that the run uses the disk earlier";
    Error::Output(Problem::new("memory", format!("the system provides no more: {cause}")).help(help))
}
