-- cohort_retention: by month, for all customers and by first channel. Customers belong to one channel and one cohort, so the rows of
-- all channels together are sums of those by channel.
create table acted engine = Memory as
select shop_id, coalesce(first_channel, '(none)') as channel, toStartOfMonth(first_day) as cohort, toStartOfMonth(paid_day) as period_start,
    countIf(previous_day is null or previous_day < toStartOfMonth(paid_day)) as active_customers,
    countIf(later_day is null) as leaving_customers,
    countIf(nth_order = 1) as new_customers,
    count() as orders,
    sum(paid_amount - refunded) as net_revenue
from purchases
group by shop_id, coalesce(first_channel, '(none)'), cohort, period_start;

create table acts engine = Memory as
select shop_id, 'first_channel' as dimension, channel as dimension_value, cohort, period_start,
    active_customers, leaving_customers, new_customers, orders, net_revenue
from acted
union all
select shop_id, 'all', 'all', cohort, period_start,
    sum(active_customers), sum(leaving_customers), sum(new_customers), sum(orders), sum(net_revenue)
from acted
group by shop_id, cohort, period_start;

with sizes as (
    select shop_id, dimension, dimension_value, cohort, toInt64(sum(new_customers)) as cohort_size from acts
    group by shop_id, dimension, dimension_value, cohort
),
cells as (
    select *, addMonths(cohort, period) as period_start
    from (
        select *, toInt64(arrayJoin(range(toUInt32(assumeNotNull(dateDiff('month', cohort, {as_of:Date})) + 1)))) as period
        from sizes)
),
filled as (
    select shop_id, dimension, dimension_value, cohort, cohort_size, period, c.period_start as period_start,
        toInt64(coalesce(active_customers, 0)) as active_customers,
        toInt64(coalesce(orders, 0)) as orders,
        coalesce(net_revenue, 0) as period_revenue,
        toInt64(sum(coalesce(leaving_customers, 0)) over (cell order by period desc)) as rolling_active_customers,
        sum(coalesce(net_revenue, 0)) over (cell order by period) as cumulative
    from cells c
    left join acts using (shop_id, dimension, dimension_value, cohort, period_start)
    window cell as (partition by shop_id, dimension, dimension_value, cohort)
)
select shop_id, dimension, dimension_value, 'month' as grain, cohort, period, period_start,
    cohort_size, active_customers,
    ratio(active_customers, cohort_size) as retention_rate,
    rolling_active_customers,
    ratio(rolling_active_customers, cohort_size) as rolling_retention_rate,
    orders,
    money(period_revenue) as net_revenue,
    money(cumulative) as cumulative_net_revenue,
    ratio(cumulative, cohort_size) as cumulative_revenue_per_customer,
    toBool(period_end('month', period_start) <= {as_of:Date}) as is_complete,
    -- The customers of the first 90 days may have bought before the data begin.
    toBool(cohort < first_order + 90) as is_left_truncated
from filled
join (select shop_id, min(date) as first_order from placed_days group by shop_id) first_orders using (shop_id)
order by shop_id, dimension, dimension_value, cohort, period
