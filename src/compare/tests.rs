//! Hand-made snapshots that differ in each way, and random ones against a naive comparison.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Field, Schema};
use proptest::prelude::*;

use super::*;
use crate::error::Result;
use crate::publish::{Begin, Manifest, SkippedTable, Snapshot, Store, Work};
use crate::spec::period::day_of;

/// A table with the key, which is the first of these columns.
fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> = columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let schema = Schema::new(fields).with_metadata(std::collections::BTreeMap::from([("key".to_owned(), columns[0].0.to_owned())]));
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

/// Publishes a snapshot of these tables.
fn publish(out: &Path, number: i32, tables: &[(&str, RecordBatch)], manifest: Manifest) -> Snapshot {
    let store = Store::open(out).unwrap();
    let work = Work::new(day_of(2026, 11, 20).unwrap() + number, [b"job".as_slice()]);
    let Begin::Work(draft) = store.begin(&work).unwrap() else { panic!("nothing is there yet") };
    for (name, batch) in tables {
        let mut writer = draft.table(name, batch.schema()).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
    }
    let published = draft.publish(manifest).unwrap();
    Snapshot { path: published.path, manifest: published.manifest }
}

fn two(a: RecordBatch, b: RecordBatch) -> (tempfile::TempDir, Snapshot, Snapshot) {
    let place = tempfile::tempdir().unwrap();
    let first = publish(place.path(), 0, &[("mine", a)], Manifest::default());
    let second = publish(place.path(), 1, &[("mine", b)], Manifest::default());
    (place, first, second)
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn whole(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

/// The rows that differ, as `kind key column=old>new(by)`.
fn changes(a: &Snapshot, b: &Snapshot, filter: Option<Filter<'_>>, limit: usize) -> (TableDifference, Vec<String>) {
    let mut seen = Vec::new();
    let mut see = |change: &Change<'_>| -> Result<bool> {
        let shown = |cell: &Cell<'_>| cell.text().unwrap().unwrap_or("null".to_owned());
        let key: Vec<String> = change.key.iter().map(shown).collect();
        let cells = change.cells.iter().map(|cell| {
            let by = cell.difference.map_or(String::new(), |by| format!("({by})"));
            format!(" {}={}>{}{by}", cell.column, shown(&cell.old), shown(&cell.new))
        });
        seen.push(format!("{:?} {}{}", change.kind, key.join(","), cells.collect::<String>()));
        Ok(seen.len() < limit)
    };
    let found = compare_table(a, b, "mine", filter, &mut see).unwrap();
    (found, seen)
}

#[test]
fn each_kind_of_difference_is_counted_and_shown_by_key() {
    let money =
        |values: Vec<i128>| Arc::new(Decimal128Array::from_iter_values(values).with_precision_and_scale(18, 2).unwrap()) as ArrayRef;
    let a = table(vec![
        ("shop_id", whole(&[1, 2, 3, 4, 6])),
        ("amount", money(vec![10_00, 20_00, 30_00, 40_00, 60_00])),
        ("first", Arc::new(Date32Array::from(vec![Some(20_000), Some(20_000), None, Some(20_000), None]))),
        ("share", Arc::new(Float64Array::from(vec![0.0, 0.25, f64::NAN, 0.5, 1.0]))),
        ("name", text(&[Some("a"), None, Some("c"), Some("d"), None])),
        ("is_new", Arc::new(BooleanArray::from(vec![true, true, false, false, true]))),
    ]);
    let b = table(vec![
        ("shop_id", whole(&[1, 3, 4, 5, 6])),
        ("amount", money(vec![10_00, 31_50, 39_99, 50_00, 60_00])),
        ("first", Arc::new(Date32Array::from(vec![Some(20_000), Some(20_001), Some(20_010), None, None]))),
        ("share", Arc::new(Float64Array::from(vec![-0.0, f64::NAN, 0.75, 0.5, 1.0]))),
        ("name", text(&[Some("a"), Some("c"), Some("D"), None, None])),
        ("is_new", Arc::new(BooleanArray::from(vec![true, false, true, false, true]))),
    ]);
    let (_place, first, second) = two(a, b);
    let (found, seen) = changes(&first, &second, None, usize::MAX);
    assert_eq!(
        seen,
        [
            "OnlyA 2",
            "Changed 3 0=30.00>31.50(1.50) 1=null>2024-10-05",
            "Changed 4 0=40.00>39.99(-0.01) 1=2024-10-04>2024-10-14(10) 2=0.5>0.75(0.25) 3=d>D 4=false>true",
            "OnlyB 5",
        ]
    );
    let counts = found.counts.unwrap();
    assert_eq!((counts.only_a, counts.only_b, counts.changed, counts.equal), (1, 1, 2, 2));
    assert_eq!((counts.rows_a(), counts.rows_b()), (5, 5));
    let columns: Vec<(&str, u64, Option<String>)> = counts
        .columns
        .iter()
        .map(|column| (column.column.as_str(), column.cells, column.largest.as_ref().map(|largest| largest.difference.to_string())))
        .collect();
    let by = |text: &str| Some(text.to_owned());
    assert_eq!(
        columns,
        [("amount", 2, by("1.50")), ("first", 2, by("10")), ("share", 1, by("0.25")), ("name", 1, None), ("is_new", 1, None)]
    );
    let largest = counts.columns[0].largest.clone().unwrap();
    assert_eq!((largest.old, largest.new, largest.key), (Some("30.00".into()), Some("31.50".into()), vec![Some("3".into())]));
    // The other way round: the same rows, the signs turned.
    let (back, seen) = changes(&second, &first, None, 2);
    assert_eq!(seen, ["OnlyB 2", "Changed 3 0=31.50>30.00(-1.50) 1=2024-10-05>null"], "no more than the limit");
    assert_eq!(back.counts.unwrap().changed, 2, "and all of them are counted");
}

#[test]
fn a_filter_keeps_a_row_that_meets_it_before_or_after() {
    let side = |values: &[i64]| table(vec![("shop_id", whole(&[1, 2, 3, 4])), ("orders", whole(values))]);
    let (_place, first, second) = two(side(&[1, 9, 1, 9]), side(&[1, 9, 9, 1]));
    let many = |batch: &RecordBatch| {
        let orders = batch.column_by_name("orders").unwrap().clone();
        Ok(arrow::compute::kernels::cmp::gt(&orders, &Int64Array::new_scalar(5))?)
    };
    let (found, seen) = changes(&first, &second, Some(&many), usize::MAX);
    assert_eq!(seen, ["Changed 3 0=1>9(8)", "Changed 4 0=9>1(-8)"]);
    let counts = found.counts.unwrap();
    assert_eq!((counts.changed, counts.equal, counts.only_a, counts.only_b), (2, 1, 0, 0));
}

#[test]
fn tables_of_one_snapshot_say_why() {
    let place = tempfile::tempdir().unwrap();
    let one = || table(vec![("shop_id", whole(&[1]))]);
    let skipped = vec![SkippedTable { name: "gone".to_owned(), reason: "the job has no input `refunds`".to_owned() }];
    let a = publish(place.path(), 0, &[("gone", one()), ("mine", one())], Manifest::default());
    let b = publish(place.path(), 1, &[("mine", one()), ("new", one())], Manifest { skipped, ..Manifest::default() });
    assert_eq!(names(&a, &b).into_iter().collect::<Vec<_>>(), ["gone", "mine", "new"]);
    let found = |name: &str| compare_table(&a, &b, name, None, &mut |_| Ok(true)).unwrap();
    let gone = found("gone");
    assert_eq!((gone.presence, gone.reason.as_deref()), (Presence::OnlyA, Some("the job has no input `refunds`")));
    assert_eq!((found("new").presence, found("new").reason), (Presence::OnlyB, None));
    assert!(found("mine").is_equal() && !gone.is_equal());
}

#[test]
fn the_same_files_are_not_read() {
    let side = || table(vec![("shop_id", whole(&[1, 2]))]);
    let (_place, a, b) = two(side(), side());
    // Whatever stands in the file now: the manifests say that it was the same.
    let path = b.path.join(&b.manifest.tables[0].parts[0].file);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4..12].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(changes(&a, &b, None, 9).0.counts.unwrap(), Counts { equal: 2, ..Counts::default() });
    let all = |batch: &RecordBatch| Ok(BooleanArray::from(vec![true; batch.num_rows()]));
    let refused = compare_table(&a, &b, "mine", Some(&all), &mut |_| Ok(true)).unwrap_err();
    assert_eq!(refused.exit_code(), 3, "a filter reads it: {refused}");
}

