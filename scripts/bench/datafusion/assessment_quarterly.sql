-- assessment_quarterly: the platform's metrics per shop and quarter, and the shop's place among the eligible shops of its category.
-- What is read more than once is a table: DataFusion computes a common table expression anew wherever it is read.
create table measured as
with quarters as (
    select distinct shop_id, quarter, cast(quarter + interval '3 months' - interval '1 day' as date) as end_day,
        least(cast(quarter + interval '3 months' - interval '1 day' as date), $as_of) as last_day
    from shop_days join calendar using (date)
),
placed as (
    select shop_id, quarter, sum(placed_orders) as placed_orders from placed_days join calendar using (date) group by shop_id, quarter
),
paid as (
    select shop_id, quarter,
        sum(paid_orders) as paid_orders, sum(paid_amount) as paid_amount, sum(refunded) as refunded_of_these,
        cast(sum(microseconds_to_ship) as double) / nullif(sum(shipped_orders), 0) / 3.6e9 as delivery_hours
    from paid_days join calendar using (date)
    group by shop_id, quarter
),
completed as (
    select shop_id, cast(date_trunc('quarter', completed_at) as date) as quarter, sum(paid_amount) as settled
    from orders where completed_at is not null
    group by shop_id, cast(date_trunc('quarter', completed_at) as date)
),
applied as (
    select shop_id, cast(date_trunc('quarter', created_at) as date) as quarter,
        count(*) as applications,
        -- Unknown where one of the applications does not tell.
        case when count(intervened) = count(*) then count(*) filter (where intervened) end as intervened_refunds,
        avg(cast(completed_at as bigint) - cast(created_at as bigint)) / 3.6e9 as refund_hours
    from refunds
    group by shop_id, cast(date_trunc('quarter', created_at) as date)
),
returned as (
    select shop_id, quarter, sum(refund_amount) as refund_amount from returned_days join calendar using (date) group by shop_id, quarter
),
visited as (
    select shop_id, quarter, cast(sum(coalesce(customers_of_day, 0)) as double) / nullif(sum(uv), 0) as uv_conversion
    from traffic left join paid_days using (shop_id, date) join calendar using (date)
    where uv is not null
    group by shop_id, quarter
),
-- Three ratings per customer and month count, in the 180 days up to the end of the quarter or the as-of date.
counted_ratings as (
    select * from ratings
    qualify row_number() over (partition by shop_id, customer_id, date_trunc('month', rated_at) order by rated_at) <= 3
),
rated_days as (
    select shop_id, cast(rated_at as date) as date,
        sum(description) as description, count(description) as descriptions, sum(service) as service, count(service) as services,
        sum(delivery) as delivery, count(delivery) as deliveries, sum(logistics) as logistics, count(logistics) as logistics_scores
    from counted_ratings
    group by shop_id, cast(rated_at as date)
),
rated as (
    select q.shop_id, q.quarter,
        cast(sum(description) as double) / nullif(sum(descriptions), 0) as dsr_description,
        cast(sum(service) as double) / nullif(sum(services), 0) as dsr_service,
        cast(sum(delivery) as double) / nullif(sum(deliveries), 0) as dsr_delivery,
        cast(sum(logistics) as double) / nullif(sum(logistics_scores), 0) as dsr_logistics
    from quarters q join rated_days r on r.shop_id = q.shop_id and r.date between q.last_day - interval '179 days' and q.last_day
    group by q.shop_id, q.quarter
)
select q.shop_id, q.quarter, s.category,
    q.end_day <= $as_of as is_complete,
    s.opened_at is null or s.opened_at <= cast(q.quarter - interval '3 months' as date) as is_eligible,
    cast(coalesce(paid_amount, 0) as decimal(18, 2)) as paid_amount,
    cast(coalesce(paid_amount, 0) - coalesce(refunded_of_these, 0) as decimal(18, 2)) as net_by_payment,
    cast(coalesce(paid_amount, 0) - coalesce(refund_amount, 0) as decimal(18, 2)) as net_by_refund,
    cast(coalesce(settled, 0) as decimal(18, 2)) as settled,
    uv_conversion,
    cast(coalesce(paid_orders, 0) as double) / nullif(placed_orders, 0) as payment_rate,
    dsr_description, dsr_service, dsr_delivery, dsr_logistics,
    -- Means of means that are equal on paper may differ in the last bit, and shall tie.
    round((coalesce(dsr_description, 0) + coalesce(dsr_service, 0) + coalesce(dsr_delivery, 0) + coalesce(dsr_logistics, 0)) / nullif(
        cast(dsr_description is not null as int) + cast(dsr_service is not null as int)
        + cast(dsr_delivery is not null as int) + cast(dsr_logistics is not null as int), 0), 12) as dsr_mean,
    cast(intervened_refunds as double) / applications as dispute_rate,
    case when applications is not null then intervened_refunds else 0 end as intervened_refunds,
    cast(coalesce(applications, 0) as double) / nullif(paid_orders, 0) as refund_rate,
    refund_hours,
    delivery_hours
