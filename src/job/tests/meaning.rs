//! What job files mean.

use super::*;
use crate::spec::{Grain, Lang, WeekStart, period::day_of};

#[test]
fn the_smallest_job_has_every_default() {
    let job = job(SMALLEST);
    assert_eq!(
        job,
        Job {
            name: "nightly".to_owned(),
            file: PathBuf::from("/jobs/nightly.yaml"),
            folder: PathBuf::from("/jobs"),
            timezone: "Asia/Shanghai".to_owned(),
            zone: jiff::tz::TimeZoneDatabase::bundled().get("Asia/Shanghai").unwrap(),
            as_of: AsOf::Yesterday,
            shop: "nightly".to_owned(),
            currency: "CNY".to_owned(),
            inputs: Inputs {
                orders: InputSpec {
                    path: "/jobs/data/orders".to_owned(),
                    written_path: "data/orders".to_owned(),
                    columns: [].into(),
                    status: [].into(),
                    filter: None,
                    money: MoneyUnit::Major,
                    times: Times {
                        local: jiff::tz::TimeZoneDatabase::bundled().get("Asia/Shanghai").unwrap(),
                        input: None,
                        columns: [].into(),
                        place: "/jobs/nightly.yaml:2:11".to_owned(),
                    },
                    freshness: Freshness { warn: Some(2), error: None },
                    customers: Customers::Optional,
                    place: "/jobs/nightly.yaml:2:11".to_owned(),
                    column_places: [].into(),
                    filter_place: "/jobs/nightly.yaml:2:11".to_owned(),
                },
                others: [].into(),
            },
            params: Params {
                cohort: Cohort { grains: vec![Grain::Month], dimensions: vec![] },
                history_warmup: 90,
                lifecycle: Lifecycle { active_days: 30, quiet_days: 90, dormant_days: 180, is_suggested: false, thresholds: vec![] },
                week_starts: WeekStart::Monday,
                migration_period: Grain::Month,
                rfm: Rfm { method: RfmMethod::Quantile(RecencyScore::Stages), monetary_value: MonetaryValue::NetRevenue },
                forecast: ForecastParams { model: ModelChoice::Auto, horizon_days: 90, months: 3 },
                max_nth: 10,
                promise_hours: 48,
                timing_days: 90,
                alert_days: 30,
                min_customers: 20,
                price_ending: PriceEnding { step: 100, ending: 0 },
                max_reject_share: 0.001,
                min_peers: 5,
                min_pair_orders: 5,
                max_pairs: 1_000,
                brief_size: 8,
                campaign: Campaign { window_days: 14 },
                cool_down: CoolDown::Auto,
                member_levels: vec![],
                amount_bands: vec![],
                totals: vec![],
                group_ids: GroupIds::Separate,
            },
            assessments: vec![],
            strategies: vec![],
            stages: None,
            tables: Tables::All,
            table_places: [].into(),
            output: Output { path: PathBuf::from("/jobs/out"), keep: None, report: None, state: true, postgres: None },
        }
    );
    assert_eq!(job.params, Params::default());
}

