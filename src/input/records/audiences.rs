//! Audiences: the customers to whom a campaign was sent, and those from whom it was held back.

use rayon::slice::ParallelSliceMut;

use super::facts::{Arm, AudienceMember, Campaign};
use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::repeated::{Placed, last_agreeing};
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::values::codes::{Codes, Local, OwnedId};
use crate::input::values::fault::Faults;
use crate::spec::NO_TIME;

/// The members of all audiences.
#[derive(Debug)]
pub struct Audiences {
    /// [`AudienceMember::campaign`] is a code of `campaigns` until [`Audiences::of`] finds it among the campaigns.
    members: Vec<AudienceMember>,
    campaigns: Codes,
}

/// The members of the audiences of campaigns.
#[derive(Debug, Default)]
pub struct Members {
    /// By (campaign, customer).
    pub members: Vec<AudienceMember>,
    /// How many members belong to none of the campaigns.
    pub unknown: usize,
    /// How many people were in both arms of a campaign at the same time, under two ids.
    pub in_both_arms: usize,
}

/// Reads the members, each known from its `sent_at` on. Of several rows of a customer in one campaign the one that was sent first counts,
/// and of rows of several files sent at the same time the last one: a reminder neither restarts a customer's window nor moves the customer to the other
/// arm, because the arms were drawn before.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged, or has one customer in both arms at the same time.
pub fn read(scan: &Scan<'_>, dataset: &Dataset) -> Result<(Audiences, Ledger)> {
    let codes = Codes::default();
    let (mut rows, mut ledger) = scan.rows(dataset, &["sent_at"], |scan, batch, ledger, rows| {
        let mut faults = Faults::default();
        let sent = batch.times("sent_at", &mut scan.clock.clone(), &mut faults);
        let (campaigns, customers, arms) = (batch.ids("campaign_id"), batch.ids("customer_id"), batch.texts("arm"));
        let mut local = Local::new(&codes);
        each_row(batch, faults, ledger, |row, fault, ledger| {
            if sent[row] >= scan.end() {
                ledger.account(batch.file).after_as_of += 1;
                return;
            }
            let (campaign, customer, arm) = (campaigns.get(row), customers.get(row), arms.get(row));
            let known = |text: &str| Arm::ALL.into_iter().find(|arm| arm.name() == text);
            let judged = match (campaign, customer, arm, fault) {
                (_, _, _, Some(fault)) => Err(unparseable(fault)),
                (None, ..) => Err(null("campaign_id")),
                (_, None, ..) => Err(null("customer_id")),
                (_, _, None, _) => Err(null("arm")),
                _ if sent[row] == NO_TIME => {
                    Err((Reason::NullKey, "sent_at is null; of the control arm it is when the others were sent theirs".to_owned()))
                }
                (Some(campaign), Some(customer), Some(arm), None) => match known(arm) {
                    Some(arm) => Ok((campaign, customer, arm)),
                    None => Err((Reason::UnknownStatus, format!("arm: `{arm}`, which is neither treated nor control"))),
                },
            };
            match judged {
                Ok((campaign, customer, arm)) => {
                    let value = AudienceMember { campaign: local.code(campaign), customer: OwnedId::from(customer), arm, sent: sent[row] };
                    rows.push(Placed { file: batch.file, row: batch.first_row + row as u64, value });
                }
                Err(verdict) => reject(batch, row, RowIds { customer, ..RowIds::default() }, verdict, ledger),
            }
        });
    })?;
    let by_key = |a: &AudienceMember, b: &AudienceMember| (a.campaign, &a.customer).cmp(&(b.campaign, &b.customer));
    // Latest first, so that the one that counts comes last.
    rows.par_sort_unstable_by(|a, b| {
        by_key(&a.value, &b.value).then_with(|| (b.value.sent, a.file, a.row).cmp(&(a.value.sent, b.file, b.row)))
    });
    // Rows sent at different times are the message and its reminders.
    let agree = |a: &AudienceMember, b: &AudienceMember| a.sent != b.sent || a.arm == b.arm;
    let members = last_agreeing(dataset, rows, by_key, agree, &mut ledger)?;
    Ok((Audiences { members, campaigns: codes }, ledger))
}

impl Audiences {
    /// Returns the members of the audiences of these campaigns, which are ascending by id; a person with several ids is one. Of what was sent
    /// to several of these the first counts. Whoever was sent a message under one id and at the same time held back from it under another
    /// got it.
    pub fn of(self, campaigns: &[Campaign], scan: &Scan<'_>) -> Members {
        let (ids, ranks) = self.campaigns.sorted();
        let position = |code: u32| {
            let id = ids.get(*ranks.get(code as usize)? as usize)?;
            campaigns.binary_search_by(|campaign| campaign.id.cmp(id)).ok()
        };
        let positions: Vec<Option<u32>> = (0..ranks.len() as u32).map(|code| position(code).map(|position| position as u32)).collect();
        let all = self.members.len();
        let place = |mut member: AudienceMember| {
            member.campaign = positions.get(member.campaign as usize).copied().flatten()?;
            if scan.links.is_some() {
                member.customer = OwnedId::from(scan.person(member.customer.id()));
            }
            Some(member)
        };
        let mut members: Vec<AudienceMember> = self.members.into_iter().filter_map(place).collect();
        let unknown = all - members.len();
        let is_control = |member: &AudienceMember| member.arm == Arm::Control;
        members.sort_unstable_by(|a, b| {
            let key = (a.campaign, &a.customer).cmp(&(b.campaign, &b.customer));
            key.then_with(|| (a.sent, is_control(a)).cmp(&(b.sent, is_control(b))))
        });
        let mut in_both_arms = 0;
        members.dedup_by(|later, first| {
            let is_same = (later.campaign, &later.customer) == (first.campaign, &first.customer);
            in_both_arms += usize::from(is_same && later.sent == first.sent && later.arm != first.arm);
            is_same
        });
        Members { members, unknown, in_both_arms }
    }
}
