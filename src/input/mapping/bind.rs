//! Binding: the source of each wanted column of an input in one of its files.

use std::collections::BTreeSet;

use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use super::advice::{Found, name, scalar};
use crate::error::Problem;
use crate::input::declared::accepts::accepts;
use crate::input::declared::columns::{Input, ROW};
use crate::input::expression::Expressions;
use crate::input::parquet_files::files::DataFile;
use crate::input::parquet_files::footer::Footer;
use crate::input::parquet_files::open_file::ColumnSource;
use crate::job::{InputSpec, nearest};

/// The columns that every file of an input must provide.
pub(in crate::input) struct Binder<'a> {
    pub input: &'static Input,
    pub spec: &'a InputSpec,
    pub expressions: &'a Expressions,
    /// The columns that the expressions read.
    pub roots: BTreeSet<String>,
    /// By column of the input: whether it is wanted.
    pub wanted: Vec<bool>,
    /// By column of the input: its name in the job, else its standard name.
    pub written: Vec<&'a str>,
    /// Columns whose expressions cannot be parsed, which is already reported.
    pub unparsed: Vec<usize>,
    /// Whether any file of the input has rows.
    pub has_rows: bool,
}

/// A column of the input in a file.
pub(in crate::input) struct Binding {
    pub source: ColumnSource,
    /// Its type in the file, where it is there.
    pub data_type: Option<DataType>,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

/// The columns of the input in a file, and how it is to be read.
pub(in crate::input) struct Bound {
    pub bindings: Vec<Binding>,
    pub metadata: Result<ArrowReaderMetadata, Problem>,
}

impl Binder<'_> {
    /// Binds the columns of a file whose rows begin with `first_row` of the input.
    ///
    /// # Errors
    /// The reason why expressions cannot be evaluated over the file.
    pub fn bind(&self, file: &DataFile, footer: &Footer, first_row: u64) -> Result<Bound, Vec<Problem>> {
        if footer.rows() == 0 {
            return Ok(self.without_rows(file, footer));
        }
        let ambiguous = self.ambiguous(file, footer);
        if !ambiguous.is_empty() {
            return Err(ambiguous);
        }
        let evaluated =
            self.expressions.check(&footer.schema, &file.partitions).map_err(|cause| self.not_evaluated(file, footer, &cause))?;
        let expression = |position: usize| evaluated.columns.iter().find(|(at, _)| *at == position).map(|(_, array)| array.data_type());
        let bindings: Vec<Binding> =
            (0..self.input.columns.len()).map(|position| self.column(position, file, footer, first_row, expression(position))).collect();
        let undecodable = footer.undecodable(&file.label, self.input.name, &self.decoded(&bindings, footer));
        if !undecodable.is_empty() {
            let problems = bindings.into_iter().filter_map(|binding| binding.problem);
            return Err(problems.chain(undecodable).collect());
        }
        Ok(self.bound(bindings, file, footer))
    }

    fn bound(&self, bindings: Vec<Binding>, file: &DataFile, footer: &Footer) -> Bound {
        let sources = bindings.iter().map(|binding| binding.source.clone());
        let metadata = footer.reading(sources, self.input, &self.roots).map_err(|cause| Problem::new(&file.label, cause));
        Bound { bindings, metadata }
    }

    /// A file without rows has nothing that could be wrong: writers that know types from values have none for its columns. Where no other
    /// file has rows either, what it has of the columns says which tables are possible.
    fn without_rows(&self, file: &DataFile, footer: &Footer) -> Bound {
        let absent = || Binding { source: ColumnSource::Absent, data_type: None, problem: None };
        let evaluated = self.expressions.check(&footer.schema, &file.partitions).ok().filter(|_| !self.has_rows);
        let binding = |position: usize| {
            let types = evaluated.as_ref().filter(|_| self.ambiguous(file, footer).is_empty())?;
            let expression = types.columns.iter().find(|(at, _)| *at == position).map(|(_, array)| array.data_type());
            Some(self.column(position, file, footer, 0, expression)).filter(|binding| binding.problem.is_none())
        };
        let bindings: Vec<Binding> = (0..self.input.columns.len()).map(|position| binding(position).unwrap_or_else(absent)).collect();
        let is_readable = footer.undecodable(&file.label, self.input.name, &self.decoded(&bindings, footer)).is_empty();
        let bindings = if is_readable { bindings } else { bindings.iter().map(|_| absent()).collect() };
        self.bound(bindings, file, footer)
    }

    /// The problems of columns that are to be read, and of which the file has several.
    fn ambiguous(&self, file: &DataFile, footer: &Footer) -> Vec<Problem> {
        let wanted = self.written.iter().zip(&self.wanted).filter(|(_, wanted)| **wanted).map(|(name, _)| *name);
        let read: BTreeSet<&str> = wanted.chain(self.roots.iter().map(String::as_str)).collect();
        let fields = |name: &str| footer.schema.fields().iter().filter(|field| field.name() == name).count();
        let folders = |name: &str| file.partitions.iter().filter(|(key, _)| key == name).count();
        let problem = |name: &str| {
            let (fields, folders) = (fields(name), folders(name));
            let what = match (fields, folders) {
                (2.., _) => format!("{fields} columns are called `{name}`"),
                (0, 2..) => format!("{folders} folders on the way to it are called `{name}=…`"),
                _ => return None,
            };
            let what = format!("input `{}`: {what}, and it is not clear which of them is meant", self.input.name);
            Some(Problem::new(&file.label, what).help("write the file anew with names that differ"))
        };
        read.into_iter().filter_map(problem).collect()
    }

