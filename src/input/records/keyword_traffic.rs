//! Keyword traffic: one row per shop, day, keyword and channel, of search and of paid search.

use std::cell::RefCell;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::keyword_days::{KEYWORD_FIGURES, KeywordDay, KeywordTraffic, OTHER_KEYWORDS};
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::last_by_key;
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::Faults;
use crate::input::values::ids::is_blank;
use crate::input::values::integers::NO_COUNT;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::spec::{Day, Id, NO_TIME, day_of_time};

/// A row until the last one of its key is known. Its figures stay only where a table reads them.
#[derive(PartialEq)]
struct Row {
    shop: u32,
    day: Day,
    keyword: u32,
    /// One more than the code of the channel; 0 without one.
    channel: u32,
    /// A hash of the figures: rows of one key are equal if these are.
    digest: u64,
    figures: Option<Box<[Option<i64>; KEYWORD_FIGURES]>>,
}

/// What was read.
#[derive(Debug)]
pub struct KeywordRows {
    /// The rows, with provisional codes of shops.
    pub traffic: KeywordTraffic,
    /// What users should know of them.
    pub warnings: Vec<String>,
}

/// Reads the rows, and keeps their figures if `keeps_rows`. A keyword is the text as the export has it: capitals and blanks within it
/// distinguish, and one of blanks only is none.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, keeps_rows: bool) -> Result<(KeywordRows, Ledger)> {
    let (keywords, channels) = (Codes::default(), Codes::default());
    let (rows, mut ledger) = scan.rows(dataset, &["date"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let dates = batch.times("date", &mut scan.clock.clone(), &mut faults);
        let counts = COUNTS.map(|name| batch.counts(name, &mut faults));
        let amounts = AMOUNTS.map(|name| batch.amounts(name, &mut faults));
        let (words, sources) = (batch.texts("keyword"), batch.texts("channel"));
        batch.note_long(&["keyword", "channel"], &mut faults);
        let (word_codes, source_codes) = (RefCell::new(Local::new(&keywords)), RefCell::new(Local::new(&channels)));
        let judge = |row: usize| {
            if dates[row] == NO_TIME {
                return Err(null("date"));
            }
            let Some(word) = words.get(row).filter(|word| !is_blank(word)) else { return Err(null("keyword")) };
            let count = |column: usize| Some(counts[column][row]).filter(|count| *count != NO_COUNT);
            let amount = |column: usize| Some(amounts[column][row]).filter(|amount| *amount != NO_MONEY);
            if let Some((name, found)) = (0..).zip(COUNTS).find_map(|(at, name)| Some((name, count(at).filter(|count| *count < 0)?))) {
                return Err((Reason::NegativeAmount, format!("{name}: {found}")));
            }
            if let Some((name, found)) = (0..).zip(AMOUNTS).find_map(|(at, name)| Some((name, amount(at).filter(|amount| *amount < 0)?))) {
                return Err((Reason::NegativeAmount, format!("{name}: {}", yuan(found))));
            }
            let figures = [count(0), count(1), count(2), count(3), amount(0), amount(1)];
            let digest = FixedState::default().hash_one(figures);
            let channel = sources.get(row).filter(|channel| !is_blank(channel));
            let channel = channel.map_or(0, |channel| source_codes.borrow_mut().code(Id::Text(channel)) + 1);
            let (day, keyword) = (day_of_time(dates[row]), word_codes.borrow_mut().code(Id::Text(word)));
            let figures = keeps_rows.then(|| Box::new(figures));
            Ok(move |shop| Row { shop, day, keyword, channel, digest, figures })
        };
        let shop_rows = ShopRows { scan, batch, shops };
        shop_rows.each(faults, ledger, |row| dates[row] >= scan.end(), judge, |row| rows.push(row));
    })?;
    rows.iter().for_each(|row| ledger.events.note(row.file, row.value.shop, row.value.day));
    let key = |row: &Row| (row.shop, row.day, row.keyword, row.channel);
    let rows = last_by_key(dataset, rows, |a, b| key(a).cmp(&key(b)), &mut ledger)?;
    let (names, ranks) = keywords.sorted();
    let names: Vec<String> = names.into_iter().map(as_text).collect();
    let mut warnings = Vec::new();
    warnings.extend(wholes_and_parts(&rows));
    warnings.extend(almost_equal(&names));
    let is_other =
        |row: &&Row| ranks.get(row.keyword as usize).and_then(|rank| names.get(*rank as usize)).is_some_and(|name| name == OTHER_KEYWORDS);
    let called_other = rows.iter().filter(is_other).count();
    if called_other > 0 {
        warnings.push(format!(
            "keyword_traffic: {called_other} rows have the keyword `{OTHER_KEYWORDS}`: in the table keywords they are in the row of that name, \
             with the keywords that are too rare for one of their own"
        ));
    }
    let mut traffic = KeywordTraffic { keywords: names, ..KeywordTraffic::default() };
    for Row { shop, day, keyword, figures, .. } in rows {
        // By shop and day: the first row of a shop has its first day.
        if traffic.first_days.last().is_none_or(|(last, _)| *last != shop) {
            traffic.first_days.push((shop, day));
        }
        let keyword = ranks.get(keyword as usize).copied().unwrap_or(0);
        traffic.days.extend(figures.map(|figures| KeywordDay::new(shop, keyword, day, *figures)));
    }
    if !keeps_rows {
        traffic.keywords = Vec::new();
    }
    Ok((KeywordRows { traffic, warnings }, ledger))
}

/// The columns of counts and those of amounts, in the order of the figures.
const COUNTS: [&str; 4] = ["impressions", "clicks", "uv", "orders"];
const AMOUNTS: [&str; 2] = ["amount", "cost"];

fn as_text(value: OwnedId) -> String {
    match value {
        OwnedId::Text(text) => text.into_string(),
        OwnedId::Integer(key) => key.to_string(),
    }
}

/// A warning of keywords that have, on one day, rows with a channel and a row without: if the latter is their sum, all is counted twice.
/// `rows` are by (shop, day, keyword, channel).
fn wholes_and_parts(rows: &[Row]) -> Option<String> {
    let key = |row: &Row| (row.shop, row.day, row.keyword);
    let of_key = rows.chunk_by(|a, b| key(a) == key(b));
    let mixed = of_key.filter(|rows| rows.len() > 1 && rows.first().is_some_and(|first| first.channel == 0)).count();
    (mixed > 0).then(|| {
        format!(
            "keyword_traffic: {mixed} keywords of a day have rows with a `channel` and one without, and all are added up; if the one without is \
             the sum of the others, leave it out with `filter`"
        )
    })
}

/// A warning of keywords that differ from another one only by capitals or by blanks around them.
fn almost_equal(names: &[String]) -> Option<String> {
    let plain: HashSet<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
    let more = names.len() - plain.len();
    (more > 0).then(|| {
        format!(
            "keyword_traffic: {more} of {} keywords differ from another one only by capitals or by blanks around them, and have rows of their \
             own",
            names.len()
        )
    })
}