from quarters q
left join shops_input s on s.shop_id = q.shop_id
left join placed a on a.shop_id = q.shop_id and a.quarter = q.quarter
left join paid b on b.shop_id = q.shop_id and b.quarter = q.quarter
left join completed c on c.shop_id = q.shop_id and c.quarter = q.quarter
left join applied d on d.shop_id = q.shop_id and d.quarter = q.quarter
left join returned e on e.shop_id = q.shop_id and e.quarter = q.quarter
left join visited f on f.shop_id = q.shop_id and f.quarter = q.quarter
left join rated g on g.shop_id = q.shop_id and g.quarter = q.quarter;

create view compared as select * from measured where is_eligible and category is not null;

-- One row per metric with a value. Fewer than five shops do not stand for their category.
create table ranked as
with long as (
    select shop_id, quarter, category, 'paid_amount' as metric, cast(paid_amount as double) as value from compared
    union all select shop_id, quarter, category, 'uv_conversion', uv_conversion from compared
    union all select shop_id, quarter, category, 'payment_rate', payment_rate from compared
    union all select shop_id, quarter, category, 'dsr_mean', dsr_mean from compared
    union all select shop_id, quarter, category, 'dispute_rate', dispute_rate from compared
    union all select shop_id, quarter, category, 'refund_rate', refund_rate from compared
    union all select shop_id, quarter, category, 'refund_hours', refund_hours from compared
    union all select shop_id, quarter, category, 'delivery_hours', delivery_hours from compared
)
select *,
    avg(value) over peers as peer_mean,
    cast(rank() over (
        partition by category, quarter, metric
        order by case when metric in ('dispute_rate', 'refund_rate', 'refund_hours', 'delivery_hours') then value else -value end) as bigint
    ) as place
from long
where value is not null
qualify count(*) over (partition by category, quarter, metric) >= 5
window peers as (partition by category, quarter, metric);

-- The mean is shown to every eligible shop of the category, the rank to those with a value.
with means as (
    select category, quarter,
        max(peer_mean) filter (where metric = 'paid_amount') as paid_amount_peer_mean,
        max(peer_mean) filter (where metric = 'uv_conversion') as uv_conversion_peer_mean,
        max(peer_mean) filter (where metric = 'payment_rate') as payment_rate_peer_mean,
        max(peer_mean) filter (where metric = 'dsr_mean') as dsr_mean_peer_mean,
        max(peer_mean) filter (where metric = 'dispute_rate') as dispute_rate_peer_mean,
        max(peer_mean) filter (where metric = 'refund_rate') as refund_rate_peer_mean,
        max(peer_mean) filter (where metric = 'refund_hours') as refund_hours_peer_mean,
        max(peer_mean) filter (where metric = 'delivery_hours') as delivery_hours_peer_mean
    from ranked
    group by category, quarter
),
places as (
    select shop_id, quarter,
        max(place) filter (where metric = 'paid_amount') as paid_amount_rank,
        max(place) filter (where metric = 'uv_conversion') as uv_conversion_rank,
        max(place) filter (where metric = 'payment_rate') as payment_rate_rank,
        max(place) filter (where metric = 'dsr_mean') as dsr_mean_rank,
        max(place) filter (where metric = 'dispute_rate') as dispute_rate_rank,
        max(place) filter (where metric = 'refund_rate') as refund_rate_rank,
        max(place) filter (where metric = 'refund_hours') as refund_hours_rank,
        max(place) filter (where metric = 'delivery_hours') as delivery_hours_rank
    from ranked
    group by shop_id, quarter
),
peer_counts as (select category, quarter, count(*) as peers from compared group by category, quarter)
select m.* exclude (is_eligible),
    case when m.category is not null then coalesce(n.peers, 0) end as peers,
    p.* exclude (category, quarter),
    r.* exclude (shop_id, quarter)
from measured m
left join peer_counts n on n.category = m.category and n.quarter = m.quarter
left join means p on p.category = m.category and p.quarter = m.quarter and m.is_eligible
left join places r on r.shop_id = m.shop_id and r.quarter = m.quarter
order by m.shop_id, m.quarter
