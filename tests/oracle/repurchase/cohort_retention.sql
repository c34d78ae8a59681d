-- Customers by the period of their first purchase, and what they did in the periods since.
create table oracle.cohort_retention as
with members as (select shop_id, customer_id, dimension, dimension_value, first_purchase_date from divided),
grains as (select unnest(getvariable('grains')) as grain),
placed as (
    select shop_id, customer_id, dimension, dimension_value, grain, period_start(grain, first_purchase_date) as cohort
    from members cross join grains
),
acts as (
    select shop_id, dimension, dimension_value, grain, cohort, customer_id,
        period_start(grain, paid_day) as period_start, net_revenue
    from placed join purchases using (shop_id, customer_id)
),
acted as (
    select shop_id, dimension, dimension_value, grain, cohort, period_start,
        count(distinct customer_id) as active_customers, count(*) as orders, sum(net_revenue) as net_revenue
    from acts group by all
),
given_back as (
    select shop_id, dimension, dimension_value, grain, cohort, period_start(grain, "date") as period_start, sum(amount) as returned
    from placed join returns using (shop_id, customer_id) group by all
),
-- A customer is there "in this or a later period" up to the period of the last purchase.
last_seen as (
    select shop_id, dimension, dimension_value, grain, cohort, period_start, count(*) as leaving_customers
    from (
        select shop_id, dimension, dimension_value, grain, cohort, customer_id, max(period_start) as period_start
        from acts group by all)
    group by all
),
-- Who came back, from the period of the second purchase day on.
came_back as (
    select shop_id, dimension, dimension_value, grain, cohort, period_start(grain, "date") as period_start, count(*) as came_back
    from placed join (select shop_id, customer_id, "date" from purchase_days where nth = 2) using (shop_id, customer_id) group by all
),
sizes as (
    select shop_id, dimension, dimension_value, grain, cohort, count(*) as cohort_size
    from placed group by all
),
starts as (
    select distinct grain, period_start(grain, cast(d as date)) as period_start
    from (select unnest(generate_series((select min(cohort) from sizes), as_of(), interval 1 day)) as d) cross join grains
),
cells as (
    select s.*, p.period_start,
        row_number() over (partition by shop_id, dimension, dimension_value, s.grain, cohort order by p.period_start) - 1 as period
    from sizes s join starts p on p.grain = s.grain and p.period_start >= s.cohort
),
filled as (
    select c.*,
        coalesce(active_customers, 0) as active_customers,
        coalesce(orders, 0) as orders,
        coalesce(net_revenue, 0) - coalesce(returned, 0) as period_revenue,
        sum(coalesce(leaving_customers, 0)) over (cell order by period desc) as rolling_active_customers,
        sum(coalesce(net_revenue, 0) - coalesce(returned, 0)) over (cell order by period) as cumulative,
        sum(coalesce(came_back, 0)) over (cell order by period) as repurchased
    from cells c
    left join acted using (shop_id, dimension, dimension_value, grain, cohort, period_start)
    left join given_back using (shop_id, dimension, dimension_value, grain, cohort, period_start)
    left join last_seen using (shop_id, dimension, dimension_value, grain, cohort, period_start)
    left join came_back using (shop_id, dimension, dimension_value, grain, cohort, period_start)
    window cell as (partition by shop_id, dimension, dimension_value, grain, cohort)
)
select shop_id, dimension, dimension_value, grain, cohort, period, period_start,
    cohort_size, active_customers,
    ratio(active_customers, cohort_size) as retention_rate,
    whole(rolling_active_customers) as rolling_active_customers,
    ratio(rolling_active_customers, cohort_size) as rolling_retention_rate,
    whole(repurchased) as repurchased_customers,
    orders,
    money(period_revenue) as net_revenue,
    money(cumulative) as cumulative_net_revenue,
    ratio(cumulative, cohort_size) as cumulative_revenue_per_customer,
    period_end(grain, period_start) <= as_of() as is_complete,
    cohort < first_order + getvariable('history_warmup') as is_left_truncated
from filled join (select shop_id, min(created_day) as first_order from orders group by all) using (shop_id);
