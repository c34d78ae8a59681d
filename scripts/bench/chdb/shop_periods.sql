-- shop_periods: the days once per grain; the distinct customers of a period are those that arrive in it on one of its days.
create table period_sums engine = Memory as
select shop_id, grain, period_start(grain, date) as period_start,
    toInt64(coalesce(sum(p.placed_orders), 0)) as placed_orders,
    money(coalesce(sum(p.placed_amount), 0)) as placed_amount,
    toInt64(coalesce(sum(multiIf(grain = 'week', p.customers_of_week, grain = 'month', p.customers_of_month,
        grain = 'quarter', p.customers_of_quarter, p.customers_of_year)), 0)) as placed_customers,
    toInt64(coalesce(sum(q.paid_orders), 0)) as paid_orders,
    money(coalesce(sum(q.paid_amount), 0)) as paid_amount,
    toInt64(coalesce(sum(multiIf(grain = 'week', q.customers_of_week, grain = 'month', q.customers_of_month,
        grain = 'quarter', q.customers_of_quarter, q.customers_of_year)), 0)) as paying_customers,
    toInt64(coalesce(sum(q.paid_quantity), 0)) as paid_quantity,
    toInt64(coalesce(sum(b.purchases), 0)) as purchases,
    toInt64(coalesce(sum(b.new_customers), 0)) as new_customers,
    toInt64(coalesce(sum(multiIf(grain = 'week', b.returning_of_week, grain = 'month', b.returning_of_month,
        grain = 'quarter', b.returning_of_quarter, b.returning_of_year)), 0)) as returning_customers,
    toInt64(coalesce(sum(r.refunds), 0)) as refunds,
    money(coalesce(sum(r.refund_amount), 0)) as refund_amount,
    sum(t.pv) as pv, sum(t.ipv) as ipv, sum(t.visits) as visits, sum(t.bounces) as bounces, sum(t.favorites) as favorites,
    sum(t.cart_adds) as cart_adds, sum(t.dwell_seconds) as dwell_seconds,
    toInt64(count()) as days,
    toInt64(count(t.uv)) as days_with_traffic,
    toBool(period_start(grain, date) >= min(first_day) and period_end(grain, period_start(grain, date)) <= {as_of:Date}) as is_complete,
    sum(t.uv) as uv_sum,
    toInt64(sumIf(coalesce(q.customers_of_day, 0), t.uv is not null)) as paying_customer_days,
    toInt64(count(q.paid_orders)) as active_days,
    sum(p.placed_and_paid) as placed_and_paid,
    -- Shares only where both sides are known on the same days.
    min((t.bounces is null) = (t.visits is null)) as bounces_match_visits,
    min((t.dwell_seconds is null) = (t.visits is null)) as dwell_matches_visits
from (select *, grain from shop_days array join ['week', 'month', 'quarter', 'year'] as grain) d
left join placed_days p using (shop_id, date)
left join paid_days q using (shop_id, date)
left join bought_days b using (shop_id, date)
left join returned_days r using (shop_id, date)
left join traffic t using (shop_id, date)
group by shop_id, grain, period_start(grain, date);

with earlier as (select shop_id, grain, period_start, paid_amount as earlier_amount from period_sums where is_complete)
select s.shop_id as shop_id, s.grain as grain, s.period_start as period_start,
    placed_orders, placed_amount, placed_customers, paid_orders, paid_amount, paying_customers, paid_quantity, purchases, new_customers,
    returning_customers, refunds, refund_amount, pv, ipv, visits, bounces, favorites, cart_adds, dwell_seconds,
    days, days_with_traffic, is_complete, uv_sum, paying_customer_days, active_days,
    money(paid_amount - refund_amount) as net_revenue,
    ratio(paid_orders, placed_orders) as payment_rate,
    ratio(paid_amount, paying_customers) as value_per_customer,
    ratio(paid_amount, paid_orders) as order_value,
    ratio(returning_customers, new_customers + returning_customers) as returning_share,
    if(bounces_match_visits, ratio(bounces, visits), null) as bounce_rate,
    if(dwell_matches_visits, ratio(dwell_seconds, visits), null) as dwell_per_visit,
    ratio(uv_sum, days_with_traffic) as uv_daily_mean,
    ratio(paying_customer_days, days_with_traffic) as paying_daily_mean,
    ratio(paying_customer_days, uv_sum) as uv_conversion,
    ratio(placed_and_paid, placed_orders) as placed_paid_rate,
    if(is_complete, ratio(paid_amount, previous.earlier_amount) - 1, null) as paid_amount_vs_previous,
    if(is_complete, ratio(paid_amount, year_ago.earlier_amount) - 1, null) as paid_amount_vs_year_ago
from (
    select *, period_start(grain, period_start - 1) as previous_start,
        if(grain = 'week', period_start - 364, subtractYears(period_start, 1)) as year_ago_start
    from period_sums) s
left join earlier previous on previous.shop_id = s.shop_id and previous.grain = s.grain and previous.period_start = s.previous_start
left join earlier year_ago on year_ago.shop_id = s.shop_id and year_ago.grain = s.grain and year_ago.period_start = s.year_ago_start
order by shop_id, grain, period_start
