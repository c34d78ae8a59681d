//! rejects: the rows that were left out because they are invalid, with the reason.

use std::sync::{Arc, OnceLock};

use crate::input::rows::ledger::Reject;
use crate::table::column::Value::{Count, Text};
use crate::table::column::column;
use crate::table::night::InputAccount;
use crate::table::unit::{Table, Witness};

/// A rejected row of a file.
pub struct Row {
    input: &'static str,
    file: Arc<str>,
    reject: Reject,
}

/// The table.
pub static TABLE: Table<Row> = Table {
    name: "rejects",
    chinese: "拒收行",
    question: "Which rows of the inputs were left out, and what has to be fixed at the source?",
    grain: "one rejected row of an input file",
    key: &["input", "file", "row"],
    needs: &[],
    uses: &[],
    reads: &[],
    columns: &[&[
        column("input", Text(|row| Some(row.input)), "", "输入", "The input that the row belongs to."),
        column("file", Text(|row| Some(&row.file)), "", "文件", "The file, as the job names it."),
        column("row", Count(|row| i64::try_from(row.reject.row).ok()), "rows", "行号", "The row within the file, the first one being 0."),
        column(
            "reason",
            Text(|row: &Row| Some(row.reject.reason.name())),
            "",
            "原因",
            "Why the row was rejected, one word of a fixed list.",
        )
        .source("docs/definitions.md, Rows of the inputs"),
        column("detail", Text(|row| Some(&row.reject.detail)), "", "详情", "The column and what was found there."),
        column("shop_id", Text(|row: &Row| row.reject.keys.shop.as_deref()), "", "店铺", "The shop of the row, as text.")
            .null_when("the row or the input has none"),
        column("order_id", Text(|row: &Row| row.reject.keys.order.as_deref()), "", "订单", "The order of the row, as text.")
            .null_when("the row or the input has none"),
        column("line_id", Text(|row: &Row| row.reject.keys.line.as_deref()), "", "子订单", "The order line of the row, as text.")
            .null_when("the row or the input has none"),
        column("customer_id", Text(|row: &Row| row.reject.keys.customer.as_deref()), "", "买家", "The customer of the row, as text.")
            .null_when("the row or the input has none"),
    ]],
    rows: |night, out| {
        let mut inputs: Vec<&InputAccount> = night.inputs.iter().collect();
        inputs.sort_by_key(|input| input.name);
        for input in inputs {
            let files: Vec<Arc<str>> = input.files.iter().map(|file| file.label.as_str().into()).collect();
            let file = |reject: &Reject| files.get(reject.file).cloned().unwrap_or_default();
            // The table is in the order of letters, the files are in that of the numbers in their names.
            let mut by_letters: Vec<usize> = (0..files.len()).collect();
            by_letters.sort_by_key(|at| &files[*at]);
            // The ledger has them by file and row.
            let rejects = &input.ledger.rejects;
            let of_file = |at: usize| {
                let from = rejects.partition_point(|reject| reject.file < at);
                rejects[from..].iter().take_while(move |reject| reject.file == at)
            };
            let rejects = by_letters.into_iter().flat_map(of_file);
            // A batch of the writer holds less text than an Arrow array can: a detail or key has 200 characters at most.
            out.all(rejects.map(|reject| Row { input: input.name, file: file(reject), reject: reject.clone() }))?;
        }
        Ok(())
    },
    witness: Witness::Sql,
    card: OnceLock::new(),
};
