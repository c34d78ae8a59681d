//! What the reads of a table imply: the shared results and the folds that it needs.

use super::night::{Read, has};
use super::request::Request;
use crate::fold::selection::Selection;

/// Whether these reads include the shared result of that name, directly or through others, in a job with these requests.
pub fn reads(reads: &[Read], request: &Request, name: &str) -> bool {
    reads.iter().any(|read| match read {
        Read::Shared(shared) | Read::IfRequested(shared) if has(*shared, request) => {
            shared.name() == name || self::reads(&shared.reads(request), request, name)
        }
        _ => false,
    })
}

/// Adds the folds that these reads need to a selection.
pub fn select(reads: &[Read], request: &Request, selection: &mut Selection) {
    for read in reads {
        match read {
            Read::Fold(fold) => selection.add(*fold),
            Read::Part(part) => selection.add_part(part),
            Read::Shared(shared) | Read::IfRequested(shared) if has(*shared, request) => {
                select(&shared.reads(request), request, selection);
            }
            Read::Shared(_) | Read::IfRequested(_) => {}
        }
    }
}
