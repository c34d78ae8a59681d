//! `huitou list sent`: what it records is what a night reads, and what the file of `--only` means.

use std::fs;

use arrow::array::{Int64Array, StringArray, UInt64Array};
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::import::{cells, files};
use super::list_command::{CARE, FIRST, JOB, done, first_night, refused, scene, shown};
use super::scene::{Columns, Scene, dates, money, noons, texts};

const SENT: [&str; 7] = ["list", "sent", "care", "--job", "job.yaml", "--at", "2026-04-01 10:00"];

/// Orders of 10 March of these customers, each in these shops, the first most.
fn orders_of(customers: &[&str], shops: &[i64]) -> Columns {
    let rows: Vec<(i64, &str)> = shops.iter().flat_map(|shop| customers.iter().map(|customer| (*shop, *customer))).collect();
    let number = rows.len();
    let days = vec!["2026-03-10"; number];
    Columns(Vec::new())
        .with("shop_id", Int64Array::from_iter_values(rows.iter().map(|(shop, _)| *shop)))
        .with("order_id", Int64Array::from_iter_values(1..=number as i64))
        .with("customer_id", StringArray::from_iter_values(rows.iter().map(|(_, customer)| *customer)))
        .with("created_at", noons(&days))
        .with("paid_at", noons(&days))
        .with("paid_amount", money(&(0..number as i64).map(|row| (100 - row) * 100).collect::<Vec<_>>()))
}

fn type_of(scene: &Scene, folder: &str, file: usize, column: &str) -> DataType {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(&files(scene, folder)[file]).unwrap()).unwrap();
    reader.schema().field_with_name(column).unwrap().data_type().clone()
}

#[test]
fn a_list_of_another_job_is_refused() {
    let scene = scene(JOB);
    first_night(&scene);
    scene.write("other.yaml", JOB.replace("job: test", "job: other"));
    let found = refused(&scene, &["list", "sent", "care", "--job", "other.yaml", "--out", "out", "--at", "2026-04-01 10:00"]);
    assert!(found.contains("is one of the job `test`, and --job names the job `other`"), "{found}");
    assert!(!scene.path("audiences").exists(), "something was written");
}

#[test]
fn ids_have_the_types_that_the_files_have() {
    let scene = scene(JOB);
    first_night(&scene);
    let campaigns = Columns(Vec::new())
        .with("campaign_id", UInt64Array::from(vec![7]))
        .with("shop_id", Int64Array::from(vec![1]))
        .with("name", StringArray::from(vec!["old"]))
        .with("starts_on", dates(&["2026-01-01"]))
        .with("ends_on", dates(&["2026-01-02"]))
        .with("cost", money(&[1_00]));
    let audiences = Columns(Vec::new())
        .with("campaign_id", UInt64Array::from(vec![7]))
        .with("customer_id", Int64Array::from(vec![FIRST]))
        .with("arm", texts(&["treated"]))
        .with("sent_at", noons(&["2026-01-01"]));
    scene.parquet("campaigns/old.parquet", &campaigns);
    scene.parquet("audiences/old.parquet", &audiences);
    done(&scene, &SENT);
    assert_eq!(["campaigns", "audiences"].map(|folder| type_of(&scene, folder, 1, "campaign_id")), [DataType::UInt64, DataType::UInt64]);
    done(&scene, &["run", "job.yaml", "--as-of", "2026-04-30", "--quiet"]);
    assert_eq!(shown(&scene, "campaign_effect", "part", "campaign_name = 'care' AND part = 'treated'").len(), 2);
}

#[test]
fn what_the_job_would_not_read_is_not_written() {
    let scene = scene(JOB);
    first_night(&scene);
    // The orders come from another system now, whose ids are texts; the list has numbers.
    scene.parquet("orders.parquet", &orders_of(&["a", "b"], &[1]));
    let found = refused(&scene, &SENT);
    assert!(found.contains("with what was sent the job would not read its inputs any more, so nothing was written"), "{found}");
    assert!(found.contains("input `audiences`, column `customer_id`: Int64 here, Utf8 in input `orders`"), "{found}");
    assert!(!scene.path("audiences").exists() && !scene.path("campaigns").exists(), "something was written");
}

#[test]
fn the_shop_of_the_file_counts() {
    let scene = scene(JOB);
    let customers: Vec<String> = (0..30).map(|number| format!("c{number:02}")).collect();
    let customers: Vec<&str> = customers.iter().map(String::as_str).collect();
    scene.parquet("orders.parquet", &orders_of(&customers, &[1, 2]));
    first_night(&scene);
    let treated = shown(&scene, "audience_care", "customer_id", "shop_id = 1 AND arm = 'treated'");
    assert!(treated.len() > 10, "{treated:?}");
    scene.write("bare.txt", treated.join("\n"));
    let found = refused(&scene, &[&SENT[..], &["--only", "bare.txt"]].concat());
    assert!(found.contains(&format!("{} ids are on the lists of several shops", treated.len())), "{found}");
    done(&scene, &["list", "export", "care", "--shop", "1", "--to", "one.csv"]);
    let said = done(&scene, &[&SENT[..], &["--only", "one.csv"]].concat()).stderr;
    assert!(said.contains(&format!("to {} customers; {} are held out", treated.len(), 30 - treated.len())), "{said}");
    assert_eq!(cells(&files(&scene, "campaigns")[0], &["campaign_id"]), ["care/2026-03-31/1"]);
    // One shop at a time, an id needs no shop.
    let said = done(&scene, &[&SENT[..], &["--only", "bare.txt", "--shop", "2"]].concat()).stderr;
    assert!(said.contains("new campaigns: care/2026-03-31/2"), "{said}");
}

