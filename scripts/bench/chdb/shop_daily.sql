-- shop_daily: each shop and day, from the shop's first day to the as-of date.
select shop_id, date,
    toInt64(coalesce(p.placed_orders, 0)) as placed_orders,
    money(coalesce(p.placed_amount, 0)) as placed_amount,
    toInt64(coalesce(p.customers_of_day, 0)) as placed_customers,
    toInt64(coalesce(q.paid_orders, 0)) as paid_orders,
    money(coalesce(q.paid_amount, 0)) as paid_amount,
    toInt64(coalesce(q.customers_of_day, 0)) as paying_customers,
    toInt64(coalesce(q.paid_quantity, 0)) as paid_quantity,
    toInt64(coalesce(b.purchases, 0)) as purchases,
    toInt64(coalesce(b.new_customers, 0)) as new_customers,
    toInt64(coalesce(b.returning_of_day, 0)) as returning_customers,
    toInt64(coalesce(r.refunds, 0)) as refunds,
    money(coalesce(r.refund_amount, 0)) as refund_amount,
    pv, uv, ipv, ipv_uv, visits, bounces, favorites, cart_adds, dwell_seconds,
    money(coalesce(q.paid_amount, 0) - coalesce(r.refund_amount, 0)) as net_revenue,
    ratio(coalesce(q.customers_of_day, 0), uv) as conversion,
    ratio(coalesce(q.paid_orders, 0), p.placed_orders) as payment_rate,
    ratio(q.paid_amount, q.customers_of_day) as value_per_customer,
    ratio(q.paid_amount, q.paid_orders) as order_value,
    ratio(b.returning_of_day, b.new_customers + b.returning_of_day) as returning_share,
    ratio(pv, uv) as pages_per_visitor,
    ratio(bounces, visits) as bounce_rate,
    ratio(dwell_seconds, visits) as dwell_per_visit
from shop_days d
left join placed_days p using (shop_id, date)
left join paid_days q using (shop_id, date)
left join bought_days b using (shop_id, date)
left join returned_days r using (shop_id, date)
left join traffic t using (shop_id, date)
order by shop_id, date
