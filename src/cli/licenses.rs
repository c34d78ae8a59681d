//! `huitou licenses`: prints the licences of what the program is made of.

use super::stdout::print;
use crate::error::Result;

/// Name, version, licence and repository of each crate, by name; `scripts/licenses.sh` writes it.
const CRATES: &str = include_str!("licenses.tsv");

/// Prints a line for each crate.
pub fn licenses() -> Result<()> {
    let mut text = "huitou is licensed MIT OR Apache-2.0. It is made of these crates:\n\n".to_owned();
    for line in CRATES.lines() {
        let mut fields = line.split('\t');
        let mut field = || fields.next().unwrap_or_default();
        let (name, version, licence, repository) = (field(), field(), field(), field());
        text += &format!("{name:<28} {version:<20} {licence:<52} {repository}\n");
    }
    text += "\nThe page of `huitou report` contains this, with its licence texts in src/report/assets/echarts of the source:\n\n";
    for (name, licence, repository) in IN_THE_PAGE {
        text += &format!("{name:<49} {licence:<52} {repository}\n");
    }
    print(&text)
}

/// Name, licence and repository of what the page contains.
const IN_THE_PAGE: [(&str, &str, &str); 2] = [
    ("Apache ECharts", "Apache-2.0", "https://github.com/apache/echarts"),
    ("parts of d3 in Apache ECharts", "BSD-3-Clause", "https://github.com/d3/d3"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The list is that of `Cargo.lock`, and has all that `Cargo.toml` names.
    #[test]
    fn the_list_is_that_of_the_crates_in_use() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
        let fields = |line: &'static str| line.split('\t').collect::<Vec<_>>();
        let stale = "run scripts/licenses.sh";
        for line in CRATES.lines() {
            let [name, version, licence, _] = fields(line)[..] else { panic!("{line}: {stale}") };
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{name} {version}: {stale}");
            assert!(!licence.is_empty(), "{name} has no licence");
        }
        let listed: BTreeSet<&str> = CRATES.lines().map(|line| fields(line)[0]).collect();
        let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let section = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
        let named = section.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()));
        for line in named {
            let name = line.split(" =").next().unwrap();
            let package = line.split("package = \"").nth(1).and_then(|rest| rest.split('"').next());
            assert!(listed.contains(package.unwrap_or(name)), "{name}: {stale}");
        }
    }
}
