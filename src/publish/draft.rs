//! An unpublished snapshot: takes tables and other files, then runs the steps that publish it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use sha2::{Digest, Sha256};

use super::conform::Conform;
use super::contents::{Contents, locked};
use super::history::Snapshot;
use super::latest::Latest;
use super::layout::{MANIFEST, aside_name, scratch_name};
use super::manifest::{FileEntry, Manifest};
use super::step::step;
use super::store::{Folders, Store};
use super::work::Work;
use super::writer::TableWriter;
use crate::disk::durable::{Syncing, failed};
use crate::disk::folder::Folder;
use crate::disk::unfinished::{self, Unfinished};
use crate::error::{Error, Result};
use crate::spec::Card;
use crate::spec::IdTypes;
use crate::spec::schema::{in_currency, schema};

/// An unpublished snapshot. Dropped without [`publish`](Draft::publish), it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    store: Store,
    work: Work,
    folder: Folder,
    contents: Contents,
    /// Whether the snapshot will be one of an experiment: the work is, and does not replace a damaged or shortened snapshot that was
    /// published.
    is_experiment: bool,
    is_published: bool,
    _unfinished: Unfinished,
}

/// The result of publishing.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The folder of the snapshot.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// Whether this run made it; `false` if the same work was done before.
    pub is_new: bool,
    /// What happened to the link `latest`.
    pub latest: Latest,
}

impl Draft {
    pub(super) fn new(store: &Store, work: &Work) -> Result<Draft> {
        // The folders can exist only because of a second draft of the same work in this process: the lock keeps other
        // processes out, and opening the store swept `tmp`.
        // Known before it is there: a signal may come between.
        let unfinished = store.unfinished();
        let folder = store.folders().tmp.create_folder(work.name())?;
        let draft = Draft {
            store: store.clone(),
            work: work.clone(),
            folder,
            contents: Contents::default(),
            is_experiment: work.is_experiment() && !store.was_published(&work.name()),
            is_published: false,
            _unfinished: unfinished,
        };
        store.folders().tmp.create_folder(scratch_name(&work.name()))?;
        step("publish::begin", draft.folder.path())?;
        Ok(draft)
    }

    /// The folder of the draft.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A folder for temporary files of this run, beside the draft. Like the draft, it is removed after a crash.
    pub fn scratch(&self) -> PathBuf {
        self.store.folders().tmp.path().join(scratch_name(&self.work.name()))
    }

    /// The same folder, opened.
    pub(super) fn scratch_folder(&self) -> Result<Folder> {
        self.store.folders().tmp.folder(scratch_name(&self.work.name()))
    }

    /// The store.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// The name of the snapshot.
    pub(super) fn name(&self) -> String {
        self.work.name()
    }

    /// A writer for the table of a card, whose texts are in the currency. Every batch is checked against the card before it is written; see [`Conform`].
    ///
    /// # Errors
    /// `Bug` where the table was begun before or the card is inconsistent; `Output` where its folder cannot be created.
    pub fn result(&self, card: &Card, ids: &IdTypes, currency: &str) -> Result<TableWriter> {
        let conform = Conform::new(card, ids)?;
        Ok(self.table(&card.name, in_currency(&schema(card, ids), currency))?.checked_by(conform))
    }

    /// A writer for a table of any schema, unchecked. The metadata entry `key` of the schema names the columns that it is sorted by.
    ///
    /// # Errors
    /// `Bug` where the table was begun before; `Output` where its folder cannot be created.
    pub fn table(&self, name: &str, schema: SchemaRef) -> Result<TableWriter> {
        self.claim(name)?;
        TableWriter::new(name, self.folder.create_folder(name)?, schema, Arc::clone(&self.contents))
    }

    /// Writes a file beside the tables, such as `report.html`.
    ///
    /// # Errors
    /// `Bug` where there is one of that name; `Output` where it cannot be written.
    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<FileEntry> {
        self.claim(name)?;
        self.folder.create_file(name)?.write_all(bytes).map_err(failed(&self.folder.path().join(name)))?;
        let entry = FileEntry { file: name.to_string(), bytes: bytes.len() as u64, sha256: hex::encode(Sha256::digest(bytes)) };
        locked(&self.contents).files.push(entry.clone());
        Ok(entry)
    }

