-- From the nth purchase day to the next: what was observed, and the Kaplan-Meier estimate that counts those still waiting.
create table oracle.repurchase_intervals as
with observed as (
    select shop_id, dimension, dimension_value, nth,
        count(*) as customers,
        count(*) filter (where is_closed) as repurchased,
        avg(days) filter (where is_closed) as mean_days,
        stddev_samp(days) filter (where is_closed) as std_days,
        min(days) filter (where is_closed) as min_days,
        quantile_cont(days, [0.10, 0.25, 0.50, 0.75, 0.90]) filter (where is_closed) as points,
        max(days) filter (where is_closed) as max_days
    from divided_intervals group by all
),
curve as (
    select shop_id, dimension, dimension_value, nth,
        max(days) as last_days,
        min(survival) as last_survival,
        -- A product of fractions that is one half may come out a rounding above it.
        min(days) filter (where survival <= 0.5 + 1e-12) as km_median_days,
        min(survival) filter (where days <= 30) as s30,
        min(survival) filter (where days <= 60) as s60,
        min(survival) filter (where days <= 90) as s90,
        min(survival) filter (where days <= 180) as s180,
        min(survival) filter (where days <= 365) as s365
    from survival group by all
),
-- By orders instead of purchase days: who has at least n, and of them at least n + 1. For nth = 0 each order, and each that is not the last.
by_order as (
    select shop_id, dimension, dimension_value, nth,
        count(*) as customers_by_order, count(*) filter (where orders > nth) as repurchased_by_order
    from divided join (select unnest(generate_series(1, getvariable('max_nth'))) as nth) on orders >= nth
    group by all
    union all
    select shop_id, dimension, dimension_value, 0, whole(sum(orders)), whole(sum(orders - 1))
    from divided group by all
)
select shop_id, dimension, dimension_value, nth, customers, repurchased,
    ratio(repurchased, customers) as repurchase_rate,
    customers_by_order, repurchased_by_order,
    ratio(repurchased_by_order, customers_by_order) as repurchase_rate_by_order,
    mean_days, std_days, min_days,
    points[1] as p10, points[2] as p25, points[3] as p50, points[4] as p75, points[5] as p90,
    max_days, km_median_days,
    case when last_days >= 30 or last_survival = 0 then 1 - coalesce(s30, 1) end as km_within_30,
    case when last_days >= 60 or last_survival = 0 then 1 - coalesce(s60, 1) end as km_within_60,
    case when last_days >= 90 or last_survival = 0 then 1 - coalesce(s90, 1) end as km_within_90,
    case when last_days >= 180 or last_survival = 0 then 1 - coalesce(s180, 1) end as km_within_180,
    case when last_days >= 365 or last_survival = 0 then 1 - coalesce(s365, 1) end as km_within_365
from observed
join curve using (shop_id, dimension, dimension_value, nth)
join by_order using (shop_id, dimension, dimension_value, nth);
