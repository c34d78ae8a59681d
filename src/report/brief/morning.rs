//! The morning of a snapshot: what the page shows of each shop, and of all of them together.

use super::figures::{Days, Figure};
use crate::spec::Day;
use crate::table::plan::ON_TRACK;

/// How soon somebody must look, as the table `brief` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Today.
    Alarm,
    /// This week.
    Watch,
    /// Good to know, or ready to be used.
    Info,
}

impl Urgency {
    /// The urgency of a name; what is unknown waits.
    pub fn named(name: &str) -> Urgency {
        match name {
            "alarm" => Urgency::Alarm,
            "watch" => Urgency::Watch,
            _ => Urgency::Info,
        }
    }
}

/// One thing to do or to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How soon.
    pub urgency: Urgency,
    /// What it is about, as the table `brief` names it; empty for what is not in the table.
    pub kind: String,
    /// What is said, in the language of the page.
    pub text: String,
    /// How much it matters, as the table `brief` weighs it; what is not in the table matters most.
    pub weight: i64,
    /// The money at stake in minor units, 0 where it is not about money: what it is off what it should be.
    pub stake: i64,
}

/// What a figure of the last day was expected to lie between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// The figure.
    pub figure: Figure,
    /// From.
    pub from: f64,
    /// To.
    pub to: f64,
}

/// A plan of the running month, for a whole shop. Amounts are in minor units of the currency, or in hundredths of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is planned, as `plan_progress` names it.
    pub measure: String,
    /// Whether it is an amount of money.
    pub is_money: bool,
    /// What the month was to bring.
    pub plan: i64,
    /// What is there.
    pub actual: Option<i64>,
    /// What should be there by now.
    pub by_now: i64,
    /// What the month is expected to end with.
    pub projected: Option<i64>,
    /// What that rests on, as `plan_progress` names it: `ended`, `forecast`, `spread`; `None` where it is not known, or shops differ.
    pub projected_by: Option<String>,
    /// `ahead`, `on_track`, `behind`, `done`, `missed`; `None` for several shops together.
    pub status: Option<String>,
    /// Of several shops together, those that are behind: the sum may be well while some are not. `None` where no shop is, and for a single one.
    pub behind: Option<BehindShops>,
}

/// How many of several shops are behind their plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BehindShops {
    /// So many are.
    pub late: usize,
    /// So many have a plan.
    pub count: usize,
    /// Whether the month is over, so that they have missed it.
    pub has_ended: bool,
}

impl Plan {
    /// Whether less is there than should be by now, or by the end that is past.
    fn is_behind(&self) -> bool {
        matches!(self.status.as_deref(), Some("behind" | "missed"))
    }

    /// The status in the light of the month's end: who is ahead, and is expected to miss the plan by more than what still counts as on track, is
    /// not well, and who is behind may reach it yet.
    pub fn outlook(&self) -> Option<&str> {
        let status = self.status.as_deref()?;
        let (plan, projected) = (self.plan as f64, self.projected.map(|projected| projected as f64));
        Some(match (status, projected) {
            ("ahead", Some(projected)) if projected < plan * (1.0 - ON_TRACK) => "ahead_but_short",
            ("on_track", Some(projected)) if projected < plan * (1.0 - ON_TRACK) => "on_track_but_short",
            ("behind", Some(projected)) if projected >= plan => "behind_but_enough",
            _ => status,
        })
    }
}

/// How the sales of the running month of a shop changed, as the table `sales_drivers` says. Amounts are in minor units of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drivers {
    /// The first day of the month.
    pub month: Day,
    /// Whether the month is over: then it is compared with the whole month before.
    pub is_complete: bool,
    /// The days of the month, which are compared with as many of the month before.
    pub days: i32,
    /// The change; `None` where the month before is not there as a whole.
    pub change: Option<i64>,
    /// The effect of each of [`Drivers::FACTORS`], 0 where it is not known; they add up to the change.
    pub effects: [i64; Drivers::FACTORS.len()],
}

impl Drivers {
    /// The columns of the effects.
    pub const FACTORS: [&str; 7] =
        ["traffic_effect", "conversion_effect", "mix_effect", "frequency_effect", "basket_effect", "price_effect", "untracked_effect"];
}

/// What is planned of the sales, which each shop has at most once.
pub const SALES: &str = "sales";

/// A shop, or several together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shop {
    /// Its id; empty for several together.
    pub id: String,
    /// What it is called, where the inputs say.
    pub name: Option<String>,
    /// Its days, as far as the page needs them.
    pub days: Days,
    /// What was usual for the last day.
    pub usual: Vec<Usual>,
    /// Its plans of the running month.
    pub plans: Vec<Plan>,
    /// Whether it is known that there is none.
    pub has_no_plan: bool,
    /// How its sales of the running month changed.
    pub drivers: Option<Drivers>,
    /// What to do, the most important first.
    pub lines: Vec<Line>,
}

impl Shop {
    /// What people call it: its name, or its id.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// The lines of an urgency.
    pub fn count(&self, urgency: Urgency) -> usize {
        self.lines.iter().filter(|line| line.urgency == urgency).count()
    }

    /// The plan of its sales.
    pub fn sales_plan(&self) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.measure == SALES)
    }
}

/// The morning of a snapshot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Morning {
    /// The as-of date, which is the last day.
    pub as_of: Day,
    /// The shops in the order of the tables.
    pub shops: Vec<Shop>,
}

impl Morning {
    /// All shops together: their days, and the plan of their sales where there are any.
    pub fn together(&self) -> Shop {
        let mut all = Shop::default();
        self.shops.iter().for_each(|shop| all.days.add_all(&shop.days));
        all.has_no_plan = self.shops.iter().all(|shop| shop.has_no_plan);
        let plans: Vec<&Plan> = self.shops.iter().filter_map(Shop::sales_plan).filter(|plan| plan.plan > 0).collect();
        let sum = |amount: fn(&Plan) -> Option<i64>| plans.iter().map(|plan| amount(plan)).sum::<Option<i64>>();
        let by = plans.first().and_then(|plan| plan.projected_by.clone());
        if !plans.is_empty() {
            let late = plans.iter().filter(|plan| plan.is_behind()).count();
            let has_ended = plans.iter().any(|plan| plan.status.as_deref() == Some("missed"));
            all.plans.push(Plan {
                measure: SALES.to_owned(),
                is_money: true,
                plan: sum(|plan| Some(plan.plan)).unwrap_or_default(),
                actual: sum(|plan| plan.actual),
                by_now: sum(|plan| Some(plan.by_now)).unwrap_or_default(),
                projected: sum(|plan| plan.projected),
                projected_by: by.filter(|by| plans.iter().all(|plan| plan.projected_by.as_ref() == Some(by))),
                status: None,
                behind: (late > 0).then_some(BehindShops { late, count: plans.len(), has_ended }),
            });
        }
        all
    }
}
