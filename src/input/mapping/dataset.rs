//! Datasets: opens the files of an input, checks their schemas against the declared columns, and reports all problems at once.

use arrow::datatypes::DataType;
use std::path::PathBuf;

use super::advice::{name, scalar};
use super::bind::{Binder, Binding, Bound, columns_help};
use super::names;
use super::outside_pools::outside_pools;
use super::problems::Problems;
use super::{copies, drift};
use crate::error::Problem;
use crate::input::declared::accepts::same_id;
use crate::input::declared::columns::{Input, InputKind, ROW};
use crate::input::expression::Expressions;
use crate::input::parquet_files::files::{DataFile, FoundFiles};
use crate::input::parquet_files::find::find;
use crate::input::parquet_files::footer::{self, Footer};
use crate::input::parquet_files::left_out::{self, LeftOut};
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};
use crate::input::parquet_files::table_logs;
use crate::input::times::time::may_be_moments;
use crate::job::{InputSpec, WallClock};
use crate::spec::IdType;

/// An input with its files.
#[derive(Debug)]
pub struct Dataset {
    /// The declaration.
    pub input: &'static Input,
    /// The input in the job file.
    pub spec: InputSpec,
    /// Its files, ascending by label.
    pub files: Vec<OpenFile>,
    /// The expressions of its mapping.
    pub expressions: Expressions,
    /// By column of the input: its type in the first file that has values for it.
    pub types: Vec<Option<DataType>>,
    /// What lies among its files and is not read.
    pub left_out: Vec<LeftOut>,
    /// The folders that links in its folder led to.
    pub linked: Vec<PathBuf>,
    /// What users should know about its files and does not stop the run.
    pub warnings: Vec<String>,
    /// By column of the input: whether its times are moments in any file, or texts that may name a zone.
    pub moments: Vec<bool>,
}

