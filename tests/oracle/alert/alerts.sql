-- reads: shops
-- Each figure of a shop on each of the last days, what it is expected to be, and whether it is out of the ordinary.
-- How a figure stands where chance has a standard deviation of 1, and back: by the denominator of its day, and the sums of the days before.
create or replace macro deviation(kind, den, num_before, den_before, extra_before) as case kind
    when 'mean' then sqrt((greatest(extra_before / den_before - pow(num_before / den_before, 2), 0) + pow(num_before / den_before, 2) / den_before) * (den + 2)) / den
    when 'payment' then sqrt(((den * extra_before / den_before + 1) / (den + 2) * (1 - (den * extra_before / den_before + 1) / (den + 2))
        + (num_before - extra_before) / den_before) / den) end;
create or replace macro stable(kind, val, den, piece, num_before, den_before, extra_before) as case kind
    when 'count' then 2 * sqrt(greatest(val, 0) + 0.375)
    when 'amount' then 2 * sqrt(greatest(val / piece, 0) + 0.375)
    when 'amount_share' then 2 * sqrt(greatest(val * den / piece, 0) + 0.375)
    when 'share' then 2 * sqrt(den + 0.5) * asin(sqrt((least(greatest(val, 0), 1) * den + 0.375) / (den + 0.75)))
    else val / deviation(kind, den, num_before, den_before, extra_before) end;
create or replace macro unstable(kind, level, den, piece, num_before, den_before, extra_before) as case kind
    when 'count' then greatest(pow(greatest(level, 0) / 2, 2) - 0.375, 0)
    when 'amount' then piece * greatest(pow(greatest(level, 0) / 2, 2) - 0.375, 0)
    when 'amount_share' then piece / den * greatest(pow(greatest(level, 0) / 2, 2) - 0.375, 0)
    when 'share' then least(greatest((pow(sin(least(greatest(level / (2 * sqrt(den + 0.5)), 0), pi() / 2)), 2) * (den + 0.75) - 0.375) / den, 0), 1)
    else greatest(level * deviation(kind, den, num_before, den_before, extra_before), 0) end;

