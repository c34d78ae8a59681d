//! Tables about shops taken together: money and counts added up, customers distinct over all of them.

pub(crate) mod columns;
pub mod daily;
pub mod periods;
pub(crate) mod scope_days;
#[cfg(test)]
mod tests;
