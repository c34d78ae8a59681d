//! What is said of rows of one key that are no states of one row: the column that distinguishes them, and what to write in the job.

use super::distinguishing::{Distinguishing, SHOWN_VALUES, distinguishing_columns, several_rows};
use crate::error::{Problem, listed};
use crate::input::declared::columns::{CAMPAIGNS, InputKind, TRAFFIC};
use crate::input::declared::row_key::row_key;
use crate::input::mapping::advice::{name, scalar};
use crate::input::mapping::dataset::Dataset;
use crate::input::values::whole::is_whole;

/// The columns of the key that the dataset has.
fn key_of(dataset: &Dataset) -> Vec<&'static str> {
    row_key(dataset.input).iter().copied().filter(|column| dataset.has(column)).collect()
}

fn shown_key(dataset: &Dataset) -> String {
    let key = key_of(dataset);
    if key.is_empty() { "shop".to_owned() } else { key.join(", ") }
}

/// The positions of the times of the key: of them the key has the day or the month only.
pub(in crate::input) fn times_of_key(dataset: &Dataset) -> Vec<usize> {
    let is_time = |column: &&str| dataset.input.columns.iter().any(|own| own.name == *column && own.kind == InputKind::Time);
    key_of(dataset).into_iter().filter(is_time).filter_map(|column| dataset.input.position(column)).collect()
}

/// The problem of rows of one key in a file that differ, of that many keys; `groups` are the rows of the first of them.
pub(in crate::input) fn in_one_file(dataset: &Dataset, file: usize, keys: u64, groups: &[Vec<u64>]) -> Problem {
    let Some(opened) = dataset.files.get(file) else { return Problem::new(&dataset.spec.place, "a file is missing") };
    let columns = distinguishing_columns(opened, &times_of_key(dataset), groups);
    let rows = groups.first().map_or(&[][..], Vec::as_slice);
    let message = format!("input `{}`: {}", dataset.input.name, several_rows(keys, &shown_key(dataset), rows, &columns));
    Problem::new(&opened.file.label, message).help(help(dataset, &columns))
}

/// What to do: keep the rows of one value, for traffic else make the column the channel.
fn help(dataset: &Dataset, columns: &[Distinguishing]) -> String {
    let one_row =
        "write the file with one row for each, or the rows of a later state as a file of its own, whose name sorts after this one";
    let [column] = columns else { return one_row.to_owned() };
    if column.is_time {
        return "the rows are of parts of a day or month: write the file with one row for each day or month, as the key has it".to_owned();
    }
    let values: Vec<(&str, String)> = column.values.iter().map(|value| (value.as_str(), column.literal(value))).collect();
    keep(dataset, &column.name, &values, one_row)
}

/// How to keep the rows of one value of a column, which are given with their literals, or to make it the channel; `else_do` is what else
/// can be done.
fn keep(dataset: &Dataset, column: &str, values: &[(&str, String)], else_do: &str) -> String {
    let is_traffic = dataset.input.name == TRAFFIC.name;
    let whole = values.iter().find(|(value, _)| is_whole(value));
    let filter = |literal: &str| format!("`filter: {}`", scalar(&format!("{} = {literal}", name(column))));
    let first = || filter(values.first().map_or("…", |(_, literal)| literal));
    match (whole, is_traffic) {
        (Some((_, whole)), _) => format!("keep the rows of the whole shop: {} in the job, at this input", filter(whole)),
        (None, true) => format!(
            "keep the rows of the whole shop, if a value stands for it: {} in the job, at this input; if none does, `channel: {}`: these \
             rows are then parts of the shop, and its figures are unknown on days without a row of the whole",
            first(),
            scalar(column)
        ),
        (None, false) => format!("keep the rows of one value, such as {} in the job, at this input; or {else_do}", first()),
    }
}

