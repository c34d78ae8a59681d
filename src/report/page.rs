//! The page: style, program, charts and data in one HTML file that needs no network.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::detail::Detail;
use super::document::document;
use super::source::PageSource;
use crate::error::{Error, Problem, Result};
use crate::publish::Snapshot;
use crate::spec::Lang;
use crate::spec::period::iso;

/// The name of the page in a snapshot.
pub const FILE: &str = "report.html";

/// The largest size of a page in bytes, small enough for a mail and for a telephone to open quickly.
pub const MOST_BYTES: usize = 5_000_000;

const TEMPLATE: &str = include_str!("assets/page.html");
const STYLE: &str = include_str!("assets/style.css");

/// The program, in the order in which its files are read. The chart library comes first.
const SCRIPTS: [&str; 30] = [
    include_str!("assets/echarts/echarts.min.js"),
    include_str!("assets/texts.js"),
    include_str!("assets/names.js"),
    include_str!("assets/reasons.js"),
    include_str!("assets/derived.js"),
    include_str!("assets/data.js"),
    include_str!("assets/numbers.js"),
    include_str!("assets/elements.js"),
    include_str!("assets/tables.js"),
    include_str!("assets/charts.js"),
    include_str!("assets/overview.js"),
    include_str!("assets/morning.js"),
    include_str!("assets/group.js"),
    include_str!("assets/sales.js"),
    include_str!("assets/listings.js"),
    include_str!("assets/lists.js"),
    include_str!("assets/steering.js"),
    include_str!("assets/windows.js"),
    include_str!("assets/goods.js"),
    include_str!("assets/people.js"),
    include_str!("assets/restated.js"),
    include_str!("assets/retention.js"),
    include_str!("assets/intervals.js"),
    include_str!("assets/segments.js"),
    include_str!("assets/assessments.js"),
    include_str!("assets/forecast.js"),
    include_str!("assets/campaigns.js"),
    include_str!("assets/about.js"),
    include_str!("assets/wanted.js"),
    include_str!("assets/app.js"),
];

/// The report of a snapshot, at most [`MOST_BYTES`] long. If the full page is longer, figures are left out level by level (see
/// [`Detail::less`]), and the page names them. The same snapshot and language give the same bytes.
///
/// # Errors
/// [`Error::Input`] where the snapshot is damaged; [`Error::Output`] where not even a list of shops fits.
pub fn page(snapshot: &Snapshot, lang: Lang) -> Result<String> {
    page_within(snapshot, lang, MOST_BYTES)
}

/// Like [`page`], at most `most` bytes long.
pub(super) fn page_within(snapshot: &Snapshot, lang: Lang, most: usize) -> Result<String> {
    let manifest = &snapshot.manifest;
    let source = PageSource::read(snapshot)?;
    let (before, after) = frame(&title(snapshot, &source, lang), lang)?;
    let room = most.saturating_sub(before.len() + after.len());
    let mut detail = Detail::full(&source, manifest.as_of);
    loop {
        let document = document(manifest, &source, &detail, lang)?;
        if document.len() <= room {
            return Ok([before, document, after].concat());
        }
        detail = detail.less().ok_or_else(|| {
            let what = format!("its inputs and warnings alone need more than {most} bytes, the largest size of a report");
            Error::Output(Problem::new(FILE, what).help("run without `output.report`, and fix the causes of the warnings"))
        })?;
    }
}

/// Whose report it is, and of which day: what a tab of the browser and the subject of a mail show.
fn title(snapshot: &Snapshot, source: &PageSource, lang: Lang) -> String {
    let shops = source.shops.all().len();
    let whose = match (source.only_shop(), lang) {
        (Some(shop), _) => shop.to_owned(),
        (None, _) if shops == 0 => snapshot.manifest.job.clone(),
        (None, Lang::En) => format!("{shops} shops"),
        (None, Lang::Zh) => format!("{shops} 家店铺"),
    };
    let what = match lang {
        Lang::En => "Shop report",
        Lang::Zh => "店铺经营报告",
    };
    format!("{whose} · {} · {what}", iso(snapshot.manifest.as_of))
}

/// The page before and after its data.
fn frame(title: &str, lang: Lang) -> Result<(String, String)> {
    let scripts: String = SCRIPTS.iter().map(|script| format!("<script>{script}</script>\n")).collect();
    let hashes: Vec<String> = SCRIPTS.iter().map(|script| hash(script)).collect();
    let language = match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    };
    // Only the scripts of this file can run, and nothing can be loaded: even a text of the data that became an element could do neither.
    let filled = TEMPLATE
        .replace("{{language}}", language)
        .replace("{{title}}", &escaped(title))
        .replace("{{scripts}}", &hashes.join(" "))
        .replace("{{style}}", STYLE)
        .replace("{{program}}", &scripts);
    let (before, after) = filled.split_once("{{data}}").ok_or_else(|| Error::bug("the template of the report has no place for data"))?;
    Ok((before.to_owned(), after.to_owned()))
}

/// What allows a script in a Content-Security-Policy.
fn hash(script: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)))
}

/// A text inside an element or attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_allowed_by_its_hash() {
        // The example of Content Security Policy Level 2, section 4.2.5, in the alphabet with `+` and `/`.
        assert_eq!(hash("alert('Hello, world.');"), "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    }

    #[test]
    fn a_title_is_text() {
        assert_eq!(escaped("</title><b> & \"x\""), "&lt;/title&gt;&lt;b&gt; &amp; &quot;x&quot;");
    }

    #[test]
    fn no_script_ends_its_element() {
        for script in SCRIPTS {
            assert!(!script.to_ascii_lowercase().contains("</script"), "{}", script.get(..80).unwrap_or(script));
            assert!(!script.contains("{{data}}"));
        }
    }
}