#[test]
fn a_table_that_is_not_sorted_is_not_compared() {
    let side = |keys: &[i64]| table(vec![("shop_id", whole(keys))]);
    for (keys, row) in [(vec![1, 3, 2], "row 3"), (vec![1, 2, 2], "row 3"), ((0..1500).chain([1499, 1600]).collect(), "row 1501")] {
        let (_place, a, b) = two(side(&[1, 2, 3, 4]), side(&keys));
        let (found, _) = changes(&a, &b, None, usize::MAX);
        let reason = found.reason.clone().unwrap();
        assert!(reason.starts_with(row) && reason.contains("not sorted by the key"), "{reason}");
        assert!(found.counts.is_none() && !found.is_equal());
    }
}

/// One row of a random table: its key in two columns, a count that may be null, a text.
type Rows = BTreeMap<(i64, Option<String>), (Option<i64>, String)>;

/// A number that looks random, of a place and a seed.
fn mixed(seed: u64, place: u64) -> u64 {
    let mut number = (seed ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number ^= number >> 31;
    number.wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

/// `keys` keys, of which so many of a hundred are there, and so many of a hundred have a value of their own.
fn random(seed: u64, keys: u64, there: u64, own: u64) -> Rows {
    let all = (0..keys).filter(|place| mixed(seed, *place) % 100 < there);
    all.map(|place| {
        let value = mixed(if mixed(seed ^ 1, place) % 100 < own { seed } else { 0 }, place + keys);
        let second = (!place.is_multiple_of(7)).then(|| format!("t{:04}", place % 7));
        let orders = (!value.is_multiple_of(5)).then_some((value % 9) as i64);
        (((place - place % 7) as i64, second), (orders, format!("{}", value % 3)))
    })
    .collect()
}

fn batch(rows: &Rows) -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("shop_id", Arc::new(Int64Array::from_iter_values(rows.keys().map(|key| key.0)))),
        ("day", Arc::new(StringArray::from_iter(rows.keys().map(|key| key.1.clone())))),
        ("orders", Arc::new(Int64Array::from_iter(rows.values().map(|row| row.0)))),
        ("name", Arc::new(StringArray::from_iter_values(rows.values().map(|row| row.1.clone())))),
    ];
    let batch = table(columns);
    let schema =
        batch.schema().as_ref().clone().with_metadata(std::collections::BTreeMap::from([("key".to_owned(), "shop_id,day".to_owned())]));
    RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec()).unwrap()
}

