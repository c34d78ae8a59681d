//! The beginning of a run: what the latest snapshot left for it, or why there is nothing.

use std::path::Path;
use std::sync::Arc;

use hashbrown::HashSet;
use sha2::{Digest, Sha256};

use super::inputs_layer::InputsLayer;
use super::layer::Layer;
use super::list::{FILE, StateList};
use crate::disk::regular;
use crate::error::Result;
use crate::nightly::plan::Plan;
use crate::nightly::state_use::LeftBy;
use crate::partition::stored::BlockFile;
use crate::publish::{self, Manifest, Snapshot, latest};
use crate::spec::Day;
use crate::spec::period::iso;

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Begun {
    /// The layers, opened.
    pub(super) layers: Vec<Arc<Layer>>,
    /// The files of the other inputs, opened.
    pub(super) inputs: Vec<Arc<InputsLayer>>,
    /// The as-of date of the run that left them.
    pub(super) as_of: Option<Day>,
    /// Why there are none, where the run could have used some.
    pub(super) reason: Option<String>,
    /// Whether what was left is damaged.
    pub(super) is_damaged: bool,
    /// Whether the latest snapshot is of a later day: the state is that one's, and stays.
    is_replay: bool,
}

impl Begun {
    /// Nothing, for that reason.
    pub fn nothing(reason: impl Into<String>) -> Begun {
        Begun { reason: Some(reason.into()), ..Begun::default() }
    }

    /// Nothing, since what was left is damaged, and how.
    pub fn damaged(how: &str) -> Begun {
        Begun { is_damaged: true, ..Begun::nothing(how) }
    }

    /// The lines that the scans of other processes read.
    pub(in crate::nightly) fn of_scans(layers: Vec<Arc<Layer>>) -> Begun {
        Begun { layers, ..Begun::default() }
    }

    /// The files of the layers.
    pub fn files(&self) -> Vec<Arc<BlockFile>> {
        let of_inputs = self.inputs.iter().map(|layer| Arc::clone(&layer.file));
        self.layers.iter().map(|layer| Arc::clone(&layer.file)).chain(of_inputs).collect()
    }

    /// Whether the run is to leave a state: the next night begins with that of the latest snapshot.
    pub fn is_before_the_next(&self) -> bool {
        !self.is_replay
    }

    /// What is wrong with the state that was left, if it is damaged.
    pub fn damage(&self) -> Option<&str> {
        self.reason.as_deref().filter(|_| self.is_damaged)
    }
}

/// Opens what the latest snapshot in `out` left, or that of the date before, where the plan may use it.
///
/// # Errors
/// [`crate::error::Error::Output`] where the output folder cannot be read.
pub fn begin(plan: &Plan, out: &Path) -> Result<Begun> {
    let (left, is_replay) = match &plan.state.left_by {
        LeftBy::DateBefore(left) => (left.clone().map(|(path, day)| (path, day, None)), false),
        LeftBy::Latest => match latest(out) {
            Ok(latest) => {
                let is_replay = latest.as_ref().is_some_and(|latest| latest.manifest.as_of > plan.as_of);
                let digest = |manifest: &Manifest| manifest.files.iter().find(|file| file.file == FILE).map(|file| file.sha256.clone());
                (latest.map(|latest| (latest.path, latest.manifest.as_of, digest(&latest.manifest))), is_replay)
            }
            Err(_) if plan.state.reads => return Ok(Begun::nothing("the latest snapshot is damaged")),
            Err(_) => (None, false),
        },
    };
    let is_of_latest = plan.state.left_by == LeftBy::Latest;
    if !plan.state.reads {
        return Ok(Begun { is_replay, ..Begun::default() });
    }
    let Some((snapshot, as_of, digest)) = left else { return Ok(Begun::nothing("there is no earlier snapshot")) };
    let name = snapshot.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    if is_replay {
        let reason = format!("the latest snapshot {name} is of a later day, and a state goes forward only");
        return Ok(Begun { is_replay, ..Begun::nothing(reason) });
    }
    let unusable = |cause: &str| {
        let reason = format!("the state of {} cannot be used: {cause}", iso(as_of));
        // What a date of the past left goes when a range of dates is done.
        if is_of_latest { Begun::damaged(&reason) } else { Begun::nothing(reason) }
    };
    let text = text_of(&snapshot);
    if digest.is_some() && text.as_ref().map(|text| hex::encode(Sha256::digest(text))) != digest {
        return Ok(unusable("`state.json` is not the one that was published"));
    }
    let Some(list) = text.and_then(|text| StateList::parse(&text)) else {
        return Ok(Begun::nothing(format!("snapshot {name} left no state")));
    };
    if list.end > plan.scan().end() {
        return Ok(Begun::nothing(format!("the state of {} knows more than this run may", iso(as_of))));
    }
    let mut layers = Vec::new();
    for layer in &list.layers {
        match publish::layer(out, layer).and_then(|(file, path)| Layer::open(layer, file, path)) {
            Ok(layer) => layers.push(Arc::new(layer)),
            Err(cause) => return Ok(unusable(said(&cause.to_string()))),
        }
    }
    if !are_apart(&layers) {
        return Ok(unusable("two of its files have the same lines"));
    }
    let mut inputs = Vec::new();
    for layer in &list.inputs {
        match InputsLayer::open(out, layer) {
            Ok(layer) => inputs.push(Arc::new(layer)),
            Err(cause) => return Ok(unusable(said(&cause.to_string()))),
        }
    }
    match layers.is_empty() {
        true => Ok(Begun {
            inputs,
            ..Begun::nothing(format!("snapshot {name} left no lines, since each of its order files could still change"))
        }),
        false => Ok(Begun { layers, inputs, as_of: Some(as_of), ..Begun::default() }),
    }
}

/// Whether each file of the orders is in one layer only.
pub(super) fn are_apart(layers: &[Arc<Layer>]) -> bool {
    let mut keys = HashSet::new();
    layers.iter().flat_map(|layer| &layer.header.files).all(|file| keys.insert(file.key.as_str()))
}

/// The first line of a cause.
fn said(cause: &str) -> &str {
    cause.lines().next().unwrap_or_default()
}

/// The list of a snapshot, if it is the one that was published with it.
pub(super) fn published_list(snapshot: &Snapshot) -> Option<StateList> {
    let text = text_of(&snapshot.path)?;
    let digest = &snapshot.manifest.files.iter().find(|file| file.file == FILE)?.sha256;
    StateList::parse(&text).filter(|_| hex::encode(Sha256::digest(&text)) == *digest)
}

/// The list of a snapshot; `None` where it has none that can be read.
pub fn list_of(snapshot: &Path) -> Option<StateList> {
    StateList::parse(&text_of(snapshot)?)
}

fn text_of(snapshot: &Path) -> Option<Vec<u8>> {
    let path = snapshot.join(FILE);
    regular::check(&path).ok()?;
    std::fs::read(path).ok()
}
