//! The metrics of a shop day by day, from the days of the shop and the small inputs.

use std::sync::Arc;

use super::comparable_days::ComparableDays;
use super::metrics::*;
use crate::fold::activity::{Activity, ActivityFold};
use crate::fold::alert_days::{AlertDay, AlertDayFold};
use crate::history::Context;
use crate::input::records::channel_days::{ChannelDay, ChannelFigure};
use crate::input::records::facts::{Facts, Refund};
use crate::metric::expectation::WINDOW;
use crate::metric::figure_days::{DayFigure, FigureDays, FigureKind, Missing};
use crate::metric::ratio::in_units_of;
use crate::spec::{Day, NO_DAY, NO_TIME, Need, day_of_time};
use crate::table::shop::days::{Figures, ShopDays, of_shop};

/// Minor units of a unit of the currency.
const MINOR: f64 = 100.0;

/// A metric of a shop.
#[derive(Debug)]
pub(super) struct MetricDays {
    /// The metric.
    pub metric: &'static Metric,
    /// The name, with the channel where the metric is of one.
    pub name: Arc<str>,
    /// The channel.
    pub channel: Option<Arc<str>>,
    /// Its figures.
    pub figures: ComparableDays,
}

/// What the metrics of all shops are made of.
pub(super) struct Sources<'a> {
    pub context: &'a Context,
    pub facts: &'a Facts,
    pub activity: &'a ActivityFold,
    pub alert_days: &'a AlertDayFold,
    /// The newest day of any refund of any shop, or [`NO_DAY`].
    pub refunds_until: Day,
    /// Whether any day of any shop has a UV of the whole shop.
    pub has_uv: bool,
}

/// What refunds say of a day.
#[derive(Debug, Clone, Copy, Default)]
struct RefundDay {
    /// The squares of the amounts that went back on the day, in squared units of the currency.
    squares: f64,
    /// Applications of the day in which the platform intervened.
    disputes: i64,
}

/// A day of a shop, as the metrics see it.
struct DayParts<'a> {
    figures: &'a Figures,
    alert: AlertDay,
    refunds: RefundDay,
}

impl DayParts<'_> {
    fn activity(&self) -> &Activity {
        &self.figures.activity
    }

    /// What was paid, in units of the currency.
    fn paid_amount(&self) -> f64 {
        in_units_of(MINOR, self.activity().paid_amount as f64)
    }

    /// The squares of what customers paid, summed.
    fn squared_payments(&self) -> f64 {
        in_units_of(MINOR * MINOR, self.alert.squared_payments as f64)
    }

    fn refund_amount(&self) -> f64 {
        in_units_of(MINOR, self.figures.refunded.map_or(0, |refunded| refunded.amount) as f64)
    }
}

fn count(count: i64) -> Result<DayFigure, Missing> {
    Ok(DayFigure::plain(count as f64, 0.0))
}

fn rate(numerator: f64, denominator: f64, extra: f64) -> Result<DayFigure, Missing> {
    DayFigure::rate(numerator, denominator, extra).ok_or(Missing::NoDenominator)
}

/// The metrics of one shop as they are gathered.
struct Gathered<'a> {
    days: Vec<DayParts<'a>>,
    /// How many of the days are known to have their orders: up to the newest one, and on while the shop had visitors and other shops orders.
    known_orders: usize,
    /// How many of them lie up to the newest refund of any shop.
    known_refunds: usize,
    metrics: Vec<MetricDays>,
}

impl Gathered<'_> {
    fn add(&mut self, metric: &'static Metric, kind: FigureKind, known: usize, of: impl Fn(&DayParts<'_>) -> Result<DayFigure, Missing>) {
        let figures = ComparableDays::alike(self.figures(kind, known, of));
        self.metrics.push(MetricDays { metric, name: metric.name.into(), channel: None, figures });
    }

    /// A metric of visitors, whose days compare with those of the same source.
    fn add_of_visitors(
        &mut self,
        metric: &'static Metric,
        kind: FigureKind,
        known: usize,
        of: impl Fn(&DayParts<'_>) -> Result<DayFigure, Missing>,
    ) {
        let is_counted = self.days.iter().map(|day| day.figures.uv_sources.is_counted()).collect();
        let figures = ComparableDays::of_visitors(self.figures(kind, known, of), is_counted);
        self.metrics.push(MetricDays { metric, name: metric.name.into(), channel: None, figures });
    }

    fn figures(&self, kind: FigureKind, known: usize, of: impl Fn(&DayParts<'_>) -> Result<DayFigure, Missing>) -> FigureDays {
        let days = self.days.iter().enumerate().map(|(at, day)| if at < known { of(day) } else { Err(Missing::Unknown) });
        FigureDays { kind, days: days.collect() }
    }

    fn add_of_orders(&mut self, metric: &'static Metric, kind: FigureKind, of: impl Fn(&DayParts<'_>) -> Result<DayFigure, Missing>) {
        self.add(metric, kind, self.known_orders, of);
    }
}

