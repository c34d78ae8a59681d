//! Divisions: figures become rates in `src/metric/ratio.rs` and nowhere else, so that nothing is divided by 0.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms whose divisions are not counted, and why.
const NUMERICAL: [(&str, &str); 3] = [
    ("model", "maximum likelihood of probability models"),
    ("sample", "the invention of shops: it makes inputs, no figures"),
    ("statistics", "estimates, tests and distributions"),
];

/// The one place.
const RATIO: &str = "metric/ratio.rs";

/// Files that divide all the same, how often, and why that is not a rate of figures.
const EXCEPTIONS: &[(&str, usize, &str)] = &[
    ("cli/history.rs", 1, "whole numbers: MiB"),
    ("cli/list/age.rs", 1, "whole numbers: microseconds of a day"),
    ("cli/memory.rs", 1, "whole numbers: half of the memory"),
    ("cli/peak.rs", 2, "whole numbers: bytes of a MiB, half of the peak"),
    ("cli/run.rs", 1, "whole numbers: bytes of a MiB"),
    ("cli/show/heat_map.rs", 1, "whole numbers: columns of the terminal"),
    ("cli/show/histogram.rs", 6, "whole numbers: classes of days, and eighths of a column of the terminal"),
    ("database/encode.rs", 2, "whole numbers: digits of a decimal in the form that PostgreSQL stores"),
    ("database/swap.rs", 1, "whole numbers: milliseconds of waiting"),
    ("fold/customer/order.rs", 2, "whole numbers: places of samples, and parts of equal length"),
    ("fold/customers.rs", 1, "whole numbers: microseconds in a second"),
    ("fold/interval_counts.rs", 2, "whole numbers: what a position in a tally stands for"),
    ("fold/interval_groups.rs", 1, "whole numbers: what a position in a tally stands for"),
    ("fold/intervals.rs", 3, "whole numbers: what a position in a tally stands for"),
    ("fold/open_orders.rs", 2, "whole numbers: an hour of a day, and the day of a time"),
    ("fold/order_hours.rs", 1, "whole numbers: the hour of a time"),
    ("fold/payment_funnel.rs", 2, "whole numbers: seconds of a time, and the day of one"),
    ("fold/shop_buffer.rs", 1, "whole numbers: how many customers a shop may hold back"),
    ("fold/tally.rs", 1, "whole numbers: half of a length"),
    ("fold/waits.rs", 3, "whole numbers: minutes and hours of seconds"),
    ("history/buyers.rs", 1, "whole numbers: orders above which a customer is looked at"),
    ("history/campaigns.rs", 1, "whole numbers: the size of a filter"),
    ("history/in_proportion.rs", 1, "whole numbers: a refund allocated to lines of an order to the last minor unit"),
    ("history/order_index.rs", 1, "whole numbers: buckets of a partition"),
    ("history/record.rs", 7, "whole numbers: units of time, and bytes of a packed number"),
    ("history/settle.rs", 1, "whole numbers: seconds of a time"),
    ("history/shuffle.rs", 2, "whole numbers: the number of buckets"),
    ("history/views/shuffle.rs", 2, "whole numbers: the number of buckets"),
    ("import/compound_file.rs", 1, "whole numbers: sectors of a file"),
    ("import/order_lines.rs", 1, "whole numbers: parts that fit into memory"),
    ("import/paid.rs", 2, "whole numbers: orders that may deviate"),
    ("import/share.rs", 1, "whole numbers: an amount allocated to the last minor unit"),
    ("import/sheet_records.rs", 1, "whole numbers: cells of a record"),
    ("import/value.rs", 1, "whole numbers: a decimal that is whole"),
    ("import/workbook_parts.rs", 1, "whole numbers: texts for which there is memory"),
    ("input/expression/arithmetic/exact.rs", 2, "decimals: the digits without zeros at their end, and the float that lies nearest"),
    ("input/expression/arithmetic/mod.rs", 2, "what SQL asks for"),
    ("input/expression/arithmetic/exact.rs", 5, "the arithmetic of expressions itself: quotients of exact numbers, rounded once"),
    ("input/expression/arithmetic/mod.rs", 2, "the arithmetic of expressions itself: quotients of floats"),
    ("input/expression/clocks.rs", 3, "whole numbers: hours, minutes and seconds"),
    ("input/expression/days.rs", 1, "whole numbers: the day of a time"),
    ("input/expression/growth.rs", 1, "whole numbers: how often a text grows"),
    ("input/expression/syntax.rs", 2, "whole numbers: tokens and nested parts of an expression"),
    ("input/parquet_files/footer.rs", 1, "whole numbers: how many values are read for advice"),
    ("input/parquet_files/page_limits.rs", 1, "whole numbers: bytes as MiB, in a message"),
    ("input/times/time.rs", 1, "whole numbers: nanoseconds of a microsecond"),
    ("input/values/decimal.rs", 1, "whole numbers: a decimal as whole part and rest"),
    ("input/values/money.rs", 2, "whole numbers: an amount as text, and as whole part and rest"),
    ("job/nearest.rs", 1, "whole numbers: letters of a name that may differ"),
    ("job/price_ending.rs", 1, "whole numbers: the amount nearest to another one"),
    ("metric/amount_band.rs", 1, "whole numbers: an amount as whole part and rest"),
    ("metric/arm.rs", 1, "a hash as a number from 0 to 1"),
    ("metric/concentration.rs", 1, "whole numbers: how many customers a share of them is, rounded up"),
    ("metric/conversion_difference.rs", 14, "confidence intervals and tests of two proportions, from groups that are not empty"),
    ("metric/damped_trend.rs", 6, "a regression and its spread"),
    ("metric/plan_spread.rs", 1, "whole numbers: the place of a median"),
    ("metric/ranking.rs", 1, "whole numbers: the tenth that a customer is in"),
    ("metric/seasonal_factors.rs", 11, "the season of months, from numbers above 0"),
    ("metric/revenue_difference.rs", 15, "confidence intervals, tests and resampling of two means, from groups that are not empty"),
    ("metric/rfm.rs", 1, "whole numbers: the fifth that a customer is in"),
    ("nightly/buyers.rs", 2, "whole numbers: a share in tenths of a percent, as text"),
    ("nightly/forecast_backtest.rs", 1, "the lower limit of a factor, from its constant upper limit"),
    ("nightly/load.rs", 1, "whole numbers: days"),
    ("partition/budget.rs", 3, "whole numbers: bytes of memory"),
    ("nightly/steps/plan.rs", 1, "whole numbers: rows of a scan"),
    ("nightly/state/keep.rs", 1, "whole numbers: the part of the base that small layers may have"),
    (
        "nightly/state/keep_inputs.rs",
        2,
        "whole numbers: the parts of the larger file that the other one, and files that are gone, may have",
    ),
    ("partition/mod.rs", 1, "whole numbers: partitions for so many records"),
    ("partition/stored.rs", 3, "whole numbers: blocks of a part, parts of a block"),
    ("partition/writer.rs", 1, "whole numbers: blocks of memory"),
    ("publish/draft.rs", 1, "whole numbers: half of a hash"),
    ("report/brief/why.rs", 2, "whole numbers: amounts in minor units as whole units"),
    ("report/cells.rs", 1, "half of an odd number: rounding to a decimal"),
    ("report/detail.rs", 2, "whole numbers: how many shops and rows the page shows"),
    ("report/thin.rs", 1, "whole numbers: the step of days that a day is in"),
    ("spec/id_hash.rs", 2, "whole numbers: places in a text"),
    ("spec/mod.rs", 5, "whole numbers: hours, minutes and seconds"),
    ("spec/period.rs", 17, "whole numbers: days, months and quarters of the calendar"),
    ("table/assessment/days_to_come.rs", 1, "whole numbers: weeks that days begin"),
    ("table/assessment/drift.rs", 1, "whole numbers: the blocks of days that a shop has"),
    ("table/assessment/level.rs", 1, "whole numbers: half of a number of days"),
    ("table/audience/candidates.rs", 1, "whole numbers: microseconds in a second"),
    ("table/customer/segment_value.rs", 1, "whole numbers: chunks of rows"),
    ("table/forecast/existing_customers.rs", 2, "the variance of a forecast, and the time axis of its model"),
    ("table/forecast/mod.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/new_customers.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/repeats.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/season.rs", 3, "whole numbers: the year and the part of it that a day is in; days of a month, which has some"),
    ("table/forecast/selection/base.rs", 1, "the time axis of a model: days in periods"),
    ("table/forecast/selection/hold_out.rs", 1, "the time axis of a model: days in periods"),
    ("table/restatement/restated_figure.rs", 2, "an amount in major units, and a difference by a number that is not 0"),
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

/// Names that divide, as methods or as paths, and powers of which the exponent is negative.
const NAMES: [&str; 12] = [
    "recip",
    "div",
    "div_assign",
    "div_euclid",
    "div_ceil",
    "div_floor",
    "checked_div",
    "checked_div_euclid",
    "wrapping_div",
    "saturating_div",
    "powi(-",
    "powf(-",
];

/// How often a program text divides.
fn divisions(text: &str) -> usize {
    let code = code(text);
    let is_named = |rest: &str, name: &str| {
        rest.strip_prefix(name)
            .is_some_and(|rest| name.ends_with('-') || !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    };
    let is_division = |(at, mark): (usize, &str)| NAMES.iter().any(|name| is_named(&code[at + mark.len()..], name));
    let named = code.match_indices('.').chain(code.match_indices("::")).filter(|found| is_division(*found));
    code.matches('/').count() + named.count()
}

/// The files of a folder and of those below it, but those that are compiled for tests only.
fn files(folder: &Path) -> Vec<PathBuf> {
    let declared_in = [folder.join("mod.rs"), folder.join("lib.rs"), folder.with_extension("rs")];
    let declarations = declared_in.iter().find_map(|file| fs::read_to_string(file).ok()).unwrap_or_default();
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
    let is_counted = |name: &str| name != RATIO && NUMERICAL.iter().all(|(room, _)| !name.starts_with(&format!("{room}/")));
    let found: BTreeMap<String, usize> = files(&src)
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().components().map(|part| part.as_os_str().to_str().unwrap());
            (name.collect::<Vec<_>>().join("/"), divisions(&fs::read_to_string(&path).unwrap()))
        })
        .filter(|(name, count)| *count > 0 && is_counted(name))
        .collect();
    let allowed: BTreeMap<String, usize> = EXCEPTIONS.iter().map(|(name, count, _)| ((*name).to_owned(), *count)).collect();
    assert_eq!(found, allowed, "left: divisions by file; divide figures by the functions of src/{RATIO}");
}

#[test]
fn a_division_is_found_where_it_is_one() {
    let text = "let rate = a / b; // a / b\nlet text = \"a / \\\" / b\"; let slash = '/'; let quote = '\\''; x /= 2.0; y.recip();\n\
                fn of<'a>(one: &'a str) {}\n#[cfg(test)]\nmod tests {\n    a / b\n}";
    assert_eq!(divisions(text), 3);
    let by_names = "a.div_euclid(b); a.checked_div(b).map(f64::div); std::ops::Div::div(a, b); x.powi(-1); x.powf(-0.5); i32::div_euclid(a, b);\n\
                    a.div_ceil(b); x.div_assign(y); a.checked_div_euclid(b); a.wrapping_div(b)";
    assert_eq!(divisions(by_names), 11);
    // Neither the trait alone, nor other names that begin alike, nor powers that multiply.
    assert_eq!(divisions("use std::ops::Div; a.rem_euclid(b); a.divide(b); x.powi(2); x.powi(power - 1)"), 0);
}
