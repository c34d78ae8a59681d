//! What a folder or a pattern holds: partitions, files without an ending, what is hidden, unfinished or none of it.

use std::collections::BTreeMap;

use super::scene::{JOB, Scene, figures, orders};

const AS_OF: &str = "2026-03-31";

fn plain() -> BTreeMap<String, Vec<String>> {
    figures(&Scene::with(&orders()).publish(AS_OF, "out", 1).unwrap())
}

/// The good orders in two files of these names, each a half.
fn halves(first: &str, second: &str) -> Scene {
    let scene = Scene::new();
    scene.parquet_of(first, &orders().batch().slice(0, 2), None);
    scene.parquet_of(second, &orders().batch().slice(2, 2), None);
    scene
}

/// The same of another order, which nobody may read.
fn hide(scene: &Scene, name: &str) {
    let other = orders().with("order_id", arrow::array::Int64Array::from(vec![901, 902, 903, 904]));
    scene.parquet(name, &other);
}

#[track_caller]
fn assert_plain(scene: &Scene, path: &str, warnings: &[&str]) {
    scene.job(&JOB.replace("orders.parquet", &format!("\"{path}\"")));
    let published = scene.publish(AS_OF, "out", 1).unwrap();
    assert_eq!(figures(&published), plain(), "{path}");
    assert_eq!(published.manifest.warnings, warnings, "{path}");
}

#[test]
fn partitions_may_begin_with_an_underscore() {
    let scene = halves("data/part-2025.parquet", "data/_batch=20260301/part-0.parquet");
    for path in ["data", "data/*", "data/**", "data/**/*.parquet"] {
        assert_plain(&scene, path, &[]);
    }
}

#[test]
fn what_is_hidden_is_left_out_of_folders_and_patterns_and_told() {
    let scene = halves("data/part-0.parquet", "data/dt=2026-03/part-1.parquet");
    hide(&scene, "data/_temporary/0/part-9.parquet");
    hide(&scene, "data/dt=2026-03/.part-1.parquet.swp");
    scene.write("data/_SUCCESS", "");
    let told = |path: &str, what: &str| format!("input `orders`: files and folders of `{path}` that are not read: {what}");
    let hidden = "3 hidden by a name that begins with `.` or `_` (`data/_SUCCESS` first)";
    for path in ["data", "data/*", "data/**/*"] {
        assert_plain(&scene, path, &[&told(path, hidden)]);
    }
    let hidden = "1 hidden by a name that begins with `.` or `_` (`data/_temporary/`)";
    assert_plain(&scene, "data/**/*.parquet", &[&told("data/**/*.parquet", hidden)]);
    // The manifest and `check` name each of them.
    scene.job(&JOB.replace("orders.parquet", "data"));
    let left = scene.publish(AS_OF, "other", 1).unwrap().manifest.inputs[0].left_out.clone();
    let left: Vec<(&str, &str)> = left.iter().map(|left| (left.path.as_str(), left.reason.as_str())).collect();
    let names = ["data/_SUCCESS", "data/_temporary/", "data/dt=2026-03/.part-1.parquet.swp"];
    assert_eq!(left, names.map(|name| (name, "hidden")));
    let checked = scene.run(&["check", "job.yaml"]).stdout;
    for name in names {
        assert!(checked.contains(&format!("  not read: {name} (hidden)\n")), "{checked}");
    }
    assert!(checked.contains("warning: input `orders`: files and folders of `data` that are not read: 3 hidden"), "{checked}");
}

#[test]
fn a_pattern_that_names_what_is_hidden_gets_it() {
    let scene = halves("data/_stage/a.parquet", "data/_stage/b.parquet");
    hide(&scene, "data/_temporary/c.parquet");
    for path in ["data/_stage", "data/_stage/*", "data/_st*/*.parquet", "**/_stage/*"] {
        assert_plain(&scene, path, &[]);
    }
}

