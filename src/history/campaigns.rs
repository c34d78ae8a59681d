//! The index of campaigns: by day of a shop the periods that it lies in, by customer the audiences that it belongs to.

use std::sync::Arc;

use crate::input::records::facts::{AudienceMember, Campaign};
use crate::input::values::codes::OwnedId;
use crate::spec::{DAY_MICROSECONDS, Day, Id, id_hash};

/// The three periods of equal length over which a campaign's shop is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignPart {
    /// As many days as the campaign has, up to the day before it.
    Before,
    /// The campaign.
    During,
    /// As many days from the day after it on.
    After,
}

impl CampaignPart {
    /// All of them, in the order of time.
    pub const ALL: [CampaignPart; 3] = [CampaignPart::Before, CampaignPart::During, CampaignPart::After];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            CampaignPart::Before => "before",
            CampaignPart::During => "during",
            CampaignPart::After => "after",
        }
    }

    /// Its first and last day.
    pub fn days(self, campaign: &Campaign) -> (Day, Day) {
        let length = campaign.ends - campaign.starts + 1;
        match self {
            CampaignPart::Before => (campaign.starts - length, campaign.starts - 1),
            CampaignPart::During => (campaign.starts, campaign.ends),
            CampaignPart::After => (campaign.ends + 1, campaign.ends + length),
        }
    }

    /// Its number among the periods of all campaigns; `campaign` is the position of the campaign.
    pub fn number(self, campaign: usize) -> usize {
        campaign * CampaignPart::ALL.len() + self as usize
    }
}

/// Bytes that the index takes for each member, the member itself not included.
pub const SEAT_BYTES: u64 = (size_of::<Seat>() + 2) as u64;

/// The entry of a member in the index.
#[derive(Debug, Clone, Copy)]
struct Seat {
    /// The hash of the customer's id. Two customers may have the same one.
    hash: u64,
    shop: u32,
    /// The position among the members.
    member: u32,
}

/// The periods of campaigns by day, and the members of their audiences by customer.
#[derive(Debug, Default)]
pub struct CampaignIndex {
    /// The ids of the campaigns, ascending.
    campaigns: Vec<OwnedId>,
    /// By shop code.
    shops: Vec<ShopPeriods>,
    members: Arc<Vec<AudienceMember>>,
    /// Ascending by (hash, shop, member).
    seats: Vec<Seat>,
    /// A bit for each hash: most customers are in no audience, and one look here says so.
    filter: Vec<u64>,
    window: i64,
}

/// The periods that the days of a shop lie in.
#[derive(Debug, Default)]
struct ShopPeriods {
    first: Day,
    /// By day from the first on: the offset of its periods; one more entry for the end of the last ones.
    starts: Vec<u32>,
    periods: Vec<u32>,
}

impl CampaignIndex {
    /// Builds the index. `campaigns` are ascending by id, `members` by (campaign, customer); a member's purchases count for `window_days`
    /// from the message on. Leaves out days outside `days` (first and last), which have no orders.
    pub fn new(campaigns: &[Campaign], members: Arc<Vec<AudienceMember>>, days: [Day; 2], window_days: i32) -> Self {
        let [from, until] = days;
        let mut by_shop: Vec<Vec<(Day, u32)>> = Vec::new();
        for (position, campaign) in campaigns.iter().enumerate() {
            let shop = campaign.shop as usize;
            if by_shop.len() <= shop {
                by_shop.resize(shop + 1, Vec::new());
            }
            for part in CampaignPart::ALL {
                let (first, last) = part.days(campaign);
                by_shop[shop].extend((first.max(from)..=last.min(until)).map(|day| (day, part.number(position) as u32)));
            }
        }
        let shop_of = |member: &AudienceMember| campaigns.get(member.campaign as usize).map_or(0, |campaign| campaign.shop);
        let seat = |(position, member): (usize, &AudienceMember)| {
            let shop = shop_of(member);
            Seat { hash: id_hash(member.customer()), shop, member: position as u32 }
        };
        let mut seats: Vec<Seat> = members.iter().enumerate().map(seat).collect();
        seats.sort_unstable_by_key(|seat| (seat.hash, seat.shop, seat.member));
        // Sixteen bits a member: the filter lets through one in sixteen customers who are not members.
        let mut filter = vec![0; (seats.len() / 4).next_power_of_two()];
        for seat in &seats {
            let (word, bit) = bit_of(seat.hash, filter.len());
            filter[word] |= bit;
        }
        CampaignIndex {
            campaigns: campaigns.iter().map(|campaign| campaign.id.clone()).collect(),
            shops: by_shop.into_iter().map(ShopPeriods::new).collect(),
            members,
            seats,
            filter,
            window: i64::from(window_days) * DAY_MICROSECONDS,
        }
    }

    /// The number of periods: [`CampaignPart::ALL`] of each campaign.
    pub fn periods(&self) -> usize {
        self.campaigns.len() * CampaignPart::ALL.len()
    }

    /// The numbers of the periods that a day of a shop lies in.
    #[inline]
    pub fn periods_of(&self, shop: u32, day: Day) -> &[u32] {
        self.shops.get(shop as usize).map_or(&[], |periods| periods.of(day))
    }

    /// The ids of the campaigns, ascending: a campaign's position is its index here.
    pub fn campaigns(&self) -> &[OwnedId] {
        &self.campaigns
    }

