-- The cycles of the job's rules, and what every shop's metrics come to over the days of each: a shop's peers are measured over the shop's days.
-- Makes all_shops, cycles, spans, day_sums, span_months, figures.

create temp table all_shops as
with own as (
    select shop_id, min(date) as day
    from (select shop_id, day(created_at) as date from lines union all select shop_id, date from traffic_days)
    group by all
),
stated as (
    select shop_id, nullif(category, '') as category, day(opened_at) as opened_at, annual_target from shop_rows where state = 'used'
)
select shop_id, category, opened_at, annual_target, first_day,
    least(opened_at, first_day) as there_from,
    -- From when on nothing of the shop's orders and visitors is missing: of one that opened when others sold already, from its opening.
    case when opened_at >= (select min(day(created_at)) from lines) then least(own.day, opened_at) else own.day end as known_from
from (select shop_id from shop_starts union select shop_id from stated) as shops
left join stated using (shop_id) left join own using (shop_id) left join shop_starts using (shop_id);

create temp table cycles as
with begun as (
    select r.*, s.*, greatest(there_from, (select min(first_day) from shop_starts)) as begin,
        -- Who opened on the 15th or before counts from the 1st of that month, who opened later from the 1st of the next.
        cast(date_trunc('month', opened_at) + case when day(opened_at) <= make_date(year(opened_at), month(opened_at), 15) then interval 0 month
            else interval 1 month end as date) as counted_from
    from rules r cross join all_shops s
),
calendar as (
    select file, shop_id, 'formal' as phase, cast(unnest(generate_series(period_start(period, begin), as_of(),
        case period when 'month' then interval 1 month when 'quarter' then interval 3 month else interval 1 year end)) as date) as period_start
    from begun where period in ('month', 'quarter', 'year')
),
years as (
    select file, shop_id, 'exempt' as phase, counted_from as from_date, cast(counted_from + to_months(exempt_months) as date) as next_date
    from begun where period = 'rolling_year' and exempt_months > 0
    union all
    select file, shop_id, 'trial', cast(counted_from + to_months(exempt_months) as date),
        cast(counted_from + to_months(exempt_months + trial_months) as date)
    from begun where period = 'rolling_year' and trial_months > 0
    union all
    select file, shop_id, 'formal', from_date, cast(from_date + interval 1 year as date)
    from (
        select file, shop_id, cast(unnest(generate_series(counted_from + to_months(exempt_months + trial_months), as_of(), interval 1 year)) as date)
            as from_date
        from begun where period = 'rolling_year')
),
every as (
    select file, shop_id, phase, period_start, period_end(r.period, period_start) as period_end from calendar join rules r using (file)
    union all
    select file, shop_id, phase, from_date, next_date - 1 from years
    union all
    select file, shop_id, 'formal', opened_at + from_day - 1, opened_at + to_day - 1 from begun where period = 'window'
    union all
    select file, shop_id, 'formal', as_of() - days + 1, as_of() from begun where period = 'trailing'
)
select e.file, r.assessment, e.shop_id, e.period_start, e.period_end, least(e.period_end, as_of()) as until, e.phase,
    b.category, b.opened_at, b.annual_target, b.known_from, r.period, r.peers as peers_of, r.open_months, r.min_peers,
    e.period_end <= as_of() as is_complete,
    e.period_end - e.period_start + 1 as days,
    least(e.period_end, as_of()) - e.period_start + 1 as days_gone,
    r.open_months = 0 or b.opened_at is null or b.opened_at <= cast(e.period_start - to_months(r.open_months) as date) as is_eligible
from every e join rules r using (file) join begun b on b.file = e.file and b.shop_id = e.shop_id
-- A cycle that has begun; the exempt one is there from the opening on. None ends before the shop was there, or before the data.
where (e.period_start <= as_of() or e.phase = 'exempt' and b.opened_at <= as_of())
    and e.period_end >= b.begin and b.there_from <= as_of()
    and (r.valid_from is null or e.period_start >= r.valid_from) and (r.valid_to is null or e.period_start <= r.valid_to);

