//! Arms: which customers of a list are contacted and which are held out, to measure the effect of the contact.

use sha2::{Digest, Sha256};

use crate::input::records::facts::Arm;

/// Assigns a customer to an arm by the SHA-256 of strategy and customer id as text, each prefixed with its length. Nothing else matters: a
/// customer stays in one arm of a strategy every night, in every shop, whoever else is on the list, and the arms of two strategies are
/// independent of each other. `share` of all ids are in the control arm.
pub fn arm_of(strategy: &str, customer: &str, share: f64) -> Arm {
    let mut hash = Sha256::new();
    for part in [strategy, customer] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let first = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // 53 bits: as many as a float has.
    let place = (first >> 11) as f64 / (1_u64 << 53) as f64;
    if place < share { Arm::Control } else { Arm::Treated }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_out(strategy: &str, share: f64) -> Vec<u32> {
        (0..10_000).filter(|id: &u32| arm_of(strategy, &id.to_string(), share) == Arm::Control).collect()
    }

    #[test]
    fn the_share_is_kept_and_strategies_are_independent() {
        // Standard error of a share of a tenth: sqrt(0.1 × 0.9 / 10000) = 0.003; three of them are 90 customers.
        let (winback, care) = (held_out("winback", 0.1), held_out("vip_care", 0.1));
        assert!(winback.len().abs_diff(1_000) <= 90 && care.len().abs_diff(1_000) <= 90, "{} {}", winback.len(), care.len());
        // A hundredth are in both control arms, 100 customers; standard error sqrt(0.01 × 0.99 × 10000) = 9.95.
        let both = winback.iter().filter(|id| care.contains(id)).count();
        assert!(both.abs_diff(100) <= 30, "{both}");
        assert!(held_out("winback", 0.0).is_empty());
    }

    #[test]
    fn who_is_held_out_stays_so_with_a_greater_share() {
        let (few, many) = (held_out("winback", 0.1), held_out("winback", 0.3));
        assert!(few.iter().all(|id| many.contains(id)));
    }

    #[test]
    fn the_hash_is_that_of_the_definition() {
        // printf '\7\0\0\0\0\0\0\0winback\2\0\0\0\0\0\0\0b1' | sha256sum: c9c9b3272cc1fd39…
        let place = 0xc9c9_b327_2cc1_fd39_u64 as f64 / 2_f64.powi(64);
        assert_eq!(arm_of("winback", "b1", place - 1e-9), Arm::Treated);
        assert_eq!(arm_of("winback", "b1", place + 1e-9), Arm::Control);
    }
}
