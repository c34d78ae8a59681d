//! Traffic by channel: which of its rows count, which are refused, and that they stay in memory for the tables that read them only.

use std::sync::Arc;

use arrow::array::{Int64Array, StringArray};
use huitou::input::records::channel_days::{ChannelDay, ChannelTraffic};
use huitou::input::records::facts::TrafficDay;
use huitou::nightly::{Loaded, Silent, load};
use huitou::partition::Budget;

use super::scene::{Columns, Scene, day, money, orders};
use super::small_inputs::{account, days, plan, scene_of_rows};

/// A scene with the orders' channels, and with the rows of traffic, each in a file of its own.
fn scene(traffic: &Columns, channels: Option<[&str; 4]>) -> Scene {
    let scene = scene_of_rows(&[("traffic", traffic.clone())]);
    if let Some(channels) = channels {
        scene.parquet("orders.parquet", &orders().with("channel", StringArray::from(channels.to_vec())));
    }
    scene
}

fn loaded(scene: &Scene) -> Loaded {
    let plan = plan(scene, "2026-03-31").unwrap_or_else(|error| panic!("{error}"));
    load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap()
}

/// Ten rows of shop 1 and one of shop 2.
fn traffic() -> Columns {
    let too_long = "x".repeat(256);
    let channels = [
        Some("search"),
        Some("ads"),
        None,
        Some("ads"),
        Some("ads"),
        Some("ads"),
        Some("ads"),
        Some("ads"),
        Some(&too_long),
        Some("ads"),
        Some("ads"),
    ];
    let on = [
        "2026-03-02",
        "2026-03-02",
        "2026-03-02",
        "2026-03-02",
        "2026-03-01",
        "2026-03-03",
        "2026-03-04",
        "2026-03-05",
        "2026-03-06",
        "2026-04-01",
        "2026-03-02",
    ];
    let new_visitors = [5, 6, 7, 8, 9, -1, 1, i64::MAX, 1, 1, 1];
    Columns(Vec::new())
        .with("shop_id", Int64Array::from(vec![1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]))
        .with("date", days(&on))
        .with("channel", StringArray::from(channels.to_vec()))
        .with("uv", Int64Array::from(vec![10, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100]))
        .with("new_visitors", Int64Array::from(new_visitors.to_vec()))
        .with("cost", money(&[0, 1_000, 2_000, 3_000, 4_000, 5_000, -50, 7_000, 8_000, 9_000, 10_000]))
}

#[test]
fn the_last_row_of_a_channel_and_day_counts_and_bad_ones_do_not() {
    let loaded = loaded(&scene(&traffic(), Some(["ads", "search", "ads", "live"])));
    let row = |shop, channel, on, uv, new, cost| {
        ChannelDay::new(shop, channel, day(on), [None, Some(uv), None, None, Some(new), None, Some(cost)])
    };
    let expected = vec![
        row(0, 0, "2026-03-01", 40, 9, 4_000),
        // The second row of the day and channel.
        row(0, 0, "2026-03-02", 30, 8, 3_000),
        row(0, 1, "2026-03-02", 10, 5, 0),
        row(1, 0, "2026-03-02", 100, 1, 10_000),
    ];
    let found: &ChannelTraffic = loaded.facts.channel_traffic.as_ref().unwrap();
    // The name of a row that is refused may stay in the list.
    assert_eq!(found.channels[..2], ["ads", "search"]);
    assert_eq!(found.days, expected.into());
    // Nothing was spent on search: 0.00 is no cost. The orders name ads, live and search.
    assert_eq!(loaded.context.channels_with_cost, [false, true, false, false]);
    // The row without a channel is the shop, and a day with channels only is a day without figures of the shop.
    let shop = |shop, on, uv| TrafficDay { shop, day: day(on), uv, ..TrafficDay::default() };
    let days = vec![shop(0, "2026-03-01", None), shop(0, "2026-03-02", Some(25)), shop(1, "2026-03-02", None)];
    assert_eq!(loaded.facts.traffic, Some(days.into()));
    let (counts, rejects) = account(&loaded, "traffic");
    assert_eq!(counts, [5, 1, 4, 1]);
    assert_eq!(
        rejects,
        [
            "5 negative_amount: new_visitors: -1",
            "6 negative_amount: cost: -0.50",
            "7 unparseable_value: new_visitors: 9223372036854775807 is too large for a count",
            "8 unparseable_value: channel: a text of 256 bytes, 255 at most",
        ]
    );
}

#[test]
fn without_a_table_that_reads_them_the_rows_are_checked_and_do_not_stay() {
    let unread = scene(&traffic(), None);
    let job = std::fs::read_to_string(unread.path("job.yaml")).unwrap();
    unread.job(&format!("{job}\ntables: [shop_daily]\n"));
    let unread = loaded(&unread);
    assert_eq!((unread.facts.channel_traffic.is_none(), unread.context.channels_with_cost.len()), (true, 1));
    let read = loaded(&scene(&traffic(), Some(["ads"; 4])));
    assert!(read.facts.channel_traffic.is_some());
    assert_eq!((account(&unread, "traffic"), unread.facts.traffic), (account(&read, "traffic"), read.facts.traffic));
}
