//! Laws that hold for every job file, every declared key and every fingerprint.

use proptest::prelude::*;

use super::super::keys::{Key, Presence, Shape};
use super::*;

/// The source of the fingerprint: a change of this text changes the name of every snapshot.
#[test]
fn the_canonical_text() {
    assert_eq!(
        job(SMALLEST).canonical(),
        r#"{"timezone":"Asia/Shanghai","shop":"nightly","inputs":[{"input":"orders","path":"data/orders","columns":[],"status":[],"filter":null,"money":"major","freshness":{"warn":2,"error":null},"customers":"optional"}],"params":{"cohort":{"grain":["month"],"dimensions":[]},"history_warmup":90,"week_starts":"monday","migration_period":"month","lifecycle":{"active_days":30,"quiet_days":90,"dormant_days":180,"is_suggested":false,"thresholds":[]},"rfm":{"method":"quantile","monetary_value":"net_revenue","recency":"stages"},"forecast":{"model":"auto","horizon_days":90,"months":3},"max_nth":10,"promise_hours":48,"timing_days":90,"min_customers":20,"max_reject_share":0.001,"min_peers":5,"min_pair_orders":5,"max_pairs":1000,"brief_size":8,"campaign":{"window_days":14},"member_levels":[],"amount_bands_minor":[],"cool_down":"auto"},"assessments":[],"strategies":[],"tables":"all"}"#
    );
}

#[test]
fn what_does_not_change_a_table_does_not_change_the_canonical_text() {
    let text = job(FULL).canonical();
    let moved = Job::checked(FULL, Path::new("elsewhere/other.yaml"), &[], &catalogue(), &|_| Some("/other".to_owned())).unwrap();
    assert_eq!(moved.canonical(), text);
    for option in [
        "job=other",
        "as_of=2020-01-01",
        "output.path=elsewhere",
        "output.keep=3",
        "output.report=zh",
        "timezone=europe/berlin",
        "tables=[customers, shop_daily]",
        "params.cohort.grain=[month, quarter]",
        "params.cohort.dimensions=[first_channel, province]",
        "params.lifecycle.thresholds=[20, 75]",
        "params.rfm.monetary=[100.00, 250.50, 1000.0, 5000]",
        "params.max_reject_share=1e-2",
        "params.totals=[all, category]",
        "inputs.orders.filter=\" channel != 'test' \"",
        "inputs.orders.columns.line_id=line_id",
        "inputs.traffic={path: ./traffic, money: major}",
    ] {
        assert_eq!(read_with(FULL, &[option]).unwrap().canonical(), text, "{option}");
    }
}

#[test]
fn what_changes_a_table_changes_the_canonical_text() {
    let mut texts = vec![job(FULL).canonical()];
    for option in [
        "timezone=UTC",
        "shop=8",
        "inputs.orders.path=o",
        "inputs.orders.columns.order_id=x",
        "inputs.orders.columns.line_id=x",
        "inputs.orders.status.x=paid",
        "inputs.orders.status.4=shipped",
        "inputs.orders.filter=\"true\"",
        "inputs.orders.money=major",
        "inputs.orders.times=utc",
        "inputs.orders.times=local",
        "inputs.orders.times.created_at=utc",
        "inputs.orders.times={paid_at: America/New_York}",
        "inputs.shops=s",
        "currency=EUR",
        "inputs.orders.freshness.warn=1d",
        "inputs.orders.freshness.error=1d",
        "inputs.traffic.freshness={warn: 1d, error: 1d}",
        "params.cohort.grain=day",
        "params.cohort.dimensions=[province]",
        "params.history_warmup=1",
        "params.lifecycle.active_days=51",
        "params.lifecycle.quiet_days=101",
        "params.lifecycle.dormant_days=201",
        "params.lifecycle.thresholds=[]",
        "params.lifecycle=suggested",
        "params.week_starts=sunday",
        "params.migration_period=week",
        "params.rfm={}",
        "params.rfm.recency_days=[1, 2, 3, 4]",
        "params.rfm.frequency=[1, 2, 3, 4]",
        "params.rfm.monetary=[1, 2, 3, 4]",
        "params.rfm.monetary_value=net_revenue",
        "params.max_nth=6",
        "params.promise_hours=24",
        "params.timing_days=30",
        "params.alert_days=31",
        "params.min_customers=30",
        "params.price_ending={ step: 10, ending: 9 }",
        "params.price_ending={ step: 10, ending: 8 }",
        "params.max_reject_share=0.02",
        "params.min_peers=4",
        "params.min_pair_orders=4",
        "params.max_pairs=4",
        "params.brief_size=3",
        "params.campaign.window_days=7",
        "params.cool_down=auto",
        "params.cool_down=listed",
        "params.member_levels=[{ name: gold, min_amount: 100 }]",
        "params.member_levels=[{ name: gold, min_orders: 100 }]",
        "params.member_levels=[{ name: silver, min_orders: 100 }]",
        "params.amount_bands=[1, 2]",
        "params.totals=[]",
        "params.totals=all",
        "params.totals=category",
        "params.group_ids=separate",
        "tables=all",
        "tables=[customers]",
        "output.report=en",
        "output.report=false",
    ] {
        texts.push(read_with(FULL, &[option]).unwrap().canonical());
    }
    let count = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), count);
}

