//! The first reading of the files: their kind, their order, what their amounts mean, and their shop.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::buyers::{self, Buyers};
use super::convert::Converter;
use super::encoding::read_full;
use super::export_file::ExportFile;
use super::generic;
use super::header::Search;
use super::layout::Layout;
use super::options::{Options, PaidMeans, What};
use super::origin::{Imported, Origin, imported};
use super::paid::Decision;
use super::repeats::RowsByKey;
use super::report::Report;
use crate::error::{Error, Problem, Result};
use crate::input::declared::columns::{INPUTS, ROW};
use crate::spec::day_of_time;
use crate::spec::period::iso;

/// The shop of rows that name none, where no other shop is known.
const NAMELESS: &str = "shop";

/// A file after the first reading.
pub struct Surveyed {
    /// The file.
    pub source: ExportFile,
    /// How its cells are read as our columns.
    pub layout: Layout,
    /// Where it came from, without the counts of the second reading.
    pub origin: Origin,
    /// Whether its amounts paid are before or after refunds.
    pub decision: Decision,
    /// The shop of rows that name none.
    pub shop: String,
    shops: Vec<String>,
    newest: Option<i64>,
}

/// Reads the files of an import for the first time.
///
/// # Errors
/// [`Error::Input`] with all their problems.
pub fn survey(options: &Options, known: &[Imported], report: &mut Report) -> Result<Vec<Surveyed>> {
    let search = match &options.what {
        What::Known(preset) => Search::of(preset),
        What::Generic { input, map } => generic::search(input, map),
    };
    let search = if options.without_customers && options.what.is_orders() { search.without("customer_id") } else { search };
    let mut problems = Vec::new();
    let mut files: Vec<Surveyed> = Vec::new();
    for path in &options.files {
        match survey_file(options, path, &search, report) {
            Err(found) => problems.extend(found),
            Ok(file) => match files.iter().find(|other| other.origin.sha256 == file.origin.sha256) {
                Some(other) => report.warn(format!("{}: the same bytes as {}, imported once", path.display(), other.source.path.display())),
                None => files.push(file),
            },
        }
    }
    if problems.is_empty() {
        assign_sequence(&mut files, known);
        warn_of_older_exports(options, &files, known, report);
        problems.extend(assign_shops(options, &mut files, report)?);
        problems.extend(check_buyer_names(options, &files)?);
    }
    if problems.is_empty() { Ok(files) } else { Err(Error::Input(problems)) }
}

