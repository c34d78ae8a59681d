//! Page views of the data set: they are what the traffic of their shop says, and who pays was there.

use arrow::datatypes::Date32Type;

use super::*;

const DAY: i64 = 86_400_000_000;
const HALF_AN_HOUR: i64 = 30 * 60_000_000;

fn dates(batch: &RecordBatch, name: &str) -> Vec<i32> {
    column(batch, name).as_primitive::<Date32Type>().iter().flatten().collect()
}

fn options() -> Options {
    Options { orders: 20_000, customers: Some(6_000), shops: 18, ..Options::default() }
}

#[test]
fn a_day_has_the_views_visitors_visits_and_bounces_of_its_traffic() {
    let (dir, summary) = written(&options());
    let (views, traffic) = (rows_of(&dir.path().join("page_views.parquet")), rows(dir.path(), "traffic"));
    let shop = integers(&views, "shop_id")[0];
    assert!(integers(&views, "shop_id").iter().all(|other| *other == shop));
    let (visitors, times) = (integers(&views, "visitor_id"), micros(&views, "viewed_at"));
    assert!(times.is_sorted());
    // By day: views, visitors, visits and bounces; a visit ends with half an hour without a view.
    let mut days: BTreeMap<i64, [i64; 4]> = BTreeMap::new();
    let mut seen: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (visitor, time) in visitors.iter().zip(&times) {
        seen.entry(visitor.unwrap()).or_default().push(time.unwrap());
    }
    for times in seen.values() {
        for visit in times.chunk_by(|one, next| next - one < HALF_AN_HOUR) {
            let [pv, _, visits, bounces] = days.entry(visit[0].div_euclid(DAY)).or_default();
            *pv += visit.len() as i64;
            *visits += 1;
            *bounces += i64::from(visit.len() == 1);
            assert_eq!(visit[0].div_euclid(DAY), visit[visit.len() - 1].div_euclid(DAY), "no visit goes on after midnight");
        }
        for day in times.iter().map(|time| time.div_euclid(DAY)).collect::<BTreeSet<_>>() {
            days.entry(day).or_default()[1] += 1;
        }
    }
    let (shops, dates, channels) = (integers(&traffic, "shop_id"), dates(&traffic, "date"), texts(&traffic, "channel"));
    let figures = ["pv", "uv", "visits", "bounces"].map(|name| integers(&traffic, name));
    let mut compared = 0;
    for row in (0..traffic.num_rows()).filter(|row| shops[*row] == shop && channels[*row].is_none()) {
        if let Some(found) = days.get(&i64::from(dates[row])) {
            assert_eq!(*found, figures.each_ref().map(|figure| figure[row].unwrap()), "day {}", dates[row]);
            compared += 1;
        }
    }
    assert!(days.len() == 52 && compared > 45, "{} days, {compared} of them with traffic", days.len());
    let bytes = summary.inputs.iter().find(|input| input.name == "page_views").unwrap().bytes;
    assert!(bytes < 200_000, "{bytes} bytes");
}

#[test]
fn most_who_pay_are_known_on_the_day_and_others_too() {
    let (dir, _) = written(&options());
    let (views, orders) = (rows_of(&dir.path().join("page_views.parquet")), rows(dir.path(), "orders"));
    let (times, customers) = (micros(&views, "viewed_at"), integers(&views, "customer_id"));
    let on_day = |(time, customer): (&Option<i64>, &Option<i64>)| Some((time.unwrap().div_euclid(DAY), (*customer)?));
    let viewed: BTreeSet<(i64, i64)> = times.iter().zip(&customers).filter_map(on_day).collect();
    let (shop, first) = (integers(&views, "shop_id")[0], times[0].unwrap().div_euclid(DAY));
    let shops = integers(&orders, "shop_id");
    let (paid_at, buyers) = (micros(&orders, "paid_at"), integers(&orders, "customer_id"));
    let mut paid = BTreeSet::new();
    for row in (0..orders.num_rows()).filter(|row| shops[*row] == shop) {
        if let (Some(time), Some(buyer)) = (paid_at[row], buyers[row]) {
            paid.insert((time.div_euclid(DAY), buyer));
        }
    }
    paid.retain(|(day, _)| *day >= first);
    let known = paid.intersection(&viewed).count();
    assert!(known * 10 > paid.len() * 8 && known < viewed.len(), "{known} of {} who paid, {} viewed", paid.len(), viewed.len());
}