#[test]
fn a_full_job_means_what_it_says() {
    let job = job(FULL);
    assert_eq!((job.name.as_str(), job.shop.as_str(), job.timezone.as_str()), ("夜间", "007", "Europe/Berlin"));
    assert_eq!(job.as_of, AsOf::Date(day_of(2026, 11, 21).unwrap()));
    let orders = &job.inputs.orders;
    assert_eq!((orders.path.as_str(), orders.written_path.as_str()), ("/mnt/data/orders", "${DATA}/orders"));
    assert_eq!(orders.columns["paid_amount"], "Quantity * UnitPrice");
    assert_eq!(orders.status["WAIT_BUYER_PAY"], Status::Placed);
    assert_eq!(orders.status["交易关闭"], Status::Closed);
    assert_eq!(orders.status["4"], Status::Completed);
    assert_eq!((orders.filter.as_deref(), orders.money), (Some("channel != 'test'"), MoneyUnit::Minor));
    assert_eq!(orders.place, "/jobs/nightly.yaml:6:3");
    assert_eq!(orders.place_of("order_id"), "/jobs/nightly.yaml:8:16");
    assert_eq!(orders.place_of("paid_amount"), "/jobs/nightly.yaml:8:31");
    assert_eq!(orders.place_of("customer_id"), "/jobs/nightly.yaml:6:3");
    assert_eq!(orders.filter_place, "/jobs/nightly.yaml:10:5");
    assert_eq!(job.inputs.get("traffic").unwrap().path, "/jobs/traffic");
    assert_eq!(job.inputs.get("refunds").unwrap().status["成功"], Status::Success);
    assert_eq!(job.inputs.get("shops"), None);
    assert_eq!(job.inputs.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["orders", "refunds", "traffic"]);
    assert_eq!(job.params.cohort.grains, [Grain::Month, Grain::Quarter]);
    assert_eq!(job.params.cohort.dimensions, ["first_channel", "province"]);
    assert_eq!(job.params.lifecycle.thresholds, [20, 75]);
    assert_eq!(job.params.forecast, ForecastParams { model: ModelChoice::Only(ModelKind::MbgNbd), horizon_days: 30, months: 3 });
    let RfmMethod::Fixed { recency_days, frequency, monetary } = job.params.rfm.method else { panic!() };
    assert_eq!((recency_days, frequency), ([7, 30, 90, 180], [2, 3, 5, 10]));
    assert_eq!(monetary, [10_000, 25_050, 100_000, 500_000]);
    assert_eq!((job.params.max_pairs, job.params.brief_size), (50, 5));
    assert_eq!(job.params.campaign.window_days, 30);
    assert_eq!(job.params.cool_down, CoolDown::Sent);
    let level = |name: &str, min_amount, min_orders| MemberLevel { name: name.to_owned(), min_amount, min_orders };
    assert_eq!(job.params.member_levels, [level("会员", Some(0), None), level("金卡", Some(50_050), Some(3))]);
    assert_eq!(job.params.amount_bands, [10_000, 25_050]);
    assert_eq!(job.params.totals, [Total::All, Total::Category]);
    assert_eq!(job.params.group_ids, GroupIds::Shared);
    assert_eq!(job.tables, Tables::List(vec!["shop_daily".to_owned(), "customers".to_owned()]));
    assert_eq!(job.place_of_table("customers"), "/jobs/nightly.yaml:40:22");
    let output = Output { path: PathBuf::from("/srv/out"), keep: Some(30), report: Some(Lang::Zh), state: true, postgres: None };
    assert_eq!(job.output, output);
}

#[test]
fn days_before_today() {
    let today = day_of(2026, 3, 1).unwrap();
    assert_eq!(AsOf::Yesterday.day(today), day_of(2026, 2, 28).unwrap());
    assert_eq!(AsOf::parse("2026-11-21").map(|day| day.day(today)), day_of(2026, 11, 21));
}

#[test]
fn sections_may_be_empty_and_aliases_may_be_used() {
    assert_eq!(job(&format!("{SMALLEST}params:\noutput:\n")), job(SMALLEST));
    assert_eq!(job(&format!("{SMALLEST}params:\n  # cohort: {{ grain: week }}\n")), job(SMALLEST));
    let shared = job("job: n\ninputs:\n  orders: { path: a, columns: &c { shop_id: 店 } }\n  shops: { path: b, columns: *c }\n");
    assert_eq!(shared.inputs.get("shops").unwrap().columns, shared.inputs.orders.columns);
}

