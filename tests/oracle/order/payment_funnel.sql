-- What became of the orders placed in weeks, months, quarters and years, and how long they waited for it.
create table oracle.payment_funnel as
with grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
periods as (
    select shop_id, grain, period_start(grain, date) as period_start,
        period_start(grain, date) >= any_value(first_day) and period_end(grain, period_start(grain, date)) <= as_of() as is_complete
    from shop_days cross join grains group by shop_id, grain, period_start(grain, date)
),
closed as (
    select shop_id, order_id from lines group by all
    having bool_and(coalesce(fate in ('cancelled', 'refunded'), false) and paid_at is null)
),
-- What an order is said to wait for by its status: without a time of it, it did not happen.
said as (
    select shop_id, order_id, bool_or(awaited = 'shipping') as awaits_shipping, bool_or(awaited is not null) as awaits_completion
    from lines where paid_at is not null and fate is distinct from 'refunded' group by all
),
-- Each order with its waits in whole seconds or days, and what it waited for at the end of D.
placed as (
    select o.shop_id, created_day, placed_amount, paid_amount, refunded, is_purchase,
        paid_at is not null as is_paid,
        c.order_id is not null as is_closed,
        coalesce(awaits_shipping, false) as awaits_shipping, coalesce(awaits_completion, false) as awaits_completion,
        greatest(date_diff('second', created_at, coalesce(paid_at, cast(as_of() + 1 as timestamp))), 0) as pay_seconds,
        paid_at is not null and shipped_at is not null as is_shipped,
        greatest(date_diff('second', paid_at, coalesce(shipped_at, cast(as_of() + 1 as timestamp))), 0) as ship_seconds,
        paid_at is not null and completed_at is not null as is_completed,
        greatest(coalesce(day(completed_at), as_of()) - day(greatest(paid_at, shipped_at)), 0) as complete_days,
        greatest(coalesce(day(completed_at), as_of()) - paid_day, 0) as cash_days
    from orders o left join closed c using (shop_id, order_id) left join said using (shop_id, order_id)
),
-- Months without any order that got to a step although some should have, of which no status says that they wait, and those of other
-- months did: nothing was noted of them. Not so the
-- newest ones, whose orders may all still be on their way.
monthly as (
    select shop_id, period_start('month', created_day) as month,
        count(*) filter (where is_shipped) as shipped,
        count(*) filter (where is_paid and is_purchase and not is_shipped and not awaits_shipping
            and ship_seconds > getvariable('promise_hours') * 3600) as not_shipped,
        count(*) filter (where is_completed) as completed,
        coalesce(sum(paid_amount - refunded) filter (where is_purchase and not is_completed and not awaits_completion), 0) as on_its_way
    from placed group by all
),
newest as (
    select *, max(month) filter (where shipped > 0) over (partition by shop_id) as newest_shipped,
        max(month) filter (where completed > 0) over (partition by shop_id) as newest_completed
    from monthly
),
unrecorded as (
    select shop_id, month,
        newest_shipped is not null and shipped = 0 and not_shipped > 0 and (month < newest_shipped or last_day(month) + 30 <= as_of()) as shipping,
        newest_completed is not null and completed = 0 and on_its_way > 0 and (month < newest_completed or last_day(month) + 30 <= as_of())
            as completion
    from newest
),
recorded as (
    select p.shop_id, p.grain, p.period_start,
        getvariable('has_shipped_at') and not coalesce(bool_or(shipping), false) as has_shipped_at,
        getvariable('has_completed_at') and not coalesce(bool_or(completion), false) as has_completed_at
    from periods p
    left join unrecorded u on u.shop_id = p.shop_id
        and u.month between period_start('month', p.period_start) and period_end(p.grain, p.period_start)
    group by all
),
counted as (
    select shop_id, grain, period_start(grain, created_day) as period_start,
        count(*) as placed_orders, sum(placed_amount) as placed_amount,
        count(*) filter (where is_paid) as paid_orders, sum(paid_amount) filter (where is_paid) as paid_amount,
        count(*) filter (where is_shipped) as shipped_orders, sum(paid_amount) filter (where is_shipped) as shipped_amount,
        count(*) filter (where is_completed) as completed_orders, sum(paid_amount) filter (where is_completed) as completed_amount,
        count(*) filter (where is_shipped and is_completed) as shipped_completed_orders,
        count(*) filter (where is_closed) as closed_orders,
        sum(placed_amount) filter (where not is_paid) as unpaid_amount,
        count(*) filter (where is_shipped or (is_paid and is_purchase and ship_seconds > getvariable('promise_hours') * 3600)) as due,
        count(*) filter (where is_paid and (is_shipped or is_purchase) and ship_seconds > getvariable('promise_hours') * 3600) as late,
        sum(paid_amount - refunded) filter (where is_purchase and not is_completed) as on_its_way,
        avg(pay_seconds) filter (where is_paid) / 3600 as pay_mean,
        avg(ship_seconds) filter (where is_shipped) / 3600 as ship_mean
    from placed cross join grains group by all
),
waits as (
    select shop_id, created_day, 'pay' as step, pay_seconds as wait, is_paid as is_over from placed
    union all
    select shop_id, created_day, 'ship', ship_seconds, is_shipped from placed where is_paid
    union all
    select shop_id, created_day, 'complete', complete_days, is_completed from placed where is_shipped
    union all
    select shop_id, created_day, 'cash', cash_days, is_completed from placed where is_paid
),
-- Seconds are rounded down to minutes beyond an hour and to hours beyond two days.
rounded as (
    select shop_id, grain, period_start(grain, created_day) as period_start, step, is_over,
        case when step in ('complete', 'cash') or wait < 3600 then wait
            when wait < 48 * 3600 then wait // 60 * 60 else wait // 3600 * 3600 end as wait
    from waits cross join grains
),
quantiles as (
    select shop_id, grain, period_start, step,
        avg(wait) as mean, quantile_cont(wait, 0.5) as p50, quantile_cont(wait, 0.9) as p90
    from rounded where is_over group by all
),
lengths as (
    select shop_id, grain, period_start, step, wait, count(*) filter (where is_over) as events, count(*) as here from rounded group by all
),
at_risk as (
    select *, sum(here) over (partition by shop_id, grain, period_start, step order by wait desc) as at_risk from lengths
),
curves as (
    select shop_id, grain, period_start, step, wait,
        product(1 - events / at_risk) over (partition by shop_id, grain, period_start, step order by wait) as survival
    from at_risk
),
medians as (
    select shop_id, grain, period_start, step, min(wait) as km from curves where survival <= 0.5 + 1e-12 group by all
),
figures as (
    select shop_id, grain, period_start,
        cast(max(p50) filter (where step = 'pay') as double) as pay_p50, cast(max(p90) filter (where step = 'pay') as double) as pay_p90, cast(max(km) filter (where step = 'pay') as double) as pay_km,
        cast(max(p50) filter (where step = 'ship') as double) as ship_p50, cast(max(p90) filter (where step = 'ship') as double) as ship_p90, cast(max(km) filter (where step = 'ship') as double) as ship_km,
        cast(max(mean) filter (where step = 'complete') as double) as complete_mean, cast(max(p50) filter (where step = 'complete') as double) as complete_p50, cast(max(p90) filter (where step = 'complete') as double) as complete_p90, cast(max(km) filter (where step = 'complete') as double) as complete_km,
        cast(max(mean) filter (where step = 'cash') as double) as cash_mean, cast(max(p50) filter (where step = 'cash') as double) as cash_p50, cast(max(p90) filter (where step = 'cash') as double) as cash_p90, cast(max(km) filter (where step = 'cash') as double) as cash_km
    from (select shop_id, grain, period_start, step, mean, p50, p90, km from quantiles full join medians using (shop_id, grain, period_start, step))
    group by all
)
select p.shop_id, p.grain, p.period_start, p.is_complete,
    coalesce(placed_orders, 0) as placed_orders, money(coalesce(placed_amount, 0)) as placed_amount,
    coalesce(paid_orders, 0) as paid_orders, money(coalesce(paid_amount, 0)) as paid_amount,
    case when r.has_shipped_at then coalesce(shipped_orders, 0) end as shipped_orders,
    case when r.has_shipped_at then money(coalesce(shipped_amount, 0)) end as shipped_amount,
    case when r.has_completed_at then coalesce(completed_orders, 0) end as completed_orders,
    case when r.has_completed_at then money(coalesce(completed_amount, 0)) end as completed_amount,
    case when getvariable('has_paid_at') or getvariable('has_status') then coalesce(placed_orders - paid_orders, 0) end as unpaid_orders,
    case when getvariable('has_status') then coalesce(placed_orders - paid_orders - closed_orders, 0) end as unpaid_open_orders,
    case when getvariable('has_status') then coalesce(closed_orders, 0) end as unpaid_closed_orders,
    case when getvariable('has_paid_at') or getvariable('has_status') then money(coalesce(unpaid_amount, 0)) end as unpaid_amount,
    case when getvariable('has_paid_at') or getvariable('has_status') then ratio(placed_orders - paid_orders, placed_orders) end as unpaid_share,
    case when getvariable('has_paid_at') and r.has_shipped_at then coalesce(due, 0) end as due_shipments,
    case when getvariable('has_paid_at') and r.has_shipped_at then coalesce(late, 0) end as late_shipments,
    case when getvariable('has_paid_at') and r.has_shipped_at then ratio(late, due) end as late_shipment_share,
    case when getvariable('has_paid_at') then pay_mean end as hours_to_pay_mean,
    case when getvariable('has_paid_at') then pay_p50 / 3600 end as hours_to_pay_p50,
    case when getvariable('has_paid_at') then pay_p90 / 3600 end as hours_to_pay_p90,
    case when getvariable('has_paid_at') then pay_km / 3600 end as hours_to_pay_km_median,
    case when getvariable('has_paid_at') and r.has_shipped_at then ship_mean end as hours_to_ship_mean,
    case when getvariable('has_paid_at') and r.has_shipped_at then ship_p50 / 3600 end as hours_to_ship_p50,
    case when getvariable('has_paid_at') and r.has_shipped_at then ship_p90 / 3600 end as hours_to_ship_p90,
    case when getvariable('has_paid_at') and r.has_shipped_at then ship_km / 3600 end as hours_to_ship_km_median,
    case when r.has_shipped_at and r.has_completed_at then coalesce(shipped_completed_orders, 0) end
        as shipped_completed_orders,
    case when r.has_shipped_at and r.has_completed_at then complete_mean end as days_to_complete_mean,
    case when r.has_shipped_at and r.has_completed_at then complete_p50 end as days_to_complete_p50,
    case when r.has_shipped_at and r.has_completed_at then complete_p90 end as days_to_complete_p90,
    case when r.has_shipped_at and r.has_completed_at then complete_km end as days_to_complete_km_median,
    case when getvariable('has_paid_at') and r.has_completed_at then cash_mean end as cash_days_mean,
    case when getvariable('has_paid_at') and r.has_completed_at then cash_p50 end as cash_days_p50,
    case when getvariable('has_paid_at') and r.has_completed_at then cash_p90 end as cash_days_p90,
    case when getvariable('has_paid_at') and r.has_completed_at then cash_km end as cash_days_km_median,
    case when r.has_completed_at then money(coalesce(on_its_way, 0)) end as paid_not_completed_amount
from periods p
join recorded r using (shop_id, grain, period_start)
left join counted using (shop_id, grain, period_start)
left join figures using (shop_id, grain, period_start);
