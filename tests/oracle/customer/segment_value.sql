-- reads: customers
-- What each segment of a shop's customers is worth.
create table oracle.segment_value as
with tagged as (
    select c.*, unnest([
        {'scheme': 'lifecycle', 'segment': lifecycle},
        {'scheme': 'rfm_segment', 'segment': rfm_segment},
        {'scheme': 'value_tier', 'segment': value_tier},
        {'scheme': 'first_channel', 'segment': coalesce(first_channel, '(none)')},
        {'scheme': 'province', 'segment': coalesce(province, '(none)')}]) as tag
    from oracle.customers c
),
summed as (
    select shop_id, tag.scheme as scheme, tag.segment as segment,
        count(*) as customers,
        whole(sum(orders)) as orders,
        sum(paid_amount) as paid_amount,
        money(sum(net_revenue)) as net_revenue,
        avg(recency_days) as mean_recency_days,
        ratio(sum(last_purchase_date - first_purchase_date), sum(purchase_days - 1)) as mean_interval_days,
        ratio(count(*) filter (where purchase_days >= 2), count(*)) as repurchase_rate,
        count(p_alive) as forecast_customers,
        -- Each to nine decimals.
        cast(sum(cast(p_alive as decimal(18, 9))) as double) as expected_alive,
        cast(sum(cast(expected_purchases as decimal(18, 9))) as double) as expected_purchases,
        case when count(expected_value) = count(*) then money(sum(expected_value)) end as expected_value
    from tagged group by all
)
select shop_id, scheme, segment, customers,
    ratio(customers, sum(customers) over whole_scheme) as customer_share,
    orders, net_revenue,
    ratio(net_revenue, sum(net_revenue) over whole_scheme) as revenue_share,
    ratio(paid_amount, orders) as order_value,
    ratio(net_revenue, customers) as revenue_per_customer,
    mean_recency_days, mean_interval_days, repurchase_rate,
    forecast_customers, expected_alive, ratio(expected_alive, forecast_customers) as mean_p_alive, expected_purchases, expected_value
from summed
window whole_scheme as (partition by shop_id, scheme);
