//! `IS TRUE` and its kin, which the standard of SQL answers by true or false also for null: Polars makes `= TRUE` of them.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Value, VisitMut, VisitorMut};

/// The text of the expression with `IS TRUE` and its kin written as comparisons that know null; `None` where it has none of them.
pub(super) fn of_null(mut expression: Expr) -> Option<String> {
    let mut known = Known { is_any: false };
    let _ = VisitMut::visit(&mut expression, &mut known);
    known.is_any.then(|| expression.to_string())
}

struct Known {
    is_any: bool,
}

impl VisitorMut for Known {
    type Break = ();

    fn post_visit_expr(&mut self, node: &mut Expr) -> ControlFlow<()> {
        let truth = |is_true: bool| Box::new(Expr::Value(Value::Boolean(is_true).into()));
        let written = match std::mem::replace(node, Expr::Value(Value::Null.into())) {
            Expr::IsTrue(part) => Expr::IsNotDistinctFrom(part, truth(true)),
            Expr::IsNotTrue(part) => Expr::IsDistinctFrom(part, truth(true)),
            Expr::IsFalse(part) => Expr::IsNotDistinctFrom(part, truth(false)),
            Expr::IsNotFalse(part) => Expr::IsDistinctFrom(part, truth(false)),
            Expr::IsUnknown(part) => Expr::IsNull(part),
            Expr::IsNotUnknown(part) => Expr::IsNotNull(part),
            other => {
                *node = other;
                return ControlFlow::Continue(());
            }
        };
        self.is_any = true;
        *node = Expr::Nested(Box::new(written));
        ControlFlow::Continue(())
    }
}
