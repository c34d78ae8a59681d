//! The walk over the views of a visitor of a shop, in the order of time: days, periods, channels and visits are counted as they begin.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::bucket::ViewBucket;
use super::counts::ViewCounts;
use super::record::ViewRow;
use super::viewers::ViewerWriter;
use crate::error::Result;
use crate::partition::{Budget, Partitions};
use crate::spec::{Day, Grain};

/// Thirty minutes without a view end a visit: a view this much later begins another.
const GAP: i64 = 30 * 60 * 1_000_000;

/// What a walk needs to know.
#[derive(Debug, Clone, Copy)]
pub struct WalkPlan<'a> {
    /// The grains of periods, in the order of [`crate::job::Params::periods`].
    pub grains: [Grain; 4],
    /// By provisional code of a channel from 1: its final code; [0] is 0.
    pub channel_ranks: &'a [u32],
    /// Whether to keep the channels.
    pub keeps_channels: bool,
    /// Into how many partitions to write the days of customers; 0 keeps none.
    pub viewer_partitions: usize,
}

/// Walks over all views and returns the counts, and the days on which customers viewed pages.
///
/// # Errors
/// [`crate::error::Error::Output`] where the disk is full, or what was written to it cannot be read.
pub fn walk(views: &Partitions, plan: WalkPlan<'_>, budget: &Arc<Budget>) -> Result<(ViewCounts, Vec<ViewerWriter>)> {
    let next = AtomicUsize::new(0);
    let workers: Vec<Result<_>> = (0..rayon::current_num_threads())
        .into_par_iter()
        .map(|_| {
            let mut walker = Walker::new(plan, budget);
            let mut bucket = ViewBucket::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= views.len() {
                    break;
                }
                bucket.read(views, number, plan.channel_ranks)?;
                let (visitors, bytes) = bucket.visitors();
                visitors.for_each(|views| walker.visitor(views, bytes));
                walker.viewers.as_ref().map_or(Ok(()), ViewerWriter::check)?;
            }
            Ok((walker.counts, walker.viewers))
        })
        .collect();
    let (mut counts, mut viewers) = (ViewCounts::default(), Vec::new());
    for worker in workers {
        let (found, writer) = worker?;
        counts.merge(found);
        viewers.extend(writer);
    }
    Ok((counts, viewers))
}

/// Counts visitors one after the other.
struct Walker<'a> {
    plan: WalkPlan<'a>,
    counts: ViewCounts,
    viewers: Option<ViewerWriter>,
    /// The channels of the visitor's day so far.
    channels: Vec<u32>,
}

/// A visit that is not over.
struct Visit {
    day: Day,
    channel: u32,
    views: u64,
    last: i64,
}

impl<'a> Walker<'a> {
    fn new(plan: WalkPlan<'a>, budget: &Arc<Budget>) -> Self {
        let viewers = (plan.viewer_partitions > 0).then(|| ViewerWriter::new(plan.viewer_partitions, budget));
        Walker { plan, counts: ViewCounts::default(), viewers, channels: Vec::new() }
    }

    /// Counts the views of a visitor, ascending by time.
    fn visitor(&mut self, views: &[ViewRow], bytes: &[u8]) {
        let Some(first) = views.first() else { return };
        if self.plan.keeps_channels && first.channel > 0 {
            self.counts.channel(first.shop, first.channel, first.day).new_visitors += 1;
        }
        let (mut periods, mut item_periods) = ([None; 4], [None; 4]);
        let mut visit: Option<Visit> = None;
        for day in views.chunk_by(|a, b| a.day == b.day) {
            self.day(day, bytes, &mut periods, &mut item_periods);
            for view in day {
                match &mut visit {
                    Some(visit) if view.moment.saturating_sub(visit.last) < GAP => {
                        visit.views += 1;
                        visit.last = view.moment;
                    }
                    _ => {
                        let begun = Visit { day: view.day, channel: view.channel, views: 1, last: view.moment };
                        if let Some(over) = visit.replace(begun) {
                            self.end(first.shop, &over);
                        }
                    }
                }
            }
        }
        if let Some(over) = visit {
            self.end(first.shop, &over);
        }
    }

    /// Counts the views of a visitor on a day. `periods` and `item_periods` are the last periods in which the visitor, and the visitor of item
    /// pages, was counted.
    fn day(&mut self, views: &[ViewRow], bytes: &[u8], periods: &mut [Option<i32>; 4], item_periods: &mut [Option<i32>; 4]) {
        let Some(ViewRow { shop, day, .. }) = views.first().copied() else { return };
        let indexes = self.plan.grains.map(|grain| grain.index(day));
        let items = views.iter().filter(|view| view.is_item).count() as i64;
        for (grain, index) in indexes.into_iter().enumerate() {
            if periods[grain].replace(index) != Some(index) {
                self.counts.period(shop, grain, index).uv += 1;
            }
            if items > 0 && item_periods[grain].replace(index) != Some(index) {
                self.counts.period(shop, grain, index).ipv_uv += 1;
            }
        }
        let counts = self.counts.day(shop, day);
        counts.uv += 1;
        counts.pv += views.len() as i64;
        counts.ipv += items;
        counts.ipv_uv += i64::from(items > 0);
        for seconds in views.iter().filter_map(|view| view.dwell_seconds) {
            counts.dwell_seconds = counts.dwell_seconds.saturating_add(i64::from(seconds));
            counts.dwelt += 1;
        }
        if self.plan.keeps_channels {
            self.channels.clear();
            for channel in views.iter().map(|view| view.channel).filter(|channel| *channel > 0) {
                let counts = self.counts.channel(shop, channel, day);
                counts.pv += 1;
                if !self.channels.contains(&channel) {
                    self.channels.push(channel);
                    counts.uv += 1;
                }
            }
        }
        if let Some(viewers) = &mut self.viewers {
            let mut last = None;
            for customer in views.iter().filter_map(|view| view.customer) {
                let id = customer.id(bytes);
                // Most visitors are one customer; what is written twice is counted once later.
                if last.replace(id) != Some(id) {
                    viewers.push(shop, day, id);
                }
            }
        }
    }

    /// Counts a visit that is over on the day of its first view, and for the channel of that view.
    fn end(&mut self, shop: u32, visit: &Visit) {
        let is_bounce = i64::from(visit.views == 1);
        let counts = self.counts.day(shop, visit.day);
        counts.visits += 1;
        counts.bounces += is_bounce;
        if self.plan.keeps_channels && visit.channel > 0 {
            let counts = self.counts.channel(shop, visit.channel, visit.day);
            counts.visits += 1;
            counts.bounces += is_bounce;
        }
    }
}

#[cfg(test)]
mod tests;
