-- assessment_quarterly: the platform's metrics per shop and quarter, and the shop's place among the eligible shops of its category.
with quarters as (
    select distinct shop_id, period_start('quarter', date) as quarter,
        least(period_end('quarter', period_start('quarter', date)), getvariable('as_of')) as last_day
    from shop_days
),
placed as (
    select shop_id, period_start('quarter', date) as quarter, sum(placed_orders) as placed_orders from placed_days group by all
),
paid as (
    select shop_id, period_start('quarter', date) as quarter,
        sum(paid_orders) as paid_orders, sum(paid_amount) as paid_amount, sum(refunded) as refunded_of_these,
        ratio(sum(microseconds_to_ship), sum(shipped_orders)) / 3.6e9 as delivery_hours
    from paid_days group by all
),
completed as (
    select shop_id, period_start('quarter', completed_at) as quarter, sum(paid_amount) as settled
    from orders where completed_at is not null group by all
),
applied as (
    select shop_id, period_start('quarter', created_at) as quarter,
        count(*) as applications,
        -- Unknown where one of the applications does not tell.
        case when count(intervened) = count(*) then count(*) filter (intervened) end as intervened_refunds,
        avg(epoch_us(completed_at) - epoch_us(created_at)) / 3.6e9 as refund_hours
    from refunds group by all
),
returned as (
    select shop_id, period_start('quarter', date) as quarter, sum(refund_amount) as refund_amount from returned_days group by all
),
visited as (
    select shop_id, period_start('quarter', date) as quarter, ratio(sum(coalesce(customers_of_day, 0)), sum(uv)) as uv_conversion
    from traffic left join paid_days using (shop_id, date)
    where uv is not null group by all
),
-- Three ratings per customer and month count, in the 180 days up to the end of the quarter or the as-of date.
rated_days as (
    select shop_id, cast(rated_at as date) as date,
        sum(description) as description, count(description) as descriptions, sum(service) as service, count(service) as services,
        sum(delivery) as delivery, count(delivery) as deliveries, sum(logistics) as logistics, count(logistics) as logistics_scores
    from (
        from ratings
        qualify row_number() over (partition by shop_id, customer_id, date_trunc('month', rated_at) order by rated_at) <= 3)
    group by all
),
rated as (
    select q.shop_id, q.quarter,
        ratio(sum(description), sum(descriptions)) as dsr_description, ratio(sum(service), sum(services)) as dsr_service,
        ratio(sum(delivery), sum(deliveries)) as dsr_delivery, ratio(sum(logistics), sum(logistics_scores)) as dsr_logistics
    from quarters q join rated_days r on r.shop_id = q.shop_id and r.date between q.last_day - 179 and q.last_day
    group by all
),
measured as (
    select q.shop_id, q.quarter, s.category,
        period_end('quarter', q.quarter) <= getvariable('as_of') as is_complete,
        s.opened_at is null or cast(s.opened_at as date) <= cast(q.quarter - interval 3 month as date) as is_eligible,
        money(coalesce(paid_amount, 0)) as paid_amount,
        money(coalesce(paid_amount, 0) - coalesce(refunded_of_these, 0)) as net_by_payment,
        money(coalesce(paid_amount, 0) - coalesce(refund_amount, 0)) as net_by_refund,
        money(coalesce(settled, 0)) as settled,
        uv_conversion,
        ratio(coalesce(paid_orders, 0), placed_orders) as payment_rate,
        dsr_description, dsr_service, dsr_delivery, dsr_logistics,
        -- Means of means that are equal on paper may differ in the last bit, and shall tie.
        round(list_avg(list_filter([dsr_description, dsr_service, dsr_delivery, dsr_logistics], lambda score: score is not null)), 12)
            as dsr_mean,
        ratio(intervened_refunds, applications) as dispute_rate,
        case when applications is not null then intervened_refunds else 0 end as intervened_refunds,
        ratio(coalesce(applications, 0), paid_orders) as refund_rate,
        refund_hours,
        delivery_hours
    from quarters q
    left join read_parquet(getvariable('data') || '/shops.parquet') s using (shop_id)
    left join placed using (shop_id, quarter)
    left join paid using (shop_id, quarter)
    left join completed using (shop_id, quarter)
    left join applied using (shop_id, quarter)
    left join returned using (shop_id, quarter)
    left join visited using (shop_id, quarter)
    left join rated using (shop_id, quarter)
),
-- One row per metric with a value; goodness is signed so that more is better.
long as (
    select *, case when metric in ('dispute_rate', 'refund_rate', 'refund_hours', 'delivery_hours') then -value else value end as goodness
    from (
        unpivot (
            select shop_id, quarter, category,
                paid_amount::double as paid_amount, uv_conversion, payment_rate, dsr_mean, dispute_rate, refund_rate, refund_hours, delivery_hours
            from measured where is_eligible and category is not null)
        on paid_amount, uv_conversion, payment_rate, dsr_mean, dispute_rate, refund_rate, refund_hours, delivery_hours
        into name metric value value)
),
-- Fewer than five shops do not stand for their category.
ranked as (
    select *,
        avg(value) over peers as peer_mean,
        rank() over (partition by category, quarter, metric order by goodness desc) as place
    from long
    window peers as (partition by category, quarter, metric)
    qualify count(*) over peers >= 5
),
means as (select distinct on (category, quarter, metric) category, quarter, metric, peer_mean from ranked),
-- The mean is shown to every eligible shop of the category, the rank to those with a value.
shown as (
    select m.shop_id, m.quarter, g.metric, g.peer_mean, r.place
    from measured m
    join means g on g.category = m.category and g.quarter = m.quarter
    left join ranked r on r.shop_id = m.shop_id and r.quarter = m.quarter and r.metric = g.metric
    where m.is_eligible
),
wide as (
    pivot shown on metric in (
        'paid_amount', 'uv_conversion', 'payment_rate', 'dsr_mean', 'dispute_rate', 'refund_rate', 'refund_hours', 'delivery_hours')
    using max(peer_mean) as peer_mean, max(place) as rank
    group by shop_id, quarter
),
peer_counts as (
    select category, quarter, count(*) as peers from measured where is_eligible and category is not null group by all
)
select m.* exclude (is_eligible),
    case when m.category is not null then coalesce(p.peers, 0) end as peers,
    w.* exclude (shop_id, quarter)
from measured m
left join peer_counts p using (category, quarter)
left join wide w using (shop_id, quarter)
order by m.shop_id, m.quarter
