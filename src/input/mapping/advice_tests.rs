//! Every pair of a type that is there and a kind that is wanted: the advice is taken from the message and run on the file, and its values
//! are compared with what the file means. `cargo test advice -- --nocapture` prints the table.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array, StringArray,
    Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;

use super::dataset::Dataset;
use crate::input::declared::accepts::accepts;
use crate::input::declared::columns::{INPUTS, Input, InputKind};
use crate::input::times::clock::Clock;
use crate::input::values::fault::Faults;
use crate::input::values::money::yuan;
use crate::job::freshness::Freshness;
use crate::job::{Customers, InputSpec, MoneyUnit, Times, WallClock};
use crate::spec::{IdType, NO_TIME, iso_time};

const KINDS: [InputKind; 7] =
    [InputKind::Id, InputKind::Money, InputKind::Time, InputKind::Text, InputKind::Flag, InputKind::Count, InputKind::Score];

/// The column in which a kind is tried.
fn place(kind: InputKind) -> (&'static Input, &'static str) {
    let (input, column) = match kind {
        InputKind::Id => ("orders", "item_id"),
        InputKind::Money => ("orders", "order_amount"),
        InputKind::Time => ("orders", "shipped_at"),
        InputKind::Text => ("orders", "channel"),
        InputKind::Count => ("orders", "quantity"),
        InputKind::Flag => ("refunds", "intervened"),
        InputKind::Score => ("ratings", "description"),
    };
    (INPUTS.into_iter().find(|known| known.name == input).unwrap(), column)
}

