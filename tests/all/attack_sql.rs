//! SQL that asks for too much: told as a fault of the job or command, with its place, before any file is read.

use super::scene::{JOB, Scene, orders};

#[test]
fn an_expression_that_is_too_deep_too_long_or_makes_too_much_is_a_fault_of_the_job() {
    let letters = "a".repeat(1_000);
    for (expression, expected) in [
        (vec!["customer_id = 1"; 600].join(" OR "), "more than 250 operations lie within each other at character "),
        (vec!["customer_id = 1"; 20_000].join(" OR "), "it has more than 20000 words and signs, and goes on at character "),
        (format!("{}customer_id = 1{}", "(".repeat(5_000), ")".repeat(5_000)), "lie too deep within each other at character "),
        (format!("LPAD('a', 2000000000, 'b') = 'a' AND customer_id = {}", 1), "the length that `LPAD` at character 1 fills up to"),
        (format!("REPLACE('{letters}', 'a', '{letters}') = 'a'"), "what begins at character 1 makes texts of 1001000 bytes"),
        (format!("'{}' = 'a'", "x".repeat(100_000)), "the text at character 1 has 100000 bytes, 10000 at most"),
        (format!("CAST(1 AS {}INT{}) = 1", "STRUCT<a ".repeat(3_000), ">".repeat(3_000)), "lie too deep within each other"),
        (format!("CAST(1 AS {}INT{}) = 1", "ARRAY<".repeat(3_000), ">".repeat(3_000)), "lie too deep within each other"),
        (format!("CAST(1 AS INT{}) = 1", "[]".repeat(5_000)), "lie too deep within each other"),
        ("REGEXP_LIKE('a', 'a{1000}{1000}')".to_owned(), "the patterns up to that at character 1 are too large"),
    ] {
        let quoted = expression.replace('\'', "''");
        for key in [format!("filter: '{quoted}'"), format!("columns: {{ paid_amount: '{quoted}' }}")] {
            let scene = Scene::with(&orders());
            let lines = format!("  orders:\n    path: orders.parquet\n    {key}\n");
            scene.job(&JOB.replace("  orders: { path: orders.parquet }\n", &lines));
            for command in ["check", "run"] {
                let ran = scene.run(&[command, "job.yaml"]);
                assert_eq!(ran.code, Some(2), "{}", ran.stderr);
                assert!(ran.stderr.starts_with("error: job.yaml:7:"), "{}", ran.stderr);
                assert!(ran.stderr.contains(expected), "`{expected}` is not in {}", ran.stderr);
            }
        }
    }
}

#[test]
fn a_text_of_constants_alone_is_compared_as_any_other() {
    let scene = Scene::with(&orders());
    let filter = "CASE WHEN customer_id > 0 THEN ''a'' ELSE ''b'' END = ''a''";
    scene.job(&JOB.replace("orders.parquet }", &format!("orders.parquet, filter: '{filter}' }}")));
    assert_eq!(scene.run(&["run", "job.yaml", "--quiet"]).code, Some(0));
}
