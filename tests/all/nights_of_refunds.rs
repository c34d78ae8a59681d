//! Nights in which refunds come late, go from file to file, are amended or gone: all that differs for that is explained.

use std::collections::BTreeMap;
use std::fs;

use huitou::nightly::StateUse;
use huitou::publish::Published;
use huitou::spec::period::iso;
use proptest::prelude::*;

use super::laws::{DrawnOrder, FIRST, drawn_order};
use super::nights::{Event, Nights, between, damage, differing, event_of_rows, many_orders, unexplained};
use super::scene::{DAY, rows};

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn all_money_that_differs_is_explained(
        mut drawn_orders in prop::collection::vec(drawn_order(), 40..110),
        events in prop::collection::vec((event_of_rows(), 1..9_i64), 4..9),
    ) {
        drawn_orders.iter_mut().for_each(|order| order.is_muddled = false);
        let mut nights = Nights::new(&drawn_orders);
        let kept = |line: &&str| !(line.starts_with("strategies:") || line.starts_with("stages:"));
        let job: String = nights.job.lines().filter(kept).map(|line| format!("{line}\n")).collect();
        // Of few ratings all may be wrong.
        let job = job.replace("max_reject_share: 0.9", "max_reject_share: 1");
        nights.scene.job(&format!("{job}tables: [shop_periods, revenue_bridge, cohort_retention, restatements]\n"));
        let mut day = FIRST + 40;
        for (number, (event, days)) in [(Event::Usual, 0)].into_iter().chain(events).enumerate() {
            day += days;
            if event != Event::Nothing {
                nights.bring_all_or_orders(day, event == Event::Late);
            }
            match event {
                Event::Rewritten => nights.rewrite(),
                Event::Amended(salt) => nights.amend(salt),
                // The first night has most rows: without them there may be none.
                Event::Gone if number > 2 => nights.lose(number / 3),
                _ => {}
            }
            let unexplained = unexplained(&nights.run(day, "out", StateUse::of(true, true)));
            prop_assert!(unexplained.is_empty(), "{} {:?}: {:#?}", iso(day as i32), event, unexplained);
        }
    }
}

/// How many histories are drawn.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12)
}

/// Orders in each of which one customer is named.
fn orders() -> Vec<DrawnOrder> {
    let mut orders = many_orders();
    orders.iter_mut().for_each(|order| order.is_muddled = false);
    orders
}

/// Runs the night and says what no order and no refund explains.
fn explained(nights: &Nights, day: i64, what: &str) -> Published {
    let [night, full] = nights.night(day);
    assert_eq!(rows(&night, "restatements"), rows(&full, "restatements"), "{what}");
    assert_eq!(unexplained(&night), Vec::<String>::new(), "{what}");
    night
}

#[test]
fn files_that_are_written_anew_lose_refunds_to_others_and_bring_late_ones() {
    let mut nights = Nights::new(&orders());
    let mut day = FIRST + 40;
    nights.bring(day);
    explained(&nights, day, "the first night");
    for (number, is_late) in [true, false, true, true, false].into_iter().enumerate() {
        // Refunds that do not come in a night come with the file of the next one; once that is written anew it has them all, and the files before it
        // the fewer.
        day += 7;
        nights.bring_all_or_orders(day, is_late);
        explained(&nights, day, &format!("week {number}"));
        day += 1;
        nights.bring(day);
        nights.rewrite();
        explained(&nights, day, &format!("week {number}, written anew"));
    }
}

#[test]
fn amended_and_lost_refunds_have_their_causes() {
    let mut nights = Nights::new(&orders());
    let mut day = FIRST + 75;
    let mut all = BTreeMap::new();
    for salt in 0..6 {
        day += 9;
        nights.bring(day);
        explained(&nights, day, "a usual night");
        nights.amend(salt);
        let found = explained(&nights, day, &format!("amended {salt}")).manifest.restated;
        assert!(!found.contains_key("late_order") && !found.contains_key("late_payment"), "{salt}: {found:?}");
        all.extend(found);
    }
    assert!(all.contains_key("new_version") && all.contains_key("vanished"), "{all:?}");
    fs::remove_file(nights.scene.path(&Nights::file_of("refunds", 0))).unwrap();
    let found = explained(&nights, day, "a file is gone").manifest.restated;
    assert!(found.contains_key("vanished"), "{found:?}");
}

#[test]
fn of_files_with_large_row_groups_what_stands_in_them_now_is_taken_for_what_stood_in_them() {
    let day = FIRST + 90;
    // The state keeps row groups of 65,536 rows at most.
    for (copies, expected) in [(0, "late_refund"), (66_000, "other")] {
        let mut nights = Nights::new(&orders());
        nights.bring(day);
        let write = |is_whole: bool| {
            let refunds = nights.refunds();
            let mut own = between(refunds, i64::MIN, (day + 1) * DAY);
            own.retain(|row| is_whole || row % 5 > 1);
            // Versions of one application that say the same.
            own.extend(vec![own[0]; copies]);
            nights.scene.parquet_of(&Nights::file_of("refunds", 0), &refunds.take(&own), None);
        };
        write(false);
        nights.run(day, "out", StateUse::of(true, true));
        write(true);
        let night = nights.run(day, "out", StateUse::of(true, true));
        let causes: Vec<&str> = night.manifest.restated.keys().map(String::as_str).collect();
        assert_eq!(causes, [expected], "{copies}");
    }
}

#[test]
fn damaged_rows_of_the_snapshot_before_hinder_no_night() {
    let mut are_unknown = 0;
    for place in 0..9 {
        let mut nights = Nights::new(&orders());
        nights.bring(FIRST + 60);
        nights.run(FIRST + 60, "out", StateUse::of(true, true));
        nights.bring(FIRST + 61);
        nights.amend(place);
        for layer in nights.layers() {
            let size = fs::metadata(&layer).unwrap().len() as usize;
            damage(&layer, size * place / 9 + place);
        }
        let [night, full] = nights.night(FIRST + 61);
        let differing: Vec<String> = differing(&night, &full).into_iter().filter(|part| !part.starts_with("restatements/")).collect();
        assert_eq!(differing, Vec::<String>::new(), "{place}");
        are_unknown += usize::from(night.manifest.warnings.iter().any(|warning| warning.contains("causes are not known")));
    }
    assert!(are_unknown > 0, "no damage was found");
}
