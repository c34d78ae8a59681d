//! Which files name which others, from their `use` declarations and the paths in their code, and the circles among them. Code for tests,
//! comments and texts do not count. A name that a file has from another one by `use` leads to the file that declares it, so that a
//! re-export hides nothing.

use std::collections::{BTreeMap, BTreeSet};

/// A path in the code of a file.
struct Named<'a> {
    line: usize,
    path: Vec<&'a str>,
    /// The name that a `use` gives it in the file.
    name: Option<&'a str>,
    /// The modules within the file that it is in.
    within: Vec<&'a str>,
}

/// The files by the path of their module, with what they name.
type Files<'a> = BTreeMap<Vec<&'a str>, Vec<Named<'a>>>;

/// By file: the paths that lead to other files, and those files.
type Imports<'f, 'a> = BTreeMap<&'f [&'a str], Vec<(&'f Named<'a>, Vec<&'a str>)>>;

/// Files that name each other in a circle, and the lines with which they do.
#[derive(Debug, PartialEq, Eq)]
pub struct Circle {
    /// The files, by their paths.
    pub files: Vec<String>,
    /// `src/a/b.rs:7: super::c::D is in src/a/c.rs`.
    pub lines: Vec<String>,
}

/// The circles among files, which are given by their paths below `src` and their texts.
pub fn circles<'a>(sources: &[(&'a str, &'a str)]) -> Vec<Circle> {
    let files: Files<'a> = sources.iter().map(|(path, text)| (module(path), named(text))).collect();
    let path_of: BTreeMap<Vec<&str>, &str> = sources.iter().map(|(path, _)| (module(path), *path)).collect();
    let mut imports = Imports::new();
    for (file, all) in &files {
        let others = all.iter().filter_map(|named| Some((named, file_of(&files, file, &named.within, &named.path)?)));
        imports.insert(file, others.filter(|(_, other)| other != file).collect());
    }
    let reached: BTreeMap<&[&str], BTreeSet<&[&str]>> = files.keys().map(|file| (file.as_slice(), reached(file, &imports))).collect();
    let mut circles = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files.keys().map(Vec::as_slice).filter(|file| reached[file].contains(file)) {
        let members: BTreeSet<&[&str]> = reached[file].iter().copied().filter(|other| reached[other].contains(file)).collect();
        if !seen.insert(members.clone()) {
            continue;
        }
        let within = members.iter().flat_map(|member| imports[member].iter().map(move |(named, other)| (member, named, other)));
        let lines = within.filter(|(_, _, other)| members.contains(other.as_slice())).map(|(member, named, other)| {
            format!("src/{}:{}: {} is in src/{}", path_of[*member], named.line, named.path.join("::"), path_of[other])
        });
        let mut lines: Vec<String> = lines.collect();
        lines.dedup();
        circles.push(Circle { files: members.iter().map(|member| format!("src/{}", path_of[*member])).collect(), lines });
    }
    circles
}

/// The files that files name: the path of the file, the line, and the path of the other one.
pub fn arrows<'a>(sources: &[(&'a str, &'a str)]) -> Vec<(&'a str, usize, &'a str)> {
    let files: Files<'a> = sources.iter().map(|(path, text)| (module(path), named(text))).collect();
    let path_of: BTreeMap<Vec<&str>, &'a str> = sources.iter().map(|(path, _)| (module(path), *path)).collect();
    let of_file = |(file, all): (&Vec<&'a str>, &Vec<Named<'a>>)| {
        let others = all.iter().filter_map(|named| Some((named.line, file_of(&files, file, &named.within, &named.path)?)));
        others.filter(|(_, other)| other != file).map(|(line, other)| (path_of[file], line, path_of[&other])).collect::<Vec<_>>()
    };
    files.iter().flat_map(of_file).collect()
}

/// The files that a file names, those that they name, and so on.
fn reached<'f, 'a>(file: &[&'a str], imports: &'f Imports<'f, 'a>) -> BTreeSet<&'f [&'a str]> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&'f [&'a str]> = imports[file].iter().map(|(_, other)| other.as_slice()).collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(imports[next].iter().map(|(_, other)| other.as_slice()));
        }
    }
    reached
}

/// The module of a file: `job::tree` for `job/tree.rs`, `job` for `job/mod.rs`, nothing for `lib.rs`.
fn module(path: &str) -> Vec<&str> {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').collect() }
}

