//! The columns of a file that distinguish rows of one key: a job that maps or filters by them makes the rows what they are.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hash, Hasher};

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use foldhash::fast::FixedState;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection, RowSelector};

use super::batch::guarded;
use crate::error::listed;
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};
use crate::input::parquet_files::reopen::reopened;

/// A column that distinguishes rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distinguishing {
    /// Its name in the file.
    pub name: String,
    /// Its values in these rows, each once, in the order of the rows.
    pub values: Vec<String>,
    /// Whether the values are numbers.
    is_number: bool,
    /// Whether it is the time of the key: the rows are parts of its day or month.
    pub is_time: bool,
}

impl Distinguishing {
    /// A value as a literal of an expression.
    pub fn literal(&self, value: &str) -> String {
        if self.is_number { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
    }
}

/// Columns that a message names together, at most.
const TOGETHER: usize = 4;

/// The columns of a file that distinguish the rows of each group (see [`choose`]); none where the file cannot be read again. Columns of
/// the input do not, except its `times`, by position: of a key they have the day or the month only.
pub(in crate::input) fn distinguishing_columns(file: &OpenFile, times: &[usize], groups: &[Vec<u64>]) -> Vec<Distinguishing> {
    let mut rows: Vec<u64> = groups.iter().flatten().copied().collect();
    rows.sort_unstable();
    rows.dedup();
    let schema = file.metadata.schema();
    let named = |position: usize| Some((schema.fields().get(position)?.name().clone(), read(file, position, &rows)?));
    let columns: Vec<(String, ArrayRef)> = others(file, times).into_iter().filter_map(named).collect();
    let groups: Vec<Vec<usize>> =
        groups.iter().map(|group| group.iter().filter_map(|row| rows.binary_search(row).ok()).collect()).collect();
    let is_time = |name: &str| {
        let position = file.metadata.schema().index_of(name).ok();
        position.is_some_and(|position| is_one_of(file, times, position))
    };
    let candidates = columns.into_iter().filter_map(|(name, array)| {
        let kind = match array.data_type().is_numeric() {
            _ if is_time(&name) => Cells::Times,
            true => Cells::Numbers,
            false => Cells::Texts,
        };
        Some(Candidate { name, kind, cells: shown(&array)? })
    });
    choose(candidates.collect(), &groups)
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cells {
    /// Texts and others: kinds of rows, as a rule.
    Texts,
    /// Numbers: figures, as a rule.
    Numbers,
    /// The time of the key.
    Times,
}

/// A column that may distinguish rows.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its name in the file.
    pub name: String,
    /// What its cells are.
    pub kind: Cells,
    /// By row: its cells as text.
    pub cells: Vec<String>,
}

/// Chooses the columns that distinguish the rows of each group: one where one does, else the fewest that do it together; none where none
/// does. Texts of few values come first.
pub fn choose(mut candidates: Vec<Candidate>, groups: &[Vec<usize>]) -> Vec<Distinguishing> {
    let distinct = |candidate: &Candidate| candidate.cells.iter().collect::<BTreeSet<_>>().len();
    candidates.sort_by_cached_key(|candidate| (candidate.kind, distinct(candidate)));
    // How many rows of the groups differ from the first of theirs, and from each other, by these cells.
    let distinguished = |chosen: &[usize]| -> usize {
        let cells = |row: usize| chosen.iter().filter_map(|at| candidates.get(*at)?.cells.get(row)).collect::<Vec<_>>();
        groups.iter().map(|group| group.iter().map(|row| cells(*row)).collect::<BTreeSet<_>>().len().saturating_sub(1)).sum()
    };
    let all: usize = groups.iter().map(|group| group.len().saturating_sub(1)).sum();
    let (mut chosen, mut best) = (Vec::new(), 0);
    while best < all && chosen.len() < TOGETHER {
        let with = |at: usize| distinguished(&[chosen.as_slice(), &[at]].concat());
        // The first of equals, which is the one of few values.
        let next = (0..candidates.len()).map(|at| (at, with(at))).max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at)));
        let Some((next, count)) = next.filter(|(_, count)| *count > best) else { break };
        best = count;
        chosen.push(next);
    }
    if best < all {
        return Vec::new();
    }
    let column = |candidate: &Candidate| {
        let mut seen = BTreeSet::new();
        let values = candidate.cells.iter().filter(|cell| seen.insert(cell.as_str())).cloned().collect();
        Distinguishing {
            name: candidate.name.clone(),
            values,
            is_number: candidate.kind == Cells::Numbers,
            is_time: candidate.kind == Cells::Times,
        }
    };
    chosen.into_iter().filter_map(|at| candidates.get(at)).map(column).collect()
}

/// What a message says of the columns that were chosen.
fn described(columns: &[Distinguishing]) -> String {
    match columns {
        [] => "no other column distinguishes them".to_owned(),
        [only] => format!("the column `{}` distinguishes them: {}", only.name, listed(only.values.iter().cloned(), SHOWN_VALUES)),
        several => {
            let names: Vec<String> = several.iter().map(|column| format!("`{}`", column.name)).collect();
            format!("the columns {} together distinguish them", names.join(", "))
        }
    }
}

/// What a message says of rows of one key that differ: of so many keys, of which `rows` are those of the first, where one row is expected for each
/// value of `key`.
pub fn several_rows(keys: u64, key: &str, rows: &[u64], columns: &[Distinguishing]) -> String {
    let of_keys = if keys == 1 { "one key has".to_owned() } else { format!("{keys} keys have") };
    let rows = listed(rows.iter().map(u64::to_string), SHOWN_VALUES);
    let columns = described(columns);
    format!("{of_keys} several rows that differ, where one is expected for each {key}: rows {rows} are of one key; {columns}")
}

