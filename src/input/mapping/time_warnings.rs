//! What users should know of the times of an input: columns of which nothing says whose clock they show.

use super::dataset::Dataset;
use crate::input::declared::columns::{Input, InputKind};
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};
use crate::input::times::int96;

impl Dataset {
    /// Warnings of the times of which neither the files nor the job say whose clock they show, though it is likely not the local one.
    pub fn time_warnings(&self) -> Vec<String> {
        self.unclear_int96().into_iter().chain(self.counts_from_1970()).collect()
    }

    /// Time columns that an expression makes of numbers: counts from 1970 are moments, as a rule.
    fn counts_from_1970(&self) -> Vec<String> {
        let of_numbers = |position: usize| {
            let roots = self.expressions.roots_of(position);
            let is_number = |file: &OpenFile, root: &String| {
                file.metadata.schema().field_with_name(root).is_ok_and(|field| field.data_type().is_numeric())
            };
            !roots.is_empty() && self.files.iter().all(|file| roots.iter().all(|root| is_number(file, root)))
        };
        times_of(self.input)
            .filter(|(position, column)| {
                !self.spec.times.declares(column) && self.expressions.counts_from_1970(*position) && of_numbers(*position)
            })
            .map(|(_, column)| {
                let written = self.spec.columns.get(column).map_or("", String::as_str);
                format!(
                    "input `{}`: `{column}` is `{written}`, and counts from 1970 are moments in UTC as a rule: they are taken for local \
                     times; say which with `times: {{ {column}: utc }}` or `times: {{ {column}: local }}` for the input",
                    self.input.name
                )
            })
            .collect()
    }

    /// A warning of time columns in INT96 of which neither the file nor the job says whether they are moments.
    fn unclear_int96(&self) -> Option<String> {
        let columns = times_of(self.input).filter(|(_, column)| !self.spec.times.declares(column));
        let columns = columns.filter_map(|(position, column)| {
            let file = self.files.iter().find(|file| is_unclear(file, position))?;
            Some((column.to_owned(), file))
        });
        // SQL reads columns of the file, by their own names.
        let roots = if self.spec.times.input.is_none() { self.expressions.roots() } else { Default::default() };
        let roots = roots.into_iter().filter_map(|root| {
            let is_unclear =
                |file: &&OpenFile| file.metadata.schema().index_of(&root).is_ok_and(|at| int96::is_unclear(&file.metadata, at));
            let file = self.files.iter().find(is_unclear)?;
            Some((root, file))
        });
        let unclear: Vec<(String, &OpenFile)> = columns.chain(roots).collect();
        let (_, file) = unclear.first()?;
        let names = |quote: &str| unclear.iter().map(|(column, _)| format!("{quote}{column}{quote}")).collect::<Vec<_>>().join(", ");
        Some(format!(
            "input `{}`: {} are INT96, and {} does not say whether they are moments in UTC, as Spark writes them, or what local clocks showed: \
             they are taken for local times; say which with `times: local` or `times: utc` for the input",
            self.input.name,
            names("`"),
            file.file.label,
        ))
    }
}

/// The time columns of an input that a run may read.
fn times_of(input: &Input) -> impl Iterator<Item = (usize, &'static str)> {
    let columns = input.columns.iter().enumerate().filter(|(_, column)| column.kind == InputKind::Time);
    columns.map(|(position, column)| (position, column.name))
}

fn is_unclear(file: &OpenFile, position: usize) -> bool {
    matches!(file.sources.get(position), Some(ColumnSource::Column(at)) if int96::is_unclear(&file.metadata, *at))
}
