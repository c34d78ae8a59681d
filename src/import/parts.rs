//! Rows of parts of a shop: its terminals, sources or items. Visitors of two parts may be the same people, so parts do not add up to the
//! shop; they are written with their part as channel, and the shop's figures are those of the rows of the whole.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::Layout;
use super::preset::PARTS;
use super::value::Value;
use crate::error::listed;
use crate::input::declared::columns::TRAFFIC;
use crate::input::rows::distinguishing::SHOWN_VALUES;
use crate::input::values::whole::is_whole;
use crate::spec::{Day, day_of_time};

/// Finds the part that a row is of, and counts the days with rows of the whole shop and of parts.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The columns that divide the shop, by their position in the layout.
    columns: Vec<usize>,
    /// Their names in the file.
    names: Vec<String>,
    channel: Option<usize>,
    date: Option<usize>,
    shop: Option<usize>,
    /// Rows by part.
    found: BTreeMap<String, u64>,
    /// What the rows of the whole shop say in these columns.
    whole: BTreeSet<String>,
    whole_days: BTreeSet<(String, Day)>,
    part_days: BTreeSet<(String, Day)>,
}

impl Parts {
    /// The parts that a file with this layout may have; none but in traffic.
    pub fn new(input: &str, layout: &Layout) -> Self {
        let columns: Vec<usize> = match layout.has("channel") {
            _ if input != TRAFFIC.name => Vec::new(),
            true => layout.position("channel").into_iter().collect(),
            false => PARTS.iter().filter_map(|part| layout.position(part)).collect(),
        };
        let names = columns.iter().filter_map(|at| layout.columns.get(*at)).map(|column| column.theirs.clone()).collect();
        let channel = layout.position("channel").filter(|_| !columns.is_empty());
        Parts { columns, names, channel, date: layout.position("date"), shop: layout.position("shop_id"), ..Parts::default() }
    }

    /// Sets the channel of a row: its parts, or null where all its columns stand for the whole.
    pub fn set(&mut self, values: &mut [Value]) {
        let Some(channel) = self.channel else { return };
        let text = |place: Option<usize>| place.and_then(|place| values.get(place)?.text());
        let cells: Vec<&str> = self.columns.iter().filter_map(|column| text(Some(*column))).collect();
        let parts: Vec<&str> = cells.iter().copied().filter(|cell| !is_whole(cell)).collect();
        let shop = text(self.shop).unwrap_or_default().to_owned();
        let day = self.date.and_then(|date| values.get(date)?.integer()).map(day_of_time);
        let value = if parts.is_empty() {
            self.whole.extend(cells.iter().map(|cell| (*cell).to_owned()));
            self.whole_days.extend(day.map(|day| (shop, day)));
            Value::Null
        } else {
            let part = parts.join("/");
            *self.found.entry(part.clone()).or_default() += 1;
            self.part_days.extend(day.map(|day| (shop, day)));
            Value::Text(part)
        };
        if let Some(own) = values.get_mut(channel) {
            *own = value;
        }
    }

    /// What is to be said of a file with parts: what was taken for them, and a warning where days have no row of the whole shop.
    pub fn described(&self) -> Option<(String, Option<String>)> {
        if self.found.is_empty() {
            return None;
        }
        let columns = self.names.join(", ");
        let parts = listed(self.found.keys().cloned().collect::<Vec<_>>().into_iter(), SHOWN_VALUES);
        let rows: u64 = self.found.values().sum();
        let whole = self.whole.first().map_or(String::new(), |whole| format!(", `{whole}`"));
        let taken = format!(
            "{columns}: {rows} rows are of a part of the shop and are written with it as channel: {parts}; the shop's figures are those of \
             rows of the whole{whole}"
        );
        let without = self.part_days.difference(&self.whole_days).count();
        let warning = (without > 0).then(|| {
            format!(
                "{without} days have rows of parts of the shop only ({columns}: {parts}), which do not add up to it, since one visitor may \
                 be in several: the shop's figures of these days are unknown. Import an export of the whole shop (所有终端, 全店) for them too"
            )
        });
        Some((taken, warning))
    }
}
