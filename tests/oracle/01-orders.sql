-- Lines summed to orders, refund applications judged and settled, and the two brought together.
-- Makes refund_rows, refunds (used ones), line_refunds, orders.

create temp table order_sums as
select shop_id, order_id,
    -- Customer, channel, province, category and promotion are those of the line with the lowest line_id.
    arg_min({'customer_id': customer_id, 'named_id': named_id, 'channel': channel, 'province': province, 'category_id': category_id,
        'promotion': promotion}, line_id) as head,
    min(created_at) as created_at,
    min(paid_at) as paid_at,
    min(shipped_at) as shipped_at,
    sum(order_amount) as placed_amount,
    sum(paid_amount) filter (where paid_at is not null) as paid_amount,
    sum(quantity) as quantity,
    sum(discount_amount) as discount_amount,
    bool_and(coalesce(fate = 'refunded', false)) filter (where paid_at is not null) as is_closed_by_refund,
    sum(greatest(refund_amount, case when fate = 'refunded' then paid_amount else 0 end)) filter (where paid_at is not null) as stated_refund
from lines
group by shop_id, order_id;

create temp table judged_refunds as
with reasoned as (
    select *,
        coalesce(day(modified_at) > as_of(), false) or coalesce(day(created_at) > as_of(), false) as is_after,
        list_filter([
            case when shop_id is null or refund_id is null or (order_id is null and customer_id is null) or created_at is null
                or (status = 'success' and (amount is null or completed_at is null)) then 'null_key' end,
            case when unparseable then 'unparseable_value' end,
            case when amount < 0 then 'negative_amount' end,
            case when status is null or status not in ('success', 'closed', 'open') then 'unknown_status' end
        ], lambda reason: reason is not null) as reasons
    from raw_refunds
)
select *,
    case when is_after then 'after_as_of' when len(reasons) > 0 then 'rejected' else 'valid' end as verdict
from reasoned;

create temp table settled_refunds as
with recursive winners as (
    select shop_id, refund_id, order_id, line_id, customer_id, created_at, amount, status, intervened, reason, file, row,
        -- A success that completes after D is not yet one.
        case when status = 'success' then known(completed_at) end as completed_at
    from judged_refunds
    where verdict = 'valid'
    qualify row_number() over (partition by shop_id, refund_id order by modified_at desc nulls last, file desc, row desc) = 1
),
-- Where the completed refunds of an order come to more than was paid (0 while it is unpaid), they are taken one after the other: one that would
-- pass the paid amount is rejected and counts nowhere, so it does not stand in the way of the next.
overdrawn as (
    select w.*, coalesce(o.paid_amount, 0) as paid_amount, row_number() over (partition by shop_id, order_id order by w.completed_at, refund_id) as nth
    from winners w join order_sums o using (shop_id, order_id)
    where w.completed_at is not null
    qualify sum(amount) over (partition by shop_id, order_id) > coalesce(o.paid_amount, 0)
),
taken as (
    select shop_id, order_id, refund_id, nth, amount > paid_amount as is_excessive,
        cast(case when amount > paid_amount then 0 else amount end as decimal(38, 2)) as counted
    from overdrawn where nth = 1
    union all
    select n.shop_id, n.order_id, n.refund_id, n.nth, t.counted + n.amount > n.paid_amount,
        cast(case when t.counted + n.amount > n.paid_amount then t.counted else t.counted + n.amount end as decimal(38, 2))
    from taken t join overdrawn n on n.shop_id = t.shop_id and n.order_id = t.order_id and n.nth = t.nth + 1
)
select w.*,
    o.order_id is null as is_unknown_order,
    coalesce(t.is_excessive, false) as is_excessive
from winners w
left join order_sums o using (shop_id, order_id)
left join taken t on t.shop_id = w.shop_id and t.refund_id = w.refund_id;

create temp table refund_rows as
select j.file, j.row,
    case
        when s.is_excessive then 'rejected'
        when j.verdict = 'valid' and s.row is null then 'superseded'
        when j.verdict = 'valid' then 'used'
        else j.verdict
    end as state,
    case when s.is_excessive then ['refund_exceeds_paid'] else j.reasons end as reasons
