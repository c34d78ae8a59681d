-- reads: payment_funnel
-- Revenue by payment, by refund and settled over weeks, months, quarters and years, what lies between them, and the refunds to come.
create table oracle.revenue_bridge as
with grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
periods as (
    select shop_id, grain, period_start(grain, date) as period_start, count(*) as days,
        period_start(grain, date) >= any_value(first_day) and period_end(grain, period_start(grain, date)) <= as_of() as is_complete
    from shop_days cross join grains group by shop_id, grain, period_start(grain, date)
),
paid as (
    select shop_id, grain, period_start(grain, paid_day) as period_start, sum(paid_amount) as paid_amount, sum(refunded) as refunded
    from orders cross join grains where paid_day is not null group by all
),
finished as (
    select shop_id, grain, period_start(grain, day(completed_at)) as period_start, sum(paid_amount) as settled_amount, sum(refunded) as refunded
    from orders cross join grains where completed_at is not null group by all
),
-- Refunds that have a day; the order, where it is there, has another.
dated as (
    select r.shop_id, o.paid_day, day(r.completed_at) as refund_day, r.amount
    from refunds r left join orders o using (shop_id, order_id)
    where r.completed_at is not null
),
came_back as (
    select shop_id, grain, period_start(grain, refund_day) as period_start, sum(amount) as in_period,
        coalesce(sum(amount) filter (where paid_day is null), 0) as unknown,
        coalesce(sum(amount) filter (where period_start(grain, paid_day) is distinct from period_start(grain, refund_day)), 0) as of_others
    from dated cross join grains group by all
),
of_payments as (
    select shop_id, grain, period_start(grain, paid_day) as period_start, sum(amount) as dated,
        coalesce(sum(amount) filter (where period_start(grain, paid_day) <> period_start(grain, refund_day)), 0) as elsewhere
    from dated cross join grains where paid_day is not null group by all
),
-- Periods with a month, or a month before them, of which nothing says whether its orders are completed.
settled_in as (
    select p.shop_id, p.grain, p.period_start,
        getvariable('has_completed_at') and not coalesce(bool_or(m.completed_orders is null and m.shop_id is not null), false) as is_known
    from periods p
    left join oracle.payment_funnel m on m.shop_id = p.shop_id and m.grain = 'month'
        and m.period_start between period_start('month', p.period_start) - interval 1 month and period_end(p.grain, p.period_start)
    group by all
),
joined as (
    select p.*,
        money(coalesce(a.paid_amount, 0)) as paid_amount,
        case when getvariable('has_refunded') then money(coalesce(a.refunded, 0)) end as refunds_of_payments,
        case when getvariable('has_refunds') then money(coalesce(c.in_period, 0)) end as refunds_in_period,
        case when getvariable('has_refunds') then money(coalesce(c.of_others, 0)) end as refunds_of_earlier_payments,
        case when getvariable('has_refunds') then money(coalesce(c.unknown, 0)) end as refunds_of_unknown_orders,
        case when getvariable('has_refunds') then money(coalesce(a.refunded, 0) - coalesce(o.dated, 0)) end as refunds_without_day,
        case when getvariable('has_refunds') then money(coalesce(o.elsewhere, 0) + coalesce(a.refunded, 0) - coalesce(o.dated, 0)) end
            as refunds_after_period,
        case when s.is_known then money(coalesce(f.settled_amount, 0)) end as settled_amount,
        case when s.is_known and getvariable('has_refunded') then money(coalesce(f.refunded, 0)) end as refunds_of_settled,
        coalesce(o.dated, 0) as dated
    from periods p
    join settled_in s using (shop_id, grain, period_start)
    left join paid a using (shop_id, grain, period_start)
    left join finished f using (shop_id, grain, period_start)
    left join came_back c using (shop_id, grain, period_start)
    left join of_payments o using (shop_id, grain, period_start)
),
counted as (
    select *, coalesce(count(*) filter (where is_complete and paid_amount > 0) over (
        partition by shop_id, grain order by period_start rows between unbounded preceding and 1 preceding), 0) as older_cohorts,
        as_of() - period_end(grain, period_start) as age
    from joined
),
-- The triangle: what had gone back so many days after the end of each complete period.
by_age as (
    select shop_id, grain, period_start(grain, paid_day) as period_start,
        greatest(refund_day - period_end(grain, period_start(grain, paid_day)), 0) as age, sum(amount) as amount
    from dated cross join grains where paid_day is not null group by all
),
ages as (
    select shop_id, grain, period_start, cast(unnest(range(age + 1)) as integer) as age from counted where is_complete
),
triangle as (
    select shop_id, grain, period_start, age,
        sum(coalesce(amount, 0)) over (partition by shop_id, grain, period_start order by age) as c
    from ages left join by_age using (shop_id, grain, period_start, age)
),
stepped as (
    select *, lead(c) over (partition by shop_id, grain, period_start order by age) as next_c from triangle
),
factors as (
    select shop_id, grain, age,
        case when sum(c) <> 0 then cast(sum(next_c) as double) / cast(sum(c) as double) when sum(next_c) = 0 then 1 end as f
    from stepped where next_c is not null group by all
),
products as (
    select shop_id, grain, age, product(coalesce(f, 1)) over onwards as factor, count(*) filter (where f is null) over onwards as unknown
    from factors window onwards as (partition by shop_id, grain order by age desc)
),
grown as (
    select c.*, case when getvariable('has_refunds') and is_complete and older_cohorts >= 6 and coalesce(unknown, 0) = 0
            and (dated > 0 or coalesce(factor, 1) = 1) then
        money(round(cast(dated as double) * 100 * coalesce(factor, 1)) / 100) + refunds_without_day end as refunds_expected
    from counted c left join products p on p.shop_id = c.shop_id and p.grain = c.grain and p.age = c.age
)
select shop_id, grain, period_start, days, is_complete, paid_amount,
    refunds_of_payments, money(paid_amount - refunds_of_payments) as net_by_payment,
    refunds_in_period, money(paid_amount - refunds_in_period) as net_by_refund,
    refunds_of_earlier_payments, refunds_of_unknown_orders, refunds_after_period, refunds_without_day,
    settled_amount, refunds_of_settled, money(settled_amount - refunds_of_settled) as settled,
    ratio(refunds_of_payments, paid_amount) as refund_share,
    older_cohorts,
    money(refunds_expected) as refunds_expected,
    ratio(refunds_expected, paid_amount) as refund_share_expected,
    ratio(refunds_of_payments, refunds_expected) as refund_maturity
from grown;
