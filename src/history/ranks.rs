//! Ranks: the final codes of a run, by the codes that values had while they were read.

/// By provisional code: the final code, in the order of the values.
#[derive(Debug, Default)]
pub struct Ranks {
    /// By provisional code of a shop.
    pub shops: Vec<u32>,
    /// By provisional code from 1; [0] is 0.
    pub channels: Vec<u32>,
    /// As `channels`.
    pub provinces: Vec<u32>,
    /// As `channels`.
    pub categories: Vec<u32>,
    /// As `channels`.
    pub items: Vec<u32>,
    /// As `channels`.
    pub promotions: Vec<u32>,
    /// As `channels`; empty where the codes of titles stay as they are.
    pub titles: Vec<u32>,
}
