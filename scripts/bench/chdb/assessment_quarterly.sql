-- assessment_quarterly: the platform's metrics per shop and quarter, and the shop's place among the eligible shops of its category.
create table measured engine = Memory as
with quarters as (
    select distinct shop_id, toStartOfQuarter(date) as quarter, least(period_end('quarter', toStartOfQuarter(date)), {as_of:Date}) as last_day
    from shop_days
),
placed as (
    select shop_id, toStartOfQuarter(date) as quarter, sum(placed_orders) as placed_orders from placed_days group by shop_id, quarter
),
paid as (
    select shop_id, toStartOfQuarter(date) as quarter,
        sum(paid_orders) as paid_orders, sum(paid_amount) as paid_amount, sum(refunded) as refunded_of_these,
        ratio(sum(microseconds_to_ship), sum(shipped_orders)) / 3.6e9 as delivery_hours
    from paid_days
    group by shop_id, quarter
),
completed as (
    select shop_id, toStartOfQuarter(completed_at) as quarter, sum(paid_amount) as settled
    from orders where completed_at is not null
    group by shop_id, quarter
),
applied as (
    select shop_id, toStartOfQuarter(created_at) as quarter,
        count() as applications,
        -- Unknown where one of the applications does not tell.
        if(count(intervened) = count(), countIf(intervened), null) as intervened_refunds,
        avg(toUnixTimestamp64Micro(completed_at) - toUnixTimestamp64Micro(created_at)) / 3.6e9 as refund_hours
    from refunds
    group by shop_id, quarter
),
returned as (
    select shop_id, toStartOfQuarter(date) as quarter, sum(refund_amount) as refund_amount from returned_days group by shop_id, quarter
),
visited as (
    select shop_id, toStartOfQuarter(date) as quarter, ratio(sum(coalesce(customers_of_day, 0)), sum(uv)) as uv_conversion
    from traffic left join paid_days using (shop_id, date)
    where uv is not null
    group by shop_id, quarter
),
-- Three ratings per customer and month count, in the 180 days up to the end of the quarter or the as-of date.
rated_days as (
    select shop_id, toDate(rated_at) as date,
        sum(description) as description, count(description) as descriptions, sum(service) as service, count(service) as services,
        sum(delivery) as delivery, count(delivery) as deliveries, sum(logistics) as logistics, count(logistics) as logistics_scores
    from (select * from ratings order by rated_at limit 3 by shop_id, customer_id, toStartOfMonth(rated_at))
    group by shop_id, date
),
rated as (
    select q.shop_id as shop_id, q.quarter as quarter,
        ratio(sum(description), sum(descriptions)) as dsr_description, ratio(sum(service), sum(services)) as dsr_service,
        ratio(sum(delivery), sum(deliveries)) as dsr_delivery, ratio(sum(logistics), sum(logistics_scores)) as dsr_logistics
    from quarters q join rated_days r on r.shop_id = q.shop_id
    where r.date between q.last_day - 179 and q.last_day
    group by q.shop_id, q.quarter
)
select shop_id, quarter, s.category as category,
    toBool(period_end('quarter', quarter) <= {as_of:Date}) as is_complete,
    s.opened_at is null or s.opened_at <= subtractMonths(quarter, 3) as is_eligible,
    money(coalesce(paid.paid_amount, 0)) as paid_amount,
    money(coalesce(paid.paid_amount, 0) - coalesce(paid.refunded_of_these, 0)) as net_by_payment,
    money(coalesce(paid.paid_amount, 0) - coalesce(returned.refund_amount, 0)) as net_by_refund,
    money(coalesce(completed.settled, 0)) as settled,
    uv_conversion,
    ratio(coalesce(paid_orders, 0), placed_orders) as payment_rate,
    dsr_description, dsr_service, dsr_delivery, dsr_logistics,
    -- Means of means that are equal on paper may differ in the last bit, and shall tie.
    round(arrayReduce('avg', [dsr_description, dsr_service, dsr_delivery, dsr_logistics]), 12) as dsr_mean,
    ratio(applied.intervened_refunds, applications) as dispute_rate,
    toInt64(if(applications is not null, applied.intervened_refunds, 0)) as intervened_refunds,
    ratio(coalesce(applications, 0), paid_orders) as refund_rate,
    refund_hours,
    delivery_hours
