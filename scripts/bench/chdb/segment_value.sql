-- segment_value: what each segment of a shop's customers is worth.
with
    -- Bands of revenue: 1, 2 and 5 times a power of ten.
    arraySort(arrayFlatten(arrayMap(power -> arrayMap(digit -> toInt64(digit * exp10(power)), [1, 2, 5]), range(16)))) as limits,
    summed as (
        select shop_id, tag.1 as scheme, tag.2 as segment,
            count() as customers,
            sum(orders) as orders,
            sum(paid_amount) as paid_amount,
            money(sum(net_revenue)) as net_revenue,
            avg(recency_days) as mean_recency_days,
            ratio(sum(last_purchase_date - first_purchase_date), sum(purchase_days - 1)) as mean_interval_days,
            ratio(countIf(purchase_days >= 2), count()) as repurchase_rate
        from (
            select *,
                toInt64(net_revenue) as whole,
                arrayFirstIndex(edge -> edge > whole, limits) as above
            from customers)
        array join [
            ('lifecycle', lifecycle), ('rfm_segment', rfm_segment), ('value_tier', value_tier),
            ('first_channel', coalesce(first_channel, '(none)')), ('province', coalesce(province, '(none)')),
            ('amount_band', multiIf(
                net_revenue < 1, '<1', above = 0, toString(limits[-1]) || '+', toString(limits[above - 1]) || '-' || toString(limits[above]))),
            ('order_count', multiIf(orders < 5, toString(orders), orders < 10, '5-9', '10+'))] as tag
        group by shop_id, scheme, segment
    )
select shop_id, scheme, segment, toInt64(customers) as customers,
    ratio(customers, sum(customers) over whole_scheme) as customer_share,
    orders, net_revenue,
    ratio(net_revenue, sum(net_revenue) over whole_scheme) as revenue_share,
    ratio(paid_amount, orders) as order_value,
    ratio(net_revenue, customers) as revenue_per_customer,
    mean_recency_days, mean_interval_days, repurchase_rate
from summed
window whole_scheme as (partition by shop_id, scheme)
order by shop_id, scheme, segment
