//! huitou (回头): order and traffic histories of online shops in, exact result tables out, every night.
//!
//! The rooms of the house, each naming only those before it:
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`error`] | problems in the words of the person who must act, and exit codes |
//! | [`disk`] | folders that follow no links, files that survive a power loss |
//! | [`store`] | object stores: addresses, credentials, lists of objects and ranges of their bytes |
//! | [`spec`] | cards of tables and columns, ids, calendar periods |
//! | [`job`] | job files: parsed with places, checked against declared keys |
//! | [`exchange`] | what the steps of a run on several machines tell each other |
//! | [`partition`] | records dealt out by a hash, in memory or on disk |
//! | [`input`] | files to typed, checked rows |
//! | [`history`] | every customer's orders brought together once, in order, for folds to walk over |
//! | [`statistics`] | estimates, tests and distributions that know nothing of shops |
//! | [`model`] | customer bases: when customers buy, leave and what they spend, by maximum likelihood |
//! | [`metric`] | one definition a file: ratios, scores, stages, verdicts |
//! | [`fold`] | what is counted while walking over histories |
//! | [`table`] | one result table a file: its card and what fills it |
//! | [`publish`] | result tables to files, and one atomic swap that shows them |
//! | [`compare`] | two snapshots, row by row: what one has and the other has not, and which values differ |
//! | [`report`] | a snapshot as one HTML page |
//! | [`database`] | the tables of the latest snapshot in PostgreSQL, swapped at once |
//! | [`nightly`] | the whole run, from a checked job to a published snapshot |
//! | [`import`] | exports of seller centres to inputs, and a job that runs on them |
//! | [`sample`] | realistic, deterministic data to try it all on |
//! | [`cli`] | arguments, progress, messages: the only room that takes a date from the clock |

pub mod cli;
pub mod compare;
pub mod database;
pub mod disk;
pub mod error;
pub mod exchange;
pub mod fold;
pub mod history;
pub mod import;
pub mod input;
pub mod job;
pub mod metric;
pub mod model;
pub mod nightly;
pub mod partition;
pub mod publish;
pub mod report;
pub mod sample;
pub mod spec;
pub mod statistics;
pub mod store;
pub mod table;