/// Orders the files among those of the folder: new files follow the existing ones, in the order of their latest times. A file that
/// was imported before keeps its position.
fn assign_sequence(files: &mut [Surveyed], known: &[Imported]) {
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

/// Warns of files that seem older than files imported earlier. Exports do not say when they were made, so of an order that is in both
/// the file imported last counts.
fn warn_of_older_exports(options: &Options, files: &[Surveyed], known: &[Imported], report: &mut Report) {
    let day = |time: i64| iso(day_of_time(time));
    for file in files.iter().filter(|file| !known.iter().any(|earlier| earlier.origin.sha256 == file.origin.sha256)) {
        let newest = known.iter().max_by_key(|earlier| earlier.origin.newest);
        let Some((newest, known)) = newest.and_then(|known| Some((known.origin.newest?, known))) else { continue };
        if let Some(own) = file.newest.filter(|own| *own < newest) {
            report.warn(format!(
                "{}: its newest event is of {}, that of {}, imported earlier, of {}: for rows in both, the file imported later counts. \
                 If it was exported earlier, import all files in one command, without {}",
                file.source.path.display(),
                day(own),
                known.origin.file,
                day(newest),
                options.to.join(options.what.folder()).display()
            ));
        }
    }
}

/// Reads one file for the first time.
fn survey_file(options: &Options, path: &Path, search: &Search, report: &mut Report) -> Result<Surveyed, Vec<Problem>> {
    let source = ExportFile::open(path, search, &options.columns).map_err(|problems| suggest_other_preset(options, path, problems))?;
    let layout = Layout::new(&options.what, &source.header);
    if let What::Generic { .. } = options.what {
        generic::refuse_personal(&source, &layout, options.pseudonyms.is_some())?;
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
    // Whether amounts are before or after refunds is not known yet. Read as after refunds, no refund exceeds the amount paid, so this
    // reading leaves out no row for that reason.
    let mut converter = Converter::new(options, &source, &layout, origin.clone(), "", PaidMeans::Net);
    let mut repeats = RowsByKey::new(&options.what, &layout, &source.header, origin.is_numbered);
    source
        .each_row(|row| {
            if let Ok(values) = converter.row(row) {
                repeats.note(options.what.input(), &values, row);
            }
            true
        })
        .map_err(|problem| vec![problem])?;
    let buyers = Buyers { missing: converter.without_buyer, masked: converter.masked, rows: converter.origin.rows };
    let problems = [buyers::problem(options, &source, &layout, buyers), repeats.report(options, &source, report)];
    let problems: Vec<Problem> = problems.into_iter().flatten().collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let decision = match options.paid {
        Some(means) => Decision { means, why: String::new(), is_thin: false },
        None => converter.evidence.decide(source.header.theirs("paid_amount")).map_err(|found| {
            vec![
                Problem::new(&place, found)
                    .help("check some of them in the seller centre, then add --paid net (after) or --paid gross (before)"),
            ]
        })?,
    };
    let newest = converter.origin.newest;
    let shops = converter.origin.shops.into_iter().filter(|shop| !shop.is_empty()).collect();
    Ok(Surveyed { source, layout, origin, decision, shop: String::new(), shops, newest })
}

/// The problems of a file, or the one that it is an export for another preset.
fn suggest_other_preset(options: &Options, path: &Path, problems: Vec<Problem>) -> Vec<Problem> {
    let others = What::PRESETS.iter().filter(|preset| preset.name != options.what.name());
    match others.into_iter().find(|preset| ExportFile::open(path, &Search::of(preset), &options.columns).is_ok()) {
        None => problems,
        Some(preset) => {
            let message = format!("is not an export for `{}`: it has the columns of `{}`", options.what.name(), preset.name);
            vec![Problem::new(path.display().to_string(), message).help(format!("huitou import {} {}", preset.name, path.display()))]
        }
    }
}

/// Sets the shop of rows that name none: the one of `--shop`, or the only shop of these and earlier files.
fn assign_shops(options: &Options, files: &mut [Surveyed], report: &mut Report) -> Result<Vec<Problem>> {
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
            "earlier files here name no shop and are imported as `{NAMELESS}`, others as {names}: import the former again with --shop"
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
                    let message = format!("names no shop, and there are several shops here: {}", shops.join(", "));
                    problems
                        .push(Problem::new(file.source.path.display().to_string(), message).help("import it on its own with --shop NAME"));
                }
            }
        }
    }
    Ok(problems)
}

/// Checks that all inputs of a folder name buyers in the same way. Buyers are comparable only then, and a name beside an order number
/// in one input would reveal the pseudonym beside the same number in another.
fn check_buyer_names(options: &Options, files: &[Surveyed]) -> Result<Vec<Problem>> {
    let own = options.what.folder();
    // Orders with buyers do not go together with orders without; other inputs need not name buyers.
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
    let buyer_names = |kind: &str| match kind.split(' ').next() {
        Some("named") => "names its buyers".to_owned(),
        Some("pseudonyms") => "has pseudonyms for its buyers".to_owned(),
        _ => "has no buyers".to_owned(),
    };
    let others = all.iter().filter(|(_, other)| other != kind).map(|(file, other)| {
        let salt = if buyer_names(kind) == buyer_names(other) { ", under another salt" } else { "" };
        Problem::new(
            file,
            format!("{}{salt}, while {first} {}: buyers of both would be different people", buyer_names(other), buyer_names(kind)),
        )
        .help("import it with the same options as the files that are there, or import all files again into a new folder")
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
