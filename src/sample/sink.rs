//! The files of one input, and which rows they get.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use rayon::prelude::*;

use super::calendar::DAY;
use super::event::Event;
use super::file::{GROUP, Rows, Sheet};
use super::options::Layout;
use super::scan::Window;
use super::summary::InputSummary;
use super::world::World;
use crate::error::Result;
use crate::spec::period::{Grain, civil, iso};

/// How an input is divided into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileDivision {
    /// One file.
    Whole,
    /// A file for every month.
    Months,
    /// A folder `dt=YYYY-MM-DD` for every day.
    Days,
}

impl FileDivision {
    /// How `layout` divides a large or a small input.
    pub fn of(layout: Layout, is_large: bool) -> Self {
        match (layout, is_large) {
            (Layout::Daily, _) => FileDivision::Days,
            (Layout::Files, true) => FileDivision::Months,
            (Layout::Files, false) => FileDivision::Whole,
        }
    }
}

/// Makes the bad rows of a window. They follow the good rows of a file, so that the positions of those do not change.
pub type BadRows<'a> = dyn Fn(Window) -> Result<RecordBatch> + Sync + 'a;

/// Takes the events of an input window by window and writes its files.
pub struct Sink<'a> {
    world: &'a World,
    folder: PathBuf,
    cut: FileDivision,
    schema: SchemaRef,
    rows: &'a Rows<'a>,
    bad_rows: &'a BadRows<'a>,
    open: Option<Open>,
    summary: InputSummary,
}

/// The current file, its days so far, and the events that do not yet fill a row group.
struct Open {
    sheet: Sheet,
    days: Window,
    pending: Vec<Event>,
}

impl<'a> Sink<'a> {
    /// The files of an input below `dir`.
    pub fn new(
        world: &'a World,
        dir: &Path,
        name: &'static str,
        cut: FileDivision,
        schema: SchemaRef,
        rows: &'a Rows<'a>,
        bad_rows: &'a BadRows<'a>,
    ) -> Self {
        let summary = InputSummary { name, ..InputSummary::default() };
        Sink { world, folder: dir.join(name), cut, schema, rows, bad_rows, open: None, summary }
    }

    /// Adds the events of a window. Windows must be added in the order of time.
    pub fn add(&mut self, window: Window, events: &[Event]) -> Result<()> {
        if self.cut == FileDivision::Days {
            return self.add_days(window, events);
        }
        let month = |day: usize| Grain::Month.index(self.world.calendar.first + day as i32);
        if let Some(open) = self.open.take_if(|open| self.cut == FileDivision::Months && month(open.days.from) != month(window.from)) {
            self.close(open)?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let sheet = Sheet::create(&self.path(window.from), SchemaRef::clone(&self.schema))?;
                self.open.insert(Open { sheet, days: window, pending: Vec::new() })
            }
        };
        open.days.until = window.until;
        open.pending.extend_from_slice(events);
        // Row groups end at the same events for any division into windows.
        let whole = open.pending.len() - open.pending.len() % GROUP;
        open.sheet.append(&open.pending[..whole], self.rows)?;
        open.pending.drain(..whole);
        Ok(())
    }

    fn add_days(&mut self, window: Window, events: &[Event]) -> Result<()> {
        let written: Vec<Result<Option<InputSummary>>> = (window.from..window.until)
            .into_par_iter()
            .map(|day| {
                let before = |second: u32| events.partition_point(|event| event.modified < second);
                let events = &events[before(day as u32 * DAY)..before((day as u32 + 1) * DAY)];
                let bad = (self.bad_rows)(Window { from: day, until: day + 1 })?;
                if events.is_empty() && bad.num_rows() == 0 {
                    return Ok(None);
                }
                let mut sheet = Sheet::create(&self.path(day), SchemaRef::clone(&self.schema))?;
                sheet.append(events, self.rows)?;
                Self::end(sheet, bad).map(Some)
            })
            .collect();
        for summary in written {
            if let Some(summary) = summary? {
                self.summary.add(&summary);
            }
        }
        Ok(())
    }

    fn close(&mut self, mut open: Open) -> Result<()> {
        open.sheet.append(&open.pending, self.rows)?;
        let bad = (self.bad_rows)(open.days)?;
        let summary = Self::end(open.sheet, bad)?;
        self.summary.add(&summary);
        Ok(())
    }

    fn end(mut sheet: Sheet, bad: RecordBatch) -> Result<InputSummary> {
        let bad_rows = bad.num_rows() as u64;
        sheet.append_batch(bad)?;
        let (rows, bytes) = sheet.finish()?;
        Ok(InputSummary { name: "", files: 1, rows, bytes, bad_rows })
    }

    fn path(&self, day: usize) -> PathBuf {
        let date = self.world.calendar.first + day as i32;
        let (year, month, _) = civil(date);
        let name = self.summary.name;
        match self.cut {
            FileDivision::Whole => self.folder.join(format!("{name}.parquet")),
            FileDivision::Months => self.folder.join(format!("{name}-{year:04}-{month:02}.parquet")),
            FileDivision::Days => self.folder.join(format!("dt={}", iso(date))).join("part-0000.parquet"),
        }
    }

    /// Completes the last file. An input without rows gets a file without rows.
    pub fn finish(mut self) -> Result<InputSummary> {
        if let Some(open) = self.open.take() {
            self.close(open)?;
        }
        if self.summary.files == 0 {
            let sheet = Sheet::create(&self.path(self.world.calendar.days - 1), SchemaRef::clone(&self.schema))?;
            let summary = Self::end(sheet, RecordBatch::new_empty(SchemaRef::clone(&self.schema)))?;
            self.summary.add(&summary);
        }
        Ok(self.summary)
    }
}