from judged_refunds j left join settled_refunds s using (file, row);

create temp table refunds as
select * exclude (is_excessive) from settled_refunds where not is_excessive;

-- What went back of each line: by the refunds that name it, where the orders have ids of lines, and by its status.
create temp table line_refunds as
with named as (
    select shop_id, order_id, line_id, sum(amount) as amount, count(*) as refunds, max(day(completed_at)) as last_day
    from refunds
    where completed_at is not null and line_id is not null and getvariable('has_line_id')
    group by all
)
select l.shop_id, l.order_id, l.line_id, l.paid_at is not null as is_paid,
    coalesce(n.amount, 0) as named_amount, coalesce(n.refunds, 0) as named_refunds,
    case when l.paid_at is not null and l.fate = 'refunded' then l.paid_amount else 0 end as closed_amount,
    coalesce(l.fate = 'refunded', false) or n.line_id is not null as is_back, l.completed_at,
    -- A line that was sent back before it was completed is not waited for, and its end is no completion.
    l.paid_at is not null and l.fate is distinct from 'refunded' and not coalesce(
        getvariable('has_refunds') and n.amount >= l.paid_amount and (l.completed_at is null or n.last_day <= day(l.completed_at)), false) as is_awaited
from lines l left join named n using (shop_id, order_id, line_id);

create temp table orders as
with returned as (
    select shop_id, order_id, sum(amount) as amount, count(*) as refunds, max(day(completed_at)) as last_day
    from refunds
    where completed_at is not null
    group by all
),
by_line as (
    select shop_id, order_id, sum(named_amount) as named_amount, sum(named_refunds) as named_refunds,
        -- What the status of lines knows beyond the refunds that name them.
        sum(greatest(closed_amount - named_amount, 0)) as closed_beyond,
        coalesce(bool_and(is_back) filter (where is_paid), true) as are_lines_back,
        -- The money of an order is the shop's when all its paid lines but the refunded ones are completed.
        case when not bool_or(is_awaited and completed_at is null) then max(completed_at) filter (where is_awaited) end as completed_at
    from line_refunds
    group by all
),
summed as (
    select o.shop_id, o.order_id,
        o.head.customer_id as customer_id, o.head.named_id as named_id, o.head.channel as channel, o.head.province as province, o.head.category_id as category_id,
        o.head.promotion as promotion, money(o.discount_amount) as discount_amount,
        o.created_at, o.paid_at, o.shipped_at, l.completed_at, r.last_day as last_refund_day,
        money(o.placed_amount) as placed_amount,
        money(coalesce(o.paid_amount, 0)) as paid_amount,
        whole(o.quantity) as quantity,
        -- A paid line that the platform closed was refunded in full, whatever the refunds say. Refunds that name no line of the order may
        -- be those of closed lines, or of others.
        money(case
            when o.paid_at is null then 0
            when getvariable('has_refunds') then least(o.paid_amount,
                l.named_amount + greatest(coalesce(r.amount, 0) - l.named_amount, l.closed_beyond))
            else coalesce(o.stated_refund, 0)
        end) as refunded,
        -- A refunded order is no purchase whatever its amount: by the status of all its paid lines, or by an application of an order of 0,
        -- or by applications and statuses of all its lines.
        coalesce(o.is_closed_by_refund, false)
            or (getvariable('has_refunds') and coalesce(o.paid_amount, 0) = 0 and r.order_id is not null
                and (r.refunds > l.named_refunds or l.are_lines_back)) as is_refunded
    from order_sums o join by_line l using (shop_id, order_id) left join returned r using (shop_id, order_id)
)
select * exclude (completed_at, last_refund_day),
    -- All had gone back by the day on which the trade ended: it was closed, and not completed.
    case when getvariable('has_refunds') and last_refund_day <= day(completed_at) and (is_refunded or (refunded > 0 and refunded >= paid_amount)) then null
        else completed_at end as completed_at,
    day(created_at) as created_day,
    day(paid_at) as paid_day,
    paid_at is not null and not is_refunded and not (refunded > 0 and refunded >= paid_amount) as is_purchase
from summed;

drop table judged_refunds;
drop table settled_refunds;
drop table order_sums;
