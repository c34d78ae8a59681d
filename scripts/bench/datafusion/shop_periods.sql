-- shop_periods: the days once per grain; the distinct customers of a period are those that arrive in it on one of its days.
create table period_sums as
with each_day as (
    select d.shop_id, grain, d.date, d.first_day,
        case grain when 'week' then week when 'month' then month when 'quarter' then quarter else year end as period_start,
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
    join calendar c on c.date = d.date
    cross join (values ('week'), ('month'), ('quarter'), ('year')) as grains(grain)
    left join placed_days p on p.shop_id = d.shop_id and p.date = d.date
    left join paid_days q on q.shop_id = d.shop_id and q.date = d.date
    left join bought_days b on b.shop_id = d.shop_id and b.date = d.date
    left join returned_days r on r.shop_id = d.shop_id and r.date = d.date
    left join traffic t on t.shop_id = d.shop_id and t.date = d.date
)
select shop_id, grain, period_start,
    coalesce(sum(placed_orders), 0) as placed_orders,
    cast(coalesce(sum(placed_amount), 0) as decimal(18, 2)) as placed_amount,
    coalesce(sum(placed_customers), 0) as placed_customers,
    coalesce(sum(paid_orders), 0) as paid_orders,
    cast(coalesce(sum(paid_amount), 0) as decimal(18, 2)) as paid_amount,
    coalesce(sum(paying_customers), 0) as paying_customers,
    coalesce(sum(paid_quantity), 0) as paid_quantity,
    coalesce(sum(purchases), 0) as purchases,
    coalesce(sum(new_customers), 0) as new_customers,
    coalesce(sum(returning_customers), 0) as returning_customers,
    coalesce(sum(refunds), 0) as refunds,
    cast(coalesce(sum(refund_amount), 0) as decimal(18, 2)) as refund_amount,
    sum(pv) as pv, sum(ipv) as ipv,
    sum(visits) as visits, sum(bounces) as bounces, sum(favorites) as favorites,
    sum(cart_adds) as cart_adds, sum(dwell_seconds) as dwell_seconds,
    count(*) as days,
    count(uv) as days_with_traffic,
    period_start >= min(first_day) and cast(case grain
        when 'week' then period_start + interval '6 days'
        when 'month' then period_start + interval '1 month' - interval '1 day'
        when 'quarter' then period_start + interval '3 months' - interval '1 day'
        else period_start + interval '1 year' - interval '1 day' end as date) <= $as_of as is_complete,
    sum(uv) as uv_sum,
    sum(coalesce(paying_on_day, 0)) filter (where uv is not null) as paying_customer_days,
    count(paid_orders) as active_days,
    sum(placed_and_paid) as placed_and_paid,
    -- Shares only where both sides are known on the same days.
    bool_and((bounces is null) = (visits is null)) as bounces_match_visits,
    bool_and((dwell_seconds is null) = (visits is null)) as dwell_matches_visits
from each_day
group by shop_id, grain, period_start;

with earlier as (
    select shop_id, grain, period_start, paid_amount as earlier_amount from period_sums where is_complete
)
select s.* exclude (placed_and_paid, bounces_match_visits, dwell_matches_visits),
    cast(s.paid_amount - refund_amount as decimal(18, 2)) as net_revenue,
    cast(paid_orders as double) / nullif(placed_orders, 0) as payment_rate,
    cast(s.paid_amount as double) / nullif(paying_customers, 0) as value_per_customer,
    cast(s.paid_amount as double) / nullif(paid_orders, 0) as order_value,
    cast(returning_customers as double) / nullif(new_customers + returning_customers, 0) as returning_share,
    case when bounces_match_visits then cast(bounces as double) / nullif(visits, 0) end as bounce_rate,
    case when dwell_matches_visits then cast(dwell_seconds as double) / nullif(visits, 0) end as dwell_per_visit,
    cast(uv_sum as double) / nullif(days_with_traffic, 0) as uv_daily_mean,
    cast(paying_customer_days as double) / nullif(days_with_traffic, 0) as paying_daily_mean,
    cast(paying_customer_days as double) / nullif(uv_sum, 0) as uv_conversion,
    cast(placed_and_paid as double) / nullif(placed_orders, 0) as placed_paid_rate,
    case when s.is_complete then cast(s.paid_amount as double) / nullif(cast(previous.earlier_amount as double), 0) - 1 end as paid_amount_vs_previous,
    case when s.is_complete then cast(s.paid_amount as double) / nullif(cast(year_ago.earlier_amount as double), 0) - 1 end as paid_amount_vs_year_ago
from period_sums s
left join earlier previous on previous.shop_id = s.shop_id and previous.grain = s.grain
    and previous.period_start = cast(case s.grain
        when 'week' then s.period_start - interval '7 days'
        when 'month' then s.period_start - interval '1 month'
        when 'quarter' then s.period_start - interval '3 months'
        else s.period_start - interval '1 year' end as date)
left join earlier year_ago on year_ago.shop_id = s.shop_id and year_ago.grain = s.grain
    and year_ago.period_start = cast(case s.grain
        when 'week' then s.period_start - interval '364 days' else s.period_start - interval '1 year' end as date)
order by s.shop_id, s.grain, s.period_start