create temp table spans as
select row_number() over (order by period_start, period_end) as span, period_start as from_date, period_end as to_date,
    least(period_end, as_of()) as until
from (
    select period_start, period_end from cycles
    -- The pace of the days to come is that of the last 28.
    union select as_of() - 27, as_of());

-- Whatever is counted by days, as whole numbers, so that sums over any days are exact.
create temp table day_sums as
with parts as (
    select shop_id, created_day as date, count(*) as placed_orders from orders group by all
    union all by name
    select shop_id, paid_day as date, count(*) as paid_orders, sum(paid_amount) as paid_amount, sum(refunded) as refunded_of_these,
        count(shipped_at) as shipped_orders,
        sum(greatest(epoch_us(shipped_at) - epoch_us(paid_at), 0)) filter (where shipped_at is not null) as delivery_us
    from orders where paid_day is not null group by all
    union all by name
    select shop_id, day(completed_at) as date, sum(paid_amount) as settled from orders where completed_at is not null group by all
    union all by name
    select shop_id, day(created_at) as date, count(*) as applications, count(intervened) as decided_applications,
        count(*) filter (where intervened) as intervened, count(completed_at) as successful,
        sum(epoch_us(completed_at) - epoch_us(created_at)) as refund_us
    from refunds group by all
    union all by name
    select shop_id, day(completed_at) as date, sum(amount) as refund_amount from refunds where completed_at is not null group by all
    union all by name
    select t.shop_id, t.date, uv, coalesce(paying, 0) as paying
    from traffic t left join (
        select shop_id, paid_day as date, count(distinct customer_id) as paying from orders where paid_day is not null group by all) as p
        using (shop_id, date)
    where uv is not null
    union all by name
    select shop_id, day("date") as date, sum("count") as complaints from complaint_rows where state = 'used' group by all
)
select shop_id, date,
    coalesce(sum(placed_orders), 0) as placed_orders, coalesce(sum(paid_orders), 0) as paid_orders,
    coalesce(sum(paid_amount), 0) as paid_amount, coalesce(sum(refunded_of_these), 0) as refunded_of_these,
    coalesce(sum(shipped_orders), 0) as shipped_orders, coalesce(sum(delivery_us), 0) as delivery_us,
    coalesce(sum(settled), 0) as settled, coalesce(sum(applications), 0) as applications,
    coalesce(sum(decided_applications), 0) as decided_applications, coalesce(sum(intervened), 0) as intervened,
    coalesce(sum(successful), 0) as successful, coalesce(sum(refund_us), 0) as refund_us,
    coalesce(sum(refund_amount), 0) as refund_amount, coalesce(sum(uv), 0) as uv, coalesce(sum(paying), 0) as paying,
    coalesce(sum(complaints), 0) as complaints
from parts group by all;

-- The months of a span, and what is known of each, if it does not end before the shop opened. Of a span that does not follow the calendar,
-- listings are those of the months that begin in it, and scores, which are those of a month's last day, those of the months that end in it.
create temp table span_months as
with months as (
    select span, from_date, to_date, until, s.shop_id, s.category, s.opened_at,
        cast(unnest(generate_series(date_trunc('month', from_date), date_trunc('month', to_date), interval 1 month)) as date) as first_of_month
    from spans cross join all_shops s
),
sold as (select distinct shop_id, period_start('month', paid_day) as first_of_month from orders where paid_day is not null)
select m.span, m.shop_id, m.first_of_month,
    m.first_of_month between m.from_date and until as has_begun,
    last_day(m.first_of_month) between m.from_date and until as has_ended,
    m.first_of_month >= m.from_date and last_day(m.first_of_month) <= until as is_whole,
    l.items_new, c.score,
    (exists (from all_shops where category is not null) and m.category is null) or s.shop_id is null or coalesce(l.items_live = 0, false) as is_idle
