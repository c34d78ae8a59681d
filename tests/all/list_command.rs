//! `huitou list`: from the lists of a night to what they did, as somebody does it who writes no code.

use std::collections::BTreeSet;
use std::fs;

use arrow::array::{Int64Array, StringArray};
use calamine::{Data, Reader, Xlsx};

use super::import::{cells, files, import, plain};
use super::scene::{Columns, Ran, Scene, money, noons};

/// Everybody with a purchase, the one who spent most first; three in ten are held out.
pub const CARE: &str = "strategy: care\ntitle: 关怀 (all)\nwhere: orders > 0\nmin_hours_since_order: 0\ncontrol_share: 0.3\n";

/// A job with both inputs of what was sent.
pub const JOB: &str = "job: test
timezone: Asia/Shanghai
as_of: 2026-03-31
inputs:
  orders: { path: orders.parquet }
  campaigns: { path: campaigns }
  audiences: { path: audiences }
strategies: [care.yaml]
output: { path: out }
";

/// The first customer; ids have more digits than a spreadsheet program keeps.
pub const FIRST: i64 = 900_000_000_000_000_001;

/// Forty customers of shop 1 and two of shop 2 who paid in March, the first most; on 5 April the even ones of shop 1 buy again for 50.00.
pub fn scene(job: &str) -> Scene {
    let scene = Scene::new();
    scene.job(job);
    scene.write("care.yaml", CARE);
    let customers: Vec<i64> = (0..42).map(|number| FIRST + number).collect();
    let again: Vec<i64> = customers[..40].iter().copied().filter(|id| id % 2 == 0).collect();
    let shops: Vec<i64> = (0..42).map(|number| if number < 40 { 1 } else { 2 }).chain(again.iter().map(|_| 1)).collect();
    let days = vec!["2026-03-10"; 42].into_iter().chain(vec!["2026-04-05"; again.len()]).collect::<Vec<_>>();
    let paid: Vec<i64> = (0..42).map(|number| (100 - number) * 100).chain(again.iter().map(|_| 50_00)).collect();
    let orders = Columns(Vec::new())
        .with("shop_id", Int64Array::from(shops))
        .with("order_id", Int64Array::from((1..=62).collect::<Vec<i64>>()))
        .with("customer_id", Int64Array::from([customers, again].concat()))
        .with("created_at", noons(&days))
        .with("paid_at", noons(&days))
        .with("paid_amount", money(&paid));
    scene.parquet("orders.parquet", &orders);
    scene
}

