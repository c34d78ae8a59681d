//! The brief of small snapshots against figures worked by hand.

use super::figures::month_to_date;
use super::{MOST_BYTES, brief};
use crate::publish::{InputEntry, Snapshot};
use crate::report::tests::{Row, row, snapshot};
use crate::spec::Lang;
use crate::spec::card::Card;
use crate::spec::period::{iso, parse_day};
use crate::table::alert::alerts;
use crate::table::morning::brief as brief_table;
use crate::table::plan::progress;
use crate::table::shop::{daily, sales_drivers, shops};
use crate::table::unit::AnyTable;

const AS_OF: &str = "2026-11-21";
const EVIL: &str = "Leaf & <b>Co</b> \"1\"";

/// A day of a shop: what was paid in fen, then orders, visitors, paying and new customers.
fn day(shop: &str, date: &str, paid: f64, [orders, visitors, paying, new]: [f64; 4]) -> Row {
    let numbers =
        [("paid_amount", paid), ("refund_amount", 500.0), ("paid_orders", orders), ("uv", visitors), ("paying_customers", paying)];
    let mut row = row(&[("shop_id", shop), ("date", date)], &numbers);
    row.extend(self::row(&[], &[("new_customers", new)]));
    row
}

/// The shop `one` in October and November: 50.00 a day, then 100.00 a day, but 80.00 on the 14th and 120.00 on the last day.
fn days() -> Vec<Row> {
    let (first, last) = (parse_day("2026-10-01").unwrap(), parse_day(AS_OF).unwrap());
    let of = |number: i32| {
        let date = iso(number);
        let paid = match date.as_str() {
            AS_OF => 12_000.0,
            "2026-11-14" => 8_000.0,
            date if date < "2026-11-01" => 5_000.0,
            _ => 10_000.0,
        };
        day("one", &date, paid, if date == AS_OF { [12.0, 400.0, 10.0, 4.0] } else { [8.0, 400.0, 8.0, 2.0] })
    };
    (first..=last).map(of).collect()
}

fn note(shop: &str, rank: f64, severity: &str, text: &str) -> Row {
    row(&[("shop_id", shop), ("severity", severity), ("text_en", text), ("text_zh", "中文"), ("kind", "alarm")], &[("rank", rank)])
}

fn one_shop() -> Vec<(&'static Card, Vec<Row>)> {
    let named = row(&[("shop_id", "one"), ("name", EVIL)], &[]);
    let usual = row(
        &[("shop_id", "one"), ("date", AS_OF), ("metric", "paid_amount"), ("severity", "none")],
        &[("expected", 90.0), ("expected_lower", 85.5), ("expected_upper", 1_234.5)],
    );
    let plan = row(
        &[("shop_id", "one"), ("month", "2026-11-01"), ("measure", "sales"), ("channel", "(all)"), ("unit", "CNY"), ("status", "behind")],
        &[("plan", 300_000.0), ("actual", 210_000.0), ("expected_by_now", 225_000.0), ("projected", 280_000.0)],
    );
    vec![
        (shops::TABLE.card(), vec![named]),
        (daily::TABLE.card(), days()),
        (alerts::TABLE.card(), vec![usual]),
        (progress::TABLE.card(), vec![plan]),
        (brief_table::TABLE.card(), vec![note("one", 1.0, "alarm", "Sales <i>fell</i>."), note("one", 2.0, "info", "A list is ready.")]),
    ]
}

/// The rows of the tables of a page, cell by cell, without markup.
fn cells(page: &str) -> Vec<Vec<String>> {
    let text = |html: &str| {
        let (mut text, mut is_inside) = (String::new(), false);
        for letter in html.chars() {
            match letter {
                '<' => is_inside = true,
                '>' => is_inside = false,
                letter if !is_inside => text.push(letter),
                _ => {}
            }
        }
        text
    };
    let rows = page.split("<tr").skip(1).map(|row| row.split("</tr>").next().unwrap_or_default());
    rows.map(|row| {
        row.split("</t")
            .map(|cell| text(&format!("<{}", cell.replacen("h>", "", 1).replacen("d>", "", 1))))
            .filter(|cell| !cell.is_empty())
            .collect()
    })
    .collect()
}

