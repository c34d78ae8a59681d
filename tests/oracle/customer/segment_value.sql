-- reads: customers
-- What each segment of a shop's customers is worth.
create table oracle.segment_value as
with tagged as (
    select c.*, unnest([
        {'scheme': 'lifecycle', 'segment': lifecycle, 'position': null},
        {'scheme': 'rfm_segment', 'segment': rfm_segment, 'position': null},
        {'scheme': 'value_tier', 'segment': value_tier, 'position': null},
        {'scheme': 'first_channel', 'segment': coalesce(first_channel, '(none)'), 'position': null},
        {'scheme': 'province', 'segment': coalesce(province, '(none)'), 'position': null},
        {'scheme': 'amount_band', 'segment': amount_name(amount_place(net_revenue)), 'position': amount_place(net_revenue)},
        {'scheme': 'order_count', 'segment': count_name(count_place(orders)), 'position': count_place(orders)},
        {'scheme': 'member_level', 'segment': coalesce(member_level, '(none)'), 'position': reached_level(net_revenue, orders)}]) as tag
    from oracle.customers c
),
summed as (
    select shop_id, tag.scheme as scheme, tag.segment as segment, whole(any_value(tag.position)) as position,
        count(*) as customers,
        whole(sum(orders)) as orders,
        sum(paid_amount) as paid_amount,
        money(sum(net_revenue)) as net_revenue,
        avg(recency_days) as mean_recency_days,
        whole(sum(recency_days)) as recency_days,
        whole(sum(last_purchase_date - first_purchase_date)) as interval_days,
        whole(sum(purchase_days - 1)) as intervals,
        count(*) filter (where purchase_days >= 2) as repeat_customers,
        count(expected_purchases) as forecast_customers,
        -- Each to nine decimals.
        cast(sum(cast(p_alive as decimal(18, 9))) as double) as expected_alive,
        cast(sum(cast(expected_purchases as decimal(18, 9))) as double) as expected_purchases,
        case when count(expected_value) = count(*) then money(sum(expected_value)) end as expected_value
    from tagged where tag.scheme <> 'member_level' or len(getvariable('member_levels')) > 0
    group by shop_id, tag.scheme, tag.segment
)
select shop_id, scheme, segment, position, customers,
    whole(sum(customers) over whole_scheme) as shop_customers,
    ratio(customers, sum(customers) over whole_scheme) as customer_share,
    orders, money(paid_amount) as paid_amount, net_revenue,
    money(sum(net_revenue) over whole_scheme) as shop_net_revenue,
    ratio(net_revenue, sum(net_revenue) over whole_scheme) as revenue_share,
    ratio(paid_amount, orders) as order_value,
    ratio(net_revenue, customers) as revenue_per_customer,
    recency_days, mean_recency_days, interval_days, intervals, ratio(interval_days, intervals) as mean_interval_days,
    repeat_customers, ratio(repeat_customers, customers) as repurchase_rate,
    forecast_customers, expected_alive, ratio(expected_alive, forecast_customers) as mean_p_alive, expected_purchases, expected_value
from summed
window whole_scheme as (partition by shop_id, scheme);
