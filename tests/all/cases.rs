//! Worked cases: every Markdown file of tests/cases is run and compared, cell by cell. tests/cases/README.md says how they
//! are written. There is no way to write expectations from results: they are worked out by hand, in the prose.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use huitou::spec::DAY_MICROSECONDS;
use huitou::spec::period::parse_day;
use parquet::arrow::ArrowWriter;

use super::result::{Row, Snapshot, run, run_into};

/// A fenced block: the words behind the fence, and its lines.
struct Block {
    words: Vec<String>,
    lines: Vec<String>,
    number: usize,
}

#[test]
fn every_worked_case_comes_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let families = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut files: Vec<PathBuf> = families
        .flat_map(|family| std::fs::read_dir(family).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there is no case in {}", folder.display());
    let mut failures = Vec::new();
    for path in &files {
        let found = case(&std::fs::read_to_string(path).unwrap());
        failures.extend(found.into_iter().map(|failure| format!("{}{failure}", path.strip_prefix(&folder).unwrap().display())));
    }
    assert!(failures.is_empty(), "{} expectations of {} cases are not met:\n{}", failures.len(), files.len(), failures.join("\n"));
}

/// What is not as the case expects, each with the line where it says so.
fn case(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks(text);
    let (mut job, mut checks, mut nights) = (None, Vec::new(), Vec::new());
    for block in &blocks {
        match block.words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["yaml", "job"] => job = Some(block.lines.join("\n")),
            ["yaml", file] => std::fs::write(folder.path().join(format!("{file}.yaml")), block.lines.join("\n")).unwrap(),
            ["csv", "expect", ..] | ["text", "warnings" | "fails", ..] => checks.push(block),
            ["yaml", "job", "from", _] | ["csv", _, "from", _] | ["text", "gone", _, "from", _] => nights.push(block),
            ["csv", file] => write(block, &folder.path().join(format!("{file}.parquet"))),
            _ => panic!("line {}: no such block: {:?}", block.number, block.words),
        }
    }
    let path = folder.path().join("job.yaml");
    std::fs::write(&path, job.expect("a case has a job: ```yaml job")).unwrap();
    assert!(!checks.is_empty(), "a case expects something");
    let mut snapshots: BTreeMap<Option<&str>, Result<Snapshot, String>> = BTreeMap::new();
    let mut failures = Vec::new();
    let out = folder.path().join("out");
    let has_nights = !nights.is_empty();
    if has_nights {
        checks.sort_by_key(|block| as_of(block));
        assert!(checks.iter().all(|block| as_of(block).is_some()), "a case of several nights names the date of each expectation");
    }
    for block in checks {
        let as_of = as_of(block);
        nights.retain(|night| {
            let is_due = as_of >= night.words.last().map(String::as_str);
            if is_due {
                come(night, folder.path());
            }
            !is_due
        });
        let snapshot = snapshots.entry(as_of).or_insert_with(|| {
            if has_nights { run_into(&out, &path, &[], as_of) } else { run(&path, &[], as_of) }
                .map_err(|error| format!("exit code {}\n{error}", error.exit_code()))
        });
        let failure = match (block.words[1].as_str(), snapshot) {
            ("fails", Ok(_)) => Some("the run does not fail".to_owned()),
            ("fails", Err(error)) => {
                let missing: Vec<&String> = block.lines.iter().filter(|line| !error.contains(line.as_str())).collect();
                (!missing.is_empty()).then(|| format!("the message lacks {missing:?}:\n{error}"))
            }
            (_, Err(error)) => Some(format!("the run fails: {error}")),
            ("warnings", Ok(snapshot)) => {
                let found = &snapshot.manifest.warnings;
                (*found != block.lines).then(|| format!("the warnings are {found:?}"))
            }
            (_, Ok(snapshot)) => compare(block, snapshot),
        };
        failures.extend(failure.map(|failure| format!(":{}: {failure}", block.number)));
    }
    failures
}

/// The date of an expectation, if it names one.
fn as_of(block: &Block) -> Option<&str> {
    block.words.iter().position(|word| word == "as-of").and_then(|at| block.words.get(at + 1)).map(String::as_str)
}

/// What comes, or goes, before a night.
fn come(block: &Block, folder: &Path) {
    match block.words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["yaml", ..] => std::fs::write(folder.join("job.yaml"), block.lines.join("\n")).unwrap(),
        ["csv", file, ..] => write(block, &folder.join(format!("{file}.parquet"))),
        ["text", _, file, ..] => std::fs::remove_file(folder.join(format!("{file}.parquet"))).unwrap(),
        _ => unreachable!("only these are kept for a night"),
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(words) = line.strip_prefix("```") {
            let words = words.split_whitespace().map(str::to_owned).collect();
            let lines = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").map(str::to_owned).collect();
            blocks.push(Block { words, lines, number: at + 1 });
        }
    }
    blocks
}

fn cells(line: &str) -> Vec<&str> {
    line.split(',').map(str::trim).collect()
}

