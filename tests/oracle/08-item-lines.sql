-- Paid lines with an item, and what is left of each. Makes item_lines; money in fen.
create temp table item_lines as
with by_lines as (
    select l.shop_id, l.order_id, l.line_id, o.customer_id, l.item_id, l.category_id, l.quantity, o.paid_at, o.paid_day, o.is_purchase,
        o.paid_amount - o.refunded as order_revenue, cast(100 * l.paid_amount as hugeint) as paid,
        l.paid_amount - case
            when getvariable('has_refunds') then least(l.paid_amount, greatest(r.closed_amount, r.named_amount))
            when l.fate = 'refunded' then l.paid_amount
            else l.refund_amount
        end as revenue
    from lines l join orders o using (shop_id, order_id) join line_refunds r using (shop_id, order_id, line_id)
    where l.paid_at is not null
),
spread as (
    -- A refund that no line knows, laid on the lines of its order in proportion, to the fen: what all lines with an item have together, rounded
    -- down for each, and the rest to those with the largest remainders.
    select *,
        cast(100 * sum(revenue) filter (where item_id is not null) over (partition by shop_id, order_id) as hugeint) as with_items,
        cast(100 * sum(revenue) over (partition by shop_id, order_id) as hugeint) as whole_order,
        cast(100 * order_revenue as hugeint) as due,
        cast(100 * revenue as hugeint) as own
    from by_lines
),
parts as (
    select *, own * due // whole_order as part,
        row_number() over (partition by shop_id, order_id order by own * due % whole_order desc, line_id) as nth
    from spread
    where item_id is not null and whole_order > 0
),
rounded as (
    select shop_id, order_id, line_id,
        part + case when nth <= with_items * due // whole_order - sum(part) over (partition by shop_id, order_id) then 1 else 0 end as part
    from parts
),
settled as (
    select shop_id, order_id, line_id, customer_id, item_id, category_id, quantity, paid_at, paid_day, is_purchase, paid,
        case
            when not is_purchase then 0
            when whole_order = due or whole_order = 0 then own
            else part
        end as net
    from spread left join rounded using (shop_id, order_id, line_id)
    where item_id is not null
)
select *,
    -- Something of it was kept: a line of a purchase that was not refunded in full, or a gift of one.
    is_purchase and (net > 0 or paid = 0) as is_kept
from settled;
