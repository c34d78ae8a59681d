//! Faults of single cells, recorded while a column is converted and used when the row is checked.

/// A cell that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The row within the batch.
    pub row: usize,
    /// The standard name of the column.
    pub column: &'static str,
    /// What was found.
    pub detail: String,
}

/// The faults of a batch.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Records that a cell could not be read.
    pub fn note(&mut self, row: usize, column: &'static str, detail: impl FnOnce() -> String) {
        self.0.push(Fault { row, column, detail: detail() });
    }

    /// Takes out the faults of some columns, by row: each cell once.
    pub fn of_columns(&mut self, columns: &[&str]) -> Vec<Fault> {
        let (mut taken, others): (Vec<Fault>, Vec<Fault>) =
            std::mem::take(&mut self.0).into_iter().partition(|fault| columns.contains(&fault.column));
        self.0 = others;
        taken.sort_by_key(|fault| (fault.row, fault.column));
        taken.dedup_by_key(|fault| (fault.row, fault.column));
        taken
    }

    /// The faults by row, at most one for each: the one recorded first.
    pub fn by_row(mut self) -> Vec<Fault> {
        self.0.sort_by_key(|fault| fault.row);
        self.0.dedup_by_key(|fault| fault.row);
        self.0
    }
}