/// Writes the CSV of a block as Parquet; the header says the types.
fn write(block: &Block, path: &Path) {
    let header = cells(&block.lines[0]);
    let rows: Vec<Vec<&str>> = block.lines[1..].iter().map(|line| cells(line)).collect();
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row.len(), header.len(), "line {}: {row:?}", block.number + at + 2);
    }
    let columns = header.iter().enumerate().map(|(at, title)| {
        let (name, kind) = title.split_once(':').unwrap_or((title, "text"));
        let values: Vec<Option<&str>> = rows.iter().map(|row| Some(row[at]).filter(|cell| !cell.is_empty())).collect();
        (name, column(kind, &values))
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn column(kind: &str, values: &[Option<&str>]) -> ArrayRef {
    fn parsed<T>(values: &[Option<&str>], parse: impl Fn(&str) -> Option<T>) -> Vec<Option<T>> {
        values.iter().map(|value| value.map(|text| parse(text).unwrap_or_else(|| panic!("`{text}` cannot be read")))).collect()
    }
    match kind {
        "text" => Arc::new(StringArray::from(values.to_vec())),
        "int" => Arc::new(Int64Array::from(parsed(values, |text| text.parse().ok()))),
        "float" => Arc::new(Float64Array::from(parsed(values, |text| text.parse().ok()))),
        "bool" => Arc::new(BooleanArray::from(parsed(values, |text| text.parse().ok()))),
        "date" => Arc::new(Date32Array::from(parsed(values, parse_day))),
        "time" => Arc::new(TimestampMicrosecondArray::from(parsed(values, time))),
        "money" => Arc::new(Decimal128Array::from(parsed(values, minor)).with_precision_and_scale(18, 2).unwrap()),
        _ => panic!("there is no type `{kind}`: text, int, float, bool, date, time, money"),
    }
}

/// YYYY-MM-DD, or YYYY-MM-DD hh:mm.
fn time(text: &str) -> Option<i64> {
    let (day, clock) = text.split_once(' ').unwrap_or((text, "00:00"));
    let (hours, minutes) = clock.split_once(':')?;
    let minutes: i64 = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
    Some(i64::from(parse_day(day)?) * DAY_MICROSECONDS + minutes * 60_000_000)
}

/// Money with two decimals at most, in hundredths.
fn minor(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let hundredths: i128 = format!("{part:0<2}").parse().ok().filter(|_| part.len() <= 2)?;
    Some(sign * (whole.parse::<i128>().ok()? * 100 + hundredths))
}

/// ```` ```csv expect TABLE [as-of DATE] [where COLUMN=TEXT …] ````: the rows of the table that meet the conditions, all of
/// them and in its order, in the columns of the header.
fn compare(block: &Block, snapshot: &Snapshot) -> Option<String> {
    let table = snapshot.table(&block.words[2]);
    let conditions: Vec<(&str, &str)> = block.words.iter().skip(3).filter_map(|word| word.split_once('=')).collect();
    let header = cells(&block.lines[0]);
    let expected: Vec<Vec<&str>> = block.lines[1..].iter().map(|line| cells(line)).collect();
    for column in header.iter().chain(conditions.iter().map(|(column, _)| column)) {
        assert!(table.batch.column_by_name(column).is_some(), "line {}: {} has no column {column}", block.number, block.words[2]);
    }
    let found = table.with(&conditions);
    let agrees = found.len() == expected.len()
        && found
            .iter()
            .zip(&expected)
            .all(|(row, cells)| cells.len() == header.len() && header.iter().zip(cells).all(|(column, cell)| is(row, column, cell)));
    if agrees {
        return None;
    }
    let line = |row: &Row<'_>| header.iter().map(|column| row.text(column)).collect::<Vec<_>>().join(",");
    let found: Vec<String> = found.iter().map(line).collect();
    Some(format!(
        "expected of {}\n    {}\n    {}\n  found\n    {}",
        block.words[2],
        block.lines[0],
        block.lines[1..].join("\n    "),
        found.join("\n    ")
    ))
}

/// Whether a cell is what is expected: numbers to the last bit (a fraction is divided), all else as it reads.
fn is(row: &Row<'_>, column: &str, expected: &str) -> bool {
    if row.data_type(column) != DataType::Float64 || expected.is_empty() {
        return row.text(column) == expected;
    }
    let number = |text: &str| text.trim().parse::<f64>().unwrap_or_else(|_| panic!("`{expected}` is not a number"));
    let expected = match expected.split_once('/') {
        Some((numerator, denominator)) => number(numerator) / number(denominator),
        None => number(expected),
    };
    row.number(column) == Some(expected)
}

#[test]
fn a_case_that_expects_something_else_fails() {
    let case_with = |expectation: &str| {
        case(&format!(
            "```csv orders\norder_id,created_at:time,paid_at:time,paid_amount:money\n\
             a,2024-03-01 10:00,2024-03-01 10:00,5\nb,2024-03-01,,\nc,2024-03-01,2024-03-01 23:59,2.5\n```\n\
             ```yaml job\njob: x\nas_of: 2024-03-01\ninputs: {{orders: orders.parquet}}\n```\n\
             ```csv expect shop_daily where date=2024-03-01\npaid_amount,payment_rate\n{expectation}```\n"
        ))
    };
    // Two of three orders were paid, with 5 + 2.50.
    assert_eq!(case_with("7.50,2/3\n"), Vec::<String>::new());
    for wrong in ["7.5,2/3\n", "7.50,0.6666\n", "7.50,\n", "", "7.50,2/3\n7.50,2/3\n", "7.50\n"] {
        assert_eq!(case_with(wrong).len(), 1, "{wrong:?}");
    }
}
