//! Mapping: the columns of an input held against those of its files, with the advice where they do not fit.

pub(super) mod advice;
#[cfg(test)]
mod advice_tests;
pub(super) mod bind;
pub(super) mod copies;
pub mod dataset;
pub(super) mod drift;
pub mod limits;
pub(super) mod names;
mod outside_pools;
pub(super) mod problems;
pub(super) mod time_warnings;