#[test]
fn weeks_begin_on_the_day_that_the_job_names() {
    let weeks = |start: &str| job(&format!("{SMALLEST}params: {{ cohort: {{ grain: week }}, migration_period: week{start} }}\n")).params;
    for (start, expected) in
        [("", WeekStart::Monday), (", week_starts: monday", WeekStart::Monday), (", week_starts: sunday", WeekStart::Sunday)]
    {
        let params = weeks(start);
        assert_eq!(params.week_starts, expected);
        assert_eq!((params.cohort.grains, params.migration_period), (vec![Grain::Week(expected)], Grain::Week(expected)));
    }
}

#[test]
fn the_word_suggested_stands_for_the_limits_of_the_lifecycle() {
    let suggested = job(&format!("{SMALLEST}params: {{ lifecycle: suggested }}\n")).params.lifecycle;
    assert_eq!(suggested, Lifecycle { is_suggested: true, ..job(SMALLEST).params.lifecycle });
}

#[test]
fn freshness_has_a_default_for_orders_of_yesterday_only() {
    let of = |text: &str, options: &[&str], input: &str| read_with(text, options).unwrap().inputs.get(input).unwrap().freshness;
    let limits = |warn, error| Freshness { warn, error };
    assert_eq!(of(SMALLEST, &[], "orders"), limits(Some(2), None));
    assert_eq!(of(SMALLEST, &["as_of=2026-11-21"], "orders"), limits(None, None));
    assert_eq!(of(SMALLEST, &["as_of=2026-11-21", "inputs.orders.freshness.warn=1d"], "orders"), limits(Some(1), None));
    assert_eq!(of(SMALLEST, &["inputs.orders.freshness={ warn: 30d, error: 60 }"], "orders"), limits(Some(30), Some(60)));
    assert_eq!(of(SMALLEST, &["inputs.traffic=t"], "traffic"), limits(None, None));
    assert_eq!(of(SMALLEST, &["inputs.traffic={ path: t, freshness: { error: 3d } }"], "traffic"), limits(None, Some(3)));
    // An input that stops the run is stale as well, also where only the default warns later.
    assert_eq!(of(SMALLEST, &["inputs.orders.freshness.error=1d"], "orders").stale_from(), Some(1));
    assert_eq!(limits(Some(2), Some(5)).stale_from(), Some(2));
    assert_eq!(limits(None, None).stale_from(), None);
    for wrong in ["36h", "2 d", "0d", "-1d", "d", "9999d", "1.5d", "two"] {
        let message = wrong_with(SMALLEST, &[&format!("inputs.orders.freshness.warn={wrong}")]);
        assert!(message.contains(&format!("must be a number of days such as 2d, from 1d to 3650d, found `{wrong}`")), "{message}");
    }
    let message = wrong_with(SMALLEST, &["inputs.orders.freshness={ warn: 3d, error: 2d }"]);
    assert!(message.contains("`inputs.orders.freshness.warn` is 3 days, more than the 2 days of `error`"), "{message}");
    let message = wrong_with(SMALLEST, &["inputs.shops={ path: s, freshness: { warn: 2d } }"]);
    assert!(message.contains("unknown key `freshness` in `inputs.shops`"), "{message}");
}

#[test]
fn recency_is_scored_by_stages_unless_the_job_says_otherwise() {
    let of = |sets: &[&str]| read_with(SMALLEST, sets).unwrap();
    let by = |job: &Job| job.params.rfm.method.clone();
    let (silent, stages, rank) = (of(&[]), of(&["params.rfm.recency=stages"]), of(&["params.rfm.recency=quantile"]));
    assert_eq!((by(&silent), by(&stages)), (RfmMethod::Quantile(RecencyScore::Stages), RfmMethod::Quantile(RecencyScore::Stages)));
    assert_eq!(by(&rank), RfmMethod::Quantile(RecencyScore::Quantile));
    assert_eq!(silent.canonical(), stages.canonical());
    assert_ne!(silent.canonical(), rank.canonical());
    let fixed = read_with(FULL, &["params.rfm.recency=stages"]).unwrap_err().to_string();
    assert!(fixed.contains("`params.rfm.recency` means nothing without `method: quantile`"), "{fixed}");
}
