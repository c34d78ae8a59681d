//! The rooms of the house: each names only those before it, no files name each other in a circle, every file says what it is, is of
//! a readable length, and gives up nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::imports::{arrows, circles};

/// The rooms, each of which may name those before it.
const ROOMS: [&str; 18] = [
    "error",
    "disk",
    "spec",
    "job",
    "partition",
    "input",
    "history",
    "statistics",
    "model",
    "metric",
    "fold",
    "table",
    "publish",
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

/// The rooms that a line names after `crate::`.
fn named(line: &str) -> Vec<&str> {
    line.match_indices("crate::")
        .flat_map(|(at, _)| {
            let rest = &line[at + "crate::".len()..];
            let names = rest.strip_prefix('{').map_or(rest, |rest| rest.split('}').next().unwrap_or_default());
            let first = |name: &'_ str| name.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(name.len());
            if rest.starts_with('{') {
                names.split(',').map(str::trim).map(|name| &name[..first(name)]).collect::<Vec<_>>()
            } else {
                vec![&names[..first(names)]]
            }
        })
        .collect()
}

#[test]
fn a_room_names_only_those_before_it() {
    let all = sources();
    let mut wrong = Vec::new();
    for source in all.iter().filter(|source| !is_for_tests(source, &all) && !["lib", "main"].contains(&source.room.as_str())) {
        let may: Vec<&str> = match ROOMS.iter().position(|room| *room == source.room) {
            // The command line is the last room and starts everything, the sample data too.
            Some(position) if source.room == "cli" => ROOMS[..position].iter().copied().chain(["sample"]).collect(),
            Some(position) => ROOMS[..position].to_vec(),
            None if source.room == "sample" => SAMPLE.to_vec(),
            None => panic!("{}: a room that the map does not have", source.path.display()),
        };
        for (number, line) in source.code() {
            for name in named(line) {
                let is_room = ROOMS.contains(&name) || name == "sample";
                if is_room && name != source.room && !may.contains(&name) {
                    wrong.push(format!("src/{}:{number}: `{}` names `{name}`", source.path.display(), source.room));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_part_of_the_input_names_only_those_before_it() {
    let all = sources();
    let files: Vec<(&str, &str)> = all
        .iter()
        .filter(|source| !is_for_tests(source, &all))
        .map(|source| (source.path.to_str().unwrap(), source.text.as_str()))
        .collect();
    let part = |path: &str| -> Option<usize> {
        let name = path.strip_prefix("input/")?.split_once('/').map(|(part, _)| part);
        Some(INPUT.iter().position(|known| Some(*known) == name).unwrap_or_else(|| panic!("src/{path} is in no part of `input`")))
    };
    let found: BTreeSet<&str> =
        files.iter().filter(|(path, _)| *path != "input/mod.rs").filter_map(|(path, _)| part(path).map(|number| INPUT[number])).collect();
    assert_eq!(found, INPUT.into_iter().collect());
    let within = arrows(&files).into_iter().filter(|(from, _, to)| ![*from, *to].contains(&"input/mod.rs"));
    let wrong: Vec<String> = within
        .filter(|(from, _, to)| part(from).zip(part(to)).is_some_and(|(from, to)| from < to))
        .map(|(from, line, to)| format!("src/{from}:{line} names src/{to}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_of_a_room_import_each_other_in_a_circle() {
    let all = sources();
    let files: Vec<(&str, &str)> = all
        .iter()
        .filter(|source| source.room != "main" && !is_for_tests(source, &all))
        .map(|source| (source.path.to_str().unwrap(), source.text.as_str()))
        .collect();
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
