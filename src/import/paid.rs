//! Whether the amounts paid in an export are before or after refunds: exports of both kinds have the same header, so the figures
//! of refunded orders decide.

use super::options::PaidMeans;

/// One row in this many may contradict the others: people change amounts by hand.
const OUTLIERS: u64 = 20;

/// With fewer deciding orders than this, the report asks people to check.
const ENOUGH: u64 = 3;

/// What the refunded orders of a file show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Orders that were paid and refunded at least in part.
    pub refunded: u64,
    /// Those with paid + refund = total, or with more refunded than paid.
    pub net: u64,
    /// Those with paid = total.
    pub gross: u64,
}

/// What was decided, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the amounts paid are before or after refunds.
    pub means: PaidMeans,
    /// The reason, for the report; empty where nothing was refunded.
    pub why: String,
    /// Whether so few orders decided that it may be chance.
    pub is_thin: bool,
}

impl Evidence {
    /// Counts a paid order; amounts in fen.
    pub fn note(&mut self, total: Option<i64>, paid: i64, refund: i64) {
        if refund <= 0 {
            return;
        }
        self.refunded += 1;
        if refund > paid || total == Some(paid.saturating_add(refund)) {
            self.net += 1;
        } else if total == Some(paid) {
            self.gross += 1;
        }
    }

    /// Decides whether the amounts paid are before or after refunds. `column` is the name of the column in the export.
    ///
    /// # Errors
    /// A message with the counts of both sides, where the rows contradict each other.
    pub fn decide(&self, column: &str) -> Result<Decision, String> {
        let Evidence { refunded, net, gross } = *self;
        let is_thin = refunded > 0 && net + gross < ENOUGH;
        let decided = |means, why| Ok(Decision { means, why, is_thin });
        if refunded == 0 {
            return decided(PaidMeans::Gross, String::new());
        }
        if net > 0 && net / OUTLIERS >= gross {
            let why =
                format!("{column} is what is left after refunds: with the refund it is the total on {net} of {refunded} refunded orders");
            return decided(PaidMeans::Net, why);
        }
        if gross > 0 && gross / OUTLIERS >= net {
            let why = format!("{column} is what was paid before refunds: it is the total on {gross} of {refunded} refunded orders");
            return decided(PaidMeans::Gross, why);
        }
        if net == 0 && gross == 0 {
            let why = format!(
                "{column} is taken as the amount paid before refunds: on none of {refunded} refunded orders does the refund exceed it"
            );
            return decided(PaidMeans::Gross, why);
        }
        Err(format!(
            "{column} may be before or after refunds: of {refunded} refunded orders, {net} show after (paid + refund = total, or \
             refund > paid), {gross} show before (paid = total)"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(orders: &[(i64, i64, i64)]) -> Evidence {
        let mut evidence = Evidence::default();
        for (total, paid, refund) in orders {
            evidence.note(Some(*total), *paid, *refund);
        }
        evidence
    }

    #[test]
    fn the_figures_of_refunded_orders_decide() {
        let net = evidence(&[(100, 60, 40), (100, 0, 100), (50, 50, 0)]);
        assert_eq!(net, Evidence { refunded: 2, net: 2, gross: 0 });
        assert_eq!(net.decide("p").unwrap().means, PaidMeans::Net);
        // A red packet of 10 was taken off, then all that was paid went back.
        let gross = evidence(&[(100, 100, 40), (100, 90, 90)]);
        assert_eq!(gross, Evidence { refunded: 2, net: 0, gross: 1 });
        assert_eq!(gross.decide("p").unwrap().means, PaidMeans::Gross);
        assert_eq!(evidence(&[(100, 90, 50)]).decide("p").unwrap().means, PaidMeans::Gross);
        assert!(net.decide("p").unwrap().is_thin && !evidence(&[(100, 60, 40); 3]).decide("p").unwrap().is_thin);
        assert_eq!(Evidence::default().decide("p").unwrap().why, "");
    }

    #[test]
    fn a_few_outliers_are_tolerated_and_more_are_not() {
        assert_eq!(Evidence { refunded: 41, net: 40, gross: 1 }.decide("p").unwrap().means, PaidMeans::Net);
        assert_eq!(Evidence { refunded: 41, net: 1, gross: 40 }.decide("p").unwrap().means, PaidMeans::Gross);
        assert!(Evidence { refunded: 3, net: 2, gross: 1 }.decide("p").unwrap_err().contains("2 show after"));
    }
}