#[test]
fn an_exported_file_means_the_ids_that_were_exported() {
    let ids = ["'abc", "abc", " x ", "\u{feff}bom", "=1+1", "1+1", "'=1+1", "-5", "007", "=\"9\"", "9", "a,b\"c"];
    for file in ["list.csv", "list.xlsx"] {
        let scene = scene(JOB);
        scene.write("care.yaml", CARE.replace("0.3", "0"));
        scene.parquet("orders.parquet", &orders_of(&ids, &[1]));
        first_night(&scene);
        done(&scene, &["list", "export", "care", "--to", file]);
        let said = done(&scene, &[&SENT[..], &["--only", file]].concat()).stderr;
        assert!(!said.contains("not on the list") && !said.contains("in no arm"), "{file}: {said}");
        let mut recorded = cells(&files(&scene, "audiences")[0], &["customer_id"]);
        recorded.sort_unstable();
        let mut expected = ids.map(str::to_owned);
        expected.sort_unstable();
        assert_eq!(recorded, expected, "{file}");
    }
}

#[test]
fn folders_in_which_nothing_was_recorded_yet_stop_no_night() {
    let scene = scene(JOB);
    let ran = done(&scene, &["run", "job.yaml"]);
    assert!(
        ran.stderr.contains("input `campaigns`: there is no folder `campaigns` (looked at $/campaigns): nothing was sent yet"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("table `campaign_effect` is left out: input `campaigns` has no file yet"), "{}", ran.stderr);
    fs::create_dir(scene.path("campaigns")).unwrap();
    scene.write("audiences/.hidden", "");
    let ran = done(&scene, &["check", "job.yaml"]);
    assert!(ran.stdout.contains("input `audiences`: the folder `audiences` is empty: nothing was sent yet"), "{}", ran.stdout);
    done(&scene, &SENT);
    done(&scene, &["run", "job.yaml", "--as-of", "2026-04-30", "--quiet"]);
    assert_eq!(shown(&scene, "campaign_effect", "campaign_name", "part = 'treated'"), ["care", "care"]);
    // A file that is missing, and audiences without their campaigns, are errors as of any input.
    for file in files(&scene, "campaigns") {
        fs::remove_file(file).unwrap();
    }
    assert_eq!(scene.run(&["check", "job.yaml"]).code, Some(3));
    scene.write("file.yaml", JOB.replace("path: campaigns", "path: campaigns.parquet"));
    assert_eq!(scene.run(&["check", "file.yaml"]).code, Some(3));
}

#[test]
fn one_command_writes_at_a_time_and_sweeps_what_a_killed_one_left() {
    let scene = scene(JOB);
    first_night(&scene);
    scene.write("audiences/.sent-20260401-care.parquet.77", "half");
    let folder = fs::File::open(scene.path("audiences")).unwrap();
    folder.try_lock().unwrap();
    let ran = scene.run(&SENT);
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(ran.stderr.contains("audiences: another `huitou list sent` writes to this folder"), "{}", ran.stderr);
    folder.unlock().unwrap();
    done(&scene, &SENT);
    let left: Vec<String> =
        fs::read_dir(scene.path("audiences")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left, ["sent-20260401100000-care-20260331.parquet"]);
}

#[test]
fn a_folder_that_cannot_be_made_says_what_to_do() {
    let scene = scene(JOB);
    first_night(&scene);
    scene.write("bad.yaml", JOB.replace("path: audiences", "path: care.yaml/audiences"));
    let ran = scene.run(&["list", "sent", "care", "--job", "bad.yaml", "--at", "2026-04-01 10:00"]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("name other folders for `campaigns` and `audiences` in the job"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("--out"), "{}", ran.stderr);
    let ran = scene.run(&["list", "export", "care", "--to", "care.yaml/list.csv"]);
    assert!(ran.code == Some(4) && ran.stderr.contains("write to another --to"), "{}", ran.stderr);
}

#[test]
fn what_a_job_asks_of_other_inputs_stands_in_no_way() {
    let scene = scene(JOB);
    first_night(&scene);
    let shops = Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 2]))
        .with("category", StringArray::from(vec!["tea", "tea"]))
        .with("shop_group", StringArray::from(vec!["leaf", "leaf"]));
    scene.parquet("shops.parquet", &shops);
    let asks = "params: { totals: [all, category], group_ids: shared }\ninputs:\n  shops: { path: shops.parquet }\n";
    scene.write("job.yaml", JOB.replace("inputs:\n", asks));
    done(&scene, &["check", "job.yaml"]);
    done(&scene, &SENT);
    assert_eq!(files(&scene, "audiences").len(), 1);
}
