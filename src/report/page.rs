//! The page: style, program, charts and data in one HTML file that needs no network.

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
const SCRIPTS: [&str; 19] = [
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
    include_str!("assets/sales.js"),
    include_str!("assets/retention.js"),
    include_str!("assets/intervals.js"),
    include_str!("assets/segments.js"),
    include_str!("assets/assessments.js"),
    include_str!("assets/forecast.js"),
    include_str!("assets/campaigns.js"),
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
    let title = format!("{} {}", manifest.job, iso(manifest.as_of));
    let (before, after) = frame(&title, lang)?;
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

/// The page before and after its data.
fn frame(title: &str, lang: Lang) -> Result<(String, String)> {
    let scripts: String = SCRIPTS.iter().map(|script| format!("<script>{script}</script>\n")).collect();
    let hashes: Vec<String> = SCRIPTS.iter().map(|script| format!("'sha256-{}'", base64(&Sha256::digest(script)))).collect();
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

/// A text inside an element or attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Base64 with padding, as a Content-Security-Policy has its hashes (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc() {
        // RFC 4648, section 10.
        let coded = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(coded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
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
