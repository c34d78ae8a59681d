-- repurchase_intervals: what was observed from the nth purchase day to the next, and the Kaplan-Meier estimate.
-- Quantiles interpolate between the order statistics on both sides of rank share * (repurchased - 1).
with reached as (
    select *,
        sum(events) over (partition by shop_id, nth order by days)::bigint as so_far,
        sum(events) over (partition by shop_id, nth)::bigint as total
    from waits
),
points as (
    select shop_id, nth, share, any_value(share * (total - 1)) as rank,
        min(days) filter (so_far > floor(share * (total - 1))) as below,
        min(days) filter (so_far > ceil(share * (total - 1))) as above
    from reached cross join (select unnest([0.10::double, 0.25, 0.50, 0.75, 0.90]) as share)
    where total > 0
    group by shop_id, nth, share
),
quantiles as (
    select shop_id, nth,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.10) as p10,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.25) as p25,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.50) as p50,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.75) as p75,
        max(below + (above - below) * (rank - floor(rank))) filter (share = 0.90) as p90
    from points group by all
),
observed as (
    select shop_id, nth,
        sum(events + censored)::bigint as customers,
        sum(events)::bigint as repurchased,
        sum(days * events) as day_sum,
        sum(days * days * events) as square_sum,
        min(days) filter (events > 0) as min_days,
        max(days) filter (events > 0) as max_days
    from waits group by all
),
curve as (
    select shop_id, nth,
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
)
select shop_id, nth::bigint as nth, customers, repurchased,
    ratio(repurchased, customers) as repurchase_rate,
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
join curve using (shop_id, nth)
left join quantiles using (shop_id, nth)
order by shop_id, nth
