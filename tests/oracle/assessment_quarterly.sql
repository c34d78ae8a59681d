-- Each shop and quarter: the platform's metrics, and where the shop stands among the eligible shops of its category.
create table oracle.assessment_quarterly as
with quarters as (
    select distinct shop_id, period_start('quarter', date) as quarter from shop_days
),
placed as (
    select shop_id, period_start('quarter', created_day) as quarter, count(*) as placed_orders
    from orders group by all
),
paid as (
    select shop_id, period_start('quarter', paid_day) as quarter,
        count(*) as paid_orders,
        sum(paid_amount) as paid_amount,
        sum(refunded) as refunded_of_these,
        avg(greatest(epoch_us(shipped_at) - epoch_us(paid_at), 0)) filter (where shipped_at is not null) / 3.6e9 as delivery_hours
    from orders where paid_day is not null group by all
),
completed as (
    select shop_id, period_start('quarter', day(completed_at)) as quarter, sum(paid_amount) as settled
    from orders where completed_at is not null group by all
),
applied as (
    select shop_id, period_start('quarter', day(created_at)) as quarter,
        count(*) as applications,
        -- Unknown where one of the applications does not tell.
        case when count(intervened) = count(*) then count(*) filter (where intervened) end as intervened_refunds,
        avg(epoch_us(completed_at) - epoch_us(created_at)) / 3.6e9 as refund_hours
    from refunds group by all
),
returned as (
    select shop_id, period_start('quarter', day(completed_at)) as quarter, sum(amount) as refund_amount
    from refunds where completed_at is not null group by all
),
paying_by_day as (
    select shop_id, paid_day as date, count(distinct customer_id) as paying_customers
    from orders where paid_day is not null group by all
),
visited as (
    select shop_id, period_start('quarter', date) as quarter,
        ratio(sum(coalesce(paying_customers, 0)), sum(uv)) as uv_conversion
    from traffic left join paying_by_day using (shop_id, date)
    where uv is not null group by shop_id, period_start('quarter', date)
),
-- Scores stand at the quarter's last day, or D: the 180 days up to it, three ratings per customer and month.
rated as (
    select q.shop_id, q.quarter,
        avg(description) as dsr_description, avg(service) as dsr_service, avg(delivery) as dsr_delivery, avg(logistics) as dsr_logistics
    from quarters q join ratings r
        on r.shop_id = q.shop_id and r.nth_of_month <= 3
        and day(r.rated_at) between least(period_end('quarter', q.quarter), as_of()) - 179 and least(period_end('quarter', q.quarter), as_of())
    group by all
),
measured as (
    select q.shop_id, q.quarter, s.category,
        period_end('quarter', q.quarter) <= as_of() as is_complete,
        s.opened_at is null or day(s.opened_at) <= cast(q.quarter - interval 3 month as date) as is_eligible,
        money(coalesce(paid_amount, 0)) as paid_amount,
        money(coalesce(paid_amount, 0) - coalesce(refunded_of_these, 0)) as net_by_payment,
        case when getvariable('has_refunds') then money(coalesce(paid_amount, 0) - coalesce(refund_amount, 0)) end as net_by_refund,
        money(coalesce(settled, 0)) as settled,
        uv_conversion,
        ratio(coalesce(paid_orders, 0), placed_orders) as payment_rate,
        dsr_description, dsr_service, dsr_delivery, dsr_logistics,
        list_avg(list_filter([dsr_description, dsr_service, dsr_delivery, dsr_logistics], lambda score: score is not null)) as dsr_mean,
        ratio(intervened_refunds, applications) as dispute_rate,
        case when applications is not null then intervened_refunds when getvariable('has_refunds') then 0 end as intervened_refunds,
        case when getvariable('has_refunds') then ratio(coalesce(applications, 0), paid_orders) end as refund_rate,
        refund_hours,
        delivery_hours
    from quarters q
    left join raw_shops s on s.shop_id = q.shop_id
    left join placed on placed.shop_id = q.shop_id and placed.quarter = q.quarter
    left join paid on paid.shop_id = q.shop_id and paid.quarter = q.quarter
    left join completed on completed.shop_id = q.shop_id and completed.quarter = q.quarter
    left join applied on applied.shop_id = q.shop_id and applied.quarter = q.quarter
    left join returned on returned.shop_id = q.shop_id and returned.quarter = q.quarter
    left join visited on visited.shop_id = q.shop_id and visited.quarter = q.quarter
    left join rated on rated.shop_id = q.shop_id and rated.quarter = q.quarter
),
-- One row per metric with a value; goodness is signed so that more is better.
long as (
    select *,
        case when metric in ('dispute_rate', 'refund_rate', 'refund_hours', 'delivery_hours') then -value else value end as goodness
    from (
        unpivot (
            select shop_id, quarter, category,
                cast(paid_amount as double) as paid_amount, uv_conversion, payment_rate, dsr_mean,
                dispute_rate, refund_rate, refund_hours, delivery_hours
            from measured where is_eligible and category is not null)
        on paid_amount, uv_conversion, payment_rate, dsr_mean, dispute_rate, refund_rate, refund_hours, delivery_hours
        into name metric value value)
),
groups as (
    select category, quarter, metric, avg(value) as peer_mean
    from long group by all having count(*) >= 5
),
standing as (
    select l.shop_id, l.quarter, l.metric,
        rank() over (partition by l.category, l.quarter, l.metric order by goodness desc) as place
    from long l join groups using (category, quarter, metric)
),
-- The mean is shown to every eligible shop of the category, the rank to those with a value.
wide as (
    select m.shop_id, m.quarter,
        max(g.peer_mean) filter (where g.metric = 'paid_amount') as paid_amount_peer_mean,
        max(s.place) filter (where g.metric = 'paid_amount') as paid_amount_rank,
        max(g.peer_mean) filter (where g.metric = 'uv_conversion') as uv_conversion_peer_mean,
        max(s.place) filter (where g.metric = 'uv_conversion') as uv_conversion_rank,
        max(g.peer_mean) filter (where g.metric = 'payment_rate') as payment_rate_peer_mean,
        max(s.place) filter (where g.metric = 'payment_rate') as payment_rate_rank,
        max(g.peer_mean) filter (where g.metric = 'dsr_mean') as dsr_mean_peer_mean,
        max(s.place) filter (where g.metric = 'dsr_mean') as dsr_mean_rank,
        max(g.peer_mean) filter (where g.metric = 'dispute_rate') as dispute_rate_peer_mean,
        max(s.place) filter (where g.metric = 'dispute_rate') as dispute_rate_rank,
        max(g.peer_mean) filter (where g.metric = 'refund_rate') as refund_rate_peer_mean,
        max(s.place) filter (where g.metric = 'refund_rate') as refund_rate_rank,
        max(g.peer_mean) filter (where g.metric = 'refund_hours') as refund_hours_peer_mean,
        max(s.place) filter (where g.metric = 'refund_hours') as refund_hours_rank,
        max(g.peer_mean) filter (where g.metric = 'delivery_hours') as delivery_hours_peer_mean,
        max(s.place) filter (where g.metric = 'delivery_hours') as delivery_hours_rank
    from measured m
    join groups g on g.category = m.category and g.quarter = m.quarter
    left join standing s on s.shop_id = m.shop_id and s.quarter = m.quarter and s.metric = g.metric
    where m.is_eligible
    group by all
),
peer_counts as (
    select category, quarter, count(*) as peers
    from measured where is_eligible and category is not null group by all
)
select m.* exclude (is_eligible),
    case when m.category is not null then coalesce(p.peers, 0) end as peers,
    w.* exclude (shop_id, quarter)
from measured m
left join peer_counts p using (category, quarter)
left join wide w on w.shop_id = m.shop_id and w.quarter = m.quarter;