    /// The positions of the columns that the run decodes.
    fn decoded(&self, bindings: &[Binding], footer: &Footer) -> Vec<usize> {
        let plain = bindings.iter().filter_map(|binding| if let ColumnSource::Column(at) = binding.source { Some(at) } else { None });
        plain.chain(self.roots.iter().filter_map(|root| footer.schema.index_of(root).ok())).collect()
    }

    /// Binds a column; `expression` is the type of the expression to which the job maps it.
    fn column(&self, position: usize, file: &DataFile, footer: &Footer, first_row: u64, expression: Option<&DataType>) -> Binding {
        let (column, text) = (&self.input.columns[position], self.written[position]);
        let (source, data_type) = if !self.wanted[position] {
            return Binding { source: ColumnSource::Absent, data_type: None, problem: None };
        } else if text == ROW {
            (ColumnSource::Row(first_row), DataType::Int64)
        } else if let Some(data_type) = expression {
            (ColumnSource::Expression, data_type.clone())
        } else if let Ok(at) = footer.schema.index_of(text) {
            (ColumnSource::Column(at), footer.schema.field(at).data_type().clone())
        } else if let Some((_, value)) = file.partitions.iter().find(|(key, _)| key == text) {
            (ColumnSource::Partition(value.clone()), if value.is_some() { DataType::Utf8 } else { DataType::Null })
        } else {
            return Binding { source: ColumnSource::Absent, data_type: None, problem: self.absent(position, file, footer) };
        };
        // Products and quotients of decimals have many places; they are rounded once, as amounts.
        let rounded = match (&source, &data_type) {
            (ColumnSource::Expression, DataType::Decimal128(digits, 5..)) => &DataType::Decimal128(*digits, 4),
            _ => &data_type,
        };
        let problem = accepts(column.kind, rounded, self.spec.money).err().map(|expected| {
            let what = format!("input `{}`, column `{}`: expected {expected}, found {data_type} in `{text}`", self.input.name, column.name);
            let values = if let ColumnSource::Column(at) = source { footer.first_values(file, at) } else { None };
            let (kind, money) = (column.kind, self.spec.money);
            let found = Found { kind, column: column.name, written: text, data_type: &data_type, values: values.as_ref(), money };
            Problem::new(&file.label, what).help(found.advice())
        });
        Binding { source, data_type: Some(data_type), problem }
    }

    /// Returns the problem of a file that lacks a column; `None` for a column that it may lack.
    fn absent(&self, position: usize, file: &DataFile, footer: &Footer) -> Option<Problem> {
        let (column, text) = (&self.input.columns[position], self.written[position]);
        let is_missed = (column.required || self.spec.columns.contains_key(column.name)) && !self.unparsed.contains(&position);
        is_missed.then(|| {
            let what = match (text == column.name, column.required) {
                (true, true) => format!("no column `{text}`, which is required"),
                (true, false) => format!("no column `{text}`, which the job names"),
                (false, _) => format!("no column `{text}`, which the job takes for `{}`", column.name),
            };
            let help = columns_help(text, Some(&footer.schema), scalar);
            Problem::new(&file.label, format!("input `{}`: {what}", self.input.name)).help(help)
        })
    }

    fn not_evaluated(&self, file: &DataFile, footer: &Footer, cause: &str) -> Vec<Problem> {
        let is_partition = |root: &str| file.partitions.iter().any(|(key, _)| key == root);
        let absent = self.roots.iter().filter(|root| footer.schema.index_of(root).is_err() && !is_partition(root));
        let mut problems: Vec<Problem> = absent
            .map(|root| {
                let what = format!("input `{}`: no column `{root}`, which an expression of the job reads", self.input.name);
                Problem::new(&file.label, what).help(columns_help(root, Some(&footer.schema), name))
            })
            .collect();
        if problems.is_empty() {
            let what = format!("input `{}`: the expressions of the job cannot be evaluated: {cause}", self.input.name);
            problems.push(Problem::new(&file.label, what).help(format!("fix `columns:` or `filter:` at {}", self.spec.place)));
        }
        problems
    }
}

/// The help for a missing column; `written` is how the place that names it writes a name.
pub(in crate::input) fn columns_help(text: &str, schema: Option<&SchemaRef>, written: fn(&str) -> String) -> String {
    let Some(schema) = schema else { return String::new() };
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    match nearest(text, names.iter().copied()) {
        Some(name) => format!("did you mean `{}`? The file has {}", written(name), names.join(", ")),
        None => format!("the file has {}; map one of them under `columns:`", names.join(", ")),
    }
}