/// Runs the program, which must succeed.
#[track_caller]
pub fn done(scene: &Scene, arguments: &[&str]) -> Ran {
    let ran = scene.run(arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran
}

/// Runs the program, which must end with code 2, and returns what it says.
#[track_caller]
pub fn refused(scene: &Scene, arguments: &[&str]) -> String {
    let ran = scene.run(arguments);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    ran.stderr
}

/// The first night of the scene, of which no campaign is known yet.
pub fn first_night(scene: &Scene) {
    let without = JOB.replace("  campaigns: { path: campaigns }\n  audiences: { path: audiences }\n", "");
    scene.write("first.yaml", without);
    done(scene, &["run", "first.yaml", "--quiet"]);
}

/// Rows of `show`, cells joined by commas, without the header.
pub fn shown(scene: &Scene, table: &str, columns: &str, condition: &str) -> Vec<String> {
    let ran = done(scene, &["show", table, "--columns", columns, "--where", condition, "--format", "csv", "--limit", "0"]);
    ran.stdout.lines().skip(1).map(str::to_owned).collect()
}

/// The customers of an arm of the list of shop 1.
fn arm(scene: &Scene, arm: &str) -> Vec<String> {
    shown(scene, "audience_care", "customer_id", &format!("shop_id = 1 AND arm = '{arm}'"))
}

#[test]
fn from_a_list_to_what_it_did() {
    let scene = scene(JOB);
    first_night(&scene);
    let (treated, control) = (arm(&scene, "treated"), arm(&scene, "control"));
    assert_eq!(treated.len() + control.len(), 40);
    assert!(treated.len() > 20 && control.len() > 4, "{} {}", treated.len(), control.len());

    let text = done(&scene, &["list", "--shop", "1"]).stdout;
    let row: Vec<&str> = text.lines().find(|line| line.contains("care")).unwrap().split('│').flat_map(str::split_whitespace).collect();
    assert_eq!(row[..3], ["care", &treated.len().to_string(), &control.len().to_string()], "{text}");
    // The first of forty paid 100.00, the last 61.00; those to contact are at stake.
    let stake: i64 = treated.iter().map(|id| 100 - (id.parse::<i64>().unwrap() - FIRST)).sum();
    assert_eq!(row[3], format!("{stake}.00"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&done(&scene, &["list", "--format", "json"]).stdout).unwrap();
    let list = &json["lists"][0];
    let both = list["treated"].as_u64().unwrap() + list["control"].as_u64().unwrap();
    assert_eq!((list["list"].as_str(), both, list["title"].as_str()), (Some("care"), 42, Some("关怀 (all)")));
    assert_eq!((list["at_stake_is"].as_str(), list["is_stale"].as_bool()), (Some("net_revenue"), Some(false)));

    let ran = done(&scene, &["list", "export", "care", "--shop", "1", "--to", "care.csv"]);
    assert!(
        ran.stderr.contains(&format!("{} of the control arm are not among them and must not be contacted", control.len())),
        "{}",
        ran.stderr
    );
    let csv = fs::read_to_string(scene.path("care.csv")).unwrap();
    let header = csv.lines().next().unwrap();
    assert!(header.starts_with("\u{feff}shop_id,customer_id,shop_name,rank,arm,"), "{header}");
    // csv doubles the quotes of ="…". The best comes first.
    let ids: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    let quoted: Vec<String> = treated.iter().map(|id| format!("\"=\"\"{id}\"\"\"")).collect();
    assert_eq!(ids, quoted, "ids ascend as the amounts fall");
    let again = refused(&scene, &["list", "export", "care", "--shop", "1", "--to", "care.csv"]);
    assert!(again.contains("care.csv: is there already, and is not replaced"), "{again}");

    let sent = ["list", "sent", "care", "--job", "job.yaml", "--shop", "1", "--at", "2026-04-01 10:00", "--cost", "12.50"];
    let ran = done(&scene, &sent);
    assert!(ran.stderr.contains(&format!(
        "care was sent at 2026-04-01 10:00 to {} customers; {} are held out",
        treated.len(),
        control.len()
    )));
    assert!(ran.stderr.contains("new campaigns: care/2026-03-31/1"), "{}", ran.stderr);
    let campaign = cells(&files(&scene, "campaigns")[0], &["campaign_id", "shop_id", "name", "starts_on", "ends_on", "cost"]);
    assert_eq!(campaign, ["care/2026-03-31/1|1|care|2026-04-01|2026-04-01|12.50"]);
    let members = cells(&files(&scene, "audiences")[0], &["customer_id", "arm", "sent_at"]);
    assert_eq!(members.len(), 40);
    // 10:00 in Shanghai is 02:00 in Greenwich.
    assert!(members.contains(&format!("{}|control|2026-04-01T02:00:00Z", control[0])), "{members:?}");

    // Said again, and not doubled: the cost is known, and so are the customers.
    assert!(refused(&scene, &sent).contains("the campaign `care/2026-03-31/1` is recorded already, and its cost with it"));
    assert!(refused(&scene, &sent).contains("move the files sent-*-care-20260331*.parquet away from $/campaigns and $/audiences"));
    let again = done(&scene, &sent[..9]);
    assert!(again.stderr.contains("40 customers of care are recorded already, sent at 2026-04-01 10:00: they stay as they are"));
    assert!(again.stderr.contains("nothing was written"), "{}", again.stderr);
    assert_eq!((files(&scene, "campaigns").len(), files(&scene, "audiences").len()), (1, 1));

    done(&scene, &["run", "job.yaml", "--as-of", "2026-04-30", "--quiet"]);
    let bought = |ids: &[String]| ids.iter().filter(|id| id.parse::<i64>().unwrap() % 2 == 0).count();
    let expected = [("control", &control), ("treated", &treated)].map(|(arm, ids)| format!("{arm},{},{}", ids.len(), bought(ids)));
    let found =
        shown(&scene, "campaign_effect", "part,members,buyers", "campaign_id = 'care/2026-03-31/1' AND part IN ('treated', 'control')");
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), expected.iter().collect());
    assert_eq!(shown(&scene, "campaign_effect", "cost", "part = 'during'"), ["12.50"]);
}

