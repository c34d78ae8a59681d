//! Random numbers by counter: the behaviour of a customer depends only on (seed, stream, index), so that any part of the
//! data can be generated at any time, in any order, by any thread.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood 2014) started at a mixed key for every (seed, stream, index).
//! Logarithms are computed with the four basic operations only, so that every platform gives the same bits.

use crate::statistics::random::{GOLDEN, Random};

pub use crate::statistics::random::mix;

/// An independent family of draws for one purpose (gaps between orders, baskets, ratings …).
#[derive(Debug, Clone, Copy)]
pub struct Stream(u64);

impl Stream {
    /// The stream with that number under that seed.
    pub fn new(seed: u64, number: u64) -> Self {
        Stream(mix(mix(seed.wrapping_add(GOLDEN)).wrapping_add(number.wrapping_mul(GOLDEN))))
    }

    /// The draws that belong to `index`.
    pub fn at(self, index: u64) -> Draws {
        Draws(Random::new(mix(self.0 ^ index.wrapping_mul(0xd134_2543_de82_ef95))))
    }
}

/// A sequence of draws.
#[derive(Debug, Clone)]
pub struct Draws(Random);

impl Draws {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.bits()
    }

    /// Uniform on (0, 1), never 0 and never 1.
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// Uniform on `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform on the integers below `bound`; 0 if the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True with that probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -ln(self.unit())
    }

    /// The square of a standard normal, by Marsaglia's polar method.
    pub fn squared_normal(&mut self) -> f64 {
        loop {
            let (x, y) = (self.between(-1.0, 1.0), self.between(-1.0, 1.0));
            let radius = x * x + y * y;
            if radius < 1.0 && radius > 1e-300 {
                return x * x * (-2.0 * ln(radius) / radius);
            }
        }
    }

    /// Gamma with shape `halves` / 2 and mean 1.
    pub fn gamma(&mut self, halves: u32) -> f64 {
        let whole: f64 = (0..halves / 2).map(|_| self.exponential()).sum();
        let half = if halves % 2 == 1 { self.squared_normal() / 2.0 } else { 0.0 };
        (whole + half) * 2.0 / f64::from(halves.max(1))
    }

    /// A position in `weights`, with these probabilities; the last one for the rest if they do not add up to 1.
    pub fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit();
        for (position, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return position;
            }
        }
        weights.len().saturating_sub(1)
    }
}

/// Natural logarithm of a positive normal number: by 2 artanh((m − 1)/(m + 1)) with m in (√½, √2], error below 1e-15.
fn ln(value: f64) -> f64 {
    let bits = value.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    exponent as f64 * std::f64::consts::LN_2 + 2.0 * s * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_agrees_with_the_system() {
        for value in [1e-17, 0.001, 0.3, 0.5, 0.707, 0.999_999, 1.0, 1.414, 2.0, 10.0, 1e9] {
            let difference: f64 = ln(value) - f64::ln(value);
            assert!(difference.abs() <= 1e-14 * f64::ln(value).abs().max(1.0), "ln {value}");
        }
    }

    #[test]
    fn moments() {
        // Gamma of mean 1 and shape k has variance 1/k; the exponential has 1.
        for (halves, variance) in [(1, 2.0), (2, 1.0), (3, 2.0 / 3.0)] {
            let n = 200_000u64;
            let values: Vec<f64> = (0..n).map(|index| Stream::new(1, 2).at(index).gamma(halves)).collect();
            let mean = values.iter().sum::<f64>() / n as f64;
            let spread = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n as f64;
            assert!((mean - 1.0).abs() < 0.02, "mean {mean}");
            assert!((spread / variance - 1.0).abs() < 0.05, "variance {spread}");
        }
    }

    #[test]
    fn picks_follow_the_weights() {
        let mut counts = [0u32; 3];
        let mut draws = Stream::new(5, 5).at(0);
        for _ in 0..100_000 {
            counts[draws.pick(&[0.2, 0.3, 0.5])] += 1;
        }
        for (count, expected) in counts.iter().zip([20_000.0, 30_000.0, 50_000.0]) {
            assert!((f64::from(*count) - expected).abs() < 800.0, "{counts:?}");
        }
        assert_eq!(draws.below(0), 0);
    }
}
