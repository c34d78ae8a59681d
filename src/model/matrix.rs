//! Small symmetric matrices: as many rows as a model has parameters, at most four.

/// A square matrix by rows.
pub type Matrix<const N: usize> = [[f64; N]; N];

/// The inverse of a symmetric matrix by Cholesky's decomposition; `None` where it is not positive definite.
pub fn inverse<const N: usize>(matrix: &Matrix<N>) -> Option<Matrix<N>> {
    let factor = cholesky(matrix)?;
    let mut inverse = [[0.0; N]; N];
    for column in 0..N {
        let mut unit = [0.0; N];
        unit[column] = 1.0;
        let solved = solve(&factor, &unit);
        for row in 0..N {
            inverse[row][column] = solved[row];
        }
    }
    Some(inverse)
}

/// The lower triangle L with L Lᵀ = matrix. A pivot that may be a rounding error counts as 0.
fn cholesky<const N: usize>(matrix: &Matrix<N>) -> Option<Matrix<N>> {
    let mut factor = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let known: f64 = (0..column).map(|inner| factor[row][inner] * factor[column][inner]).sum();
            let rest = matrix[row][column] - known;
            if row == column {
                if !(rest > 1e-13 * matrix[row][row] && rest.is_finite()) {
                    return None;
                }
                factor[row][row] = rest.sqrt();
            } else {
                factor[row][column] = rest / factor[column][column];
            }
        }
    }
    Some(factor)
}

/// x with L Lᵀ x = right.
fn solve<const N: usize>(factor: &Matrix<N>, right: &[f64; N]) -> [f64; N] {
    let mut x = forward(factor, right);
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|inner| factor[inner][row] * x[inner]).sum();
        x[row] = (x[row] - known) / factor[row][row];
    }
    x
}

/// L⁻¹ matrix L⁻ᵀ with L Lᵀ = `unit`: the matrix as a multiple of another one, in which that is 1; `None` where `unit` is not positive definite.
pub fn relative<const N: usize>(matrix: &Matrix<N>, unit: &Matrix<N>) -> Option<Matrix<N>> {
    let factor = cholesky(unit)?;
    // By columns, then by rows: each is a system with L alone.
    let left = transposed(&transposed(matrix).map(|column| forward(&factor, &column)));
    Some(left.map(|row| forward(&factor, &row)))
}

/// L multiple Lᵀ with L Lᵀ = `unit`: the matrix of which [`relative`] makes `multiple`.
pub fn absolute<const N: usize>(multiple: &Matrix<N>, unit: &Matrix<N>) -> Option<Matrix<N>> {
    let factor = cholesky(unit)?;
    let right = multiple.map(|row| product(&factor, &row));
    Some(transposed(&transposed(&right).map(|column| product(&factor, &column))))
}

fn transposed<const N: usize>(matrix: &Matrix<N>) -> Matrix<N> {
    std::array::from_fn(|row| std::array::from_fn(|column| matrix[column][row]))
}

/// x with L x = right.
fn forward<const N: usize>(factor: &Matrix<N>, right: &[f64; N]) -> [f64; N] {
    let mut x = *right;
    for row in 0..N {
        let known: f64 = (0..row).map(|inner| factor[row][inner] * x[inner]).sum();
        x[row] = (x[row] - known) / factor[row][row];
    }
    x
}

/// matrix · vector.
pub fn product<const N: usize>(matrix: &Matrix<N>, vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|row| dot(&matrix[row], vector))
}

/// The inner product.
pub fn dot<const N: usize>(one: &[f64; N], other: &[f64; N]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_of_a_matrix_worked_by_hand() {
        // det = 2·3 − 1 = 5.
        let found = inverse(&[[2.0, 1.0], [1.0, 3.0]]).unwrap();
        for (row, expected) in found.iter().zip([[0.6, -0.2], [-0.2, 0.4]]) {
            assert!(row.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-15), "{found:?}");
        }
        assert_eq!(product(&[[2.0, 1.0], [1.0, 3.0]], &[1.0, 2.0]), [4.0, 7.0]);
    }

    #[test]
    fn a_matrix_as_a_multiple_of_another_one_worked_by_hand() {
        // unit = L Lᵀ with L = [[2, 0], [1, 1]].
        let unit = [[4.0, 2.0], [2.0, 2.0]];
        assert_eq!(relative(&unit, &unit), Some([[1.0, 0.0], [0.0, 1.0]]));
        // L⁻¹ = [[½, 0], [−½, 1]]: of [[4, 0], [0, 2]] the multiple is [[1, −1], [−1, 1 + 2]].
        let multiple = [[1.0, -1.0], [-1.0, 3.0]];
        assert_eq!(relative(&[[4.0, 0.0], [0.0, 2.0]], &unit), Some(multiple));
        assert_eq!(absolute(&multiple, &unit), Some([[4.0, 0.0], [0.0, 2.0]]));
        assert_eq!(relative(&unit, &[[1.0, 2.0], [2.0, 1.0]]), None);
    }

    #[test]
    fn a_ridge_or_a_saddle_has_none() {
        assert_eq!(inverse(&[[1.0, 1.0], [1.0, 1.0]]), None);
        assert_eq!(inverse(&[[1.0, 2.0], [2.0, 1.0]]), None);
        assert_eq!(inverse(&[[f64::NAN, 0.0], [0.0, 1.0]]), None);
    }
}