fn decimal(values: &[i128], precision: u8, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from_iter_values(values.iter().copied()).with_precision_and_scale(precision, scale).unwrap())
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn integers(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// What two values mean, by the kind that does not accept them.
type Meant = Vec<(InputKind, [&'static str; 2])>;

/// What each file holds, and what it means as each kind that does not accept it; kinds that are missing have no mapping.
/// The moments are 2026-08-31 15:50:00 and 16:10:00 UTC: 23:50 on that day, and 00:10 on the next in Shanghai.
fn files() -> Vec<(&'static str, ArrayRef, Meant)> {
    use InputKind::{Count, Flag, Id, Money, Score, Text, Time};
    let moments = [1_788_191_400_i64, 1_788_192_600];
    let shanghai = ["2026-08-31 23:50:00", "2026-09-01 00:10:00"];
    let midnights = ["2026-08-31 00:00:00", "2026-09-01 00:00:00"];
    let evening = ["2026-08-31 23:50:00", "2026-09-01 00:10:00"];
    let scaled = |factor: i64| integers(&moments.map(|moment| moment * factor));
    let money = |values: [&'static str; 2]| (Money, values);
    vec![
        ("seconds", scaled(1), vec![(Time, shanghai), money(["1788191400.00", "1788192600.00"])]),
        ("seconds in 32 bits", Arc::new(Int32Array::from(moments.map(|moment| moment as i32).to_vec())), vec![(Time, shanghai)]),
        ("milliseconds", scaled(1_000), vec![(Time, shanghai)]),
        (
            "milliseconds, unsigned",
            Arc::new(UInt64Array::from(moments.map(|moment| moment as u64 * 1_000).to_vec())),
            vec![(Time, shanghai)],
        ),
        ("microseconds", scaled(1_000_000), vec![(Time, shanghai)]),
        ("nanoseconds", scaled(1_000_000_000), vec![(Time, shanghai)]),
        ("YYYYMMDD", integers(&[20_260_831, 20_260_901]), vec![(Time, midnights)]),
        ("YYMMDD", integers(&[260_831, 260_901]), vec![(Time, midnights)]),
        ("YYYYMM", integers(&[202_608, 202_609]), vec![]),
        ("YYYYMMDDHHMM", integers(&[202_608_312_350, 202_609_010_010]), vec![(Time, evening)]),
        ("YYYYMMDDHHMMSS", integers(&[20_260_831_235_000, 20_260_901_001_000]), vec![(Time, evening)]),
        // 2026-08-31 is day 20,696 since 1970-01-01, and 46,265 of spreadsheets, whose day 25,569 is 1970-01-01.
        ("days since 1970", integers(&[20_696, 20_697]), vec![(Time, midnights)]),
        ("days of spreadsheets", integers(&[46_265, 46_266]), vec![(Time, midnights)]),
        ("days and hours of spreadsheets", floats(&[46_265.5, 46_266.25]), vec![(Time, ["2026-08-31 12:00:00", "2026-09-01 06:00:00"])]),
        (
            "seconds in floats",
            floats(&[1_788_191_400.0, 1_788_192_600.0]),
            vec![
                (Time, shanghai),
                (Id, ["1788191400", "1788192600"]),
                (Text, ["1788191400", "1788192600"]),
                (Count, ["1788191400", "1788192600"]),
            ],
        ),
        ("milliseconds in floats", floats(&[1_788_191_400_000.0, 1_788_192_600_000.0]), vec![(Time, shanghai)]),
        ("milliseconds in decimals", decimal(&[1_788_191_400_000, 1_788_192_600_000], 20, 0), vec![(Time, shanghai)]),
        ("whole floats", floats(&[1.0, 0.0]), vec![(Id, ["1", "0"]), (Text, ["1", "0"]), (Flag, ["true", "false"]), (Count, ["1", "0"])]),
        (
            "floats in 32 bits",
            Arc::new(Float32Array::from(vec![16_777_215.0, 2.0])),
            vec![(Id, ["16777215", "2"]), (Count, ["16777215", "2"])],
        ),
        ("the largest exact ids in floats", floats(&[9_007_199_254_740_991.0, 7.0]), vec![(Id, ["9007199254740991", "7"])]),
        (
            "short decimals",
            decimal(&[1, 0], 18, 0),
            vec![(Id, ["1", "0"]), (Text, ["1", "0"]), (Flag, ["true", "false"]), (Count, ["1", "0"]), (Score, ["1", "0"])],
        ),
        ("long decimals", decimal(&[12_345_678_901_234_567_890_123, 7], 38, 0), vec![(Id, ["12345678901234567890123", "7"])]),
        ("decimals of scale 6", decimal(&[12_340_000, 500_000], 20, 6), vec![money(["12.34", "0.50"]), (Score, ["12.34", "0.5"])]),
        ("numbers as text", texts(&["1,234.56", "¥ 0.50"]), vec![money(["1234.56", "0.50"]), (Score, ["1234.56", "0.5"])]),
        ("counts as text", texts(&["1,234", "7"]), vec![(Count, ["1234", "7"])]),
        ("yes and no", texts(&["是", "否"]), vec![(Flag, ["true", "false"])]),
        ("Y and N", texts(&["Y", "N"]), vec![(Flag, ["true", "false"])]),
        (
            "Booleans",
            Arc::new(BooleanArray::from(vec![true, false])),
            vec![(Id, ["true", "false"]), (Text, ["true", "false"]), (Count, ["1", "0"])],
        ),
        (
            "days",
            Arc::new(Date32Array::from(vec![20_696, 20_697])),
            vec![(Id, ["2026-08-31", "2026-09-01"]), (Text, ["2026-08-31", "2026-09-01"])],
        ),
        ("times", Arc::new(TimestampMicrosecondArray::from(vec![0, 1])), vec![]),
        ("times of day", Arc::new(Time64MicrosecondArray::from(vec![0, 1])), vec![]),
    ]
}

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new(input: &Input, column: &str, array: &ArrayRef) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let amounts = decimal(&[1_000, 1_000], 18, 2);
        let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1, 1]));
        let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
        for required in input.columns.iter().filter(|required| required.required && required.name != column) {
            columns.push((
                required.name,
                match required.kind {
                    InputKind::Time => Arc::clone(&times),
                    InputKind::Money => Arc::clone(&amounts),
                    InputKind::Text => texts(&["success", "success"]),
                    _ => integers(&[1, 2]),
                },
            ));
        }
        columns.push((column, Arc::clone(array)));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = ArrowWriter::try_new(File::create(folder.path().join("file.parquet")).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        Scene { folder }
    }

    fn open(&self, input: &'static Input, column: &'static str, mapping: Option<&str>, times: bool) -> Result<Dataset, String> {
        let local = jiff::tz::db().get("Asia/Shanghai").unwrap();
        let clocks = if times { BTreeMap::from([(column.to_owned(), WallClock::Utc)]) } else { BTreeMap::new() };
        let spec = InputSpec {
            path: self.folder.path().join("file.parquet").to_str().unwrap().to_owned(),
            written_path: "file.parquet".to_owned(),
            columns: mapping.map(|mapping| (column.to_owned(), mapping.to_owned())).into_iter().collect(),
            status: BTreeMap::new(),
            filter: None,
            money: MoneyUnit::Major,
            times: Times { local, input: None, columns: clocks, place: String::new() },
            freshness: Freshness::default(),
            customers: Customers::Optional,
            place: "job".to_owned(),
            column_places: BTreeMap::new(),
            filter_place: "job".to_owned(),
        };
        Dataset::open(input, &spec, &|wanted| wanted == column).map_err(|problems| {
            assert_eq!(problems.len(), 1, "{problems:?}");
            problems[0].help.clone()
        })
    }
}

