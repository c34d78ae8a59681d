//! rejects — the rows that were left out because something is wrong with them, and what.

use std::borrow::Cow;

use arrow::record_batch::RecordBatch;

use crate::error::Result;
use crate::history::Context;
use crate::input::ledger::Reject;
use crate::spec::{Card, Column, Kind};
use crate::table::night::InputAccount;
use crate::table::unit::{FrameTable, Witness};
use crate::table::{Frame, Sink};

/// The card of the table.
pub static CARD: Card = Card {
    name: Cow::Borrowed("rejects"),
    chinese: "拒收行",
    question: Cow::Borrowed("Which rows of the inputs were left out, and what has to be mended at the source?"),
    grain: "one rejected row of an input file",
    key: &["input", "file", "row"],
    columns: Cow::Borrowed(&[
        Column::new("input", Kind::Text, "", "输入", "The input that the row belongs to."),
        Column::new("file", Kind::Text, "", "文件", "The file, as the job names it."),
        Column::new("row", Kind::Count, "rows", "行号", "The row within the file, the first one being 0."),
        Column::new("reason", Kind::Text, "", "原因", "Why the row was rejected, one word of a fixed list.")
            .source("docs/definitions.md, Rows of the inputs"),
        Column::new("detail", Kind::Text, "", "详情", "The column and what was found there."),
        Column::new("shop_id", Kind::Text, "", "店铺", "The shop of the row, as text.").null_when("the row or the input has none"),
        Column::new("order_id", Kind::Text, "", "订单", "The order of the row, as text.").null_when("the row or the input has none"),
        Column::new("line_id", Kind::Text, "", "子订单", "The order line of the row, as text.").null_when("the row or the input has none"),
        Column::new("customer_id", Kind::Text, "", "买家", "The customer of the row, as text.").null_when("the row or the input has none"),
    ]),
    needs: &[],
    uses: &[],
};

/// Rows of a batch: one of all rejected rows of a bad export could be more text than an Arrow array holds.
const BATCH_ROWS: usize = 65_536;

/// The table.
pub static TABLE: FrameTable =
    FrameTable { card: &CARD, reads: &[], write: |night, sink| write(&night.context, &night.inputs, sink), witness: Witness::Sql };

/// Gives `sink` the rejected rows of all inputs.
fn write(context: &Context, inputs: &[InputAccount], sink: &mut Sink<'_>) -> Result<()> {
    let mut inputs: Vec<&InputAccount> = inputs.iter().collect();
    inputs.sort_by_key(|input| input.name);
    let label = |input: &'_ InputAccount, reject: &Reject| input.files.get(reject.file).map_or(String::new(), |file| file.label.clone());
    let rows: Vec<Row<'_>> =
        inputs.iter().flat_map(|input| input.ledger.rejects.iter().map(move |reject| (input.name, label(input, reject), reject))).collect();
    rows.chunks(BATCH_ROWS).try_for_each(|rows| sink(&CARD, batch(context, rows)?))
}

/// Input, file, rejected row.
type Row<'a> = (&'static str, String, &'a Reject);

fn batch(context: &Context, rows: &[Row<'_>]) -> Result<RecordBatch> {
    let key = |at: usize| rows.iter().map(move |(_, _, reject)| reject.keys[at].as_deref());
    Frame::new(&CARD, context)
        .text("input", rows.iter().map(|(input, _, _)| Some(*input)))
        .text("file", rows.iter().map(|(_, file, _)| Some(file)))
        .counts("row", rows.iter().map(|(_, _, reject)| i64::try_from(reject.row).ok()))
        .text("reason", rows.iter().map(|(_, _, reject)| Some(reject.reason.name())))
        .text("detail", rows.iter().map(|(_, _, reject)| Some(reject.detail.as_str())))
        .text("shop_id", key(0))
        .text("order_id", key(1))
        .text("line_id", key(2))
        .text("customer_id", key(3))
        .finish()
}
