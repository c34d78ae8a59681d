-- The latest version of each refund application, and what was given back of each order. Makes refunds, orders.

create temp table refunds as
with recursive settled as (
    select shop_id, refund_id, order_id, line_id, created_at, amount, intervened,
        case when status = 'success' then known(completed_at) end as completed_at
    from read_parquet(getvariable('data') || '/refunds/**/*.parquet', hive_partitioning = true)
    where created_at < getvariable('next_day') and (modified_at < getvariable('next_day') or modified_at is null)
        and shop_id is not null and refund_id is not null and order_id is not null
        and status in ('success', 'closed', 'open')
        and (amount >= 0 or amount is null)
        and (status <> 'success' or (amount is not null and completed_at is not null))
    qualify row_number() over (partition by shop_id, refund_id order by modified_at desc nulls last) = 1
),
-- Where refunds come to more than was paid they are taken one after the other; one that would pass the paid amount counts nowhere.
overdrawn as (
    select s.shop_id, s.order_id, s.refund_id, s.amount, o.paid_amount,
        row_number() over (partition by s.shop_id, s.order_id order by s.completed_at, s.refund_id) as nth
    from settled s join order_sums o using (shop_id, order_id)
    where s.completed_at is not null
    qualify sum(s.amount) over (partition by s.shop_id, s.order_id) > o.paid_amount
),
taken as (
    select shop_id, order_id, refund_id, nth, amount > paid_amount as is_excessive, if(amount > paid_amount, 0.00, amount)::decimal(18, 2) as counted
    from overdrawn where nth = 1
    union all
    select o.shop_id, o.order_id, o.refund_id, o.nth, t.counted + o.amount > o.paid_amount,
        if(t.counted + o.amount > o.paid_amount, t.counted, t.counted + o.amount)::decimal(18, 2)
    from taken t join overdrawn o on o.shop_id = t.shop_id and o.order_id = t.order_id and o.nth = t.nth + 1
)
select settled.* from settled anti join (from taken where is_excessive) using (shop_id, refund_id);

-- Orders of which refunds name lines, few: what these took, and what they change.
create temp table by_line as
with named as (
    select shop_id, order_id, line_id, sum(amount) as amount, count(*) as refunds, max(cast(completed_at as date)) as last_day
    from refunds
    where completed_at is not null and line_id is not null
    group by all
),
touched as (
    select l.shop_id, l.order_id, l.completed_at, l.paid_at is not null as is_paid, coalesce(l.is_closed, false) as is_closed,
        n.line_id is not null as is_named, coalesce(n.amount, 0) as amount, coalesce(n.refunds, 0) as refunds,
        if(is_paid and coalesce(l.is_closed, false), l.paid_amount, 0) as closed_amount,
        -- A line that was sent back before it was completed is not waited for.
        is_paid and not coalesce(l.is_closed, false) and not coalesce(
            n.amount >= l.paid_amount and (l.completed_at is null or n.last_day <= cast(l.completed_at as date)), false) as is_awaited
    from latest_lines l left join named n using (shop_id, order_id, line_id)
    where (l.shop_id, l.order_id) in (select (shop_id, order_id) from named)
)
select shop_id, order_id, sum(amount) as named_amount, sum(refunds) as named_refunds,
    sum(greatest(closed_amount - amount, 0)) as closed_beyond,
    coalesce(bool_and(is_closed or is_named) filter (is_paid), true) as are_lines_back,
    case when not bool_or(is_awaited and completed_at is null) then max(completed_at) filter (is_awaited) end as completed_at
from touched
group by all;

create temp table orders as
with returned as (
    select shop_id, order_id, sum(amount) as amount, count(*) as refunds, max(cast(completed_at as date)) as last_day
    from refunds where completed_at is not null group by all
),
brought as (
    select o.* exclude (closed_amount, is_closed, completed_at),
        if(l.order_id is null, o.completed_at, l.completed_at) as completed_at,
        last_day,
        -- A paid line that the platform closed was refunded in full, whatever the refunds say. Refunds that name no line may be those of
        -- closed lines, or of others.
        if(paid_at is null, 0, least(paid_amount, coalesce(named_amount, 0)
            + greatest(coalesce(r.amount, 0) - coalesce(named_amount, 0), coalesce(closed_beyond, closed_amount))))::decimal(18, 2) as refunded,
        -- An order of 0 is refunded by its refunds.
        coalesce(is_closed, false) or (paid_amount = 0 and r.order_id is not null
            and (r.refunds > coalesce(named_refunds, 0) or coalesce(are_lines_back, is_closed, true))) as is_refunded
    from order_sums o
    left join returned r using (shop_id, order_id)
    left join by_line l using (shop_id, order_id)
)
select * exclude (completed_at, last_day, is_refunded),
    cast(created_at as date) as created_day,
    cast(paid_at as date) as paid_day,
    is_refunded or (refunded > 0 and refunded >= paid_amount) as went_back,
    -- All had gone back by the day on which the trade ended: it was closed, and not completed.
    case when not (went_back and last_day is not null and last_day <= cast(completed_at as date)) then completed_at end as completed_at
from brought;

drop table order_sums;
drop table by_line;
drop view latest_lines;
drop table lines;
drop table latest_versions;