impl Sources<'_> {
    /// The metrics of a shop with these days, ascending by name.
    pub fn of_shop(&self, shop: &ShopDays) -> Vec<MetricDays> {
        let Sources { context, facts, .. } = self;
        let refunds = self.refund_days(shop);
        let alert = self.alert_days.days(shop.shop, shop.first, shop.last);
        let days = shop.figures.iter().zip(alert).zip(refunds);
        let days: Vec<DayParts<'_>> = days.map(|((figures, alert), refunds)| DayParts { figures, alert, refunds }).collect();
        let until = |day: Day| usize::try_from(i64::from(day) - i64::from(shop.first) + 1).unwrap_or(0);
        // What is not noted, as of a shop in no input, is not late.
        let newest_order = facts.last_days.get(shop.shop as usize).map_or(shop.last, |last| last.orders);
        // Of a shop that had visitors on a day, when the orders of other shops have come, it is known that nobody bought.
        let newest_of_all = facts.last_days.iter().map(|last| last.orders).max().unwrap_or(shop.last);
        let had_visitors = |day: &&DayParts<'_>| day.figures.traffic.uv.is_some_and(|uv| uv > 0);
        let without = days.iter().skip(until(newest_order)).take_while(had_visitors).count();
        let known_orders = until(newest_order) + without.min(until(newest_of_all).saturating_sub(until(newest_order)));
        let known_refunds = until(self.refunds_until);
        let mut gathered = Gathered { days, known_orders, known_refunds, metrics: Vec::new() };
        self.add_orders(&mut gathered);
        if context.features.customers {
            self.add_customers(&mut gathered);
        }
        if facts.refunds.is_some() {
            self.add_refunds(&mut gathered);
        }
        let mut metrics = gathered.metrics;
        metrics.extend(self.channels(shop));
        metrics.sort_by(|one, other| one.name.cmp(&other.name));
        metrics
    }

    fn add_orders(&self, gathered: &mut Gathered<'_>) {
        let features = &self.context.features;
        gathered.add_of_orders(&PLACED_ORDERS, FigureKind::Count, |day| count(day.activity().placed_orders));
        gathered.add_of_orders(&PAID_AMOUNT, FigureKind::Amount, |day| Ok(DayFigure::plain(day.paid_amount(), day.squared_payments())));
        if features.knows_payment() {
            gathered.add_of_orders(&PAYMENT_RATE, FigureKind::PaymentRate, |day| {
                let Activity { paid_orders, placed_orders, .. } = *day.activity();
                rate(paid_orders as f64, placed_orders as f64, day.alert.paid_same_day.into())
            });
            gathered.add_of_orders(&UNPAID_SHARE, FigureKind::Share, |day| {
                let placed = day.activity().placed_orders as f64;
                rate(placed - f64::from(day.alert.paid_same_day), placed, 0.0)
            });
        }
        if features.paid && features.shipped {
            gathered.add_of_orders(&LATE_SHIPMENTS, FigureKind::Count, |day| count(day.alert.late_shipments.into()));
        }
        if self.has_uv {
            let known = gathered.days.len();
            gathered.add_of_visitors(&UV, FigureKind::Count, known, |day| day.figures.traffic.uv.ok_or(Missing::Unknown).and_then(count));
        }
    }

    fn add_customers(&self, gathered: &mut Gathered<'_>) {
        gathered.add_of_orders(&PAYING_CUSTOMERS, FigureKind::Count, |day| count(day.activity().paying_customers));
        gathered.add_of_orders(&NEW_CUSTOMERS, FigureKind::Count, |day| count(day.activity().new_customers));
        gathered.add_of_orders(&RETURNING_SHARE, FigureKind::Share, |day| {
            let Activity { new_customers, returning_customers, .. } = *day.activity();
            rate(returning_customers as f64, (new_customers + returning_customers) as f64, 0.0)
        });
        gathered.add_of_orders(&VALUE_PER_CUSTOMER, FigureKind::Mean, |day| {
            rate(day.paid_amount(), day.activity().paying_customers as f64, day.squared_payments())
        });
        if self.has_uv {
            let known = gathered.known_orders;
            gathered.add_of_visitors(&CONVERSION, FigureKind::Share, known, |day| {
                let uv = day.figures.traffic.uv.ok_or(Missing::Unknown)?;
                rate(day.activity().paying_customers as f64, uv as f64, 0.0)
            });
        }
    }

    fn add_refunds(&self, gathered: &mut Gathered<'_>) {
        let (orders, refunds) = (gathered.known_orders, gathered.known_refunds);
        gathered.add(&REFUND_AMOUNT, FigureKind::Amount, refunds, |day| Ok(DayFigure::plain(day.refund_amount(), day.refunds.squares)));
        gathered.add(&REFUND_SHARE, FigureKind::AmountShare, refunds.min(orders), |day| {
            rate(day.refund_amount(), day.paid_amount(), day.refunds.squares)
        });
        if self.context.inputs.has(&Need { input: "refunds", column: "intervened" }) {
            gathered.add(&DISPUTES, FigureKind::Count, refunds, |day| count(day.refunds.disputes));
        }
    }

    /// What refunds say of each day of a shop.
    fn refund_days(&self, shop: &ShopDays) -> Vec<RefundDay> {
        let mut days = vec![RefundDay::default(); shop.figures.len()];
        let mut on = |time: i64, add: &dyn Fn(&mut RefundDay)| {
            let at = usize::try_from(i64::from(day_of_time(time)) - i64::from(shop.first)).ok();
            if let Some(day) = at.and_then(|at| days.get_mut(at)) {
                add(day);
            }
        };
        for refund in of_shop(self.facts.refunds.as_deref().unwrap_or_default(), shop.shop, |refund: &Refund| refund.shop) {
            if refund.completed != NO_TIME {
                let amount = in_units_of(MINOR, refund.amount as f64);
                on(refund.completed, &|day| day.squares += amount * amount);
            }
            if refund.intervened == Some(true) {
                on(refund.created, &|day| day.disputes += 1);
            }
        }
        days
    }

    /// The visitors of each channel that had some in the days that are looked at.
    fn channels(&self, shop: &ShopDays) -> Vec<MetricDays> {
        let Some(traffic) = &self.facts.channel_traffic else { return Vec::new() };
        let looked_at = shop.last.saturating_sub(self.context.params.alert_days).saturating_sub(WINDOW as i32);
        let mut metrics = Vec::new();
        let days: Vec<ChannelDay> = traffic.of_shop(shop.shop).collect();
        for rows in days.chunk_by(|one, next| one.channel == next.channel) {
            let mut days = vec![Err(Missing::Unknown); shop.figures.len()];
            let mut is_counted = vec![false; shop.figures.len()];
            let mut is_recent = false;
            for row in rows {
                let at = usize::try_from(i64::from(row.day) - i64::from(shop.first)).ok();
                let day = at.and_then(|at| Some((days.get_mut(at)?, is_counted.get_mut(at)?)));
                if let (Some(uv), Some((day, is_counted))) = (row.figure(ChannelFigure::Uv), day) {
                    (*day, *is_counted) = (count(uv), row.is_counted);
                    is_recent |= row.day > looked_at;
                }
            }
            let name = rows.first().and_then(|row| traffic.channels.get(row.channel as usize));
            if let Some(channel) = name.filter(|_| is_recent) {
                metrics.push(MetricDays {
                    metric: &CHANNEL_UV,
                    name: format!("{}{channel}", CHANNEL_UV.name).into(),
                    channel: Some(channel.as_str().into()),
                    figures: ComparableDays::of_visitors(FigureDays { kind: FigureKind::Count, days }, is_counted),
                });
            }
        }
        metrics
    }
}

/// The newest day of any refund, or [`NO_DAY`].
pub(super) fn newest_refund(facts: &Facts) -> Day {
    let days = |refund: &Refund| [refund.created, refund.completed].into_iter().filter(|time| *time != NO_TIME).map(day_of_time).max();
    facts.refunds.iter().flatten().filter_map(days).max().unwrap_or(NO_DAY)
}
