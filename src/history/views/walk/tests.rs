//! Walks over views: a case worked by hand, and any views against a count that looks at all of them for every figure.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::history::views::counts::{ChannelCounts, DayCounts, PeriodCounts};
use crate::history::views::shuffle::shuffled;
use crate::history::views::{ViewShuffle, Viewers};
use crate::input::records::page_views::PageView;
use crate::spec::period::parse_day;
use crate::spec::{DAY_MICROSECONDS, Id, WeekStart};

const MINUTE: i64 = 60_000_000;
/// Provisional codes 1 and 2 have the final codes 2 and 1.
const RANKS: [u32; 3] = [0, 2, 1];

fn walked(views: &[PageView<'_>]) -> (ViewCounts, Viewers) {
    let budget = Arc::new(Budget::unlimited());
    let shuffle = ViewShuffle::new(views.len() as u64, &budget);
    // As two threads read them.
    let mut shufflers = vec![shuffle.shuffler(), shuffle.shuffler()];
    views.iter().enumerate().for_each(|(place, view)| shufflers[place % 2].push(view));
    let plan = WalkPlan { grains: Grain::periods(WeekStart::Monday), channel_ranks: &RANKS, keeps_channels: true, viewer_partitions: 2 };
    let (counts, writers) = walk(&shuffled(shufflers).unwrap(), plan, &budget).unwrap();
    (counts, Viewers::new(writers).unwrap())
}

fn view(visitor: Id<'_>, day: Day, minute: i64) -> PageView<'_> {
    let moment = i64::from(day) * DAY_MICROSECONDS + minute * MINUTE;
    PageView { shop: 0, shop_hash: 7, visitor, moment, day, is_item: false, channel: 0, dwell_seconds: None, customer: None }
}

#[test]
fn a_visit_over_midnight_by_hand() {
    let (wednesday, thursday) = (parse_day("2024-01-31").unwrap(), parse_day("2024-02-01").unwrap());
    let (anna, ben) = (Id::Text("a"), Id::Text("b"));
    let known = Some(Id::Integer(5));
    let views = [
        // Half an hour after the last view: another visit.
        PageView { customer: known, ..view(anna, thursday, 40) },
        PageView { is_item: true, channel: 2, customer: known, ..view(anna, thursday, 10) },
        PageView { is_item: true, channel: 2, dwell_seconds: Some(30), ..view(anna, wednesday, 23 * 60 + 55) },
        PageView { channel: 1, ..view(anna, wednesday, 23 * 60 + 40) },
        view(ben, wednesday, 600),
    ];
    let (mut counts, viewers) = walked(&views);
    // Anna's visit that began at 23:40 has three views, one of them on Thursday; Ben's has one, and so has Anna's of 00:40.
    let day =
        |pv, uv, visits, bounces, dwell_seconds, dwelt| DayCounts { pv, uv, ipv: 1, ipv_uv: 1, visits, bounces, dwell_seconds, dwelt };
    assert_eq!(*counts.day(0, wednesday), day(3, 2, 2, 1, 30, 1));
    assert_eq!(*counts.day(0, thursday), day(2, 1, 1, 1, 0, 0));
    let channel = |pv, uv, visits, new_visitors| ChannelCounts { pv, uv, visits, bounces: 0, new_visitors };
    assert_eq!(*counts.channel(0, 2, wednesday), channel(1, 1, 1, 1));
    assert_eq!(*counts.channel(0, 1, wednesday), channel(1, 1, 0, 0));
    assert_eq!(*counts.channel(0, 1, thursday), channel(1, 1, 0, 0));
    let grains = Grain::periods(WeekStart::Monday);
    let mut people = |grain: usize, on: Day| *counts.period(0, grain, grains[grain].index(on));
    assert_eq!([people(0, wednesday), people(0, thursday)], [PeriodCounts { uv: 2, ipv_uv: 1 }, PeriodCounts { uv: 1, ipv_uv: 1 }]);
    assert!((1..4).all(|grain| people(grain, thursday) == PeriodCounts { uv: 2, ipv_uv: 1 }), "one quarter, week and year");
    assert_eq!(viewers.customers().unwrap().into_iter().collect::<Vec<_>>(), [((0, thursday), 1)]);
}

#[test]
fn of_one_moment_the_view_of_the_lesser_channel_comes_first() {
    let day = parse_day("2024-01-31").unwrap();
    let at_once = |channel| PageView { channel, ..view(Id::Integer(1), day, 0) };
    for views in [[at_once(1), at_once(2)], [at_once(2), at_once(1)]] {
        let (mut counts, _) = walked(&views);
        // Provisional code 2 is final code 1.
        assert_eq!((counts.channel(0, 1, day).visits, counts.channel(0, 2, day).visits), (1, 0));
    }
}

/// Figures of a day, each counted from all views of the shop.
fn asked(views: &[PageView<'_>], shop: u32, day: Day) -> DayCounts {
    let of_day = || views.iter().filter(move |view| view.shop == shop && view.day == day);
    let people = |is_item: bool| of_day().filter(|view| !is_item || view.is_item).map(|view| view.visitor).collect::<BTreeSet<_>>().len();
    // A view begins a visit if no other of the visitor lies within thirty minutes before it; of equal times the first one does.
    let before = |at: usize| {
        let view = &views[at];
        views.iter().enumerate().any(|(place, other)| {
            let since = view.moment - other.moment;
            (other.shop, other.visitor) == (shop, view.visitor) && ((0 < since && since < GAP) || (since == 0 && place < at))
        })
    };
    let ends_alone = |at: usize| {
        let view = &views[at];
        !views.iter().enumerate().any(|(place, other)| {
            let until = other.moment - view.moment;
            place != at && (other.shop, other.visitor) == (shop, view.visitor) && (0..GAP).contains(&until)
        })
    };
    let begun: Vec<usize> = (0..views.len()).filter(|at| (views[*at].shop, views[*at].day) == (shop, day) && !before(*at)).collect();
    DayCounts {
        pv: of_day().count() as i64,
        uv: people(false) as i64,
        ipv: of_day().filter(|view| view.is_item).count() as i64,
        ipv_uv: people(true) as i64,
        visits: begun.len() as i64,
        bounces: begun.iter().filter(|at| ends_alone(**at)).count() as i64,
        dwell_seconds: of_day().filter_map(|view| view.dwell_seconds).map(i64::from).sum(),
        dwelt: of_day().filter(|view| view.dwell_seconds.is_some()).count() as i64,
    }
}

fn any_view() -> impl Strategy<Value = PageView<'static>> {
    let visitors = prop::sample::select(vec![Id::Integer(3), Id::Integer(4), Id::Text("a"), Id::Text("客")]);
    (0u32..2, visitors, (0i64..4, -120i64..120), any::<bool>(), 0u32..3, prop::option::of(0u32..100), prop::option::of(0u64..2)).prop_map(
        |(shop, visitor, (day, minute), is_item, channel, dwell_seconds, customer)| PageView {
            shop,
            shop_hash: u64::from(shop),
            is_item,
            channel,
            dwell_seconds,
            customer: customer.map(Id::Integer),
            // The hours around midnight, from 2024-01-30 on.
            ..view(visitor, 19_752 + day as Day - Day::from(minute < 0), minute.rem_euclid(1_440))
        },
    )
}

proptest! {
    #[test]
    fn figures_are_those_found_by_asking_each_view(views in prop::collection::vec(any_view(), 0..60)) {
        let (mut counts, viewers) = walked(&views);
        let customers = viewers.customers().unwrap();
        let grains = Grain::periods(WeekStart::Monday);
        for shop in 0..2 {
            for day in 19_751..19_756 {
                prop_assert_eq!(*counts.day(shop, day), asked(&views, shop, day));
                let here = |view: &&PageView<'_>| (view.shop, view.day) == (shop, day);
                let known: BTreeSet<_> = views.iter().filter(here).filter_map(|view| view.customer).collect();
                prop_assert_eq!(customers.get(&(shop, day)).copied().unwrap_or(0), known.len() as i64);
                for code in 1..3 {
                    let by: Vec<_> = views.iter().filter(here).filter(|view| RANKS[view.channel as usize] == code).collect();
                    let people: BTreeSet<_> = by.iter().map(|view| view.visitor).collect();
                    let found = *counts.channel(shop, code, day);
                    prop_assert_eq!((found.pv, found.uv), (by.len() as i64, people.len() as i64));
                }
                for (grain, unit) in grains.into_iter().enumerate() {
                    let within = |view: &&PageView<'_>| view.shop == shop && unit.index(view.day) == unit.index(day);
                    let people: BTreeSet<_> = views.iter().filter(within).map(|view| view.visitor).collect();
                    let of_items: BTreeSet<_> = views.iter().filter(within).filter(|view| view.is_item).map(|view| view.visitor).collect();
                    let expected = PeriodCounts { uv: people.len() as i64, ipv_uv: of_items.len() as i64 };
                    prop_assert_eq!(*counts.period(shop, grain, unit.index(day)), expected);
                }
            }
        }
    }
}