create table oracle.alerts as
with
-- Days of an event in a row are one event; one of all shops is one of each.
event_days as (
    select distinct s.shop_id, e.name, e.date
    from (select shop_id, trim(name) as name, day("date") as date from event_rows where state = 'used') e
    join shop_starts s on e.shop_id is null or e.shop_id = s.shop_id
),
runs as (
    select shop_id, name, min(date) as first, max(date) as last
    from (select *, date - cast(row_number() over (partition by shop_id, name order by date) as integer) as island from event_days)
    group by shop_id, name, island
),
reached as (
    select d.shop_id, d.date, r.name, r.first, r.last
    from shop_days d join runs r on r.shop_id = d.shop_id and d.date between r.first and r.last + 2
    qualify row_number() over (partition by d.shop_id, d.date order by greatest(d.date - r.last, 0), r.first desc, r.name) = 1
),
then_days as (
    select e.*, t.first as then_first,
        case when e.date > e.last then t.last + cast(e.date - e.last as integer)
            when t.first + cast(e.date - e.first as integer) <= t.last then t.first + cast(e.date - e.first as integer) end as then_date
    from reached e
    left join runs t on t.shop_id = e.shop_id and t.name = e.name and abs(t.first - (e.first - 365)) <= 60
    qualify row_number() over (partition by e.shop_id, e.date order by abs(t.first - (e.first - 365)) nulls last, t.first) = 1
),
-- What is counted of a day.
placed as (
    select shop_id, created_day as date, count(*) as placed, count(*) filter (where paid_day = created_day) as same_day from orders group by all
),
payments as (
    select shop_id, paid_day as date, customer_id, case when customer_id is null then order_id end as single, sum(paid_amount) as amount, count(*) as orders
    from orders where paid_day is not null group by all
),
paid as (
    select shop_id, date, cast(sum(amount) as double) as amount, sum(cast(amount as double) * cast(amount as double)) as squares,
        sum(orders) as paid, count(distinct customer_id) as payers
    from payments group by all
),
bought as (
    select shop_id, paid_day as date, count(distinct customer_id) filter (where first_day = paid_day) as new,
        count(distinct customer_id) filter (where first_day < paid_day) as came_back
    from purchases group by all
),
late as (
    select shop_id, day(paid_at + to_hours(getvariable('promise_hours'))) as date, count(*) as late
    from orders
    where paid_at is not null
        and case when shipped_at is null then is_purchase else date_diff('second', paid_at, shipped_at) > 3600 * getvariable('promise_hours') end
    group by all
),
returned as (
    select shop_id, day(completed_at) as date, cast(sum(amount) as double) as amount, sum(cast(amount as double) * cast(amount as double)) as squares
    from refunds where completed_at is not null group by all
),
disputed as (select shop_id, day(created_at) as date, count(*) filter (where intervened) as disputes from refunds group by all),
newest_refund as (select max(greatest(day(created_at), day(completed_at))) as day from refunds),
without_visitors as (
    select d.shop_id, min(d.date) as day
    from shop_days d join oracle.shops s using (shop_id) left join traffic t using (shop_id, date)
    where (s.orders_last_day is null or d.date > s.orders_last_day) and coalesce(t.uv, 0) = 0
    group by all
),
daily as (
    select d.shop_id, d.date,
        -- Up to the newest order of the shop, and on while it had visitors and other shops orders.
        coalesce(d.date <= s.orders_last_day, false) or (d.date <= n.day and d.date < coalesce(g.day, DATE '9999-12-31')) as has_orders, coalesce(d.date <= r.day, false) as has_refunds,
        coalesce(placed, 0) as placed, coalesce(same_day, 0) as same_day, coalesce(paid, 0) as paid, coalesce(p.amount, 0) as amount,
        coalesce(p.squares, 0) as squares, coalesce(payers, 0) as payers, coalesce(new, 0) as new, coalesce(came_back, 0) as came_back,
        coalesce(late, 0) as late, coalesce(b.amount, 0) as refunded, coalesce(b.squares, 0) as refund_squares,
        coalesce(disputes, 0) as disputes, t.uv, case when t.uv is not null then t.source end as uv_source
    from shop_days d
    join oracle.shops s using (shop_id)
    cross join newest_refund r
    cross join (select max(orders_last_day) as day from oracle.shops) n
    left join without_visitors g using (shop_id)
    left join placed using (shop_id, date)
    left join paid p using (shop_id, date)
    left join bought using (shop_id, date)
    left join late using (shop_id, date)
    left join returned b using (shop_id, date)
    left join disputed using (shop_id, date)
    left join traffic t using (shop_id, date)
),
traffic_there as (select count(uv) > 0 as has_uv from traffic),
-- One row for each metric: its kind, numerator, denominator, what else its noise depends on, and whether it is known.
figures as (
    select shop_id, date, unnest([
        {'metric': 'placed_orders', 'kind': 'count', 'num': placed::double, 'den': 1.0::double, 'extra': 0.0::double, 'known': has_orders, 'wanted': true},
        {'metric': 'paid_amount', 'kind': 'amount', 'num': amount, 'den': 1, 'extra': squares, 'known': has_orders, 'wanted': true},
        {'metric': 'payment_rate', 'kind': 'payment', 'num': paid, 'den': placed, 'extra': same_day, 'known': has_orders, 'wanted': knows_payment()},
        {'metric': 'unpaid_share', 'kind': 'share', 'num': placed - same_day, 'den': placed, 'extra': 0, 'known': has_orders, 'wanted': knows_payment()},
        {'metric': 'late_shipments', 'kind': 'count', 'num': late, 'den': 1, 'extra': 0, 'known': has_orders,
            'wanted': getvariable('has_paid_at') and getvariable('has_shipped_at')},
        {'metric': 'uv', 'kind': 'count', 'num': uv, 'den': 1, 'extra': 0, 'known': uv is not null, 'wanted': has_uv},
        {'metric': 'paying_customers', 'kind': 'count', 'num': payers, 'den': 1, 'extra': 0, 'known': has_orders, 'wanted': getvariable('has_customers')},
        {'metric': 'new_customers', 'kind': 'count', 'num': new, 'den': 1, 'extra': 0, 'known': has_orders, 'wanted': getvariable('has_customers')},
        {'metric': 'returning_share', 'kind': 'share', 'num': came_back, 'den': new + came_back, 'extra': 0, 'known': has_orders,
            'wanted': getvariable('has_customers')},
        {'metric': 'value_per_customer', 'kind': 'mean', 'num': amount, 'den': payers, 'extra': squares, 'known': has_orders,
            'wanted': getvariable('has_customers')},
        {'metric': 'conversion', 'kind': 'share', 'num': payers, 'den': uv, 'extra': 0, 'known': has_orders and uv is not null,
            'wanted': getvariable('has_customers') and has_uv},
        {'metric': 'refund_amount', 'kind': 'amount', 'num': refunded, 'den': 1, 'extra': refund_squares, 'known': has_refunds,
            'wanted': getvariable('has_refunds')},
        {'metric': 'refund_share', 'kind': 'amount_share', 'num': refunded, 'den': amount, 'extra': refund_squares, 'known': has_refunds and has_orders,
            'wanted': getvariable('has_refunds')},
        {'metric': 'disputes', 'kind': 'count', 'num': disputes, 'den': 1, 'extra': 0, 'known': has_refunds, 'wanted': getvariable('has_intervened')}
    ], recursive := true), cast(null as varchar) as channel, uv_source
    from daily cross join traffic_there
    union all
    select d.shop_id, d.date, 'uv:' || c.channel, 'count', t.uv, 1, 0, t.uv is not null, true, c.channel,
        case when t.uv is not null then t.source end
    from shop_days d
    join (select distinct shop_id, channel from channel_traffic
        where uv is not null and date > as_of() - getvariable('alert_days') - 56 and date <= as_of()) c using (shop_id)
    left join channel_traffic t using (shop_id, channel, date)
),
valued as (
    select * exclude (known, wanted, uv_source), case when metric = 'uv' or metric = 'conversion' or channel is not null then uv_source end as source,
        case when not known then 'no_data' when den = 0 then 'no_denominator' end as missing,
        case when known then ratio(num, den) end as val
    from figures where wanted
),
usual as (select v.* from valued v anti join reached using (shop_id, date) where missing is null),
-- Two days more than are shown may begin a row of days on one side.
judged as (select * from valued where date > as_of() - getvariable('alert_days') - 2),
windows as (
    select j.shop_id, j.metric, j.date as judged_day, u.date, u.val, u.num, u.den, u.extra, (j.date - u.date) % 7 as weekday,
        row_number() over (partition by j.shop_id, j.metric, j.date order by u.date desc) as age
    from judged j join usual u on u.shop_id = j.shop_id and u.metric = j.metric and u.date between j.date - 56 and j.date - 1
        and u.source is not distinct from j.source
),
-- The first days of events and of those a year before, from which the growth is taken.
starts as (
    select distinct shop_id, unnest([first, then_first]) as judged_day from then_days where date > as_of() - getvariable('alert_days') - 2
),
start_windows as (
    select s.shop_id, u.metric, s.judged_day, u.source, u.kind, u.val, u.num, u.den, u.extra
    from starts s join usual u on u.shop_id = s.shop_id and u.date between s.judged_day - 56 and s.judged_day - 1
    qualify row_number() over (partition by s.shop_id, u.metric, s.judged_day, u.source order by u.date desc) <= 28
),
sums as (
    select shop_id, metric, judged_day, cast(null as varchar) as source, count(*) as days, sum(num) as num, sum(den) as den, sum(extra) as extra, median(val) as middle from windows group by all
    union all
    select shop_id, metric, judged_day, source, -count(*), sum(num), sum(den), sum(extra), median(val) from start_windows group by all
),
sized as (
    select s.*, kind, ratio(nullif(extra, 0), num) as piece,
        coalesce(case kind
            when 'count' then num
            when 'share' then least(num, den - num)
            when 'mean' then den
            when 'payment' then least(num, den - extra + num - extra)
            else num / ratio(nullif(extra, 0), num) end < 5 * abs(days), true) as is_sparse
    from sums s join (select distinct metric, kind from valued) using (metric)
),
levels as (
    select shop_id, metric, judged_day, source, case when is_sparse then ratio(num, den) else middle end as level from sized where days <= -14
),
weekdays as (select shop_id, metric, judged_day, weekday, median(val) as middle, count(*) as weeks from windows group by all),
recent as (
    select w.shop_id, w.metric, w.judged_day, median(w.val / d.middle) filter (where d.middle > 0) as level, count(*) filter (where d.middle > 0) as levels
    from windows w join weekdays d using (shop_id, metric, judged_day, weekday) where w.age <= 14 group by all
),
patterns as (
    select z.*, d.weeks, r.levels,
        case when z.is_sparse then ratio(z.num, z.den) else d.middle * coalesce(r.level, 1) end as expected
    from sized z
    left join weekdays d on d.shop_id = z.shop_id and d.metric = z.metric and d.judged_day = z.judged_day and d.weekday = 0
    left join recent r on r.shop_id = z.shop_id and r.metric = z.metric and r.judged_day = z.judged_day
    where z.days >= 28 and (z.is_sparse or d.weeks >= 4)
        and case when z.kind in ('amount', 'amount_share') then z.piece > 0 when z.kind = 'mean' then z.den >= 20 and z.num > 0 else true end
),
-- Where chance has a standard deviation of 1. The macros take the sums of the window and the denominator of the day.
leveled as (
    select w.shop_id, w.metric, w.judged_day,
        stable(p.kind, w.val, w.den, p.piece, p.num, p.den, p.extra)
            - stable(p.kind, case when p.is_sparse then p.expected else d.middle end, w.den, p.piece, p.num, p.den, p.extra) as residual,
        p.is_sparse, p.weeks
    from windows w
    join patterns p using (shop_id, metric, judged_day)
    join weekdays d using (shop_id, metric, judged_day, weekday)
),
dispersions as (
    select shop_id, metric, judged_day,
        greatest(1, case when any_value(is_sparse) then sqrt(sum(residual * residual) / (count(*) - 1))
            else 1.4826 * median(abs(residual)) * sqrt(any_value(weeks) / (any_value(weeks) - 2)) end) as dispersion
    from leveled group by all
),
prepared as (
    select j.*, e.name as event, e.first is not null as is_event, p.piece, p.num as window_num, p.den as window_den, p.extra as window_extra, x.dispersion,
        case when e.first is null then p.expected else y.val * ratio(now.level, ago.level) end as plain,
        ratio(now.level, ago.level) as growth, y.den as then_den,
        case when p.is_sparse then 1 / p.days else pi() / 2 * (1 / p.weeks + 1 / greatest(p.levels, 1)) end as uncertainty,
        e.then_date
    from judged j
    left join then_days e using (shop_id, date)
    left join patterns p on p.shop_id = j.shop_id and p.metric = j.metric and p.judged_day = j.date
    left join dispersions x on x.shop_id = j.shop_id and x.metric = j.metric and x.judged_day = j.date
    left join valued y on y.shop_id = j.shop_id and y.metric = j.metric and y.date = e.then_date and y.missing is null
        and y.source is not distinct from j.source
    left join levels now on now.shop_id = j.shop_id and now.metric = j.metric and now.judged_day = e.first
        and now.source is not distinct from j.source
    left join levels ago on ago.shop_id = j.shop_id and ago.metric = j.metric and ago.judged_day = e.then_first
        and ago.source is not distinct from j.source
),
expected as (
    select *, case when missing is null and dispersion is not null and plain is not null then case when kind = 'share' then least(plain, 1) else plain end end as expected
    from prepared
),
stabled as (
    select *,
        stable(kind, val, den, piece, window_num, window_den, window_extra) as here,
        stable(kind, expected, den, piece, window_num, window_den, window_extra) as middle,
        case when is_event then sqrt(dispersion * dispersion * (1 + growth * den / then_den)
                + pow(stable(kind, expected * 1.1, den, piece, window_num, window_den, window_extra)
                    - stable(kind, expected, den, piece, window_num, window_den, window_extra), 2))
            else dispersion * sqrt(1 + uncertainty) end as spread
    from expected
),
scored as (
    select *, case when expected is not null then (here - middle) / spread end as score,
        case when expected is not null then unstable(kind, middle - 3 * spread, den, piece, window_num, window_den, window_extra) end as lower,
        case when expected is not null then unstable(kind, middle + 3 * spread, den, piece, window_num, window_den, window_extra) end as upper
    from stabled
),
sided as (
    select *, case when score >= 3 then 1 when score <= -3 then -1 else 0 end as side,
        date - cast(row_number() over (partition by shop_id, metric, case when score >= 3 then 1 when score <= -3 then -1 else 0 end order by date) as integer) as island
    from scored
),
graded as (
    select *, case
        when side <> 0 and (abs(score) >= 5 or row_number() over (partition by shop_id, metric, side, island order by date) >= 3) then 'alarm'
        when side <> 0 then 'watch' else 'none' end as severity,
        case when abs(score) >= 1e-9 then score > 0 end as is_above
    from sided
),
-- What moved sales: the day beside the sum of the days that it is expected from, as often.
first_purchases as (select shop_id, customer_id, min(paid_day) as first_purchase from purchases where customer_id is not null group by all),
grouped as (
    select o.shop_id, o.paid_day as date, case when f.first_purchase < o.paid_day then 'returning' else 'new' end as customers,
        count(distinct o.customer_id) as paying, count(*) as orders, sum(o.quantity) as items, whole(sum(o.paid_amount) * 100) as amount
    from orders o left join first_purchases f using (shop_id, customer_id)
    where o.paid_day is not null and o.customer_id is not null group by all
),
factors as (
    select t.shop_id, t.date, c.customers, t.uv, coalesce(paying, 0) as paying, coalesce(orders, 0) as orders, coalesce(items, 0) as items,
        coalesce(amount, 0) as amount, sum(coalesce(paying, 0)) over (partition by t.shop_id, t.date) as all_paying,
        sum(coalesce(amount, 0)) over (partition by t.shop_id, t.date) as all_amount
    from traffic t cross join (values ('new'), ('returning')) c(customers) left join grouped using (shop_id, date, customers)
    where t.uv is not null
),
strange as (select shop_id, date, is_above, is_event, then_date from graded where metric = 'paid_amount' and severity <> 'none'),
references_of as (
    select s.shop_id, s.date, u.date as other
    from strange s
    join shop_days u on u.shop_id = s.shop_id and case when s.is_event then u.date = s.then_date
        else u.date between s.date - 56 and s.date - 7 and (s.date - u.date) % 7 = 0 end
    join traffic a on a.shop_id = s.shop_id and a.date = s.date
    join traffic b on b.shop_id = u.shop_id and b.date = u.date and b.source = a.source
    left join reached e on e.shop_id = u.shop_id and e.date = u.date
    where s.is_event or e.date is null
),
sides as (
    select r.shop_id, r.date, f.customers, count(*) as days,
        [sum(uv), sum(all_paying), sum(paying), sum(orders), sum(items), sum(amount)]::double[] as other,
        sum(all_amount) as other_amount
    from references_of r join factors f on f.shop_id = r.shop_id and f.date = r.other
    group by all
),
pairs as (
    select s.shop_id, s.date, s.other, [f.uv * days, all_paying * days, paying * days, orders * days, items * days, amount * days]::double[] as now
    from sides s join factors f using (shop_id, date, customers)
    where (f.uv > 0 or f.all_amount = 0) and (s.other[1] > 0 or s.other_amount = 0)
),
itemed as (
    select shop_id, date,
        case when unitemed then list_concat(now[1:4], [now[4], now[6]]) else now end as now,
        case when unitemed then list_concat(other[1:4], [other[4], other[6]]) else other end as other
    from (select *, now[6] > 0 and other[6] > 0 and (now[5] = 0 or other[5] = 0) as unitemed from pairs)
),
parts as (
    select shop_id, date, factor,
        sum(case
            when now[6] = other[6] and now[6] = 0 then 0
            when now[6] = 0 then case when list_position(now, 0) = factor then -other[6] else 0 end
            when other[6] = 0 then case when list_position(other, 0) = factor then now[6] else 0 end
            else case when abs(now[6] - other[6]) > 1e-4 * other[6] then (now[6] - other[6]) / ln(now[6] / other[6])
                    else other[6] * (1 + (now[6] - other[6]) / other[6] / 2 - pow((now[6] - other[6]) / other[6], 2) / 12) end
                * ln(case when factor = 1 then now[1] / other[1] else (now[factor] / now[factor - 1]) / (other[factor] / other[factor - 1]) end)
        end) as part
    from itemed cross join (select unnest(range(1, 7)) as factor)
    group by all
),
drivers as (
    select shop_id, date, arg_max(['traffic', 'conversion', 'mix', 'frequency', 'basket', 'price'][factor],
        case when is_above then part else -part end) filter (where case when is_above then part else -part end > 1) as driver
    from parts join strange using (shop_id, date)
    group by all
)
select g.shop_id, g.date, g.metric, g.channel,
    case when g.metric in ('paid_amount', 'refund_amount') then 'CNY' when g.metric = 'value_per_customer' then 'CNY per customer'
        when g.metric in ('placed_orders', 'late_shipments') then 'orders' when g.metric in ('paying_customers', 'new_customers') then 'customers'
        when g.metric = 'disputes' then 'refunds' when g.kind = 'count' then 'visitors' else '1' end as unit,
    g.val as value, expected, lower as expected_lower, upper as expected_upper, score, severity,
    case when is_above then 'up' when not is_above then 'down' end as direction,
    is_above <> (g.metric in ('unpaid_share', 'late_shipments', 'refund_amount', 'refund_share', 'disputes')) as is_good,
    coalesce(g.missing, case when score is null then case when is_event then 'event' else 'history' end end) as reason,
    event, case when g.metric = 'paid_amount' then driver end as driver
from graded g left join drivers using (shop_id, date)
where g.date > as_of() - getvariable('alert_days');
