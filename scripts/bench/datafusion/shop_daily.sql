-- shop_daily: each shop and day, from the shop's first day to the as-of date.
select d.shop_id, d.date,
    coalesce(placed_orders, 0) as placed_orders,
    cast(coalesce(placed_amount, 0) as decimal(18, 2)) as placed_amount,
    coalesce(p.customers_of_day, 0) as placed_customers,
    coalesce(paid_orders, 0) as paid_orders,
    cast(coalesce(paid_amount, 0) as decimal(18, 2)) as paid_amount,
    coalesce(q.customers_of_day, 0) as paying_customers,
    coalesce(paid_quantity, 0) as paid_quantity,
    coalesce(purchases, 0) as purchases,
    coalesce(new_customers, 0) as new_customers,
    coalesce(returning_of_day, 0) as returning_customers,
    coalesce(refunds, 0) as refunds,
    cast(coalesce(refund_amount, 0) as decimal(18, 2)) as refund_amount,
    pv, uv, ipv, ipv_uv, visits, bounces, favorites, cart_adds, dwell_seconds,
    cast(coalesce(paid_amount, 0) - coalesce(refund_amount, 0) as decimal(18, 2)) as net_revenue,
    cast(coalesce(q.customers_of_day, 0) as double) / nullif(uv, 0) as conversion,
    cast(coalesce(paid_orders, 0) as double) / placed_orders as payment_rate,
    cast(paid_amount as double) / q.customers_of_day as value_per_customer,
    cast(paid_amount as double) / paid_orders as order_value,
    cast(returning_of_day as double) / nullif(new_customers + returning_of_day, 0) as returning_share,
    cast(pv as double) / nullif(uv, 0) as pages_per_visitor,
    cast(bounces as double) / nullif(visits, 0) as bounce_rate,
    cast(dwell_seconds as double) / nullif(visits, 0) as dwell_per_visit
from shop_days d
left join placed_days p on p.shop_id = d.shop_id and p.date = d.date
left join paid_days q on q.shop_id = d.shop_id and q.date = d.date
left join bought_days b on b.shop_id = d.shop_id and b.date = d.date
left join returned_days r on r.shop_id = d.shop_id and r.date = d.date
left join traffic t on t.shop_id = d.shop_id and t.date = d.date
order by d.shop_id, d.date
