//! Totals: the shops that a job wants taken together, and whether groups of shops know their customers by the same ids.

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

/// What a customer's id means in the shops of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupIds {
    /// Another person in each shop, or nobody knows: a group has no customers of its own.
    #[default]
    Separate,
    /// The same person in all of them.
    Shared,
}

impl GroupIds {
    /// The names in job files.
    pub const NAMES: &[&str] = &["separate", "shared"];

    /// The name in job files.
    pub fn name(self) -> &'static str {
        match self {
            GroupIds::Separate => "separate",
            GroupIds::Shared => "shared",
        }
    }

    /// The meaning of that name.
    pub fn parse(name: &str) -> Option<GroupIds> {
        [GroupIds::Separate, GroupIds::Shared].into_iter().find(|ids| ids.name() == name)
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
        let named: Vec<&str> = GroupIds::NAMES.iter().filter_map(|name| GroupIds::parse(name)).map(GroupIds::name).collect();
        assert_eq!(named, GroupIds::NAMES);
    }
}
