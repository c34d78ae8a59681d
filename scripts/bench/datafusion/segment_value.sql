-- segment_value: what each segment of a shop's customers is worth.
with bands as (
    -- Bands of revenue: 1, 2 and 5 times a power of ten.
    select lower, lead(lower) over (order by lower) as upper
    from (
        select cast(digit * power(10, exponent) as bigint) as lower
        from (select unnest(generate_series(0, 15)) as exponent) cross join (values (1), (2), (5)) as digits(digit))
),
keyed as (
    select c.* exclude (first_channel, province), coalesce(first_channel, '(none)') as first_channel, coalesce(province, '(none)') as province,
        case when lower is null then '<1' when upper is null then concat(lower, '+') else concat(lower, '-', upper) end as amount_band,
        case when orders < 5 then cast(orders as varchar) when orders < 10 then '5-9' else '10+' end as order_count
    from customers c
    left join bands on net_revenue >= lower and (net_revenue < upper or upper is null)
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
        sum(orders) as orders,
        sum(paid_amount) as paid_amount,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        avg(recency_days) as mean_recency_days,
        cast(sum(last_purchase_date - first_purchase_date) as double) / nullif(sum(purchase_days - 1), 0) as mean_interval_days,
        cast(count(*) filter (where purchase_days >= 2) as double) / count(*) as repurchase_rate
    from keyed
    group by grouping sets (
        (shop_id, lifecycle), (shop_id, rfm_segment), (shop_id, value_tier), (shop_id, first_channel), (shop_id, province),
        (shop_id, amount_band), (shop_id, order_count))
)
select shop_id, scheme, segment, customers,
    cast(customers as double) / sum(customers) over whole_scheme as customer_share,
    orders, net_revenue,
    cast(net_revenue as double) / nullif(cast(sum(net_revenue) over whole_scheme as double), 0) as revenue_share,
    cast(paid_amount as double) / orders as order_value,
    cast(net_revenue as double) / customers as revenue_per_customer,
    mean_recency_days, mean_interval_days, repurchase_rate
from summed
window whole_scheme as (partition by shop_id, scheme)
order by shop_id, scheme, segment
