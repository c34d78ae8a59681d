"use strict";
/* Columns that take more room than they need: from other columns of their rows, as their formulas in the cards say. */

report.derived = (() => {
  /* A ratio as the tables have it: null where its denominator is 0 or not there. */
  const ratio = (part, whole) => (part === null || whole === null || whole === undefined || whole === 0 ? null : part / whole);
  const sum = (values) => values.reduce((total, value) => total + (value || 0), 0);
  /* Money is a whole number of fen: the difference of two amounts is exact to the fen. */
  const difference = (one, other) => (one === null || other === null ? null : Math.round((one - other) * 100) / 100);

  return {
    ratio,
    sum,
    shop_periods: (row) => ({
      net_revenue: difference(row.paid_amount, row.refund_amount),
      payment_rate: ratio(row.paid_orders, row.placed_orders),
      value_per_customer: ratio(row.paid_amount, row.paying_customers),
      returning_share: row.new_customers === null ? null : ratio(row.returning_customers, row.new_customers + row.returning_customers),
    }),
    shop_daily: (row) => ({
      net_revenue: difference(row.paid_amount, row.refund_amount),
      conversion: ratio(row.paying_customers, row.uv),
    }),
    cohort_retention: (row) => ({ retention_rate: ratio(row.active_customers, row.cohort_size) }),
    segment_value: (row, rows) => {
      const scheme = rows.filter((other) => other.scheme === row.scheme);
      return {
        customer_share: ratio(row.customers, sum(scheme.map((other) => other.customers))),
        revenue_share: ratio(row.net_revenue, Math.round(sum(scheme.map((other) => other.net_revenue)) * 100) / 100),
        revenue_per_customer: ratio(row.net_revenue, row.customers),
      };
    },
    segment_migration: (row, rows) => ({
      share_of_from: ratio(row.customers, sum(rows.filter((other) => other.scheme === row.scheme && other.from_segment === row.from_segment).map((other) => other.customers))),
    }),
  };
})();
