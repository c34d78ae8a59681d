//! The inputs of a job, opened: their footers are read, and no row.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::error::Problem;
use crate::input::declared::columns::{INPUTS, Input};
use crate::input::mapping::dataset::Dataset;
use crate::job::Job;

/// Opens the inputs of a job but those that were not sent, with the columns that `wants` names of an input. Returns them by name, and what is
/// wrong with any of them in the order of the inputs.
pub(super) fn opened(
    job: &Job,
    unsent: &[&str],
    wants: &(dyn Fn(&str, &str) -> bool + Sync),
) -> (BTreeMap<&'static str, Dataset>, Vec<Problem>) {
    let open = |input: &'static Input| {
        let spec = job.inputs.get(input.name).filter(|_| !unsent.contains(&input.name))?;
        Some((input.name, Dataset::open(input, spec, &|column| wants(input.name, column))))
    };
    // A disk answers many at once.
    let found: Vec<_> = INPUTS.into_par_iter().with_max_len(1).filter_map(open).collect();
    let (mut datasets, mut problems) = (BTreeMap::new(), Vec::new());
    for (name, dataset) in found {
        match dataset {
            Ok(dataset) => {
                datasets.insert(name, dataset);
            }
            Err(found) => problems.extend(found),
        }
    }
    (datasets, problems)
}
