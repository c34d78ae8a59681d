-- cohort_retention: by month, for all customers and by first channel. Customers belong to one channel and one cohort, so the rows of
-- all channels together are sums of those by channel.
with acted as (
    select shop_id, coalesce(first_channel, '(none)') as channel, period_start('month', first_day) as cohort,
        period_start('month', paid_day) as period_start,
        count(*) filter (arrives('month', paid_day, previous_day)) as active_customers,
        count(*) filter (later_day is null) as leaving_customers,
        count(*) filter (nth_order = 1) as new_customers,
        count(*) as orders,
        sum(paid_amount - refunded) as net_revenue
    from purchases
    group by all
),
acts as (
    select shop_id, 'first_channel' as dimension, channel as dimension_value, * exclude (shop_id, channel) from acted
    union all
    select shop_id, 'all', 'all', cohort, period_start,
        sum(active_customers), sum(leaving_customers), sum(new_customers), sum(orders), sum(net_revenue)
    from acted group by all
),
sizes as (
    select shop_id, dimension, dimension_value, cohort, sum(new_customers)::bigint as cohort_size from acts group by all
),
cells as (
    select s.*, period, cast(cohort + to_months(period::integer) as date) as period_start
    from (select *, unnest(range(date_diff('month', cohort, getvariable('as_of')) + 1)) as period from sizes) s
),
filled as (
    select c.*,
        coalesce(active_customers, 0)::bigint as active_customers,
        coalesce(orders, 0)::bigint as orders,
        coalesce(net_revenue, 0) as period_revenue,
        sum(coalesce(leaving_customers, 0)) over (cell order by period desc) as rolling_active_customers,
        sum(coalesce(net_revenue, 0)) over (cell order by period) as cumulative
    from cells c
    left join acts using (shop_id, dimension, dimension_value, cohort, period_start)
    window cell as (partition by shop_id, dimension, dimension_value, cohort)
)
select shop_id, dimension, dimension_value, 'month' as grain, cohort, period, period_start,
    cohort_size, active_customers,
    ratio(active_customers, cohort_size) as retention_rate,
    rolling_active_customers::bigint as rolling_active_customers,
    ratio(rolling_active_customers, cohort_size) as rolling_retention_rate,
    orders,
    money(period_revenue) as net_revenue,
    money(cumulative) as cumulative_net_revenue,
    ratio(cumulative, cohort_size) as cumulative_revenue_per_customer,
    period_end('month', period_start) <= getvariable('as_of') as is_complete,
    -- The customers of the first 90 days may have bought before the data begin.
    cohort < first_order + 90 as is_left_truncated
from filled
join (select shop_id, min(date) as first_order from placed_days group by all) using (shop_id)
order by shop_id, dimension, dimension_value, cohort, period
