-- What customers brought within so many days of their first purchase, by the period in which it lies.
create table oracle.cohort_value as
with members as (select shop_id, customer_id, dimension, dimension_value, first_purchase_date from divided),
windows as (select unnest([30, 60, 90, 180, 365]) as days),
old_enough as (
    select shop_id, customer_id, days, first_purchase_date + days as last_day
    from buyers cross join windows
    where as_of() - first_purchase_date >= days
),
bought as (
    select o.shop_id, o.customer_id, days, count(*) as orders, sum(net_revenue) as net_revenue,
        count(distinct paid_day) > 1 as has_repurchased
    from old_enough o join purchases p on p.shop_id = o.shop_id and p.customer_id = o.customer_id and p.paid_day <= last_day
    group by all
),
given_back as (
    select o.shop_id, o.customer_id, days, sum(amount) as returned
    from old_enough o join returns r on r.shop_id = o.shop_id and r.customer_id = o.customer_id and r.date <= last_day
    group by all
),
placed as (
    select *, period_start(grain, first_purchase_date) as cohort
    from members cross join (select unnest(getvariable('grains')) as grain)
),
cells as (
    select shop_id, dimension, dimension_value, grain, cohort, days,
        count(*) as cohort_size,
        count(b.orders) as customers,
        count(*) filter (where b.has_repurchased) as repurchased_customers,
        whole(sum(coalesce(b.orders, 0))) as orders,
        sum(coalesce(b.net_revenue, 0)) - sum(coalesce(g.returned, 0)) as net_revenue
    from placed p cross join windows w
        left join bought b using (shop_id, customer_id, days)
        left join given_back g using (shop_id, customer_id, days)
    group by all
)
select shop_id, dimension, dimension_value, grain, cohort, cast(days as bigint) as days, cohort_size, customers,
    repurchased_customers, ratio(repurchased_customers, customers) as repurchase_rate,
    orders, ratio(orders, customers) as orders_per_customer,
    money(net_revenue) as net_revenue, ratio(net_revenue, customers) as net_revenue_per_customer,
    period_end(grain, cohort) + days <= as_of() as is_complete,
    cohort < first_order + getvariable('history_warmup') as is_left_truncated
from cells join (select shop_id, min(created_day) as first_order from orders group by all) using (shop_id);
