//! Cards: the definitions of a result table and its columns, for catalogue, Parquet metadata, checks and manual.

use std::borrow::Cow;

/// The type of a result column, and with it the range that its values must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A shop's id, in the type of the inputs.
    ShopId,
    /// A customer's id, in the type of the orders input.
    CustomerId,
    /// A category's id, in the type of the orders input.
    CategoryId,
    /// An item's id, in the type of the orders input.
    ItemId,
    /// A campaign's id, in the type of the campaigns input.
    CampaignId,
    /// Utf8.
    Text,
    /// Date32.
    Date,
    /// Int64, never negative.
    Count,
    /// Int64 of any sign.
    Integer,
    /// Decimal128(18,2) in the currency of the inputs.
    Money,
    /// Float64 within 0..1.
    Share,
    /// Float64, not negative: a ratio of events or a mean of such.
    Ratio,
    /// Float64 of any sign.
    Number,
    /// Boolean.
    Flag,
}

/// One column of a result table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The name in the file.
    pub name: &'static str,
    /// The type and range.
    pub kind: Kind,
    /// The name that operators use, in Chinese.
    pub chinese: &'static str,
    /// What it means, in a sentence.
    pub definition: &'static str,
    /// How it is computed, where that is more than the definition; else empty.
    pub formula: &'static str,
    /// `orders`, `customers`, `days`, `CNY`, `1` for shares …
    pub unit: &'static str,
    /// When it is null; `never` for columns that always have a value.
    pub null_when: &'static str,
    /// The origin of the definition: a document, a paper with its equation, a platform rule.
    pub source: &'static str,
    /// Increases when the meaning changes.
    pub version: u32,
    /// What a job must have for the column to be published; `None` for columns that the table always has. Without it every value would be
    /// null.
    pub needs: Option<Need>,
}

impl Column {
    /// A column that is never null, in version 1.
    pub const fn new(name: &'static str, kind: Kind, unit: &'static str, chinese: &'static str, definition: &'static str) -> Self {
        Column { name, kind, chinese, definition, formula: "", unit, null_when: "never", source: "", version: 1, needs: None }
    }
    /// The same column, null in these cases.
    pub const fn null_when(mut self, cases: &'static str) -> Self {
        self.null_when = cases;
        self
    }
    /// The same column with its formula.
    pub const fn formula(mut self, formula: &'static str) -> Self {
        self.formula = formula;
        self
    }
    /// The same column with its source.
    pub const fn source(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }
    /// The same column, published only by jobs that have this.
    pub const fn needs(mut self, need: Need) -> Self {
        self.needs = Some(need);
        self
    }
    /// Whether a null is allowed.
    pub fn is_nullable(&self) -> bool {
        self.null_when != "never"
    }
}

/// An input or column that a table needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The input.
    pub input: &'static str,
    /// Its column; empty for the input as a whole.
    pub column: &'static str,
}

/// One result table.
#[derive(Debug, Clone)]
pub struct Card {
    /// The name of the table and of its folder.
    pub name: Cow<'static, str>,
    /// The Chinese name.
    pub chinese: &'static str,
    /// The question that the table answers.
    pub question: Cow<'static, str>,
    /// What one row is.
    pub grain: &'static str,
    /// The key columns, which come first; rows are unique and sorted by them.
    pub key: &'static [&'static str],
    /// All columns in the order of the file.
    pub columns: Cow<'static, [Column]>,
    /// Inputs and columns without which the table cannot be built.
    pub needs: &'static [Need],
    /// Columns of the orders input that it uses when they are mapped.
    pub uses: &'static [&'static str],
}

impl Card {
    /// The card of the table that a job publishes: without the columns whose need `has` does not find. Key columns have no needs.
    pub fn published(&self, has: &dyn Fn(&Need) -> bool) -> Card {
        let is_there = |column: &&Column| column.needs.as_ref().is_none_or(has);
        Card { columns: self.columns.iter().filter(is_there).copied().collect(), ..self.clone() }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
