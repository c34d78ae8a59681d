//! inputs: every file that a run read, and the account of its rows.

use std::sync::OnceLock;

use crate::input::rows::ledger::Account;
use crate::spec::Day;
use crate::table::column::Value::{Count, Date, Text};
use crate::table::column::column;
use crate::table::night::{InputAccount, InputFile};
use crate::table::unit::{Table, Witness};

/// A file of an input.
pub struct Row {
    input: &'static str,
    file: InputFile,
    account: Account,
    newest: Day,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "inputs",
    chinese: "输入文件",
    question: "Which files went into this snapshot, and is every row of them accounted for?",
    grain: "one file of an input",
    key: &["input", "file"],
    needs: &[],
    uses: &[],
    reads: &[],
    columns: &[&[
        column("input", Text(|row| Some(row.input)), "", "输入", "The input that the file belongs to."),
        column("file", Text(|row| Some(&row.file.label)), "", "文件", "The file, as the job names it."),
        column("bytes", Count(|row| i64::try_from(row.file.bytes).ok()), "bytes", "字节数", "The size of the file."),
        column("rows", Count(|row: &Row| i64::try_from(row.account.rows).ok()), "rows", "行数", "The rows of the file.")
            .formula("used + superseded + rejected + after_as_of + filtered")
            .source("docs/definitions.md, Rows of the inputs"),
        column("used", Count(|row| i64::try_from(row.account.used).ok()), "rows", "采用", "Rows that the tables are made of."),
        column(
            "superseded",
            Count(|row| i64::try_from(row.account.superseded).ok()),
            "rows",
            "被替代",
            "Rows of which a later version was used.",
        ),
        column(
            "rejected",
            Count(|row| i64::try_from(row.account.rejected).ok()),
            "rows",
            "拒收",
            "Rows with something wrong; the table `rejects` has them one by one.",
        ),
        column(
            "after_as_of",
            Count(|row| i64::try_from(row.account.after_as_of).ok()),
            "rows",
            "截止日后",
            "Rows that the as-of date does not know yet.",
        ),
        column(
            "filtered",
            Count(|row| i64::try_from(row.account.filtered).ok()),
            "rows",
            "被过滤",
            "Rows that the job's filter leaves out.",
        ),
        column(
            "null_faults",
            Count(|row| i64::try_from(row.account.null_faults).ok()),
            "cells",
            "按空值计的单元格",
            "Cells that cannot be read and count as null; their rows count all the same.",
        ),
        column(
            "newest_event",
            Date(|row: &Row| row.newest),
            "date",
            "最新事件日期",
            "The day of the newest event of the file that the as-of date knows: placed or paid, applied for or refunded, rated, or the day \
             or month of the row.",
        )
        .null_when("the file has no such row, or the input no events")
        .source("docs/definitions.md, Freshness"),
    ]],
    rows: |night, out| out.all(rows(&night.inputs)),
    witness: Witness::Sql,
    card: OnceLock::new(),
};

/// The files of all inputs.
fn rows(inputs: &[InputAccount]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for input in inputs {
        let account = |at: usize| input.ledger.accounts.get(at).copied().unwrap_or_default();
        let row = |(at, file): (usize, &InputFile)| {
            let newest = input.ledger.events.of_file(at);
            Row { input: input.name, file: file.clone(), account: account(at), newest }
        };
        rows.extend(input.files.iter().enumerate().map(row));
    }
    rows.sort_by(|one, other| (one.input, &one.file.label).cmp(&(other.input, &other.file.label)));
    rows
}
