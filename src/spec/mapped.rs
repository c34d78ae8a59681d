//! Mapped inputs: which inputs a job has, and which of their columns, so that tables leave out what would always be null.

use std::collections::{BTreeMap, BTreeSet};

use super::card::Need;

/// The inputs of a job, each with its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedInputs(BTreeMap<&'static str, BTreeSet<&'static str>>);

impl MappedInputs {
    /// Adds an input with its columns.
    pub fn add(&mut self, input: &'static str, columns: impl IntoIterator<Item = &'static str>) {
        self.0.entry(input).or_default().extend(columns);
    }

    /// Whether the job has what is needed: the input, and its column where one is named.
    pub fn has(&self, need: &Need) -> bool {
        self.0.get(need.input).is_some_and(|columns| need.column.is_empty() || columns.contains(need.column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Card, Column, Kind};

    #[test]
    fn a_table_is_published_without_the_columns_whose_input_is_not_there() {
        let views = Need { input: "page_views", column: "" };
        let customers = Need { input: "page_views", column: "customer_id" };
        let column = |name: &'static str| Column::new(name, Kind::Count, "", "", "");
        let columns = vec![column("shop_id"), column("uv").needs(views), column("viewers").needs(customers), column("pv")];
        let card = Card {
            name: "t".into(),
            chinese: "",
            question: "".into(),
            grain: "",
            key: &["shop_id"],
            columns: columns.into(),
            needs: &[],
            uses: &[],
        };
        let published = |inputs: &MappedInputs| {
            let card = card.published(&|need| inputs.has(need));
            card.columns.iter().map(|column| column.name).collect::<Vec<_>>()
        };
        let mut inputs = MappedInputs::default();
        inputs.add("orders", ["customer_id"]);
        assert_eq!(published(&inputs), ["shop_id", "pv"]);
        inputs.add("page_views", ["visitor_id"]);
        assert_eq!(published(&inputs), ["shop_id", "uv", "pv"]);
        inputs.add("page_views", ["customer_id"]);
        assert_eq!(published(&inputs), ["shop_id", "uv", "viewers", "pv"]);
    }
}
