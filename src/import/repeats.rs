//! Rows of one file that are about the same thing and differ: nothing says which of them counts, so the import reports them,
//! with the column that distinguishes them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use hashbrown::HashMap;

use super::export_file::ExportFile;
use super::header::Header;
use super::layout::Layout;
use super::options::{Options, What};
use super::privacy::is_personal;
use super::report::Report;
use super::row::Row;
use super::value::Value;
use crate::error::Problem;
use crate::input::declared::columns::{Input, InputKind, ORDERS, TRAFFIC};
use crate::input::declared::row_key::{repeats_by, row_key};
use crate::input::rows::distinguishing::{Candidate, Cells, Distinguishing, choose, several_rows};
use crate::spec::{Grain, day_of_time};

/// Keys whose rows a message looks at, at most.
const EXAMINED: usize = 200;

/// The rows of a file by their keys.
#[derive(Debug, Default)]
pub struct RowsByKey {
    /// The names of the key's columns and their positions in the layout; none where rows may repeat.
    key: Vec<(String, usize)>,
    /// The columns of the file that are not imported: rows are equal only if these are too.
    others: Vec<usize>,
    /// By the hash of a key: the number of its first row and the hash of that row's values.
    first: HashMap<u64, (u64, u64), foldhash::fast::FixedState>,
    /// By the number of the first row of a key: all rows of it that differ.
    groups: BTreeMap<u64, Vec<u64>>,
    keys: u64,
    /// Rows that equal an earlier one of their key.
    equal: u64,
}

impl RowsByKey {
    /// No rows yet of a file with this layout.
    pub fn new(what: &What, layout: &Layout, header: &Header, is_numbered: bool) -> Self {
        let input = what.input();
        let may_repeat = repeats_by(input).is_some_and(|column| layout.has(column));
        let names: &[&str] = match what.folder() {
            // Lines with ids are versions by their ids; item reports are joined to their orders.
            "orders" if layout.position("line_id").is_none() && !is_numbered => &["shop_id", "order_id", "modified_at"],
            _ if may_repeat => &[],
            _ => row_key(input),
        };
        let key = names.iter().filter_map(|name| Some(((*name).to_owned(), layout.position(name)?))).collect();
        let others = (0..header.columns.len()).filter(|at| !header.found.iter().any(|(_, found)| found == at)).collect();
        RowsByKey { key, others, ..RowsByKey::default() }
    }

    /// Notes a row and its values.
    pub fn note(&mut self, input: &Input, values: &[Value], row: &Row) {
        let number = row.number;
        if self.key.is_empty() {
            return;
        }
        let mut key = DefaultHasher::new();
        for (name, at) in &self.key {
            let kind = input.columns.iter().find(|column| column.name == name).map(|column| column.kind);
            match (values.get(*at), kind) {
                (Some(Value::Integer(time)), _) if name == "month" => Grain::Month.index(day_of_time(*time)).hash(&mut key),
                (Some(Value::Integer(time)), Some(InputKind::Time)) if name == "date" || name == "period_start" => {
                    day_of_time(*time).hash(&mut key);
                }
                (value, _) => hash(value.unwrap_or(&Value::Null), &mut key),
            }
        }
        let mut all = DefaultHasher::new();
        values.iter().for_each(|value| hash(value, &mut all));
        self.others.iter().for_each(|at| row.cell(*at).shown().hash(&mut all));
        let all = all.finish();
        let (first, values) = *self.first.entry(key.finish()).or_insert((number, all));
        if values == all && first != number {
            self.equal += 1;
        }
        if values != all {
            if !self.groups.contains_key(&first) {
                self.keys += 1;
                if self.groups.len() >= EXAMINED {
                    return;
                }
            }
            self.groups.entry(first).or_insert_with(|| vec![first]).push(number);
        }
    }

