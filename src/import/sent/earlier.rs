//! What was recorded before: the campaigns and the members of their audiences, by their ids as people write them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::inputs::{Inputs, Place};
use crate::error::{Error, Result};
use crate::input::declared::columns::{AUDIENCES, CAMPAIGNS, Input};
use crate::input::mapping::dataset::Dataset;
use crate::input::times::clock::Clock;
use crate::input::values::fault::Faults;
use crate::job::Job;
use crate::spec::IdType;

/// The earlier records.
#[derive(Debug, Default)]
pub struct Earlier {
    /// The ids of the campaigns.
    pub campaigns: BTreeSet<String>,
    /// By campaign and customer: when the first message went out, local time in microseconds.
    pub sent: BTreeMap<(String, String), i64>,
    /// The type of the ids of campaigns in these files.
    pub campaign_type: Option<IdType>,
    /// The type of the ids of shops in the files of the campaigns.
    pub shop_type: Option<IdType>,
    /// The type of the ids of customers in the files of the audiences.
    pub customer_type: Option<IdType>,
    /// Whether there are campaigns, and none of their files has shops.
    pub lacks_shops: bool,
}

impl Earlier {
    /// Whether ids of campaigns are numbers in these files.
    pub fn has_numbers(&self) -> bool {
        self.campaign_type.as_ref().is_some_and(IdType::is_integer)
    }

    /// Reads the files of both inputs; a folder without files has no records.
    ///
    /// # Errors
    /// [`Error::Input`] where one is damaged.
    pub fn read(job: &Job, inputs: &Inputs) -> Result<Earlier> {
        let mut earlier = Earlier::default();
        if let Some(campaigns) = opened(&CAMPAIGNS, &inputs.campaigns)? {
            earlier.campaign_type = campaigns.id_type("campaign_id");
            earlier.shop_type = campaigns.id_type("shop_id");
            let id_type = earlier.campaign_type.clone().unwrap_or_else(IdType::text);
            earlier.lacks_shops = !campaigns.has("shop_id");
            for piece in campaigns.pieces() {
                campaigns.read(piece, |batch| {
                    let ids = batch.ids("campaign_id");
                    earlier.campaigns.extend((0..batch.rows).filter_map(|row| ids.get(row)).map(|id| id_type.show(id)));
                    Ok(())
                })?;
            }
        }
        if let Some(audiences) = opened(&AUDIENCES, &inputs.audiences)? {
            earlier.campaign_type = earlier.campaign_type.or_else(|| audiences.id_type("campaign_id"));
            earlier.customer_type = audiences.id_type("customer_id");
            let types = ["campaign_id", "customer_id"].map(|column| audiences.id_type(column).unwrap_or_else(IdType::text));
            let mut clock = Clock::new(job.zone.clone());
            for piece in audiences.pieces() {
                audiences.read(piece, |batch| {
                    let ids = ["campaign_id", "customer_id"].map(|column| batch.ids(column));
                    let times = batch.times("sent_at", &mut clock, &mut Faults::default());
                    for row in 0..batch.rows {
                        let [Some(campaign), Some(customer)] = [0, 1].map(|at| Some(types[at].show(ids[at].get(row)?))) else { continue };
                        let sent = earlier.sent.entry((campaign, customer)).or_insert(times[row]);
                        *sent = times[row].min(*sent);
                    }
                    Ok(())
                })?;
            }
        }
        Ok(earlier)
    }
}

/// The files of an input; `None` where its folder has none yet.
fn opened(input: &'static Input, place: &Place) -> Result<Option<Dataset>> {
    if !has_files(&place.folder) {
        return Ok(None);
    }
    Dataset::open(input, &place.spec, &|_| true).map(Some).map_err(Error::Input)
}

/// Whether anything that is not hidden lies in a folder.
fn has_files(folder: &Path) -> bool {
    let is_shown =
        |entry: std::io::Result<std::fs::DirEntry>| entry.is_ok_and(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.any(is_shown))
}
