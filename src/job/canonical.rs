//! What of a job determines its results, as one text: two jobs with the same text make the same tables from the same files.

use serde_json::{Value, json};

use super::params::{Cohort, Lifecycle, Params, Rfm, RfmMethod};
use super::{InputSpec, Job, MoneyUnit, Tables};

impl Job {
    /// JSON in a fixed order, for the fingerprint of the snapshot. Left out are what does not change a table (the job's name,
    /// where the job file and the output lie) and the as-of date, which the snapshot's name has beside the fingerprint.
    /// Paths are as written, so that a moved job keeps its name. What the job does not mention is there with its default.
    pub fn canonical(&self) -> String {
        // Every field by name: a new one cannot be forgotten here.
        let Job {
            name: _,
            file: _,
            folder: _,
            timezone,
            zone: _,
            as_of: _,
            shop,
            inputs,
            params,
            assessments: _,
            tables,
            table_places: _,
            output: _,
        } = self;
        let inputs: Vec<Value> = inputs.iter().map(|(name, spec)| input(name, spec)).collect();
        let tables = match tables {
            Tables::All => json!("all"),
            Tables::List(names) => {
                let mut names = names.clone();
                names.sort_unstable();
                json!(names)
            }
        };
        json!({ "timezone": timezone, "shop": shop, "inputs": inputs, "params": parameters(params), "tables": tables }).to_string()
    }
}

fn input(name: &str, spec: &InputSpec) -> Value {
    let InputSpec { path: _, written_path, columns, status, filter, money, place: _, column_places: _, filter_place: _ } = spec;
    // A column that has our name in the files is mapped by no mapping too.
    let columns: Vec<Value> = columns.iter().filter(|(ours, theirs)| ours != theirs).map(|(ours, theirs)| json!([ours, theirs])).collect();
    let status: Vec<Value> = status.iter().map(|(theirs, meaning)| json!([theirs, meaning.name()])).collect();
    let money = match money {
        MoneyUnit::Major => "major",
        MoneyUnit::Minor => "minor",
    };
    json!({ "input": name, "path": written_path, "columns": columns, "status": status, "filter": filter, "money": money })
}

fn parameters(params: &Params) -> Value {
    let Params { cohort, history_warmup, lifecycle, rfm, max_nth, max_reject_share, min_peers } = params;
    let Cohort { grains, dimensions } = cohort;
    let Lifecycle { active_days, quiet_days, dormant_days, thresholds } = lifecycle;
    let Rfm { method, monetary_value } = rfm;
    let method = match method {
        RfmMethod::Quantile => json!("quantile"),
        RfmMethod::Fixed { recency_days, frequency, monetary } => {
            json!({ "recency_days": recency_days, "frequency": frequency, "monetary_minor": monetary })
        }
    };
    json!({
        "cohort": { "grain": grains.iter().map(|grain| grain.name()).collect::<Vec<_>>(), "dimensions": dimensions },
        "history_warmup": history_warmup,
        "lifecycle": { "active_days": active_days, "quiet_days": quiet_days, "dormant_days": dormant_days, "thresholds": thresholds },
        "rfm": { "method": method, "monetary_value": monetary_value.name() },
        "max_nth": max_nth,
        "max_reject_share": max_reject_share,
        "min_peers": min_peers,
    })
}
