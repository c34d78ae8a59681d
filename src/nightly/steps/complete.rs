//! Whether nothing is missing and nothing came twice: a part that an engine lost would be a table without some customers, and nobody would see it.

use std::collections::BTreeSet;

use crate::error::{Error, Problem, Result};

/// Checks that each of `all` parts is there once.
///
/// # Errors
/// [`Error::Output`] of the first part that is not.
pub fn complete(what: &str, parts: Vec<u32>, all: usize) -> Result<()> {
    let found: BTreeSet<u32> = parts.iter().copied().collect();
    once(what, parts)?;
    match (0..all as u32).find(|part| !found.contains(part)) {
        Some(part) => Err(lost(format!("{what} {part} of {all} is missing"))),
        None => Ok(()),
    }
}

/// Checks that no part is there twice.
///
/// # Errors
/// As [`complete`].
pub fn once(what: &str, mut parts: Vec<u32>) -> Result<()> {
    parts.sort_unstable();
    let twice = parts.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first());
    twice.map_or(Ok(()), |part| Err(lost(format!("{what} {part} is there more than once"))))
}

/// Something that an engine lost, or has twice.
pub fn lost(told: String) -> Error {
    Error::Output(Problem::new("the rows of other steps", told).help("run the job again; nothing was published"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_must_be_there_once() {
        let told = |parts: &[u32], all| complete("bucket", parts.to_vec(), all).map_err(|cause| cause.to_string());
        assert_eq!(told(&[2, 0, 1], 3), Ok(()));
        assert!(told(&[2, 0], 3).unwrap_err().contains("bucket 1 of 3 is missing"));
        assert!(told(&[1, 0], 3).unwrap_err().contains("bucket 2 of 3 is missing"));
        assert!(told(&[], 1).unwrap_err().contains("bucket 0 of 1 is missing"));
        assert!(told(&[0, 1, 1, 2], 3).unwrap_err().contains("bucket 1 is there more than once"));
        assert!(told(&[0, 1, 2, 2], 3).unwrap_err().contains("bucket 2 is there more than once"));
    }
}
