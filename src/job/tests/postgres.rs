//! `output.postgres`: what it means, and messages that show nothing of the connection string.

use super::*;

const HELP: &str =
    "write url: \"${HUITOU_PG}\", and set HUITOU_PG to postgresql://USER:PASSWORD@HOST/DATABASE in the environment of the run";

fn postgres(lines: &str) -> Postgres {
    job(&format!("{SMALLEST}output: {{ postgres: {lines} }}\n")).output.postgres.unwrap()
}

/// What is wrong with `postgres` in line 3, from column 21 on.
fn wrong_postgres(text: &str) -> String {
    wrong_below(&format!("output: {{ postgres: {text} }}\n"))
}

#[test]
fn the_database_of_the_environment() {
    let found = postgres("{ url: \"${PG}\" }");
    assert_eq!(found.connection.to_string(), "database shops at db.example:5432 as huitou");
    assert_eq!(found.connection.encryption, Encryption::Require);
    assert_eq!(found.connection.password.as_ref().map(Secret::reveal), Some("p@ss"));
    assert_eq!((found.schema.as_str(), found.partitions().as_str()), ("huitou", "huitou_partitions"));
    let parts = postgres("{ url: \"postgresql://huitou:${WORD}@db.example/shops\", schema: bi }");
    assert_eq!(parts.connection.password.as_ref().map(Secret::reveal), Some("s3cret"));
    assert_eq!(parts.schema, "bi");
    assert!(!format!("{parts:?}").contains("s3cret"));
    // Authentication by the operating system needs no password.
    assert_eq!(postgres("{ url: \"postgresql:///shops?user=huitou\" }").connection.password, None);
    for nothing in ["postgres:", "postgres: ~"] {
        assert_eq!(job(&format!("{SMALLEST}output: {{ {nothing} }}\n")).output.postgres, None);
    }
}

#[test]
fn the_database_changes_no_table() {
    let with = job(&format!("{SMALLEST}output: {{ postgres: {{ url: \"${{PG}}\" }} }}\n"));
    assert_eq!(with.canonical(), job(SMALLEST).canonical());
}

#[test]
fn a_password_belongs_in_the_environment() {
    let expected = format!(
        "/jobs/nightly.yaml:3:28: `output.postgres.url` has a password written out, which belongs in the environment\n  help: {HELP}"
    );
    for url in
        ["postgresql://u:s3cret@h/d", "postgresql://u:s3cret${WORD}@h/d", "user=u password=s3cret", "postgresql://u@h/d?password=s3cret"]
    {
        assert_eq!(wrong_postgres(&format!("{{ url: \"{url}\" }}")), expected, "{url}");
    }
    let message = wrong_with(SMALLEST, &["output.postgres.url=postgresql://u:s3cret@h/d"]);
    assert!(message.starts_with("--set output.postgres.url: `output.postgres.url` has a password written out"), "{message}");
}

#[test]
fn no_message_shows_the_connection_string() {
    let wrong_all = [
        ("postgresql://u:s3cret@h/d", "`output.postgres` must be a mapping"),
        ("{ url: [postgresql://u:s3cret@h/d] }", "`output.postgres.url` must be text of one line"),
        ("{ url: \"postgresql://u:s3cret@h/d\\n\" }", "`output.postgres.url` must be text of one line"),
        ("{ url: }", "`output.postgres.url` must be text of one line"),
        ("{ url: \"${EMPTY}\" }", "`output.postgres.url` is empty once its variables are replaced"),
        ("{ url: \"${PG_WRONG}\" }", "`output.postgres.url` cannot be read: in a URL, write special characters"),
        ("{ url: \"${WORD}\" }", "`output.postgres.url` cannot be read: it is a URL"),
        ("{ url: \"postgresql://${WORD}@${WORD}:${WORD}/d\" }", "has a port that is not a number"),
        ("{ schema: bi }", "`output.postgres.url` is missing"),
        ("{ url: \"${PG}\", schema: Huitou }", "`output.postgres.schema` must be a name of lower-case letters"),
        ("{ url: \"${PG}\", schema: pg_huitou }", "is a name reserved by PostgreSQL"),
        (
            "{ url: \"${PG}\", schema: a123456789b123456789c123456789d123456789e123456789f123 }",
            "has 54 letters, and PostgreSQL keeps 63, of which `_partitions` takes 11",
        ),
    ];
    for (text, expected) in wrong_all {
        let message = wrong_postgres(text);
        assert!(message.contains(expected) && !message.contains("s3cret") && !message.contains("p%40ss"), "{text}: {message}");
    }
}

#[test]
fn the_history_names_result_tables() {
    let found = postgres("{ url: \"${PG}\", history: [shop_daily, cohort_retention] }");
    assert_eq!(found.history, ["shop_daily", "cohort_retention"]);
    assert_eq!(Postgres::history_of("shop_daily"), "shop_daily_history");
    for none in ["{ url: \"${PG}\" }", "{ url: \"${PG}\", history: [] }"] {
        assert!(postgres(none).history.is_empty());
    }
    let message = wrong_postgres("{ url: \"${PG}\", history: [shop_daly] }");
    assert!(message.contains("unknown table `shop_daly` in `output.postgres.history`"), "{message}");
    assert!(message.contains("did you mean `shop_daily`"), "{message}");
    let message = wrong_postgres("{ url: \"${PG}\", history: [shop_daily, shop_daily] }");
    assert!(message.contains("a second time"), "{message}");
    let message = wrong_postgres("{ url: \"${PG}\", history: shop_daily }");
    assert!(message.contains("`output.postgres.history` must be a list of tables, found"), "{message}");
}
