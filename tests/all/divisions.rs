//! Divisions: figures become rates in `src/metric/ratio.rs` and nowhere else, so that nothing is divided by 0.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms that have figures. `statistics` and `model` are numerical methods.
const ROOMS: [&str; 3] = ["fold", "metric", "table"];

/// The one place.
const RATIO: &str = "metric/ratio.rs";

/// Files that divide all the same, how often, and why that is no rate of figures.
const EXCEPTIONS: [(&str, usize, &str); 24] = [
    ("fold/customer/order.rs", 1, "whole numbers: places of samples"),
    ("fold/customers.rs", 1, "whole numbers: microseconds in a second"),
    ("fold/open_orders.rs", 1, "whole numbers: an hour of a day"),
    ("fold/shop_buffer.rs", 1, "whole numbers: how many customers a shop may hold back"),
    ("fold/tally.rs", 1, "whole numbers: half of a length"),
    ("metric/arm.rs", 1, "a hash as a number from 0 to 1"),
    ("metric/conversion_difference.rs", 14, "confidence intervals and tests of two proportions, from groups that are not empty"),
    ("metric/damped_trend.rs", 18, "a regression with its season and its spread"),
    ("metric/ranking.rs", 1, "whole numbers: the tenth that a customer is in"),
    ("metric/revenue_difference.rs", 15, "confidence intervals, tests and resampling of two means, from groups that are not empty"),
    ("metric/rfm.rs", 1, "whole numbers: the fifth that a customer is in"),
    ("table/campaign/columns.rs", 1, "minor units in units of the currency"),
    ("table/condition.rs", 1, "minor units in units of the currency"),
    ("table/customer/revenue_concentration.rs", 1, "a percentage as a share"),
    ("table/forecast/base.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/columns.rs", 1, "billionths, in which probabilities are added up, in units of one"),
    ("table/forecast/hold_out.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/existing_customers.rs", 4, "the variance of a forecast, and the time axis of its model"),
    ("table/forecast/mod.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/months.rs", 2, "minor units in units of the currency"),
    ("table/forecast/new_customers.rs", 5, "the time axis of a model, minor units, and moments of what new customers bring"),
    ("table/forecast/repeats.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/season.rs", 4, "whole numbers: the year and the part of it that a day is in; days and new customers of a month"),
    ("table/forecast/value.rs", 1, "the mean value of a customer's repeat purchases, which a model takes as 0 without any"),
];

/// The program text: comments, texts and tests at the end of the file left out.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at).copied() {
        let next = |further: usize| letters.get(at + further).copied();
        match letter {
            '/' if next(1) == Some('/') => {
                while letters.get(at).is_some_and(|letter| *letter != '\n') {
                    at += 1;
                }
            }
            '"' => {
                at += 1;
                while letters.get(at).is_some_and(|letter| *letter != '"') {
                    at += if letters[at] == '\\' { 2 } else { 1 };
                }
                at += 1;
            }
            // A letter in quotes; a lifetime has no second quote.
            '\'' if next(1) == Some('\\') => at += 4,
            '\'' if next(2) == Some('\'') => at += 3,
            _ => {
                code.push(letter);
                at += 1;
            }
        }
    }
    code
}

/// How often a program text divides.
fn divisions(text: &str) -> usize {
    let code = code(text);
    code.matches('/').count() + code.matches(".recip(").count()
}

/// The files of a folder and of those below it, but those that are compiled for tests only.
fn files(folder: &Path) -> Vec<PathBuf> {
    let declarations = fs::read_to_string(folder.join("mod.rs")).or_else(|_| fs::read_to_string(folder.with_extension("rs"))).unwrap();
    let is_for_tests = |path: &Path| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        ["mod", "pub(crate) mod", "pub mod"].iter().any(|keyword| declarations.contains(&format!("#[cfg(test)]\n{keyword} {name};")))
    };
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| !is_for_tests(path));
    all.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn figures_are_divided_in_one_place() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let found: BTreeMap<String, usize> = ROOMS
        .iter()
        .flat_map(|room| files(&src.join(room)))
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().components().map(|part| part.as_os_str().to_str().unwrap());
            (name.collect::<Vec<_>>().join("/"), divisions(&fs::read_to_string(&path).unwrap()))
        })
        .filter(|(name, count)| *count > 0 && name != RATIO)
        .collect();
    let allowed: BTreeMap<String, usize> = EXCEPTIONS.iter().map(|(name, count, _)| ((*name).to_owned(), *count)).collect();
    assert_eq!(found, allowed, "left: divisions by file; divide figures by the functions of src/{RATIO}");
}

#[test]
fn a_division_is_found_where_it_is_one() {
    let text = "let rate = a / b; // a / b\nlet text = \"a / \\\" / b\"; let slash = '/'; let quote = '\\''; x /= 2.0; y.recip();\n\
                fn of<'a>(one: &'a str) {}\n#[cfg(test)]\nmod tests {\n    a / b\n}";
    assert_eq!(divisions(text), 3);
}
