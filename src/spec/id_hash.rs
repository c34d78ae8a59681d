//! Hashes of ids: the same in every run, on every machine and in every version, since durable buckets follow from them.
//!
//! | of | hash |
//! | --- | --- |
//! | an integer id | the first output of SplitMix64 seeded with the id's key ([`super::IdType::key`]), so that its width does not matter |
//! | a text id | wyhash, final version 4.3, of its UTF-8 bytes, with seed 0 and the default secret |
//! | an order's id, or a customer's, within a shop | hash of the id XOR (hash of the shop's id × 0x9e3779b97f4a7c15 mod 2^64) |
//!
//! The lines of a customer lie in the bucket of the customer's hash alone, whatever the shop, so that all that one person bought lies in one
//! bucket: whoever counts people over several shops needs no second look at the lines. An order that names nobody has the bucket of the
//! inverted bits of its hash within its shop.
//!
//! A hash says where to look for an id, never which id it is: whoever finds something by a hash compares the ids. Another
//! formula here is another format of everything that is stored by bucket.
//!
//! SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, with the constants of
//! Vigna, <https://prng.di.unimi.it/splitmix64.c>. wyhash: Wang Yi, <https://github.com/wangyi-fudan/wyhash>.

use super::Id;

/// The hash of an id.
#[inline]
pub fn id_hash(id: Id<'_>) -> u64 {
    match id {
        Id::Integer(key) => split_mix(key),
        Id::Text(text) => wyhash(text.as_bytes(), 0),
    }
}

/// The hash of an id within a shop, from the hash of the shop's id and the hash of the id. Different ids of one shop have
/// different hashes here if their own hashes differ.
#[inline]
pub fn id_hash_in_shop(shop_hash: u64, id_hash: u64) -> u64 {
    // The multiplier makes it matter which of the two is the shop.
    id_hash ^ shop_hash.wrapping_mul(GOLDEN)
}

/// 2^64 divided by the golden ratio, odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The first output of SplitMix64 with a seed: different seeds have different outputs.
#[inline]
fn split_mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(GOLDEN);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// The default secret of wyhash.
const SECRET: [u64; 4] = [0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9, 0x4b33_a62e_d433_d4a3, 0x4d5a_2da5_1de1_aa47];

/// Bytes that wyhash takes at a time while three lanes run side by side, and those that one lane takes.
const LANES: usize = 48;
const LANE: usize = 16;

#[inline]
fn wyhash(bytes: &[u8], seed: u64) -> u64 {
    let length = bytes.len();
    let mut seed = seed ^ folded(seed ^ SECRET[0], SECRET[1]);
    let (head, tail) = match length {
        0 => (0, 0),
        1..4 => (u64::from(bytes[0]) << 16 | u64::from(bytes[length / 2]) << 8 | u64::from(bytes[length - 1]), 0),
        4..=LANE => {
            let step = length / 8 * 4;
            (four(bytes, 0) << 32 | four(bytes, step), four(bytes, length - 4) << 32 | four(bytes, length - 4 - step))
        }
        _ => {
            seed = long(bytes, seed);
            (eight(bytes, length - 16), eight(bytes, length - 8))
        }
    };
    let (low, high) = product(head ^ SECRET[1], tail ^ seed);
    folded(low ^ SECRET[0] ^ length as u64, high ^ SECRET[1])
}

/// The seed after all bytes but the last ones, 16 at most.
fn long(mut bytes: &[u8], mut seed: u64) -> u64 {
    let lane = |bytes: &[u8], at: usize, secret: u64, seed: u64| folded(eight(bytes, at) ^ secret, eight(bytes, at + 8) ^ seed);
    if bytes.len() >= LANES {
        let (mut second, mut third) = (seed, seed);
        while bytes.len() >= LANES {
            seed = lane(bytes, 0, SECRET[1], seed);
            second = lane(bytes, LANE, SECRET[2], second);
            third = lane(bytes, 2 * LANE, SECRET[3], third);
            bytes = &bytes[LANES..];
        }
        seed ^= second ^ third;
    }
    while bytes.len() > LANE {
        seed = lane(bytes, 0, SECRET[1], seed);
        bytes = &bytes[LANE..];
    }
    seed
}

/// The product of two numbers, its lower and its upper half.
#[inline]
fn product(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    (product as u64, (product >> 64) as u64)
}

#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let (low, high) = product(a, b);
    low ^ high
}

/// Four bytes as a little-endian number.
#[inline]
fn four(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)))
}

/// Eight bytes as a little-endian number.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::IdType;

    #[test]
    fn integers_have_the_published_outputs_of_split_mix() {
        // Rosetta Code, "Pseudo-random numbers/Splitmix64": the first output of seed 1234567.
        assert_eq!(id_hash(Id::Integer(1_234_567)), 6_457_827_717_110_365_317);
        // Seed 0 gives e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f; its state grows by the golden number each time.
        assert_eq!(id_hash(Id::Integer(0)), 0xe220_a839_7b1d_cdaf);
        assert_eq!(id_hash(Id::Integer(GOLDEN)), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(id_hash(Id::Integer(GOLDEN.wrapping_mul(2))), 0x06c4_5d18_8009_454f);
    }

    #[test]
    fn texts_have_the_published_values_of_wyhash() {
        // The test vectors of wyhash, final version 4.3, whose seeds are 0 to 6.
        let letters = "abcdefghijklmnopqrstuvwxyz";
        let published = [
            (String::new(), 0x9322_8a4d_e0ee_c5a2),
            ("a".to_owned(), 0xc5ba_c3db_1787_13c4),
            ("abc".to_owned(), 0xa97f_2f7b_1d9b_3314),
            ("message digest".to_owned(), 0x786d_1f1d_f380_1df4),
            (letters.to_owned(), 0xdca5_a813_8ad3_7c87),
            (letters.to_uppercase() + letters + "0123456789", 0xb9e7_34f1_17cf_af70),
            ("1234567890".repeat(8), 0x6cc5_eab4_9a92_d617),
        ];
        for (seed, (text, hash)) in published.iter().enumerate() {
            assert_eq!(wyhash(text.as_bytes(), seed as u64), *hash, "{text}");
        }
        // With seed 0 and bytes 0, 1, 2, …, from reference values of other implementations: around each limit of length.
        let lengths = [
            (3, 0x78c4_aa0c_972a_522d),
            (4, 0xe08a_eeb6_8058_fb32),
            (8, 0xb4d6_ac74_d009_e1d4),
            (16, 0x305f_dea0_ed4a_2619),
            (17, 0xd29f_fdd2_01a4_6f9a),
            (32, 0x5b00_c06e_f754_0f8f),
            (33, 0x5e1a_2536_ff90_cc32),
            (48, 0xecbf_b7ff_9e3d_9a97),
            (49, 0x0691_f11b_ac52_3a91),
        ];
        for (length, hash) in lengths {
            let text: String = (0..length).map(char::from).collect();
            assert_eq!(id_hash(Id::Text(&text)), hash, "{length} bytes");
        }
    }

    #[test]
    fn it_matters_which_id_is_the_shop() {
        let [one, two] = [1, 2].map(|id| id_hash(Id::Integer(IdType::key(id))));
        assert_ne!(id_hash_in_shop(one, two), id_hash_in_shop(two, one));
        assert_ne!(id_hash_in_shop(one, two), id_hash_in_shop(two, two));
    }
}
