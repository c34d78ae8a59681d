-- Each shop and quarter: the platform's metrics, and where the shop stands among the eligible shops of its category.
create table oracle.assessment_quarterly as
with quarters as (
    select shop_id, period_start('quarter', date) as quarter, count(*) as days,
        -- Whatever stands at the quarter's end stands at D before that.
        least(period_end('quarter', period_start('quarter', date)), as_of()) as last_day
    from shop_days group by all
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
        count(shipped_at) as shipped_orders,
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
        count(completed_at) as successful_refunds,
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
        count(*) as days_with_traffic, whole(sum(uv)) as uv_sum, whole(sum(coalesce(paying_customers, 0))) as paying_customer_days
    from traffic left join paying_by_day using (shop_id, date)
    where uv is not null group by shop_id, period_start('quarter', date)
),
-- Scores stand at the quarter's last day, or D: the 180 days up to it, three ratings per customer and month.
rated as (
    select q.shop_id, q.quarter,
        greatest(count(description), count(service), count(delivery), count(logistics)) as ratings,
        avg(description) as dsr_description, avg(service) as dsr_service, avg(delivery) as dsr_delivery, avg(logistics) as dsr_logistics
    from quarters q join ratings r
        on r.shop_id = q.shop_id and r.nth_of_month <= 3
        and day(r.rated_at) between q.last_day - 179 and q.last_day
    group by all
),
complained as (
    select shop_id, period_start('quarter', day("date")) as quarter, sum("count") as complaints
    from complaint_rows where state = 'used' group by all
),
-- Months are those of the quarter in which they lie. One that is missing, or does not tell, makes what sums up months unknown.
listed as (
    select shop_id, period_start('quarter', "month") as quarter,
        count(items_new) as listed_months, sum(items_new) as new_items
    from listing_rows where state = 'used' group by all
),
scored as (
    select shop_id, period_start('quarter', "month") as quarter,
        count(*) as scored_months, min(score) as worst,
        -- As decimals, so that means that are equal on paper are equal.
        avg(cast(score as decimal(18, 6))) as service_score_mean
    from service_score_rows where state = 'used' group by all
),
-- Points of a year's violations are forgotten when the next one begins; a red line is one of the quarter in which it was crossed.
punished as (
    select q.shop_id, q.quarter,
        sum(cast(v.points as decimal(18, 6))) filter (where v.kind = 'general') as violation_points,
        sum(cast(v.points as decimal(18, 6))) filter (where v.kind = 'serious') as serious_violation_points,
        count(*) filter (where v.kind = 'red_line' and day(v.occurred_at) >= q.quarter) as red_line_violations
    from quarters q join violation_rows v
        on v.shop_id = q.shop_id and v.state = 'used' and year(v.occurred_at) = year(q.quarter) and day(v.occurred_at) <= q.last_day
    group by all
),
-- The months of each quarter that are over and do not end before the shop opened, and whether it did business in them.
months as (
    select q.shop_id, q.quarter, cast(q.quarter + to_months(number) as date) as first_of_month,
        (exists (from raw_shops where category is not null) and s.category is null)
        or not exists (from orders o where o.shop_id = q.shop_id and period_start('month', o.paid_day) = first_of_month)
        or exists (
            from listing_rows l
            where l.shop_id = q.shop_id and l.state = 'used' and period_start('month', l."month") = first_of_month and l.items_live = 0
        ) as is_idle
    from quarters q
    cross join (values (0), (1), (2)) as m(number)
    left join raw_shops s on s.shop_id = q.shop_id
    where last_day(first_of_month) <= as_of() and (s.opened_at is null or last_day(first_of_month) >= day(s.opened_at))
),
-- Months of one run of idle ones have the same difference between their number among all months and among idle ones.
idle_runs as (
    select shop_id, quarter, count(*) as run
    from (
        select shop_id, quarter,
            datediff('month', quarter, first_of_month) - row_number() over (partition by shop_id, quarter order by first_of_month) as which
        from months where is_idle)
    group by shop_id, quarter, which
),
ended as (select shop_id, quarter, count(*) as ended_months from months group by all),
known as (
    select own.shop_id, case when day(s.opened_at) >= (select min(day(created_at)) from lines) then least(own.day, day(s.opened_at)) else own.day end as day
    from (
        select shop_id, min(date) as day
        from (select shop_id, day(created_at) as date from lines union all select shop_id, date from traffic_days)
        group by all) as own
    left join raw_shops s on s.shop_id = own.shop_id
),
idle as (select shop_id, quarter, max(run) as idle_months from idle_runs group by all),
measured as (
    select q.shop_id, q.quarter, s.category, day(s.opened_at) as opened_at, q.days,
        period_end('quarter', q.quarter) <= as_of() as is_complete,
        s.opened_at is null or day(s.opened_at) <= cast(q.quarter - interval 3 month as date) as is_eligible,
        money(coalesce(paid_amount, 0)) as paid_amount,
        case when getvariable('has_refunded') then money(coalesce(paid_amount, 0) - coalesce(refunded_of_these, 0)) end as net_by_payment,
        case when getvariable('has_refunds') then money(coalesce(paid_amount, 0) - coalesce(refund_amount, 0)) end as net_by_refund,
        money(coalesce(settled, 0)) as settled,
        coalesce(paid_orders, 0) as paid_orders,
        coalesce(placed_orders, 0) as placed_orders,
        coalesce(days_with_traffic, 0) as days_with_traffic, uv_sum, ratio(uv_sum, days_with_traffic) as uv_daily_mean,
        paying_customer_days, ratio(paying_customer_days, days_with_traffic) as paying_daily_mean,
        ratio(paying_customer_days, uv_sum) as uv_conversion,
        case when knows_payment() then ratio(coalesce(paid_orders, 0), placed_orders) end as payment_rate,
        case when getvariable('has_ratings') then coalesce(ratings, 0) end as ratings,
        dsr_description, dsr_service, dsr_delivery, dsr_logistics,
        -- Means of means that are equal on paper may differ in the last bit, and shall tie.
        round(list_avg(list_filter([dsr_description, dsr_service, dsr_delivery, dsr_logistics], lambda score: score is not null)), 12)
            as dsr_mean,
        ratio(intervened_refunds, applications) as dispute_rate,
        case when applications is not null then intervened_refunds when getvariable('has_refunds') then 0 end as intervened_refunds,
        case when getvariable('has_refunds') then ratio(coalesce(applications, 0), paid_orders) end as refund_rate,
        case when getvariable('has_refunds') then coalesce(applications, 0) end as refund_applications,
        case when getvariable('has_refunds') then coalesce(successful_refunds, 0) end as successful_refunds,
        refund_hours,
        case when getvariable('has_complaints') then whole(coalesce(complaints, 0)) end as complaints,
        case when getvariable('has_complaints') then ratio(coalesce(complaints, 0), paid_orders) end as complaint_rate,
        coalesce(shipped_orders, 0) as shipped_orders,
        delivery_hours,
        case when listed_months = (
            select count(*) from (values (0), (1), (2)) as m(number)
            where cast(q.quarter + to_months(number) as date) <= as_of()
                and (s.opened_at is null or last_day(cast(q.quarter + to_months(number) as date)) >= day(s.opened_at))
        ) then whole(new_items) end as new_items,
        -- Of all months that are over: the one without a score may be the worst.
        case when scored_months = ended_months then worst end as service_score_min,
        case when scored_months = ended_months then service_score_mean end as service_score_mean,
        -- Before a shop's orders and visitors begin nobody knows what it sold, unless it was not there yet. Of a shop that opened
        -- when others sold already nothing is missing.
        case when known.day <= q.quarter or day(s.opened_at) >= known.day then coalesce(idle_months, 0) end as idle_months,
        case when getvariable('has_violations') then cast(coalesce(violation_points, 0) as double) end as violation_points,
        case when getvariable('has_violations') then cast(coalesce(serious_violation_points, 0) as double) end as serious_violation_points,
        case when getvariable('has_violations') then coalesce(red_line_violations, 0) end as red_line_violations
    from quarters q
    left join raw_shops s on s.shop_id = q.shop_id
    left join known on known.shop_id = q.shop_id
    left join ended on ended.shop_id = q.shop_id and ended.quarter = q.quarter
    left join placed on placed.shop_id = q.shop_id and placed.quarter = q.quarter
    left join paid on paid.shop_id = q.shop_id and paid.quarter = q.quarter
    left join completed on completed.shop_id = q.shop_id and completed.quarter = q.quarter
    left join applied on applied.shop_id = q.shop_id and applied.quarter = q.quarter
    left join returned on returned.shop_id = q.shop_id and returned.quarter = q.quarter
    left join visited on visited.shop_id = q.shop_id and visited.quarter = q.quarter
    left join rated on rated.shop_id = q.shop_id and rated.quarter = q.quarter
    left join complained on complained.shop_id = q.shop_id and complained.quarter = q.quarter
    left join listed on listed.shop_id = q.shop_id and listed.quarter = q.quarter
    left join scored on scored.shop_id = q.shop_id and scored.quarter = q.quarter
    left join punished on punished.shop_id = q.shop_id and punished.quarter = q.quarter
    left join idle on idle.shop_id = q.shop_id and idle.quarter = q.quarter
),
-- One row per metric, whether it has a value or not.
long as (
    select * from (
        select shop_id, quarter, category, is_eligible,
            cast(paid_amount as double) as paid_amount, uv_conversion, payment_rate,
            dsr_description, dsr_service, dsr_delivery, dsr_logistics, dsr_mean,
            dispute_rate, refund_rate, refund_hours, complaint_rate, delivery_hours,
            cast(new_items as double) as new_items, service_score_min, service_score_mean, cast(idle_months as double) as idle_months,
            violation_points, serious_violation_points, cast(red_line_violations as double) as red_line_violations
        from measured where category is not null)
    unpivot include nulls (value for metric in (
        paid_amount, uv_conversion, payment_rate, dsr_description, dsr_service, dsr_delivery, dsr_logistics, dsr_mean,
        dispute_rate, refund_rate, refund_hours, complaint_rate, delivery_hours, new_items, service_score_min, service_score_mean,
        idle_months, violation_points, serious_violation_points, red_line_violations))
),
groups as (
    select category, quarter, metric, count(value) filter (where is_eligible) as peers, avg(value) filter (where is_eligible) as peer_mean
    from long group by all
),
-- Goodness is signed so that more is better. Of too few peers, and for shops that are nobody's peers, there is no mean and no place.
standing as (
    select *,
        case when metric in (
            'dispute_rate', 'refund_rate', 'refund_hours', 'complaint_rate', 'delivery_hours',
            'idle_months', 'violation_points', 'serious_violation_points', 'red_line_violations') then -value else value end as goodness,
        peers >= 5 and is_eligible as is_compared,
        rank() over (partition by category, quarter, metric, is_eligible order by goodness desc nulls last) as place
    from long join groups using (category, quarter, metric)
),
wide as (
    pivot (
        select shop_id, quarter, metric, peers,
            case when is_compared then peer_mean end as peer_mean,
            case when is_compared and value is not null then place end as place
        from standing)
    on metric in (
        'paid_amount', 'uv_conversion', 'payment_rate', 'dsr_description', 'dsr_service', 'dsr_delivery', 'dsr_logistics', 'dsr_mean',
        'dispute_rate', 'refund_rate', 'refund_hours', 'complaint_rate', 'delivery_hours', 'new_items', 'service_score_min',
        'service_score_mean', 'idle_months', 'violation_points', 'serious_violation_points', 'red_line_violations')
    using max(peers) as peers, max(peer_mean) as peer_mean, max(place) as rank
    group by shop_id, quarter
),
peer_counts as (
    select category, quarter, count(*) as peers
    from measured where is_eligible and category is not null group by all
)
select m.*,
    case when m.category is not null then coalesce(p.peers, 0) end as peers,
    w.* exclude (shop_id, quarter)
from measured m
left join peer_counts p using (category, quarter)
left join wide w on w.shop_id = m.shop_id and w.quarter = m.quarter;