/// The file that declares what a path in a file leads to; `None` for other crates and for names of the file's own.
fn file_of<'a>(files: &Files<'a>, file: &[&'a str], within: &[&'a str], path: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut base = [file, within].concat();
    let mut rest = path;
    match *path.first()? {
        "crate" => (base, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first() == Some(&"super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        // A module that the file declares.
        first if files.contains_key(&[base.as_slice(), &[first]].concat()) => {}
        _ => return None,
    }
    base.extend(rest);
    let length = (0..=base.len()).rev().find(|length| files.contains_key(&base[..*length]))?;
    let (found, behind) = base.split_at(length);
    let from_another = |name: &&'a str| files[found].iter().find(|named| named.name == Some(*name) && named.within.is_empty());
    let declared = match behind.first().and_then(from_another).filter(|_| found != file) {
        Some(named) => file_of(files, found, &[], &[named.path.as_slice(), &behind[1..]].concat()),
        None => None,
    };
    Some(declared.unwrap_or_else(|| found.to_vec()))
}

/// The paths in the code of a file.
fn named(text: &str) -> Vec<Named<'_>> {
    let tokens = tokens(text);
    let token = |at: usize| tokens.get(at).map_or("", |(_, token)| *token);
    let mut all = Vec::new();
    let (mut at, mut depth) = (0, 0);
    let mut modules: Vec<(&str, usize)> = Vec::new();
    while at < tokens.len() {
        let first = all.len();
        match token(at) {
            "#" if (1..7).map(|next| token(at + next)).eq(["[", "cfg", "(", "test", ")", "]"]) => at = after_item(&tokens, at + 7),
            "{" => (at, depth) = (at + 1, depth + 1),
            "}" => {
                (at, depth) = (at + 1, depth - 1);
                modules.pop_if(|(_, outside)| *outside == depth);
            }
            "mod" if token(at + 2) == "{" => {
                modules.push((token(at + 1), depth));
                at += 2;
            }
            // `pub(in a::b)` says who may see an item.
            "pub" if token(at + 1) == "(" && token(at + 2) == "in" => {
                while at < tokens.len() && token(at) != ")" {
                    at += 1;
                }
            }
            // Not `use<'a>`, which says what an `impl` captures.
            "use" if token(at + 1) != "<" => at = tree(&tokens, at + 1, &[], &mut all),
            name if is_name(name) && token(at + 1) == "::" => {
                let line = tokens[at].0;
                let mut path = vec![name];
                while token(at + 1) == "::" && is_name(token(at + 2)) {
                    path.push(token(at + 2));
                    at += 2;
                }
                all.push(Named { line, path, name: None, within: Vec::new() });
                at += 1;
            }
            _ => at += 1,
        }
        for named in &mut all[first..] {
            named.within = modules.iter().map(|(name, _)| *name).collect();
        }
    }
    all
}

/// Adds the paths of a `use` or of a part of it in braces; returns where it ends.
fn tree<'a>(tokens: &[(usize, &'a str)], mut at: usize, before: &[&'a str], all: &mut Vec<Named<'a>>) -> usize {
    let mut path = before.to_vec();
    while let Some((line, token)) = tokens.get(at) {
        let next = tokens.get(at + 1).map_or("", |(_, token)| *token);
        match *token {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|(_, token)| *token != "}") {
                    at = tree(tokens, at, &path, all);
                    at += usize::from(tokens.get(at).is_some_and(|(_, token)| *token == ","));
                }
                return at + 1;
            }
            name if is_name(name) && next != "::" => {
                if name != "self" || before.is_empty() {
                    path.push(name);
                }
                let alias = tokens.get(at + 2).map(|(_, token)| *token).filter(|_| next == "as");
                all.push(Named { line: *line, name: alias.or(path.last().copied()), path, within: Vec::new() });
                return at + if alias.is_some() { 3 } else { 1 };
            }
            name if is_name(name) => path.push(name),
            "::" => {}
            _ => {
                all.push(Named { line: *line, path, name: None, within: Vec::new() });
                return at + 1;
            }
        }
        at += 1;
    }
    at
}

/// Where the item ends that begins at a token.
fn after_item(tokens: &[(usize, &str)], from: usize) -> usize {
    let mut depth = 0;
    for (at, (_, token)) in tokens.iter().enumerate().skip(from) {
        match *token {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(*token, "}" | ";") {
            return at + 1;
        }
    }
    tokens.len()
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// The names and signs of a text with their lines, without comments and texts.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (token, behind) = rest.split_at(length(rest, first));
        let is_text = token.len() > 1 && (token.contains(['"', '\'']) || token.starts_with("//"));
        if !is_text && !first.is_whitespace() {
            tokens.push((line, token));
        }
        line += token.matches('\n').count();
        rest = behind;
    }
    tokens
}

/// The length of the token that a text begins with.
fn length(text: &str, first: char) -> usize {
    let marks = text[first.len_utf8()..].chars().take_while(|mark| *mark == '#').count();
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("::") {
        2
    } else if first == 'r' && text[1 + marks..].starts_with('"') {
        let end = format!("\"{}", "#".repeat(marks));
        text[2 + marks..].find(&end).map_or(text.len(), |at| 2 + marks + at + end.len())
    } else if first == '"' || text.starts_with("'\\") || (first == '\'' && text.chars().nth(2) == Some('\'')) {
        let mut is_escaped = false;
        let ends = |letter: char| {
            let ends = letter == first && !is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            ends
        };
        text[1..].find(ends).map_or(text.len(), |at| at + 2)
    } else if is_name(text) {
        text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len())
    } else {
        first.len_utf8()
    }
}

