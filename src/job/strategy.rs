//! Strategies: which customers to contact, from a checked strategy file. The columns that it names belong to result tables; the rooms
//! that define those check them.

/// One strategy file: a list of customers for every shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategy {
    /// The name; its table is `audience_<name>`. Name and customer id decide which customers are held out.
    pub name: String,
    /// Its purpose in one line; the name if the file has none.
    pub title: String,
    /// Where the job names the file.
    pub place: String,
    /// The condition for candidates, in SQL over their columns.
    pub condition: String,
    /// Where the file has the condition.
    pub condition_place: String,
    /// The columns by which candidates are sorted, the best first; at least one.
    pub order_by: Vec<Ordering>,
    /// Where the file has the order; the beginning of the file if it has none.
    pub order_place: String,
    /// The largest number of customers of a shop on the list.
    pub max_size: usize,
    /// Customers on a list of this many days before are left out.
    pub cool_down_days: i32,
    /// Hours that must have passed since the last order.
    pub min_hours_since_order: i64,
    /// The share of customers who are held out, at least 0 and below 1.
    pub control_share: f64,
}

/// A column by which candidates are sorted.
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

/// The name that no strategy can have, because its table holds the customers who were left out.
pub const EXCLUDED: &str = "excluded";
