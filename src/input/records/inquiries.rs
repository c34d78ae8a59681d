//! Inquiries (询单): the questions that customers asked the agents of a shop, distributed by customer as the order lines are.

use std::sync::Arc;

use crate::error::Result;
use crate::input::mapping::dataset::Dataset;
use crate::input::rows::batch::Batch;
use crate::input::rows::ledger::{Ledger, Reason};
use crate::input::rows::scan::{RowIds, Scan, each_row, null, reject, unparseable};
use crate::input::values::codes::{Codes, Local};
use crate::input::values::fault::Faults;
use crate::input::values::integers::NO_COUNT;
use crate::partition::record::{Records, put};
use crate::partition::{Budget, Partitions, Writer, partition_of};
use crate::spec::{Id, IdType, NO_TIME, day_of_time, id_hash};

/// The word for all agents of a shop together, which is no agent.
pub const ALL_AGENTS: &str = "(all)";

/// The seconds to the response of a question that has none.
pub const NO_RESPONSE: u32 = u32::MAX;

/// A question as it is distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Provisional code of the shop.
    pub shop: u32,
    /// Provisional code of the agent.
    pub agent: u32,
    /// Local time in microseconds.
    pub asked: i64,
    /// Seconds to the response, or [`NO_RESPONSE`].
    pub response: u32,
    /// Who asked.
    pub customer: Id<'a>,
}

impl<'a> Asked<'a> {
    fn put(&self, writer: &mut Writer) {
        let partition = partition_of(id_hash(self.customer), writer.partitions());
        let codes = u64::from(self.shop) << 32 | u64::from(self.agent);
        put(writer, partition, &[codes, self.asked as u64, u64::from(self.response)], &[self.customer]);
    }

    /// Reads the next question of a partition; `None` at the end.
    pub fn read(records: &mut Records<'a>, is_text: bool) -> Option<Asked<'a>> {
        let [codes, asked, response, customer] = records.words()?;
        let customer = records.id(is_text, customer)?;
        Some(Asked { shop: (codes >> 32) as u32, agent: codes as u32, asked: asked as i64, response: response as u32, customer })
    }
}

/// The questions of all customers.
#[derive(Debug, Default)]
pub struct Inquiries {
    /// By the hash of the customer, in as many partitions as the lines have buckets.
    pub partitions: Partitions,
    /// Whether ids of customers are texts.
    pub is_text: bool,
    /// The agents' ids as people read them, ascending.
    pub agents: Vec<String>,
    /// By provisional code of an agent: its position there.
    pub agent_ranks: Vec<u32>,
}

/// What one thread reads.
struct Share<'a> {
    shops: Local<'a>,
    agents: Local<'a>,
    writer: Writer,
}

/// Reads the questions up to the as-of date, each of which counts, and distributes them to so many buckets.
///
/// # Errors
/// [`crate::error::Error::Input`] where a file is damaged; [`crate::error::Error::Output`] where the disk is full.
pub fn read(scan: &Scan<'_>, dataset: &Dataset, shops: &Codes, budget: &Arc<Budget>, buckets: usize) -> Result<(Inquiries, Ledger)> {
    let agents = Codes::default();
    let start = || Share { shops: Local::new(shops), agents: Local::new(&agents), writer: Writer::new(buckets, Arc::clone(budget)) };
    let (shares, ledger) = scan.on_all_threads(dataset, &["asked_at"], start, |share, batch, ledger| {
        each_question(scan, batch, share, ledger);
        share.writer.check()
    })?;
    let partitions = Partitions::new(shares.into_iter().map(|share| share.writer).collect())?;
    let (agents, agent_ranks) = agents.shown(&dataset.id_type("agent_id").unwrap_or_else(IdType::text));
    let is_text = dataset.id_type("customer_id").is_none_or(|id_type| !id_type.is_integer());
    Ok((Inquiries { partitions, is_text, agents, agent_ranks }, ledger))
}

/// Writes every valid row of a batch up to the as-of date.
fn each_question(scan: &Scan<'_>, batch: &Batch<'_>, share: &mut Share<'_>, ledger: &mut Ledger) {
    let Share { shops, agents, writer } = share;
    let mut faults = Faults::default();
    let asked = batch.times("asked_at", &mut scan.clock.clone(), &mut faults);
    let responses = batch.counts("response_seconds", &mut faults);
    let (shop_ids, agent_ids, customer_ids) = (scan.shops(batch), batch.ids("agent_id"), batch.ids("customer_id"));
    batch.note_long(&["shop_id", "agent_id"], &mut faults);
    batch.note_rounded(&["shop_id", "agent_id", "customer_id"], &mut faults);
    each_row(batch, faults, ledger, |row, fault, ledger| {
        if asked[row] >= scan.end() {
            ledger.account(batch.file).after_as_of += 1;
            return;
        }
        let (shop, agent, customer) = (shop_ids.get(row), agent_ids.get(row), customer_ids.get(row));
        let response = match responses[row] {
            NO_COUNT => Ok(NO_RESPONSE),
            seconds if seconds < 0 => Err((Reason::NegativeAmount, format!("response_seconds: {seconds}"))),
            seconds => match u32::try_from(seconds) {
                Ok(seconds) if seconds != NO_RESPONSE => Ok(seconds),
                _ => Err((Reason::UnparseableValue, format!("response_seconds: {seconds} is more than 136 years"))),
            },
        };
        let judged = match (shop, agent, customer, fault) {
            (None, ..) => Err(null("shop_id")),
            (_, None, ..) => Err(null("agent_id")),
            (_, _, None, _) => Err(null("customer_id")),
            (_, _, _, Some(fault)) => Err(unparseable(fault)),
            _ if asked[row] == NO_TIME => Err(null("asked_at")),
            (_, Some(Id::Text(ALL_AGENTS)), ..) => {
                Err((Reason::NullKey, format!("agent_id: `{ALL_AGENTS}` is all agents of a shop, and no agent")))
            }
            (Some(shop), Some(agent), Some(customer), None) => response.map(|response| (shop, agent, customer, response)),
        };
        match judged {
            Ok((shop, agent, customer, response)) => {
                let shop = shops.code(shop);
                let account = ledger.account(batch.file);
                account.used += 1;
                ledger.events.note(batch.file, shop, day_of_time(asked[row]));
                Asked { shop, agent: agents.code(agent), asked: asked[row], response, customer: scan.person(customer) }.put(writer);
            }
            Err(verdict) => reject(batch, row, RowIds { shop, customer, ..RowIds::default() }, verdict, ledger),
        }
    });
}
