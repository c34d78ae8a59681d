-- shop_periods: the days once per grain; the distinct customers of a period are those that arrive in it on one of its days.
with each as (
    select d.shop_id, grain, period_start(grain, d.date) as period_start, first_day,
        p.placed_orders, p.placed_amount, p.placed_and_paid,
        case grain when 'week' then p.customers_of_week when 'month' then p.customers_of_month
            when 'quarter' then p.customers_of_quarter else p.customers_of_year end as placed_customers,
        q.paid_orders, q.paid_amount, q.paid_quantity, q.customers_of_day as paying_on_day,
        case grain when 'week' then q.customers_of_week when 'month' then q.customers_of_month
            when 'quarter' then q.customers_of_quarter else q.customers_of_year end as paying_customers,
        purchases, new_customers,
        case grain when 'week' then returning_of_week when 'month' then returning_of_month
            when 'quarter' then returning_of_quarter else returning_of_year end as returning_customers,
        refunds, refund_amount,
        pv, uv, ipv, visits, bounces, favorites, cart_adds, dwell_seconds
    from shop_days d
    cross join (select unnest(['week', 'month', 'quarter', 'year']) as grain)
    left join placed_days p using (shop_id, date)
    left join paid_days q using (shop_id, date)
    left join bought_days using (shop_id, date)
    left join returned_days using (shop_id, date)
    left join traffic using (shop_id, date)
),
summed as (
    select shop_id, grain, period_start,
        coalesce(sum(placed_orders), 0)::bigint as placed_orders,
        money(coalesce(sum(placed_amount), 0)) as placed_amount,
        coalesce(sum(placed_customers), 0)::bigint as placed_customers,
        coalesce(sum(paid_orders), 0)::bigint as paid_orders,
        money(coalesce(sum(paid_amount), 0)) as paid_amount,
        coalesce(sum(paying_customers), 0)::bigint as paying_customers,
        coalesce(sum(paid_quantity), 0)::bigint as paid_quantity,
        coalesce(sum(purchases), 0)::bigint as purchases,
        coalesce(sum(new_customers), 0)::bigint as new_customers,
        coalesce(sum(returning_customers), 0)::bigint as returning_customers,
        coalesce(sum(refunds), 0)::bigint as refunds,
        money(coalesce(sum(refund_amount), 0)) as refund_amount,
        sum(pv)::bigint as pv, sum(ipv)::bigint as ipv,
        sum(visits)::bigint as visits, sum(bounces)::bigint as bounces, sum(favorites)::bigint as favorites,
        sum(cart_adds)::bigint as cart_adds, sum(dwell_seconds)::bigint as dwell_seconds,
        count(*) as days,
        count(uv) as days_with_traffic,
        period_start >= any_value(first_day) and period_end(grain, period_start) <= getvariable('as_of') as is_complete,
        sum(uv)::bigint as uv_sum,
        sum(coalesce(paying_on_day, 0)) filter (uv is not null)::bigint as paying_customer_days,
        count(paid_orders) as active_days,
        sum(placed_and_paid) as placed_and_paid,
        -- Shares only where both sides are known on the same days.
        bool_and((bounces is null) = (visits is null)) as bounces_match_visits,
        bool_and((dwell_seconds is null) = (visits is null)) as dwell_matches_visits
    from each
    group by shop_id, grain, period_start
),
earlier as (select shop_id, grain, period_start, paid_amount as earlier_amount from summed where is_complete)
select s.* exclude (placed_and_paid, bounces_match_visits, dwell_matches_visits),
    money(paid_amount - refund_amount) as net_revenue,
    ratio(paid_orders, placed_orders) as payment_rate,
    ratio(paid_amount, paying_customers) as value_per_customer,
    ratio(paid_amount, paid_orders) as order_value,
    ratio(returning_customers, new_customers + returning_customers) as returning_share,
    case when bounces_match_visits then ratio(bounces, visits) end as bounce_rate,
    case when dwell_matches_visits then ratio(dwell_seconds, visits) end as dwell_per_visit,
    ratio(uv_sum, days_with_traffic) as uv_daily_mean,
    ratio(paying_customer_days, days_with_traffic) as paying_daily_mean,
    ratio(paying_customer_days, uv_sum) as uv_conversion,
    ratio(placed_and_paid, placed_orders) as placed_paid_rate,
    case when is_complete then ratio(paid_amount, previous.earlier_amount) - 1 end as paid_amount_vs_previous,
    case when is_complete then ratio(paid_amount, year_ago.earlier_amount) - 1 end as paid_amount_vs_year_ago
from summed s
left join earlier previous on previous.shop_id = s.shop_id and previous.grain = s.grain
    and period_start(s.grain, cast(s.period_start - interval 1 day as date)) = previous.period_start
left join earlier year_ago on year_ago.shop_id = s.shop_id and year_ago.grain = s.grain
    and year_ago.period_start = cast(s.period_start - case s.grain when 'week' then interval 364 day else interval 1 year end as date)
order by s.shop_id, s.grain, s.period_start
