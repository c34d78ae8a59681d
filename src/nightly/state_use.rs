//! What a run does with the state.

/// What a run does with the state: the lines that earlier runs kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateUse {
    /// Whether it uses the one that is there.
    pub reads: bool,
    /// Whether it leaves one for the next night.
    pub writes: bool,
}