/// The lines of the circles among made-up files.
fn lines(sources: &[(&str, &str)]) -> Vec<String> {
    circles(sources).into_iter().flat_map(|circle| circle.lines).collect()
}

#[test]
fn a_circle_of_three_is_found_with_its_lines() {
    let sources = [
        ("room/mod.rs", "//! Room.\nmod one;\nmod three;\nmod two;\n"),
        ("room/one.rs", "//! One.\nuse super::two::Two;\n"),
        ("room/two.rs", "use std::fmt;\n\nuse crate::{other::{self, Thing}, room::{three::{Three as Third, FOUR}}};\n"),
        ("room/three.rs", "fn three() {\n    let one: Vec<u8> = super::one::one::<u8>();\n}\n"),
        ("other.rs", "pub struct Thing;\n"),
    ];
    let found = circles(&sources);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].files, ["src/room/one.rs", "src/room/three.rs", "src/room/two.rs"]);
    assert_eq!(
        found[0].lines,
        [
            "src/room/one.rs:2: super::two::Two is in src/room/two.rs",
            "src/room/three.rs:2: super::one::one is in src/room/one.rs",
            "src/room/two.rs:3: crate::room::three::Three is in src/room/three.rs",
            "src/room/two.rs:3: crate::room::three::FOUR is in src/room/three.rs",
        ]
    );
}

#[test]
fn an_arrow_leads_to_the_file_that_declares_the_name() {
    let sources = [
        ("room/mod.rs", "//! Room.\npub mod one;\nmod two;\n"),
        ("room/one.rs", "//! One.\nuse super::two::Two;\nfn one() -> crate::other::Thing {}\n"),
        ("room/two.rs", "use std::fmt;\npub(in crate::room) struct Two;\n"),
        ("other.rs", "pub struct Thing;\n"),
    ];
    assert_eq!(arrows(&sources), [("room/one.rs", 2, "room/two.rs"), ("room/one.rs", 3, "other.rs")]);
}

#[test]
fn a_chain_is_no_circle() {
    let sources = [
        ("room/mod.rs", "mod one;\nmod two;\nmod three;\npub use one::One;\nuse self::two::Two;\n"),
        ("room/one.rs", "use super::two::Two;\nuse super::three;\n"),
        ("room/two.rs", "use super::three::Three;\n"),
        ("room/three.rs", "use std::fmt;\n"),
        ("lib.rs", "pub mod room;\n"),
    ];
    assert_eq!(circles(&sources), []);
}

#[test]
fn a_re_export_hides_no_circle_and_makes_none() {
    let sources = [
        ("room/mod.rs", "mod one;\nmod two;\npub use two::{Two as Second};\n"),
        ("room/one.rs", "use super::Second;\n"),
        ("room/two.rs", "fn two() -> crate::room::one::One {}\n"),
    ];
    let expected =
        ["src/room/one.rs:1: super::Second is in src/room/two.rs", "src/room/two.rs:1: crate::room::one::One is in src/room/one.rs"];
    assert_eq!(lines(&sources), expected);
    // What a room declares in its own file, and what it names of its parts.
    let sources = [("room/mod.rs", "mod one;\npub const ONE: u8 = one::ONE;\n"), ("room/one.rs", "use super::ONE as FIRST;\n")];
    let expected = ["src/room/mod.rs:2: one::ONE is in src/room/one.rs", "src/room/one.rs:1: super::ONE is in src/room/mod.rs"];
    assert_eq!(lines(&sources), expected);
}

#[test]
fn tests_comments_and_texts_name_nothing() {
    let two = "// super::one::One\nfn two() { print(\"{ super::one \\\" super::one::One\", '\"', r#\"\" super::one::One\"#); }\n\
               mod day {\n    use super::Day;\n}\n#[cfg(test)]\nuse super::one::Three;\n#[cfg(test)]\nmod tests {\n    use super::super::one::One;\n}\n";
    let one = ("room/one.rs", "use super::two::Two;\n");
    let room = ("room/mod.rs", "mod one;\nmod two;\n#[cfg(test)]\nuse two::Two;\nuse one::Day;\n");
    assert_eq!(lines(&[room, one, ("room/two.rs", two)]), Vec::<String>::new());
    let named = format!("{two}use super::one::One;\n");
    assert_eq!(lines(&[room, one, ("room/two.rs", &named)]).last().unwrap(), "src/room/two.rs:12: super::one::One is in src/room/one.rs");
}
