//! Disk: folders that follow no links, files that survive a power loss, files that are replaced as a whole, and what names the contents of a file.

pub mod durable;
pub mod folder;
pub mod identity;
pub mod regular;
pub mod replace;
pub mod tidy;
pub mod unfinished;