/// Values of a column that a message shows, at most.
pub const SHOWN_VALUES: usize = 6;

/// Whether a column of a file is one of these columns of its input.
fn is_one_of(file: &OpenFile, columns: &[usize], position: usize) -> bool {
    columns.iter().any(|column| file.sources.get(*column) == Some(&ColumnSource::Column(position)))
}

/// The positions of the columns of a file that are no columns of the input, and of its `times`.
fn others(file: &OpenFile, times: &[usize]) -> Vec<usize> {
    let is_mapped = |position: usize| file.sources.contains(&ColumnSource::Column(position)) && !is_one_of(file, times, position);
    (0..file.metadata.schema().fields().len()).filter(|position| !is_mapped(*position)).collect()
}

/// These rows of a column, which are ascending; `None` where it cannot be read, such as an encrypted one.
fn read(file: &OpenFile, column: usize, rows: &[u64]) -> Option<ArrayRef> {
    let mut selectors = Vec::new();
    let mut next = 0;
    for row in rows {
        selectors.extend([RowSelector::skip((row - next) as usize), RowSelector::select(1)]);
        next = row + 1;
    }
    selectors.push(RowSelector::skip(file.rows().saturating_sub(next) as usize));
    let batches = guarded(|| {
        let mask = ProjectionMask::roots(file.metadata.parquet_schema(), [column]);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(reopened(file).ok()?, file.metadata.clone())
            .with_projection(mask)
            .with_row_selection(RowSelection::from(selectors))
            .build()
            .ok()?;
        reader.collect::<Result<Vec<_>, _>>().ok()
    });
    let batches = batches.ok().flatten()?;
    let parts: Vec<&dyn Array> = batches.iter().filter_map(|batch| batch.columns().first()).map(|array| array.as_ref()).collect();
    concat(&parts).ok()
}

/// Of groups of rows that are equal in the columns of the input, those whose rows differ in another column of the file, or in a time of the
/// key, of which the key has the day or the month only.
pub(in crate::input) fn whole_rows(file: &OpenFile, times: &[usize], groups: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
    let mut rows: Vec<u64> = groups.iter().flatten().copied().collect();
    rows.sort_unstable();
    rows.dedup();
    let mut hashers = vec![FixedState::default().build_hasher(); rows.len()];
    for column in others(file, times) {
        let Some(array) = read(file, column, &rows).filter(|array| array.len() == rows.len()) else { continue };
        let Ok(cells) = guarded(|| cells(&array)) else { continue };
        for (row, cell) in cells.iter().enumerate() {
            if let Some(hasher) = hashers.get_mut(row) {
                cell.hash(hasher);
            }
        }
    }
    let hashes: Vec<u64> = hashers.iter().map(Hasher::finish).collect();
    let hash = |row: &u64| rows.binary_search(row).ok().and_then(|at| hashes.get(at));
    groups.into_iter().filter(|group| group.iter().any(|row| hash(row) != group.first().and_then(hash))).collect()
}

/// The cells of a column of any type as text, null apart from a text; empty for a type without one.
fn cells(array: &ArrayRef) -> Vec<Option<String>> {
    let options = FormatOptions::default();
    let Ok(formatter) = ArrayFormatter::try_new(array.as_ref(), &options) else { return Vec::new() };
    (0..array.len()).map(|row| array.is_valid(row).then(|| formatter.value(row).try_to_string().unwrap_or_default())).collect()
}

/// The cells of a column as text; `None` for a column of lists or records, which no job can filter by.
fn shown(array: &ArrayRef) -> Option<Vec<String>> {
    if array.data_type().is_nested() || matches!(array.data_type(), DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_))
    {
        return None;
    }
    let options = FormatOptions::default().with_null("null");
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).ok()?;
    (0..array.len()).map(|row| formatter.value(row).try_to_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, kind: Cells, cells: &[&str]) -> Candidate {
        Candidate { name: name.to_owned(), kind, cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    fn names(columns: &[Distinguishing]) -> Vec<&str> {
        columns.iter().map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn the_kind_of_a_row_tells_rather_than_its_figures() {
        let columns = vec![
            candidate("停留", Cells::Numbers, &["1.5", "2.5", "1.0", "3.0"]),
            candidate("备注", Cells::Texts, &["a", "b", "c", "d"]),
            candidate("终端", Cells::Texts, &["PC端", "无线端", "PC端", "无线端"]),
            candidate("店名", Cells::Texts, &["一店", "一店", "一店", "一店"]),
        ];
        let chosen = choose(columns, &[vec![0, 1], vec![2, 3]]);
        assert_eq!(names(&chosen), ["终端"]);
        assert_eq!(described(&chosen), "the column `终端` distinguishes them: PC端, 无线端");
    }

    #[test]
    fn columns_that_tell_only_together_are_named_together() {
        let columns = vec![
            candidate("一级来源", Cells::Texts, &["搜索", "搜索", "直播", "直播"]),
            candidate("二级来源", Cells::Texts, &["手淘", "其他", "手淘", "其他"]),
        ];
        assert_eq!(
            described(&choose(columns.clone(), &[vec![0, 1, 2, 3]])),
            "the columns `一级来源`, `二级来源` together distinguish them"
        );
        // Rows that are alike in both.
        assert_eq!(described(&choose(columns, &[vec![0, 0]])), "no other column distinguishes them");
    }

    #[test]
    fn many_values_are_counted() {
        let values = || ["a", "b", "c"].map(str::to_owned).into_iter();
        assert_eq!((listed(values(), 3), listed(values(), 2)), ("a, b, c".to_owned(), "a, b and 1 more".to_owned()));
    }
}
