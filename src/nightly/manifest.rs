//! What the manifest of a snapshot says of the run: the job and the program, the inputs, what it is compared with.

use super::freshness;
use super::plan::Plan;
use super::restated::Earlier;
use crate::history::Context;
use crate::input::parquet_files::open_file::OpenFile;
use crate::input::rows::ledger::Account;
use crate::publish::{ComparedWith, InputEntry, InputFile, LeftOutEntry, Manifest, RowEquation};
use crate::spec::period::iso;
use crate::table::night::InputAccount;

/// What a manifest says of the job and the program.
pub(super) fn identity(plan: &Plan) -> Manifest {
    Manifest {
        as_of: plan.as_of,
        job: plan.job.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        keys: plan.job.digests(),
        ..Manifest::default()
    }
}

/// What a manifest says of an input.
pub(super) fn input_entry(plan: &Plan, context: &Context, input: &InputAccount) -> InputEntry {
    let InputAccount { name, ledger, .. } = input;
    let dataset = plan.datasets.get(name);
    let fresh = freshness::InputFreshness::of(plan, name, &ledger.events);
    let files = dataset.map_or(Vec::new(), |dataset| {
        let file = |file: &OpenFile| InputFile {
            path: file.file.label.clone(),
            bytes: file.bytes,
            fingerprint: file.fingerprint.clone(),
            rows: file.rows(),
        };
        dataset.files.iter().map(file).collect()
    });
    let left_out = dataset.iter().flat_map(|dataset| &dataset.left_out);
    let Account { rows, used, superseded, rejected, after_as_of, filtered, null_faults: _ } = ledger.total();
    InputEntry {
        name: (*name).to_owned(),
        path: dataset.map_or(String::new(), |dataset| dataset.spec.written_path.clone()),
        files,
        left_out: left_out.map(|left| LeftOutEntry { path: left.label.clone(), reason: left.why.name().to_owned() }).collect(),
        newest_event: fresh.days_without().map(|_| iso(fresh.newest)),
        days_without_event: fresh.days_without(),
        is_stale: fresh.is_stale(),
        silent_shops: fresh.silent_shops().filter_map(|silent| context.shop_name(silent.shop)).collect(),
        newest_by_shop: freshness::by_shop(context, &fresh),
        equation: RowEquation { rows, used, superseded, rejected, after_as_of, filtered },
    }
}

/// The snapshot that the figures of a run are compared with, as its manifest names it.
pub(super) fn compared_with(earlier: &Earlier) -> Option<ComparedWith> {
    let Earlier::Comparable(snapshot, _) = earlier else { return None };
    Some(ComparedWith { name: snapshot.manifest.name.clone(), as_of: snapshot.manifest.as_of })
}
