-- segment_value: what each segment of a shop's customers is worth.
with bands as (
    -- Bands of revenue: 1, 2 and 5 times a power of ten.
    select lower, lower || coalesce('-' || lead(lower) over (order by lower), '+') as amount_band
    from (select cast(digit * pow(10, power) as bigint) as lower from range(16) as powers(power), unnest([1, 2, 5]) as digits(digit))
),
keyed as (
    select * exclude (lower) replace (
            coalesce(first_channel, '(none)') as first_channel, coalesce(province, '(none)') as province, coalesce(amount_band, '<1') as amount_band),
        case when orders < 5 then orders::varchar when orders < 10 then '5-9' else '10+' end as order_count
    from customers asof left join bands on net_revenue >= lower
),
summed as (
    -- Of the seven, only the column that the row is grouped by is not null.
    select shop_id,
        case
            when lifecycle is not null then 'lifecycle'
            when rfm_segment is not null then 'rfm_segment'
            when value_tier is not null then 'value_tier'
            when first_channel is not null then 'first_channel'
            when province is not null then 'province'
            when amount_band is not null then 'amount_band'
            else 'order_count'
        end as scheme,
        coalesce(lifecycle, rfm_segment, value_tier, first_channel, province, amount_band, order_count) as segment,
        count(*) as customers,
        sum(orders)::bigint as orders,
        sum(paid_amount) as paid_amount,
        money(sum(net_revenue)) as net_revenue,
        avg(recency_days) as mean_recency_days,
        ratio(sum(last_purchase_date - first_purchase_date), sum(purchase_days - 1)) as mean_interval_days,
        ratio(count(*) filter (purchase_days >= 2), count(*)) as repurchase_rate
    from keyed
    group by grouping sets (
        (shop_id, lifecycle), (shop_id, rfm_segment), (shop_id, value_tier), (shop_id, first_channel), (shop_id, province),
        (shop_id, amount_band), (shop_id, order_count))
)
select shop_id, scheme, segment, customers,
    ratio(customers, sum(customers) over whole_scheme) as customer_share,
    orders, net_revenue,
    ratio(net_revenue, sum(net_revenue) over whole_scheme) as revenue_share,
    ratio(paid_amount, orders) as order_value,
    ratio(net_revenue, customers) as revenue_per_customer,
    mean_recency_days, mean_interval_days, repurchase_rate
from summed
window whole_scheme as (partition by shop_id, scheme)
order by shop_id, scheme, segment
