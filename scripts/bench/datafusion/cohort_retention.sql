-- cohort_retention: by month, for all customers and by first channel. Customers belong to one channel and one cohort, so the rows of
-- all channels together are sums of those by channel.
create table acted as
select shop_id, coalesce(first_channel, '(none)') as channel, f.month as cohort, c.month as period_start,
    count(*) filter (where previous_day is null or previous_day < c.month) as active_customers,
    count(*) filter (where later_day is null) as leaving_customers,
    count(*) filter (where nth_order = 1) as new_customers,
    count(*) as orders,
    sum(paid_amount - refunded) as net_revenue
from purchases p
join calendar c on c.date = p.paid_day
join calendar f on f.date = p.first_day
group by shop_id, coalesce(first_channel, '(none)'), f.month, c.month;

create table acts as
select shop_id, 'first_channel' as dimension, channel as dimension_value, cohort, period_start,
    active_customers, leaving_customers, new_customers, orders, net_revenue
from acted
union all
select shop_id, 'all', 'all', cohort, period_start,
    sum(active_customers), sum(leaving_customers), sum(new_customers), sum(orders), sum(net_revenue)
from acted
group by shop_id, cohort, period_start;

with sizes as (
    select shop_id, dimension, dimension_value, cohort, sum(new_customers) as cohort_size from acts
    group by shop_id, dimension, dimension_value, cohort
),
months as (
    select distinct month as period_start, cast(month + interval '1 month' - interval '1 day' as date) as last_day,
        cast(date_part('year', month) * 12 + date_part('month', month) as bigint) as number
    from calendar
),
cells as (
    select s.*, m.number - c.number as period, m.period_start, m.last_day
    from sizes s
    join months c on c.period_start = s.cohort
    join months m on m.number >= c.number
),
filled as (
    select c.*,
        coalesce(active_customers, 0) as active_customers,
        coalesce(orders, 0) as orders,
        coalesce(net_revenue, 0) as period_revenue,
        sum(coalesce(leaving_customers, 0)) over (
            partition by c.shop_id, c.dimension, c.dimension_value, c.cohort order by period desc) as rolling_active_customers,
        sum(coalesce(net_revenue, 0)) over (partition by c.shop_id, c.dimension, c.dimension_value, c.cohort order by period) as cumulative
    from cells c
    left join acts a on a.shop_id = c.shop_id and a.dimension = c.dimension and a.dimension_value = c.dimension_value
        and a.cohort = c.cohort and a.period_start = c.period_start
)
select f.shop_id, dimension, dimension_value, 'month' as grain, cohort, period, period_start,
    cohort_size, active_customers,
    cast(active_customers as double) / nullif(cohort_size, 0) as retention_rate,
    rolling_active_customers,
    cast(rolling_active_customers as double) / nullif(cohort_size, 0) as rolling_retention_rate,
    orders,
    cast(period_revenue as decimal(18, 2)) as net_revenue,
    cast(cumulative as decimal(18, 2)) as cumulative_net_revenue,
    cast(cumulative as double) / nullif(cohort_size, 0) as cumulative_revenue_per_customer,
    last_day <= $as_of as is_complete,
    -- The customers of the first 90 days may have bought before the data begin.
    cohort < first_order + interval '90 days' as is_left_truncated
from filled f
join (select shop_id, min(date) as first_order from placed_days group by shop_id) s on s.shop_id = f.shop_id
order by f.shop_id, dimension, dimension_value, cohort, period