from quarters
left join file({data:String} || '/shops.parquet', Parquet) s using (shop_id)
left join placed using (shop_id, quarter)
left join paid using (shop_id, quarter)
left join completed using (shop_id, quarter)
left join applied using (shop_id, quarter)
left join returned using (shop_id, quarter)
left join visited using (shop_id, quarter)
left join rated using (shop_id, quarter);

-- One row per metric with a value; goodness is signed so that more is better. Fewer than five shops do not stand for their category.
create table ranked engine = Memory as
select shop_id, quarter, category, metric.1 as name,
    avg(metric.2) over peers as peer_mean,
    rank() over (partition by category, quarter, name order by metric.2 * metric.3 desc) as place
from measured
array join [
    ('paid_amount', toFloat64(paid_amount), 1), ('uv_conversion', uv_conversion, 1), ('payment_rate', payment_rate, 1), ('dsr_mean', dsr_mean, 1),
    ('dispute_rate', dispute_rate, -1), ('refund_rate', refund_rate, -1), ('refund_hours', refund_hours, -1),
    ('delivery_hours', delivery_hours, -1)] as metric
where is_eligible and category is not null and metric.2 is not null
window peers as (partition by category, quarter, name)
qualify count() over peers >= 5;

-- The mean is shown to every eligible shop of the category, the rank to those with a value.
with means as (
    select category, quarter,
        maxIf(peer_mean, name = 'paid_amount') as paid_amount_peer_mean, maxIf(peer_mean, name = 'uv_conversion') as uv_conversion_peer_mean,
        maxIf(peer_mean, name = 'payment_rate') as payment_rate_peer_mean, maxIf(peer_mean, name = 'dsr_mean') as dsr_mean_peer_mean,
        maxIf(peer_mean, name = 'dispute_rate') as dispute_rate_peer_mean, maxIf(peer_mean, name = 'refund_rate') as refund_rate_peer_mean,
        maxIf(peer_mean, name = 'refund_hours') as refund_hours_peer_mean, maxIf(peer_mean, name = 'delivery_hours') as delivery_hours_peer_mean
    from ranked
    group by category, quarter
),
places as (
    select shop_id, quarter,
        toInt64(maxIf(place, name = 'paid_amount')) as paid_amount_rank, toInt64(maxIf(place, name = 'uv_conversion')) as uv_conversion_rank,
        toInt64(maxIf(place, name = 'payment_rate')) as payment_rate_rank, toInt64(maxIf(place, name = 'dsr_mean')) as dsr_mean_rank,
        toInt64(maxIf(place, name = 'dispute_rate')) as dispute_rate_rank, toInt64(maxIf(place, name = 'refund_rate')) as refund_rate_rank,
        toInt64(maxIf(place, name = 'refund_hours')) as refund_hours_rank, toInt64(maxIf(place, name = 'delivery_hours')) as delivery_hours_rank
    from ranked
    group by shop_id, quarter
),
peer_counts as (
    select category, quarter, count() as shops from measured where is_eligible and category is not null group by category, quarter
)
select m.shop_id as shop_id, m.quarter as quarter, m.category as category,
    m.* except (shop_id, quarter, category, is_eligible),
    if(m.category is not null, toInt64(coalesce(n.shops, 0)), null) as peers,
    means.* except (category, quarter, of_eligible),
    places.* except (shop_id, quarter)
from measured m
left join peer_counts n on n.category = m.category and n.quarter = m.quarter
left join (select *, true as of_eligible from means) means
    on means.category = m.category and means.quarter = m.quarter and means.of_eligible = m.is_eligible
left join places on m.shop_id = places.shop_id and m.quarter = places.quarter
order by m.shop_id, m.quarter