from months m
left join sold s on s.shop_id = m.shop_id and s.first_of_month = m.first_of_month
left join listing_rows l on l.state = 'used' and l.shop_id = m.shop_id and period_start('month', l."month") = m.first_of_month
left join service_score_rows c on c.state = 'used' and c.shop_id = m.shop_id and period_start('month', c."month") = m.first_of_month
where m.opened_at is null or last_day(m.first_of_month) >= m.opened_at;

-- What there is of every metric in a span, with numerator and denominator. Names behind a colon are the other bases of paid_amount.
create temp table figures as
with summed as (
    select span, s.from_date, s.until, a.shop_id,
        -- Before a shop's orders and visitors begin nobody knows what it sold, unless it was not there yet.
        a.known_from <= s.from_date or coalesce(a.opened_at >= a.known_from, false) as is_known,
        coalesce(sum(placed_orders), 0) as placed_orders, coalesce(sum(paid_orders), 0) as paid_orders,
        coalesce(sum(paid_amount), 0) as paid_amount, coalesce(sum(refunded_of_these), 0) as refunded_of_these,
        coalesce(sum(shipped_orders), 0) as shipped_orders, coalesce(sum(delivery_us), 0) as delivery_us,
        coalesce(sum(settled), 0) as settled, coalesce(sum(applications), 0) as applications,
        coalesce(sum(decided_applications), 0) as decided_applications, coalesce(sum(intervened), 0) as intervened,
        coalesce(sum(successful), 0) as successful, coalesce(sum(refund_us), 0) as refund_us,
        coalesce(sum(refund_amount), 0) as refund_amount, coalesce(sum(uv), 0) as uv, coalesce(sum(paying), 0) as paying,
        coalesce(sum(complaints), 0) as complaints
    from spans s cross join all_shops a left join day_sums d on d.shop_id = a.shop_id and d.date between s.from_date and s.until
    group by all
),
-- Scores stand at the last day that is known: ratings of the 180 days up to it, three of a customer and month.
rated as (
    select span, s.shop_id,
        avg(description) as description, avg(service) as service, avg(delivery) as delivery, avg(logistics) as logistics
    from summed s join ratings r on r.shop_id = s.shop_id and r.nth_of_month <= 3 and day(r.rated_at) between s.until - 179 and s.until
    group by all
),
monthly as (
    select span, shop_id,
        case when count(*) filter (where has_begun and items_new is null) = 0 then sum(items_new) filter (where has_begun) end as new_items,
        count(*) filter (where has_ended) as ended, count(*) filter (where has_ended and score is null) as unscored,
        list(score order by score) filter (where has_ended) as scores,
        -- As decimals, so that means that are equal on paper are equal.
        avg(cast(score as decimal(18, 6))) filter (where has_ended) as score_mean
    from span_months group by all
),
-- Months of one run of idle ones have the same difference between their number among all months and among idle ones.
idle as (
    select span, shop_id, max(run) as idle_months
    from (
        select span, shop_id, count(*) as run
        from (
            select span, shop_id, datediff('month', date '2000-01-01', first_of_month)
                - row_number() over (partition by span, shop_id order by first_of_month) as which
            from span_months where is_whole and is_idle)
        group by span, shop_id, which)
    group by all
),
-- Points of a year's violations are forgotten when the next one begins.
punished as (
    select span, s.shop_id,
        sum(cast(points as decimal(18, 6))) filter (where kind = 'general') as general,
        sum(cast(points as decimal(18, 6))) filter (where kind = 'serious') as serious,
        count(*) filter (where kind = 'red_line' and day(occurred_at) >= s.from_date) as red_lines
    from summed s join violation_rows v
        on v.shop_id = s.shop_id and v.state = 'used' and year(v.occurred_at) = year(s.until) and day(v.occurred_at) <= s.until
    group by all
),
wide as (
    select s.*, r.* exclude (span, shop_id), m.* exclude (span, shop_id), i.idle_months, p.* exclude (span, shop_id),
        [description, service, delivery, logistics] as four
    from summed s left join rated r using (span, shop_id) left join monthly m using (span, shop_id)
    left join idle i using (span, shop_id) left join punished p using (span, shop_id)
),
long as (
    select span, shop_id, is_known, unnest([
        {'metric': 'paid_amount:paid', 'by_day': true, 'up': cast(paid_amount as double), 'down': 1.0},
        {'metric': 'paid_amount:net_by_payment', 'by_day': true, 'up': paid_amount - refunded_of_these, 'down': 1},
        {'metric': 'paid_amount:net_by_refund', 'by_day': true,
            'up': case when getvariable('has_refunds') then paid_amount - refund_amount end, 'down': 1},
        {'metric': 'paid_amount:settled', 'by_day': true, 'up': case when getvariable('has_completed_at') then settled end, 'down': 1},
        {'metric': 'uv_conversion', 'by_day': true, 'up': paying, 'down': uv},
        {'metric': 'payment_rate', 'by_day': true, 'up': paid_orders, 'down': placed_orders},
        {'metric': 'dispute_rate', 'by_day': true, 'up': case when decided_applications = applications then intervened end, 'down': applications},
        {'metric': 'intervened_refunds', 'by_day': true,
            'up': case when getvariable('has_refunds') and decided_applications = applications then intervened end, 'down': 1},
        {'metric': 'refund_applications', 'by_day': true, 'up': case when getvariable('has_refunds') then applications end, 'down': 1},
        {'metric': 'refund_rate', 'by_day': true, 'up': case when getvariable('has_refunds') then applications end, 'down': paid_orders},
        {'metric': 'refund_hours', 'by_day': true, 'up': refund_us / 3.6e9, 'down': successful},
        {'metric': 'complaint_rate', 'by_day': true, 'up': case when getvariable('has_complaints') then complaints end, 'down': paid_orders},
        {'metric': 'delivery_hours', 'by_day': true, 'up': delivery_us / 3.6e9, 'down': shipped_orders},
        {'metric': 'dsr_description', 'by_day': false, 'up': description, 'down': 1},
        {'metric': 'dsr_service', 'by_day': false, 'up': service, 'down': 1},
        {'metric': 'dsr_delivery', 'by_day': false, 'up': delivery, 'down': 1},
        {'metric': 'dsr_logistics', 'by_day': false, 'up': logistics, 'down': 1},
        -- Means of means that are equal on paper may differ in the last bit, and shall tie.
        {'metric': 'dsr_mean', 'by_day': false, 'up': round(list_avg(list_filter(four, lambda score: score is not null)), 12), 'down': 1},
        {'metric': 'new_items', 'by_day': false, 'up': new_items, 'down': 1},
        {'metric': 'service_score_min', 'by_day': false, 'up': case when unscored = 0 then scores[1] end, 'down': 1},
        {'metric': 'service_score_mean', 'by_day': false, 'up': case when unscored = 0 then score_mean end, 'down': 1},
        {'metric': 'idle_months', 'by_day': true, 'up': coalesce(idle_months, 0), 'down': 1},
        {'metric': 'violation_points', 'by_day': false, 'up': case when getvariable('has_violations') then coalesce(general, 0) end, 'down': 1},
        {'metric': 'serious_violation_points', 'by_day': false,
            'up': case when getvariable('has_violations') then coalesce(serious, 0) end, 'down': 1},
        {'metric': 'red_line_violations', 'by_day': false, 'up': case when getvariable('has_violations') then coalesce(red_lines, 0) end, 'down': 1}
    ], recursive := true)
    from wide
),
-- Figures that only the platform has: the last one of the span.
stated as (
    select span, m.shop_id, m.metric, arg_max(m.value, m.period_start) as value
    from spans s join shop_metric_rows m on m.state = 'used' and day(m.period_start) between s.from_date and s.until
    group by all
)
select span, shop_id, metric, by_day, case when is_known or not by_day then ratio(up, down) end as value, up, down,
    not is_known and by_day as is_cut_off
from long
union all
select span, shop_id, metric, false, value, value, 1, false from stated;
