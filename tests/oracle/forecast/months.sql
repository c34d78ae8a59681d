-- reads: forecast_models
-- What each shop will sell in the months to come. How wide the interval is is the program's, and so is how many new customers come where two
-- years told a season of them.
create table oracle.forecast_months as
with shops as (select shop_id, count(*) as known_customers from histories group by all),
months as (
    select shop_id, known_customers, month, ahead, greatest(month, as_of() + 1) as from_date, last_day(month) as to_date
    from shops cross join month_ends
),
sold as (
    select shop_id, period_start('month', paid_day) as month, money(sum(paid_amount - refunded)) as sales_to_date
    from orders where paid_day is not null group by all
),
-- New customers of the last twelve whole months, on a line through their logarithms: the slope is the median of those of all pairs of months.
firsts as (select shop_id, customer_id, min(date) as date from purchase_days group by all),
whole_months as (
    select shop_id, month, datediff('month', month, date_trunc('month', as_of() + 1)) as ago
    from (
        select shop_id,
            cast(unnest(generate_series(date_trunc('month', first_day + interval 1 month - interval 1 day), as_of(), interval 1 month)) as date) as month
        from (select shop_id, min(created_day) as first_day from orders group by all))
    where last_day(month) <= as_of()
),
won as (
    select w.shop_id, ago, ln(1 + count(f.customer_id)) as height
    from whole_months w left join firsts f on f.shop_id = w.shop_id and period_start('month', f.date) = w.month
    where ago <= 12 group by all
),
slopes as (
    select a.shop_id, median((b.height - a.height) / (a.ago - b.ago)) as slope
    from won a join won b on b.shop_id = a.shop_id and b.ago < a.ago group by all
),
trends as (
    select shop_id, any_value(slope) as slope, median(height + slope * (ago - 1)) as level from won join slopes using (shop_id) group by all
),
-- Of the month that runs, the part that came on the same days a year before, in all shops; where there were none, the part of its days.
parts as (
    select coalesce(ratio(count(*) filter (where date > cast(as_of() - interval 1 year as date)), count(*)),
        (last_day(as_of()) - as_of()) / date_part('day', last_day(as_of()))) as part
    from firsts where period_start('month', date) = cast(date_trunc('month', as_of()) - interval 1 year as date)
),
first_values as (
    select shop_id, case when count(*) filter (where is_recent) >= 30 then avg(revenue) filter (where is_recent) else avg(revenue) end as first_value
    from (
        select shop_id, customer_id, sum(net_revenue) as revenue, any_value(first_day) > as_of() - 180 as is_recent
        from purchases where paid_day = first_day and customer_id is not null group by all)
    group by all
),
recent as (
    select t.shop_id, count(f.customer_id) as recent_new_customers
    from traffic t left join firsts f on f.shop_id = t.shop_id and f.date = t.date
    where t.uv is not null and t.date > as_of() - 28 group by all
),
visited as (select shop_id, whole(sum(uv)) as recent_uv from traffic where uv is not null and date > as_of() - 28 group by all),
-- What the used model expects of the customers in the days to come, and what that brings.
known as (
    select h.shop_id, m.month, sum(later.purchases - sooner.purchases) as purchases,
        sum((later.purchases - sooner.purchases) * day_value) as revenue
    from (
        select h.shop_id, x, days_to_last, days_to_end, f.day_value
        from histories h join forecasts f using (shop_id, customer_id)) as h
    cross join month_ends m
    join expectations later on later.shop_id = h.shop_id and later.x = h.x and later.days_to_last = h.days_to_last
        and later.days_to_end = h.days_to_end and later.days = m.until_day
    join expectations sooner on sooner.shop_id = h.shop_id and sooner.x = h.x and sooner.days_to_last = h.days_to_last
        and sooner.days_to_end = h.days_to_end and sooner.days = m.from_day
    group by all
),
counted as (select shop_id, count(*) as whole_months from whole_months group by all),
expected as (
    select m.*, s.season, coalesce(s.season, 1) * k.purchases as known_purchases, coalesce(s.season, 1) * k.revenue as known_revenue,
        p.lower, p.upper, t.sales_target, first_value,
        coalesce(sold.sales_to_date, money(0)) as sales_to_date,
        case
            when k.revenue is null then 'no model of the shop''s customers, or of what they spend, can be used: forecast_models says why'
            when coalesce(whole_months, 0) < 4 then 'fewer than 4 whole months of new customers are known'
        end as reason,
        whole_months >= 24 as has_season,
        -- With the season of two years the trend is that of months without it, which is the program's.
        case when whole_months >= 24 then p.new_customers
            else (exp(level + slope * (1 - pow(0.9, case when as_of() = last_day(as_of()) then ahead else ahead + 1 end)) * 9) - 1)
                * case when ahead = 0 then part else 1 end
        end as new_customers
    from months m join program.forecast_months p using (shop_id, month) left join seasons s using (shop_id, month)
    left join known k using (shop_id, month) left join counted using (shop_id) left join sold using (shop_id, month)
    left join trends using (shop_id) left join first_values using (shop_id) cross join parts
    left join (select shop_id, period_start('month', "month") as month, sales_target from plan_rows where state = 'used') as t using (shop_id, month)
),
-- New customers come evenly over the days of a month, and come again as the model expects of new ones.
arrivals as (
    select e.shop_id, e.month as arrival_month, e.new_customers / (until_day - from_day) as a_day,
        cast(unnest(range(from_day + 1, until_day + 1)) as integer) as day
    from expected e join month_ends using (month)
),
again as (
    select a.shop_id, m.month,
        sum(a_day * (later.purchases - sooner.purchases) * later.day_value) as new_repeat_revenue,
        avg(later.purchases * later.day_value) filter (where arrival_month = m.month) as again_value
    from arrivals a join month_ends m on m.month >= a.arrival_month
    join newcomers later on later.shop_id = a.shop_id and later.days = m.until_day - a.day
    join newcomers sooner on sooner.shop_id = a.shop_id and sooner.days = greatest(m.from_day - a.day, 0)
    group by all
),
told as (
    select e.* replace (case when reason is null then new_customers end as new_customers, case when reason is null then has_season end as has_season),
        case when reason is null then new_repeat_revenue end as new_repeat_revenue,
        case when reason is null then first_value + again_value end as value_per_new_customer,
        case when reason is null then new_customers * first_value end as new_first_revenue,
        case when reason is null then sales_to_date + known_revenue + new_customers * first_value + new_repeat_revenue end as expected_sales
    from expected e left join again using (shop_id, month)
),
missing as (
    select *, sales_target - expected_sales as gap, known_revenue + new_first_revenue + new_repeat_revenue as to_come from told
),
closing as (
    select *,
        reason is null and shop_id in (
            select shop_id from program.forecast_models where is_used and model <> 'gamma_gamma' and predicted_purchases is not null) as is_held_out,
        case when gap > 0 then ratio(gap, value_per_new_customer) end as new_customers_to_close from missing
)
select c.shop_id, c.month, whole(to_date - from_date + 1) as days_to_come, sales_to_date, known_customers, season, known_purchases, known_revenue,
    new_customers, has_season, new_first_revenue, new_repeat_revenue, expected_sales,
    case when is_held_out then taken(case when lower between sales_to_date and expected_sales then lower end) end as lower,
    -- As far above as the lower one is below, where that one was not cut off.
    case when is_held_out then taken(case when lower > sales_to_date then 2 * expected_sales - lower
        when upper >= expected_sales then upper end) end as upper,
    sales_target, gap, value_per_new_customer, new_customers_to_close,
    recent_new_customers, recent_uv, ratio(new_customers_to_close, ratio(recent_new_customers, recent_uv)) as uv_to_close,
    case when reason is null then ratio(known_revenue, to_come) end as returning_share,
    case when gap > 0 then ratio(known_revenue + gap, to_come + gap) end as returning_share_to_close,
    reason
from closing c left join recent using (shop_id) left join visited using (shop_id);
