//! The shops: size, age and quality of each.

use super::calendar::Calendar;
use super::random::Stream;

/// Main categories with the price level in yuan; of twelve shops, two of the three categories get five each.
pub const CATEGORIES: [(&str, f64); 3] = [("女装", 150.0), ("美妆", 110.0), ("食品", 48.0)];
const DEAL: [usize; 12] = [0, 1, 0, 2, 1, 0, 1, 0, 1, 2, 0, 1];
const CITIES: [&str; 10] = ["杭州", "广州", "上海", "义乌", "成都", "厦门", "苏州", "深圳", "泉州", "青岛"];
const WORDS: [&str; 12] = ["云棉", "青禾", "南枝", "小满", "拾光", "木白", "知夏", "山野", "初见", "半糖", "溪谷", "晚风"];

/// One shop.
#[derive(Debug)]
pub struct Shop {
    /// Its position among the shops.
    pub index: usize,
    /// Its main category, a position in [`CATEGORIES`].
    pub category: usize,
    /// Its name.
    pub name: String,
    /// The group to which it belongs, if it does.
    pub group: Option<String>,
    /// The day of its opening, counted from the first day of the data; negative if it opened before.
    pub opened: i32,
    /// The number of its first customer among all customers.
    pub first_customer: u32,
    /// The number of customers who arrive within the data.
    pub customers: u32,
    /// The person behind its customer number i is `(i * step + start) mod people`.
    pub person: (u64, u64),
    /// Relative number of customers who arrive before each day; the last value is the total.
    pub arrivals: Vec<f64>,
    /// How often its customers return, relative to other shops.
    pub appetite: f64,
    /// Twice the shape of the gamma distribution of its customers' purchase rates.
    pub halves: u32,
    /// Days after which half of its customers have left.
    pub half_life: f64,
    /// Share of orders that are never paid.
    pub unpaid: f64,
    /// Share of paid orders with a refund application.
    pub refunds: f64,
    /// Share of refund applications in which the platform intervenes.
    pub intervened: f64,
    /// Hours from payment to shipping.
    pub ship_hours: f64,
    /// Paying customers per visitor.
    pub conversion: f64,
    /// Share of completed orders that are rated.
    pub rated: f64,
    /// The mean distance of each score (description, service, delivery, logistics) from 5.
    pub shortfall: [f64; 4],
    /// The price of an ordinary item in yuan.
    pub price: f64,
    /// The number of items that it sells.
    pub items: u64,
    /// Annual target divided by annual sales.
    pub ambition: f64,
    /// Its quality, 0 to 1, which decides refunds, disputes, scores and complaints.
    pub quality: f64,
}

/// `count` shops that share `customers` customers. `stream` is used for shops only.
pub fn shops(count: u32, customers: u64, people: u64, calendar: &Calendar, stream: Stream) -> Vec<Shop> {
    let mut shops: Vec<Shop> = (0..count as usize).map(|index| shop(index, count as usize, people, calendar, stream)).collect();
    let weights: Vec<f64> = shops.iter().map(|shop| size(shop.index, stream) * shop.arrivals.last().unwrap_or(&0.0)).collect();
    let total: f64 = weights.iter().sum();
    // Rounds the running sum, so that the shares add up for any sizes.
    let (mut running, mut given) = (0.0, 0u64);
    let last = shops.len().saturating_sub(1);
    for (shop, weight) in shops.iter_mut().zip(weights) {
        running += weight;
        let until = if shop.index == last { customers } else { ((running / total * customers as f64) as u64).min(customers) };
        shop.first_customer = given as u32;
        shop.customers = (until.max(given) - given) as u32;
        given = until.max(given);
    }
    shops
}

/// The size of the shop at a rank: by a power law with exponent ¾, with noise.
fn size(index: usize, stream: Stream) -> f64 {
    let root = (index as f64 + 1.0).sqrt();
    stream.at(1_000_000 + index as u64).between(0.7, 1.3) / (root * root.sqrt())
}