#[test]
fn what_is_at_stake_is_the_same_with_and_without_customers() {
    let scene = scene(&JOB.replace("[care.yaml]", "[waiting.yaml, paid.yaml]"));
    // Nobody has an unpaid order: the first list is empty, and the second one names them to say so.
    scene.write("waiting.yaml", "strategy: waiting\nwhere: orders > 0 AND unpaid_last_day > 0\n");
    scene.write("paid.yaml", "strategy: paid\nwhere: orders > 0 AND unpaid_orders = 0\n");
    done(&scene, &["run", "job.yaml", "--quiet"]);
    let at = ["--now", "2026-03-31 12:00", "--job", "job.yaml"];
    for (name, what, column) in [("waiting", "unpaid orders", "unpaid_amount"), ("paid", "net revenue so far", "net_revenue")] {
        for options in [&[][..], &at] {
            let text = done(&scene, &[&["list", name], options].concat()).stdout;
            assert!(text.contains(what), "{name}: {text}");
            let json = done(&scene, &[&["list", name, "--format", "json"], options].concat()).stdout;
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(json["lists"][0]["at_stake_is"].as_str(), Some(column), "{json}");
        }
    }
}

#[test]
fn only_those_to_whom_the_platform_sent_it_are_treated() {
    let scene = scene(JOB);
    first_night(&scene);
    let (treated, control) = (arm(&scene, "treated"), arm(&scene, "control"));
    scene.write("reached.txt", format!("{}\n{}\n{}\n77\n", treated[0], treated[1], control[0]));
    let sent = |file: &str, at: &str| done(&scene, &["list", "sent", "care", "--job", "job.yaml", "--at", at, "--only", file]).stderr;
    let said = sent("reached.txt", "2026-04-01 10:00");
    assert!(said.contains("reached.txt: 1 ids are not on the list, and are not recorded: 77"), "{said}");
    assert!(said.contains("reached.txt: 1 ids are of the control arm, which was to be left alone: they stay in it"), "{said}");
    assert!(said.contains(&format!("care was sent at 2026-04-01 10:00 to 2 customers; {} are held out", control.len())), "{said}");
    // Of shop 2 nobody was reached: it has no campaign.
    assert_eq!(cells(&files(&scene, "campaigns")[0], &["campaign_id"]), ["care/2026-03-31/1"]);
    let members = cells(&files(&scene, "audiences")[0], &["customer_id", "arm"]);
    assert_eq!(members.len(), 2 + control.len());
    assert!(members.contains(&format!("{}|control", control[0])), "{members:?}");
    // Those who were not reached are not recorded as reached without a word.
    let whole = refused(&scene, &["list", "sent", "care", "--job", "job.yaml", "--shop", "1", "--at", "2026-04-01 10:30"]);
    let left = format!("recorded already, sent at 2026-04-01 10:00, and {} of its treated arm are not", treated.len() - 2);
    assert!(whole.contains(&left) && whole.contains("with --only FILE"), "{whole}");
    // The rest follows an hour later: the control arm and the two stay as they are.
    // Whom the first message reached is in an arm, whether the second file names them or not.
    scene.write("third.txt", &treated[2]);
    let said = sent("third.txt", "2026-04-01 10:40");
    assert!(
        said.contains(&format!("{} customers of the treated arm are not in third.txt: they are in no arm", treated.len() - 3)),
        "{said}"
    );
    scene.write("rest.csv", format!("customer_id,state\n{}\n", treated.iter().map(|id| format!("=\"{id}\",ok\n")).collect::<String>()));
    let said = sent("rest.csv", "2026-04-01 11:00");
    assert!(said.contains(&format!("{} customers of care are recorded already, sent at 2026-04-01 10:00", 3 + control.len())), "{said}");
    let now = format!("sent at 2026-04-01 11:00 to {} customers; {} are held out", treated.len() - 3, control.len());
    assert!(said.contains(&now), "{said}");
    let windows = "are recorded from 2026-04-01 10:00 on, and those of this message from 2026-04-01 11:00 on";
    assert!(said.contains(&format!("{} of the control arm {windows}", control.len())), "{said}");
    assert_eq!((files(&scene, "campaigns").len(), files(&scene, "audiences").len()), (1, 3));
    scene.write("strangers.txt", "77\n78\n");
    let none = refused(&scene, &["list", "sent", "care", "--job", "job.yaml", "--at", "2026-04-01 12:00", "--only", "strangers.txt"]);
    assert!(none.contains("none of its 2 ids is in the treated arm of the list of 2026-03-31"), "{none}");
}

