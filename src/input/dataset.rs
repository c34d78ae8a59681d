//! Datasets: the files of an input opened, their schemas held against the declared columns, all that is wrong said at once.

use std::fs::File;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::accepts::{accepts, same_id};
use super::columns::{Input, Kind, ROW};
use super::drift;
use super::expression::Expressions;
use super::files::{self, DataFile};
use super::problems::Problems;
use crate::error::Problem;
use crate::job::{InputSpec, nearest};
use crate::spec::IdType;

/// Where the values of a column come from in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the file does not have it, or nothing needs it.
    Absent,
    /// The file's column of that position.
    Column(usize),
    /// The same value for all rows: a Hive partition.
    Partition(String),
    /// An expression of the input.
    Expression,
    /// [`ROW`]: the number of the row among all rows of the input; the file begins with this one.
    Row(u64),
}

/// A file of an input, opened.
#[derive(Debug, Clone)]
pub struct OpenFile {
    /// Where it is and how it is named.
    pub file: DataFile,
    /// Its size.
    pub bytes: u64,
    /// Its rows, by row group.
    pub row_groups: Vec<u64>,
    /// A digest of size, time of change and footer.
    pub fingerprint: String,
    /// The footer, with the types in which columns are to be read.
    pub metadata: ArrowReaderMetadata,
    /// By column of the input.
    pub sources: Vec<Source>,
}

impl OpenFile {
    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.row_groups.iter().sum()
    }
}

/// An input with its files.
#[derive(Debug)]
pub struct Dataset {
    /// The declaration.
    pub input: &'static Input,
    /// What the job says of it.
    pub spec: InputSpec,
    /// Its files, ascending by label.
    pub files: Vec<OpenFile>,
    /// The expressions of its mapping.
    pub expressions: Expressions,
    /// By column of the input: the type in the files, as the first file that has it has it.
    pub types: Vec<Option<DataType>>,
}

impl Dataset {
    /// Opens the files of an input and binds the columns that `wanted` names, and those that it cannot do without.
    ///
    /// # Errors
    /// Everything that is wrong with its shape.
    pub fn open(input: &'static Input, spec: &InputSpec, wanted: &dyn Fn(&str) -> bool) -> Result<Dataset, Vec<Problem>> {
        let found = files::find(&spec.path, &spec.written_path, &spec.place).map_err(|problem| vec![problem])?;
        let footers: Vec<Result<(DataFile, Footer), Problem>> =
            found.into_par_iter().map(|file| footer(&file).map(|footer| (file, footer))).collect();
        let mut problems = Problems::default();
        let mut opened = Vec::new();
        for footer in footers {
            match footer {
                Ok(footer) => opened.push(footer),
                Err(problem) => problems.add(problem),
            }
        }
        let mut expressions = Expressions::default();
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
                    Ok(expression) => expressions.column(position, expression),
                    Err(cause) => {
                        unparsed.push(position);
                        let what = format!("`{text}` is no column of the files, and no expression either: {cause}");
                        let help = columns_help(text, opened.first().map(|(_, footer)| &footer.schema));
                        problems.add(Problem::new(spec.place_of(column.name), what).help(help));
                    }
                }
            }
        }
        if let Some(filter) = &spec.filter {
            match Expressions::parse(filter) {
                Ok(expression) => expressions.filter(expression),
                Err(cause) => {
                    let what = format!("the filter `{filter}` is no condition: {cause}");
                    let help = "it is a condition over columns of the files, such as `channel <> 'test'`";
                    problems.add(Problem::new(&spec.filter_place, what).help(help));
                }
            }
        }
        let mut types: Vec<Option<(DataType, String)>> = vec![None; input.columns.len()];
        let mut files = Vec::new();
        let roots = expressions.roots();
        let mut first_row = 0;
        for (file, footer) in opened {
            let file_row = first_row;
            first_row += footer.row_groups.iter().sum::<u64>();
            let evaluated = match expressions.check(&footer.schema, &file.partitions) {
                Ok(evaluated) => evaluated,
                Err(cause) => {
                    let is_partition = |root: &str| file.partitions.iter().any(|(key, _)| key == root);
                    let absent = |root: &&String| footer.schema.index_of(root).is_err() && !is_partition(root);
                    for root in roots.iter().filter(absent) {
                        let what = format!("input `{}`: no column `{root}`, which an expression of the job reads", input.name);
                        problems.add(Problem::new(&file.label, what).help(columns_help(root, Some(&footer.schema))));
                    }
                    if !roots.iter().any(|root| absent(&root)) {
                        let what = format!("input `{}`: the expressions of the job cannot be evaluated: {cause}", input.name);
                        problems.add(Problem::new(&file.label, what).help(format!("mend `columns:` or `filter:` at {}", spec.place)));
                    }
                    continue;
                }
            };
            let mut sources = Vec::with_capacity(input.columns.len());
            for (position, column) in input.columns.iter().enumerate() {
                let text = written[position];
                let expression = evaluated.columns.iter().find(|(at, _)| *at == position).map(|(_, array)| array.data_type().clone());
                let (source, data_type) = if !wanted[position] {
                    (Source::Absent, None)
                } else if text == ROW {
                    (Source::Row(file_row), Some(DataType::Int64))
                } else if let Some(data_type) = expression {
                    (Source::Expression, Some(data_type))
                } else if let Ok(at) = footer.schema.index_of(text) {
                    (Source::Column(at), Some(footer.schema.field(at).data_type().clone()))
                } else if let Some((_, value)) = file.partitions.iter().find(|(key, _)| key == text) {
                    (Source::Partition(value.clone()), Some(DataType::Utf8))
                } else {
                    if (column.required || spec.columns.contains_key(column.name)) && !unparsed.contains(&position) {
                        let what = match (text == column.name, column.required) {
                            (true, true) => format!("no column `{text}`, which is required"),
                            (true, false) => format!("no column `{text}`, which the job names"),
                            (false, _) => format!("no column `{text}`, which the job takes for `{}`", column.name),
                        };
                        let help = columns_help(text, Some(&footer.schema));
                        problems.add(Problem::new(&file.label, format!("input `{}`: {what}", input.name)).help(help));
                    }
                    (Source::Absent, None)
                };
                if let Some(data_type) = data_type {
                    if let Err((expected, help)) = accepts(column.kind, &data_type, spec.money) {
                        problems.add(
                            Problem::new(
                                &file.label,
                                format!(
                                    "input `{}`, column `{}`: expected {expected}, found {data_type} in `{text}`",
                                    input.name, column.name
                                ),
                            )
                            .help(help),
                        );
                    }
                    match &types[position] {
                        None => types[position] = Some((data_type, file.label.clone())),
                        Some((first, label)) if column.kind == Kind::Id && !same_id(first, &data_type) => problems.add(
                            Problem::new(
                                &file.label,
                                format!("input `{}`, column `{}`: {data_type} here, {first} in {label}", input.name, column.name),
                            )
                            .help("an id has one type in all files of an input: write the files anew, or map it with CAST(… AS …)"),
                        ),
                        Some((first, _)) if column.kind == Kind::Id && IdType::of(first) < IdType::of(&data_type) => {
                            types[position] = Some((data_type, file.label.clone()));
                        }
                        Some(_) => {}
                    }
                }
                sources.push(source);
            }
            match reading(&footer, &sources, input, &roots) {
                Ok(metadata) => files.push(OpenFile {
                    file,
                    bytes: footer.bytes,
                    row_groups: footer.row_groups,
                    fingerprint: footer.fingerprint,
                    metadata,
                    sources,
                }),
                Err(cause) => problems.add(Problem::new(&file.label, cause)),
            }
        }
        drift::problems(input, &files).into_iter().for_each(|problem| problems.add(problem));
        if problems.is_empty() && files.iter().all(|file| file.rows() == 0) {
            problems.add(
                Problem::new(&spec.place, format!("input `{}`: `{}` has no rows", input.name, spec.written_path))
                    .help("check whether the export has run"),
            );
        }
        if problems.is_empty() {
            let types = types.into_iter().map(|found| found.map(|(data_type, _)| data_type)).collect();
            Ok(Dataset { input, spec: spec.clone(), files, expressions, types })
        } else {
            Err(problems.finish())
        }
    }

    /// How many rows its files have.
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

    /// The type of an id column in the result tables.
    pub fn id_type(&self, column: &str) -> Option<IdType> {
        self.type_of(column).and_then(IdType::of)
    }
}

