//! The strategy, rule and stage files that come with the program, for jobs that it writes: beside such a job, so that somebody can change them.

/// A strategy of the folder `jobs/strategies`.
#[derive(Debug)]
pub struct ShippedStrategy {
    /// The name, which is that of the file too.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
    /// Whether it asks which items customers bought.
    pub needs_items: bool,
}

macro_rules! strategy {
    ($name:literal, $needs_items:literal) => {
        ShippedStrategy { name: $name, text: include_str!(concat!("../../jobs/strategies/", $name, ".yaml")), needs_items: $needs_items }
    };
}

/// In the order of a job: a customer who is on one list of a night is on none after it. The best customers come first, then what cannot
/// wait.
pub const STRATEGIES: [ShippedStrategy; 10] = [
    strategy!("vip_care", false),
    strategy!("unpaid_reminder", false),
    strategy!("confirm_reminder", false),
    strategy!("aftersale_care", false),
    strategy!("second_purchase", false),
    strategy!("dormant_reminder", false),
    strategy!("winback", false),
    strategy!("below_average_value", false),
    strategy!("replenishment", true),
    strategy!("cross_sell", true),
];

/// A rule file of the folder `jobs/rules`.
#[derive(Debug)]
pub struct ShippedRule {
    /// The name, which is that of the file too.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
    /// The input without which a job cannot name it, or it says nothing.
    pub needs_input: Option<&'static str>,
}

macro_rules! rule {
    ($name:literal, $needs_input:expr) => {
        ShippedRule { name: $name, text: include_str!(concat!("../../jobs/rules/", $name, ".yaml")), needs_input: $needs_input }
    };
}

/// In the order of a job.
pub const RULES: [ShippedRule; 5] = [
    rule!("tmall_quarterly", None),
    // It asks for a figure of the platform, which is an error where no input has such figures.
    rule!("tmall_trial", Some("shop_metrics")),
    rule!("tmall_annual", None),
    rule!("tmall_violations", Some("violations")),
    rule!("window_30_days", None),
];

/// The stage file.
pub const STAGES: &str = include_str!("../../jobs/stages.yaml");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_that_ships_is_here() {
        let files = |folder: &str| -> BTreeSet<String> {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs").join(folder);
            std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(files("strategies"), STRATEGIES.iter().map(|strategy| strategy.name.to_owned()).collect());
        assert_eq!(files("rules"), RULES.iter().map(|rule| rule.name.to_owned()).collect());
    }
}