fn shop(index: usize, count: usize, people: u64, calendar: &Calendar, stream: Stream) -> Shop {
    let mut draws = stream.at(index as u64);
    let category = DEAL[index % DEAL.len()];
    let days = calendar.days as f64;
    // Every fourth shop opens within the data, after a tenth to two thirds of it; the others are one to eight years old.
    let opened = if index % 4 == 3 { (days * draws.between(0.1, 0.66)) as i32 } else { -(draws.between(400.0, 2_900.0) as i32) };
    let growth = draws.between(-0.25, 0.8);
    let quality = draws.unit();
    let step = loop {
        let step = 1 + draws.below(people.max(1));
        if greatest_common_divisor(step, people.max(1)) == 1 {
            break step;
        }
    };
    let series = if count > CITIES.len() * WORDS.len() { format!("{}", index + 1) } else { String::new() };
    let city = CITIES[(index * 7 + index / 10) % CITIES.len()];
    let name = format!("{city}{}{}{series}旗舰店", WORDS[(index * 5 + index / 12) % WORDS.len()], CATEGORIES[category].0);
    Shop {
        index,
        category,
        name,
        group: group(index),
        opened,
        first_customer: 0,
        customers: 0,
        person: (step, draws.below(people.max(1))),
        arrivals: arrivals(opened, growth, calendar),
        appetite: draws.between(0.6, 1.5),
        halves: 1 + draws.below(3) as u32,
        half_life: draws.between(90.0, 420.0),
        unpaid: draws.between(0.055, 0.145),
        refunds: 0.04 + 0.09 * (1.0 - quality) * draws.between(0.6, 1.4),
        intervened: 0.005 + 0.09 * (1.0 - quality) * draws.between(0.4, 1.6),
        ship_hours: draws.between(6.0, 30.0),
        conversion: draws.between(0.012, 0.055),
        rated: draws.between(0.2, 0.5),
        shortfall: std::array::from_fn(|_| 0.06 + 0.5 * (1.0 - quality) * draws.between(0.5, 1.5)),
        price: CATEGORIES[category].1 * draws.between(0.6, 1.7),
        items: 40 + draws.below(360),
        ambition: draws.between(0.7, 1.35),
        quality,
    }
}

/// Of eighteen shops five are a brand's and three an agency's; the others belong to nobody else.
fn group(index: usize) -> Option<String> {
    let name = match index % 18 {
        0..5 => "云山集团",
        5..8 => "晴川代运营",
        _ => return None,
    };
    let series = index / 18;
    Some(if series > 0 { format!("{name}{}", series + 1) } else { name.to_owned() })
}

/// The arrivals of customers by day. Customers from before the data appear as new ones in the first months of an old shop.
fn arrivals(opened: i32, growth: f64, calendar: &Calendar) -> Vec<f64> {
    let mut cumulative = Vec::with_capacity(calendar.days + 1);
    let mut total = 0.0;
    cumulative.push(total);
    for day in 0..calendar.days {
        let age = day as f64 - f64::from(opened);
        if age >= 0.0 {
            let known = if opened < 0 { 1.0 + 5.0 / (1.0 + (day as f64 / 30.0) * (day as f64 / 30.0)) } else { 1.0 };
            let ramp = 0.15 + 0.85 * (age / 60.0).min(1.0);
            total += calendar.weight(day) * known * ramp * (1.0 + growth * day as f64 / 365.0).max(0.2);
        }
        cumulative.push(total);
    }
    cumulative
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_distributed_and_a_group_is_large_enough_to_rank() {
        let calendar = Calendar::new(20_000, 24);
        for (count, customers) in [(12, 100_000), (1, 7), (50, 3), (12, 0)] {
            let shops = shops(count, customers, customers * 2, &calendar, Stream::new(7, 1));
            assert_eq!(shops.iter().map(|shop| u64::from(shop.customers)).sum::<u64>(), customers);
            let mut next = 0;
            for shop in &shops {
                assert_eq!(shop.first_customer, next);
                next += shop.customers;
            }
        }
        let twelve = shops(12, 1_000, 2_000, &calendar, Stream::new(7, 1));
        let sizes: Vec<usize> = (0..3).map(|category| twelve.iter().filter(|shop| shop.category == category).count()).collect();
        assert_eq!(sizes, [5, 5, 2]);
    }

    #[test]
    fn nobody_is_two_customers_of_one_shop() {
        let calendar = Calendar::new(20_000, 6);
        let shops = shops(3, 900, 1_800, &calendar, Stream::new(3, 1));
        for shop in &shops {
            let people: std::collections::BTreeSet<u64> =
                (0..u64::from(shop.customers)).map(|i| (i * shop.person.0 + shop.person.1) % 1_800).collect();
            assert_eq!(people.len(), shop.customers as usize);
        }
    }
}