/// All keys below a list of declarations, with their paths.
fn all_keys(path: &str, keys: &'static [Key], found: &mut Vec<(String, &'static Key)>) {
    for key in keys {
        let path = section::joined(path, key.name);
        match key.shape {
            Shape::Section(below) | Shape::SectionOr(below, _) => all_keys(&path, below, found),
            Shape::Inputs => {
                for input in catalogue().input_names() {
                    all_keys(&section::joined(&path, input), keys::input_keys(input), found);
                }
            }
            _ => found.push((path, key)),
        }
    }
}

#[test]
fn every_declared_key_is_read_and_every_default_is_allowed() {
    let mut found = Vec::new();
    all_keys("", keys::JOB, &mut found);
    assert!(found.len() > 30);
    for (path, key) in found {
        assert!(!key.doc.is_empty() && !key.doc.ends_with('.'), "{path}");
        let base = if path.starts_with("inputs.") && !path.starts_with("inputs.orders") {
            format!("inputs.{}.path=x", path.split('.').nth(1).unwrap())
        } else if path.starts_with("output.postgres.") {
            "output.postgres.url=${PG}".to_owned()
        } else {
            "job=nightly".to_owned()
        };
        // A value that no key accepts: without a problem, the key would not have been read.
        let message = wrong_with(SMALLEST, &[&base, &format!("{path}=[[]]")]);
        assert!(message.starts_with(&format!("--set {path}: `{path}` must be ")), "{path}: {message}");
        if let Presence::Default(default) = key.presence {
            let written = read_with(SMALLEST, &[&base, &format!("{path}={default}")]).unwrap();
            assert_eq!(written.canonical(), read_with(SMALLEST, &[&base]).unwrap().canonical(), "{path}");
        }
    }
}

proptest! {
    /// The order of keys and the way values are written do not matter.
    #[test]
    fn the_canonical_text_does_not_depend_on_the_order_of_keys(order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle()) {
        // Top-level blocks of FULL: a line that is not indented begins one.
        let mut blocks: Vec<String> = Vec::new();
        for line in FULL.lines() {
            if !line.starts_with(' ') {
                blocks.push(String::new());
            }
            let block = blocks.last_mut().unwrap();
            block.push_str(line);
            block.push('\n');
        }
        prop_assert_eq!(blocks.len(), order.len());
        let shuffled: String = order.iter().map(|position| blocks[*position].as_str()).collect();
        prop_assert_eq!(job(&shuffled).canonical(), job(FULL).canonical());
    }

    /// A damaged job file gives a job, or a list of problems in the order of the file.
    #[test]
    fn a_damaged_job_file_is_refused_not_a_crash(
        cuts in prop::collection::vec((0..FULL.len(), 0..12_usize, "[\\PC\\n\\t:\\[\\]{}&*!'\"-]{0,4}"), 1..6),
    ) {
        let mut text: Vec<char> = FULL.chars().collect();
        for (start, length, inserted) in cuts {
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, inserted.chars());
        }
        let text: String = text.into_iter().collect();
        match read_with(&text, &[]) {
            Ok(job) => prop_assert!(!job.canonical().is_empty()),
            Err(Error::Usage(problems)) => {
                prop_assert!(!problems.is_empty());
                let lines: Vec<usize> = problems.iter().filter_map(|problem| problem.place.split(':').nth(1)?.parse().ok()).collect();
                prop_assert_eq!(lines.len(), problems.len());
                prop_assert!(lines.is_sorted());
                prop_assert!(lines.iter().all(|line| (1..=text.lines().count() + 1).contains(line)));
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn no_option_crashes(option in "[\\PC.=\\[\\]{}]{0,30}") {
        let _ = read_with(FULL, &[&option]);
    }
}