    /// What is wrong with the rows; of an order report it is a warning, since the row that comes last counts there.
    pub fn report(self, options: &Options, source: &ExportFile, report: &mut Report) -> Option<Problem> {
        let what = &options.what;
        if self.equal > 0 && what.input().name == ORDERS.name && matches!(what, What::Generic { .. }) && !self.key.is_empty() {
            report.warn(format!(
                "{}: {} rows equal another row of their order in everything, and of such rows only one counts: if they are lines of their own, \
                 give them ids with --map line_id='$row'",
                source.path.display(),
                self.equal
            ));
        }
        let rows = self.groups.values().next()?;
        let columns = self.columns(source);
        let names: Vec<&str> = self.key.iter().map(|(name, _)| name.as_str()).collect();
        let message = several_rows(self.keys, &names.join(", "), rows, &columns);
        if what.input().name == ORDERS.name && matches!(what, What::Known(_)) {
            report.warn(format!("{}: {message}. Of such orders only the last row counts", source.path.display()));
            return None;
        }
        Some(Problem::new(source.path.display().to_string(), message).help(help(what, &columns)))
    }

    /// The columns that distinguish the rows, of those that are not imported. Columns about people are not looked at.
    fn columns(&self, source: &ExportFile) -> Vec<Distinguishing> {
        // Of a time the key has the day or the month only.
        let times = ["date", "month", "period_start"].into_iter().filter(|name| self.key.iter().any(|(key, _)| key == name));
        let times: Vec<usize> = times.filter_map(|name| source.header.position(name)).collect();
        let is_time = |at: usize| times.contains(&at);
        let others: Vec<usize> = (0..source.header.columns.len())
            .filter(|at| is_time(*at) || !source.header.found.iter().any(|(_, found)| found == at))
            .filter(|at| source.header.columns.get(*at).is_some_and(|name| !name.is_empty() && !is_personal(name)))
            .collect();
        let mut places: BTreeMap<u64, usize> = BTreeMap::new();
        let mut cells: Vec<Vec<String>> = vec![Vec::new(); others.len()];
        let wanted: std::collections::BTreeSet<u64> = self.groups.values().flatten().copied().collect();
        // The second reading reports a file that cannot be read again.
        let _ = source.each_row(|row| {
            if wanted.contains(&row.number) {
                places.insert(row.number, places.len());
                others.iter().zip(&mut cells).for_each(|(at, cells)| cells.push(row.cell(*at).shown()));
            }
            true
        });
        let groups: Vec<Vec<usize>> =
            self.groups.values().map(|rows| rows.iter().filter_map(|row| places.get(row).copied()).collect()).collect();
        let candidate = |(at, cells): (&usize, Vec<String>)| {
            let is_number = cells.iter().all(|cell| cell.parse::<f64>().is_ok());
            let kind = match is_number {
                _ if is_time(*at) => Cells::Times,
                true => Cells::Numbers,
                false => Cells::Texts,
            };
            Some(Candidate { name: source.header.columns.get(*at)?.clone(), kind, cells })
        };
        choose(others.iter().zip(cells).filter_map(candidate).collect(), &groups)
    }
}

/// What to do about it.
fn help(what: &What, columns: &[Distinguishing]) -> String {
    let column = match columns {
        [only] => only.name.as_str(),
        _ => "COLUMN",
    };
    if columns.iter().any(|column| column.is_time) {
        return "the rows are of parts of a day or month: export the figures by day (按天) or by month, one row for each".to_owned();
    }
    match what.input().name {
        name if name == ORDERS.name => {
            let id = if columns.len() == 1 { format!("--map line_id={column}, or ") } else { String::new() };
            format!(
                "if a row is a line of its order, add {id}--map line_id='$row' where lines have no id; if rows are versions of the order, \
                 add --map modified_at=COLUMN with the time of each"
            )
        }
        name if name == TRAFFIC.name => format!(
            "keep only the rows of the whole shop in the file; or import it as `huitou import generic --input traffic --map channel={column} \
             --map date=…`: rows with a channel are parts of the shop, those of 所有终端, 全部 or 汇总 the whole"
        ),
        _ => "keep the row that counts; rows of a later state go into a file of their own, imported after this one".to_owned(),
    }
}

fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Text(text) => text.hash(hasher),
        Value::Integer(value) => value.hash(hasher),
        Value::Number(value) => value.to_bits().hash(hasher),
    }
}