    /// Registers the name of a file or folder of the snapshot, which must be plain and new.
    fn claim(&self, name: &str) -> Result<()> {
        let is_plain = name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | '.'));
        let mut contents = locked(&self.contents);
        if !is_plain || name == MANIFEST || contents.names.iter().any(|taken| taken == name) {
            return Err(Error::bug(format!("`{name}` cannot be a (second) table or file of snapshot {}", self.work.name())));
        }
        contents.names.push(name.to_string());
        Ok(())
    }

    /// The draft as a snapshot, for files made from its finished tables, such as `report.html`. The caller fills in `manifest` as for
    /// [`publish`](Draft::publish).
    pub fn preview(&self, manifest: &Manifest) -> Snapshot {
        let mut tables = locked(&self.contents).tables.clone();
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        let (name, as_of, fingerprint) = (self.work.name(), self.work.as_of(), self.work.fingerprint().to_string());
        Snapshot {
            path: self.folder.path().to_path_buf(),
            manifest: Manifest { name, as_of, fingerprint, tables, experiment: self.is_experiment, ..manifest.clone() },
        }
    }

    /// Publishes all tables together: syncs them, writes the manifest, moves the folder to `snapshots` and points
    /// `latest` to it. The caller fills in the other fields of `manifest`; name, as-of date, fingerprint, tables and files
    /// are set here.
    ///
    /// # Errors
    /// `Bug` where a table was begun and not finished or the row equation of an input does not hold; `Output` where the disk is full or a
    /// file cannot be written. `latest` is then unchanged.
    pub fn publish(mut self, manifest: Manifest) -> Result<Published> {
        let manifest = self.completed(manifest)?;
        step("publish::part_sync", self.folder.path())?;
        let syncing = std::mem::take(&mut locked(&self.contents).syncing);
        syncing.into_iter().try_for_each(Syncing::wait)?;
        step("publish::tree_sync", self.folder.path())?;
        self.folder.sync_all()?;
        self.write_manifest(&manifest)?;
        // A signal that came before this has removed the draft, and never lets it begin.
        unfinished::place(|| {
            let path = self.move_to_snapshots(&manifest)?;
            let latest = self.store.point_latest(&manifest, self.work.is_experiment())?;
            Ok(Published { path, manifest, is_new: true, latest })
        })
    }

    /// The manifest, completed with the fields that the draft knows.
    fn completed(&self, manifest: Manifest) -> Result<Manifest> {
        let mut contents = locked(&self.contents);
        let mut tables = std::mem::take(&mut contents.tables);
        let mut files = std::mem::take(&mut contents.files);
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        files.sort_by(|one, other| one.file.cmp(&other.file));
        let is_there = |name: &String| tables.iter().any(|table| &table.name == name) || files.iter().any(|file| &file.file == name);
        if let Some(unfinished) = contents.names.iter().find(|name| !is_there(name)) {
            return Err(Error::bug(format!("table `{unfinished}` was begun and not finished")));
        }
        if let Some(input) = manifest.inputs.iter().find(|input| !input.equation.holds()) {
            return Err(Error::bug(format!("rows of input `{}` are unaccounted for: {:?}", input.name, input.equation)));
        }
        let (name, as_of, fingerprint) = (self.work.name(), self.work.as_of(), self.work.fingerprint().to_string());
        Ok(Manifest { name, as_of, fingerprint, tables, files, experiment: self.is_experiment, ..manifest })
    }

    fn write_manifest(&self, manifest: &Manifest) -> Result<()> {
        let path = self.folder.path().join(MANIFEST);
        let text = manifest.text()?;
        step("publish::manifest", &path)?;
        let (first, second) = text.split_at(text.len() / 2);
        let mut file = self.folder.create_file(MANIFEST)?;
        file.write_all(first).map_err(failed(&path))?;
        step("publish::manifest_half", &path)?;
        file.write_all(second).map_err(failed(&path))?;
        step("publish::manifest_sync", &path)?;
        file.sync_all().map_err(failed(&path))?;
        self.folder.sync()
    }

    /// Moves the draft to its place. What stands there is damaged, or has only its lists: a whole snapshot would have been found at the
    /// beginning. Both change places at once, so that a kill leaves one of them.
    fn move_to_snapshots(&mut self, manifest: &Manifest) -> Result<PathBuf> {
        let Folders { snapshots, tmp, .. } = self.store.folders();
        let name = &manifest.name;
        let path = snapshots.path().join(name);
        step("publish::rename", &path)?;
        let replaces = self.store.can_be_replaced(name)?;
        if !replaces {
            tmp.rename(name, snapshots, name)?;
        } else if !tmp.exchange(name, snapshots)? {
            // The old one comes back where the new one cannot take its place.
            let aside = aside_name(name);
            snapshots.rename(name, tmp, &aside)?;
            tmp.rename(name, snapshots, name).or_else(|cause| tmp.rename(&aside, snapshots, name).and(Err(cause)))?;
            tmp.rename(&aside, tmp, name)?;
        }
        self.is_published = true;
        step("publish::renamed", &path)?;
        step("publish::snapshots_sync", snapshots.path())?;
        snapshots.sync()?;
        if replaces {
            tmp.remove(name)?;
        }
        Ok(path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // The next run removes what cannot be removed now.
        let (tmp, name) = (&self.store.folders().tmp, self.work.name());
        let _ = tmp.remove(scratch_name(&name));
        if !self.is_published {
            let _ = tmp.remove(name);
        }
    }
}
