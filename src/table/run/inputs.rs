//! inputs — every file that a run read, and what became of its rows.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::history::Context;
use crate::input::ledger::Account;
use crate::spec::{Card, Column, Kind};
use crate::table::Frame;
use crate::table::night::{InputAccount, InputFile};
use crate::table::unit::{FrameTable, Witness};

/// The card of the table.
pub static CARD: Card = Card {
    name: Cow::Borrowed("inputs"),
    chinese: "输入文件",
    question: Cow::Borrowed("Which files went into this snapshot, and is every row of them accounted for?"),
    grain: "one file of an input",
    key: &["input", "file"],
    columns: Cow::Borrowed(&[
        Column::new("input", Kind::Text, "", "输入", "The input that the file belongs to."),
        Column::new("file", Kind::Text, "", "文件", "The file, as the job names it."),
        Column::new("bytes", Kind::Count, "bytes", "字节数", "The size of the file."),
        Column::new("rows", Kind::Count, "rows", "行数", "The rows of the file.")
            .formula("used + superseded + rejected + after_as_of + filtered")
            .source("docs/definitions.md, Rows of the inputs"),
        Column::new("used", Kind::Count, "rows", "采用", "Rows that the tables are made of."),
        Column::new("superseded", Kind::Count, "rows", "被替代", "Rows of which a later version was used."),
        Column::new("rejected", Kind::Count, "rows", "拒收", "Rows with something wrong; the table `rejects` has them one by one."),
        Column::new("after_as_of", Kind::Count, "rows", "截止日后", "Rows that the as-of date does not know yet."),
        Column::new("filtered", Kind::Count, "rows", "被过滤", "Rows that the job's filter leaves out."),
    ]),
    needs: &[],
    uses: &[],
};

/// The table.
pub static TABLE: FrameTable =
    FrameTable { card: &CARD, reads: &[], write: |night, sink| sink(&CARD, table(&night.context, &night.inputs)?), witness: Witness::Sql };

/// The files of all inputs.
fn table(context: &Context, inputs: &[InputAccount]) -> Result<RecordBatch> {
    let account = |input: &InputAccount, at: usize| input.ledger.accounts.get(at).copied().unwrap_or_default();
    let of_input = |input: &'_ InputAccount| (0..input.files.len()).map(|at| account(input, at)).collect::<Vec<Account>>();
    let rows = inputs.iter().flat_map(|input| input.files.iter().zip(of_input(input)).map(|(file, account)| (input.name, file, account)));
    let mut files: Vec<(&str, &InputFile, Account)> = rows.collect();
    files.sort_by_key(|(input, file, _)| (*input, &file.label));
    let counts = |count: fn(&Account) -> u64| files.iter().map(move |(_, _, account)| i64::try_from(count(account)).ok());
    Frame::new(&CARD, context)
        .text("input", files.iter().map(|(input, _, _)| Some(*input)))
        .text("file", files.iter().map(|(_, file, _)| Some(&file.label)))
        .counts("bytes", files.iter().map(|(_, file, _)| i64::try_from(file.bytes).ok()))
        .counts("rows", counts(|account| account.rows))
        .counts("used", counts(|account| account.used))
        .counts("superseded", counts(|account| account.superseded))
        .counts("rejected", counts(|account| account.rejected))
        .counts("after_as_of", counts(|account| account.after_as_of))
        .counts("filtered", counts(|account| account.filtered))
        .finish()
}