#[test]
fn files_are_parquet_by_their_bytes() {
    // As Hive, Impala and BigQuery call them.
    for (first, second) in
        [("data/000000_0", "data/b-4fa1_data.0.parq"), ("data/PART-1.PARQUET", "data/000000000027"), ("data/a.csv", "data/b")]
    {
        let scene = halves(first, second);
        for path in ["data", "data/*"] {
            assert_plain(&scene, path, &[]);
        }
    }
    let scene = halves("data/dt=20260201/000000_0", "data/dt=20260301/000000_0");
    assert_plain(&scene, "data", &[]);
    assert_plain(&scene, "data/dt=*/0*", &[]);
}

#[test]
fn what_is_no_data_is_counted_and_named() {
    let scene = halves("data/0", "data/1");
    hide(&scene, "data/2.parquet.tmp");
    hide(&scene, "data/3.parquet._COPYING_");
    scene.write("data/readme.txt", "orders come here");
    scene.write("data/empty", "");
    let expected = "input `orders`: files and folders of `data` that are not read: 2 unfinished by the name (`data/2.parquet.tmp` first), \
                    2 not Parquet by the first bytes (`data/empty` first)";
    assert_plain(&scene, "data", &[expected]);
}

#[test]
fn the_log_of_a_delta_table_is_not_read_and_that_is_told() {
    let scene = halves("data/part-0.parquet", "data/part-1.parquet");
    scene.write("data/_delta_log/00000000000000000000.json", "{}");
    scene.job(&JOB.replace("orders.parquet", "data"));
    let warnings = scene.publish(AS_OF, "out", 1).unwrap().manifest.warnings;
    assert!(warnings.iter().any(|warning| warning.contains("`data/_delta_log/` is the log of a Delta table")), "{warnings:?}");
}

/// Files of another writer, which huitou does not read: both `check` and `run` say so.
#[track_caller]
fn assert_refused(file: &[u8], job: &str, expected: &str) {
    let scene = Scene::new();
    scene.write("orders.parquet", file);
    scene.job(job);
    for command in ["check", "run"] {
        let ran = scene.run(&[command, "job.yaml"]);
        assert_eq!((ran.code, ran.stderr.trim_end()), (Some(3), expected), "{command}");
    }
}

#[test]
fn a_codec_that_is_not_built_in_is_named() {
    let brotli = include_bytes!("../files/brotli.parquet");
    let expected = "error: orders.parquet: input `orders`: the column `paid_amount` is compressed by BROTLI, which huitou does not read
  help: write the file anew with one of UNCOMPRESSED, SNAPPY, GZIP, LZ4, LZ4_RAW and ZSTD; the file is not damaged";
    assert_refused(brotli, JOB, expected);
    // In a column that nothing reads it does no harm: each order is paid with 1.00 here.
    let scene = Scene::new();
    scene.write("orders.parquet", brotli);
    scene.job(&JOB.replace("orders.parquet }", "orders.parquet, columns: { paid_amount: \"CAST(order_id > 0 AS DOUBLE)\" } }"));
    assert_eq!(scene.publish(AS_OF, "out", 1).unwrap().manifest.inputs[0].equation.used, 4);
    // In one that only an expression reads it does.
    assert_refused(brotli, &JOB.replace("orders.parquet }", "orders.parquet, filter: paid_amount > 1 }"), expected);
}

#[test]
fn encryption_is_named() {
    assert_refused(
        include_bytes!("../files/encrypted.parquet"),
        JOB,
        "error: orders.parquet: the file is encrypted, and huitou reads no encrypted files
  help: write it without encryption where only the run can read it",
    );
    assert_refused(
        include_bytes!("../files/encrypted_columns.parquet"),
        JOB,
        "error: orders.parquet: input `orders`: the columns `customer_id`, `paid_amount` are encrypted, and huitou reads no encrypted columns
  help: write the file without encryption where only the run can read it",
    );
}