/// What a comparison of maps says.
fn naive(a: &Rows, b: &Rows) -> (Counts, Vec<String>) {
    let (mut counts, mut seen) = (Counts::default(), Vec::new());
    let (mut orders, mut names, mut largest) = (0, 0, None::<i64>);
    let text = |value: Option<i64>| value.map_or("null".to_owned(), |value| value.to_string());
    let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
    for key in keys {
        let shown = format!("{},{}", key.0, key.1.clone().unwrap_or("null".to_owned()));
        match (a.get(key), b.get(key)) {
            (Some(old), Some(new)) if old == new => counts.equal += 1,
            (Some(old), Some(new)) => {
                counts.changed += 1;
                let mut line = format!("Changed {shown}");
                if old.0 != new.0 {
                    orders += 1;
                    let by = old.0.zip(new.0).map(|(old, new)| new - old);
                    largest = [largest, by].into_iter().flatten().reduce(|one, other| if other.abs() > one.abs() { other } else { one });
                    line += &format!(" 0={}>{}{}", text(old.0), text(new.0), by.map_or(String::new(), |by| format!("({by})")));
                }
                if old.1 != new.1 {
                    names += 1;
                    line += &format!(" 1={}>{}", old.1, new.1);
                }
                seen.push(line);
            }
            (Some(_), None) => {
                counts.only_a += 1;
                seen.push(format!("OnlyA {shown}"));
            }
            (None, _) => {
                counts.only_b += 1;
                seen.push(format!("OnlyB {shown}"));
            }
        }
    }
    seen.push(format!("orders {orders} {}, name {names}", largest.map_or("none".to_owned(), |by| by.to_string())));
    (counts, seen)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Sizes beyond the rows that are read at a time, so that pages of both sides end at different keys.
    #[test]
    fn a_merge_finds_what_maps_find(seeds in any::<[u64; 2]>(), keys in 0_u64..4_000, there in 0_u64..=100, own in 0_u64..=30) {
        let (a, b) = (random(seeds[0], keys, there, own), random(seeds[1], keys, 100 - there % 60, own));
        let (_place, first, second) = two(batch(&a), batch(&b));
        let (found, mut seen) = changes(&first, &second, None, usize::MAX);
        let counts = found.counts.unwrap();
        let column = |name: &str| counts.columns.iter().find(|column| column.column == name);
        // Text columns have no unit, and no difference.
        let by = column("orders").and_then(|column| column.largest.as_ref()).map_or("none".to_owned(), |by| by.difference.to_string());
        let cells = |name: &str| column(name).map_or(0, |column| column.cells);
        seen.push(format!("orders {} {by}, name {}", cells("orders"), cells("name")));
        let (expected, lines) = naive(&a, &b);
        prop_assert_eq!(seen, lines);
        prop_assert_eq!(Counts { columns: Vec::new(), ..counts }, expected);
    }
}