impl Dataset {
    /// Opens the files of an input and binds the columns that `wanted` names, and the required ones.
    ///
    /// # Errors
    /// All problems of files and schemas.
    pub fn open(input: &'static Input, spec: &InputSpec, wanted: &dyn Fn(&str) -> bool) -> Result<Dataset, Vec<Problem>> {
        let FoundFiles { files: found, left_out, linked, logs } =
            find(&spec.path, &spec.written_path, &spec.place).map_err(|problem| vec![problem])?;
        let footers = footer::read_all(found);
        let mut problems = Problems::default();
        let mut opened = Vec::new();
        for footer in footers {
            match footer {
                Ok(footer) => opened.push(footer),
                Err(problem) => problems.add(problem),
            }
        }
        let clock_of = |clock: &WallClock| clock.zone(&spec.times.local);
        let mut expressions = Expressions::by_clock_of(clock_of(spec.times.of("", false)), spec.times.input.is_some());
        let (mut written, mut unparsed) = (Vec::new(), Vec::new());
        let wanted: Vec<bool> = input.columns.iter().map(|column| column.used && (column.required || wanted(column.name))).collect();
        for (position, column) in input.columns.iter().enumerate() {
            written.push(spec.columns.get(column.name).map_or(column.name, String::as_str));
            let text = written[position];
            if wanted[position]
                && text != ROW
                && !opened.iter().any(|(file, footer)| is_plain(file, footer, text))
                && !text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
            {
                match Expressions::parse(text) {
                    Ok(expression) => {
                        let zone = clock_of(spec.times.of(column.name, false));
                        let expression = match column.kind {
                            InputKind::Id => expression.exact_id(),
                            InputKind::Score => expression.float(),
                            InputKind::Time if zone != spec.times.local => expression.days_of_shop(zone.clone(), spec.times.local.clone()),
                            _ => expression,
                        };
                        // Texts that become ids or names may be parts of times.
                        let is_said = column.kind != InputKind::Time || spec.times.declares(column.name);
                        expressions.column_by_clock_of(zone, is_said, position, expression);
                    }
                    Err(refused) => {
                        unparsed.push(position);
                        let what = format!("`{text}` is not a column of the files, nor an expression: {}", refused.cause);
                        let help =
                            refused.help.unwrap_or_else(|| columns_help(text, opened.first().map(|(_, footer)| &footer.schema), scalar));
                        problems.add(Problem::new(spec.place_of(column.name), what).help(help));
                    }
                }
            }
        }
        if let Some(filter) = &spec.filter {
            match Expressions::parse(filter) {
                Ok(expression) => expressions.filter(expression),
                Err(refused) => {
                    let what = format!("the filter `{filter}` is not a valid condition: {}", refused.cause);
                    let help = refused
                        .help
                        .unwrap_or_else(|| "it is a condition over columns of the files, such as `channel <> 'test'`".to_owned());
                    problems.add(Problem::new(&spec.filter_place, what).help(help));
                }
            }
        }
        expressions
            .settle_nulls(opened.iter().filter(|(_, footer)| footer.rows() > 0).map(|(file, footer)| (&*footer.schema, &*file.partitions)));
        for column in spec.times.columns.keys() {
            if input.columns.iter().any(|own| own.name == column && own.kind != InputKind::Time) {
                let times: Vec<&str> = input.columns.iter().filter(|own| own.kind == InputKind::Time).map(|own| own.name).collect();
                problems.add(
                    Problem::new(&spec.times.place, format!("input `{}`: `times` names `{column}`, which has no times", input.name))
                        .help(format!("columns of times are {}", times.join(", "))),
                );
            }
        }
        let has_rows = opened.iter().any(|(_, footer)| footer.rows() > 0);
        let binder = Binder { input, spec, expressions: &expressions, roots: expressions.roots(), wanted, written, unparsed, has_rows };
        let first_rows = first_rows(&opened);
        let files: Vec<(&(DataFile, Footer), u64)> = opened.iter().zip(first_rows).collect();
        let bound = outside_pools(&files, |((file, footer), first_row)| binder.bind(file, footer, *first_row));
        let mut types: Vec<Option<(DataType, String)>> = vec![None; input.columns.len()];
        let mut moments = vec![false; input.columns.len()];
        let mut files = Vec::new();
        for ((file, footer), bound) in opened.into_iter().zip(bound) {
            let Bound { bindings, metadata } = match bound {
                Ok(bound) => bound,
                Err(found) => {
                    found.into_iter().for_each(|problem| problems.add(problem));
                    continue;
                }
            };
            let mut sources = Vec::with_capacity(bindings.len());
            for (((column, known), moments), Binding { source, data_type, problem }) in
                input.columns.iter().zip(&mut types).zip(&mut moments).zip(bindings)
            {
                let is_said = spec.times.of(column.name, false) != &WallClock::Local;
                let may_be = |data_type| may_be_moments(data_type) && spec.times.columns.get(column.name) != Some(&WallClock::Local);
                *moments |= data_type.as_ref().is_some_and(|data_type| is_said || may_be(data_type));
                problem.into_iter().for_each(|problem| problems.add(problem));
                match (known.as_ref(), data_type) {
                    (_, None) => {}
                    (None | Some((DataType::Null, _)), Some(data_type)) => *known = Some((data_type, file.label.clone())),
                    (Some(_), Some(DataType::Null)) => {}
                    (Some((first, label)), Some(data_type)) if column.kind == InputKind::Id && !same_id(first, &data_type) => problems.add(
                        Problem::new(
                            &file.label,
                            format!("input `{}`, column `{}`: {data_type} here, {first} in {label}", input.name, column.name),
                        )
                        .help("an id has one type in all files of an input: write the files anew, or map it with CAST(… AS …)"),
                    ),
                    (Some((first, _)), Some(data_type)) if column.kind == InputKind::Id && IdType::of(first) < IdType::of(&data_type) => {
                        *known = Some((data_type, file.label.clone()));
                    }
                    (Some(_), Some(_)) => {}
                }
                sources.push(source);
            }
            let Footer { bytes, identity, row_groups, fingerprint, footer, uuids, .. } = footer;
            match metadata {
                Ok(metadata) => files.push(OpenFile { file, bytes, identity, row_groups, fingerprint, footer, uuids, metadata, sources }),
                Err(problem) => problems.add(problem),
            }
        }
        drift::problems(input, &files).into_iter().for_each(|problem| problems.add(problem));
        let nothing = format!("input `{}`: `{}` has no rows", input.name, spec.written_path);
        if problems.is_empty() && !has_rows && input.name == "orders" {
            problems.add(Problem::new(&spec.place, nothing.clone()).help("check whether the export has run"));
        }
        if problems.is_empty() {
            let types = types.into_iter().map(|found| found.map(|(data_type, _)| data_type)).collect();
            let mapped = names::Mapped { input, wanted: &binder.wanted, written: &binder.written, roots: &binder.roots };
            let mut warnings = left_out::warnings(input.name, &spec.written_path, &left_out);
            warnings.extend(table_logs::warnings(input.name, files.iter().map(|file| &file.file)));
            warnings.extend(logs.iter().map(|(kind, folder)| table_logs::said(input.name, kind, folder)));
            warnings.extend(names::warnings(&mapped, &files));
            warnings.extend(drift::warnings(input, &files));
            warnings.extend(copies::warnings(input.name, &files));
            // A shop without a single publisher or event exports just the header.
            if !has_rows {
                warnings.push(format!("{nothing}: if the shop should have some, check whether the export has run"));
            }
            Ok(Dataset { input, spec: spec.clone(), files, expressions, types, moments, left_out, linked, warnings })
        } else {
            Err(problems.finish())
        }
    }

