//! The last step of `huitou run` where the job has a database: it shows the latest snapshot.

use std::path::Path;

use super::log;
use super::progress::Progress;
use crate::database::{self, Load};
use crate::error::Result;
use crate::job::Postgres;
use crate::nightly::Observer;
use crate::publish;

/// Sees to it that the database shows the snapshot that `latest` points to, whichever run has made it: so a load that failed is made good
/// by the next run, and the replay of an old day leaves the database as it leaves the link.
pub fn load(target: Option<&Postgres>, out: &Path, progress: &Progress) -> Result<()> {
    let Some(target) = target else { return Ok(()) };
    let Some(snapshot) = publish::latest(out)? else { return Ok(()) };
    progress.phase("database", 0);
    let load = database::load(target, &snapshot);
    progress.finish();
    let name = &snapshot.manifest.name;
    let place = format!("{}, schema {}", target.connection, target.schema);
    match load? {
        Load::Done { tables, rows, thwarted, warnings } => {
            for warning in &warnings {
                log::warning(warning);
            }
            log::info(&format!("PostgreSQL shows {name}: {tables} tables, {rows} rows ({place})"));
            if thwarted > 0 {
                log::info(&format!("queries of others held the tables for a while: they were swapped in trial {}", thwarted + 1));
            }
        }
        Load::Already => log::info(&format!("PostgreSQL shows {name} already ({place})")),
        Load::KeptNewer(newer) => log::warning(&format!("PostgreSQL goes on showing {newer}, which knows later days ({place})")),
        Load::KeptWhole(whole) => log::warning(&format!("PostgreSQL goes on showing {whole}, which has all tables ({place})")),
    }
    Ok(())
}
