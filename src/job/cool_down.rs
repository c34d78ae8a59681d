//! What the cool-down of lists counts: what was sent, or what was listed.

/// What keeps a customer off a list for the days of its cool-down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CoolDown {
    /// In a shop that records the lists that it sends, a list that was sent; in others, and for the nights before, any list.
    #[default]
    Auto,
    /// A list that was sent, by the inputs `campaigns` and `audiences`.
    Sent,
    /// Any list of an earlier night.
    Listed,
}

impl CoolDown {
    /// The names in job files.
    pub const NAMES: &[&str] = &["auto", "sent", "listed"];

    /// The name in job files.
    pub fn name(self) -> &'static str {
        match self {
            CoolDown::Auto => "auto",
            CoolDown::Sent => "sent",
            CoolDown::Listed => "listed",
        }
    }

    /// The meaning of that name.
    pub fn parse(name: &str) -> Option<CoolDown> {
        [CoolDown::Auto, CoolDown::Sent, CoolDown::Listed].into_iter().find(|counted| counted.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_meaning() {
        let named: Vec<&str> = CoolDown::NAMES.iter().filter_map(|name| CoolDown::parse(name)).map(CoolDown::name).collect();
        assert_eq!(named, CoolDown::NAMES);
        assert_eq!(CoolDown::parse(CoolDown::default().name()), Some(CoolDown::Auto));
        assert_eq!(CoolDown::parse("made"), None);
    }
}