#[test]
fn ids_of_campaigns_are_numbers_where_those_of_the_job_are() {
    let scene = scene(JOB);
    first_night(&scene);
    let earlier = Columns(Vec::new())
        .with("campaign_id", Int64Array::from(vec![7]))
        .with("shop_id", Int64Array::from(vec![1]))
        .with("name", StringArray::from(vec!["old"]))
        .with("starts_on", super::scene::dates(&["2026-01-01"]))
        .with("ends_on", super::scene::dates(&["2026-01-02"]))
        .with("cost", money(&[1_00]));
    scene.parquet("campaigns/old.parquet", &earlier);
    done(&scene, &["list", "sent", "care", "--job", "job.yaml", "--shop", "1", "--at", "2026-04-01 10:00"]);
    // printf 'care/2026-03-31/1' | sha256sum, the first 53 bits.
    let id = cells(&files(&scene, "campaigns")[1], &["campaign_id"]);
    assert_eq!(id, [SENT_AS_NUMBER]);
    done(&scene, &["run", "job.yaml", "--as-of", "2026-04-30", "--quiet"]);
    assert_eq!(shown(&scene, "campaign_effect", "members", &format!("campaign_id = {SENT_AS_NUMBER} AND part = 'treated'")).len(), 1);
}

const SENT_AS_NUMBER: &str = "646865239326104";

#[test]
fn a_workbook_has_ids_as_text_and_the_same_bytes() {
    let scene = scene(JOB);
    first_night(&scene);
    for name in ["one.xlsx", "two.xlsx"] {
        done(&scene, &["list", "export", "care", "--arm", "both", "--to", name]);
    }
    assert_eq!(fs::read(scene.path("one.xlsx")).unwrap(), fs::read(scene.path("two.xlsx")).unwrap());
    let mut book: Xlsx<_> = calamine::open_workbook(scene.path("one.xlsx")).unwrap();
    let sheet = book.worksheet_range("care").unwrap();
    let rows: Vec<&[Data]> = sheet.rows().collect();
    assert_eq!((rows.len(), &rows[0][1], &rows[0][4]), (43, &Data::String("customer_id".into()), &Data::String("arm".into())));
    assert_eq!(rows[1][1], Data::String(FIRST.to_string()));
    assert_eq!(rows[1][3], Data::Float(1.0));
    let arms: BTreeSet<String> = rows[1..].iter().map(|row| row[4].to_string()).collect();
    assert_eq!(arms, ["control", "treated"].map(str::to_owned).into());
    // Shop 2 begins with its own best.
    assert_eq!((rows[41][0].to_string(), rows[41][3].to_string()), ("2".to_owned(), "1".to_owned()));
}

