-- The latest version of each refund application, and what was given back of each order. Makes refunds, orders.
create table settled engine = Memory as
select shop_id, refund_id, order_id, line_id, created_at, amount, intervened,
    if(status = 'success' and completed_at < {next_day:Date}, completed_at, null) as completed_at
from file({data:String} || '/refunds/**/*.parquet', Parquet)
where created_at < {next_day:Date} and (modified_at < {next_day:Date} or modified_at is null)
    and shop_id is not null and refund_id is not null and order_id is not null
    and status in ('success', 'closed', 'open')
    and (amount >= 0 or amount is null)
    and (status <> 'success' or (amount is not null and completed_at is not null))
order by modified_at desc nulls last
limit 1 by shop_id, refund_id;

create table overdrawn engine = Memory as
select s.shop_id as shop_id, s.order_id as order_id, s.refund_id as refund_id, s.amount as amount, o.paid_amount as paid_amount,
    row_number() over (partition by s.shop_id, s.order_id order by s.completed_at, s.refund_id) as nth
from settled s join order_sums o using (shop_id, order_id)
where s.completed_at is not null
qualify sum(s.amount) over (partition by s.shop_id, s.order_id) > o.paid_amount;

-- Where refunds come to more than was paid they are taken one after the other; one that would pass the paid amount counts nowhere.
create table refunds engine = Memory as
with recursive taken as (
    select shop_id, order_id, refund_id, nth, amount > paid_amount as is_excessive, money(if(amount > paid_amount, 0, amount)) as counted
    from overdrawn where nth = 1
    union all
    select o.shop_id, o.order_id, o.refund_id, o.nth, t.counted + o.amount > o.paid_amount as is_excessive,
        money(if(t.counted + o.amount > o.paid_amount, t.counted, t.counted + o.amount)) as counted
    from taken t join overdrawn o on o.shop_id = t.shop_id and o.order_id = t.order_id and o.nth = t.nth + 1
)
select * from settled
where (shop_id, refund_id) not in (select shop_id, refund_id from taken where is_excessive);

-- Orders of which refunds name lines, few: what these took, and what they change.
create table named engine = Memory as
select shop_id, order_id, line_id, sum(amount) as amount, count() as refunds, toDate(max(completed_at)) as last_day
from refunds
where completed_at is not null and line_id is not null
group by shop_id, order_id, line_id;

create table by_line engine = Memory as
select shop_id, order_id, sum(amount) as named_amount, sum(refunds) as named_refunds,
    sum(greatest(closed_amount - amount, 0)) as closed_beyond,
    coalesce(minIf(is_closed or is_named, paid_at is not null), true) as are_lines_back,
    if(max(is_awaited and completed_at is null), null, maxIf(completed_at, is_awaited)) as completed_at
from (
    select l.shop_id as shop_id, l.order_id as order_id, l.paid_at as paid_at, l.completed_at as completed_at, l.is_closed as is_closed,
        n.refunds is not null as is_named, coalesce(n.amount, 0) as amount, coalesce(n.refunds, 0) as refunds,
        if(l.paid_at is not null and l.is_closed, l.paid_amount, 0) as closed_amount,
        -- A line that was sent back before it was completed is not waited for.
        l.paid_at is not null and not l.is_closed and not coalesce(
            n.amount >= l.paid_amount and (l.completed_at is null or n.last_day <= toDate(l.completed_at)), false) as is_awaited
    from lines l left join named n using (shop_id, order_id, line_id)
    where (l.shop_id, l.order_id) in (select shop_id, order_id from named)
)
group by shop_id, order_id;

create table orders engine = Memory as
with returned as (
    select shop_id, order_id, sum(amount) as amount, count() as refunds, toDate(max(completed_at)) as last_day
    from refunds where completed_at is not null
    group by shop_id, order_id
),
brought as (
    select o.shop_id as shop_id, o.order_id as order_id, customer_id, channel, province, category_id, created_at, paid_at, shipped_at,
        placed_amount, o.paid_amount as paid_amount, quantity, r.last_day as last_day,
        if(l.are_lines_back is null, o.completed_at, l.completed_at) as completed_at,
        -- A paid line that the platform closed was refunded in full, whatever the refunds say. Refunds that name no line may be those of
        -- closed lines, or of others.
        money(if(paid_at is null, 0, least(o.paid_amount, coalesce(l.named_amount, 0)
            + greatest(coalesce(r.amount, 0) - coalesce(l.named_amount, 0), coalesce(l.closed_beyond, o.closed_amount))))) as refunded,
        -- An order of 0 is refunded by its refunds.
        coalesce(o.is_closed, false) or (o.paid_amount = 0 and r.refunds is not null
            and (r.refunds > coalesce(l.named_refunds, 0) or coalesce(l.are_lines_back, o.is_closed, true))) as is_refunded
    from order_sums o
    left join returned r using (shop_id, order_id)
    left join by_line l using (shop_id, order_id)
),
judged as (
    select *, coalesce(is_refunded or (refunded > 0 and refunded >= paid_amount), false) as went_back from brought
)
select * except (completed_at, last_day, is_refunded),
    -- All had gone back by the day on which the trade ended: it was closed, and not completed.
    if(went_back and coalesce(last_day <= toDate(completed_at), false), null, completed_at) as completed_at,
    toDate(created_at) as created_day,
    toDate(paid_at) as paid_day
from judged;

drop table settled sync;
drop table overdrawn sync;
drop table order_sums sync;
drop table named sync;
drop table by_line sync;
drop view lines sync;
drop table latest_versions sync;
drop table all_lines sync;
