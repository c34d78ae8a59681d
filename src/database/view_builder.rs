//! How a view is put together: the rows of a table that it shows, and the names of shops, segments and days beside them.

use super::code_names::{CODED, Language, expression};
use super::days::DAYS;
use super::definition::{ColumnDefinition, Definition, SqlType};
use super::foreign_keys::{SHOP_ID, SHOPS};
use super::quote::{identifier, literal, qualified};
use super::segments::SEGMENTS;
use super::view::{View, ViewColumn};

/// Which rows of a table a view shows.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// The view.
    name: String,
    /// Conditions, all of which hold.
    conditions: Vec<String>,
    /// Columns that are the same in all rows.
    hidden: Vec<String>,
}

impl Rows {
    /// All rows.
    pub fn named(name: String) -> Rows {
        Rows { name, conditions: Vec::new(), hidden: Vec::new() }
    }

    /// The rows with that value of the column.
    pub fn of(name: String, column: &str, value: &str) -> Rows {
        Rows::named(name).and(column, value)
    }

    /// Of these, those with that value of the column, which the view does not show.
    pub fn and(self, column: &str, value: &str) -> Rows {
        self.with(format!("{column} = {}", literal(value))).hiding(column)
    }

    /// Of these, those for which the condition holds.
    pub fn with(mut self, condition: String) -> Rows {
        self.conditions.push(condition);
        self
    }

    /// The same, without the column.
    pub fn hiding(mut self, column: &str) -> Rows {
        self.hidden.push(column.to_owned());
        self
    }
}

/// What views are made of.
pub(super) struct Builder<'a> {
    /// The schema of the tables.
    pub schema: &'a str,
    /// All tables.
    pub definitions: &'a [Definition],
}

impl Builder<'_> {
    /// The table of that name.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.name == name)
    }

    /// Whether there is a table of that name.
    pub fn has(&self, name: &str) -> bool {
        self.definition(name).is_some()
    }

    /// A view of these rows of a table, with the names of its shops and segments; `None` if there is no such table.
    pub fn view(&self, table: &str, rows: &Rows) -> Option<View> {
        let definition = self.definition(table)?;
        let mut parts = Parts::new(self, definition, &rows.hidden);
        parts.shops();
        if self.has(SEGMENTS) && rows.hidden.iter().any(|column| column == "scheme") {
            let scheme = rows.conditions.first().map_or("", |condition| condition.trim_start_matches("scheme = "));
            for (column, prefix) in [("segment", "segment"), ("from_segment", "from"), ("to_segment", "to")] {
                parts.segment(scheme, column, prefix);
            }
        }
        if table.starts_with("assessment_") {
            CODED.iter().for_each(|column| parts.code_names(column));
        }
        if table == "restatements" {
            parts.code_names("cause");
        }
        Some(parts.view(&rows.name, &rows.conditions))
    }

    /// The days of shops, with weekday and events.
    pub fn shop_day(&self) -> Option<View> {
        const DAY: [&str; 4] = ["weekday", "weekday_name", "weekday_chinese", "is_weekend"];
        let definition = self.definition("shop_daily")?;
        let mut parts = Parts::new(self, definition, &[]);
        parts.shops();
        parts.from += &format!(" JOIN {} d ON d.date = t.date", qualified(self.schema, DAYS));
        for column in self.definition(DAYS)?.columns.iter().filter(|column| DAY.contains(&column.name.as_str())) {
            parts.add(&column.name, column.sql_type, format!("d.{}", identifier(&column.name)), &column.comment);
        }
        if let Some(events) = self.definition("shop_events") {
            parts.from += &format!(
                " LEFT JOIN (SELECT shop_id, date, string_agg(event, ', ' ORDER BY event COLLATE \"C\") AS event FROM {} GROUP BY shop_id, \
                 date) e ON e.shop_id = t.shop_id AND e.date = t.date",
                qualified(self.schema, &events.name)
            );
            let comment = "活动或事件. The events of the shop on the day, divided by commas. Null: none.";
            parts.add("event", SqlType::Text, "e.event".to_owned(), comment);
        }
        Some(parts.view("shop_day", &[]))
    }

    /// The customers, with the names of their segments.
    pub fn customer(&self) -> Option<View> {
        let mut parts = Parts::new(self, self.definition("customers")?, &[]);
        parts.shops();
        if self.has(SEGMENTS) {
            for scheme in ["lifecycle", "rfm_segment", "value_tier"] {
                parts.segment(&literal(scheme), scheme, scheme);
            }
        }
        Some(parts.view("customer", &[]))
    }

    /// All lists of strategies one below the other, with the columns that all of them have.
    pub fn lists(&self, lists: &[&Definition]) -> Option<View> {
        let first = lists.first()?;
        let in_all = |column: &&ColumnDefinition| {
            lists.iter().all(|list| list.column(&column.name).is_some_and(|other| other.sql_type == column.sql_type))
        };
        let columns: Vec<ColumnDefinition> = first.columns.iter().filter(in_all).cloned().collect();
        let names: Vec<String> = columns.iter().map(|column| identifier(&column.name)).collect();
        let one = |list: &&Definition| format!("SELECT {} FROM {}", names.join(", "), qualified(self.schema, &list.name));
        let union = lists.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ");
        let together = Definition {
            name: "audience_<strategy>".to_owned(),
            columns,
            key: first.key.clone(),
            comment: "营销名单. Whom should each shop contact, by all strategies of the job, and whom leave alone to see what it does? One row: one \
                      customer of one shop on the list of one strategy."
                .to_owned(),
        };
        let mut parts = Parts::new(self, &together, &[]);
        parts.from = format!("FROM ({union}) t");
        parts.shops();
        Some(parts.view("list_customer", &[]))
    }
}

