-- repurchase_intervals: what was observed from the nth purchase day to the next, and the Kaplan-Meier estimate.
-- Quantiles interpolate between the order statistics on both sides of rank share * (repurchased - 1).
with reached as (
    select *,
        sum(events) over (partition by shop_id, dimension, dimension_value, nth order by days) as so_far,
        sum(events) over (partition by shop_id, dimension, dimension_value, nth) as total
    from waits
),
points as (
    select shop_id, dimension, dimension_value, nth, share, max(share * (total - 1)) as rank,
        min(days) filter (where so_far > floor(share * (total - 1))) as below,
        min(days) filter (where so_far > ceil(share * (total - 1))) as above
    from reached cross join (values (0.10), (0.25), (0.50), (0.75), (0.90)) as shares(share)
    where total > 0
    group by shop_id, dimension, dimension_value, nth, share
),
quantiles as (
    select shop_id, dimension, dimension_value, nth,
        max(below + (above - below) * (rank - floor(rank))) filter (where share = 0.10) as p10,
        max(below + (above - below) * (rank - floor(rank))) filter (where share = 0.25) as p25,
        max(below + (above - below) * (rank - floor(rank))) filter (where share = 0.50) as p50,
        max(below + (above - below) * (rank - floor(rank))) filter (where share = 0.75) as p75,
        max(below + (above - below) * (rank - floor(rank))) filter (where share = 0.90) as p90
    from points
    group by shop_id, dimension, dimension_value, nth
),
observed as (
    select shop_id, dimension, dimension_value, nth,
        sum(events + censored) as customers,
        sum(events) as repurchased,
        sum(days * events) as day_sum,
        sum(days * days * events) as square_sum,
        min(days) filter (where events > 0) as min_days,
        max(days) filter (where events > 0) as max_days
    from waits
    group by shop_id, dimension, dimension_value, nth
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
    from survival
    group by shop_id, dimension, dimension_value, nth
),
-- Customers by their number of orders, few rows: who has at least n, and more; for nth = 0 all orders, and those that are not the last.
counted as (
    select shop_id, coalesce(first_channel, '(none)') as channel, orders, count(*) as customers
    from customers
    group by shop_id, coalesce(first_channel, '(none)'), orders
),
ordered as (
    select shop_id, 'first_channel' as dimension, channel as dimension_value, orders, customers from counted
    union all
    select shop_id, 'all', 'all', orders, customers from counted
),
by_order as (
    select shop_id, dimension, dimension_value, nth,
        sum(customers) as customers_by_order,
        coalesce(sum(customers) filter (where orders > nth), 0) as repurchased_by_order
    from ordered join (select unnest(generate_series(1, 10)) as nth) on orders >= nth
    group by shop_id, dimension, dimension_value, nth
    union all
    select shop_id, dimension, dimension_value, 0, sum(orders * customers), sum((orders - 1) * customers)
    from ordered
    group by shop_id, dimension, dimension_value
)
select o.shop_id, o.dimension, o.dimension_value, o.nth, customers, repurchased,
    cast(repurchased as double) / customers as repurchase_rate,
    customers_by_order, repurchased_by_order,
    cast(repurchased_by_order as double) / nullif(customers_by_order, 0) as repurchase_rate_by_order,
    cast(day_sum as double) / nullif(repurchased, 0) as mean_days,
    -- In whole numbers up to the division: nothing cancels.
    case when repurchased > 1 then sqrt(cast(repurchased * square_sum - day_sum * day_sum as double) / repurchased / (repurchased - 1)) end
        as std_days,
    min_days, p10, p25, p50, p75, p90, max_days, km_median_days,
    case when last_days >= 30 or last_survival = 0 then 1 - coalesce(s30, 1) end as km_within_30,
    case when last_days >= 60 or last_survival = 0 then 1 - coalesce(s60, 1) end as km_within_60,
    case when last_days >= 90 or last_survival = 0 then 1 - coalesce(s90, 1) end as km_within_90,
    case when last_days >= 180 or last_survival = 0 then 1 - coalesce(s180, 1) end as km_within_180,
    case when last_days >= 365 or last_survival = 0 then 1 - coalesce(s365, 1) end as km_within_365
from observed o
join curve c on c.shop_id = o.shop_id and c.dimension = o.dimension and c.dimension_value = o.dimension_value and c.nth = o.nth
join by_order b on b.shop_id = o.shop_id and b.dimension = o.dimension and b.dimension_value = o.dimension_value and b.nth = o.nth
left join quantiles q on q.shop_id = o.shop_id and q.dimension = o.dimension and q.dimension_value = o.dimension_value and q.nth = o.nth
order by o.shop_id, o.dimension, o.dimension_value, o.nth
