//! Inputs that change, lead round and round, or have ids and names of every kind.

use std::fs;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use huitou::error::Error;
use huitou::job::Job;
use huitou::nightly::{self, Plan, Silent};
use huitou::publish::{Store, latest};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::scene::{Columns, Scene, day, money, orders};

/// A change of the inputs of a scene, with other rows.
type Change = fn(&Scene, &Columns);

#[test]
fn files_that_are_replaced_while_they_are_read_are_not_published() {
    let job = "job: test\ntimezone: Asia/Shanghai\nas_of: 2026-03-31\ninputs:\n  orders: { path: orders }\noutput: { path: out }\n";
    let replaced = orders().with("paid_amount", money(&[40_000, 10_000, 20_000, 0]));
    let changes: [(&str, Change); 3] = [
        ("replaced", |scene, with| {
            scene.parquet("new.parquet", with);
            fs::rename(scene.path("new.parquet"), scene.path("orders/b.parquet")).unwrap();
        }),
        ("written over", |scene, with| scene.parquet("orders/b.parquet", with)),
        ("removed", |scene, _| fs::remove_file(scene.path("orders/b.parquet")).unwrap()),
    ];
    for (what, change) in changes {
        let scene = Scene::new();
        scene.job(job);
        scene.parquet("orders/a.parquet", &orders());
        scene.parquet("orders/b.parquet", &orders());
        let parsed = Job::load(&scene.path("job.yaml"), &[], &Plan::catalogue()).unwrap();
        let plan = Plan::new(parsed, day("2026-03-31"), &[]).unwrap();
        let out = scene.path("out");
        // The footers are read; the rows are not.
        change(&scene, &replaced);
        let Err(Error::Input(problems)) = nightly::run(&plan, &Store::open(&out).unwrap(), &Silent) else { panic!("{what}: published") };
        assert_eq!(problems[0].place, "orders/b.parquet", "{what}");
        assert!(problems[0].message.contains("while the run read the inputs"), "{problems:?}");
        assert!(latest(&out).unwrap().is_none(), "{what}");
    }
}

/// The columns of ids that relabelling gives other values.
const IDS: [&str; 5] = ["shop_id", "customer_id", "category_id", "item_id", "campaign_id"];

/// Ids of a kind for a number: distinct, of unequal length, and in another order than the numbers.
fn ids(kind: &str, numbers: &[Option<usize>]) -> ArrayRef {
    let spread = |number: usize| (number as i64 + 1) * 7_919 % 1_000_003;
    let signed = || numbers.iter().map(|number| number.map(|number| spread(number) - 500_000));
    let texts = || numbers.iter().map(|number| number.map(|number| format!("{}{}", ["", "é", "Z", "0"][number % 4], spread(number))));
    match kind {
        "signed" => Arc::new(Int64Array::from_iter(signed())),
        "unsigned" => Arc::new(UInt64Array::from_iter(signed().map(|id| id.map(|id| (id + 500_000) as u64 + u64::MAX / 4)))),
        "short" => Arc::new(Int32Array::from_iter(signed().map(|id| id.map(|id| id as i32)))),
        "text" => Arc::new(StringArray::from_iter(texts())),
        "digits" => {
            Arc::new(StringArray::from_iter(signed().map(|id| id.map(|id| id.unsigned_abs().to_string() + if id < 0 { "1" } else { "" }))))
        }
        _ => Arc::new(DictionaryArray::<arrow::datatypes::Int32Type>::from_iter(texts().collect::<Vec<_>>().iter().map(Option::as_deref))),
    }
}

/// All Parquet files below a folder.
fn parquet_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path)
            } else if path.extension().is_some_and(|ending| ending == "parquet") {
                files.push(path)
            }
        }
    }
    files.sort();
    files
}

fn read(path: &std::path::Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}

