//! The page: its parts in their order, and as much of them as it has room for.

use super::figures::{Figure, change};
use super::group::group;
use super::head;
use super::markup::{Tone, paragraph, title};
use super::morning::Morning;
use super::source::read;
use super::tables::figures;
use super::to_do;
use super::why::why;
use super::words::Words;
use crate::error::{Error, Problem, Result};
use crate::job::nearest;
use crate::publish::{Manifest, Snapshot};
use crate::report::page::escaped;
use crate::spec::Lang;
use crate::spec::currency::CNY;

/// The name of the page in a snapshot.
pub const FILE: &str = "brief.html";

/// The largest size of the page in bytes: mail programs cut longer mails off.
pub const MOST_BYTES: usize = 60_000;

/// How much of the page there is.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// Lines of what to do, of each shop.
    lines: usize,
    /// Shops in the list.
    shops: usize,
}

/// From everything to a few shops: the last lines of what to do go first.
const LEVELS: [Level; 9] = {
    const fn level(lines: usize, shops: usize) -> Level {
        Level { lines, shops }
    }
    [
        level(usize::MAX, usize::MAX),
        level(5, usize::MAX),
        level(3, usize::MAX),
        level(1, usize::MAX),
        level(1, 100),
        level(1, 50),
        level(1, 20),
        level(0, 20),
        level(0, 0),
    ]
};

/// The brief of a snapshot, of all its shops or of one, at most [`MOST_BYTES`] long; what had no room is counted on it. The same snapshot,
/// language and shop give the same bytes. Its title is fit for the subject of a mail.
///
/// # Errors
/// [`Error::Usage`] where the snapshot does not have the shop; [`Error::Input`] where the snapshot is damaged; [`Error::Output`] where
/// not even its head fits.
pub fn brief(snapshot: &Snapshot, lang: Lang, only: Option<&str>) -> Result<String> {
    let manifest = &snapshot.manifest;
    let mut morning = read(snapshot, only, lang)?;
    if let (Some(only), true) = (only, morning.shops.is_empty()) {
        return Err(unknown(snapshot, only, lang));
    }
    let words = Words { lang, currency: if manifest.currency.is_empty() { CNY } else { &manifest.currency } };
    for shop in &mut morning.shops {
        let silences = to_do::silences(manifest, &shop.id, words);
        shop.lines.splice(0..0, silences);
    }
    let fits = |level: &Level| Some(page(manifest, &morning, only, *level, words)).filter(|page| page.len() <= MOST_BYTES);
    LEVELS.iter().find_map(fits).ok_or_else(|| {
        let what = format!("its names and warnings alone need more than {MOST_BYTES} bytes, the largest size of a brief");
        Error::Output(Problem::new(FILE, what).help("run without `output.report`, and fix the causes of the warnings"))
    })
}

/// The error of a shop that the snapshot does not have.
fn unknown(snapshot: &Snapshot, only: &str, lang: Lang) -> Error {
    let shops = read(snapshot, None, lang).map(|morning| morning.shops).unwrap_or_default();
    let help = match nearest(only, shops.iter().map(|shop| shop.id.as_str())) {
        Some(close) => format!("did you mean `{close}`? `huitou show shops` lists them"),
        None => "`huitou show shops` lists them".to_owned(),
    };
    Error::Usage(vec![Problem::new("--shop", format!("there is no shop `{only}` in the snapshot {}", snapshot.manifest.name)).help(help)])
}

fn page(manifest: &Manifest, morning: &Morning, only: Option<&str>, level: Level, words: Words<'_>) -> String {
    let (name, body) = match morning.shops.as_slice() {
        [] => {
            (manifest.job.clone(), paragraph(Tone::Faint, words.say("The snapshot has no table with shops.", "该快照中没有包含店铺的表。")))
        }
        [shop] => {
            let head = figures(morning.as_of, shop, &Figure::ALL, words) + &why(&morning.shops, words);
            (shop.title().to_owned(), head + &to_do::of_shop(shop, level.lines, words))
        }
        shops => (words.shops(shops.len()), group(morning, level.shops, level.lines, words)),
    };
    let language = match words.lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    };
    let as_of = words.date(morning.as_of);
    let parts = [
        title(&name),
        paragraph(Tone::Faint, &format!("{} {as_of} · {}", words.say("Data as of", "数据截至"), manifest.job)),
        head::freshness(manifest, words),
        head::warnings(manifest, only, words),
        body,
        paragraph(Tone::Faint, &foot(manifest, words)),
    ];
    let subject = escaped(&subject(morning, &name, words));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{subject}</title>\n</head>\n<body style=\"margin:0;background:#ffffff\">\n\
         <div style=\"max-width:720px;margin:0 auto;padding:10px;background:#ffffff;color:#1b2430;font:14px/1.45 -apple-system,'Segoe UI',Roboto,'PingFang \
         SC','Microsoft YaHei',sans-serif\">\n{}</div>\n</body>\n</html>\n",
        parts.concat()
    )
}

/// What a mail is called: whose it is, of which day, and the first figure with its change.
fn subject(morning: &Morning, name: &str, words: Words<'_>) -> String {
    let days = &morning.together().days;
    let value = |before: i32| days.day(morning.as_of - before).and_then(|sums| sums.value(Figure::Paid));
    let (now, before) = (value(0), value(7));
    let date = words.date(morning.as_of);
    let said = match now {
        None => String::new(),
        Some(_) => {
            let paid = words.value(Figure::Paid, now);
            let changed = words.change(Figure::Paid, change(Figure::Paid, now, before));
            let versus = words.versus_weekday(morning.as_of);
            match words.lang {
                Lang::En => format!(": {} {paid}, {changed} {versus}", words.name("paid_amount").to_lowercase()),
                Lang::Zh => format!("：{} {paid}，{versus} {changed}", words.name("paid_amount")),
            }
        }
    };
    format!("{name} {date}{said}")
}

fn foot(manifest: &Manifest, words: Words<'_>) -> String {
    match words.lang {
        Lang::En => format!("huitou {}, snapshot {}. The report of the same snapshot has the details.", manifest.version, manifest.name),
        Lang::Zh => format!("huitou {}，快照 {}。详情见同一快照的报告。", manifest.version, manifest.name),
    }
}
