//! Identity: everything that decides how a row of the orders is read. Stored lines of another identity are of no use.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::history::RECORD_VERSION;
use crate::input::declared::columns;
use crate::input::mapping::dataset::Dataset;
use crate::input::parquet_files::open_file::{ColumnSource, OpenFile};
use crate::input::rows::scan::Scan;
use crate::job::Job;
use crate::nightly::plan::Plan;
use crate::publish::fingerprint;

/// The version of the form of layers, and of what reading makes of a row.
const VERSION: u32 = 1;

/// The parts of an identity, each with what it is, so that a run can say what differs.
pub type Identity = Vec<(String, String)>;

/// The identity of the lines that a plan reads by a scan. Parameters, rules, strategies and the list of tables have no part in it, but for the
/// columns that the tables use.
///
/// # Errors
/// [`Error::Bug`] of a plan without orders.
pub fn identity(plan: &Plan, scan: &Scan<'_>) -> Result<Identity> {
    let Some(orders) = plan.datasets.get(columns::ORDERS.name) else { return Err(Error::bug("a plan without orders")) };
    let Job { timezone, shop, .. } = &plan.job;
    // The shop of the job changes no row that names its own.
    let shop = if orders.has("shop_id") { "" } else { shop.as_str() };
    let columns = orders.input.columns.iter().zip(&orders.types).zip(&orders.moments);
    let columns: Vec<String> = columns.map(|((column, data_type), moments)| format!("{} {data_type:?} {moments}", column.name)).collect();
    let has_refunds = plan.datasets.contains_key(columns::REFUNDS.name);
    let parts = [
        ("the version of huitou", format!("{} {VERSION} {RECORD_VERSION}", env!("CARGO_PKG_VERSION"))),
        ("the input `orders` of the job", orders.spec.canonical_of_rows(orders.input.name)),
        ("the timezone or the shop of the job", format!("{timezone}\0{shop}")),
        ("whether there is a refunds input", has_refunds.to_string()),
        ("how rows of the future are read", plan.restores.to_string()),
        ("the columns of the orders, or those that the tables use", columns.join("\n")),
        ("the columns of the files", schemas(orders)),
        ("the customer links", scan.links.as_ref().map_or(String::new(), |links| links.digest())),
    ];
    Ok(parts.into_iter().map(|(what, part)| (what.to_owned(), fingerprint([part.as_bytes()]))).collect())
}

/// What is another in an identity than in that of stored lines, for people; `None` where both are the same.
pub fn changed(stored: &Identity, own: &Identity) -> Option<String> {
    let differs = stored.iter().zip(own).find(|(stored, own)| stored != own).map(|(_, (what, _))| what.as_str());
    let what = differs.or((stored.len() != own.len()).then_some("the version of huitou"));
    what.map(|what| format!("{what} changed since"))
}

/// What decides how the files of an input are decoded, whatever becomes of their rows.
pub fn of_decoded(plan: &Plan, dataset: &Dataset) -> String {
    let columns = dataset.input.columns.iter().zip(&dataset.types);
    let columns: Vec<String> = columns.map(|(column, data_type)| format!("{} {}", column.name, data_type.is_some())).collect();
    let parts = [
        format!("{} {VERSION}", env!("CARGO_PKG_VERSION")),
        dataset.spec.canonical_of_rows(dataset.input.name),
        plan.job.timezone.to_string(),
        columns.join("\n"),
        schemas(dataset),
    ];
    fingerprint(parts.iter().map(String::as_bytes))
}

/// The schemas of the files where expressions are evaluated over them; whether an expression is valid may depend on all of them.
fn schemas(orders: &Dataset) -> String {
    if orders.expressions.roots().is_empty() {
        return String::new();
    }
    let schema = |file: &OpenFile| {
        let fields = file.metadata.schema().fields().iter().map(|field| format!("{} {}", field.name(), field.data_type()));
        fields.chain(file.file.partitions.iter().map(|(key, _)| key.clone())).collect::<Vec<String>>().join(", ")
    };
    orders.files.iter().map(schema).collect::<BTreeSet<String>>().into_iter().collect::<Vec<String>>().join("\n")
}

/// What names a file and its contents: its label, the digest of size, time of change and footer, and where its rows are numbered, the first
/// number.
pub fn file_key(file: &OpenFile) -> String {
    let first = file.sources.iter().find_map(|source| if let ColumnSource::Row(first) = source { Some(*first) } else { None });
    key_of(&file.file.label, &file.fingerprint, first.unwrap_or(0))
}

/// The same of a file that may not be there any more; 0 where its rows are not numbered.
pub fn key_of(label: &str, fingerprint: &str, first_row: u64) -> String {
    format!("{label}\0{fingerprint}\0{first_row}")
}
