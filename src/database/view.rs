//! A view: one grain or one scheme of a table, with the names of shops and segments, so that a sum over its rows counts nothing twice.

use std::fmt::Write;

use super::definition::SqlType;
use super::quote::{identifier, literal, qualified};
use super::state::ExistingView;

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub name: String,
    /// The table whose rows it shows.
    pub table: String,
    /// Which of its rows, as a condition that people read; empty for all.
    pub rows: String,
    pub columns: Vec<ViewColumn>,
    /// What follows the columns: `FROM …`.
    pub from: String,
    pub comment: String,
}

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ViewColumn {
    pub name: String,
    pub sql_type: SqlType,
    /// What it shows, in SQL.
    pub expression: String,
    pub comment: String,
}

impl View {
    /// What it shows, as SQL: the same text for the same view.
    pub fn select(&self) -> String {
        self.select_of(self.columns.iter().map(|column| (column.name.as_str(), column.expression.clone())))
    }

    fn select_of<'a>(&'a self, columns: impl Iterator<Item = (&'a str, String)>) -> String {
        let columns: Vec<String> = columns.map(|(name, expression)| format!("{expression} AS {}", identifier(name))).collect();
        format!("SELECT {} {}", columns.join(", "), self.from)
    }

    /// Whether an existing view can become this one while others are built on it: no column has another type.
    pub fn can_replace(&self, existing: &ExistingView) -> bool {
        existing.columns.iter().all(|old| {
            let own = self.columns.iter().find(|column| column.name == old.name);
            own.is_none_or(|own| own.sql_type.name() == old.type_name)
        })
    }

    /// The SQL that creates it, or makes the existing view this one. Of that the columns stay in their places, those that are no longer
    /// there without values, because others may be built on them.
    pub fn create(&self, schema: &str, existing: Option<&ExistingView>) -> String {
        let old = existing.map_or(&[] as &[_], |existing| existing.columns.as_slice());
        let kept = old.iter().map(|old| {
            let own = self.columns.iter().find(|column| column.name == old.name);
            (old.name.as_str(), own.map_or_else(|| format!("NULL::{}", old.type_name), |own| own.expression.clone()))
        });
        let is_new = |column: &&ViewColumn| !old.iter().any(|old| old.name == column.name);
        let added = self.columns.iter().filter(is_new).map(|column| (column.name.as_str(), column.expression.clone()));
        let select = self.select_of(kept.chain(added));
        format!("CREATE OR REPLACE VIEW {} AS {select};\n", qualified(schema, &self.name))
    }

    /// The SQL for the comments that the existing view does not have.
    pub fn comments(&self, schema: &str, existing: Option<&ExistingView>) -> String {
        let view = qualified(schema, &self.name);
        let mut sql = String::new();
        if existing.and_then(|existing| existing.comment.as_ref()) != Some(&self.comment) {
            let _ = writeln!(sql, "COMMENT ON VIEW {view} IS {};", literal(&self.comment));
        }
        for column in &self.columns {
            let old = existing.and_then(|existing| existing.columns.iter().find(|old| old.name == column.name));
            if old.and_then(|old| old.comment.as_ref()) != Some(&column.comment) {
                let _ = writeln!(sql, "COMMENT ON COLUMN {view}.{} IS {};", identifier(&column.name), literal(&column.comment));
            }
        }
        sql
    }
}

#[cfg(test)]
mod tests {
    use crate::database::state::ExistingViewColumn;

    use super::*;

    fn view() -> View {
        let column = |name: &str, sql_type| ViewColumn {
            name: name.to_owned(),
            sql_type,
            expression: format!("t.\"{name}\""),
            comment: format!("What {name} is."),
        };
        View {
            name: "shop_month".to_owned(),
            table: "shop_periods".to_owned(),
            rows: "grain = 'month'".to_owned(),
            columns: vec![column("shop_id", SqlType::Text), column("paid_amount", SqlType::Money), column("uv", SqlType::BigInt)],
            from: "FROM h.shop_periods t WHERE t.grain = 'month'".to_owned(),
            comment: "The months.".to_owned(),
        }
    }

    fn existing(columns: &[(&str, &str)]) -> ExistingView {
        let column = |(name, type_name): &(&str, &str)| ExistingViewColumn {
            name: (*name).to_owned(),
            type_name: (*type_name).to_owned(),
            comment: (*name == "shop_id").then(|| "What shop_id is.".to_owned()),
        };
        ExistingView { columns: columns.iter().map(column).collect(), ..ExistingView::default() }
    }

    #[test]
    fn an_existing_view_keeps_the_places_of_its_columns() {
        assert_eq!(
            view().create("h", None),
            "CREATE OR REPLACE VIEW \"h\".\"shop_month\" AS SELECT t.\"shop_id\" AS \"shop_id\", t.\"paid_amount\" AS \"paid_amount\", \
             t.\"uv\" AS \"uv\" FROM h.shop_periods t WHERE t.grain = 'month';\n"
        );
        let old = existing(&[("gone", "bigint"), ("paid_amount", "numeric(18,2)"), ("shop_id", "text")]);
        assert!(view().can_replace(&old));
        assert_eq!(
            view().create("h", Some(&old)),
            "CREATE OR REPLACE VIEW \"h\".\"shop_month\" AS SELECT NULL::bigint AS \"gone\", t.\"paid_amount\" AS \"paid_amount\", \
             t.\"shop_id\" AS \"shop_id\", t.\"uv\" AS \"uv\" FROM h.shop_periods t WHERE t.grain = 'month';\n"
        );
        assert!(!view().can_replace(&existing(&[("shop_id", "bigint")])), "another type");
        assert_eq!(view().comments("h", None).lines().count(), 4);
        assert_eq!(view().comments("h", Some(&old)).lines().count(), 3);
    }
}
