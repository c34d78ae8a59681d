//! Strategies: whom to contact and why, as a strategy file says it, checked. The columns that it names belong to result tables, and
//! are checked where those are known.

/// One strategy file: a list of customers for every shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategy {
    /// The name, and that of its table: `audience_<name>`. It decides, with the customer's id, who is held out.
    pub name: String,
    /// What it is for, in a line; the name where the file has none.
    pub title: String,
    /// Where the job names the file.
    pub place: String,
    /// Who is a candidate: a condition in SQL over the columns of a candidate.
    pub condition: String,
    /// Where the file has the condition.
    pub condition_place: String,
    /// What puts the candidates in order, the best first; at least one column.
    pub order_by: Vec<Ordering>,
    /// Where the file has it; the beginning of the file, if it has none.
    pub order_place: String,
    /// Customers of a shop that the list has at most.
    pub max_size: usize,
    /// Who stood on a list of one of so many days before is left out.
    pub cool_down_days: i32,
    /// Hours that must have passed since the last order.
    pub min_hours_since_order: i64,
    /// The share of customers who are held out, at least 0 and below 1.
    pub control_share: f64,
}

/// A column by which candidates are put in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd)]
pub struct Ordering {
    /// The column.
    pub column: String,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

impl Strategy {
    /// The name of the table of a strategy.
    pub fn table_of(name: &str) -> String {
        format!("{TABLE_PREFIX}{name}")
    }

    /// The name of its table.
    pub fn table(&self) -> String {
        Strategy::table_of(&self.name)
    }
}

/// How the names of the lists' tables begin.
pub const TABLE_PREFIX: &str = "audience_";

/// The name that no strategy can have: its table is that of the customers who were left out.
pub const EXCLUDED: &str = "excluded";
