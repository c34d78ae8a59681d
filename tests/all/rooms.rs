//! The rooms of the house: each names only those before it, no files name each other in a circle, every file says what it is, is of
//! a readable length, and gives up nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::imports::{arrows, circles};

/// The rooms, each of which may name those before it.
const ROOMS: [&str; 21] = [
    "error",
    "disk",
    "store",
    "spec",
    "job",
    "exchange",
    "partition",
    "input",
    "history",
    "statistics",
    "model",
    "metric",
    "fold",
    "table",
    "publish",
    "compare",
    "report",
    "database",
    "nightly",
    "import",
    "cli",
];

/// What the sample data may know: it is data, not a run.
const SAMPLE: [&str; 4] = ["error", "spec", "job", "statistics"];

/// The parts of `input`, each of which may name those before it.
const INPUT: [&str; 8] = ["declared", "values", "times", "expression", "parquet_files", "mapping", "rows", "records"];

/// The parts of `table`, each of which may name those before it: what all tables are made of, the families, and the list of all tables.
const TABLE: [&[&str]; 23] = [
    &["array_table", "arrays", "column", "condition", "night", "preparation", "read", "read_back", "request", "rows", "unit"],
    &["shop"],
    &["total"],
    &["channel"],
    &["alert"],
    &["affiliate"],
    &["service"],
    &["order"],
    &["item"],
    &["run"],
    &["repurchase"],
    &["scores"],
    &["forecast"],
    &["plan"],
    &["customer"],
    &["group"],
    &["campaign"],
    &["stage"],
    &["audience"],
    &["assessment"],
    &["restatement"],
    &["morning"],
    &["catalogue"],
];

/// Lines that a file has at most.
const MOST_LINES: usize = 400;

struct Source {
    path: PathBuf,
    /// The folder below `src`, or the name of a file that is a room of its own.
    room: String,
    text: String,
    is_test: bool,
}

impl Source {
    /// The text before its tests, comments left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_inline = |(end, _): &(usize, &str)| self.text[*end..].lines().nth(2).is_some_and(|line| line.ends_with("mod tests {"));
        let tests = self.text.match_indices("\n#[cfg(test)]\n").find(is_inline);
        let code = tests.map_or(self.text.as_str(), |(end, _)| &self.text[..end]);
        code.lines().enumerate().map(|(number, line)| (number + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    let found: BTreeSet<&str> = sources.iter().map(|source| source.room.as_str()).collect();
    let expected: BTreeSet<&str> = ROOMS.into_iter().chain(["sample", "lib", "main"]).collect();
    assert_eq!(found, expected, "left: folders and files of src; each of them is a room of this list");
    sources
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, sources);
        // Lists and pages that are compiled in are not sources.
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).unwrap();
            let room = below.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let is_test = below.components().any(|part| ["tests", "tests.rs", "testing"].iter().any(|name| part.as_os_str() == *name));
            sources.push(Source { path: below.to_owned(), room, text, is_test });
        }
    }
}

/// Files that their room compiles for tests only: `#[cfg(test)] mod fixture;`.
fn is_for_tests(source: &Source, all: &[Source]) -> bool {
    let name = source.path.file_stem().unwrap().to_str().unwrap();
    let declared = |other: &Source| {
        let (above, own) = other.text[..other.text.find(&format!("mod {name};"))?].rsplit_once('\n')?;
        Some(
            own.contains("#[cfg(test)]")
                || above.lines().rev().take_while(|line| line.starts_with("#[")).any(|line| line == "#[cfg(test)]"),
        )
    };
    let parent = source.path.parent().unwrap().join("mod.rs");
    source.is_test || all.iter().any(|other| other.path == parent && declared(other) == Some(true))
}

/// The first part of a path: the folder, or the name of a file that is a room of its own.
fn room_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// The rooms that a room may name; `None` for one that the map does not have.
fn may_name(room: &str) -> Option<Vec<&'static str>> {
    match ROOMS.iter().position(|other| *other == room) {
        // The command line is the last room and starts everything, the sample data too.
        Some(position) if room == "cli" => Some(ROOMS[..position].iter().copied().chain(["sample"]).collect()),
        Some(position) => Some(ROOMS[..position].to_vec()),
        None => (room == "sample").then(|| SAMPLE.to_vec()),
    }
}

/// Where files name a room that theirs may not name. The root of the library is no room: who names it itself (`use crate as other`, `use
/// crate::*`) could reach all of them by names that do not show it.
fn upward(files: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, line, to) in arrows(files) {
        let (room, other) = (room_of(from), room_of(to));
        if ["lib", "main"].contains(&room) || room == other {
            continue;
        }
        let may = may_name(room).unwrap_or_else(|| panic!("src/{from}: a room that the map does not have"));
        if !may.contains(&other) {
            wrong.push(format!("src/{from}:{line}: `{room}` names `{other}` (src/{to})"));
        }
    }
    let renames = |text: &str| text.lines().position(|line| line.trim_start().starts_with("extern crate"));
    wrong.extend(files.iter().filter_map(|(path, text)| Some(format!("src/{path}:{}: `extern crate`", renames(text)? + 1))));
    wrong
}

/// Paths and texts of the files that are not for tests alone.
fn program(all: &[Source]) -> Vec<(&str, &str)> {
    let files = all.iter().filter(|source| !is_for_tests(source, all));
    files.map(|source| (source.path.to_str().unwrap(), source.text.as_str())).collect()
}

