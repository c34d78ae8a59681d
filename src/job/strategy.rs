//! Strategies: which customers to contact, from a checked strategy file. The columns that it names belong to result tables; the rooms
//! that define those check them.

use crate::spec::period::parse_day;

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

/// The id of the campaign that a sent list is: strategy, time of the list and shop. [`is_id_of_list`] knows it again.
pub fn id_of_list(strategy: &str, list: &str, shop: &str) -> String {
    format!("{strategy}/{list}/{shop}")
}

/// Whether an id is one that [`id_of_list`] makes of that strategy's lists, `2026-11-21` or `2026-11-21T14:00`.
pub fn is_id_of_list(id: &str, strategy: &str) -> bool {
    let time =
        id.strip_prefix(strategy).and_then(|rest| rest.strip_prefix('/')).and_then(|rest| rest.split_once('/')).map(|(time, _)| time);
    time.is_some_and(|time| {
        let (day, hour) = time.split_once('T').map_or((time, None), |(day, hour)| (day, Some(hour)));
        let is_hour = |hour: &str| hour.len() == 5 && hour.bytes().all(|letter| letter.is_ascii_digit() || letter == b':');
        is_name_of_strategy(strategy) && parse_day(day).is_some() && hour.is_none_or(is_hour)
    })
}

/// Whether a strategy can have that name.
pub fn is_name_of_strategy(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_')
}

/// How the names of the lists' tables begin.
pub const TABLE_PREFIX: &str = "audience_";

/// The name that no strategy can have, because its table holds the customers who were left out.
pub const EXCLUDED: &str = "excluded";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_sent_list_is_known_again() {
        for list in ["2026-11-21", "2026-11-21T14:00"] {
            assert!(is_id_of_list(&id_of_list("vip_care", list, "58501001"), "vip_care"), "{list}");
        }
        let others = [
            ("vip_care/2026-11-21/1", "vip"),
            ("vip_care/2026-11-31/1", "vip_care"),
            ("vip_care/2026-11-21", "vip_care"),
            ("vip_care/2026-11-21T2/1", "vip_care"),
            ("双11大促/2026-11-11/1", "双11大促"),
            ("vip_care-7", "vip_care"),
        ];
        for (id, name) in others {
            assert!(!is_id_of_list(id, name), "{id} of {name}");
        }
    }
}
