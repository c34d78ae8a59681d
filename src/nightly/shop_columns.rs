//! What parameters of a job ask of the input `shops`: the group of each shop for the tables of groups, its category for totals by category.

use std::collections::BTreeMap;

use crate::error::Problem;
use crate::input::declared::columns;
use crate::input::mapping::dataset::Dataset;
use crate::job::{GroupIds, Job, Tables, Total};

/// Tables of groups need to know the group of each shop.
pub(super) fn without_groups(job: &Job, datasets: &BTreeMap<&'static str, Dataset>) -> Option<Problem> {
    let shops = datasets.get(columns::SHOPS.name);
    if job.params.group_ids == GroupIds::Separate || shops.is_some_and(|shops| shops.has("shop_group")) {
        return None;
    }
    let missing = if shops.is_some() { "input `shops` has no `shop_group`" } else { "the job has no input `shops`" };
    let what = format!("`params.group_ids` says that the shops of a group share ids, and {missing}");
    Some(Problem::new(job.file.display().to_string(), what).help("map `shop_group` of the input `shops`, or leave `group_ids` out"))
}

/// A warning where shops have groups, and the tables of groups are left out.
pub(super) fn groups_left_out(job: &Job, datasets: &BTreeMap<&'static str, Dataset>) -> Option<String> {
    let has_groups = datasets.get(columns::SHOPS.name).is_some_and(|shops| shops.has("shop_group"));
    (has_groups && job.params.group_ids == GroupIds::Separate && matches!(job.tables, Tables::All)).then(|| {
        "shops: they have a `shop_group`, and `params.group_ids` does not say `shared`, that an id is the same person in all shops of a group: \
         the tables `group_…` are left out"
            .to_owned()
    })
}

/// Totals by category need to know the category of each shop.
pub(super) fn without_categories(job: &Job, datasets: &BTreeMap<&'static str, Dataset>) -> Option<Problem> {
    let shops = datasets.get(columns::SHOPS.name);
    if !job.params.totals.contains(&Total::Category) || shops.is_some_and(|shops| shops.has("category")) {
        return None;
    }
    let missing = if shops.is_some() { "input `shops` has no `category`" } else { "the job has no input `shops`" };
    let what = format!("`params.totals` asks for the shops of each category, and {missing}");
    let help = "map `category` of the input `shops`, or ask for `all` only";
    Some(Problem::new(job.file.display().to_string(), what).help(help))
}