#[test]
fn a_room_names_only_those_before_it() {
    let all = sources();
    let wrong = upward(&program(&all));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_spelling_of_an_upward_import_is_overlooked() {
    let found = |text: &str| {
        let store = ("publish/mod.rs", "pub struct Store;\n");
        let day = ("spec/mod.rs", "pub struct Day;\n");
        upward(&[
            ("lib.rs", "pub mod publish;\npub mod spec;\npub mod table;\n"),
            store,
            day,
            ("table/mod.rs", "mod rows;\n"),
            ("table/rows.rs", text),
        ])
    };
    for text in [
        "use crate::publish::Store;\n",
        "use super::super::publish::Store;\n",
        "use crate::{\n    publish::Store,\n    spec::Day,\n};\n",
        "use crate::{spec::Day, publish::{self, Store as Other}};\n",
        "fn rows() -> super::super::publish::Store {}\n",
        "use crate as huitou;\nuse huitou::publish::Store;\n",
        "use super::super as huitou;\nuse huitou::publish::Store;\n",
        "use crate::{self as huitou, spec::Day};\nuse huitou::publish::Store;\n",
        "use crate::*;\nfn rows() -> publish::Store {}\n",
        "extern crate self as huitou;\nuse huitou::publish::Store;\n",
    ] {
        assert!(!found(text).is_empty(), "overlooked: {text}");
    }
    for text in [
        "use crate::spec::Day;\n",
        "use crate::{\n    spec::Day,\n};\nuse super::super::spec;\n",
        "#[cfg(test)]\nuse crate::publish::Store;\n",
    ] {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
}

/// Where files of a room name a part of it that comes after theirs. `part` is the place of a file among the parts; `None` for the file of
/// the room itself.
fn against_the_order(files: &[(&str, &str)], part: impl Fn(&str) -> Option<usize>) -> Vec<String> {
    let named = arrows(files).into_iter();
    named
        .filter(|(from, _, to)| part(from).zip(part(to)).is_some_and(|(from, to)| from < to))
        .map(|(from, line, to)| format!("src/{from}:{line} names src/{to}"))
        .collect()
}

/// The place of a file among the parts of its room; `None` for files of other rooms and for the file of the room itself.
fn place_among(parts: &[&[&str]], room: &str, path: &str) -> Option<usize> {
    let below = path.strip_prefix(room)?.strip_prefix('/').filter(|below| *below != "mod.rs")?;
    let name = room_of(below);
    Some(parts.iter().position(|part| part.contains(&name)).unwrap_or_else(|| panic!("src/{path} is in no part of `{room}`")))
}

#[test]
fn a_part_of_a_room_names_only_those_before_it() {
    let all = sources();
    let files = program(&all);
    for (room, parts) in [("input", &INPUT.each_ref().map(std::slice::from_ref)[..]), ("table", &TABLE[..])] {
        let found: BTreeSet<usize> = files.iter().filter_map(|(path, _)| place_among(parts, room, path)).collect();
        assert!(found.into_iter().eq(0..parts.len()), "each part of `{room}` is there");
        let wrong = against_the_order(&files, |path| place_among(parts, room, path));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn families_that_name_each_other_are_found() {
    let files = [
        ("table/mod.rs", "pub mod customer;\npub mod forecast;\npub mod night;\n"),
        ("table/night.rs", "use super::customer::CUSTOMERS;\n"),
        ("table/customer/mod.rs", "use crate::table::forecast::FORECASTS;\npub static CUSTOMERS: u8 = 0;\n"),
        ("table/forecast/mod.rs", "use super::customer::CUSTOMERS;\npub static FORECASTS: u8 = 0;\n"),
    ];
    let found = against_the_order(&files, |path| place_among(&TABLE, "table", path));
    let expected = ["src/table/forecast/mod.rs:1 names src/table/customer/mod.rs", "src/table/night.rs:1 names src/table/customer/mod.rs"];
    assert_eq!(found, expected);
}

#[test]
fn no_files_of_a_room_import_each_other_in_a_circle() {
    let all = sources();
    let files: Vec<(&str, &str)> = program(&all).into_iter().filter(|(path, _)| *path != "main.rs").collect();
    let circles = circles(&files);
    let found: Vec<String> =
        circles.iter().map(|circle| format!("{}:\n  {}", circle.files.join(", "), circle.lines.join("\n  "))).collect();
    assert!(found.is_empty(), "circles among {} files:\n{}", files.len(), found.join("\n"));
}

#[test]
fn the_map_in_the_library_has_every_room() {
    let all = sources();
    let library = &all.iter().find(|source| source.room == "lib").unwrap().text;
    for room in ROOMS.iter().chain(&["sample"]) {
        assert!(library.contains(&format!("| [`{room}`] |")), "{room}");
        assert!(library.contains(&format!("pub mod {room};")), "{room}");
    }
    assert_eq!(library.matches("pub mod ").count(), ROOMS.len() + 1);
}

#[test]
fn every_file_says_what_it_is_and_is_of_a_readable_length() {
    let mut wrong = Vec::new();
    for source in sources() {
        let place = format!("src/{}", source.path.display());
        if !source.text.starts_with("//! ") {
            wrong.push(format!("{place}: does not begin with `//! ` and what it is"));
        }
        let lines = source.text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{place}: {lines} lines, {MOST_LINES} at most"));
        }
        for word in ["utils", "common", "helpers", "misc"] {
            if source.path.to_str().unwrap().contains(word) {
                wrong.push(format!("{place}: `{word}` says nothing"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_gives_up_outside_tests() {
    let all = sources();
    let mut wrong = Vec::new();
    for source in all.iter().filter(|source| !is_for_tests(source, &all)) {
        for (number, line) in source.code() {
            for word in [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!(", "dbg!("] {
                if line.contains(word) {
                    wrong.push(format!("src/{}:{number}: {word}: {}", source.path.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
