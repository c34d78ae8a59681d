//! The rows of the dimensions that no result table has: days and segments, as far as the new rows of the tables name them.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use postgres::Transaction;

use super::days::{self, DAYS};
use super::definition::Definition;
use super::failure::Failure;
use super::foreign_keys::ForeignKey;
use super::incoming::IncomingTable;
use super::quote::{identifier, qualified};
use super::segments::{self, SEGMENTS};
use crate::job::Postgres;
use crate::spec::{Day, WeekStart};

/// Tables with segments, and the columns that name them with those of their positions.
const WITH_SEGMENTS: [(&str, &[(&str, &str)]); 3] = [
    ("segment_value", &[("segment", "position")]),
    ("group_segment_value", &[("segment", "position")]),
    ("segment_migration", &[("from_segment", "from_position"), ("to_segment", "to_position")]),
];

/// The definitions of the dimensions beside tables with these definitions.
pub(super) fn definitions(tables: &[Definition]) -> Vec<Definition> {
    let has_segments = WITH_SEGMENTS.iter().any(|(name, _)| tables.iter().any(|table| table.name == *name));
    let segments = has_segments.then(segments::definition);
    std::iter::once(days::definition()).chain(segments).collect()
}

/// The new rows, which are not yet visible to others.
pub(super) struct NewRows<'a> {
    pub target: &'a Postgres,
    pub tables: &'a [IncomingTable],
}

impl NewRows<'_> {
    /// The name of what holds the new rows of a table, with its schema; `None` if there is no such table.
    pub fn of(&self, table: &str) -> Option<String> {
        let found = self.tables.iter().find(|incoming| incoming.definition.name == table)?;
        Some(qualified(&self.target.partitions(), &found.partition))
    }

    /// The distinct values of a column as texts, ascending; none if there is no such table.
    pub fn values(&self, transaction: &mut Transaction<'_>, table: &str, column: &str) -> Result<Vec<String>, Failure> {
        let Some(rows) = self.of(table) else { return Ok(Vec::new()) };
        let column = identifier(column);
        let sql = format!("SELECT DISTINCT {column}::text COLLATE \"C\" FROM {rows} WHERE {column} IS NOT NULL ORDER BY 1");
        transaction.query(&sql, &[])?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The rows of the dimension of that name; `None` if it is none of these. `keys` are the foreign keys of all tables.
    pub fn dimension(
        &self,
        transaction: &mut Transaction<'_>,
        name: &str,
        keys: &[ForeignKey],
        as_of: Day,
    ) -> Result<Option<RecordBatch>, Failure> {
        Ok(match name {
            DAYS => {
                let (span, events) = (self.span(transaction, keys)?, self.events(transaction)?);
                Some(days::rows(span, as_of, self.week_starts(transaction)?, &events)?)
            }
            SEGMENTS => Some(segments::rows(&self.segments(transaction)?)?),
            _ => None,
        })
    }

    /// The first and the last day that the tables name.
    fn span(&self, transaction: &mut Transaction<'_>, keys: &[ForeignKey]) -> Result<Option<(Day, Day)>, Failure> {
        let mut span: Option<(Day, Day)> = None;
        for key in keys.iter().filter(|key| key.dimension == DAYS) {
            let (Some(rows), Some(column)) = (self.of(&key.table), key.columns.first()) else { continue };
            let column = identifier(column);
            let sql = format!("SELECT min({column}) - '1970-01-01'::date, max({column}) - '1970-01-01'::date FROM {rows}");
            let row = transaction.query_one(&sql, &[])?;
            if let (Some(first), Some(last)) = (row.try_get::<_, Option<Day>>(0)?, row.try_get::<_, Option<Day>>(1)?) {
                span = Some(span.map_or((first, last), |(before, after)| (before.min(first), after.max(last))));
            }
        }
        Ok(span)
    }

    /// The day on which the weeks of the tables begin.
    fn week_starts(&self, transaction: &mut Transaction<'_>) -> Result<WeekStart, Failure> {
        let Some(rows) = self.of("shop_periods") else { return Ok(WeekStart::default()) };
        let sql = format!("SELECT extract(isodow FROM min(period_start))::integer FROM {rows} WHERE grain = 'week'");
        let weekday: Option<i32> = transaction.query_one(&sql, &[])?.try_get(0)?;
        Ok(if weekday == Some(7) { WeekStart::Sunday } else { WeekStart::Monday })
    }

    /// By day the names of the events of all shops, ascending.
    fn events(&self, transaction: &mut Transaction<'_>) -> Result<BTreeMap<Day, Vec<String>>, Failure> {
        let mut events: BTreeMap<Day, Vec<String>> = BTreeMap::new();
        let Some(rows) = self.of("shop_events") else { return Ok(events) };
        let sql = format!("SELECT DISTINCT date - '1970-01-01'::date, event COLLATE \"C\" FROM {rows} WHERE is_of_all_shops ORDER BY 1, 2");
        for row in transaction.query(&sql, &[])? {
            events.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
        }
        Ok(events)
    }

    /// All segments of the tables, with their positions.
    fn segments(&self, transaction: &mut Transaction<'_>) -> Result<BTreeMap<(String, String), Option<i64>>, Failure> {
        let mut found = BTreeMap::new();
        for (table, columns) in WITH_SEGMENTS {
            let Some(rows) = self.of(table) else { continue };
            for (segment, position) in columns {
                let sql = format!("SELECT scheme, {segment}, max({position}) FROM {rows} GROUP BY scheme, {segment}");
                for row in transaction.query(&sql, &[])? {
                    found.insert((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?);
                }
            }
        }
        Ok(found)
    }
}
