//! Digests: what a job says, key by key, so that a later run can tell which of its keys changed.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Job;

/// Hex digits of a digest: two values of one key that differ have the same one in one of 2⁶⁴ cases.
const DIGITS: usize = 16;

/// Keys that change no figure of which restatements tell, and `inputs`, which are looked at one by one: which tables and lists a job makes, in
/// which language its page is, and what only other tables read.
const WITHOUT_FIGURES: [&str; 19] = [
    "inputs",
    "tables",
    "strategies",
    "report",
    "stages",
    "inputs.ad_plans",
    "inputs.affiliate_orders",
    "inputs.audiences",
    "inputs.campaigns",
    "inputs.do_not_contact",
    "inputs.events",
    "inputs.item_traffic",
    "inputs.keyword_traffic",
    "inputs.plans",
    "params.brief_size",
    "params.campaign",
    "params.cool_down",
    "params.forecast",
    "params.max_reject_share",
];

impl Job {
    /// By key, such as `params.rfm` or `inputs.orders`: the digest of its value. Keys that change no figure are left out.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let mut digests = BTreeMap::new();
        let mut add = |key: String, value: &Value| {
            if !WITHOUT_FIGURES.contains(&key.as_str()) {
                let digest = hex::encode(Sha256::digest(value.to_string()));
                digests.insert(key, digest.chars().take(DIGITS).collect::<String>());
            }
        };
        // The text is JSON that this program wrote.
        let Ok(Value::Object(keys)) = serde_json::from_str(&self.canonical()) else { return digests };
        for (key, value) in keys.iter().filter(|(key, _)| !WITHOUT_FIGURES.contains(&key.as_str())) {
            match value {
                Value::Object(params) => params.iter().for_each(|(name, value)| add(format!("{key}.{name}"), value)),
                value => add(key.clone(), value),
            }
        }
        self.inputs.iter().for_each(|(name, spec)| add(format!("inputs.{name}"), &Value::from(spec.canonical_of_rows(name))));
        digests
    }
}
