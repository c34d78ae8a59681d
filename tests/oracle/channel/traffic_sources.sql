-- What each channel brought, cost and sold, by week, month, quarter and year.
create table oracle.traffic_sources as
with grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
paid as (
    select shop_id, coalesce(channel, '(none)') as channel, paid_day, customer_id, paid_amount from orders where paid_day is not null
),
-- A channel that no paid order of the shop names is unknown to the orders.
named as (select distinct shop_id, channel from paid),
bought as (
    select shop_id, grain, period_start(grain, paid_day) as period_start, channel,
        count(*) as orders, sum(paid_amount) as paid_amount, count(distinct customer_id) as paying_customers
    from paid cross join grains group by all
),
by_day as (
    select shop_id, channel, paid_day as date, count(distinct customer_id) as paying_customers, count(*) as orders, sum(paid_amount) as paid_amount from paid group by all
),
visited as (
    select shop_id, grain, period_start(grain, date) as period_start, channel,
        sum(pv) as pv, sum(uv) as uv_sum, count(uv) as days_with_traffic, sum(visits) as visits, sum(bounces) as bounces,
        bool_and((bounces is null) = (visits is null)) as bounces_match_visits,
        sum(new_visitors) as new_visitors, sum(cart_adds) as cart_adds, sum(cost) as cost, count(cost) as cost_days,
        sum(coalesce(paying_customers, 0)) filter (where uv is not null) as paying_sum,
        case when not bool_or(cost is not null and uv is null) then sum(uv) filter (where cost is not null) end as uv_with_cost,
        coalesce(sum(orders) filter (where cost is not null), 0) as orders_with_cost,
        coalesce(sum(paid_amount) filter (where cost is not null), 0) as paid_with_cost
    from channel_traffic left join by_day using (shop_id, channel, date) cross join grains
    group by shop_id, grain, period_start(grain, date), channel
),
keys as (
    select shop_id, grain, period_start, channel from bought
    union
    select shop_id, grain, period_start, channel from visited
),
joined as (
    select k.shop_id, k.grain, k.period_start, k.channel,
        k.period_start >= s.first_day and period_end(k.grain, k.period_start) <= as_of() as is_complete,
        whole(pv) as pv, coalesce(days_with_traffic, 0) as days_with_traffic, whole(uv_sum) as uv_sum,
        whole(new_visitors) as new_visitors, whole(visits) as visits, whole(bounces) as bounces,
        case when bounces_match_visits then ratio(bounces, visits) end as bounce_rate,
        whole(cart_adds) as cart_adds, money(cost) as cost, coalesce(cost_days, 0) as cost_days,
        case when n.shop_id is not null then coalesce(orders, 0) end as orders,
        money(case when n.shop_id is not null then coalesce(paid_amount, 0) end) as paid_amount,
        case when n.shop_id is not null then coalesce(paying_customers, 0) end as paying_customers,
        money(coalesce(sum(paid_amount) over period, 0)) as shop_paid_amount,
        whole(case when n.shop_id is not null then paying_sum end) as paying_customer_days,
        whole(sum(uv_sum) over period) as channels_uv_sum,
        whole(uv_with_cost) as uv_with_cost,
        case when n.shop_id is not null then whole(coalesce(orders_with_cost, 0)) end as orders_with_cost,
        case when n.shop_id is not null then money(coalesce(paid_with_cost, 0)) end as paid_amount_with_cost
    from keys k
    join shop_starts s using (shop_id)
    left join named n using (shop_id, channel)
    left join bought using (shop_id, grain, period_start, channel)
    left join visited using (shop_id, grain, period_start, channel)
    window period as (partition by k.shop_id, k.grain, k.period_start)
),
rated as (
    select *, ratio(uv_sum, days_with_traffic) as uv_daily_mean, ratio(paying_customer_days, uv_sum) as conversion from joined
),
earlier as (
    select shop_id, grain, next_start(grain, period_start) as period_start, channel,
        uv_daily_mean as uv_daily_mean_previous, conversion as conversion_previous
    from rated where is_complete
)
select r.*,
    ratio(paid_amount, shop_paid_amount) as amount_share,
    ratio(cost, uv_with_cost) as cost_per_visitor,
    ratio(cost, orders_with_cost) as cost_per_order,
    ratio(paid_amount_with_cost, cost) as return_on_cost,
    ratio(uv_sum, channels_uv_sum) as visitor_share,
    uv_daily_mean_previous,
    ratio(uv_daily_mean, uv_daily_mean_previous) - 1 as uv_daily_mean_vs_previous,
    conversion_previous,
    ratio(conversion, conversion_previous) - 1 as conversion_vs_previous
from rated r left join earlier using (shop_id, grain, period_start, channel);
