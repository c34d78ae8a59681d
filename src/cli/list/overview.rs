//! The overview: how many customers each list has in either arm, and what is at stake.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Float64Type};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde_json::{Value, json};

use super::age;
use super::found::{Found, List, NO_LISTS, find};
use super::time;
use crate::cli::language::{add_line, say};
use crate::cli::list_arguments::ListOptions;
use crate::cli::output_format::OutputFormat;
use crate::cli::stdout::{print, print_json};
use crate::error::{Error, Problem, Result};
use crate::input::records::facts::Arm;
use crate::input::values::money::yuan;
use crate::table::read_back::rows_of;

/// The hour of the morning at which messages of a night usually go out.
const MORNING: f64 = 10.0;

/// The columns of a list that have what is at stake.
const UNPAID: &str = "unpaid_amount";
const BROUGHT: &str = "net_revenue";

/// Shows the lists.
pub fn overview(options: &ListOptions) -> Result<()> {
    let found = find(&options.source, options.name.as_deref(), None)?;
    if found.lists.is_empty() {
        return Err(Error::Usage(vec![Problem::new(found.of, "there is nothing to show").help(NO_LISTS)]));
    }
    age::warn(&found)?;
    let summaries = found.lists.iter().map(Summary::of).collect::<Result<Vec<_>>>()?;
    match options.format {
        OutputFormat::Text => print(&text(&found, &summaries)),
        OutputFormat::Json => print_json(&document(&found, &summaries)),
    }
}

/// The figures of a list.
#[derive(Debug, Default, PartialEq)]
pub struct Summary {
    /// Customers to contact.
    pub treated: u64,
    /// Customers who are held out.
    pub control: u64,
    /// Whether the list is about unpaid orders.
    is_of_unpaid: bool,
    /// What the unpaid orders of those to contact cost, in minor units.
    unpaid: i128,
    /// What those to contact brought so far, in minor units.
    brought: i128,
    /// The least and the greatest age of a youngest unpaid order, in hours.
    ages: Option<(f64, f64)>,
}

impl Summary {
    /// The figures of a list.
    ///
    /// # Errors
    /// [`Error::Bug`] for rows that are not those of a list.
    pub fn of(list: &List) -> Result<Summary> {
        let mut summary = Summary { is_of_unpaid: list.is_of_unpaid, ..Summary::default() };
        for batch in &list.rows {
            summary.add(batch)?;
        }
        Ok(summary)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let absent = |name: &str| Error::bug(format!("a list without {name}"));
        let money = |name: &str| {
            batch.column_by_name(name).and_then(|array| array.as_primitive_opt::<Decimal128Type>()).ok_or_else(|| absent(name))
        };
        let (unpaid, brought) = (money(UNPAID)?, money(BROUGHT)?);
        let hours = batch.column_by_name("unpaid_hours").and_then(|array| array.as_primitive_opt::<Float64Type>());
        let hours = hours.ok_or_else(|| absent("unpaid_hours"))?;
        for (row, cells) in rows_of(batch).enumerate() {
            if cells.text("arm").as_deref() == Some(Arm::Control.name()) {
                self.control += 1;
                continue;
            }
            self.treated += 1;
            let amount = |array: &arrow::array::Decimal128Array| if array.is_valid(row) { array.value(row) } else { 0 };
            self.unpaid += amount(unpaid);
            self.brought += amount(brought);
            if hours.is_valid(row) {
                let age = hours.value(row);
                let (least, most) = self.ages.unwrap_or((age, age));
                self.ages = Some((least.min(age), most.max(age)));
            }
        }
        Ok(())
    }

    /// What is at stake, in minor units, what that is, and the column of the list that has it.
    fn stake(&self) -> (i128, &'static str, &'static str) {
        if self.is_of_unpaid { (self.unpaid, "unpaid orders", UNPAID) } else { (self.brought, "net revenue so far", BROUGHT) }
    }
}

/// An amount in minor units.
fn amount(minor: i128) -> String {
    i64::try_from(minor).map_or_else(|_| format!("{minor} / 100"), yuan)
}

fn text(found: &Found, summaries: &[Summary]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["list", "to contact", "control", "at stake", "what that is", "left out", "purpose"].map(say));
    for (list, summary) in found.lists.iter().zip(summaries) {
        let left_out: u64 = list.excluded.values().sum();
        let (stake, what, _) = summary.stake();
        table.add_row([
            list.name.clone(),
            summary.treated.to_string(),
            summary.control.to_string(),
            amount(stake),
            say(what),
            left_out.to_string(),
            say(&list.title),
        ]);
    }
    for at in [1, 2, 3, 5] {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = format!("{table}\n");
    let until = time::shown(found.end);
    add_line(&mut text, &format!("{}, amounts in {}: made of what was known at {until}", found.of, found.currency));
    for (list, summary) in found.lists.iter().zip(summaries) {
        let name = &list.name;
        if summary.treated + summary.control == 0 {
            add_line(&mut text, &format!("{name}: empty, {}", list.why_empty()));
        }
        list.cooling(&found.label, summary.treated + summary.control).iter().for_each(|said| add_line(&mut text, said));
        if let (true, Some((least, most))) = (summary.is_of_unpaid, summary.ages) {
            add_line(
                &mut text,
                &match found.is_of_moment {
                    true => format!("{name}: the unpaid orders are {} hours old", hours(least, most)),
                    false => format!(
                        "{name}: at {until} the unpaid orders are {} hours old, and {} when it is sent at 10:00; `huitou list {name} --now now --job JOB` \
                         makes it of the newest files",
                        hours(least, most),
                        hours(least + MORNING, most + MORNING)
                    ),
                },
            );
        }
    }
    text
}

/// A range of hours; one number where both ends are written alike.
fn hours(least: f64, most: f64) -> String {
    let [least, most] = [least, most].map(|hours| format!("{hours:.1}"));
    if least == most { least } else { format!("{least} to {most}") }
}

fn document(found: &Found, summaries: &[Summary]) -> Value {
    let lists = found.lists.iter().zip(summaries).map(|(list, summary)| {
        let (stake, _, column) = summary.stake();
        let cooling = list.cool_down.iter().map(|((date, table), number)| json!({ "date": date, "table": table, "customers": number }));
        json!({
            "list": list.name,
            "title": list.title,
            "treated": summary.treated,
            "control": summary.control,
            "at_stake": amount(stake),
            "at_stake_is": column,
            "excluded": list.excluded,
            "cool_down": cooling.collect::<Vec<_>>(),
            "is_stale": list.is_stale,
            "unpaid_hours": summary.ages.map(|(least, most)| json!({ "least": least, "most": most })),
        })
    });
    json!({
        if found.is_of_moment { "now" } else { "snapshot" }: found.of,
        "known_until": time::shown(found.end),
        "currency": found.currency,
        "lists": lists.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn a_range_of_one_number_is_that_number() {
        assert_eq!([hours(8.76, 8.84), hours(8.74, 8.84)], ["8.8", "8.7 to 8.8"]);
    }
}
