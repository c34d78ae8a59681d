-- reads: forecast_months
-- What was planned for each month, what is there of it, what should be there by now, and where the month will end.
create table oracle.plan_progress as
with planned as (
    select shop_id, period_start('month', "month") as month, sales_target, ad_budget, new_items from plan_rows where state = 'used'
),
budgets as (
    select shop_id, period_start('month', "month") as month, channel, budget from ad_plan_rows where state = 'used'
),
starts as (select shop_id, min(created_day) as first_order from orders group by all),
paid as (
    select shop_id, paid_day as date, count(*) as orders, sum(paid_amount) as amount, sum(paid_amount - refunded) as net
    from orders where paid_day is not null group by all
),
sold as (select shop_id, period_start('month', date) as month, sum(amount) as amount, sum(net) as net from paid group by all),
listed as (select shop_id, period_start('month', "month") as month, items_new from listing_rows where state = 'used'),
-- The running month a year before, in shops that knew all of it.
year_before as (
    select s.shop_id, d.date, coalesce(p.orders, 0) as orders, cast(coalesce(p.amount, 0) as double) as amount
    from starts s
    cross join (
        select cast(unnest(generate_series(date_trunc('month', as_of() - interval 1 year), cast(last_day(date_trunc('month', as_of() - interval 1 year)) as timestamp),
            interval 1 day)) as date) as date) d
    left join paid p on p.shop_id = s.shop_id and p.date = d.date
    where s.first_order <= cast(date_trunc('month', as_of() - interval 1 year) as date)
),
marked as (
    select *, orders >= 10 and orders > 3 * median(orders) over shop as is_promotion, sum(orders) over shop >= 30 as is_enough
    from year_before window shop as (partition by shop_id)
),
weekdays as (select shop_id, isodow(date) as weekday, avg(amount) as mean from marked where not is_promotion group by all),
ordinary as (select shop_id, avg(amount) as mean from marked where not is_promotion group by all),
weights as (
    select s.shop_id, d.date, case when m.is_promotion then m.amount else coalesce(w.mean, o.mean) end as weight
    from (select distinct shop_id from marked where is_enough) s
    cross join (
        select cast(unnest(generate_series(cast(date_trunc('month', as_of()) as timestamp), cast(last_day(as_of()) as timestamp), interval 1 day)) as date) as date) d
    left join marked m on m.shop_id = s.shop_id and extract('day' from m.date) = extract('day' from d.date)
    left join weekdays w on w.shop_id = s.shop_id and w.weekday = isodow(d.date)
    left join ordinary o on o.shop_id = s.shop_id
),
shares as (select shop_id, sum(weight) filter (where date <= as_of()) / nullif(sum(weight), 0) as share from weights group by all),
spent as (
    select shop_id, period_start('month', day("date")) as month, channel, sum(cost) as cost
    from traffic_rows where state = 'used' and channel is not null and cost is not null group by all
),
advertised as (
    select shop_id, month, channel, budget, cost from budgets left join spent using (shop_id, month, channel)
    union all
    select shop_id, month, '(all)', coalesce(ad_budget, budget), cost
    from (select shop_id, month, ad_budget from planned) full join (select shop_id, month, sum(budget) as budget from budgets group by all) using (shop_id, month)
    left join (select shop_id, month, sum(cost) as cost from spent group by all) using (shop_id, month)
),
beside as (
    select p.*, case when first_order <= last_day(p.month) then cast(coalesce(s.amount, 0) as double) end as sales,
        case when first_order <= last_day(p.month) and getvariable('has_refunded') then cast(coalesce(s.net, 0) as double) end as net_sales,
        items_new, share, f.expected_sales
    from planned p left join starts using (shop_id) left join sold s using (shop_id, month) left join listed using (shop_id, month)
    left join shares using (shop_id) left join oracle.forecast_months f using (shop_id, month)
),
measured as (
    select shop_id, month, 'sales' as measure, '(all)' as channel, 'CNY' as unit, cast(sales_target as double) as plan, sales as actual, share, null as forecast from beside
    union all
    select shop_id, month, 'net_sales', '(all)', 'CNY', cast(sales_target as double), net_sales, share, expected_sales from beside
    union all
    select shop_id, month, 'new_items', '(all)', 'items', cast(new_items as double), cast(items_new as double), null, null from beside
    union all
    select shop_id, month, 'ad_cost', channel, 'CNY', cast(budget as double), cast(cost as double), share, null
    from advertised left join shares using (shop_id)
),
placed as (
    select *, last_day(month) <= as_of() as has_ended, month <= as_of() and last_day(month) > as_of() as is_running,
        coalesce(share, extract('day' from as_of()) / extract('day' from last_day(month))) as part
    from measured where plan is not null
),
told as (
    select shop_id, month, measure, channel, unit, 1 as months, greatest(last_day(month) - greatest(as_of(), month - 1), 0) as days_to_come, plan, actual, has_ended, is_running,
        case when has_ended then plan when is_running then round(plan * part, 2) else 0 end as expected_by_now,
        case when is_running then case when share is null then 'even' else 'year_before' end end as spread_by,
        case when has_ended then actual else round(coalesce(forecast, case when is_running and part > 0 then actual / part end), 2) end as projected,
        case when has_ended and actual is not null then 'ended' when not has_ended and forecast is not null then 'forecast'
            when is_running and part > 0 and actual is not null then 'spread' end as projected_by
    from placed
),
with_years as (
    select * from told
    union all
    select shop_id, month, 'sales_year_to_date', channel, unit, count(*) over so_far, sum(days_to_come) over so_far, sum(plan) over so_far,
        case when actual is not null then sum(actual) over so_far end, has_ended, is_running,
        sum(expected_by_now) over so_far, max(spread_by) over so_far,
        -- Months before the first order of the shop have neither figure, and brought nothing.
        case when count(projected) over so_far = count(actual) over so_far then sum(projected) over so_far end,
        case when count(projected) over so_far = count(actual) over so_far then projected_by end
    from told where measure = 'sales'
    window so_far as (partition by shop_id, date_trunc('year', month) order by month)
)
select shop_id, month, measure, channel, unit, whole(months) as months, money(plan) as plan, money(actual) as actual, ratio(actual, plan) as share_done,
    money(expected_by_now) as expected_by_now, spread_by, money(expected_by_now - actual) as gap_by_now, money(projected) as projected, projected_by,
    money(plan - projected) as projected_gap,
    whole(days_to_come) as days_to_come,
    case when plan > actual then ratio(whole(round(100 * (plan - actual))), 100 * days_to_come) end as needed_per_day,
    case when actual is null or (plan = 0 and measure <> 'ad_cost') or not (has_ended or is_running) then null when actual >= plan then 'done' when has_ended then 'missed'
        when actual > expected_by_now * 1.05 then 'ahead' when actual < expected_by_now * 0.95 then 'behind' else 'on_track' end as status
from with_years;
