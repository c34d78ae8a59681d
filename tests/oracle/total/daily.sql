-- Shops taken together by day: money and counts of all of them, and people by their ids, whatever shops they bought in.
create table oracle.total_daily as
with scopes as (
    select 'all' as scope, '(all)' as category, shop_id from shop_starts where list_contains(getvariable('totals'), 'all')
    union all
    select 'category', coalesce(nullif(s.category, ''), '(none)'), h.shop_id
    from shop_starts h left join (select shop_id, category from shop_rows where state = 'used') s using (shop_id)
    where list_contains(getvariable('totals'), 'category')
),
scope_days as (
    select scope, category, date, count(*) as shops from scopes join shop_days using (shop_id) group by all
),
placed as (
    select scope, category, created_day as date, count(*) as placed_orders, sum(placed_amount) as placed_amount,
        count(distinct customer_id) as placed_customers
    from scopes join orders using (shop_id) group by all
),
paid as (
    select scope, category, paid_day as date, count(*) as paid_orders, sum(paid_amount) as paid_amount,
        count(distinct customer_id) as paying_customers, sum(quantity) as paid_quantity,
        sum(refunded) as refunded, count(*) filter (where refunded > 0 or is_refunded) as refunded_orders
    from scopes join orders using (shop_id) where paid_day is not null group by all
),
-- The first purchase day of a person in any shop of the scope.
known as (
    select scope, category, customer_id, p.paid_day, p.net_revenue,
        case when customer_id is not null then min(p.paid_day) over (partition by scope, category, customer_id) end as first_day
    from scopes join purchases p using (shop_id)
),
bought as (
    select scope, category, paid_day as date, count(*) as purchases,
        count(distinct customer_id) filter (where first_day = paid_day) as new_customers,
        count(distinct customer_id) filter (where first_day < paid_day) as returning_customers,
        sum(net_revenue) filter (where first_day = paid_day) as new_net_revenue,
        sum(net_revenue) filter (where first_day < paid_day) as returning_net_revenue
    from known group by all
),
came_back as (
    select scope, category, next_date as date, count(*) as returning_customers_365
    from (
        select scope, category, customer_id, paid_day as date,
            lead(paid_day) over (partition by scope, category, customer_id order by paid_day) as next_date
        from (select distinct scope, category, customer_id, paid_day from known where customer_id is not null))
    where next_date <= date + 365 group by all
),
returned as (
    select scope, category, day(completed_at) as date, count(*) as refunds, sum(amount) as refund_amount
    from scopes join refunds using (shop_id) where completed_at is not null group by all
),
paying_by_shop as (
    select shop_id, paid_day as date, count(distinct customer_id) as paying_customers
    from orders where paid_day is not null group by all
),
visited as (
    select scope, category, date, sum(pv) as pv, sum(ipv) as ipv, sum(visits) as visits, sum(bounces) as bounces, sum(favorites) as favorites,
        sum(cart_adds) as cart_adds, sum(dwell_seconds) as dwell_seconds,
        bool_and((bounces is null) = (visits is null)) as bounces_match_visits,
        bool_and((pv is null) = (visits is null)) as pv_matches_visits,
        bool_and((dwell_seconds is null) = (visits is null)) as dwell_matches_visits,
        count(uv) as shop_days_with_traffic, sum(uv) as uv_sum,
        sum(coalesce(paying_customers, 0)) filter (where uv is not null) as paying_customer_days
    from scopes join traffic using (shop_id) left join paying_by_shop using (shop_id, date)
    group by all
),
joined as (
    select scope, category, date, shops,
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
        case when getvariable('has_refunds') then coalesce(refunds, 0) end as refunds,
        case when getvariable('has_refunds') then money(coalesce(refund_amount, 0)) end as refund_amount,
        case when getvariable('has_refunded') then money(coalesce(refunded, 0)) end as refunded_of_paid,
        case when getvariable('has_refunded') then coalesce(refunded_orders, 0) end as refunded_orders,
        whole(pv) as pv, whole(ipv) as ipv, whole(visits) as visits, whole(bounces) as bounces, whole(favorites) as favorites,
        whole(cart_adds) as cart_adds, whole(dwell_seconds) as dwell_seconds,
        coalesce(shop_days_with_traffic, 0) as shop_days_with_traffic,
        whole(uv_sum) as uv_sum, whole(paying_customer_days) as paying_customer_days,
        bounces_match_visits, dwell_matches_visits, pv_matches_visits
    from scope_days
    left join placed using (scope, category, date)
    left join paid using (scope, category, date)
    left join bought using (scope, category, date)
    left join came_back using (scope, category, date)
    left join returned using (scope, category, date)
    left join visited using (scope, category, date)
)
select * exclude (bounces_match_visits, dwell_matches_visits, pv_matches_visits),
    ratio(refunded_orders, paid_orders) as refund_rate,
    ratio(refunded_of_paid, paid_amount) as refund_share,
    money(paid_amount - refunded_of_paid) as net_by_payment,
    money(paid_amount - refund_amount) as net_by_refund,
    case when knows_payment() then ratio(paid_orders, placed_orders) end as payment_rate,
    ratio(paid_amount, paying_customers) as value_per_customer,
    ratio(paid_amount, paid_orders) as order_value,
    ratio(returning_customers, new_customers + returning_customers) as returning_share,
    ratio(returning_customers_365, new_customers + returning_customers) as returning_share_365,
    case when bounces_match_visits then ratio(bounces, visits) end as bounce_rate,
    case when pv_matches_visits then ratio(pv, visits) end as depth,
    case when dwell_matches_visits then ratio(dwell_seconds, visits) end as dwell_per_visit,
    ratio(paying_customer_days, uv_sum) as uv_conversion
from joined;
