-- Sales of each period by factor, beside those of the period before, and the change attributed by the logarithmic mean Divisia index.
create table oracle.sales_drivers as
with first_purchases as (
    select shop_id, customer_id, min(paid_day) as first_purchase from purchases where customer_id is not null group by all
),
-- Who paid on a day and had no purchase that day is returning after an earlier purchase day, else new: so is who had one.
paid as (
    select o.shop_id, o.paid_day as date, o.customer_id, o.order_id, o.paid_amount, o.quantity,
        case when o.customer_id is null then 'nobody' when f.first_purchase < o.paid_day then 'returning' else 'new' end as customers
    from orders o left join first_purchases f using (shop_id, customer_id)
    where o.paid_day is not null
),
daily as (
    select d.shop_id, d.date, any_value(t.uv) as uv,
        coalesce(sum(p.paid_amount), 0) as paid_amount,
        count(distinct p.customer_id) filter (where p.customers = 'new') as new_paying,
        count(p.order_id) filter (where p.customers = 'new') as new_orders,
        coalesce(sum(p.quantity) filter (where p.customers = 'new'), 0) as new_items,
        coalesce(sum(p.paid_amount) filter (where p.customers = 'new'), 0) as new_amount,
        count(distinct p.customer_id) filter (where p.customers = 'returning') as returning_paying,
        count(p.order_id) filter (where p.customers = 'returning') as returning_orders,
        coalesce(sum(p.quantity) filter (where p.customers = 'returning'), 0) as returning_items,
        coalesce(sum(p.paid_amount) filter (where p.customers = 'returning'), 0) as returning_amount
    from shop_days d left join paid p using (shop_id, date) left join traffic t using (shop_id, date)
    group by d.shop_id, d.date
),
grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
periods as (
    select shop_id, grain, period_start(grain, date) as period_start, any_value(first_day) as first_day
    from shop_days cross join grains group by shop_id, grain, period_start(grain, date)
),
neighbours as (
    select *, period_end(grain, period_start) > as_of() as is_running,
        period_start(grain, period_start - 1) as start_before,
        cast(period_start - case grain when 'week' then interval 364 day else interval 1 year end as date) as start_year_ago
    from periods
),
-- A running period is compared by as many days as both it and the one before have.
bounds as (
    select *,
        greatest(period_start, first_day) as from_day,
        least(period_end(grain, period_start), as_of(),
            case when is_running and period_start >= first_day then period_start + cast(period_start - start_before - 1 as integer) else as_of() end) as to_day
    from neighbours
),
sides as (
    select shop_id, grain, period_start, 'now' as side, from_day, to_day from bounds
    union all
    select shop_id, grain, period_start, 'before', start_before,
        case when is_running then least(period_end(grain, start_before), start_before + cast(to_day - period_start as integer)) else period_end(grain, start_before) end
    from bounds where start_before >= first_day
    union all
    select shop_id, grain, period_start, 'year_ago', start_year_ago,
        case when is_running then least(period_end(grain, start_year_ago), start_year_ago + cast(to_day - period_start as integer)) else period_end(grain, start_year_ago) end
    from bounds where start_year_ago >= first_day
),
summed as (
    select s.shop_id, s.grain, s.period_start, s.side,
        money(sum(paid_amount)) as paid_amount,
        count(uv) as days_with_traffic,
        whole(sum(uv)) as visitors,
        -- Null without any UV: sums over no day.
        whole(sum(new_paying) filter (where uv is not null)) as new_paying,
        whole(sum(new_orders) filter (where uv is not null)) as new_orders,
        whole(sum(new_items) filter (where uv is not null)) as new_items,
        money(sum(new_amount) filter (where uv is not null)) as new_amount,
        whole(sum(returning_paying) filter (where uv is not null)) as returning_paying,
        whole(sum(returning_orders) filter (where uv is not null)) as returning_orders,
        whole(sum(returning_items) filter (where uv is not null)) as returning_items,
        money(sum(returning_amount) filter (where uv is not null)) as returning_amount
    from sides s join daily d on d.shop_id = s.shop_id and d.date between s.from_day and s.to_day
    group by s.shop_id, s.grain, s.period_start, s.side
),
factors as (
    select *,
        new_paying + returning_paying as paying,
        new_orders + returning_orders as orders,
        new_items + returning_items as items,
        money(new_amount + returning_amount) as amount,
        money(paid_amount - coalesce(new_amount + returning_amount, 0)) as untracked_amount,
        ratio(new_paying + returning_paying, visitors) as conversion,
        ratio(new_paying, new_paying + returning_paying) as new_paying_share,
        ratio(new_orders, new_paying) as new_orders_per_customer,
        ratio(new_items, new_orders) as new_items_per_order,
        ratio(new_amount, new_items) as new_price_per_item,
        ratio(returning_paying, new_paying + returning_paying) as returning_paying_share,
        ratio(returning_orders, returning_paying) as returning_orders_per_customer,
        ratio(returning_items, returning_orders) as returning_items_per_order,
        ratio(returning_amount, returning_items) as returning_price_per_item
    from summed
),
-- Each pair of sides that both have factors, a row for each group: what the factors are quotients of, from visitors to fen.
pairs as (
    select n.shop_id, n.grain, n.period_start, o.side, unnest([
        {'now': [n.visitors, n.paying, n.new_paying, n.new_orders, n.new_items, whole(n.new_amount * 100)],
         'other': [o.visitors, o.paying, o.new_paying, o.new_orders, o.new_items, whole(o.new_amount * 100)]},
        {'now': [n.visitors, n.paying, n.returning_paying, n.returning_orders, n.returning_items, whole(n.returning_amount * 100)],
         'other': [o.visitors, o.paying, o.returning_paying, o.returning_orders, o.returning_items, whole(o.returning_amount * 100)]}
    ]) as steps
    from factors n join factors o using (shop_id, grain, period_start)
    where n.side = 'now' and o.side <> 'now'
        and n.days_with_traffic > 0 and o.days_with_traffic > 0
        and (n.visitors > 0 or n.amount = 0) and (o.visitors > 0 or o.amount = 0)
),
-- Without an item on one side the amount is that of orders: an item an order on both.
itemed as (
    select * exclude (steps),
        case when unitemed then list_concat(steps.now[1:4], [steps.now[4], steps.now[6]]) else steps.now end as now,
        case when unitemed then list_concat(steps.other[1:4], [steps.other[4], steps.other[6]]) else steps.other end as other
    from (select *, steps.now[6] > 0 and steps.other[6] > 0 and (steps.now[5] = 0 or steps.other[5] = 0) as unitemed from pairs)
),
parts as (
    select shop_id, grain, period_start, side, factor,
        sum(case
            when now[6] = other[6] and now[6] = 0 then 0
            -- The first step that is 0 on the side without an amount.
            when now[6] = 0 then case when list_position(now, 0) = factor then -other[6] else 0 end
            when other[6] = 0 then case when list_position(other, 0) = factor then now[6] else 0 end
            else case
                    when abs(now[6] - other[6]) > 1e-4 * other[6] then (now[6] - other[6]) / ln(now[6] / other[6])
                    -- The series of the logarithmic mean where both hardly differ.
                    else other[6] * (1 + (now[6] - other[6]) / other[6] / 2 - pow((now[6] - other[6]) / other[6], 2) / 12)
                end * ln(case when factor = 1 then now[1] / other[1] else (now[factor] / now[factor - 1]) / (other[factor] / other[factor - 1]) end)
        end) as part,
        sum(now[6] - other[6]) as change
    from itemed cross join (select unnest(range(1, 7)) as factor)
    group by shop_id, grain, period_start, side, factor
),
-- Largest remainder.
remainders as (
    select *, floor(part) as low,
        row_number() over (partition by shop_id, grain, period_start, side order by round((part - floor(part)) * 1e6) desc, factor) as place,
        change - sum(floor(part)) over (partition by shop_id, grain, period_start, side) as missing
    from parts
),
effects as (
    select shop_id, grain, period_start, side,
        map_from_entries(list(row(factor, money((low + case when place <= missing then 1 else 0 end) / 100)))) as effect,
        money(any_value(change) / 100) as tracked_change
    from remainders
    group by shop_id, grain, period_start, side
)
select n.* exclude (side),
    p.period_start >= p.first_day and not b.is_running as is_complete,
    b.to_day - b.from_day + 1 as compared_days,
    o.paid_amount as paid_amount_before, o.untracked_amount as untracked_amount_before, o.days_with_traffic as days_with_traffic_before,
    o.visitors as visitors_before, o.paying as paying_before, o.conversion as conversion_before, o.orders as orders_before,
    o.items as items_before, o.amount as amount_before,
    o.new_paying as new_paying_before, o.new_paying_share as new_paying_share_before, o.new_orders as new_orders_before,
    o.new_orders_per_customer as new_orders_per_customer_before, o.new_items as new_items_before,
    o.new_items_per_order as new_items_per_order_before, o.new_amount as new_amount_before, o.new_price_per_item as new_price_per_item_before,
    o.returning_paying as returning_paying_before, o.returning_paying_share as returning_paying_share_before,
    o.returning_orders as returning_orders_before, o.returning_orders_per_customer as returning_orders_per_customer_before,
    o.returning_items as returning_items_before, o.returning_items_per_order as returning_items_per_order_before,
    o.returning_amount as returning_amount_before, o.returning_price_per_item as returning_price_per_item_before,
    money(n.paid_amount - o.paid_amount) as change,
    e.effect[1] as traffic_effect, e.effect[2] as conversion_effect, e.effect[3] as mix_effect,
    e.effect[4] as frequency_effect, e.effect[5] as basket_effect, e.effect[6] as price_effect,
    money(n.paid_amount - o.paid_amount - coalesce(e.tracked_change, 0)) as untracked_effect,
    y.paid_amount as paid_amount_year_ago, y.days_with_traffic as days_with_traffic_year_ago,
    money(n.paid_amount - y.paid_amount) as change_vs_year_ago,
    f.effect[1] as traffic_effect_vs_year_ago, f.effect[2] as conversion_effect_vs_year_ago, f.effect[3] as mix_effect_vs_year_ago,
    f.effect[4] as frequency_effect_vs_year_ago, f.effect[5] as basket_effect_vs_year_ago, f.effect[6] as price_effect_vs_year_ago,
    money(n.paid_amount - y.paid_amount - coalesce(f.tracked_change, 0)) as untracked_effect_vs_year_ago
from periods p
join bounds b using (shop_id, grain, period_start)
join factors n on n.shop_id = p.shop_id and n.grain = p.grain and n.period_start = p.period_start and n.side = 'now'
left join factors o on o.shop_id = p.shop_id and o.grain = p.grain and o.period_start = p.period_start and o.side = 'before'
left join factors y on y.shop_id = p.shop_id and y.grain = p.grain and y.period_start = p.period_start and y.side = 'year_ago'
left join effects e on e.shop_id = p.shop_id and e.grain = p.grain and e.period_start = p.period_start and e.side = 'before'
left join effects f on f.shop_id = p.shop_id and f.grain = p.grain and f.period_start = p.period_start and f.side = 'year_ago';
