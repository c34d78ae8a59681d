//! Finding the files of an input in an object store. It has no folders: what the names of its objects say of them counts as on a disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::files::FoundFiles;
use super::left_out::{Why, is_hidden, is_parquet, is_unfinished, says_parquet};
use super::patterns::{before_wildcard, matches, parts, spelt};
use super::place::{Place, StoredFile};
use crate::error::Problem;
use crate::store::address::Address;
use crate::store::bucket::{Bucket, Object};
use crate::store::failure::Failure;

/// What to do where nothing is found.
const CHECK: &str = "check the path";

/// Finds the data files of an address, as the files of a folder, a file or a pattern are found on a disk.
///
/// # Errors
/// A problem at `place` if nothing is there, or has no data file, or the store does not list it.
pub(super) fn find(address: &Address, written: &str, place: &str) -> Result<FoundFiles, Problem> {
    let key = address.key.strip_suffix("/**").unwrap_or(if address.key == "**" { "" } else { &address.key });
    let written = written.strip_suffix("/**").filter(|_| key.len() < address.key.len()).unwrap_or(written);
    let bucket = Bucket::open(address).map_err(|failure| failure.problem(place))?;
    let failed = |failure: Failure| failure.problem(place);
    let mut search = Search { found: FoundFiles::default(), bucket: Arc::clone(&bucket), unknown: Vec::new() };
    if key.contains(['*', '?', '[']) {
        let base = before_wildcard(key, key.len());
        let wildcards: Vec<&str> = parts(key.get(base.len()..).unwrap_or(key)).collect();
        let pattern = glob::Pattern::new(&wildcards.join("/"))
            .map_err(|cause| Problem::new(place, format!("`{written}` is not a valid pattern: {cause}")))?;
        let written_base = before_wildcard(written, written.len());
        let objects = bucket.list(base).map_err(failed)?;
        search.found.logs = logs(&bucket, base, written_base, &objects);
        for object in objects {
            search.matched(&pattern, &wildcards, base, written_base, object);
        }
        search.judge_unknown().map_err(failed)?;
        if search.found.files.is_empty() {
            let what = if search.found.left_out.is_empty() { "no file matches" } else { "no Parquet file matches" };
            return Err(search.found.nothing(place, format!("{what} `{written}`"), "check the pattern"));
        }
        return Ok(search.found);
    }
    let is_folder = key.is_empty() || key.ends_with('/');
    if !is_folder && let Some(object) = bucket.now(&[key]).map_err(failed)?.pop().flatten() {
        search.take(object, written.to_owned());
        return Ok(search.found);
    }
    let folder = key.trim_end_matches('/');
    let objects = bucket.list(folder).map_err(failed)?;
    if objects.is_empty() {
        return Err(Problem::new(place, format!("there is no file or folder `{written}` in the bucket {}", bucket.shown()))
            .help("check the path, or whether the export has run"));
    }
    let label = written.trim_end_matches('/');
    search.found.logs = logs(&bucket, folder, label, &objects);
    for object in objects {
        let names: Vec<String> = below(folder, &object.key).map(str::to_owned).collect();
        search.walked(label, &names, 0, object);
    }
    search.judge_unknown().map_err(failed)?;
    if search.found.files.is_empty() {
        return Err(search.found.nothing(place, format!("the folder `{written}` has no Parquet file"), CHECK));
    }
    Ok(search.found)
}

/// Whether an address is that of a folder with nothing in it but hidden entries. Where the store does not say, it is not: its reader reports why.
pub(super) fn is_nothing(address: &Address) -> bool {
    let name = address.key.rsplit('/').next().unwrap_or_default();
    if address.key.contains(['*', '?', '[']) || name.contains('.') {
        return false;
    }
    let names = Bucket::open(address).and_then(|bucket| bucket.names(&address.key));
    names.is_ok_and(|names| names.iter().all(|name| is_hidden(name)))
}

/// The names on the way from a folder to an object below it.
fn below<'k>(folder: &str, key: &'k str) -> impl Iterator<Item = &'k str> {
    parts(key.strip_prefix(folder).unwrap_or(key))
}

struct Search {
    found: FoundFiles,
    bucket: Arc<Bucket>,
    /// Objects of which only their first bytes say whether they are data.
    unknown: Vec<(Object, String)>,
}

impl Search {
    fn take(&mut self, object: Object, label: String) {
        let place = Place::Store(StoredFile { bucket: Arc::clone(&self.bucket), object: Arc::new(object), ahead: Arc::default() });
        self.found.take_from(place, label);
    }

    /// Takes an object below a folder unless a name on the way to it says that it is not data; the first names were judged before.
    fn walked(&mut self, label: &str, names: &[String], judged: usize, object: Object) {
        let within = |last: usize| format!("{label}/{}", names.get(..=last).unwrap_or(names).join("/"));
        for (at, name) in names.iter().enumerate().skip(judged) {
            let is_last = at + 1 == names.len();
            let ending = if is_last { "" } else { "/" };
            if is_hidden(name) {
                return self.found.leave(Why::Hidden, within(at) + ending);
            }
            if is_unfinished(name) {
                return self.found.leave(Why::Unfinished, within(at) + ending);
            }
        }
        let Some(last) = names.len().checked_sub(1) else { return };
        self.named(names.get(last).map_or("", String::as_str), within(last), object);
    }