fn made(
    tables: &[(&'static Card, Vec<Row>)],
    change: impl Fn(&mut Snapshot),
    lang: Lang,
    shop: Option<&str>,
) -> crate::error::Result<String> {
    let place = tempfile::tempdir().unwrap();
    let mut snapshot = snapshot(place.path(), AS_OF, tables);
    change(&mut snapshot);
    let page = brief(&snapshot, lang, shop)?;
    assert_eq!(brief(&snapshot, lang, shop)?, page, "the same bytes");
    Ok(page)
}

#[test]
fn a_shop_has_its_day_its_month_and_its_plan() {
    let page = made(&one_shop(), |_| (), Lang::En, None).unwrap();
    let rows = cells(&page);
    let row = |name: &str, place: usize| {
        rows.iter().filter(|row| row.first().is_some_and(|cell| cell == name)).nth(place).cloned().unwrap_or_default()
    };
    // 120 against 100 is a fifth more, against 80 half as much again.
    assert_eq!(row("Paid amount (CNY)", 0), ["Paid amount (CNY)", "120", "+20.0%", "+50.0%", "85.50 – 1,235"]);
    // 10 of 400 against 8 of 400: half a percentage point.
    assert_eq!(row("Conversion", 0), ["Conversion", "2.50%", "+0.50 pp", "+0.50 pp", "–"]);
    // Nineteen days of 100, one of 80 and one of 120 are 2,100; the same days of October are 21 × 50 = 1,050; a year before there is nothing.
    assert_eq!(row("Paid amount (CNY)", 1), ["Paid amount (CNY)", "2,100", "+100.0%", "–"]);
    assert_eq!(row("Paid orders", 1), ["Paid orders", "172", "+2.4%", "–"]);
    assert_eq!(20 * 8 + 12, 172);
    assert_eq!(row("Daily visitors (UV)", 0), ["Daily visitors (UV)", "400", "0.0%", "–"]);
    // 170 of 21 × 400 = 8,400 are 2.02 %.
    assert_eq!(row("Conversion", 1), ["Conversion", "2.02%", "+0.02 pp", "–"]);
    assert_eq!(row("Sales (CNY)", 0), ["Sales (CNY)", "70.0%", "75.0%", "2,800", "3,000", "behind"]);
    assert!(rows.contains(&vec!["Alarm".to_owned(), "Sales &lt;i&gt;fell&lt;/i&gt;.".to_owned()]), "{rows:?}");
    assert!(rows.contains(&vec!["Info".to_owned(), "A list is ready.".to_owned()]));
    let escaped = "Leaf &amp; &lt;b&gt;Co&lt;/b&gt; &quot;1&quot;";
    assert!(page.contains(&format!("<title>{escaped} 2026-11-21 Sat: paid amount 120, +50.0% vs last Sat</title>")), "{page}");
    assert!(!page.contains(EVIL) && !page.contains("<script") && !page.contains("src="));
}

#[test]
fn a_plan_says_where_it_will_end_and_by_which_method() {
    let said = |status: &str, projected: f64, lang: Lang| {
        let mut tables = one_shop();
        let mut plan = row(
            &[
                ("shop_id", "one"),
                ("month", "2026-11-01"),
                ("measure", "net_sales"),
                ("channel", "(all)"),
                ("unit", "CNY"),
                ("status", status),
            ],
            &[("plan", 300_000.0), ("actual", 240_000.0), ("expected_by_now", 225_000.0), ("projected", projected)],
        );
        plan.extend(row(&[("projected_by", "forecast")], &[]));
        tables[3].1 = vec![plan];
        let found =
            cells(&made(&tables, |_| (), lang, None).unwrap()).into_iter().find(|row| row[0].starts_with(['N', '净']) && row.len() == 6);
        found.map(|row| [row[3].clone(), row[5].clone()]).unwrap()
    };
    // 95 % of 3,000 are 2,850: what is less is a plan that will be missed, however well it stands.
    assert_eq!(said("ahead", 284_900.0, Lang::En), ["2,849by the customer models", "ahead so far, forecast short"]);
    assert_eq!(said("on_track", 284_900.0, Lang::Zh), ["2,849按客户模型预测", "目前正常，预计月底不足"]);
    assert_eq!(said("ahead", 285_000.0, Lang::En)[1], "ahead");
    assert_eq!(said("behind", 299_900.0, Lang::En)[1], "behind");
    assert_eq!(said("behind", 300_000.0, Lang::En)[1], "behind so far, forecast reached");
}

#[test]
fn the_page_speaks_chinese() {
    let page = made(&one_shop(), |_| (), Lang::Zh, Some("one")).unwrap();
    assert!(page.contains("<html lang=\"zh-CN\">") && page.contains("支付金额 120，较上周六 +50.0%</title>"), "{page}");
    let rows = cells(&page);
    assert!(rows.contains(&["支付转化率", "2.50%", "+0.50 个百分点", "+0.50 个百分点", "–"].map(str::to_owned).to_vec()), "{rows:?}");
    assert!(rows.contains(&["预警", "中文"].map(str::to_owned).to_vec()));
    assert!(!page.contains("Sales") && !page.contains("vs last"));
}

#[test]
fn several_shops_have_their_sum_first() {
    let mut tables = one_shop();
    tables[1].1.push(day("two", AS_OF, 3_000.0, [1.0, 100.0, 0.0, 0.0]));
    tables[4].1.push(note("two", 1.0, "watch", "Look."));
    let page = made(&tables, |_| (), Lang::En, None).unwrap();
    let rows = cells(&page);
    assert!(page.contains("<h1 style=\"font-size:20px;margin:0 0 2px\">2 shops</h1>"));
    // 120 and 30 of the two shops; the day before there was one.
    assert_eq!(rows[1], ["Paid amount (CNY)", "150", "+50.0%", "+87.5%"]);
    // 10 buyers of 400 and none of 100 are 2 %, as 8 of 400 were before.
    assert_eq!(rows[4], ["Conversion", "2.00%", "0.00 pp", "0.00 pp"]);
    let of_shop = |name: &str| rows.iter().find(|row| row.first().is_some_and(|cell| cell.starts_with(name))).cloned().unwrap_or_default();
    assert_eq!(of_shop("Leaf")[1..], ["120+50.0%", "2,100+100.0%", "70.0%", "1"]);
    // The plan of the only shop that has one is behind: the sum says of how many.
    let planned = rows.iter().find(|row| row.first().is_some_and(|cell| cell == "Sales (CNY)")).cloned().unwrap_or_default();
    assert_eq!(planned.last().map(String::as_str), Some("1 of 1 shop behind"), "{planned:?}");
    // Its month is not known: there is no day of it but one.
    assert_eq!(of_shop("two"), ["two", "30–", "––", "–", "0"]);
    assert!(page.find("Sales &lt;i&gt;fell").unwrap() < page.find("Look.").unwrap(), "what is an alarm comes first");
    let alone = made(&tables, |_| (), Lang::En, Some("two")).unwrap();
    assert!(alone.contains("<h1 style=\"font-size:20px;margin:0 0 2px\">two</h1>") && !alone.contains("fell"));
    assert!(alone.contains("The month has no plan: it is entered in the input plans."));
}

/// A row of `sales_drivers` about the running month of a shop: the change in fen, and what made it.
fn driven(shop: &str, change: f64, effects: &[(&'static str, f64)]) -> Row {
    let texts = [("shop_id", shop), ("grain", "month"), ("period_start", "2026-11-01")];
    let mut numbers = vec![("is_complete", 0.0), ("compared_days", 21.0), ("change", change)];
    numbers.extend_from_slice(effects);
    row(&texts, &numbers)
}

/// The text of the part of a page below the heading that begins so.
fn part(page: &str, heading: &str) -> String {
    let from = page.find(&format!(">{heading}")).unwrap_or_else(|| panic!("{heading}: {page}")) + 1;
    let html = page[from..].split("<h2").next().unwrap_or_default().split("<table").next().unwrap_or_default();
    let texts: Vec<&str> = html.split('<').map(|tag| tag.split_once('>').map_or(tag, |(_, text)| text)).collect();
    texts.concat().replace("&nbsp;", " ")
}

#[test]
fn the_month_changed_for_reasons_that_add_up() {
    let mut tables = one_shop();
    let before =
        row(&[("shop_id", "one"), ("grain", "month"), ("period_start", "2026-10-01")], &[("compared_days", 31.0), ("change", 1.0)]);
    let effects = [("traffic_effect", 60_060.0), ("conversion_effect", 39_980.0)];
    tables.push((sales_drivers::TABLE.card(), vec![before, driven("one", 100_040.0, &effects)]));
    // 600.60 and 399.80 are 1,000.40: rounded down 600 and 399, and the one that is missing goes to .80.
    let said = part(&made(&tables, |_| (), Lang::En, None).unwrap(), "Why");
    let wanted =
        ["Why 2026-11 changed: +1,000 CNY", "against the first 21 days of last month; the parts add up", "visitors +600 · conversion +400"];
    assert_eq!(said.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(), wanted);
    let said = part(&made(&tables, |_| (), Lang::Zh, None).unwrap(), "2026-11 支付金额变化");
    assert_eq!(said.lines().next(), Some("2026-11 支付金额变化：+1,000 元"));
    assert!(said.contains("访客数 +600 · 转化率 +400") && said.contains("前 21 天"), "{said}");
    let alone = made(&one_shop(), |_| (), Lang::En, None).unwrap();
    assert!(!alone.contains("Why"), "without the table nothing is said");
}

#[test]
fn the_month_of_several_shops_changed_in_some_of_them() {
    let mut tables = one_shop();
    // Of the third shop there is one day and no month before: 30.00 are its own.
    tables[1].1.push(day("three", AS_OF, 3_000.0, [1.0, 100.0, 0.0, 0.0]));
    let one = driven("one", 100_040.0, &[("traffic_effect", 60_060.0), ("conversion_effect", 39_980.0)]);
    let two = driven("two", -20_000.0, &[("price_effect", -20_000.0)]);
    tables.push((sales_drivers::TABLE.card(), vec![one.clone(), two]));
    // 1,000.40 - 200.00 + 30.00 = 830.40. Rounded down the factors are 600, 399, -200 and 30, one short: it goes to 399.80.
    let said = part(&made(&tables, |_| (), Lang::En, None).unwrap(), "Why");
    assert!(said.starts_with("Why 2026-11 changed: +830 CNY"), "{said}");
    let factors = "visitors +600 · conversion +400 · price per item -200 · shops without a whole month before +30";
    assert!(said.contains(factors), "{said}");
    // The first shop made more than half of it, and not twice of it: 830.40 - 1,000.40 = -170.00 are left for the others.
    assert!(said.contains("By shop: Leaf &amp; &lt;b&gt;Co&lt;/b&gt; &quot;1&quot; +1,000 · 2 others -170"), "{said}");
    let cancelling = driven("two", -90_000.0, &[("price_effect", -90_000.0)]);
    tables[1].1.pop();
    tables[5].1 = vec![one, cancelling];
    // 1,000.40 - 900.00 = 100.40, of which the first made nearly ten times as much: the largest of either way.
    let said = part(&made(&tables, |_| (), Lang::En, None).unwrap(), "Why");
    assert!(said.contains("+100 CNY") && said.contains("+1,000 · two -900\n"), "{said}");
    let other_days =
        row(&[("shop_id", "two"), ("grain", "month"), ("period_start", "2026-11-01")], &[("compared_days", 20.0), ("change", 1.0)]);
    tables[5].1[1] = other_days;
    assert!(!made(&tables, |_| (), Lang::En, None).unwrap().contains("Why"), "months of other days do not add up");
}

#[test]
fn lines_of_shops_come_by_severity_then_weight_then_what_is_at_stake() {
    let line = |shop: &str, rank: f64, severity: &str, weight: f64, [value, expected]: [f64; 2], unit: &str| {
        let mut line = note(shop, rank, severity, &format!("{shop} {rank}"));
        line.extend(row(&[("unit", unit)], &[("weight", weight), ("value", value), ("expected", expected)]));
        line
    };
    let lines = vec![
        line("grave", 1.0, "alarm", 90.0, [1.0, 3.0], "points"),
        line("later", 1.0, "watch", 99.0, [0.0, 9_000_000.0], "CNY"),
        // Three alarms of weight 80 are not before one of 90.
        line("many", 1.0, "alarm", 80.0, [900.0, 1_000.0], "CNY"),
        line("many", 2.0, "alarm", 80.0, [900.0, 1_000.0], "CNY"),
        line("many", 3.0, "alarm", 80.0, [900.0, 1_000.0], "CNY"),
        // 200 are at stake here, 100 above; points are no money.
        line("money", 1.0, "alarm", 80.0, [800.0, 1_000.0], "CNY"),
        line("money", 2.0, "alarm", 70.0, [1_300.0, 1_000.0], "CNY"),
        line("money", 3.0, "info", 20.0, [0.0, 9_000_000.0], "CNY"),
        // A shop in trouble has more lines than others: this is its fourth.
        line("money", 4.0, "alarm", 75.0, [0.0, 9_000_000.0], "CNY"),
    ];
    let days = ["grave", "later", "many", "money"].map(|shop| day(shop, AS_OF, 3_000.0, [1.0, 100.0, 0.0, 0.0])).to_vec();
    let tables = vec![(daily::TABLE.card(), days), (brief_table::TABLE.card(), lines)];
    let page = made(&tables, |_| (), Lang::En, None).unwrap();
    let order = ["grave 1", "money 1", "many 1", "many 2", "many 3", "money 4", "money 2", "later 1", "money 3"];
    let lines: Vec<Vec<String>> = cells(&page).into_iter().filter(|row| ["Alarm", "Watch", "Info"].contains(&row[0].as_str())).collect();
    assert_eq!(lines.iter().map(|line| line[2].as_str()).collect::<Vec<_>>(), order);
    assert_eq!(lines[0], ["Alarm", "grave", "grave 1"]);
    assert!(page.contains("<span style=\"white-space:nowrap\"><b>"), "{page}");
}

#[test]
fn many_lines_of_one_kind_do_not_hide_another_kind() {
    let mut lines: Vec<Row> = (1..=8).map(|rank| note("one", f64::from(rank), "alarm", "An alarm.")).collect();
    let texts = [("shop_id", "two"), ("severity", "watch"), ("text_en", "Restated."), ("text_zh", "中文"), ("kind", "restated")];
    lines.push(row(&texts, &[("rank", 1.0), ("weight", 45.0)]));
    let days = ["one", "two"].map(|shop| day(shop, AS_OF, 3_000.0, [1.0, 100.0, 0.0, 0.0])).to_vec();
    let page = made(&[(daily::TABLE.card(), days), (brief_table::TABLE.card(), lines)], |_| (), Lang::En, None).unwrap();
    let said: Vec<Vec<String>> = cells(&page).into_iter().filter(|row| ["Alarm", "Watch"].contains(&row[0].as_str())).collect();
    // Three for each of two shops: five alarms, and the one line that is about something else.
    assert_eq!((said.len(), said[5].as_slice()), (6, ["Watch", "two", "Restated."].map(str::to_owned).as_slice()));
    assert!(page.contains("3 more are in the report"), "{page}");
}

#[test]
fn a_shop_from_which_nothing_comes_is_an_alarm() {
    let silent = |snapshot: &mut Snapshot| {
        snapshot.manifest.inputs = vec![InputEntry {
            name: "orders".to_owned(),
            newest_event: Some("2026-11-21".to_owned()),
            silent_shops: vec!["one".to_owned()],
            newest_by_shop: [("one".to_owned(), "2026-11-02".to_owned())].into(),
            ..InputEntry::default()
        }];
    };
    let page = made(&one_shop(), silent, Lang::En, Some("one")).unwrap();
    let line = "No data of orders has come since 2026-11-02: the days since then look like days without sales.";
    assert_eq!(cells(&page).iter().find(|row| row[0] == "Alarm").unwrap()[1], line);
    assert!(page.contains("Newest data: 2026-11-21 orders"));
    let stale = |snapshot: &mut Snapshot| {
        let input = InputEntry { name: "orders".to_owned(), is_stale: true, days_without_event: Some(3), ..InputEntry::default() };
        snapshot.manifest.inputs = vec![input];
    };
    assert!(made(&one_shop(), stale, Lang::En, None).unwrap().contains("The newest data of orders is 3 days old"));
}

#[test]
fn an_unknown_shop_is_said() {
    let error = made(&one_shop(), |_| (), Lang::En, Some("onee")).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("--shop: there is no shop `onee`") && error.to_string().contains("did you mean `one`?"), "{error}");
}

#[test]
fn many_shops_keep_to_the_size_of_a_mail() {
    let mut tables = vec![(daily::TABLE.card(), Vec::new()), (brief_table::TABLE.card(), Vec::new())];
    for shop in 0..800 {
        let id = format!("shop-{shop:04}");
        tables[0].1.push(day(&id, AS_OF, f64::from(shop) * 100.0, [1.0, 1.0, 1.0, 1.0]));
        (1..=8).for_each(|rank| tables[1].1.push(note(&id, f64::from(rank), "watch", "Something to be looked at in this shop today.")));
    }
    let page = made(&tables, |_| (), Lang::En, None).unwrap();
    assert!(page.len() <= MOST_BYTES, "{}", page.len());
    assert!(page.contains("<h1 style=\"font-size:20px;margin:0 0 2px\">800 shops</h1>"));
    // 0 + 1 + … + 799 of the currency.
    assert_eq!(cells(&page)[1][..2], ["Paid amount (CNY)", "319,600"]);
    assert!(
        page.contains("shops with less in the month are in the report.") && page.contains("more are in the report, below “What to do now”"),
        "{page}"
    );
}

#[test]
fn a_month_is_compared_with_as_many_days() {
    let month = |as_of: &str, before| {
        let (first, last) = month_to_date(parse_day(as_of).unwrap(), before);
        [iso(first), iso(last)]
    };
    assert_eq!(month("2026-11-21", 0), ["2026-11-01", "2026-11-21"]);
    assert_eq!(month("2026-11-21", 12), ["2025-11-01", "2025-11-21"]);
    assert_eq!(month("2026-03-30", 1), ["2026-02-01", "2026-02-28"], "none of the month after it");
}
