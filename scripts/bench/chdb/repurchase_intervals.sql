-- repurchase_intervals: what was observed from the nth purchase day to the next, and the Kaplan-Meier estimate.
-- Quantiles interpolate between the order statistics on both sides of rank share * (repurchased - 1).
with quantiles as (
    select shop_id, dimension, dimension_value, nth, p[1] as p10, p[2] as p25, p[3] as p50, p[4] as p75, p[5] as p90
    from (
        -- Each wait counted as often as it happened.
        select shop_id, dimension, dimension_value, nth,
            quantilesExactWeightedInterpolated(0.10, 0.25, 0.50, 0.75, 0.90)(days, toUInt64(events)) as p
        from waits
        where events > 0
        group by shop_id, dimension, dimension_value, nth)
),
observed as (
    select shop_id, dimension, dimension_value, nth,
        sum(events + censored) as customers,
        sum(events) as repurchased,
        sum(days * events) as day_sum,
        sum(days * days * events) as square_sum,
        minIf(days, events > 0) as min_days,
        maxIf(days, events > 0) as max_days
    from waits
    group by shop_id, dimension, dimension_value, nth
),
curve as (
    select shop_id, dimension, dimension_value, nth,
        max(days) as last_days,
        min(survival) as last_survival,
        -- A product of fractions that is one half may come out a rounding above it.
        minIf(days, survival <= 0.5 + 1e-12) as km_median_days,
        minIf(survival, days <= 30) as s30,
        minIf(survival, days <= 60) as s60,
        minIf(survival, days <= 90) as s90,
        minIf(survival, days <= 180) as s180,
        minIf(survival, days <= 365) as s365
    from survival
    group by shop_id, dimension, dimension_value, nth
),
-- Customers by their number of orders, few rows: who has at least n, and more; for nth = 0 all orders, and those that are not the last.
ordered as (
    select shop_id, place.1 as dimension, place.2 as dimension_value, orders, count() as customers
    from customers
    array join [('all', 'all'), ('first_channel', coalesce(first_channel, '(none)'))] as place
    group by shop_id, place, orders
),
by_order as (
    select shop_id, dimension, dimension_value, toInt64(nth) as nth,
        toInt64(sum(customers)) as customers_by_order,
        toInt64(coalesce(sumIf(customers, orders > nth), 0)) as repurchased_by_order
    from ordered array join range(1, 11) as nth
    where orders >= nth
    group by shop_id, dimension, dimension_value, nth
    union all
    select shop_id, dimension, dimension_value, toInt64(0), toInt64(sum(orders * customers)), toInt64(sum((orders - 1) * customers))
    from ordered
    group by shop_id, dimension, dimension_value
)
select shop_id, dimension, dimension_value, nth, customers, repurchased,
    ratio(repurchased, customers) as repurchase_rate,
    customers_by_order, repurchased_by_order,
    ratio(repurchased_by_order, customers_by_order) as repurchase_rate_by_order,
    ratio(day_sum, repurchased) as mean_days,
    -- In whole numbers up to the division: nothing cancels.
    if(repurchased > 1, sqrt((repurchased * square_sum - day_sum * day_sum) / repurchased / (repurchased - 1)), null) as std_days,
    min_days, p10, p25, p50, p75, p90, max_days, km_median_days,
    if(last_days >= 30 or last_survival = 0, 1 - coalesce(s30, 1), null) as km_within_30,
    if(last_days >= 60 or last_survival = 0, 1 - coalesce(s60, 1), null) as km_within_60,
    if(last_days >= 90 or last_survival = 0, 1 - coalesce(s90, 1), null) as km_within_90,
    if(last_days >= 180 or last_survival = 0, 1 - coalesce(s180, 1), null) as km_within_180,
    if(last_days >= 365 or last_survival = 0, 1 - coalesce(s365, 1), null) as km_within_365
from observed
join curve using (shop_id, dimension, dimension_value, nth)
join by_order using (shop_id, dimension, dimension_value, nth)
left join quantiles using (shop_id, dimension, dimension_value, nth)
order by shop_id, dimension, dimension_value, nth
