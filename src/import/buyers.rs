//! Exports of orders that do not say who bought: almost every table needs buyers, so an import without them has to be asked for.

use std::path::Path;

use super::export_file::ExportFile;
use super::layout::Layout;
use super::options::{Options, What};
use crate::error::Problem;

/// What the first reading of a file found about its buyers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Buyers {
    /// Rows without a buyer.
    pub missing: u64,
    /// Rows whose buyer is written with asterisks.
    pub masked: u64,
    /// All rows.
    pub rows: u64,
}

/// Whether somebody's name is written with marks in place of letters, as `买**2`.
pub fn is_masked(name: &str) -> bool {
    const MARKS: [char; 10] = ['#', '＃', '○', '◯', '〇', '□', '█', '×', '?', '？'];
    // One of these is a letter of a name; two in a row stand for letters.
    let is_run = |two: &[char]| two[0] == two[1] && (MARKS.contains(&two[0]) || matches!(two[0], '.' | '。'));
    let letters: Vec<char> = name.chars().collect();
    name.contains(['*', '＊', '●', '•', '…']) || letters.windows(2).skip(1).any(is_run)
}

/// The problem of a file of orders that names no buyers, or masked ones, unless the options accept that.
pub fn problem(options: &Options, source: &ExportFile, layout: &Layout, buyers: Buyers) -> Option<Problem> {
    if !options.what.is_orders() {
        return None;
    }
    // An item report need not say who bought: its orders do.
    let needs_buyers = options.what.folder() == "orders";
    let theirs = source.header.theirs("customer_id");
    let is_there = layout.has("customer_id");
    let found = match is_there {
        _ if options.without_customers => return None,
        false if !needs_buyers => return None,
        false => "has no column with the buyer of an order (没有买家列)".to_owned(),
        true if needs_buyers && buyers.rows > 0 && buyers.missing == buyers.rows => {
            format!("its column `{theirs}` is empty in every row (买家列全空)")
        }
        true if buyers.masked > 0 && !options.accept_masked => {
            return Some(masked(&source.path, theirs, buyers));
        }
        true => return None,
    };
    let effect = "without buyers nobody can be seen to return, and there are no tables of customers";
    let tick = match &options.what {
        What::Known(_) => {
            "tick 买家会员名 (in newer exports 买家昵称) among the fields of the export and export it again; \
             导出订单报表时请勾选“买家会员名”（新版为“买家昵称”）后重新导出；"
        }
        What::Generic { .. } => {
            "map the column with the buyer, as in --map customer_id=买家会员名; if the file has none, export it again with 买家会员名 ticked; \
             请用 --map customer_id=买家会员名 指定买家列，没有该列时导出前请勾选“买家会员名”；"
        }
    };
    let help = format!("{tick} or add --without-customers: the figures of the shop alone (只看店铺指标请加 --without-customers)");
    Some(Problem::new(source.path.display().to_string(), format!("{found}: {effect}")).help(help))
}

/// The problem of masked names: several people look like one, and who returns is counted wrong.
fn masked(path: &Path, theirs: &str, buyers: Buyers) -> Problem {
    let Buyers { masked, rows, .. } = buyers;
    let message = format!(
        "{masked} of {rows} rows have a buyer in `{theirs}` whose name is masked, as 买**2 (买家昵称已脱敏): different people look the same, \
         and repurchases are counted that were none"
    );
    let help = "export it with an account that may see buyers, with 买家会员名 or the buyer's open_uid ticked; \
                请用有权限的账号导出未脱敏的“买家会员名”或“买家open_uid”；or add --accept-masked to take equal masks for one person \
                (按脱敏昵称合并请加 --accept-masked), or --without-customers for the figures of the shop alone";
    Problem::new(path.display().to_string(), message).help(help)
}

#[cfg(test)]
mod tests {
    use super::is_masked;

    #[test]
    fn masks_in_the_forms_that_exports_have() {
        assert!(["买**2", "t***1", "张＊＊", "王●●", "t*", "买…2", "买...2", "张○○", "t##9", "买××"].into_iter().all(is_masked));
        assert!(!["买家1", "tb_2019", "..点点", "a-b", "a__b", "t#1", "谁?", "a.b.c"].into_iter().any(is_masked));
    }
}