    /// The same files with these columns alone: the others are not decoded.
    pub fn of_columns(&self, wanted: &dyn Fn(&str) -> bool) -> Dataset {
        let is_wanted = |position: usize| self.input.columns.get(position).is_some_and(|column| wanted(column.name));
        let only = |file: &OpenFile| {
            let sources = file.sources.iter().enumerate();
            let sources = sources.map(|(position, source)| if is_wanted(position) { source.clone() } else { ColumnSource::Absent });
            OpenFile { sources: sources.collect(), ..file.clone() }
        };
        Dataset {
            input: self.input,
            spec: self.spec.clone(),
            files: self.files.iter().map(only).collect(),
            expressions: self.expressions.of_columns(&is_wanted),
            types: self.types.clone(),
            left_out: Vec::new(),
            linked: Vec::new(),
            warnings: Vec::new(),
            moments: self.moments.clone(),
        }
    }

    /// The number of rows of its files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(OpenFile::rows).sum()
    }

    /// Whether any file has values for the column.
    pub fn has(&self, column: &str) -> bool {
        self.type_of(column).is_some()
    }

    /// The type of a column in the files.
    pub fn type_of(&self, column: &str) -> Option<&DataType> {
        self.input.position(column).and_then(|position| self.types.get(position)?.as_ref())
    }

    /// Whether a column has moments in any file, or texts that may be.
    pub fn has_moments(&self, column: &str) -> bool {
        self.input.position(column).and_then(|position| self.moments.get(position)).copied().unwrap_or(false)
    }

    /// What stands for a column in an expression of the job: its name in the files, or what the job maps it to.
    pub fn in_sql(&self, column: &str) -> String {
        name(self.spec.columns.get(column).map_or(column, String::as_str))
    }

    /// What to write in the job for a column that is missed, where a file has one whose name is almost the same.
    pub fn hint(&self, column: &str) -> Option<String> {
        names::hint(&self.files, column)
    }

    /// The type of an id column in the result tables.
    pub fn id_type(&self, column: &str) -> Option<IdType> {
        self.type_of(column).and_then(IdType::of)
    }
}

/// The row of the input that each file begins with.
fn first_rows(files: &[(DataFile, Footer)]) -> Vec<u64> {
    let rows = files.iter().map(|(_, footer)| footer.rows());
    rows.scan(0, |next, rows| Some(std::mem::replace(next, *next + rows))).collect()
}

fn is_plain(file: &DataFile, footer: &Footer, text: &str) -> bool {
    footer.schema.index_of(text).is_ok() || file.partitions.iter().any(|(key, _)| key == text)
}
