-- segment_value: what each segment of a shop's customers is worth.
with keyed as (
    select * replace (coalesce(first_channel, '(none)') as first_channel, coalesce(province, '(none)') as province) from customers
),
summed as (
    -- Of the five, only the column that the row is grouped by is not null.
    select shop_id,
        case
            when lifecycle is not null then 'lifecycle'
            when rfm_segment is not null then 'rfm_segment'
            when value_tier is not null then 'value_tier'
            when first_channel is not null then 'first_channel'
            else 'province'
        end as scheme,
        coalesce(lifecycle, rfm_segment, value_tier, first_channel, province) as segment,
        count(*) as customers,
        sum(orders)::bigint as orders,
        sum(paid_amount) as paid_amount,
        money(sum(net_revenue)) as net_revenue,
        avg(recency_days) as mean_recency_days,
        ratio(sum(last_purchase_date - first_purchase_date), sum(purchase_days - 1)) as mean_interval_days,
        ratio(count(*) filter (purchase_days >= 2), count(*)) as repurchase_rate
    from keyed
    group by grouping sets (
        (shop_id, lifecycle), (shop_id, rfm_segment), (shop_id, value_tier), (shop_id, first_channel), (shop_id, province))
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
