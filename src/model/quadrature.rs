//! Quadrature: the nodes of Gauss and Legendre on 0..1.

/// How many nodes a panel has.
pub const NODES: usize = 12;

/// Distance of each node from the middle of −1..1 (Abramowitz & Stegun, table 25.4, n = 12), and its weight.
const HALF: [(f64, f64); NODES / 2] = [
    (0.125_233_408_511_469, 0.249_147_045_813_403),
    (0.367_831_498_998_180, 0.233_492_536_538_355),
    (0.587_317_954_286_617, 0.203_167_426_723_066),
    (0.769_902_674_194_305, 0.160_078_328_543_346),
    (0.904_117_256_370_475, 0.106_939_325_995_318),
    (0.981_560_634_246_719, 0.047_175_336_386_512),
];

/// Nodes and weights on 0..1, ascending within each half.
pub const UNIT: [(f64, f64); NODES] = {
    let mut unit = [(0.0, 0.0); NODES];
    let mut index = 0;
    while index < NODES / 2 {
        let (distance, weight) = HALF[index];
        unit[index] = (0.5 - 0.5 * distance, 0.5 * weight);
        unit[NODES / 2 + index] = (0.5 + 0.5 * distance, 0.5 * weight);
        index += 1;
    }
    unit
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_up_to_degree_23_are_exact() {
        for degree in 0..2 * NODES as i32 {
            let found: f64 = UNIT.iter().map(|(node, weight)| weight * node.powi(degree)).sum();
            assert!((found * f64::from(degree + 1) - 1.0).abs() < 2e-14, "{degree}: {found}");
        }
    }
}