/// The values of a column as text, and whether they could be read.
fn values(dataset: &Dataset, kind: InputKind, column: &'static str) -> Vec<String> {
    let mut found = Vec::new();
    let mut clock = Clock::new(dataset.spec.times.local.clone());
    for piece in dataset.pieces() {
        dataset
            .read(piece, |batch| {
                let mut faults = Faults::default();
                let ids = batch.ids(column);
                let id_type = batch.id_type(column).unwrap_or_else(IdType::text);
                for row in 0..batch.rows {
                    found.push(match kind {
                        InputKind::Id => ids.get(row).map(|id| id_type.show(id)).unwrap_or_default(),
                        InputKind::Money => yuan(batch.amounts(column, &mut faults)[row]).to_string(),
                        InputKind::Time => shown(batch.times(column, &mut clock, &mut faults)[row]),
                        InputKind::Text => batch.texts(column).get(row).unwrap_or_default().to_owned(),
                        InputKind::Flag => batch.flags(column, &mut faults)[row].map(|flag| flag.to_string()).unwrap_or_default(),
                        InputKind::Count => batch.counts(column, &mut faults)[row].to_string(),
                        InputKind::Score => batch.scores(column).value(row).to_string(),
                    });
                }
                assert!(faults.by_row().is_empty());
                Ok(())
            })
            .unwrap();
    }
    found
}

fn shown(time: i64) -> String {
    assert_ne!(time, NO_TIME);
    iso_time(time)
}

