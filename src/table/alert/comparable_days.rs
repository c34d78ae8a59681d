//! Comparable days: the figures of a metric beside those that are measured alike. Visitors whom the platform counts and visitors counted from
//! page views are not the same people, so that a change of the input is no change of the shop.

use crate::metric::figure_days::{FigureDays, Missing};

/// The figures of a metric by day, and what each day compares with.
#[derive(Debug)]
pub(super) struct ComparableDays {
    all: FigureDays,
    /// Where some figures come from rows of traffic and some from page views.
    by_source: Option<BySource>,
}

/// The figures of one source each; days of the other one are unknown.
#[derive(Debug)]
struct BySource {
    /// By day: whether its figure is counted from page views.
    is_counted: Vec<bool>,
    of_traffic: FigureDays,
    of_page_views: FigureDays,
}

impl ComparableDays {
    /// Figures that are all measured alike.
    pub fn alike(figures: FigureDays) -> Self {
        ComparableDays { all: figures, by_source: None }
    }

    /// Figures of visitors, of which `is_counted` says by day whether they are counted from page views.
    pub fn of_visitors(figures: FigureDays, is_counted: Vec<bool>) -> Self {
        let known = || figures.days.iter().zip(&is_counted).filter(|(day, _)| day.is_ok()).map(|(_, is_counted)| *is_counted);
        if known().all(|is_counted| is_counted) || known().all(|is_counted| !is_counted) {
            return ComparableDays::alike(figures);
        }
        let of = |wanted: bool| {
            let days = figures.days.iter().zip(&is_counted);
            let days = days.map(|(day, is_counted)| if *is_counted == wanted { *day } else { Err(Missing::Unknown) });
            FigureDays { kind: figures.kind, days: days.collect() }
        };
        let (of_traffic, of_page_views) = (of(false), of(true));
        ComparableDays { all: figures, by_source: Some(BySource { is_counted, of_traffic, of_page_views }) }
    }

    /// All figures.
    pub fn all(&self) -> &FigureDays {
        &self.all
    }

    /// The figures that compare with that of the day at a place; of other days they say nothing.
    pub fn like(&self, place: usize) -> &FigureDays {
        match &self.by_source {
            None => &self.all,
            Some(by_source) if by_source.is_counted.get(place).copied().unwrap_or(false) => &by_source.of_page_views,
            Some(by_source) => &by_source.of_traffic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::figure_days::{DayFigure, FigureKind};

    #[test]
    fn a_day_compares_with_days_of_its_source_only() {
        let day = |value: f64| Ok(DayFigure::plain(value, 0.0));
        let figures = || FigureDays { kind: FigureKind::Count, days: vec![day(10.0), day(7.0), Err(Missing::Unknown), day(11.0)] };
        let values = |figures: &FigureDays| (0..4).map(|at| figures.on(at).map(|day| day.value)).collect::<Vec<_>>();
        let mixed = ComparableDays::of_visitors(figures(), vec![false, true, true, false]);
        assert_eq!(values(mixed.like(0)), [Some(10.0), None, None, Some(11.0)]);
        assert_eq!(values(mixed.like(1)), [None, Some(7.0), None, None]);
        assert_eq!(values(mixed.all()), [Some(10.0), Some(7.0), None, Some(11.0)]);
        // A day that nobody knows is of no source.
        let alike = ComparableDays::of_visitors(figures(), vec![true, true, false, true]);
        assert_eq!(values(alike.like(2)), values(alike.all()));
    }
}
