//! The first reading of the files: which of them are there, what stands in them, what their amounts mean, whose shop they are.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::convert::Converter;
use super::encoding::read_full;
use super::generic;
use super::header::Search;
use super::layout::Layout;
use super::options::{Options, PaidMeans, What};
use super::origin::{Imported, Origin, imported};
use super::paid::Decision;
use super::report::Report;
use super::source::Source;
use crate::error::{Error, Problem, Result};
use crate::input::columns::{INPUTS, ROW};
use crate::spec::day_of_time;
use crate::spec::period::iso;

/// The shop of rows that name none, where nothing else is known.
const NAMELESS: &str = "shop";

/// A file that was looked through.
pub struct Surveyed {
    /// The file.
    pub source: Source,
    /// What its columns become.
    pub layout: Layout,
    /// What is known of it before it is read.
    pub origin: Origin,
    /// What its amounts paid mean.
    pub decision: Decision,
    /// The shop of rows that name none.
    pub shop: String,
    shops: Vec<String>,
    newest: Option<i64>,
}

/// Looks through the files of an import.
///
/// # Errors
/// [`Error::Input`] with all that is wrong with them.
pub fn survey(options: &Options, known: &[Imported], report: &mut Report) -> Result<Vec<Surveyed>> {
    let search = match &options.what {
        What::Known(preset) => Search::of(preset),
        What::Generic { input, map } => generic::search(input, map),
    };
    let mut problems = Vec::new();
    let mut files: Vec<Surveyed> = Vec::new();
    for path in &options.files {
        match look(options, path, &search) {
            Err(found) => problems.extend(found),
            Ok(file) => match files.iter().find(|other| other.origin.sha256 == file.origin.sha256) {
                Some(other) => report.warn(format!("{}: the same bytes as {}, imported once", path.display(), other.source.path.display())),
                None => files.push(file),
            },
        }
    }
    if problems.is_empty() {
        sequence(&mut files, known);
        older(options, &files, known, report);
        problems.extend(shops(options, &mut files, report)?);
        problems.extend(buyers(options, &files)?);
    }
    if problems.is_empty() { Ok(files) } else { Err(Error::Input(problems)) }
}

/// Puts the files into their order among those of the folder: new ones behind all others, and of these the ones with later times
/// behind the others. What was imported before keeps its place.
fn sequence(files: &mut [Surveyed], known: &[Imported]) {
    files.sort_by_key(|file| file.newest);
    let mut last = known.iter().map(|file| file.origin.sequence).max().unwrap_or(0);
    for file in files {
        let earlier = known.iter().find(|earlier| earlier.origin.sha256 == file.origin.sha256);
        file.origin.sequence = earlier.map_or_else(
            || {
                last += 1;
                last
            },
            |earlier| earlier.origin.sequence,
        );
    }
}

/// Warns of files that seem to have been exported before others that are there already: what they say of the same orders counts from
/// now on, since exports do not say when they were made.
fn older(options: &Options, files: &[Surveyed], known: &[Imported], report: &mut Report) {
    let day = |time: i64| iso(day_of_time(time));
    for file in files.iter().filter(|file| !known.iter().any(|earlier| earlier.origin.sha256 == file.origin.sha256)) {
        let newest = known.iter().max_by_key(|earlier| earlier.origin.newest);
        let Some((newest, known)) = newest.and_then(|known| Some((known.origin.newest?, known))) else { continue };
        if let Some(own) = file.newest.filter(|own| *own < newest) {
            report.warn(format!(
                "{}: its newest event is of {}, that of {}, imported earlier, of {}: of what both have, the file imported later counts. If                  it was exported earlier, import all files in one command, without {}",
                file.source.path.display(),
                day(own),
                known.origin.file,
                day(newest),
                options.to.join(options.what.folder()).display()
            ));
        }
    }
}

/// Looks through one file.
fn look(options: &Options, path: &Path, search: &Search) -> Result<Surveyed, Vec<Problem>> {
    let source = Source::find(path, search).map_err(|problems| or_another_preset(options, path, problems))?;
    let layout = Layout::new(&options.what, &source.header);
    if let What::Generic { .. } = options.what {
        generic::personal(&source, &layout, options.pseudonyms.is_some())?;
    }
    let place = path.display().to_string();
    let unreadable = |cause: io::Error| vec![Problem::new(&place, format!("cannot be read: {cause}"))];
    let sha256 = sha256(path).map_err(unreadable)?;
    let mapped_row = matches!(&options.what, What::Generic { map, .. } if map.get("order_id").is_some_and(|theirs| theirs == ROW));
    let origin = Origin {
        preset: options.what.name().to_owned(),
        file: source.name(),
        sha256,
        buyers: match (&options.pseudonyms, layout.has("customer_id")) {
            (_, false) => String::new(),
            (None, true) => "named".to_owned(),
            (Some(pseudonyms), true) => format!("pseudonyms {}", pseudonyms.check()),
        },
        is_numbered: options.what.folder() == "orders" && (mapped_row || !layout.has("order_id")),
        ..Origin::default()
    };
    // What amounts mean is not known yet: after refunds, no refund is more than was paid, so that none of its rows is left out here.
    let mut converter = Converter::new(options, &source, &layout, origin.clone(), "", PaidMeans::Net);
    source
        .each_row(|row| {
            let _ = converter.row(row);
            true
        })
        .map_err(|problem| vec![problem])?;
    let decision = match options.paid {
        Some(means) => Decision { means, why: String::new(), is_thin: false },
        None => converter.evidence.decide(source.header.theirs("paid_amount")).map_err(|found| {
            vec![
                Problem::new(&place, found)
                    .help("look at some of them in the seller centre and say which: --paid net (after) or --paid gross (before)"),
            ]
        })?,
    };
    let newest = converter.origin.newest;
    let shops = converter.origin.shops.into_iter().filter(|shop| !shop.is_empty()).collect();
    Ok(Surveyed { source, layout, origin, decision, shop: String::new(), shops, newest })
}

