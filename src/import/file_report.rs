//! The lines of a report about one file: how many rows were written and rejected, what was left out and why, what was assumed.

use std::path::Path;

use super::buyers::Buyers;
use super::header::normalized;
use super::options::{Options, What};
use super::origin::Origin;
use super::parts::Parts;
use super::privacy::is_personal;
use super::rejects::Rejects;
use super::report::{Message, Report};
use super::survey::Surveyed;

impl Report {
    /// Reports the result for one file.
    pub(super) fn file(&mut self, options: &Options, file: &Surveyed, origin: &Origin, rejects: &Rejects, restored: u64, buyers: Buyers) {
        let name = file.source.path.display();
        self.info(format!(
            "{name}: {}: {} rows = {} written + {} rejected",
            file.source.format_summary,
            origin.rows,
            origin.rows - origin.rejected,
            origin.rejected
        ));
        if !file.decision.why.is_empty() {
            if file.decision.is_thin {
                let help =
                    "few orders show this: check one in the seller centre; if it is wrong, add --paid net (after) or --paid gross (before)";
                self.warn(format!("{name}: {}; {help}", file.decision.why));
            } else {
                self.info(format!("  {}", file.decision.why));
            }
        }
        if restored > 0 {
            let (paid, total) = (file.source.header.theirs("paid_amount"), file.source.header.theirs("order_amount"));
            let total = if total.is_empty() { "the amount of the order" } else { total };
            self.info(format!("  closed after payment and without {paid}: {restored}; {total} is taken as the amount paid and refunded"));
        }
        self.left_out(options, file);
        for rejection in &rejects.first {
            self.warn(format!("{name}: {}", Message::of_rejection(rejection)));
        }
        if rejects.rows > rejects.first.len() as u64 {
            let rest = rejects.rows - rejects.first.len() as u64;
            self.warn(format!("{name}: and {rest} more rows, all in {}", options.to.join("rejects").display()));
        }
        if !file.source.other_sheets.is_empty() {
            let sheets = file.source.other_sheets.join("`, `");
            self.warn(format!("{name}: the sheets `{sheets}` also have such a header and are not read: save each one as a separate file"));
        }
        if origin.rows == 0 {
            self.warn(format!("{name}: has a header and no rows"));
        }
        if origin.is_numbered {
            self.warn(format!(
                "{name}: has no order numbers, so its rows are numbered: orders that are also in another export would count twice"
            ));
        }
        for name in ["line_id", "refund_id"] {
            if file.layout.position(name).is_some() && !file.layout.has(name) {
                self.info(format!("  {name}: the number of the row; a row that is also in another export counts twice"));
            }
        }
        if options.what.folder() == "orders" && !file.layout.has("paid_at") {
            let why = if file.layout.has("status") { "the status decides which orders are paid" } else { "every order counts as paid" };
            self.warn(format!("{name}: has no time of payment: {why}, at the time of the order"));
        }
        if buyers.masked > 0 {
            self.warn(format!("{name}: {} buyers are written with asterisks: different people may look the same", buyers.masked));
        }
        if buyers.missing > 0 && options.what.folder() == "orders" {
            self.warn(format!(
                "{name}: {} of {} rows name no buyer: a run counts these orders in the figures of the shop and in no table of customers; \
                 `customers: required` at `orders` in the job leaves them out",
                buyers.missing, buyers.rows
            ));
        }
    }

    /// Reports which rows are of parts of a shop.
    pub(super) fn parts(&mut self, path: &Path, parts: &Parts) {
        let Some((taken, warning)) = parts.described() else { return };
        self.info(format!("  {taken}"));
        if let Some(warning) = warning {
            self.warn(format!("{}: {warning}", path.display()));
        }
    }

    /// Reports the columns that were left out, those about people first.
    fn left_out(&mut self, options: &Options, file: &Surveyed) {
        let (personal, others): (Vec<&str>, Vec<&str>) = file.source.header.others().partition(|name| is_personal(name));
        let inexact = match options.what {
            What::Known(preset) => preset.inexact,
            What::Generic { .. } => &[],
        };
        let reason = |name: &str| inexact.iter().find(|(column, _)| normalized(column) == normalized(name)).map(|(_, reason)| *reason);
        if !personal.is_empty() {
            self.info(format!("  left out, since they are about people: {}", personal.join(", ")));
        }
        let address = file.layout.columns.iter().find(|column| column.is_address && is_personal(&column.theirs));
        if let Some(address) = address {
            self.info(format!("  only the province of {} is kept", address.theirs));
        }
        for (name, reason) in others.iter().filter_map(|name| Some((name, reason(name)?))) {
            self.info(format!("  left out: {name} ({reason})"));
        }
        let rest: Vec<&str> = others.into_iter().filter(|name| reason(name).is_none()).collect();
        if !rest.is_empty() {
            self.info(format!("  left out, since no table needs them: {}", rest.join(", ")));
        }
    }
}