/// A view in the making.
struct Parts<'a> {
    builder: &'a Builder<'a>,
    definition: &'a Definition,
    columns: Vec<ViewColumn>,
    from: String,
}

impl<'a> Parts<'a> {
    /// The columns of a table, but for the hidden ones.
    fn new(builder: &'a Builder<'a>, definition: &'a Definition, hidden: &[String]) -> Parts<'a> {
        let from = format!("FROM {} t", qualified(builder.schema, &definition.name));
        let mut parts = Parts { builder, definition, columns: Vec::new(), from };
        for column in definition.columns.iter().filter(|column| !hidden.contains(&column.name)) {
            parts.add(&column.name, column.sql_type, format!("t.{}", identifier(&column.name)), &column.comment);
        }
        parts
    }

    /// A further column, unless there is one of that name.
    fn add(&mut self, name: &str, sql_type: SqlType, expression: String, comment: &str) {
        if self.columns.iter().all(|column| column.name != name) {
            self.columns.push(ViewColumn { name: name.to_owned(), sql_type, expression, comment: comment.to_owned() });
        }
    }

    /// Name, category and group of the shop, where a row is one shop's.
    fn shops(&mut self) {
        let Some(shops) = self.builder.definition(SHOPS) else { return };
        if self.definition.column(SHOP_ID).map(|column| column.sql_type) != shops.column(SHOP_ID).map(|column| column.sql_type) {
            return;
        }
        // Who groups by the name must not take two shops of one name for one.
        self.from += &format!(
            " LEFT JOIN (SELECT shop_id, category, shop_group, coalesce(CASE WHEN count(*) OVER (PARTITION BY name) = 1 THEN name ELSE name || ' ' || \
             shop_id END, shop_id::text) AS name FROM {}) s ON s.shop_id = t.shop_id",
            qualified(self.builder.schema, SHOPS)
        );
        let comment =
            "店铺名称. What people call the shop, with its id behind it where two shops are called so; the id where nobody says it.";
        // Lists have a name of their own, which is that of the input.
        self.columns.retain(|column| column.name != "shop_name");
        self.add("shop_name", SqlType::Text, "s.name".to_owned(), comment);
        self.add("shop_category", SqlType::Text, "s.category".to_owned(), "主营类目. The shop's main category. Null: nobody says it.");
        let group = "店铺分组. The brand, company or agency to which the shop belongs with others. Null: nobody says it.";
        self.add("shop_group", SqlType::Text, "s.shop_group".to_owned(), group);
    }

    /// Names and place of the segment in a column, of the scheme that is written as a literal.
    fn segment(&mut self, scheme: &str, column: &str, prefix: &str) {
        if self.definition.column(column).is_none() {
            return;
        }
        let (alias, table) = (identifier(&format!("{prefix}_names")), qualified(self.builder.schema, SEGMENTS));
        self.from += &format!(" LEFT JOIN {table} {alias} ON {alias}.scheme = {scheme} AND {alias}.segment = t.{}", identifier(column));
        for (own, sql_type, what) in [
            ("name", SqlType::Text, "英文名称. What people call"),
            ("chinese", SqlType::Text, "中文名称. What people call in Chinese"),
            ("place", SqlType::BigInt, "排序. The place, to sort by, of"),
        ] {
            self.add(
                &format!("{prefix}_{own}"),
                sql_type,
                format!("{alias}.{own}"),
                &format!("{what} the segment in {column}; see segments."),
            );
        }
    }

    /// The names of the codes in a column.
    fn code_names(&mut self, column: &str) {
        let Some(known) = self.definition.column(column) else { return };
        let chinese = known.comment.split(". ").next().unwrap_or(column);
        let code = format!("t.{}", identifier(column));
        for (own, language, what) in [
            ("name", Language::English, "英文名称. What people call"),
            ("chinese", Language::Chinese, "中文名称. What people call in Chinese"),
        ] {
            let comment = format!("{chinese}{what} the code in {column}; the code itself where it has no name.");
            self.add(&format!("{column}_{own}"), SqlType::Text, expression(column, &code, language), &comment);
        }
    }

    /// The view of the rows for which all conditions hold.
    fn view(self, name: &str, conditions: &[String]) -> View {
        let rows = conditions.join(" AND ");
        let (mut from, mut comment) = (self.from, self.definition.comment.clone());
        if !rows.is_empty() {
            let of_table: Vec<String> = conditions.iter().map(|condition| format!("({})", of_table(self.definition, condition))).collect();
            from += &format!(" WHERE {}", of_table.join(" AND "));
            comment += &format!(" Only rows with {rows}.");
        }
        View { name: name.to_owned(), table: self.definition.name.clone(), rows, columns: self.columns, from, comment }
    }
}

/// The condition with its columns as those of `t`: other tables beside it have some of the same names.
fn of_table(definition: &Definition, condition: &str) -> String {
    let word = |word: &str| match definition.column(word) {
        Some(column) => format!("t.{}", identifier(&column.name)),
        None => word.to_owned(),
    };
    condition.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
