"use strict";
/* Columns that take more room than they need: from other columns of their rows, as their formulas in the cards say. */

report.derived = (() => {
  const sum = (values) => values.reduce((total, value) => total + (value || 0), 0);
  /* Money is a whole number of fen, so sums and differences are exact and quotients those of the tables, bit for bit. */
  const fen = (yuan) => (yuan === null ? null : Math.round(yuan * 100));
  /* An amount to the fen, after a sum of such amounts or a difference. */
  const toFen = (yuan) => (yuan === null ? null : fen(yuan) / 100);

  /* A ratio as the tables have it: null where its denominator is 0 or not there. */
  const ratio = (part, whole) =>
    part === null || part === undefined || whole === null || whole === undefined || whole === 0 ? null : part / whole;
  /* Rounded as the stored columns are: shares to a hundredth of a percent, money to the fen. */
  const rounded = (value, decimals) => (value === null ? null : Number(value.toFixed(decimals)));
  const share = (part, whole) => rounded(ratio(part, whole), 4);
  const yuanPer = (yuan, pieces) => rounded(ratio(fen(yuan), pieces === null ? null : pieces * 100), 2);
  const difference = (one, other) => (one === null || other === null ? null : (fen(one) - fen(other)) / 100);

  /* An amount in whole yuan, halves away from 0, as it is shown. */
  const wholeYuan = (yuan) => Math.sign(yuan) * Math.round(Math.abs(yuan));

  /*
   * Parts of an amount in whole yuan that add up to the amount in whole yuan, by the largest remainder (Hamilton's method): each is rounded
   * down, and the yuan that are missing then go to those that lost the most, the first of equals.
   */
  function allotted(parts, amount) {
    const exact = parts.map((part) => fen(part || 0));
    const whole = exact.map((part) => Math.floor(part / 100));
    const lost = exact.map((part, at) => [part - whole[at] * 100, at]).sort(([one, first], [other, second]) => other - one || first - second);
    const short = wholeYuan(amount) - sum(whole);
    for (const [, at] of lost.slice(0, Math.max(0, short))) whole[at] += 1;
    return whole;
  }

  return {
    ratio,
    sum,
    toFen,
    difference,
    allotted,
    shop_periods: (row) => ({
      net_by_refund: difference(row.paid_amount, row.refund_amount),
      placed_paid_rate: share(row.placed_paid_orders, row.placed_orders),
      value_per_customer: yuanPer(row.paid_amount, row.paying_customers),
      returning_share: row.new_customers === null ? null : share(row.returning_customers, row.new_customers + row.returning_customers),
    }),
    shop_daily: (row) => ({
      net_by_refund: difference(row.paid_amount, row.refund_amount),
      conversion: share(row.paying_customers, row.uv),
    }),
    cohort_retention: (row) => ({ retention_rate: share(row.active_customers, row.cohort_size) }),
    cohort_value: (row) => ({
      repurchase_rate: share(row.repurchased_customers, row.customers),
      net_revenue_per_customer: yuanPer(row.net_revenue, row.customers),
    }),
    segment_value: (row, rows) => {
      const scheme = rows.filter((other) => other.scheme === row.scheme);
      return {
        customer_share: share(row.customers, sum(scheme.map((other) => other.customers))),
        revenue_share: share(fen(row.net_revenue), sum(scheme.map((other) => fen(other.net_revenue)))),
        revenue_per_customer: yuanPer(row.net_revenue, row.customers),
      };
    },
    segment_migration: (row, rows) => ({
      share_of_from: share(
        row.customers,
        sum(rows.filter((other) => other.scheme === row.scheme && other.from_segment === row.from_segment).map((other) => other.customers)),
      ),
    }),
  };
})();
