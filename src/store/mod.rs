//! Object stores: addresses of buckets, the credentials for them, lists of objects and ranges of their bytes.

pub mod address;
pub mod ahead;
pub mod bucket;
mod client;
pub mod failure;
mod profile;
mod runtime;
