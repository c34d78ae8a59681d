//! A note: one thing that a shop should know this morning, and how much it matters.

use std::cmp::Ordering;

use super::wording::Sentence;

/// How soon somebody must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Today: something is lost by waiting.
    Alarm,
    /// This week.
    Watch,
    /// Good to know, or ready to be used.
    Info,
}

impl Severity {
    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Alarm => "alarm",
            Severity::Watch => "watch",
            Severity::Info => "info",
        }
    }
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A figure of the last day that is far from what was to be expected.
    Alarm,
    /// A requirement of the platform that is missed, or will probably be.
    AssessmentAtRisk,
    /// A plan of the running month that the shop is behind.
    PlanBehind,
    /// Refunds that are expected to take more of the last month than of the one before.
    RefundsGrow,
    /// A published figure of a period that was over is another one, or an assessment has changed its side with it.
    Restated,
    /// An item that carries the shop and sells half of what it did.
    ItemFalls,
    /// Another stage that the shop has entered.
    StageChanged,
    /// A list of customers that can be contacted.
    ListReady,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 8] = [
        Kind::Alarm,
        Kind::AssessmentAtRisk,
        Kind::PlanBehind,
        Kind::RefundsGrow,
        Kind::Restated,
        Kind::ItemFalls,
        Kind::StageChanged,
        Kind::ListReady,
    ];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Alarm => "alarm",
            Kind::AssessmentAtRisk => "assessment_at_risk",
            Kind::PlanBehind => "plan_behind",
            Kind::RefundsGrow => "refunds_grow",
            Kind::Restated => "restated",
            Kind::ItemFalls => "item_falls",
            Kind::StageChanged => "stage_changed",
            Kind::ListReady => "list_ready",
        }
    }

    /// The weight: notes of a shop come in the descending order of theirs. What happened yesterday comes first, and what cannot be made good later before what can: the platform's
    /// judgement, then the month's money, then what wears the shop down, then what can be done. What nobody can do anything about any more comes behind
    /// all that somebody can.
    pub fn weight(self, severity: Severity, is_lost: bool) -> i64 {
        let of_kind = match self {
            Kind::AssessmentAtRisk if is_lost => 5,
            Kind::Alarm => 70,
            Kind::AssessmentAtRisk => 60,
            Kind::PlanBehind => 50,
            Kind::RefundsGrow => 40,
            Kind::Restated => 35,
            Kind::ItemFalls => 30,
            Kind::ListReady => 20,
            Kind::StageChanged => 10,
        };
        let of_severity = match severity {
            Severity::Alarm => 30,
            Severity::Watch => 10,
            Severity::Info => 0,
        };
        of_kind + of_severity
    }
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The shop's code.
    pub shop: u32,
    /// What it is about.
    pub kind: Kind,
    /// Whether nothing that may come makes it good any more.
    pub is_lost: bool,
    /// How soon somebody must look.
    pub severity: Severity,
    /// What the figure stands at.
    pub value: Option<f64>,
    /// What it should be, or was.
    pub expected: Option<f64>,
    /// The unit of both.
    pub unit: String,
    /// How much is at stake, in major units of the currency: it decides between notes of the same weight.
    pub stake: f64,
    /// The table to look into.
    pub table: String,
    /// The key of its row, but for the shop: `column=value` for each column, divided by `, `.
    pub key: String,
    /// What is said.
    pub sentence: Sentence,
}

impl Note {
    /// How much it matters.
    pub fn weight(&self) -> i64 {
        self.kind.weight(self.severity, self.is_lost)
    }

    /// Whether it comes before another one of the same shop: by weight, then by what is at stake, then by kind, table and key.
    pub fn order(&self, other: &Note) -> Ordering {
        let names = (self.kind, &self.table, &self.key).cmp(&(other.kind, &other.table, &other.key));
        other.weight().cmp(&self.weight()).then(other.stake.total_cmp(&self.stake)).then(names)
    }
}

/// Of each shop so many notes, those that come first, by shop.
pub fn first_of_each_shop(mut notes: Vec<Note>, most: usize) -> Vec<Note> {
    notes.sort_by(|one, other| one.shop.cmp(&other.shop).then_with(|| one.order(other)));
    let shops = notes.chunk_by(|one, other| one.shop == other.shop);
    shops.flat_map(|of_shop| of_shop.iter().take(most).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_of_a_kind_comes_before_a_lesser_note_of_it() {
        for kind in Kind::ALL {
            assert!(kind.weight(Severity::Alarm, false) > kind.weight(Severity::Watch, false), "{}", kind.name());
            assert!(kind.weight(Severity::Watch, false) > kind.weight(Severity::Info, false), "{}", kind.name());
        }
    }

    #[test]
    fn what_is_lost_comes_behind_all_that_somebody_can_do() {
        let lost = Kind::AssessmentAtRisk.weight(Severity::Watch, true);
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::StageChanged) {
            assert!(kind.weight(Severity::Info, false) > lost, "{}", kind.name());
        }
        assert!(lost > Kind::StageChanged.weight(Severity::Info, false), "another stage is news and no trouble");
    }
}