    /// Finds the position of the member with that customer in the campaign at that position.
    pub fn position_of_member(&self, campaign: usize, customer: Id<'_>) -> Option<u32> {
        let order = |member: &AudienceMember| (member.campaign as usize).cmp(&campaign).then_with(|| member.customer().cmp(&customer));
        self.members.binary_search_by(order).ok().map(|position| position as u32)
    }

    /// The members, by (campaign, customer).
    pub fn members(&self) -> &[AudienceMember] {
        &self.members
    }

    /// The members that a customer of a shop is, with their positions.
    #[inline]
    pub fn members_of(&self, shop: u32, customer: Id<'_>) -> impl Iterator<Item = (u32, &AudienceMember)> {
        let hash = id_hash(customer);
        let is_there = !self.filter.is_empty() && {
            let (word, bit) = bit_of(hash, self.filter.len());
            self.filter[word] & bit != 0
        };
        let seats: &[Seat] = if is_there { self.find(hash, shop) } else { &[] };
        seats.iter().filter_map(move |seat| {
            let member = self.members.get(seat.member as usize)?;
            (member.customer() == customer).then_some((seat.member, member))
        })
    }

    fn find(&self, hash: u64, shop: u32) -> &[Seat] {
        let key = (hash, shop);
        let from = self.seats.partition_point(|seat| (seat.hash, seat.shop) < key);
        let rest = &self.seats[from..];
        &rest[..rest.iter().take_while(|seat| (seat.hash, seat.shop) == key).count()]
    }

    /// The first moment at which the purchases of a member no longer count.
    pub fn window_end(&self, member: &AudienceMember) -> i64 {
        member.sent.saturating_add(self.window)
    }
}

impl ShopPeriods {
    fn new(mut days: Vec<(Day, u32)>) -> Self {
        days.sort_unstable();
        let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) else { return ShopPeriods::default() };
        let starts = (*first..=*last + 1).map(|day| days.partition_point(|(other, _)| *other < day) as u32).collect();
        ShopPeriods { first: *first, starts, periods: days.into_iter().map(|(_, period)| period).collect() }
    }

    #[inline]
    fn of(&self, day: Day) -> &[u32] {
        let Ok(offset) = usize::try_from(i64::from(day) - i64::from(self.first)) else { return &[] };
        match (self.starts.get(offset), self.starts.get(offset + 1)) {
            (Some(from), Some(until)) => self.periods.get(*from as usize..*until as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// The bit of a filter of so many words, a power of two, that stands for a hash.
fn bit_of(hash: u64, words: usize) -> (usize, u64) {
    ((hash >> 6) as usize & (words - 1), 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::records::facts::Arm;
    use crate::input::values::codes::OwnedId;

    fn campaign(shop: u32, starts: Day, ends: Day) -> Campaign {
        Campaign { id: OwnedId::Integer(0), shop, name: None, starts, ends, cost: None }
    }

    #[test]
    fn three_stretches_of_equal_length() {
        let three_days = campaign(0, 100, 102);
        assert_eq!(CampaignPart::ALL.map(|part| part.days(&three_days)), [(97, 99), (100, 102), (103, 105)]);
        let one_day = campaign(0, 100, 100);
        assert_eq!(CampaignPart::ALL.map(|part| part.days(&one_day)), [(99, 99), (100, 100), (101, 101)]);
    }

    #[test]
    fn a_day_lies_in_the_periods_of_its_shop() {
        let campaigns = [campaign(1, 100, 102), campaign(1, 104, 104), campaign(2, 100, 100)];
        let index = CampaignIndex::new(&campaigns, Arc::default(), [98, 104], 14);
        assert_eq!(index.periods(), 9);
        let of = |shop, day| index.periods_of(shop, day).to_vec();
        // 103 is the day after the first campaign, and the day before the second.
        assert_eq!((of(1, 103), of(1, 104)), (vec![2, 3], vec![2, 4]));
        assert_eq!((of(1, 98), of(1, 97), of(1, 105)), (vec![0], vec![], vec![]));
        assert_eq!((of(2, 100), of(2, 103), of(0, 100), of(9, 100)), (vec![7], vec![], vec![], vec![]));
        assert!(CampaignIndex::default().periods_of(0, 100).is_empty());
    }

    #[test]
    fn a_customer_is_found_by_shop_and_id() {
        let campaigns = [campaign(0, 100, 100), campaign(1, 100, 100), campaign(0, 110, 110)];
        let member =
            |campaign, customer: &str, sent| AudienceMember { campaign, customer: OwnedId::Text(customer.into()), arm: Arm::Treated, sent };
        let members = vec![member(0, "ann", 1), member(0, "bob", 2), member(1, "ann", 3), member(2, "ann", 4)];
        let index = CampaignIndex::new(&campaigns, Arc::new(members), [0, 200], 2);
        let found =
            |shop, customer: &str| index.members_of(shop, Id::Text(customer)).map(|(at, member)| (at, member.sent)).collect::<Vec<_>>();
        assert_eq!(found(0, "ann"), [(0, 1), (3, 4)]);
        assert_eq!(found(1, "ann"), [(2, 3)]);
        assert_eq!(found(1, "bob"), []);
        assert_eq!(index.window_end(&index.members()[0]), 1 + 2 * DAY_MICROSECONDS);
        assert_eq!(CampaignIndex::default().members_of(0, Id::Text("ann")).count(), 0);
    }
}
