-- What each search keyword brought, cost and sold, by week, month, quarter and year; rare ones together.
create table oracle.keywords as
with grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
counted as (
    select shop_id, grain, period_start(grain, day("date")) as period_start, day("date") as date, keyword,
        impressions, clicks, uv, orders, amount, cost
    from keyword_rows cross join grains where state = 'used'
),
periods as (
    select shop_id, grain, period_start, count(distinct date) as days_with_rows, sum(uv) as keywords_uv_sum from counted group by all
),
by_keyword as (
    select shop_id, grain, period_start, keyword, keyword <> '(other)' and coalesce(sum(clicks), sum(uv), 0) >= 10 as has_row,
        sum(clicks) as clicks, sum(uv) as uv, sum(orders) as orders, bool_and((orders is null) = (uv is null)) as orders_match_uv
    from counted group by shop_id, grain, period_start, keyword
),
-- The sums are made of the rows again, and not of the keywords.
summed as (
    select c.shop_id, c.grain, c.period_start, case when has_row then c.keyword else '(other)' end as keyword,
        count(distinct c.keyword) as keywords,
        sum(c.impressions) as impressions, sum(c.clicks) as clicks, sum(c.uv) as uv_sum, sum(c.orders) as orders, sum(c.amount) as amount,
        sum(c.cost) as cost,
        sum(c.clicks) filter (where c.cost is not null) as clicks_with_cost, sum(c.orders) filter (where c.cost is not null) as orders_with_cost,
        sum(c.amount) filter (where c.cost is not null) as amount_with_cost,
        bool_and((c.clicks is null) = (c.impressions is null)) as clicks_match_impressions,
        bool_and((c.orders is null) = (c.uv is null)) as orders_match_uv,
        bool_and((c.orders is null) = (c.clicks is null)) as orders_match_clicks,
        bool_and(c.cost is null or c.clicks is not null) as clicks_match_cost,
        bool_and(c.cost is null or c.orders is not null) as orders_match_cost,
        bool_and(c.cost is null or c.amount is not null) as amount_match_cost
    from counted c join by_keyword k using (shop_id, grain, period_start, keyword)
    group by c.shop_id, c.grain, c.period_start, case when has_row then c.keyword else '(other)' end
),
complete as (
    select p.*, p.period_start >= s.first_day and period_end(p.grain, p.period_start) <= as_of() as is_complete
    from periods p join shop_starts s using (shop_id)
),
-- What the keyword had in a complete period, said of the one after it.
earlier as (
    select k.shop_id, k.grain, next_start(k.grain, k.period_start) as period_start, k.keyword,
        ratio(k.clicks, p.days_with_rows) as clicks_daily_mean_previous, ratio(k.uv, p.days_with_rows) as uv_daily_mean_previous,
        case when orders_match_uv then ratio(k.orders, k.uv) end as conversion_previous
    from by_keyword k join complete p using (shop_id, grain, period_start)
    where p.is_complete and k.keyword <> '(other)'
),
rated as (
    select s.shop_id, s.grain, s.period_start, s.keyword, p.is_complete, s.keywords, p.days_with_rows,
        whole(impressions) as impressions, whole(clicks) as clicks,
        case when clicks_match_impressions then ratio(clicks, impressions) end as click_rate,
        ratio(clicks, days_with_rows) as clicks_daily_mean,
        whole(uv_sum) as uv_sum, ratio(uv_sum, days_with_rows) as uv_daily_mean,
        whole(keywords_uv_sum) as keywords_uv_sum, ratio(uv_sum, keywords_uv_sum) as uv_share,
        whole(orders) as orders, money(amount) as amount,
        case when orders_match_uv then ratio(orders, uv_sum) end as conversion,
        case when orders_match_clicks then ratio(orders, clicks) end as click_conversion,
        money(cost) as cost,
        whole(clicks_with_cost) as clicks_with_cost, case when clicks_match_cost then ratio(cost, clicks_with_cost) end as cost_per_click,
        whole(orders_with_cost) as orders_with_cost, case when orders_match_cost then ratio(cost, orders_with_cost) end as cost_per_order,
        money(amount_with_cost) as amount_with_cost, case when amount_match_cost then ratio(amount_with_cost, cost) end as return_on_cost
    from summed s join complete p using (shop_id, grain, period_start)
)
select r.*,
    clicks_daily_mean_previous, ratio(clicks_daily_mean, clicks_daily_mean_previous) - 1 as clicks_daily_mean_vs_previous,
    uv_daily_mean_previous, ratio(uv_daily_mean, uv_daily_mean_previous) - 1 as uv_daily_mean_vs_previous,
    conversion_previous, ratio(conversion, conversion_previous) - 1 as conversion_vs_previous
from rated r left join earlier e using (shop_id, grain, period_start, keyword);
