-- Shops taken together by week, month, quarter and year: people counted once a period, whatever shops they bought in. Groups too, for
-- group/periods.sql.
create temp table scope_periods as
with grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
scopes as (
    select 'all' as scope, '(all)' as category, shop_id, first_day from shop_starts where list_contains(getvariable('totals'), 'all')
    union all
    select 'category', coalesce(nullif(s.category, ''), '(none)'), h.shop_id, h.first_day
    from shop_starts h left join (select shop_id, category from shop_rows where state = 'used') s using (shop_id)
    where list_contains(getvariable('totals'), 'category')
    union all
    select 'group', shop_group, h.shop_id, h.first_day
    from shop_starts h join (select shop_id, nullif(shop_group, '') as shop_group from shop_rows where state = 'used') s using (shop_id)
    where shop_group is not null and getvariable('group_ids') = 'shared'
),
-- The days of a scope begin with its first shop.
scope_days as (
    select scope, category, first_day, cast(unnest(generate_series(first_day, as_of(), interval 1 day)) as date) as date
    from (select scope, category, min(first_day) as first_day from scopes group by all)
),
periods as (
    select scope, category, grain, period_start(grain, date) as period_start, any_value(first_day) as first_day, count(*) as days,
        max(date) as last_day
    from scope_days cross join grains group by all
),
counted as (
    select p.scope, p.category, p.grain, p.period_start, count(*) as shops
    from periods p join scopes s on s.scope = p.scope and s.category = p.category and s.first_day <= p.last_day
    group by all
),
placed as (
    select scope, category, grain, period_start(grain, created_day) as period_start,
        count(*) as placed_orders, sum(placed_amount) as placed_amount, count(distinct customer_id) as placed_customers,
        count(paid_at) as placed_and_paid
    from scopes join orders using (shop_id) cross join grains group by all
),
paid as (
    select scope, category, grain, period_start(grain, paid_day) as period_start,
        count(*) as paid_orders, sum(paid_amount) as paid_amount, count(distinct customer_id) as paying_customers,
        sum(quantity) as paid_quantity, count(distinct paid_day) as active_days,
        sum(refunded) as refunded, count(*) filter (where refunded > 0 or is_refunded) as refunded_orders
    from scopes join orders using (shop_id) cross join grains where paid_day is not null group by all
),
-- The first purchase day of a person in any shop of the scope.
known as (
    select scope, category, customer_id, p.paid_day, p.net_revenue,
        case when customer_id is not null then min(p.paid_day) over (partition by scope, category, customer_id) end as first_day
    from scopes join purchases p using (shop_id)
),
bought as (
    select scope, category, grain, period_start(grain, paid_day) as period_start, count(*) as purchases,
        count(distinct customer_id) filter (where first_day >= period_start(grain, paid_day)) as new_customers,
        count(distinct customer_id) filter (where first_day < period_start(grain, paid_day)) as returning_customers,
        sum(net_revenue) filter (where first_day >= period_start(grain, paid_day)) as new_net_revenue,
        sum(net_revenue) filter (where first_day < period_start(grain, paid_day)) as returning_net_revenue
    from known cross join grains group by all
),
-- People whose first purchase day of the period comes at most 365 days after one before the period.
came_back as (
    select scope, category, grain, period_start(grain, next_date) as period_start, count(*) as returning_customers_365
    from (
        select scope, category, customer_id, paid_day as date,
            lead(paid_day) over (partition by scope, category, customer_id order by paid_day) as next_date
        from (select distinct scope, category, customer_id, paid_day from known where customer_id is not null))
    cross join grains
    where next_date <= date + 365 and date < period_start(grain, next_date)
    group by all
),
first_orders as (select scope, category, min(created_day) as first_order from scopes join orders using (shop_id) group by all),
returned as (
    select scope, category, grain, period_start(grain, day(completed_at)) as period_start, count(*) as refunds, sum(amount) as refund_amount
    from scopes join refunds using (shop_id) cross join grains where completed_at is not null group by all
),
paying_by_shop as (
    select shop_id, paid_day as date, count(distinct customer_id) as paying_customers
    from orders where paid_day is not null group by all
),
visited as (
    select scope, category, grain, period_start(grain, date) as period_start,
        sum(pv) as pv, sum(ipv) as ipv, sum(visits) as visits, sum(bounces) as bounces, sum(favorites) as favorites,
        sum(cart_adds) as cart_adds, sum(dwell_seconds) as dwell_seconds,
        bool_and((bounces is null) = (visits is null)) as bounces_match_visits,
        bool_and((pv is null) = (visits is null)) as pv_matches_visits,
        bool_and((dwell_seconds is null) = (visits is null)) as dwell_matches_visits,
        count(uv) as shop_days_with_traffic, sum(uv) as uv_sum,
        sum(coalesce(paying_customers, 0)) filter (where uv is not null) as paying_customer_days
    from scopes join traffic using (shop_id) left join paying_by_shop using (shop_id, date) cross join grains
    group by all
),
joined as (
    select p.scope, p.category, p.grain, p.period_start, shops,
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
        coalesce(p.period_start < first_order + getvariable('history_warmup'), false) as is_left_truncated,
        days,
        p.period_start >= first_day and period_end(p.grain, p.period_start) <= as_of() as is_complete,
        coalesce(active_days, 0) as active_days,
        placed_and_paid, bounces_match_visits, dwell_matches_visits, pv_matches_visits
    from periods p
    join counted using (scope, category, grain, period_start)
    left join placed using (scope, category, grain, period_start)
    left join paid using (scope, category, grain, period_start)
    left join bought using (scope, category, grain, period_start)
    left join came_back using (scope, category, grain, period_start)
    left join first_orders using (scope, category)
    left join returned using (scope, category, grain, period_start)
    left join visited using (scope, category, grain, period_start)
),
earlier as (
    select scope, category, grain, period_start, paid_amount as earlier_amount from joined where is_complete
)
select j.* exclude (placed_and_paid, bounces_match_visits, dwell_matches_visits, pv_matches_visits),
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
    ratio(paying_customer_days, uv_sum) as uv_conversion,
    coalesce(placed_and_paid, 0) as placed_paid_orders,
    case when knows_payment() then ratio(placed_and_paid, placed_orders) end as placed_paid_rate,
    before.earlier_amount as paid_amount_previous,
    year_ago.earlier_amount as paid_amount_year_ago,
    case when is_complete then ratio(paid_amount, before.earlier_amount) - 1 end as paid_amount_vs_previous,
    case when is_complete then ratio(paid_amount, year_ago.earlier_amount) - 1 end as paid_amount_vs_year_ago
from joined j
left join earlier before on before.scope = j.scope and before.category = j.category and before.grain = j.grain
    and next_start(j.grain, before.period_start) = j.period_start
left join earlier year_ago on year_ago.scope = j.scope and year_ago.category = j.category and year_ago.grain = j.grain
    and year_ago.period_start = cast(j.period_start - case j.grain when 'week' then interval 364 day else interval 1 year end as date);

create table oracle.total_periods as select * from scope_periods where scope <> 'group';