#[test]
fn every_advice_gives_right_values() {
    let mut tried = 0;
    for (what, array, meant) in files() {
        for kind in KINDS.into_iter().filter(|kind| accepts(*kind, array.data_type(), MoneyUnit::Major).is_err()) {
            let (input, column) = place(kind);
            let scene = Scene::new(input, column, &array);
            let advice = scene.open(input, column, None, false).unwrap_err();
            let expected = meant.iter().find(|(other, _)| *other == kind).map(|(_, values)| *values);
            let mapping = advice.split('`').skip(1).step_by(2).find(|quoted| quoted.contains(column) && !quoted.starts_with("times:"));
            println!("| {what}, {} | {kind:?} | {advice} | {expected:?} |", array.data_type());
            let Some(expected) = expected else {
                // What means nothing as this kind: an advice that is there must at least be SQL that runs or fails with a message.
                if let Some(mapping) = mapping {
                    let _ = scene.open(input, column, Some(mapping), advice.contains(": utc }")).map(|dataset| dataset.rows());
                }
                continue;
            };
            let mapping = mapping.unwrap_or_else(|| panic!("{what} as {kind:?}: {advice}"));
            let dataset = scene
                .open(input, column, Some(mapping), advice.contains(": utc }"))
                .unwrap_or_else(|help| panic!("{what}, {kind:?}: {mapping}: {help}"));
            assert_eq!(values(&dataset, kind, column), expected, "{what} as {kind:?} by {mapping}");
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn ids_that_lost_digits_have_no_mapping() {
    let (input, column) = place(InputKind::Id);
    for array in [
        floats(&[9_007_199_254_740_992.0, 7.0]),
        floats(&[4.013_245_678_901_234e18, 1.0]),
        Arc::new(Float32Array::from(vec![16_777_216.0, 1.0])),
    ] {
        let scene = Scene::new(input, column, &array);
        let advice = scene.open(input, column, None, false).unwrap_err();
        assert!(
            advice.contains("have lost their last digits") && advice.contains("write the file anew") && !advice.contains('`'),
            "{advice}"
        );
        // And who casts all the same is refused when the rows are read.
        for mapping in
            ["CAST(item_id AS BIGINT)", "CAST(item_id AS VARCHAR)", "item_id || ''", "CAST(CAST(item_id AS DECIMAL(30, 0)) AS VARCHAR)"]
        {
            let Ok(dataset) = scene.open(input, column, Some(mapping), false) else { panic!("{mapping}") };
            let message = dataset.read(dataset.pieces()[0], |_| Ok(())).unwrap_err().to_string();
            assert!(message.contains("have lost their last digits"), "{mapping}: {message}");
        }
    }
    // Neither does SQL make floats of long ids on its way.
    let scene = Scene::new(input, column, &integers(&[4_013_245_678_901_234_001, 1]));
    for mapping in ["CAST(CAST(item_id AS DOUBLE) AS BIGINT)", "CAST(item_id * 1.0 AS BIGINT)"] {
        let dataset = scene.open(input, column, Some(mapping), false).unwrap();
        assert!(
            dataset.read(dataset.pieces()[0], |_| Ok(())).unwrap_err().to_string().contains("have lost their last digits"),
            "{mapping}"
        );
    }
    let dataset = scene.open(input, column, Some("item_id + 0"), false).unwrap();
    assert_eq!(values(&dataset, InputKind::Id, column), ["4013245678901234001", "1"]);
}

#[test]
fn numbers_are_named_for_what_they_are() {
    let (input, column) = place(InputKind::Time);
    let advice = |array: ArrayRef| Scene::new(input, column, &array).open(input, column, None, false).unwrap_err();
    let months = advice(integers(&[202_608, 202_609]));
    assert!(months.starts_with("the numbers look like months as YYYYMM, and a month is not the time of `shipped_at`"), "{months}");
    // Neither day nor month nor count: nothing is guessed.
    for numbers in [[269_931, 260_901], [5, 6], [202_613, 202_609]] {
        let none = advice(integers(&numbers));
        assert!(none.starts_with("the numbers are not all of one kind") && !none.contains("CAST"), "{none}");
    }
    // A month by the month, in an input where only the month counts.
    let plans = INPUTS.into_iter().find(|known| known.name == "plans").unwrap();
    let array = integers(&[202_608, 202_609]);
    let scene = Scene::new(plans, "month", &array);
    let advice = scene.open(plans, "month", None, false).unwrap_err();
    let mapping = advice.split('`').nth(1).unwrap();
    let dataset = scene.open(plans, "month", Some(mapping), false).unwrap();
    assert_eq!(values(&dataset, InputKind::Time, "month"), ["2026-08-01 00:00:00", "2026-09-01 00:00:00"]);
}

#[test]
fn a_float_that_is_no_number_is_no_id_and_neither_is_a_fraction() {
    let (input, column) = place(InputKind::Id);
    let missing = Scene::new(input, column, &floats(&[13.0, f64::NAN]));
    for mapping in ["CAST(item_id AS BIGINT)", "CAST(item_id AS VARCHAR)", "TRY_CAST(item_id AS BIGINT)"] {
        let dataset = missing.open(input, column, Some(mapping), false).unwrap();
        assert_eq!(values(&dataset, InputKind::Id, column), ["13", ""], "{mapping}");
    }
    let parts = Scene::new(input, column, &floats(&[13.0, 1.5]));
    let advice = parts.open(input, column, None, false).unwrap_err();
    assert!(advice.contains("a fraction is not an id") && !advice.contains("CAST"), "{advice}");
    for mapping in ["CAST(item_id AS BIGINT)", "CAST(item_id AS VARCHAR)", "TRY_CAST(item_id AS BIGINT)"] {
        let dataset = parts.open(input, column, Some(mapping), false).unwrap();
        let refused = dataset.read(dataset.pieces()[0], |_| Ok(())).unwrap_err().to_string();
        assert!(
            refused.contains("the float 1.5, which is not a whole number: it is not an id") && !refused.contains("VARCHAR"),
            "{mapping}: {refused}"
        );
    }
}

#[test]
fn texts_are_read_by_the_form_that_they_have() {
    let (input, column) = place(InputKind::Time);
    let times = ["2026-01-31 14:05:00", "2026-12-01 09:30:00"];
    let days = ["2026-01-31 00:00:00", "2026-12-01 00:00:00"];
    for (written, expected) in [
        (["2026/01/31 14:05", "2026/12/01 09:30"], times),
        (["2026/1/31 14:05:00", "2026/12/1 9:30:00"], times),
        (["01/31/2026 14:05", "12/01/2026 09:30"], times),
        (["1/31/2026 14:05", "12/1/2026 9:30"], times),
        (["31/01/2026 14:05:00", "01/12/2026 09:30:00"], times),
        (["01/31/2026 02:05 PM", "12/01/2026 09:30 AM"], times),
        (["31.01.2026 14:05", "01.12.2026 09:30"], times),
        (["31-01-2026 14:05:00", "01-12-2026 09:30:00"], times),
        (["2026年01月31日 14:05", "2026年12月01日 09:30"], times),
        (["20260131 14:05:00", "20261201 09:30:00"], times),
        (["202601311405", "202612010930"], times),
        (["20260131140500", "20261201093000"], times),
        (["20260131", "20261201"], days),
        (["2026/01/31", "2026/12/01"], days),
        (["31.01.2026", "01.12.2026"], days),
        (["260131", "261201"], days),
        // Shanghai is 8 hours ahead of UTC, and 13 of -05:00.
        (["2026/01/31 06:05:00Z", "2026/12/01 01:30:00 UTC"], times),
        (["2026/1/31 01:05-05:00", "2026/12/1 09:30 +0800"], times),
        (["20260131T060500Z", "20261201T013000Z"], times),
        (["2026-01-31T06:05:00,000Z", "2026-12-01 01:30:00,000Z"], times),
        (["2026-01-31 14:05:00,000", "2026-12-01 09:30:00,000"], times),
        (["2026年1月31日", "2026年12月1日"], days),
        (["31-Jan-2026", "01-Dec-2026"], days),
        (["46053", "46357"], days),
    ] {
        let forms = crate::input::times::time_forms::of_texts(&written, column);
        assert_eq!(forms.len(), 1, "{written:?}: {forms:?}");
        let scene = Scene::new(input, column, &texts(&written));
        let dataset = scene
            .open(input, column, Some(&forms[0].expression), forms[0].times == Some("utc"))
            .unwrap_or_else(|help| panic!("{forms:?}: {help}"));
        assert_eq!(values(&dataset, InputKind::Time, column), expected, "{forms:?}");
    }
    // Which comes first, the month or the day, does not show in these.
    assert_eq!(crate::input::times::time_forms::of_texts(&["01/02/2026", "03/04/2026"], "t").len(), 2);
    let counts = crate::input::times::time_forms::of_texts(&["1788191400000", "1788192600000"], "t");
    assert_eq!((counts[0].expression.as_str(), counts[0].times), ("CAST(CAST(t AS BIGINT) * 1000 AS TIMESTAMP)", Some("utc")));
    assert_eq!(crate::input::times::time_forms::of_texts(&["yesterday", "20260131"], "t"), []);
    // A month is a time where only the month counts.
    let month = crate::input::times::time_forms::of_texts(&["202608", "202609"], "month");
    assert_eq!(month[0].expression, "DATE(CAST(CAST(month AS BIGINT) AS VARCHAR) || '01', '%Y%m%d')");
    assert_eq!([month[0].suits("month"), month[0].suits("created_at")], [true, false]);
}

#[test]
fn names_stand_in_expressions_as_columns() {
    for (written, name) in [("created", "created"), ("付款时间", "付款时间"), ("paid at", "\"paid at\""), ("a * 2", "(a * 2)")] {
        assert_eq!(super::advice::name(written), name);
    }
}