#[test]
fn a_link_that_leads_nowhere_is_told_as_one() {
    let scene = halves("data/0.parquet", "data/1.parquet");
    std::os::unix::fs::symlink("../gone/2.parquet", scene.path("data/2.parquet")).unwrap();
    scene.job(&JOB.replace("orders.parquet", "data"));
    for command in ["check", "run"] {
        let ran = scene.run(&[command, "job.yaml"]);
        assert_eq!(ran.code, Some(3));
        assert!(ran.stderr.contains("data/2.parquet: is a link to `../gone/2.parquet`, which is not there"), "{}", ran.stderr);
        assert!(ran.stderr.contains("or remove the link") && !ran.stderr.contains("permission"), "{}", ran.stderr);
    }
    // Either of what the help says.
    std::fs::remove_file(scene.path("data/2.parquet")).unwrap();
    assert_plain(&scene, "data", &[]);
}

#[test]
fn tables_with_a_log_are_told_wherever_the_path_begins() {
    for (log, kind) in
        [("t/_delta_log/0.json", "Delta"), ("t/.hoodie/hoodie.properties", "Hudi"), ("t/metadata/00000-1.metadata.json", "Iceberg")]
    {
        let scene = halves("t/data/0.parquet", "t/data/dt=2026-03-01/1.parquet");
        scene.write(log, "{}");
        for path in ["t", "t/data", "t/data/*", "t/data/**/*.parquet"] {
            scene.job(&JOB.replace("orders.parquet", &format!("\"{path}\"")));
            let folder = log.rsplit_once('/').unwrap().0;
            let warnings = scene.publish(AS_OF, "out", 1).unwrap().manifest.warnings;
            let told: Vec<&String> = warnings.iter().filter(|warning| warning.contains(&format!("is the log of a {kind} table"))).collect();
            assert!(matches!(told[..], [one] if one.contains(&format!("`{folder}/`"))), "{path}: {warnings:?}");
            assert!(scene.run(&["check", "job.yaml"]).stdout.contains(&format!("is the log of a {kind} table")));
        }
    }
}

#[test]
fn a_column_whose_name_begins_with_a_blank_can_be_mapped_as_the_advice_says() {
    let refunded = arrow::array::Float64Array::from(vec![10.0, 0.0, 0.0, 0.0]);
    let scene = Scene::with(&orders().with(" refund_amount", refunded));
    let warnings = scene.publish(AS_OF, "out", 1).unwrap().manifest.warnings;
    let warning = warnings.iter().find(|warning| warning.contains("` refund_amount`, which is not mapped")).unwrap();
    assert!(warning.contains("Then write `refund_amount: ' refund_amount'` under `columns:`"), "{warning}");
    for name in ["' refund_amount'", "'\" refund_amount\"'"] {
        scene.job(&JOB.replace("path: orders.parquet", &format!("path: orders.parquet, columns: {{ refund_amount: {name} }}")));
        let snapshot = super::result::run(&scene.path("job.yaml"), &[], None).unwrap_or_else(|error| panic!("{error}"));
        // 100.00 + 50.00 + 75.00, less 10.00.
        assert_eq!(snapshot.table("customers").money("net_revenue"), "215.00", "{name}");
    }
    // The same where the job has the name without its blank.
    scene.job(&JOB.replace("path: orders.parquet", "path: orders.parquet, columns: { refund_amount: refund_amount }"));
    let told = scene.run(&["run", "job.yaml"]).stderr;
    assert!(told.contains("did you mean `' refund_amount'`?"), "{told}");
}

#[test]
fn a_table_that_lacks_a_column_names_the_one_that_is_almost_it() {
    let scene = Scene::with(&orders().renamed("customer_id", "Customer_ID"));
    scene.job(&format!("{JOB}tables: [customers]\n"));
    let told = scene.run(&["run", "job.yaml"]);
    assert_eq!(told.code, Some(2));
    let advice =
        "orders.parquet has `Customer_ID`: if it is that, write `customer_id: Customer_ID` under `columns:` of the input, or leave";
    assert!(told.stderr.contains(advice), "{}", told.stderr);
    let job = JOB.replace("path: orders.parquet", "path: orders.parquet, columns: { customer_id: Customer_ID }");
    scene.job(&format!("{job}tables: [customers]\n"));
    assert_eq!(scene.run(&["run", "job.yaml"]).code, Some(0));
}
