//! The operations of arithmetic.

use polars::prelude::Operator;

/// The decimals to which quotients are rounded, and products that would have more.
const DECIMALS: u32 = 18;

/// What is computed of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// The quotient without its fraction.
    WholeDivide,
    /// What [`Operation::WholeDivide`] leaves; it has the sign of the first number.
    Remainder,
}

impl Operation {
    pub fn of(operator: Operator) -> Option<Operation> {
        Some(match operator {
            Operator::Plus => Operation::Add,
            Operator::Minus => Operation::Subtract,
            Operator::Multiply => Operation::Multiply,
            Operator::TrueDivide => Operation::Divide,
            Operator::FloorDivide => Operation::WholeDivide,
            Operator::Modulus => Operation::Remainder,
            _ => return None,
        })
    }

    pub fn operator(self) -> Operator {
        match self {
            Operation::Add => Operator::Plus,
            Operation::Subtract => Operator::Minus,
            Operation::Multiply => Operator::Multiply,
            Operation::Divide => Operator::TrueDivide,
            Operation::WholeDivide => Operator::FloorDivide,
            Operation::Remainder => Operator::Modulus,
        }
    }

    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Operation::Add => "+",
            Operation::Subtract => "-",
            Operation::Multiply => "*",
            Operation::Divide => "/",
            Operation::WholeDivide => "//",
            Operation::Remainder => "%",
        }
    }

    /// The decimals of the result of decimals.
    pub fn decimals(self, left: u32, right: u32) -> u32 {
        match self {
            Operation::Multiply if left + right <= DECIMALS => left + right,
            Operation::Multiply | Operation::Divide => left.max(right).max(DECIMALS),
            Operation::Add | Operation::Subtract | Operation::Remainder => left.max(right),
            Operation::WholeDivide => 0,
        }
    }
}
