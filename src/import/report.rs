//! What people are told of an import: each file row by row accounted for, what was left out and why, what was assumed.

use super::convert::Rejection;
use super::header::normalized;
use super::job_file::JobFile;
use super::options::{Options, What};
use super::origin::Origin;
use super::privacy::is_personal;
use super::rejects::Rejects;
use super::survey::Surveyed;

/// A line for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether something may be wrong.
    pub is_warning: bool,
    /// What is said.
    pub text: String,
}

impl Line {
    /// A rejected row in words.
    pub(super) fn of_rejection(rejection: &Rejection) -> String {
        let column = if rejection.column.is_empty() { String::new() } else { format!("{} ", rejection.column) };
        format!("row {}: {column}{}", rejection.row, rejection.found)
    }
}

/// What an import did.
#[derive(Debug)]
pub struct Report {
    /// What is to be said, in order.
    pub lines: Vec<Line>,
    /// What became of the job file.
    pub job: JobFile,
}

impl Default for Report {
    fn default() -> Self {
        Report { lines: Vec::new(), job: JobFile::NoOrders }
    }
}

impl Report {
    pub(super) fn say(&mut self, text: String) {
        self.lines.push(Line { is_warning: false, text });
    }

    pub(super) fn warn(&mut self, text: String) {
        self.lines.push(Line { is_warning: true, text });
    }

    /// Says what became of a file.
    pub(super) fn file(&mut self, options: &Options, file: &Surveyed, origin: &Origin, rejects: &Rejects, restored: u64, masked: u64) {
        let name = file.source.path.display();
        self.say(format!(
            "{name}: {}: {} rows = {} written + {} rejected",
            file.source.told,
            origin.rows,
            origin.rows - origin.rejected,
            origin.rejected
        ));
        if !file.decision.why.is_empty() {
            if file.decision.is_thin {
                let help = "few orders say so: look at one in the seller centre, and say --paid net (after) or --paid gross (before) if it is not so";
                self.warn(format!("{name}: {}; {help}", file.decision.why));
            } else {
                self.say(format!("  {}", file.decision.why));
            }
        }
        if restored > 0 {
            let (paid, total) = (file.source.header.theirs("paid_amount"), file.source.header.theirs("order_amount"));
            let total = if total.is_empty() { "the amount of the order" } else { total };
            self.say(format!("  closed after payment and without {paid}: {restored}; {total} is taken for what was paid and given back"));
        }
        self.left_out(options, file);
        for rejection in &rejects.first {
            self.warn(format!("{name}: {}", Line::of_rejection(rejection)));
        }
        if rejects.rows > rejects.first.len() as u64 {
            let rest = rejects.rows - rejects.first.len() as u64;
            self.warn(format!("{name}: and {rest} more rows, all in {}", options.to.join("rejects").display()));
        }
        if !file.source.other_sheets.is_empty() {
            let sheets = file.source.other_sheets.join("`, `");
            self.warn(format!("{name}: the sheets `{sheets}` have such a header, too, and are not read: save each as a file of its own"));
        }
        if origin.rows == 0 {
            self.warn(format!("{name}: has a header and no rows"));
        }
        if origin.is_numbered {
            self.warn(format!(
                "{name}: has no order numbers, so its rows are numbered: orders that are in another export too would count twice"
            ));
        }
        if options.what.folder() == "orders" && !file.layout.has("paid_at") {
            let why = if file.layout.has("status") { "the status tells who paid" } else { "every order counts as paid" };
            self.warn(format!("{name}: has no time of payment: {why}, at the time of the order"));
        }
        if masked > 0 {
            self.warn(format!("{name}: {masked} buyers are written with asterisks: different people may look the same"));
        }
    }

    /// Says which columns were left out, those about people first.
    fn left_out(&mut self, options: &Options, file: &Surveyed) {
        let (personal, others): (Vec<&str>, Vec<&str>) = file.source.header.others().partition(|name| is_personal(name));
        let inexact = match options.what {
            What::Known(preset) => preset.inexact,
            What::Generic { .. } => &[],
        };
        let reason = |name: &str| inexact.iter().find(|(column, _)| normalized(column) == normalized(name)).map(|(_, reason)| *reason);
        if !personal.is_empty() {
            self.say(format!("  left out, since they say something of people: {}", personal.join(", ")));
        }
        let address = file.layout.columns.iter().find(|column| column.is_address && is_personal(&column.theirs));
        if let Some(address) = address {
            self.say(format!("  of {} only the province is kept", address.theirs));
        }
        for (name, reason) in others.iter().filter_map(|name| Some((name, reason(name)?))) {
            self.say(format!("  left out: {name} ({reason})"));
        }
        let rest: Vec<&str> = others.into_iter().filter(|name| reason(name).is_none()).collect();
        if !rest.is_empty() {
            self.say(format!("  left out, since no table needs them: {}", rest.join(", ")));
        }
    }
}
