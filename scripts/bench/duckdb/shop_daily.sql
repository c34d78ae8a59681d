-- shop_daily: each shop and day, from the shop's first day to the as-of date.
select d.shop_id, d.date,
    coalesce(placed_orders, 0) as placed_orders,
    money(coalesce(placed_amount, 0)) as placed_amount,
    coalesce(p.customers_of_day, 0) as placed_customers,
    coalesce(paid_orders, 0) as paid_orders,
    money(coalesce(paid_amount, 0)) as paid_amount,
    coalesce(q.customers_of_day, 0) as paying_customers,
    cast(coalesce(paid_quantity, 0) as bigint) as paid_quantity,
    coalesce(purchases, 0) as purchases,
    coalesce(new_customers, 0) as new_customers,
    coalesce(returning_of_day, 0) as returning_customers,
    coalesce(refunds, 0) as refunds,
    money(coalesce(refund_amount, 0)) as refund_amount,
    pv, uv, ipv, ipv_uv, visits, bounces, favorites, cart_adds, dwell_seconds,
    money(coalesce(paid_amount, 0) - coalesce(refund_amount, 0)) as net_revenue,
    ratio(paying_customers, uv) as conversion,
    ratio(coalesce(paid_orders, 0), placed_orders) as payment_rate,
    ratio(paid_amount, paying_customers) as value_per_customer,
    ratio(paid_amount, paid_orders) as order_value,
    ratio(returning_of_day, new_customers + returning_of_day) as returning_share,
    ratio(pv, uv) as pages_per_visitor,
    ratio(bounces, visits) as bounce_rate,
    ratio(dwell_seconds, visits) as dwell_per_visit
from shop_days d
left join placed_days p using (shop_id, date)
left join paid_days q using (shop_id, date)
left join bought_days using (shop_id, date)
left join returned_days using (shop_id, date)
left join traffic using (shop_id, date)
order by d.shop_id, d.date
