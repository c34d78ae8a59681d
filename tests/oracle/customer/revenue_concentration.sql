-- reads: customers
-- What the best customers and the best items of a shop bring.
create temp table revenues as
select shop_id, 'customers' as entity, cast(100 * net_revenue as hugeint) as fen from oracle.customers
union all
select shop_id, 'items', sum(net)
from item_lines
where is_purchase
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
