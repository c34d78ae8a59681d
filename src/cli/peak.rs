//! The warning of a run that needed more memory than its limit: by how much, and what stayed in memory.

use crate::publish::Manifest;

/// What stays in memory whatever the limit is, in bytes each; docs/reference/memory.md has the list.
const CUSTOMER: u64 = 130;
const SHOP: u64 = 500_000;
const TRAFFIC_ROW: u64 = 150;
const REFUND: u64 = 130;
const RATING: u64 = 8;
const FILE: u64 = 40_000;
const ITEM: u64 = 250;

/// How many of them the warning names.
const NAMED: usize = 3;

/// The warning, and whether the peak is more than twice the limit; `None` where the limit was kept.
pub fn warning(manifest: &Manifest, limit: u64) -> Option<(String, bool)> {
    let peak = manifest.peak_memory_bytes;
    if peak <= limit {
        return None;
    }
    let rows = |name: &str| manifest.inputs.iter().find(|input| input.name == name).map_or(0, |input| input.equation.rows);
    let shops = manifest.inputs.iter().map(|input| input.newest_by_shop.len() as u64).max().unwrap_or(0);
    let files: usize = manifest.inputs.iter().map(|input| input.files.len()).sum();
    let mut parts = [
        ("{} customers up to {} MiB", manifest.table("customers").map_or(0, |table| table.rows), CUSTOMER),
        ("{} shops up to {} MiB", shops, SHOP),
        ("{} rows of traffic up to {} MiB", rows("traffic"), TRAFFIC_ROW),
        ("{} refund applications up to {} MiB", rows("refunds"), REFUND),
        ("{} ratings up to {} MiB", rows("ratings"), RATING),
        ("{} files up to {} MiB", files as u64, FILE),
        ("{} items up to {} MiB", manifest.table("items").map_or(0, |table| table.rows), ITEM),
    ];
    parts.sort_by_key(|(_, count, bytes)| std::cmp::Reverse(count * bytes));
    let shown: Vec<String> = parts
        .iter()
        .filter(|(_, count, bytes)| count * bytes >= 1 << 20)
        .take(NAMED)
        // A shop of few days needs less than one of years.
        .map(|(text, count, bytes)| {
            let most = (count * bytes).min(peak) >> 20;
            text.replacen("{}", &count.to_string(), 1).replacen("{}", &most.to_string(), 1)
        })
        .collect();
    let known: u64 = parts.iter().map(|(_, count, bytes)| count * bytes).sum();
    // The rest are long texts in the pages that are being read, and values of cohort dimensions.
    let long_texts = (known < peak / 2).then(|| "texts of the input while they are read, distinct values of its columns".to_owned());
    let why: Vec<String> = shown.into_iter().chain(long_texts).collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
    let text = format!(
        "peak memory was {} MiB, the limit {} MiB: what cannot go to disk needed more{why}; \
         fewer --threads, or the shops in several jobs, need less",
        peak.div_ceil(1 << 20),
        limit >> 20
    );
    Some((text, peak > 2 * limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::{InputEntry, RowEquation, TableEntry};

    #[test]
    fn the_warning_names_what_stayed_in_memory() {
        let traffic = InputEntry {
            name: "traffic".to_owned(),
            equation: RowEquation { rows: 1 << 21, ..RowEquation::default() },
            newest_by_shop: (0..10).map(|shop| (shop.to_string(), String::new())).collect(),
            ..InputEntry::default()
        };
        let tables = vec![TableEntry { name: "customers".to_owned(), rows: 100, parts: Vec::new() }];
        let manifest = Manifest { inputs: vec![traffic], tables, peak_memory_bytes: 300 << 20, ..Manifest::default() };
        assert_eq!(warning(&manifest, 300 << 20), None);
        let (text, is_much) = warning(&manifest, 256 << 20).unwrap();
        let expected = "peak memory was 300 MiB, the limit 256 MiB: what cannot go to disk needed more: 2097152 rows of traffic up to 300 MiB, \
                        10 shops up to 4 MiB; fewer --threads, or the shops in several jobs, need less";
        assert_eq!((text.as_str(), is_much), (expected, false));
        assert!(warning(&manifest, 100 << 20).unwrap().1);
    }
}