struct Footer {
    bytes: u64,
    row_groups: Vec<u64>,
    fingerprint: String,
    schema: SchemaRef,
    metadata: ArrowReaderMetadata,
}

fn footer(file: &DataFile) -> Result<Footer, Problem> {
    let unreadable = |cause: String| {
        Problem::new(&file.label, format!("cannot be read as Parquet: {cause}"))
            .help("is it whole, and is it Parquet? Write it anew or move it out of the input's folder")
    };
    let opened = File::open(&file.path)
        .map_err(|cause| Problem::new(&file.label, format!("cannot be opened: {cause}")).help("give the run permission to read it"))?;
    let meta = opened.metadata().map_err(|cause| unreadable(cause.to_string()))?;
    let metadata = ArrowReaderMetadata::load(&opened, ArrowReaderOptions::new()).map_err(|cause| unreadable(cause.to_string()))?;
    let modified =
        meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos());
    let mut digest = Sha256::new();
    digest.update(format!("{}\0{}\0{modified}\0{:?}", file.label, meta.len(), metadata.metadata().row_groups()));
    Ok(Footer {
        bytes: meta.len(),
        row_groups: metadata.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).collect(),
        fingerprint: digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        schema: metadata.schema().clone(),
        metadata,
    })
}

/// The footer with the types in which columns are read: few distinct texts as dictionaries, ids as views into the pages.
/// Columns that expressions read keep their type.
fn reading(
    footer: &Footer,
    sources: &[Source],
    input: &Input,
    roots: &std::collections::BTreeSet<String>,
) -> Result<ArrowReaderMetadata, String> {
    let mut fields: Vec<Field> = footer.schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    for (column, source) in input.columns.iter().zip(sources) {
        if let Source::Column(at) = source
            && let Some(field) = fields.get_mut(*at)
            && matches!(field.data_type(), DataType::Utf8)
            && !roots.contains(field.name())
        {
            let read_as = match column.kind {
                Kind::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
                Kind::Id if matches!(column.name, "shop_id" | "category_id") => {
                    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
                }
                Kind::Id => DataType::Utf8View,
                _ => continue,
            };
            *field = field.clone().with_data_type(read_as);
        }
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, footer.schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    ArrowReaderMetadata::try_new(footer.metadata.metadata().clone(), options).map_err(|cause| cause.to_string())
}

fn is_plain(file: &DataFile, footer: &Footer, text: &str) -> bool {
    footer.schema.index_of(text).is_ok() || file.partitions.iter().any(|(key, _)| key == text)
}

fn columns_help(text: &str, schema: Option<&SchemaRef>) -> String {
    let Some(schema) = schema else { return String::new() };
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    match nearest(text, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`? The file has {}", names.join(", ")),
        None => format!("the file has {}; map one of them under `columns:`", names.join(", ")),
    }
}
