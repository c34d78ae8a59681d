-- When people buy: the orders of the last timing_days days by weekday and hour, 168 rows of each shop that has one.
create table oracle.order_timing as
with moments as (
    select shop_id, created_at as moment, true as is_placed, 0.00 as amount from orders
    union all
    select shop_id, paid_at, false, paid_amount from orders where paid_at is not null
),
recent as (
    select * from moments where date_diff('day', day(moment), as_of()) between 0 and getvariable('timing_days') - 1
),
counted as (
    select shop_id, isodow(moment) as weekday, extract('hour' from moment) as hour,
        count(*) filter (where is_placed) as placed_orders,
        count(*) filter (where not is_placed) as paid_orders,
        sum(amount) as paid_amount
    from recent group by all
),
whole_weeks as (
    select shop_id, count(*) filter (where not is_placed) as shop_paid_orders, w.weekday, h.hour
    from recent
    cross join (select unnest(range(1, 8)) as weekday) w
    cross join (select unnest(range(0, 24)) as hour) h
    group by all
),
filled as (
    select w.shop_id, w.weekday, w.hour, w.shop_paid_orders,
        coalesce(c.placed_orders, 0) as placed_orders,
        coalesce(c.paid_orders, 0) as paid_orders,
        money(coalesce(c.paid_amount, 0)) as paid_amount
    from whole_weeks w left join counted c on c.shop_id = w.shop_id and c.weekday = w.weekday and c.hour = w.hour
)
select *, ratio(paid_orders, shop_paid_orders) as share, case when knows_payment() then ratio(paid_orders, placed_orders) end as payment_rate
from filled;
