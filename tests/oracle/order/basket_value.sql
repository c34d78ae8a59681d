-- Thresholds around the value per customer of a month: who reaches them, and what is missing to those just below.
create table oracle.basket_value as
with months as (
    select shop_id, period_start('month', paid_day) as month, count(*) as orders, count(distinct customer_id) as paying_customers,
        sum(paid_amount) as paid_amount
    from orders where paid_day is not null group by all
),
tried as (
    select *, unnest([100, 110, 120, 130, 150, 200]) as percent from months where paying_customers > 0
),
-- The nearest amount with the ending, in hundredths of a fen: half a step more, rounded down.
rounded as (
    select * exclude (paid_amount), paid_amount,
        cast(100 * getvariable('price_step') as hugeint) as step, cast(100 * getvariable('price_ending') as hugeint) as ending,
        cast(100 * paid_amount as hugeint) * percent as numerator, cast(paying_customers as hugeint) * 100 as denominator
    from tried
),
thresholds as (
    select shop_id, month, orders, paying_customers, paid_amount, min(percent) as percent,
        ending + greatest((2 * (numerator - ending * denominator) + step * denominator) // (2 * step * denominator), 0) * step as threshold
    from rounded group by all
),
counted as (
    select t.shop_id, t.month, t.threshold, any_value(t.percent) as percent, any_value(t.orders) as orders,
        any_value(t.paying_customers) as paying_customers, any_value(t.paid_amount) as paid_amount,
        count(*) filter (where 100 * o.paid_amount >= t.threshold) as orders_at_or_above,
        count(*) filter (where 100 * o.paid_amount < t.threshold and 100 * 100 * o.paid_amount >= 80 * t.threshold) as orders_just_below,
        coalesce(sum(t.threshold - 100 * o.paid_amount)
            filter (where 100 * o.paid_amount < t.threshold and 100 * 100 * o.paid_amount >= 80 * t.threshold), 0) as missing
    from thresholds t
    join orders o on o.shop_id = t.shop_id and o.paid_day is not null and period_start('month', o.paid_day) = t.month
    where t.threshold > 0
    group by t.shop_id, t.month, t.threshold
)
select shop_id, month, money(threshold / 100.0) as threshold_amount,
    month >= f.first_day and period_end('month', month) <= as_of() as is_complete,
    whole(percent) as percent, money(paid_amount) as paid_amount, paying_customers, ratio(paid_amount, paying_customers) as value_per_customer,
    orders, orders_at_or_above, ratio(orders_at_or_above, orders) as share,
    orders_just_below, money(missing / 100.0) as amount_missing, ratio(missing / 100.0, orders_just_below) as amount_missing_mean
from counted join shop_starts f using (shop_id);
