//! Random numbers from a seed, the same on every machine and for every order of threads.

/// The step of the generator: 2^64 over the golden ratio.
pub const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Stafford's 13th variant of the 64-bit finalizer: a bijection in which every input bit moves every output bit.
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): small, and
/// sufficient for simulations of some thousand draws.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from 0 to below `count`; 0 if that is 0.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// A number of the standard normal distribution (G. Box, M. Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A number of the gamma distribution with a shape, and scale 1 (G. Marsaglia, W. Tsang, "A simple method for
    /// generating gamma variables", ACM TOMS 26(3), 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * (1.0 - self.unit()).powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && (1.0 - self.unit()).ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }

    /// A number of the Poisson distribution with a finite mean; 0 if that is not above 0. The time that it takes grows with the mean.
    pub fn poisson(&mut self, mean: f64) -> usize {
        // Times between cases are exponential.
        let mut waited = 0.0;
        let comes_in_time = |_: &usize| {
            waited -= (1.0 - self.unit()).ln();
            waited < mean
        };
        (0..).take_while(comes_in_time).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_those_of_the_reference() {
        // Reference implementation by S. Vigna (prng.di.unimi.it/splitmix64.c), seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!([random.bits(), random.bits()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn normal_numbers_have_their_mean_and_spread() {
        let mut random = Random::new(7);
        let numbers: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / numbers.len() as f64;
        // The standard errors are 0.007 and 0.01.
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }

    #[test]
    fn poisson_numbers_have_their_mean_as_variance_and_the_right_share_of_none() {
        let mut random = Random::new(13);
        let numbers: Vec<f64> = (0..20_000).map(|_| random.poisson(1.5) as f64).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / numbers.len() as f64;
        let none = numbers.iter().filter(|number| **number == 0.0).count() as f64 / numbers.len() as f64;
        // The standard errors are 0.009, 0.017 and 0.003.
        assert!(
            (mean - 1.5).abs() < 0.03 && (variance - 1.5).abs() < 0.06 && (none - (-1.5_f64).exp()).abs() < 0.011,
            "{mean} {variance} {none}"
        );
        assert_eq!([0.0, -1.0].map(|mean| random.poisson(mean)), [0, 0]);
    }
}
