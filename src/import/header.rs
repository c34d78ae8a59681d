//! Headers: the row of a file with the names of its columns, which of ours are found there, and which are missing.

use super::preset::Preset;
use super::redaction::has_number;
use super::row::{Row, plain};
use crate::error::{Problem, listed};
use crate::job::nearest;

/// Rows that are searched for a header: exports may have text above it.
pub const ROWS: usize = 50;

/// One of our columns, and its possible names in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Our name.
    pub ours: String,
    /// The names in files, the best one first.
    pub theirs: Vec<String>,
}

/// The columns to find in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The columns.
    pub names: Vec<Name>,
    /// Groups of our columns; at least one of each group is required.
    pub needs: Vec<Vec<String>>,
}

impl Search {
    /// The columns of a preset.
    pub fn of(preset: &Preset) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Search {
            names: preset.wanted.iter().map(|wanted| Name { ours: wanted.ours.to_owned(), theirs: owned(wanted.theirs) }).collect(),
            needs: preset.needs.iter().map(|group| owned(group)).collect(),
        }
    }

    /// The same without one of our columns.
    pub fn without(mut self, ours: &str) -> Self {
        self.names.retain(|name| name.ours != ours);
        self.needs.iter_mut().for_each(|group| group.retain(|name| name != ours));
        self.needs.retain(|group| !group.is_empty());
        self
    }

    fn theirs(&self, ours: &str) -> &[String] {
        self.names.iter().find(|name| name.ours == ours).map_or(&[], |name| &name.theirs)
    }
}

/// A header that was found, or the row that resembles one most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The number of its row.
    pub number: u64,
    /// The names of its columns, without padding.
    pub columns: Vec<String>,
    /// Our columns that were found, with their positions.
    pub found: Vec<(String, usize)>,
    /// The groups of which no column was found.
    pub missing: Vec<Vec<String>>,
}

impl Header {
    /// Reads a row as a header.
    pub fn of(row: &Row, search: &Search) -> Self {
        Header::named(row.number, row.cells.iter().map(|cell| cell.shown()).collect(), search)
    }

    /// The header of these names, in the row of that number; 0 is before the first row.
    pub fn named(number: u64, columns: Vec<String>, search: &Search) -> Self {
        let normal: Vec<String> = columns.iter().map(|name| normalized(name)).collect();
        let position = |name: &String| {
            let wanted = normalized(name);
            normal.iter().position(|column| *column == wanted)
        };
        let found: Vec<(String, usize)> =
            search.names.iter().filter_map(|name| Some((name.ours.clone(), name.theirs.iter().find_map(position)?))).collect();
        let is_there = |ours: &String| found.iter().any(|(name, _)| name == ours);
        let missing = search.needs.iter().filter(|group| !group.iter().any(is_there)).cloned().collect();
        Header { number, columns, found, missing }
    }

    /// Whether all required columns were found.
    pub fn is_complete(&self) -> bool {
        !self.columns.is_empty() && self.missing.is_empty()
    }

    /// The position of one of our columns.
    pub fn position(&self, ours: &str) -> Option<usize> {
        self.found.iter().find(|(name, _)| name == ours).map(|(_, position)| *position)
    }

    /// The name in the file of one of our columns.
    pub fn theirs(&self, ours: &str) -> &str {
        self.position(ours).and_then(|position| self.columns.get(position)).map_or("", String::as_str)
    }

    /// The columns that are none of ours, in the order of the file.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        let is_other = |position: &usize| !self.found.iter().any(|(_, found)| found == position);
        self.columns
            .iter()
            .enumerate()
            .filter(move |(position, name)| is_other(position) && !name.is_empty())
            .map(|(_, name)| name.as_str())
    }

    /// The problems of the header: for each group that is missing, the names that were looked for and the most similar one there is.
    pub fn problems(&self, place: &str, search: &Search) -> Vec<Problem> {
        if self.columns.is_empty() {
            return vec![Problem::new(place, "has no rows").help("was the export still being written? export it anew")];
        }
        // A row with numbers of orders or telephones is not a header, and what stands in it is nobody's business.
        let is_data = self.columns.iter().any(|name| has_number(name));
        let here = self.columns.iter().filter(|name| !name.is_empty() && !is_data).map(String::as_str);
        let shown = listed(here.clone().map(str::to_owned).collect::<Vec<_>>().into_iter(), 12);
        let shown = if is_data { "data, not names of columns".to_owned() } else { shown };
        let missing = self.missing.iter().map(|group| {
            let names: Vec<&str> = group.iter().flat_map(|ours| search.theirs(ours)).map(String::as_str).collect();
            let near = names.iter().find_map(|name| nearest(name, here.clone()));
            let near = near.map_or(String::new(), |near| format!(" (`{near}` comes nearest)"));
            let kept = names.iter().take(8).copied().collect::<Vec<_>>().join("`, `");
            Problem::new(place, format!("no column `{kept}`{near}; the row that looks most like a header, {}, has: {shown}", self.number))
                .help("is it the export that the preset means? other files: `huitou import generic --map ours=theirs`")
        });
        missing.collect()
    }
}

/// A name in the form in which names are compared: without blanks, with half-width characters, in lower case.
pub fn normalized(name: &str) -> String {
    let narrow = |letter: char| match letter {
        // The full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        _ => letter,
    };
    plain(name).chars().filter(|letter| !letter.is_whitespace()).map(narrow).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::preset::TMALL_ORDERS;
    use super::super::row::Cell;
    use super::*;

    fn header(names: &[&str]) -> Header {
        let cells = names.iter().map(|name| Cell::Text((*name).to_owned())).collect();
        Header::of(&Row { number: 3, cells, ..Row::default() }, &Search::of(&TMALL_ORDERS))
    }

    #[test]
    fn names_are_compared_without_blanks_width_and_marks() {
        assert_eq!(normalized("\u{feff}收货地址 "), "收货地址");
        assert_eq!(normalized("浏览量（ＰＶ）"), "浏览量(pv)");
        assert_eq!(normalized("=\"店铺Id\""), "店铺id");
    }

    #[test]
    fn columns_are_found_by_any_of_their_names_the_best_first() {
        let header = header(&["付款日期", "收货地址 ", "修改后的收货地址", "实付金额", "买家昵称", "省份", "旗帜"]);
        assert!(header.is_complete());
        assert_eq!((header.position("paid_at"), header.position("province"), header.position("order_id")), (Some(0), Some(5), None));
        assert_eq!(header.others().collect::<Vec<_>>(), ["收货地址", "修改后的收货地址", "旗帜"]);
        assert_eq!(header.theirs("customer_id"), "买家昵称");
    }

    #[test]
    fn a_missing_column_is_reported_with_the_most_similar_name() {
        let found = header(&["订单编号", "订单创建时问", "买家实际支付金额"]);
        let problems = found.problems("a.csv", &Search::of(&TMALL_ORDERS));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.starts_with("no column `订单创建时间`, `下单时间`"), "{}", problems[0].message);
        assert!(problems[0].message.contains("`订单创建时问` comes nearest"), "{}", problems[0].message);
        assert!(Header::default().problems("a.csv", &Search::of(&TMALL_ORDERS))[0].message.contains("no rows"));
    }
}