/// What is wrong with a file, or that another preset knows it.
fn or_another_preset(options: &Options, path: &Path, problems: Vec<Problem>) -> Vec<Problem> {
    let others = What::PRESETS.iter().filter(|preset| preset.name != options.what.name());
    match others.into_iter().find(|preset| Source::find(path, &Search::of(preset)).is_ok()) {
        None => problems,
        Some(preset) => {
            let message = format!("is no export for `{}`: it has the columns of `{}`", options.what.name(), preset.name);
            vec![Problem::new(path.display().to_string(), message).help(format!("huitou import {} {}", preset.name, path.display()))]
        }
    }
}

/// Finds the shop of rows that name none: the one that is said, or the only one of these and earlier files.
fn shops(options: &Options, files: &mut [Surveyed], report: &mut Report) -> Result<Vec<Problem>> {
    if let Some(shop) = &options.shop {
        files.iter_mut().for_each(|file| file.shop.clone_from(shop));
        return Ok(Vec::new());
    }
    let mut shops: BTreeSet<String> = files.iter().flat_map(|file| file.shops.iter().cloned()).collect();
    for folder in What::PRESETS.iter().map(|preset| preset.folder) {
        shops.extend(imported(&options.to.join(folder))?.into_iter().flat_map(|file| file.origin.shops));
    }
    if shops.len() > 1 && shops.remove(NAMELESS) {
        let names = shops.iter().cloned().collect::<Vec<_>>().join(", ");
        report.warn(format!(
            "earlier files here name no shop and stand under `{NAMELESS}`, others under {names}: import those again with --shop"
        ));
    }
    let mut problems = Vec::new();
    let listed: Vec<&str> = shops.iter().take(5).map(String::as_str).collect();
    for file in files {
        match listed.as_slice() {
            [] => file.shop = NAMELESS.to_owned(),
            [shop] => file.shop = (*shop).to_owned(),
            shops => {
                file.shop = NAMELESS.to_owned();
                if file.layout.position("shop_id").is_some() && !file.layout.has("shop_id") {
                    let message = format!("names no shop, and there are several here: {}", shops.join(", "));
                    problems
                        .push(Problem::new(file.source.path.display().to_string(), message).help("import it on its own with --shop NAME"));
                }
            }
        }
    }
    Ok(problems)
}

/// Buyers of one folder are comparable only if they stand there under the same kind of name, in whatever input: a name beside the
/// number of an order tells whose the pseudonym is that another input has beside it.
fn buyers(options: &Options, files: &[Surveyed]) -> Result<Vec<Problem>> {
    let own = options.what.folder();
    // Orders without buyers and orders with them do not go together; other inputs need not name anybody.
    let counts = |folder: &str, kind: &str| !kind.is_empty() || folder == "orders" && own == "orders";
    let mut all: Vec<(String, String)> = Vec::new();
    let folders: BTreeSet<&str> = INPUTS.iter().map(|input| input.name).chain(What::PRESETS.iter().map(|preset| preset.folder)).collect();
    for folder in folders {
        let replaced = |file: &Imported| folder == own && files.iter().any(|own| own.origin.sha256 == file.origin.sha256);
        let earlier = imported(&options.to.join(folder))?.into_iter().filter(|file| !replaced(file));
        all.extend(earlier.filter(|file| counts(folder, &file.origin.buyers)).map(|file| (file.origin.file, file.origin.buyers)));
    }
    let new = files.iter().filter(|file| counts(own, &file.origin.buyers));
    all.extend(new.map(|file| (file.source.path.display().to_string(), file.origin.buyers.clone())));
    let Some((first, kind)) = all.first() else { return Ok(Vec::new()) };
    let told = |kind: &str| match kind.split(' ').next() {
        Some("named") => "names its buyers".to_owned(),
        Some("pseudonyms") => "has pseudonyms for its buyers".to_owned(),
        _ => "has no buyers".to_owned(),
    };
    let others = all.iter().filter(|(_, other)| other != kind).map(|(file, other)| {
        let salt = if told(kind) == told(other) { ", under another salt" } else { "" };
        Problem::new(file, format!("{}{salt}, while {first} {}: buyers of both would be different people", told(other), told(kind)))
            .help("import it with the options of the files that are there, or all files anew into a folder of their own")
    });
    Ok(others.collect())
}

/// The SHA-256 of a file.
fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    let mut hash = Sha256::new();
    loop {
        let length = read_full(&mut file, &mut buffer)?;
        match buffer.get(..length) {
            Some(chunk) if !chunk.is_empty() => hash.update(chunk),
            _ => return Ok(hex::encode(hash.finalize())),
        }
    }
}
