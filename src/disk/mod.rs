//! Disk: folders that follow no links, files that survive a power loss, and files that are replaced as a whole.

pub mod durable;
pub mod folder;
pub mod regular;
pub mod replace;
pub mod unfinished;