/// The problem of rows of one key in several parts of the input, of that many keys. `groups` are files and rows of the first of them;
/// `columns` are the partition columns that distinguish the parts, with their values.
pub(in crate::input) fn across_parts(
    dataset: &Dataset,
    keys: u64,
    groups: &[Vec<(usize, u64)>],
    columns: &[(String, Vec<String>)],
) -> Problem {
    let label = |file: usize| dataset.files.get(file).map_or("", |file| file.file.label.as_str());
    let places = groups.first().map_or(&[][..], Vec::as_slice);
    let shown = listed(places.iter().map(|(file, row)| format!("row {row} of {}", label(*file))), 3);
    let described: Vec<String> = columns
        .iter()
        .map(|(column, values)| {
            format!("the partition column `{column}` distinguishes them: {}", listed(values.iter().cloned(), SHOWN_VALUES))
        })
        .collect();
    let message = format!(
        "input `{}`: {} rows in different parts of the input, where one row is expected for each {}, and none of them is newer: {shown} are \
         of one key; {}",
        dataset.input.name,
        if keys == 1 { "one key has".to_owned() } else { format!("{keys} keys have") },
        shown_key(dataset),
        described.join("; ")
    );
    let place = places.first().map_or("", |(file, _)| label(*file));
    let Some((column, values)) = columns.first() else { return Problem::new(place, message) };
    let literals: Vec<(&str, String)> = values
        .iter()
        .filter(|value| !matches!(value.as_str(), "null" | "no such folder"))
        .map(|value| (value.as_str(), format!("'{}'", value.replace('\'', "''"))))
        .collect();
    let else_do = "write one file with one row for each, in which they are summed where they can be";
    let mut help = keep(dataset, column, &literals, else_do);
    let is_whole = literals.iter().any(|(value, _)| is_whole(value));
    if dataset.input.position("shop_id").is_some() && !dataset.has("shop_id") && !is_whole {
        let map = format!("if these are shops, `shop_id: {}` under `columns:` of this input, as the orders have it", scalar(column));
        help = if names_shop(column) { format!("{map}; else {help}") } else { format!("{help}; {map}") };
    }
    Problem::new(place, message).help(format!(
        "{help}; if later folders have later states of these rows, call the column by their day or version, as in `version=2/`"
    ))
}

/// Whether the name of a column says that it has shops.
fn names_shop(column: &str) -> bool {
    let column = column.to_lowercase();
    ["shop", "store", "seller", "mall", "店"].into_iter().any(|word| column.contains(word))
}

/// The problem of campaigns that have one id in several shops: each pair is the places and shops of two of them, and `ids` how many ids are
/// concerned.
pub(in crate::input) fn campaign_of_two_shops(dataset: &Dataset, ids: u64, id: &str, places: [(usize, u64, String); 2]) -> Problem {
    let label = |file: usize| dataset.files.get(file).map_or("", |file| file.file.label.as_str());
    let [(file, row, shop), (other_file, other_row, other_shop)] = places;
    let message = format!(
        "input `{}`: {}, where an id names one campaign over all shops: `{id}` is of shop {shop} in row {row} of {} and of shop {other_shop} in \
         row {other_row} of {}",
        CAMPAIGNS.name,
        if ids == 1 {
            "one id is of campaigns of several shops".to_owned()
        } else {
            format!("{ids} ids are of campaigns of several shops")
        },
        label(file),
        label(other_file)
    );
    let expression = format!("CONCAT({}, '/', {})", dataset.in_sql("shop_id"), dataset.in_sql("campaign_id"));
    Problem::new(label(other_file), message).help(format!(
        "put the shop into the id: `campaign_id: {}` under `columns:` of this input, and the same under those of `audiences`, with its column \
         of the shop; if a later row corrects the shop of an earlier one, leave the earlier one out by `filter`",
        scalar(&expression)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_conditions_can_be_pasted_into_a_job() {
        assert_eq!(name("终端"), "终端");
        assert_eq!(name("unit price"), "\"unit price\"");
        assert_eq!(name("order"), "\"order\"");
        assert_eq!(scalar("终端 = '所有终端'"), "终端 = '所有终端'");
        assert_eq!(scalar("\"unit price\" = 'it''s'"), "'\"unit price\" = ''it''''s'''");
        assert_eq!(scalar("kind = 'a: b'"), "'kind = ''a: b'''");
    }
}
