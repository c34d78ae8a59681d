-- The daily figures over weeks, months, quarters and years, customers counted once per period.
-- only with page_views: uv, ipv_uv, conversion, pages_per_visitor, uv_source, days_with_page_views
-- only with page_views.customer_id: viewing_customer_days, viewed_paid_customer_days, viewed_paid_rate
create table oracle.shop_periods as
with grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
periods as (
    select shop_id, grain, period_start(grain, date) as period_start, any_value(first_day) as first_day,
        count(*) as days
    from shop_days cross join grains group by shop_id, grain, period_start(grain, date)
),
placed as (
    select shop_id, grain, period_start(grain, created_day) as period_start,
        count(*) as placed_orders, sum(placed_amount) as placed_amount, count(distinct customer_id) as placed_customers,
        count(paid_at) as placed_and_paid
    from orders cross join grains group by all
),
paid as (
    select shop_id, grain, period_start(grain, paid_day) as period_start,
        count(*) as paid_orders, sum(paid_amount) as paid_amount, count(distinct customer_id) as paying_customers,
        sum(quantity) as paid_quantity, count(distinct paid_day) as active_days,
        sum(refunded) as refunded, count(*) filter (where refunded > 0 or is_refunded) as refunded_orders
    from orders cross join grains where paid_day is not null group by all
),
bought as (
    select shop_id, grain, period_start(grain, paid_day) as period_start,
        count(*) as purchases,
        count(distinct customer_id) filter (where first_day >= period_start(grain, paid_day)) as new_customers,
        count(distinct customer_id) filter (where first_day < period_start(grain, paid_day)) as returning_customers,
        sum(net_revenue) filter (where first_day >= period_start(grain, paid_day) and customer_id is not null) as new_net_revenue,
        sum(net_revenue) filter (where first_day < period_start(grain, paid_day) and customer_id is not null) as returning_net_revenue
    from purchases cross join grains group by all
),
-- Customers whose first purchase day of the period comes at most 365 days after one before the period.
came_back as (
    select shop_id, grain, period_start(grain, next_date) as period_start, count(*) as returning_customers_365
    from purchase_days cross join grains
    where next_date <= date + 365 and date < period_start(grain, next_date)
    group by all
),
first_orders as (select shop_id, min(created_day) as first_order from orders group by shop_id),
returned as (
    select shop_id, grain, period_start(grain, day(completed_at)) as period_start, count(*) as refunds, sum(amount) as refund_amount
    from refunds cross join grains where completed_at is not null group by all
),
paying_by_day as (
    select shop_id, paid_day as date, count(distinct customer_id) as paying_customers
    from orders where paid_day is not null group by all
),
visited as (
    select shop_id, grain, period_start(grain, date) as period_start,
        sum(pv) as pv, sum(ipv) as ipv, sum(visits) as visits, sum(bounces) as bounces, sum(favorites) as favorites,
        sum(cart_adds) as cart_adds, sum(dwell_seconds) as dwell_seconds,
        -- A ratio of sums over different days is no ratio: both must be known on the same days.
        bool_and((bounces is null) = (visits is null)) as bounces_match_visits,
        bool_and((dwell_seconds is null) = (visits is null)) as dwell_matches_visits,
        bool_and((pv is null) = (visits is null)) as pv_matches_visits,
        bool_or(pv is not null and source = 'traffic') as has_pv_of_traffic,
        case when count(distinct source) filter (uv is not null) > 1 then 'mixed' else any_value(source) filter (uv is not null) end as uv_source,
        count(uv) as days_with_traffic, sum(uv) as uv_sum,
        sum(coalesce(paying_customers, 0)) filter (where uv is not null) as paying_customer_days
    from traffic left join paying_by_day using (shop_id, date) cross join grains
    group by shop_id, grain, period_start(grain, date)
),
-- People of a period, counted over its views; they are known where the shop's views reach from the first of its days to the last.
people as (
    select shop_id, grain, period_start(grain, date) as period_start, count(distinct visitor_id) as uv,
        case when getvariable('has_view_items') then count(distinct visitor_id) filter (item_id is not null) end as ipv_uv
    from views cross join grains group by all
),
reaches as (select shop_id, min(date) as first_view, max(date) as last_view from viewed_days group by all),
viewed_paid as (
    select distinct v.shop_id, v.date, v.customer_id
    from views v join orders o on o.shop_id = v.shop_id and o.customer_id = v.customer_id and o.paid_day = v.date
),
viewed as (
    select shop_id, grain, period_start(grain, date) as period_start, count(*) as days_with_page_views,
        whole(sum(customers)) as viewing_customer_days
    from viewed_days cross join grains group by all
),
bought_viewed as (
    select shop_id, grain, period_start(grain, date) as period_start, count(*) as viewed_paid_customer_days
    from viewed_paid cross join grains group by all
),
joined as (
    select p.shop_id, p.grain, p.period_start,
        coalesce(placed_orders, 0) as placed_orders,
        money(coalesce(placed_amount, 0)) as placed_amount,
        coalesce(placed_customers, 0) as placed_customers,
        coalesce(paid_orders, 0) as paid_orders,
        money(coalesce(paid_amount, 0)) as paid_amount,
        coalesce(paying_customers, 0) as paying_customers,
        whole(coalesce(paid_quantity, 0)) as paid_quantity,
        coalesce(purchases, 0) as purchases,
        coalesce(new_customers, 0) as new_customers,
        coalesce(returning_customers, 0) as returning_customers,
        money(coalesce(new_net_revenue, 0)) as new_net_revenue,
        money(coalesce(returning_net_revenue, 0)) as returning_net_revenue,
        coalesce(returning_customers_365, 0) as returning_customers_365,
        coalesce(p.period_start < first_order + getvariable('history_warmup'), false) as is_left_truncated,
        case when getvariable('has_refunds') then coalesce(refunds, 0) end as refunds,
        case when getvariable('has_refunds') then money(coalesce(refund_amount, 0)) end as refund_amount,
        case when getvariable('has_refunded') then money(coalesce(refunded, 0)) end as refunded_of_paid,
        case when getvariable('has_refunded') then coalesce(refunded_orders, 0) end as refunded_orders,
        whole(pv) as pv, whole(ipv) as ipv,
        case when first_view <= greatest(p.period_start, first_day) and last_view >= least(period_end(p.grain, p.period_start), as_of())
            then n.uv end as uv,
        case when first_view <= greatest(p.period_start, first_day) and last_view >= least(period_end(p.grain, p.period_start), as_of())
            then n.ipv_uv end as ipv_uv,
        uv_source, has_pv_of_traffic, pv_matches_visits,
        coalesce(days_with_page_views, 0) as days_with_page_views, viewing_customer_days,
        case when viewing_customer_days is not null then coalesce(viewed_paid_customer_days, 0) end as viewed_paid_customer_days,
        whole(visits) as visits, whole(bounces) as bounces, whole(favorites) as favorites, whole(cart_adds) as cart_adds,
        whole(dwell_seconds) as dwell_seconds,
        days,
        coalesce(days_with_traffic, 0) as days_with_traffic,
        p.period_start >= first_day and period_end(p.grain, p.period_start) <= as_of() as is_complete,
        whole(uv_sum) as uv_sum,
        whole(paying_customer_days) as paying_customer_days,
        coalesce(active_days, 0) as active_days,
        placed_and_paid, bounces_match_visits, dwell_matches_visits
    from periods p
    left join placed using (shop_id, grain, period_start)
    left join paid using (shop_id, grain, period_start)
    left join bought using (shop_id, grain, period_start)
    left join came_back using (shop_id, grain, period_start)
    left join first_orders using (shop_id)
    left join returned using (shop_id, grain, period_start)
    left join visited using (shop_id, grain, period_start)
    left join people n using (shop_id, grain, period_start)
    left join reaches using (shop_id)
    left join viewed using (shop_id, grain, period_start)
    left join bought_viewed using (shop_id, grain, period_start)
),
earlier as (
    select shop_id, grain, period_start, paid_amount as earlier_amount from joined where is_complete
)
select j.* exclude (placed_and_paid, bounces_match_visits, dwell_matches_visits, pv_matches_visits, has_pv_of_traffic),
    money(paid_amount - refund_amount) as net_revenue,
    ratio(refunded_orders, paid_orders) as refund_rate,
    ratio(refunded_of_paid, paid_amount) as refund_share,
    money(paid_amount - refunded_of_paid) as net_by_payment,
    money(paid_amount - refund_amount) as net_by_refund,
    ratio(paying_customers, uv) as conversion,
    case when knows_payment() then ratio(paid_orders, placed_orders) end as payment_rate,
    ratio(paid_amount, paying_customers) as value_per_customer,
    ratio(paid_amount, paid_orders) as order_value,
    ratio(returning_customers, new_customers + returning_customers) as returning_share,
    ratio(returning_customers_365, new_customers + returning_customers) as returning_share_365,
    case when not coalesce(has_pv_of_traffic, false) then ratio(pv, uv) end as pages_per_visitor,
    case when bounces_match_visits then ratio(bounces, visits) end as bounce_rate,
    case when dwell_matches_visits then ratio(dwell_seconds, visits) end as dwell_per_visit,
    case when pv_matches_visits then ratio(pv, visits) end as depth,
    ratio(viewed_paid_customer_days, viewing_customer_days) as viewed_paid_rate,
    ratio(uv_sum, days_with_traffic) as uv_daily_mean,
    ratio(paying_customer_days, days_with_traffic) as paying_daily_mean,
    ratio(paying_customer_days, uv_sum) as uv_conversion,
    coalesce(placed_and_paid, 0) as placed_paid_orders,
    case when knows_payment() then ratio(placed_and_paid, placed_orders) end as placed_paid_rate,
    before.earlier_amount as paid_amount_previous,
    year_ago.earlier_amount as paid_amount_year_ago,
    case when is_complete then ratio(paid_amount, before.earlier_amount) - 1 end as paid_amount_vs_previous,
    case when is_complete then ratio(paid_amount, year_ago.earlier_amount) - 1 end as paid_amount_vs_year_ago
from joined j
left join earlier before on before.shop_id = j.shop_id and before.grain = j.grain
    and next_start(j.grain, before.period_start) = j.period_start
left join earlier year_ago on year_ago.shop_id = j.shop_id and year_ago.grain = j.grain
    and year_ago.period_start = cast(j.period_start - case j.grain when 'week' then interval 364 day else interval 1 year end as date);