fn as_texts(column: &ArrayRef) -> Vec<Option<String>> {
    let texts = arrow::compute::cast(column, &DataType::Utf8).unwrap();
    texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

/// Every table of the catalogue has the same rows whatever ids are: numbers of unequal length, with a sign or without, texts, dictionaries.
/// A table that sorts ids in one way and checks them in another ends the run.
#[test]
fn ids_of_every_kind_give_the_same_tables() {
    let scene = Scene::new();
    let made = scene.run(&["sample", "data", "--orders", "3k", "--shops", "4", "--months", "14", "--ids", "int"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let job = fs::read_to_string(scene.path("data/job.yaml")).unwrap();
    let start = job.find("\n  cohort:").unwrap() + 1;
    let end = start + job[start..].find('\n').unwrap();
    let job = format!("{}  cohort: {{ dimensions: [first_category, first_channel, province] }}{}", &job[..start], &job[end..]);
    scene.write("data/job.yaml", &job);
    let files: Vec<_> = parquet_files(&scene.path("data")).into_iter().map(|path| (read(&path), path)).collect();
    let mut known: Vec<Vec<String>> = vec![Vec::new(); IDS.len()];
    for (batch, _) in &files {
        for (name, known) in IDS.iter().zip(&mut known) {
            known.extend(batch.column_by_name(name).iter().flat_map(|column| as_texts(column)).flatten());
        }
    }
    known.iter_mut().for_each(|known| {
        known.sort();
        known.dedup();
    });
    let mut expected = None;
    for kind in ["signed", "unsigned", "short", "text", "digits", "dictionary"] {
        for (batch, path) in &files {
            let schema = batch.schema();
            let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = schema
                .fields()
                .iter()
                .zip(batch.columns())
                .map(|(field, column)| match IDS.iter().position(|name| name == field.name()) {
                    None => (field.as_ref().clone(), Arc::clone(column)),
                    Some(at) => {
                        let numbers: Vec<Option<usize>> =
                            as_texts(column).into_iter().map(|id| known[at].binary_search(&id?).ok()).collect();
                        let column = ids(kind, &numbers);
                        (Field::new(field.name(), column.data_type().clone(), true), column)
                    }
                })
                .unzip();
            let below = path.strip_prefix(scene.path(".")).or_else(|_| path.strip_prefix(scene.path(""))).unwrap();
            scene.parquet_of(below.to_str().unwrap(), &RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap(), None);
        }
        let ran = scene.run(&["run", "data/job.yaml", "--as-of", "2026-11-20", "--quiet", "--out", kind]);
        assert_eq!(ran.code, Some(0), "{kind}: {}", ran.stderr);
        let snapshot = latest(&scene.path(kind)).unwrap().unwrap();
        let rows: Vec<(String, u64)> = snapshot.manifest.tables.iter().map(|table| (table.name.clone(), table.rows)).collect();
        for table in ["customers", "revenue_concentration", "segment_value", "assessment_results", "audience_winback", "cohort_retention"] {
            assert!(rows.iter().any(|(name, _)| name == table), "{table} is not in {rows:?}");
        }
        let sales = scene.run(&[
            "show",
            "shop_periods",
            "--out",
            kind,
            "--where",
            "grain = 'month'",
            "--columns",
            "net_revenue",
            "--format",
            "csv",
            "--limit",
            "0",
        ]);
        let mut sales: Vec<&str> = sales.stdout.lines().collect();
        sales.sort_unstable();
        let found = (rows, sales.join(","));
        assert_eq!(expected.get_or_insert_with(|| found.clone()), &found, "{kind}");
    }
}

#[test]
fn a_copy_of_a_file_whose_rows_are_numbered_is_reported() {
    let scene = Scene::new();
    let without_lines = orders().without("line_id");
    for name in ["a", "b", "c"] {
        let rows = without_lines.batch();
        scene.parquet_of(&format!("orders/{name}.parquet"), &if name == "c" { rows.slice(0, 3) } else { rows }, None);
    }
    let job = |columns: &str| {
        format!(
            "job: test\ntimezone: Asia/Shanghai\nas_of: 2026-03-31\ninputs:\n  orders: {{ path: orders{columns} }}\noutput: {{ path: out }}\n"
        )
    };
    scene.job(&job(", columns: { line_id: $row }"));
    let ran = scene.run(&["run", "job.yaml"]);
    assert!(
        ran.stderr.contains("orders/b.parquet looks like a copy of orders/a.parquet: with `$row` as the id, the 4 rows of both count"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.matches("looks like a copy").count(), 1, "{}", ran.stderr);
    // Rows with ids of their own count once.
    scene.job(&job(""));
    assert!(!scene.run(&["run", "job.yaml"]).stderr.contains("looks like a copy"));
}
