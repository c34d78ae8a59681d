"use strict";
/* People: whom affiliates brought, who asked agents, who has several ids, and the customers that shops of a group share. */

report.people = (() => {
  const { column, figure, listing, ofLastMonth } = report.listings;

  /* What the shops of the shop's group have in common: the shop's own pairs first, then those with the most. */
  function overlap(shop) {
    const source = "group_overlap";
    const group = report.data.groupOf(shop);
    const rows = group === null ? [] : report.data.rows(source, group);
    const names = ["shop_a", "shop_b", "customers_of_both", "customers_a", "share_of_a", "customers_b", "share_of_b"];
    const isOwn = (row) => Number(row.shop_a === shop || row.shop_b === shop);
    const order = (one, other) => isOwn(other) - isOwn(one) || other.customers_of_both - one.customers_of_both;
    return listing("overlap", source, names, [...rows].sort(order));
  }

  /* What plans and publishers brought in the last complete month, and what they cost. */
  function affiliates(shop) {
    const source = "affiliate_plans";
    const sold = ["affiliate_plan", "publisher_id", "month", "orders", "paid_amount", "net_revenue"];
    const cost = ["commission_estimated", "commission_settled", "commission_clawed_back", "commission_due", "commission_rate"];
    const names = [...sold, ...cost, "new_customers", "commission_per_new_customer", "return_on_commission"];
    return listing("affiliates", source, names, ofLastMonth(report.data.rows(source, shop), "month"));
  }

  /* Who asked in the last complete month, and bought. */
  function service(shop) {
    const source = "service_conversion";
    const names = ["agent_id", "month", "inquirers", "inquiry_same_day", "inquiry_next_day", "inquiry_net"];
    const sold = ["orders", "paid_amount", "value_per_customer", "refund_share", "response_seconds"];
    return listing("service", source, [...names, ...sold], ofLastMonth(report.data.rows(source, shop), "month", "inquirers"));
  }

  /* What the links between ids change. */
  function identity(shop) {
    const source = "identity_effect";
    const metric = { ...column(source, "metric"), show: (value) => report.name(value) };
    return listing("identity", source, [], report.data.rows(source, shop), [metric, ...["strict", "linked", "difference"].map((name) => figure(source, name))]);
  }

  return { overlap, affiliates, service, identity };
})();