    /// Takes an object by its name, or puts it aside until its bytes are known.
    fn named(&mut self, name: &str, label: String, object: Object) {
        if says_parquet(name) {
            self.take(object, label);
        } else if object.bytes < 4 {
            self.found.leave(Why::NotParquet, label);
        } else {
            self.unknown.push((object, label));
        }
    }

    /// Takes an object if a pattern matches it, or a folder on the way to it.
    fn matched(&mut self, pattern: &glob::Pattern, wildcards: &[&str], base: &str, written_base: &str, object: Object) {
        let names: Vec<String> = below(base, &object.key).map(str::to_owned).collect();
        let is_match = |length: &usize| matches(pattern, std::path::Path::new(&names.get(..*length).unwrap_or(&names).join("/")));
        let lengths: Vec<usize> = (1..=names.len()).filter(is_match).collect();
        let label = |last: usize| {
            let below = names.get(..=last).unwrap_or(&names).join("/");
            let ending = if last + 1 < names.len() { "/" } else { "" };
            if written_base.is_empty() { below + ending } else { format!("{written_base}/{below}{ending}") }
        };
        let mut hidden = None;
        for length in lengths {
            let own: Vec<&str> = names.iter().take(length).map(String::as_str).collect();
            if let Err(at) = spelt(wildcards, &own) {
                hidden = hidden.or(Some(at));
                continue;
            }
            let is_folder = length < names.len();
            let is_passed =
                |(at, name): &(usize, &&str)| is_unfinished(name) && !wildcards.contains(*name) && (*at + 1 < length || is_folder);
            if let Some((at, _)) = own.iter().enumerate().find(is_passed) {
                return self.found.leave(Why::Unfinished, label(at));
            }
            let spells_name = wildcards.last().is_some_and(|last| !last.contains(['*', '?', '[']));
            return match is_folder {
                true => {
                    let folder = if written_base.is_empty() { base } else { written_base };
                    self.walked(folder, &names, length, object);
                }
                false if spells_name => self.take(object, label(length - 1)),
                false if own.last().is_some_and(|name| is_unfinished(name)) => {
                    self.found.leave(Why::Unfinished, label(length - 1));
                }
                false => self.named(own.last().unwrap_or(&""), label(length - 1), object),
            };
        }
        if let Some(at) = hidden {
            self.found.leave(Why::Hidden, label(at));
        }
    }

    /// Judges the objects whose names do not say Parquet by their first bytes, and puts all files in their order.
    fn judge_unknown(&mut self) -> Result<(), Failure> {
        let unknown = std::mem::take(&mut self.unknown);
        let first: Vec<_> = unknown.iter().map(|(object, _)| (object, 0..4)).collect();
        let first = self.bucket.read(&first);
        for ((object, label), first) in unknown.into_iter().zip(first) {
            if is_parquet(&first?) {
                self.take(object, label);
            } else {
                self.found.leave(Why::NotParquet, label);
            }
        }
        self.found.order();
        Ok(())
    }
}

/// The logs of tables that lie among these objects below a folder, or in a folder on the way to it: who writes them, and their folders.
fn logs(bucket: &Bucket, folder: &str, label: &str, objects: &[Object]) -> Vec<(&'static str, String)> {
    let mut folders: BTreeSet<String> = BTreeSet::new();
    let mut is_iceberg: BTreeSet<String> = BTreeSet::new();
    for object in objects {
        let names: Vec<&str> = below(folder, &object.key).collect();
        for length in 1..names.len() {
            folders.insert(names.get(..length).unwrap_or_default().join("/"));
        }
        if object.key.ends_with(".metadata.json")
            && let [above @ .., "metadata", _] = names.as_slice()
        {
            is_iceberg.insert(above.join("/"));
        }
    }
    let mut found = Vec::new();
    let at = |above: &str, name: &str| [label, above, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let above_all = folders.iter().map(|folder| folder.rsplit_once('/').map_or("", |(above, _)| above));
    for above in above_all.collect::<BTreeSet<&str>>() {
        let is_folder = |name: &str| folders.contains(if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }.as_str());
        if let Some((kind, name)) = log_of(&is_folder, &|| is_iceberg.contains(above)) {
            found.push((kind, at(above, name)));
        }
    }
    // What may not be listed says nothing.
    let mut above = folder;
    while let Some((parent, _)) = above.rsplit_once('/').or((!above.is_empty()).then_some(("", ""))) {
        let names = bucket.names(parent).unwrap_or_default();
        let is_folder = |name: &str| names.iter().any(|own| own == name);
        let metadata =
            || bucket.names(&format!("{parent}/metadata")).is_ok_and(|names| names.iter().any(|name| name.ends_with(".metadata.json")));
        if let Some((kind, name)) = log_of(&is_folder, &metadata) {
            found.push((kind, format!("{}/{parent}/{name}", bucket.shown())));
        }
        above = parent;
    }
    found
}

/// The log of a table among the folders of a folder.
fn log_of(is_folder: &dyn Fn(&str) -> bool, is_iceberg: &dyn Fn() -> bool) -> Option<(&'static str, &'static str)> {
    [("Delta", "_delta_log"), ("Hudi", ".hoodie")]
        .into_iter()
        .find(|(_, name)| is_folder(name))
        .or_else(|| (is_folder("metadata") && is_iceberg()).then_some(("Iceberg", "metadata")))
        .or_else(|| (is_folder("snapshot") && is_folder("manifest") && is_folder("schema")).then_some(("Paimon", "snapshot")))
}
