-- The latest version of each refund application, and what was given back of each order. Makes refunds, orders.
create table settled as
select shop_id, refund_id, order_id, line_id, created_at, amount, intervened,
    case when status = 'success' and completed_at < $next_day then completed_at end as completed_at
from refunds_input
where created_at < $next_day and (modified_at < $next_day or modified_at is null)
    and shop_id is not null and refund_id is not null and order_id is not null
    and status in ('success', 'closed', 'open')
    and (amount >= 0 or amount is null)
    and (status <> 'success' or (amount is not null and completed_at is not null))
qualify row_number() over (partition by shop_id, refund_id order by modified_at desc nulls last) = 1;

create table overdrawn as
select s.shop_id, s.order_id, s.refund_id, s.amount, o.paid_amount,
    cast(row_number() over (partition by s.shop_id, s.order_id order by s.completed_at, s.refund_id) as bigint) as nth
from settled s join order_sums o on s.shop_id = o.shop_id and s.order_id = o.order_id
where s.completed_at is not null
qualify sum(s.amount) over (partition by s.shop_id, s.order_id) > o.paid_amount;

-- Where refunds come to more than was paid they are taken one after the other; one that would pass the paid amount counts nowhere.
create table refunds as
with recursive taken as (
    select shop_id, order_id, refund_id, nth, amount > paid_amount as is_excessive,
        cast(case when amount > paid_amount then 0 else amount end as decimal(18, 2)) as counted
    from overdrawn where nth = 1
    union all
    select o.shop_id, o.order_id, o.refund_id, o.nth, t.counted + o.amount > o.paid_amount as is_excessive,
        cast(case when t.counted + o.amount > o.paid_amount then t.counted else t.counted + o.amount end as decimal(18, 2)) as counted
    from taken t join overdrawn o on o.shop_id = t.shop_id and o.order_id = t.order_id and o.nth = t.nth + 1
)
select s.* from settled s
left anti join (select shop_id, refund_id from taken where is_excessive) e on s.shop_id = e.shop_id and s.refund_id = e.refund_id;

-- Orders of which refunds name lines, few: what these took, and what they change.
create table by_line as
with named as (
    select shop_id, order_id, line_id, sum(amount) as amount, count(*) as refunds, cast(max(completed_at) as date) as last_day
    from refunds
    where completed_at is not null and line_id is not null
    group by shop_id, order_id, line_id
),
touched as (
    select l.*, n.line_id is not null as is_named, coalesce(n.amount, 0) as amount, coalesce(n.refunds, 0) as refunds,
        case when l.paid_at is not null and l.is_closed then l.paid_amount else 0 end as closed_amount,
        -- A line that was sent back before it was completed is not waited for.
        l.paid_at is not null and not l.is_closed and not coalesce(
            n.amount >= l.paid_amount and (l.completed_at is null or n.last_day <= cast(l.completed_at as date)), false) as is_awaited
    from lines l
    left semi join named o on l.shop_id = o.shop_id and l.order_id = o.order_id
    left join named n on l.shop_id = n.shop_id and l.order_id = n.order_id and l.line_id = n.line_id
)
select shop_id, order_id, sum(amount) as named_amount, sum(refunds) as named_refunds,
    sum(greatest(closed_amount - amount, 0)) as closed_beyond,
    coalesce(bool_and(is_closed or is_named) filter (where paid_at is not null), true) as are_lines_back,
    case when not bool_or(is_awaited and completed_at is null) then max(completed_at) filter (where is_awaited) end as completed_at
from touched
group by shop_id, order_id;

create table orders as
with returned as (
    select shop_id, order_id, sum(amount) as amount, count(*) as refunds, cast(max(completed_at) as date) as last_day
    from refunds where completed_at is not null
    group by shop_id, order_id
),
brought as (
    select o.* exclude (completed_at),
        case when l.order_id is null then o.completed_at else l.completed_at end as completed_at,
        r.last_day,
        -- A paid line that the platform closed was refunded in full, whatever the refunds say. Refunds that name no line may be those of
        -- closed lines, or of others.
        cast(case when o.paid_at is null then 0 else least(o.paid_amount, coalesce(l.named_amount, 0)
            + greatest(coalesce(r.amount, 0) - coalesce(l.named_amount, 0), coalesce(l.closed_beyond, o.closed_amount))) end
            as decimal(18, 2)) as refunded,
        -- An order of 0 is refunded by its refunds.
        coalesce(o.is_closed, false) or (o.paid_amount = 0 and r.order_id is not null
            and (r.refunds > coalesce(l.named_refunds, 0) or coalesce(l.are_lines_back, o.is_closed, true))) as is_refunded
    from order_sums o
    left join returned r on o.shop_id = r.shop_id and o.order_id = r.order_id
    left join by_line l on o.shop_id = l.shop_id and o.order_id = l.order_id
),
judged as (
    select *, is_refunded or (refunded > 0 and refunded >= paid_amount) as went_back from brought
)
select shop_id, order_id, customer_id, channel, province, category_id, created_at, paid_at, shipped_at, placed_amount, paid_amount, quantity,
    refunded, went_back,
    -- All had gone back by the day on which the trade ended: it was closed, and not completed.
    case when not (went_back and coalesce(last_day <= cast(completed_at as date), false)) then completed_at end as completed_at,
    cast(created_at as date) as created_day,
    cast(paid_at as date) as paid_day
from judged;

drop table settled;
drop table overdrawn;
drop table order_sums;
drop table by_line;
drop view lines;
drop table all_lines;
