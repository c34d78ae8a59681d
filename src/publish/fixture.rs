//! Small tables and snapshots for the tests of this room.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;

use super::schema::CARD;
use super::{Begin, Manifest, Published, Store, Work};
use crate::error::Result;
use crate::spec::schema::schema;
use crate::spec::{Day, period};
use crate::spec::{IdType, IdTypes};

/// Text ids of shops, numbers for customers.
pub fn ids() -> IdTypes {
    IdTypes {
        shop: IdType::text(),
        customer: IdType::of(&DataType::Int64).unwrap(),
        category: IdType::text(),
        item: IdType::text(),
        campaign: IdType::text(),
    }
}

/// Rows `from..to` of an endless table that conforms to `CARD`: 1,000 customers in each shop.
pub fn rows(from: i64, to: i64) -> RecordBatch {
    let all = || from..to;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(all().map(|row| format!("shop-{:06}", row / 1000)))),
        Arc::new(Int64Array::from_iter_values(all().map(|row| row % 1000))),
        Arc::new(StringArray::from_iter(all().map(|row| (row % 7 != 0).then(|| format!("segment {}", row % 5))))),
        Arc::new(Date32Array::from_iter_values(all().map(|row| 20_000 + (row * 31 % 400) as i32))),
        Arc::new(Int64Array::from_iter_values(all().map(|row| row * 17 % 12))),
        Arc::new(Int64Array::from_iter_values(all().map(|row| 5 - row % 11))),
        Arc::new(
            Decimal128Array::from_iter_values(all().map(|row| i128::from(row * 7919 % 1_000_003))).with_precision_and_scale(18, 2).unwrap(),
        ),
        Arc::new(Float64Array::from_iter(all().map(|row| (row % 3 != 0).then_some((row % 101) as f64 / 100.0)))),
        Arc::new(Float64Array::from_iter(all().map(|row| (row % 4 != 0).then_some((row % 1009) as f64 / 3.0)))),
        Arc::new(Float64Array::from_iter_values(all().map(|row| (row % 1013) as f64 - 500.0))),
        Arc::new(BooleanArray::from_iter(all().map(|row| Some(row % 2 == 0)))),
    ];
    RecordBatch::try_new(schema(&CARD, &ids()), columns).unwrap()
}

/// The day `number` days after 2026-11-20.
pub fn day(number: i32) -> Day {
    period::day_of(2026, 11, 20).unwrap() + number
}

/// The work of a job as of day `number`.
pub fn work(job: &str, number: i32) -> Work {
    Work::new(day(number), [job.as_bytes()])
}

/// Does the work: one table whose content depends on the work, and a report.
pub fn publish(store: &Store, work: &Work) -> Result<Published> {
    let draft = match store.begin(work)? {
        Begin::Done(published) => return Ok(*published),
        Begin::Work(draft) => draft,
    };
    let first = i64::from(work.as_of()) * 1000;
    let mut table = draft.result(&CARD, &ids(), "CNY")?.sized(400, 800);
    for cut in 0..3 {
        table.write(&rows(first + cut * 700, first + cut * 700 + 700))?;
    }
    table.finish()?;
    draft.file("report.html", work.name().as_bytes())?;
    draft.publish(Manifest { job: "nightly".to_string(), ..Manifest::default() })
}

/// A snapshot with a list, a table and a report, whose job looks back three days.
pub fn publish_lists(store: &Store, work: &Work) -> Published {
    let Begin::Work(draft) = store.begin(work).unwrap() else { panic!("nothing is there yet") };
    for name in ["audience_winback", "audience_excluded", "sample"] {
        let mut table = draft.table(name, schema(&CARD, &ids())).unwrap();
        table.write(&rows(0, 3)).unwrap();
        table.finish().unwrap();
    }
    draft.file("report.html", b"page").unwrap();
    draft.publish(Manifest { job: "nightly".to_owned(), cool_down_days: 3, ..Manifest::default() }).unwrap()
}

/// The number of unfinished files in the output folder.
pub fn leftovers(out: &Path) -> usize {
    std::fs::read_dir(out.join(super::layout::TMP)).unwrap().count()
}

/// What the link `latest` says.
pub fn link(out: &Path) -> String {
    std::fs::read_link(out.join(super::layout::LATEST)).unwrap().display().to_string()
}
