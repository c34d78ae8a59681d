//! The currency of a job: in the units of all tables, in the cells that are units, in the manifest and on the page; no amount changes.

use std::fs::{self, File};

use huitou::publish::Published;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::scene::{JOB, Scene, figures, orders};

/// A rule whose month still runs on the as-of date, so that it says what is needed a day.
const RULE: &str =
    "assessment: sales\nperiod: month\npeers: all\nrequirements:\n  - { metric: paid_amount, base: paid, test: at_least, value: 5000 }\n";

/// A run in a currency; without one, the job does not name it.
fn run(scene: &Scene, currency: Option<&str>) -> Published {
    let line = currency.map_or(String::new(), |currency| format!("currency: {currency}\n"));
    let job = JOB.replace("2026-03-31", "2026-02-20").replace("path: out", "path: out, report: true");
    scene.job(&format!("{job}{line}assessments: [sales.yaml]\n"));
    scene.publish("2026-02-20", currency.unwrap_or("none"), 1).unwrap()
}

/// All texts about columns, as `table.column text`.
fn texts(published: &Published) -> Vec<String> {
    let tables = published.manifest.tables.iter();
    let of = |table: &huitou::publish::TableEntry| {
        let file = File::open(published.path.join(&table.parts[0].file)).unwrap();
        let schema = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().schema().clone();
        let field = |field: &arrow::datatypes::FieldRef| {
            let mut told: Vec<String> = field.metadata().iter().map(|(key, text)| format!("{key}: {text}")).collect();
            told.sort();
            format!("{}.{} {}", table.name, field.name(), told.join("; "))
        };
        schema.fields().iter().map(field).collect::<Vec<_>>()
    };
    tables.flat_map(of).collect()
}

#[test]
fn units_are_those_of_the_job() {
    let scene = Scene::with(&orders());
    scene.write("sales.yaml", RULE);
    let (plain, yuan, euro) = (run(&scene, None), run(&scene, Some("CNY")), run(&scene, Some("EUR")));
    // A job that names CNY is the same as one that names nothing; one in another currency has a snapshot of its own.
    assert_eq!(plain.manifest.name, yuan.manifest.name);
    assert_ne!(plain.manifest.name, euro.manifest.name);
    assert_eq!((plain.manifest.currency.as_str(), euro.manifest.currency.as_str()), ("CNY", "EUR"));
    let (plain_texts, euro_texts) = (texts(&plain), texts(&euro));
    assert!(plain_texts.iter().filter(|text| text.contains("CNY")).count() > 20);
    assert_eq!(plain_texts.iter().map(|text| text.replace("CNY", "EUR")).collect::<Vec<_>>(), euro_texts);
    for unit in ["shop_daily.paid_amount ", "customers.net_revenue "] {
        let text = euro_texts.iter().find(|text| text.starts_with(unit)).unwrap();
        assert!(text.contains("unit: EUR;") || text.ends_with("unit: EUR") || text.contains("unit: EUR"), "{text}");
    }
    // The cells that are units follow, and no other cell changes.
    let cells = |published: &Published| {
        let figures = figures(published);
        // The Chinese sentences of the brief say 元 for CNY.
        figures.into_iter().map(|(table, rows)| (table, rows.join("\n").replace("CNY", "EUR").replace(" 元", " EUR"))).collect::<Vec<_>>()
    };
    assert_eq!(cells(&plain), cells(&euro));
    let results = figures(&euro)["assessment_results"].join("\n");
    assert!(results.contains("|EUR|") && results.contains("|EUR a day|") && !results.contains("CNY"), "{results}");
    let page = fs::read_to_string(euro.path.join("report.html")).unwrap();
    assert!(page.contains(r#""currency":"EUR""#));
    assert!(fs::read_to_string(plain.path.join("report.html")).unwrap().contains(r#""currency":"CNY""#));
}

#[test]
fn what_is_no_currency_is_refused() {
    for wrong in ["yuan", "cny", "EURO", "€", "12", "\"\""] {
        let refused = Scene::refuses(|scene| scene.job(&format!("{JOB}currency: {wrong}\n")));
        assert!(
            refused.starts_with("exit 2\nerror: job.yaml:7:11: `currency` must be three capitals of a currency such as CNY, found "),
            "{refused}"
        );
    }
}
