//! Problems of many files: those that differ in the file only are reported once.

use std::collections::BTreeMap;

use crate::error::Problem;

/// Merges problems that differ in the file only.
#[derive(Default)]
pub(in crate::input) struct Problems {
    found: BTreeMap<(String, String), (String, usize)>,
    order: Vec<(String, String)>,
}

impl Problems {
    pub fn add(&mut self, problem: Problem) {
        let key = (problem.message, problem.help);
        let entry = self.found.entry(key.clone()).or_insert_with(|| {
            self.order.push(key);
            (problem.place, 0)
        });
        entry.1 += 1;
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn finish(self) -> Vec<Problem> {
        let found = self.found;
        let problem = |key: (String, String)| {
            let (place, times) = found.get(&key).cloned().unwrap_or_default();
            let place = if times > 1 { format!("{place} (and {} more)", times - 1) } else { place };
            Problem { place, message: key.0, details: Vec::new(), help: key.1 }
        };
        self.order.into_iter().map(problem).collect()
    }
}
