//! Totals: the shops that a job wants taken together.

/// Shops that are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Total {
    /// All shops of the run.
    All,
    /// The shops of each main category of the shops input.
    Category,
}

impl Total {
    /// The names in job files.
    pub const NAMES: &[&str] = &["all", "category"];

    /// The name in job files and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Total::All => "all",
            Total::Category => "category",
        }
    }

    /// The total of that name.
    pub fn parse(name: &str) -> Option<Total> {
        [Total::All, Total::Category].into_iter().find(|total| total.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_total() {
        let named: Vec<&str> = Total::NAMES.iter().filter_map(|name| Total::parse(name)).map(Total::name).collect();
        assert_eq!(named, Total::NAMES);
        assert_eq!(Total::parse("group"), None);
    }
}
