//! The unit of the catalogue: one constant that declares what a table means, what it reads, how its rows are made, and its independent
//! check.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::column::{TableColumn, Value, ValueColumn};
use super::night::{Night, Read};
use super::rows::{RowWriter, Sink};
use crate::error::Result;
use crate::job::strategy::Strategy;
use crate::job::{Job, Params};
use crate::spec::{Card, Need};

/// The check of a table that is independent of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// SQL over the inputs: `tests/oracle/<family>/<name>.sql`, compared cell by cell.
    Sql,
    /// Published figures: their source, and the test that compares the table with them.
    Cited(&'static str),
    /// Cases worked by hand in `tests/cases/<family>`, and the reason why nothing else is possible.
    Worked(&'static str),
}

/// A result table of rows. Registered by one line in [`super::catalogue::TABLES`]; everything else is derived from its declaration.
pub type Table<Row> = Declared<Value<Row>, fn(&Night, &mut RowWriter<'_, Row>) -> Result<()>>;

/// The declaration of a table. `Cells` makes the cells of a column, and `Rows` the rows: [`Table`] and [`super::array_table::ArrayTable`].
pub struct Declared<Cells: 'static, Rows> {
    /// The name of the table and of its folder.
    pub name: &'static str,
    /// The Chinese name.
    pub chinese: &'static str,
    /// The question that the table answers.
    pub question: &'static str,
    /// What one row is.
    pub grain: &'static str,
    /// The key columns, which come first; rows are unique and sorted by them.
    pub key: &'static [&'static str],
    /// Inputs and columns without which the table cannot be built.
    pub needs: &'static [Need],
    /// Columns of the orders input that it uses when they are mapped.
    pub uses: &'static [&'static str],
    /// The folds and shared results from which the rows are computed. The table can read nothing else.
    pub reads: &'static [Read],
    /// All columns in the order of the file, in one group or several.
    pub columns: &'static [&'static [TableColumn<Cells>]],
    /// Makes the rows, ascending by the key.
    pub rows: Rows,
    /// The independent check of the table.
    pub witness: Witness,
    /// The card, made at first use.
    pub card: OnceLock<Card>,
}

/// Makes the rows of a table with columns of `Cells`.
pub trait MakeRows<Cells: 'static> {
    /// Passes the rows to the sink.
    ///
    /// # Errors
    /// What the sink returns.
    fn make(&self, card: &Card, columns: &'static [&'static [TableColumn<Cells>]], night: &Night, sink: &mut Sink<'_>) -> Result<()>;
}

impl<Row: Send + Sync + 'static> MakeRows<Value<Row>> for fn(&Night, &mut RowWriter<'_, Row>) -> Result<()> {
    fn make(&self, card: &Card, columns: &'static [&'static [ValueColumn<Row>]], night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        let mut writer = RowWriter::new(card, columns, &night.context, sink);
        self(night, &mut writer)?;
        writer.finish()
    }
}

/// A table of any row type.
pub trait AnyTable: Sync {
    /// The card: the meanings of the table and its columns.
    fn card(&'static self) -> &'static Card;

    /// The tables that it writes in a job with these strategies: by default itself.
    fn cards(&'static self, _strategies: &[Strategy]) -> Vec<Cow<'static, Card>> {
        vec![Cow::Borrowed(self.card())]
    }

    /// The cards of other tables that it also writes, the same in every job.
    fn further_cards(&'static self) -> Vec<&'static Card> {
        Vec::new()
    }

    /// The folds and shared results that it reads.
    fn reads(&self) -> &'static [Read];

    /// Columns of the orders input that it uses with these parameters, if they are mapped.
    fn uses_with(&self, _params: &Params) -> Vec<&'static str> {
        Vec::new()
    }

    /// The independent check of the table.
    fn witness(&self) -> Witness;

    /// The parts of it that a job with these inputs lacks, for warnings; `has` says whether the orders have a column.
    fn lacks(&self, _job: &Job, _has: &dyn Fn(&str) -> bool) -> Vec<String> {
        Vec::new()
    }

    /// The table from whose batches it is computed: it writes that table too, so that the batches are made once.
    fn follows(&self) -> Option<&'static dyn AnyTable> {
        None
    }

    /// Passes its rows to the sink.
    ///
    /// # Errors
    /// What the sink returns.
    fn write(&'static self, night: &Night, sink: &mut Sink<'_>) -> Result<()>;
}

impl<Cells: Sync, Rows: MakeRows<Cells> + Sync> AnyTable for Declared<Cells, Rows> {
    fn card(&'static self) -> &'static Card {
        self.card.get_or_init(|| Card {
            name: Cow::Borrowed(self.name),
            chinese: self.chinese,
            question: Cow::Borrowed(self.question),
            grain: self.grain,
            key: self.key,
            columns: self.columns.iter().flat_map(|group| group.iter()).map(|column| column.meaning).collect(),
            needs: self.needs,
            uses: self.uses,
        })
    }

    fn reads(&self) -> &'static [Read] {
        self.reads
    }

    fn witness(&self) -> Witness {
        self.witness
    }

    fn write(&'static self, night: &Night, sink: &mut Sink<'_>) -> Result<()> {
        let card = self.card().published(&|need| night.context.inputs.has(need));
        self.rows.make(&card, self.columns, night, sink)
    }
}
