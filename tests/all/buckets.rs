//! Buckets: where a customer lies follows from the customer's id, not from the shop, nor from the order in which shops arrive or threads.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use arrow::array::{Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::record_batch::RecordBatch;
use huitou::history::conflicts::Conflicts;
use huitou::history::refunds::RefundIndex;
use huitou::history::{Fold, History, pass, state_bucket};
use huitou::input::values::codes::OwnedId;
use huitou::job::Job;
use huitou::nightly::{self, Plan, Silent};
use huitou::partition::{Budget, STATE_BUCKETS};

use super::scene::{Columns, DAY, JOB, Scene, day, money};

const SHOPS: [&str; 3] = ["甲", "乙", "丙"];

/// Orders of each shop: with those of all shops 72,000 lines, for which 16 buckets of at most 8,192 are needed.
const ORDERS: i64 = 24_000;

/// Customers of each shop; their ids are the same in all shops.
const CUSTOMERS: i64 = 3_000;

/// Customers as they were walked over: shop code and id.
type Walked = Mutex<Vec<(u32, OwnedId)>>;

/// A fold that notes whom it is shown.
struct Noting<'a>(&'a Walked);

impl Fold for Noting<'_> {
    fn update(&mut self, history: &History<'_>) {
        self.0.lock().unwrap().push((history.shop, history.customer.into()));
    }

    fn state(&mut self) -> huitou::error::Result<Vec<RecordBatch>> {
        Ok(Vec::new())
    }

    fn merge(&mut self, _: &[RecordBatch]) -> huitou::error::Result<()> {
        Ok(())
    }
}

fn orders(shop: &str) -> Columns {
    let moments = || (0..ORDERS).map(|order| (i64::from(day("2026-01-01")) + order % 60) * DAY);
    Columns(Vec::new())
        .with("shop_id", StringArray::from_iter_values((0..ORDERS).map(|_| shop)))
        .with("order_id", Int64Array::from_iter_values(0..ORDERS))
        .with("customer_id", Int64Array::from_iter_values((0..ORDERS).map(|order| order % CUSTOMERS)))
        .with("created_at", TimestampMicrosecondArray::from_iter_values(moments()))
        .with("paid_at", TimestampMicrosecondArray::from_iter_values(moments()))
        .with("paid_amount", money(&vec![100; ORDERS as usize]))
}

/// By bucket the ids of shop and customer, the shops' files being read one after the other in the given order.
fn buckets(shops: [&str; 3]) -> Vec<BTreeSet<(OwnedId, OwnedId)>> {
    let scene = Scene::new();
    scene.job(&JOB.replace("orders.parquet", "orders/*.parquet"));
    for (number, shop) in shops.iter().enumerate() {
        scene.parquet(&format!("orders/{number}.parquet"), &orders(shop));
    }
    let plan = Plan::new(Job::load(&scene.path("job.yaml"), &[], &Plan::catalogue()).unwrap(), day("2026-03-31"), &[]).unwrap();
    // On one thread buckets come one after the other.
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| {
        let loaded = nightly::load(&plan, &Arc::new(Budget::unlimited()), &Silent).unwrap();
        let (walked, buckets) = (Walked::default(), Mutex::default());
        let end_bucket = || {
            let customers = std::mem::take(&mut *walked.lock().unwrap()).into_iter();
            let ids = |(shop, customer): (u32, OwnedId)| (loaded.context.shops.id(shop).unwrap().into(), customer);
            Vec::push(&mut *buckets.lock().unwrap(), customers.map(ids).collect());
        };
        let (refunds, none) = (RefundIndex::default(), Conflicts::default());
        pass::run(&loaded.shuffled, &refunds, &none, &|| Noting(&walked), &end_bucket).unwrap();
        buckets.into_inner().unwrap()
    })
}

#[test]
fn a_customer_lies_in_one_bucket_whatever_the_order_in_which_shops_arrive() {
    let forward = buckets(SHOPS);
    let [first, second, third] = SHOPS;
    let backward = buckets([third, second, first]);
    assert_eq!(forward.len(), 16);
    assert_eq!(forward.iter().map(BTreeSet::len).sum::<usize>(), SHOPS.len() * CUSTOMERS as usize);
    assert!(forward == backward, "customers lie in other buckets");
    for (number, customers) in forward.iter().enumerate() {
        // A sixteenth of all hashes is a sixteenth of the durable buckets.
        assert!(customers.iter().all(|(_, customer)| state_bucket(customer.id()) / (STATE_BUCKETS / 16) == number));
        // Each customer bought in every shop, and what a person bought lies in one bucket.
        let people: BTreeSet<&OwnedId> = customers.iter().map(|(_, customer)| customer).collect();
        assert_eq!(people.len() * SHOPS.len(), customers.len());
    }
}
