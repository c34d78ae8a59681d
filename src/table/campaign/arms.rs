//! Campaign arms: the purchases of an audience's members by arm, and the comparison of the arms.

use crate::history::Context;
use crate::history::campaigns::CampaignIndex;
use crate::input::records::facts::Arm;
use crate::metric::comparison::Comparison;
use crate::metric::revenue_difference::{Arms, Spending};
use crate::spec::{DAY_MICROSECONDS, Id};
use crate::statistics::fisher::Table;
use crate::statistics::random::mix;

use crate::fold::campaigns::{CAMPAIGNS, CampaignFold};
use crate::table::night::{Read, Shared};

/// The arms of every campaign, by its position.
pub static CAMPAIGN_ARMS: Shared<Vec<CampaignArms>> = Shared {
    name: "campaign_arms",
    not_requested: |request| (!request.has_campaigns).then_some("the job has no input `campaigns`"),
    reads: |_| vec![Read::Fold(&CAMPAIGNS)],
    make: |night| {
        let campaigns = night.facts.campaigns.as_ref().map_or(0, Vec::len);
        Ok(CampaignArms::all(&night.context, night.fold(&CAMPAIGNS)?.as_ref(), campaigns))
    },
};

/// One arm of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmFigures {
    /// Members, those who never ordered included.
    pub members: i64,
    /// Of them, those whose window is over by the end of the as-of date.
    pub complete: i64,
    /// The first message, and the end of the last window, local time in microseconds.
    pub from: i64,
    /// The first moment after the last window.
    pub until: i64,
    /// Purchases within the windows.
    pub purchases: i64,
    /// Buyers and their revenue.
    pub spending: Spending,
}

impl ArmFigures {
    fn empty() -> Self {
        ArmFigures { members: 0, complete: 0, from: i64::MAX, until: i64::MIN, purchases: 0, spending: Spending::default() }
    }

    /// Members who bought.
    pub fn buyers(&self) -> i64 {
        self.spending.revenues.len() as i64
    }

    /// Whether no window still runs.
    pub fn is_complete(&self) -> bool {
        self.complete == self.members
    }
}

/// The two arms of a campaign, either of which may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignArms {
    /// The members to whom it was sent.
    pub treated: ArmFigures,
    /// The members from whom it was held back.
    pub control: ArmFigures,
}

impl CampaignArms {
    /// The arms of every campaign of a run, by its position.
    pub fn all(context: &Context, fold: &CampaignFold, campaigns: usize) -> Vec<CampaignArms> {
        let index: &CampaignIndex = &context.campaigns;
        let end = (i64::from(context.as_of) + 1) * DAY_MICROSECONDS;
        let mut all = vec![CampaignArms { treated: ArmFigures::empty(), control: ArmFigures::empty() }; campaigns];
        for member in index.members() {
            let Some(arms) = all.get_mut(member.campaign as usize) else { continue };
            let (arm, until) = (arms.arm_mut(member.arm), index.window_end(member));
            arm.members += 1;
            arm.complete += i64::from(until <= end);
            arm.from = arm.from.min(member.sent);
            arm.until = arm.until.max(until);
        }
        for bought in fold.bought() {
            let Some(member) = index.members().get(bought.member as usize) else { continue };
            let Some(arms) = all.get_mut(member.campaign as usize) else { continue };
            let arm = arms.arm_mut(member.arm);
            arm.purchases += bought.purchases;
            arm.spending.revenues.push(bought.net_revenue);
        }
        for arms in &mut all {
            for arm in [&mut arms.treated, &mut arms.control] {
                arm.spending = Spending::new(arm.members, std::mem::take(&mut arm.spending.revenues));
            }
        }
        all
    }

    fn arm_mut(&mut self, arm: Arm) -> &mut ArmFigures {
        match arm {
            Arm::Treated => &mut self.treated,
            Arm::Control => &mut self.control,
        }
    }

    /// Whether both arms have members.
    pub fn has_both(&self) -> bool {
        self.treated.members > 0 && self.control.members > 0
    }

    /// Whether no window of either arm still runs.
    pub fn is_complete(&self) -> bool {
        self.treated.is_complete() && self.control.is_complete()
    }

    /// Buyers and members.
    pub fn counts(&self) -> Table {
        Table {
            treated: self.treated.members,
            treated_buyers: self.treated.buyers(),
            control: self.control.members,
            control_buyers: self.control.buyers(),
        }
    }

    /// Revenue of the members.
    pub fn spending(&self) -> Arms {
        Arms { treated: self.treated.spending.clone(), control: self.control.spending.clone() }
    }
}

/// The comparison of the arms of a campaign, or of several.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Effect {
    /// In the share that bought.
    pub conversion: Option<Comparison>,
    /// In revenue per member, in minor units.
    pub revenue: Option<Comparison>,
}

/// A seed from an id, so that a campaign's random numbers do not depend on other campaigns.
pub fn seed(id: Id<'_>) -> u64 {
    match id {
        Id::Integer(key) => mix(key),
        Id::Text(text) => seed_of_text(text),
    }
}

/// The same from any text.
pub fn seed_of_text(text: &str) -> u64 {
    text.bytes().fold(mix(text.len() as u64), |seed, byte| mix(seed ^ u64::from(byte)))
}
