//! Keyword traffic: one row per shop, day, keyword and channel, of search and of paid search.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::day_figures::DayFigures;
use super::first_days::FirstDays;
use super::keyword_days::{KeywordDay, KeywordFigure, KeywordTraffic, OTHER_KEYWORDS};
use super::shop_rows::ShopRows;
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::keyed_rows::{KeyedRow, KeyedWriter, last_of_each};
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::scan::{Scan, null};
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::Faults;
use crate::input::values::ids::is_blank;
use crate::input::values::integers::NO_COUNT;
use crate::input::values::money::{NO_MONEY, yuan};
use crate::partition::Budget;
use crate::spec::{Day, Id, NO_TIME, day_of_time};

/// What was read.
#[derive(Debug)]
pub struct KeywordRows {
    /// The rows, with provisional codes of shops.
    pub traffic: KeywordTraffic,
    /// What users should know of them.
    pub warnings: Vec<String>,
    /// All amounts and costs of the rows kept, summed, in minor units.
    pub money: i64,
}

/// Reads the rows, and keeps their figures if `keeps_rows`. A keyword is the text as the export has it: capitals and blanks within it
/// distinguish, and one of blanks only is none.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has two different rows of one key; [`crate::error::Error::Output`] where the disk
/// is full.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, keeps_rows: bool, budget: &Arc<Budget>) -> Result<(KeywordRows, Ledger)> {
    let (keywords, channels) = (Codes::default(), Codes::default());
    let start = || KeyedWriter::new(dataset, budget);
    let (writers, mut ledger) = scan.on_all_threads(dataset, &["date"], start, |rows, batch, ledger| {
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
            let channel = sources.get(row).filter(|channel| !is_blank(channel));
            let channel = channel.map_or(0, |channel| source_codes.borrow_mut().code(Id::Text(channel)) + 1);
            let (day, keyword) = (day_of_time(dates[row]), word_codes.borrow_mut().code(Id::Text(word)));
            Ok(move |shop| (shop, day, keyword, channel, figures))
        };
        let mut days = Vec::new();
        let shop_rows = ShopRows { scan, batch, shops };
        shop_rows.each(
            faults,
            ledger,
            |row| dates[row] >= scan.end(),
            judge,
            |row| {
                let (shop, day, keyword, channel, figures) = row.value;
                days.push((shop, day));
                // Rows of one key are equal if their digests are.
                let digest = FixedState::default().hash_one(figures);
                let key = [shop.into(), day.into(), keyword.into(), channel.into()];
                rows.put((row.file, row.row), key, (shop, day as u32), digest, |bytes| {
                    if keeps_rows {
                        DayFigures::new(figures).write(bytes);
                    }
                });
            },
        );
        days.into_iter().for_each(|(shop, day)| ledger.events.note(batch.file, shop, day));
        rows.check()
    })?;
    let (names, ranks) = keywords.sorted();
    let names: Vec<String> = names.into_iter().map(as_text).collect();
    let mut warnings = Vec::new();
    let other = names.binary_search_by(|name| name.as_str().cmp(OTHER_KEYWORDS)).ok().map(|place| place as u32);
    let made = last_of_each(dataset, writers, &mut ledger, |rows| Kept::of(rows, keeps_rows, (&ranks, other)))?;
    let sum = |of: fn(&Kept) -> usize| made.iter().map(of).sum::<usize>();
    warnings.extend(wholes_and_parts(sum(|kept| kept.mixed)));
    warnings.extend(almost_equal(&names));
    let called_other = sum(|kept| kept.called_other);
    if called_other > 0 {
        warnings.push(format!(
            "keyword_traffic: {called_other} rows have the keyword `{OTHER_KEYWORDS}`: in the table keywords they are in the row of that name, \
             with the keywords that are too rare for one of their own"
        ));
    }
    let mut days = Vec::with_capacity(sum(|kept| kept.days.len()));
    let (mut first_days, mut money) = (FirstDays::default(), 0_i64);
    for kept in made {
        days.extend(kept.days);
        money = money.saturating_add(kept.money);
        first_days.add(kept.first_days);
    }
    let keywords = if keeps_rows { names } else { Vec::new() };
    let traffic = KeywordTraffic { keywords, days, first_days: first_days.into_sorted() };
    Ok((KeywordRows { traffic, warnings, money }, ledger))
}

/// The rows kept of some shops and days.
#[derive(Default)]
struct Kept {
    days: Vec<KeywordDay>,
    /// The first day of each shop of these.
    first_days: FirstDays,
    /// Keywords of a day that have rows with a channel and one without.
    mixed: usize,
    /// Rows of the keyword that is called as all rare ones are.
    called_other: usize,
    money: i64,
}

impl Kept {
    /// The rows of these keys: shop, day, keyword by `ranks`, and one more than the channel, 0 without one.
    fn of(rows: &[KeyedRow<'_, 4>], keeps_rows: bool, (ranks, other): (&[u32], Option<u32>)) -> Self {
        let mut kept = Kept::default();
        let of_key = rows.chunk_by(|one, next| one.key[..3] == next.key[..3]);
        kept.mixed = of_key.filter(|rows| rows.len() > 1 && rows.first().is_some_and(|first| first.key[3] == 0)).count();
        for KeyedRow { key: [shop, day, keyword, _], figures, .. } in rows {
            let (shop, day, mut figures) = (*shop as u32, *day as Day, *figures);
            kept.first_days.note(shop, day);
            let keyword = ranks.get(*keyword as usize).copied();
            kept.called_other += usize::from(other.is_some() && keyword == other);
            if keeps_rows && let Some(figures) = DayFigures::read(&mut figures) {
                let row = KeywordDay { shop, keyword: keyword.unwrap_or(0), day, figures };
                let money = [KeywordFigure::Amount, KeywordFigure::Cost].into_iter().filter_map(|figure| row.figure(figure));
                kept.money = money.fold(kept.money, i64::saturating_add);
                kept.days.push(row);
            }
        }
        kept
    }
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
fn wholes_and_parts(mixed: usize) -> Option<String> {
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