#[test]
fn what_cannot_be_done_says_what_to_do() {
    let scene = scene(JOB);
    assert!(refused(&scene, &["list"]).contains("there is no snapshot"));
    first_night(&scene);
    let says = |arguments: &[&str], message: &str, help: &str| {
        let found = refused(&scene, &[&["list"], arguments].concat());
        assert!(found.contains(message) && found.contains(help), "{found}");
    };
    says(&["export", "car", "--to", "x.csv"], "has no list `car`", "did you mean `care`?");
    says(&["export", "care", "--to", "x.txt"], "ends neither with .csv nor with .xlsx", "CSV for spreadsheet programs");
    says(&["--shop", "11"], "has no shop `11`", "it has 1, 2");
    says(&["export", "care", "--to", "out/snapshots/x.csv"], "is in the folder of the snapshots", "");
    let sent = |more: &[&'static str]| [&["sent", "care"], more].concat();
    says(&sent(&["--at", "2026-04-01 10:00"]), "--job: is missing", "name the job file");
    says(&sent(&["--job", "job.yaml", "--at", "2026-04-01"]), "`2026-04-01` is not a time", "YYYY-MM-DD HH:MM");
    says(
        &sent(&["--job", "job.yaml", "--at", "2026-03-31 10:00"]),
        "2026-03-31 10:00 lies before 2026-04-01 00:00",
        "--snapshot names another night",
    );
    says(&sent(&["--job", "job.yaml", "--at", "2026-04-01 10:00", "--cost", "5"]), "the list has customers of 2 shops", "--shop");
    says(&sent(&["--job", "first.yaml", "--at", "2026-04-01 10:00"]), "the job has no input `campaigns`", "campaigns: { path: campaigns }");
    scene.write("files.yaml", JOB.replace("path: campaigns", "path: campaigns.parquet").replace("path: audiences", "path: audiences/*"));
    says(&sent(&["--job", "files.yaml", "--at", "2026-04-01 10:00"]), "`campaigns.parquet` is one file", "`audiences/*` is a pattern");
    let made = JOB.replace("{ path: campaigns }", "{ path: campaigns, columns: { campaign_id: \"a || b\" } }");
    scene.write("made.yaml", made);
    says(&sent(&["--job", "made.yaml", "--at", "2026-04-01 10:00"]), "makes `campaign_id` by an expression, `a || b`", "map a column");
    assert!(!scene.path("audiences").exists(), "something was written");
    let overview = done(&scene, &["list", "--shop", "2"]).stdout;
    assert!(overview.contains("care"), "{overview}");
}

#[test]
fn a_list_of_stale_orders_is_empty_and_says_so() {
    let scene = scene(JOB);
    first_night(&scene);
    scene.write(
        "stale.yaml",
        fs::read_to_string(scene.path("first.yaml"))
            .unwrap()
            .replace("{ path: orders.parquet }", "{ path: orders.parquet, freshness: { warn: 2d } }"),
    );
    scene.write("waiting.yaml", "strategy: waiting\nwhere: unpaid_last_day > 0\n");
    let both = fs::read_to_string(scene.path("stale.yaml")).unwrap().replace("[care.yaml]", "[care.yaml, waiting.yaml]");
    scene.write("stale.yaml", both);
    done(&scene, &["run", "stale.yaml", "--as-of", "2026-03-20", "--out", "late", "--quiet"]);
    let overview = done(&scene, &["list", "--out", "late"]).stdout;
    assert!(overview.contains("care: empty, left out of it are 42 for want of new orders or refunds (stale_input)"), "{overview}");
    assert!(overview.contains("waiting: empty, nobody is known to meet its condition"), "{overview}");
    let ran = done(&scene, &["list", "export", "care", "--out", "late", "--to", "late.csv"]);
    assert!(ran.stderr.contains("is empty: left out of it are 42 for want of new orders or refunds (stale_input)"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(scene.path("late.csv")).unwrap().lines().count(), 1);
    let sent = refused(&scene, &["list", "sent", "care", "--out", "late", "--job", "job.yaml", "--at", "2026-03-21 10:00"]);
    assert!(sent.contains("the list of 2026-03-20 is empty"), "{sent}");
}

#[test]
fn an_imported_job_makes_lists_and_remembers_what_was_sent() {
    let scene = Scene::new();
    // Twenty buyers who bought once, four weeks before the last order.
    let buyers: Vec<String> = (0..20).map(|number| format!("b{number:02}")).collect();
    let row = |at: usize, buyer: &str, day: &str| {
        let (number, time) = (format!("10{at:02}"), format!("2026-01-{day} 10:00:00"));
        [number, buyer.to_owned(), "100".into(), "100".into(), "交易成功".into(), time.clone(), time, "0".into()]
    };
    let rows: Vec<[String; 8]> = buyers.iter().enumerate().map(|(at, buyer)| row(at, buyer, "02")).chain([row(98, "z", "30")]).collect();
    let rows: Vec<[&str; 8]> = rows.iter().map(|row| row.each_ref().map(String::as_str)).collect();
    scene.write("list.csv", plain(&rows));
    import(&scene, &["tmall-orders", "list.csv", "--shop", "s"]);
    let job = fs::read_to_string(scene.path("shop/job.yaml")).unwrap();
    assert!(job.contains("strategies:\n  - strategies/vip_care.yaml\n  - strategies/unpaid_reminder.yaml\n"), "{job}");
    assert!(!job.contains("cross_sell") && !job.contains("audiences"), "the orders have no items, and nothing was sent: {job}");
    scene.write("shop/strategies/winback.yaml", CARE.replace("strategy: care", "strategy: winback"));
    done(&scene, &["run", "shop/job.yaml", "--quiet"]);
    let sent = ["list", "sent", "winback", "--job", "shop/job.yaml", "--at", "2026-01-31 09:00"];
    let unnamed = fs::read_to_string(scene.path("shop/job.yaml")).unwrap();
    done(&scene, &sent);
    // As if it had been killed before it wrote the job: the next attempt finds what was recorded, and does what is left.
    scene.write("shop/job.yaml", unnamed);
    let ran = done(&scene, &sent);
    assert!(ran.stderr.contains("are recorded already") && ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert_eq!((files(&scene, "shop/campaigns").len(), files(&scene, "shop/audiences").len()), (1, 1));
    assert!(ran.stderr.contains("shop/job.yaml names the inputs `campaigns` and `audiences` now"), "{}", ran.stderr);
    let job = fs::read_to_string(scene.path("shop/job.yaml")).unwrap();
    assert!(job.contains("  campaigns:\n    path: campaigns\n  audiences:\n    path: audiences\n"), "{job}");
    assert!(done(&scene, &sent).stderr.contains("are recorded already"));
    // Later exports come: the job still names them, and the list has an effect.
    let later = row(99, "b01", "31");
    scene.write("later.csv", plain(&[later.each_ref().map(String::as_str)]));
    import(&scene, &["tmall-orders", "later.csv", "--shop", "s"]);
    assert_eq!(fs::read_to_string(scene.path("shop/strategies/winback.yaml")).unwrap().lines().next(), Some("strategy: winback"));
    done(&scene, &["run", "shop/job.yaml", "--quiet"]);
    let rows =
        done(&scene, &["show", "campaign_effect", "--out", "shop/out", "--columns", "part,members,buyers", "--format", "csv"]).stdout;
    let (treated, control) = (scan(&rows, "treated"), scan(&rows, "control"));
    // b01 is in one of the arms, bought an hour after the message, and nobody else did.
    assert_eq!((treated.0 + control.0, treated.1 + control.1), (21, 1), "{rows}");
    // The night knows whom the list had, and `check` says so of the inputs that the job has now.
    let waiting = ["--where", "strategy = 'winback' AND reason = 'cool_down'", "--columns", "other_list,other_date", "--format", "csv"];
    let waiting = done(&scene, &[["show", "audience_excluded", "--out", "shop/out", "--limit", "0"].as_slice(), &waiting].concat()).stdout;
    assert_eq!(waiting.lines().skip(1).collect::<Vec<_>>(), ["audience_winback,2026-01-31"; 21]);
    let said = done(&scene, &["check", "shop/job.yaml"]).stdout;
    assert!(said.contains("in shops that record what they send, only lists that were sent") && !said.contains("warning"), "{said}");
    // A job that somebody edited is not touched.
    let edited = fs::read_to_string(scene.path("shop/job.yaml"))
        .unwrap()
        .replace("  campaigns:\n    path: campaigns\n  audiences:\n    path: audiences\n", "");
    scene.write("shop/job.yaml", edited);
    let late = ["list", "sent", "winback", "--job", "shop/job.yaml", "--at", "2026-02-01 09:00"];
    assert!(refused(&scene, &late).contains("the job has no input `campaigns`"));
}

/// Members and buyers of a part.
fn scan(rows: &str, part: &str) -> (u64, u64) {
    let row = rows.lines().find_map(|line| line.strip_prefix(&format!("{part},"))).unwrap_or("0,0");
    let (members, buyers) = row.split_once(',').unwrap();
    (members.parse().unwrap(), buyers.parse().unwrap())
}
