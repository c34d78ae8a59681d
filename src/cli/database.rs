//! The last step of `huitou run` for a job with a database: loads the latest snapshot.

use std::path::Path;

use super::log;
use super::progress::Progress;
use crate::database::{self, Load};
use crate::error::Result;
use crate::job::Postgres;
use crate::nightly::Observer;
use crate::publish;
use crate::spec::Day;

/// Loads the snapshot that `latest` points to, whichever run published it. So the next run repeats a load that failed, and a run of an
/// old day changes the database no more than the link.
pub fn load(target: Option<&Postgres>, out: &Path, today: Day, progress: &Progress) -> Result<()> {
    let Some(target) = target else { return Ok(()) };
    let Some(snapshot) = publish::latest(out)? else { return Ok(()) };
    progress.phase("database", 0);
    let load = database::load(target, &snapshot, today);
    progress.finish();
    let name = &snapshot.manifest.name;
    let place = format!("{}, schema {}", target.connection, target.schema);
    match load? {
        Load::Done { tables, rows, failed_attempts, warnings } => {
            for warning in &warnings {
                log::warning(warning);
            }
            log::info(&format!("PostgreSQL shows {name}: {tables} tables, {rows} rows ({place})"));
            if failed_attempts > 0 {
                log::info(&format!("queries of other users locked the tables: the swap succeeded in attempt {}", failed_attempts + 1));
            }
        }
        Load::Already => log::info(&format!("PostgreSQL shows {name} already ({place})")),
        Load::KeptNewer(newer) => log::warning(&format!("PostgreSQL still shows {newer}, which has a later as-of date ({place})")),
    }
    Ok(())
}
