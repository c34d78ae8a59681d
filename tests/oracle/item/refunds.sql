-- only with orders.item_title: title
-- For which reasons items came back. Money in fen until the end.
create table oracle.item_refunds as
with gone as (
    select shop_id, order_id, line_id, item_id, paid - net as gone from item_lines where paid > net
),
applied as (
    select shop_id, order_id, refund_id, completed_at, day(completed_at) as refund_day, cast(100 * amount as hugeint) as amount,
        case when trim(reason) <> '' then trim(reason) else '(none)' end as reason,
        -- The line of the order that it names, if there is such a line.
        l.line_id
    from refunds r
    left join (select shop_id, order_id, line_id from lines where getvariable('has_line_id')) l using (shop_id, order_id, line_id)
    where completed_at is not null and amount > 0
),
-- Refunds that name the line.
own as (
    select g.*, refund_id, completed_at, refund_day, reason, amount, sum(amount) over (partition by g.shop_id, g.order_id, g.line_id) as known
    from gone g join applied a on a.shop_id = g.shop_id and a.order_id = g.order_id and a.line_id = g.line_id
),
own_shares as (
    select *, amount * gone // known as down,
        row_number() over (partition by shop_id, order_id, line_id order by amount * gone % known desc, completed_at, refund_id) as nth
    from own
),
own_parts as (
    select shop_id, order_id, line_id, item_id, reason, refund_day,
        case when known <= gone then amount
            else down + case when nth <= gone - sum(down) over (partition by shop_id, order_id, line_id) then 1 else 0 end end as part
    from own_shares
),
-- What they do not explain, by the refunds that name no line of the order; without such by those of the line itself, and without those too by
-- the refunds that come to more than was paid for the line that they name.
rest as (
    select g.*, gone - coalesce(known, 0) as rest
    from gone g left join (select distinct shop_id, order_id, line_id, known from own) using (shop_id, order_id, line_id)
    where gone > coalesce(known, 0)
),
beyond as (
    select a.* from applied a join (
        select shop_id, order_id, line_id from applied join lines l using (shop_id, order_id, line_id)
        group by shop_id, order_id, line_id having sum(amount) > any_value(cast(100 * l.paid_amount as hugeint))
    ) using (shop_id, order_id, line_id)
),
ranked_others as (
    select r.shop_id, r.order_id, r.line_id, 1 as place, refund_id, completed_at, refund_day, reason, amount
    from rest r join applied a on a.shop_id = r.shop_id and a.order_id = r.order_id and a.line_id is null
    union all
    select r.shop_id, r.order_id, r.line_id, 2, refund_id, completed_at, refund_day, reason, amount
    from rest r join applied a on a.shop_id = r.shop_id and a.order_id = r.order_id and a.line_id = r.line_id
    union all
    select r.shop_id, r.order_id, r.line_id, 3, refund_id, completed_at, refund_day, reason, amount
    from rest r join beyond a on a.shop_id = r.shop_id and a.order_id = r.order_id
),
others as (
    select * from ranked_others qualify place = min(place) over (partition by shop_id, order_id, line_id)
),
rest_shares as (
    select r.*, refund_id, completed_at, refund_day, reason, amount, sum(amount) over (partition by shop_id, order_id, line_id) as pool
    from rest r join others using (shop_id, order_id, line_id)
),
rest_rounded as (
    select *, amount * rest // pool as down,
        row_number() over (partition by shop_id, order_id, line_id order by amount * rest % pool desc, completed_at, refund_id) as nth
    from rest_shares
),
parts as (
    select * from own_parts
    union all
    select shop_id, order_id, line_id, item_id, reason, refund_day,
        down + case when nth <= rest - sum(down) over (partition by shop_id, order_id, line_id) then 1 else 0 end
    from rest_rounded
    union all
    select shop_id, order_id, line_id, item_id, '(none)', null, rest
    from rest anti join others using (shop_id, order_id, line_id)
),
by_reason as (
    select shop_id, item_id, reason, count(distinct order_id) as orders, sum(part) as amount,
        coalesce(sum(part) filter (where as_of() - refund_day between 0 and 29), 0) as amount_30,
        coalesce(sum(part) filter (where as_of() - refund_day between 30 and 59), 0) as amount_30_before
    from parts where part > 0 group by all
),
joined as (
    select b.shop_id, b.item_id, t.title, reason,
        row_number() over (partition by b.shop_id, b.item_id order by amount desc, reason) as reason_rank,
        orders as refunded_orders,
        money(amount / 100.0) as refunded_of_paid,
        money(sum(amount) over (partition by b.shop_id, b.item_id) / 100.0) as item_refunded_of_paid,
        money(paid / 100.0) as paid_amount,
        money(sum(amount) over (partition by b.shop_id, reason) / 100.0) as shop_reason_refunded,
        money(sum(amount) over (partition by b.shop_id) / 100.0) as shop_refunded,
        money(amount_30 / 100.0) as refunded_30,
        case when f.first_order <= as_of() - 59 then money(amount_30_before / 100.0) end as refunded_30_before
    from by_reason b
    join (select shop_id, item_id, sum(paid) as paid from item_lines group by all) using (shop_id, item_id)
    join (select shop_id, min(created_day) as first_order from orders group by all) f using (shop_id)
    left join item_titles t using (shop_id, item_id)
)
select *,
    ratio(refunded_of_paid, item_refunded_of_paid) as reason_share,
    ratio(refunded_of_paid, paid_amount) as refund_share,
    ratio(shop_reason_refunded, shop_refunded) as shop_reason_share,
    ratio(refunded_30 - refunded_30_before, refunded_30_before) as refund_trend
from joined;
