//! Quadrature: nodes and weights of Gauss-Legendre quadrature on 0..1 (Abramowitz & Stegun, table 25.4).

/// Three nodes: exact for polynomials up to degree 5.
pub const FEWEST: [(f64, f64); 3] =
    [(0.5 - 0.5 * 0.774_596_669_241_483_4, 5.0 / 18.0), (0.5, 4.0 / 9.0), (0.5 + 0.5 * 0.774_596_669_241_483_4, 5.0 / 18.0)];

/// Four nodes: exact for polynomials up to degree 7.
pub const SHORTEST: [(f64, f64); 4] =
    from_half([(0.339_981_043_584_856, 0.652_145_154_862_546), (0.861_136_311_594_053, 0.347_854_845_137_454)]);

/// Six nodes: exact for polynomials up to degree 11.
pub const SHORT: [(f64, f64); 6] = from_half([
    (0.238_619_186_083_197, 0.467_913_934_572_691),
    (0.661_209_386_466_265, 0.360_761_573_048_139),
    (0.932_469_514_203_152, 0.171_324_492_379_170),
]);

/// Twelve nodes: exact for polynomials up to degree 23.
pub const LONG: [(f64, f64); 12] = from_half([
    (0.125_233_408_511_469, 0.249_147_045_813_403),
    (0.367_831_498_998_180, 0.233_492_536_538_355),
    (0.587_317_954_286_617, 0.203_167_426_723_066),
    (0.769_902_674_194_305, 0.160_078_328_543_346),
    (0.904_117_256_370_475, 0.106_939_325_995_318),
    (0.981_560_634_246_719, 0.047_175_336_386_512),
]);

/// All nodes on 0..1, from the distances of half of them from the middle of −1..1, and their weights.
const fn from_half<const HALF: usize, const ALL: usize>(half: [(f64, f64); HALF]) -> [(f64, f64); ALL] {
    let mut unit = [(0.0, 0.0); ALL];
    let mut index = 0;
    while index < HALF {
        let (distance, weight) = half[index];
        unit[index] = (0.5 - 0.5 * distance, 0.5 * weight);
        unit[HALF + index] = (0.5 + 0.5 * distance, 0.5 * weight);
        index += 1;
    }
    unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(nodes: &[(f64, f64)]) {
        for degree in 0..2 * nodes.len() as i32 {
            let found: f64 = nodes.iter().map(|(node, weight)| weight * node.powi(degree)).sum();
            assert!((found * f64::from(degree + 1) - 1.0).abs() < 2e-14, "{degree}: {found}");
        }
    }

    #[test]
    fn polynomials_are_exact_up_to_their_degree() {
        check(&FEWEST);
        check(&SHORTEST);
        check(&SHORT);
        check(&LONG);
    }
}
