-- repurchase_intervals: what was observed from the nth purchase day to the next, and the Kaplan-Meier estimate.
-- Quantiles interpolate between the order statistics on both sides of rank share * (repurchased - 1).
with reached as (
    select *,
        sum(events) over (partition by shop_id, dimension, dimension_value, nth order by days)::bigint as so_far,
        sum(events) over (partition by shop_id, dimension, dimension_value, nth)::bigint as total
    from waits
),
points as (
    select shop_id, dimension, dimension_value, nth, share, any_value(share * (total - 1)) as rank,
        min(days) filter (so_far > floor(share * (total - 1))) as below,
        min(days) filter (so_far > ceil(share * (total - 1))) as above
    from reached cross join (select unnest([0.10::double, 0.25, 0.50, 0.75, 0.90]) as share)
    where total > 0
    group by shop_id, dimension, dimension_value, nth, share
),
quantiles as (
    select shop_id, dimension, dimension_value, nth,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.10) as p10,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.25) as p25,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.50) as p50,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.75) as p75,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.90) as p90
    from points group by all
),
observed as (
    select shop_id, dimension, dimension_value, nth,
        sum(events + censored)::bigint as customers,
        sum(events)::bigint as repurchased,
        sum(days * events) as day_sum,
        sum(days * days * events) as square_sum,
        min(days) filter (events > 0) as min_days,
        max(days) filter (events > 0) as max_days
    from waits group by all
),
curve as (
    select shop_id, dimension, dimension_value, nth,
        max(days) as last_days,
        min(survival) as last_survival,
        -- A product of fractions that is one half may come out a rounding above it.
        min(days) filter (survival <= 0.5 + 1e-12) as km_median_days,
        min(survival) filter (days <= 30) as s30,
        min(survival) filter (days <= 60) as s60,
        min(survival) filter (days <= 90) as s90,
        min(survival) filter (days <= 180) as s180,
        min(survival) filter (days <= 365) as s365
    from survival group by all
),
-- Customers by their number of orders, few rows: who has at least n, and more; for nth = 0 all orders, and those that are not the last.
ordered as (
    select shop_id, unnest(['all', 'first_channel']) as dimension, unnest(['all', coalesce(first_channel, '(none)')]) as dimension_value,
        orders, customers
    from (select shop_id, first_channel, orders, count(*) as customers from customers group by all)
),
by_order as (
    select shop_id, dimension, dimension_value, nth,
        sum(customers)::bigint as customers_by_order,
        coalesce(sum(customers) filter (orders > nth), 0)::bigint as repurchased_by_order
    from ordered join range(1, 11) as numbers(nth) on orders >= nth
    group by all
    union all
    select shop_id, dimension, dimension_value, 0, sum(orders * customers)::bigint, sum((orders - 1) * customers)::bigint
    from ordered group by all
)
select shop_id, dimension, dimension_value, nth::bigint as nth, customers, repurchased,
    ratio(repurchased, customers) as repurchase_rate,
    customers_by_order, repurchased_by_order,
    ratio(repurchased_by_order, customers_by_order) as repurchase_rate_by_order,
    ratio(day_sum, repurchased) as mean_days,
    -- In whole numbers up to the division: nothing cancels.
    case when repurchased > 1 then sqrt((repurchased * square_sum - day_sum * day_sum) / repurchased / (repurchased - 1)) end as std_days,
    min_days, p10, p25, p50, p75, p90, max_days, km_median_days,
    case when last_days >= 30 or last_survival = 0 then 1 - coalesce(s30, 1) end as km_within_30,
    case when last_days >= 60 or last_survival = 0 then 1 - coalesce(s60, 1) end as km_within_60,
    case when last_days >= 90 or last_survival = 0 then 1 - coalesce(s90, 1) end as km_within_90,
    case when last_days >= 180 or last_survival = 0 then 1 - coalesce(s180, 1) end as km_within_180,
    case when last_days >= 365 or last_survival = 0 then 1 - coalesce(s365, 1) end as km_within_365
from observed
join curve using (shop_id, dimension, dimension_value, nth)
join by_order using (shop_id, dimension, dimension_value, nth)
left join quantiles using (shop_id, dimension, dimension_value, nth)
order by shop_id, dimension, dimension_value, nth
