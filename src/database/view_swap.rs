//! What a load does with the views: nothing, mostly, since they stay over tables that stay. It creates, changes or drops those that are
//! not what they should be.

use std::collections::BTreeSet;

use postgres::Transaction;

use super::failure::Failure;
use super::incoming::{IncomingTable, TableChange};
use super::quote::qualified;
use super::rights::rights;
use super::state::{DatabaseState, ExistingView};
use super::view::View;
use super::view_ledger::ViewEntry;
use crate::job::Postgres;

/// What changes of the views.
#[derive(Debug, Default)]
pub(super) struct ViewChanges {
    /// Views that must not be in use meanwhile, by their names.
    pub locked: Vec<String>,
    /// Before the tables change: the view, and the SQL that drops it.
    pub dropped: Vec<(String, String)>,
    /// After the tables have changed: the view, and the SQL that creates it or changes it.
    pub created: Vec<(String, String)>,
    /// What huitou_views says afterwards.
    pub entries: Vec<ViewEntry>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
}

/// What must change so that the database has exactly the views that are wanted.
pub(super) fn changes(
    transaction: &mut Transaction<'_>,
    target: &Postgres,
    state: &DatabaseState,
    wanted: &[View],
    incoming: &[IncomingTable],
) -> Result<ViewChanges, Failure> {
    // A table that is new takes the place of one that somebody dropped or renamed: the view still shows that one.
    let replaced: Vec<String> = incoming
        .iter()
        .filter(|table| !matches!(table.change, TableChange::Kept(_)))
        .map(|table| qualified(&target.schema, &table.definition.name))
        .collect();
    let used = used_by_others(transaction, state)?;
    let mut changes = ViewChanges::default();
    for view in wanted {
        if let Some(kind) = state.others.get(&view.name) {
            let (schema, name) = (&target.schema, &view.name);
            changes.warnings.push(format!("`{schema}.{name}` is {kind} that huitou did not create: the view of that name is left out"));
            continue;
        }
        let entry = ViewEntry { view: view.name.clone(), table: view.table.clone(), rows: view.rows.clone(), definition: view.select() };
        let existing = state.views.get(&view.name);
        changes.add(transaction, target, view, existing, &entry, &replaced)?;
        changes.entries.push(entry);
    }
    for (name, existing) in state.views.iter().filter(|(name, _)| !wanted.iter().any(|view| view.name == **name)) {
        if used.contains(&existing.oid) {
            changes.entries.push(existing.entry.clone());
            changes.warnings.push(format!("the view `{name}` is no longer made; it stays, because other objects depend on it"));
        } else {
            changes.drop(target, name);
        }
    }
    changes.entries.sort_unstable();
    Ok(changes)
}

impl ViewChanges {
    fn add(
        &mut self,
        transaction: &mut Transaction<'_>,
        target: &Postgres,
        view: &View,
        existing: Option<&ExistingView>,
        entry: &ViewEntry,
        replaced: &[String],
    ) -> Result<(), Failure> {
        let schema = &target.schema;
        let Some(existing) = existing else {
            self.created.push((view.name.clone(), view.create(schema, None) + &view.comments(schema, None)));
            return Ok(());
        };
        let must_go = replaced.iter().any(|table| existing.entry.definition.contains(table));
        if must_go || !view.can_replace(existing) {
            let columns: Vec<&str> = view.columns.iter().map(|column| column.name.as_str()).collect();
            let restored = rights(transaction, (schema, &view.name), (existing.oid, &existing.owner), &columns)?;
            self.drop(target, &view.name);
            self.created.push((view.name.clone(), view.create(schema, None) + &view.comments(schema, None) + &restored));
        } else if existing.entry.definition == entry.definition {
            let comments = view.comments(schema, Some(existing));
            if !comments.is_empty() {
                self.created.push((view.name.clone(), comments));
            }
        } else {
            self.locked.push(view.name.clone());
            self.created.push((view.name.clone(), view.create(schema, Some(existing)) + &view.comments(schema, Some(existing))));
        }
        Ok(())
    }

    fn drop(&mut self, target: &Postgres, name: &str) {
        self.locked.push(name.to_owned());
        self.dropped.push((name.to_owned(), format!("DROP VIEW {};\n", qualified(&target.schema, name))));
    }
}

/// The views of huitou on which other views are built, and which can therefore not be dropped.
fn used_by_others(transaction: &mut Transaction<'_>, state: &DatabaseState) -> Result<BTreeSet<u32>, Failure> {
    const USED: &str =
        "SELECT DISTINCT d.refobjid FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY($1) AND r.ev_class <> d.refobjid";
    let views: Vec<u32> = state.views.values().map(|view| view.oid).collect();
    transaction.query(USED, &[&views])?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
