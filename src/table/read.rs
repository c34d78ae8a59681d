//! What the reads of a table imply: whether a job requests it, and the folds that it needs.

use super::night::{AnyShared, Read};
use super::request::Request;
use crate::fold::selection::Selection;

/// The reason why a job does not request what these reads need, directly or through shared results; `None` if it requests all.
pub fn not_requested(reads: &[Read], request: &Request) -> Option<&'static str> {
    reads.iter().find_map(|read| match read {
        Read::Shared(shared) => shared.not_requested(request).or_else(|| not_requested(&shared.reads(request), request)),
        Read::Fold(_) | Read::Part(_) | Read::IfRequested(_) => None,
    })
}

/// Whether the job requests a shared result and all that it needs.
pub fn has(shared: &dyn AnyShared, request: &Request) -> bool {
    shared.not_requested(request).is_none() && not_requested(&shared.reads(request), request).is_none()
}

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
