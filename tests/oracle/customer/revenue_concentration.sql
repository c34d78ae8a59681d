-- reads: customers
-- What the best customers and the best items of a shop bring.
create temp table revenues as
with by_lines as (
    select l.shop_id, l.order_id, l.line_id, l.item_id, o.paid_amount - o.refunded as order_revenue,
        coalesce(l.paid_amount, 0) - case
            when getvariable('has_refunds') then least(l.paid_amount, greatest(r.closed_amount, r.named_amount))
            when l.fate = 'refunded' then l.paid_amount
            else l.refund_amount
        end as revenue
    from lines l join orders o using (shop_id, order_id) join line_refunds r using (shop_id, order_id, line_id)
    where o.is_purchase and l.paid_at is not null
),
spread as (
    -- A refund that no line knows, laid on the lines of its order in proportion, to the fen: of the lines with an item each has what all
    -- up to it have, less what those before it have.
    select *,
        cast(100 * sum(revenue) filter (where item_id is not null) over (partition by shop_id, order_id order by line_id) as hugeint) as upto,
        cast(100 * sum(revenue) over (partition by shop_id, order_id) as hugeint) as whole_order,
        cast(100 * order_revenue as hugeint) as due,
        cast(100 * revenue as hugeint) as own
    from by_lines
)
select shop_id, 'customers' as entity, cast(100 * net_revenue as hugeint) as fen from oracle.customers
union all
select shop_id, 'items', sum(case
    when whole_order = due or whole_order = 0 then own
    else (upto * due) // whole_order - ((upto - own) * due) // whole_order
end)
from spread
where item_id is not null
group by shop_id, item_id;

create table oracle.revenue_concentration as
with ranked as (
    select *, row_number() over (partition by shop_id, entity order by fen desc) as place, count(*) over (partition by shop_id, entity) as n
    from revenues
),
-- Half the mean difference of all pairs over the mean, by the places of descending values.
spread as (
    select shop_id, entity, sum((n + 1 - 2 * place) * fen) as weighted, sum(fen) as total, any_value(n) as n from ranked group by all
)
select r.shop_id, r.entity, percent / 100.0::double as top_share,
    count(*) as entities,
    count(*) filter (where place * 100 < r.n * percent + 100) as top_entities,
    money(sum(fen) / 100.0) as net_revenue,
    money(sum(fen) filter (where place * 100 < r.n * percent + 100) / 100.0) as top_net_revenue,
    ratio(sum(fen) filter (where place * 100 < r.n * percent + 100), sum(fen)) as revenue_share,
    case when any_value(s.total) > 0 then any_value(s.weighted) / (any_value(s.n) * any_value(s.total))::double end as gini
from ranked r join spread s using (shop_id, entity), (select unnest([1, 5, 10, 20, 50]) as percent)
group by r.shop_id, r.entity, percent;
