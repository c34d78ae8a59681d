-- Campaigns before, during and after, and what the members of their audiences bought. What comes from random resamples (revenue with fewer than
-- 50 buyers in an arm) is the program's, if it has the shape of such a figure.
create temp table own_campaigns as
select campaign_id, shop_id, nullif(name, '') as campaign_name, day(starts_on) as starts, day(ends_on) as ends, cost,
    cast(day(ends_on) - day(starts_on) + 1 as integer) as length
from campaign_rows where state = 'used';

-- Each member with what was bought in the time after the message.
create temp table campaign_members as
with members as (
    select c.campaign_id, c.shop_id, c.campaign_name, c.cost, a.customer_id, a.arm, a.sent_at,
        a.sent_at + to_days(getvariable('window_days')) as until
    from audience_rows a join own_campaigns c using (campaign_id) where a.state = 'used'
),
bought as (
    select m.campaign_id, m.customer_id, count(*) as purchases, sum(p.net_revenue) as net_revenue
    from members m join purchases p on p.shop_id = m.shop_id and p.customer_id = m.customer_id and p.paid_at >= m.sent_at and p.paid_at < m.until
    group by all
)
from members left join bought using (campaign_id, customer_id);

create table oracle.campaign_effect as
with spans as (
    select *, unnest([
        {'part': 'before', 'from_date': starts - length, 'to_date': starts - 1},
        {'part': 'during', 'from_date': starts, 'to_date': ends},
        {'part': 'after', 'from_date': ends + 1, 'to_date': ends + length}], recursive := true)
    from own_campaigns
),
begun as (select * from spans where from_date <= as_of()),
observed as (
    select campaign_id, part, count(*) as days, any_value(first_day) as first_day
    from begun b join shop_days d on d.shop_id = b.shop_id and d.date between from_date and to_date group by all
),
sold as (
    select campaign_id, part, count(*) as paid_orders, sum(paid_amount) as paid_amount, sum(refunded) as refunded,
        count(distinct customer_id) as paying_customers
    from begun b join orders o on o.shop_id = b.shop_id and o.paid_day between from_date and to_date group by all
),
people as (
    select campaign_id, part,
        count(distinct customer_id) filter (where first_day >= from_date) as new_customers,
        count(distinct customer_id) filter (where first_day < from_date) as returning_customers
    from begun b join purchases p on p.shop_id = b.shop_id and p.paid_day between from_date and to_date group by all
),
paying_by_day as (
    select shop_id, paid_day as date, count(distinct customer_id) as paying_customers
    from orders where paid_day is not null group by all
),
visited as (
    select campaign_id, part, count(uv) as days_with_traffic, sum(uv) as uv_sum,
        sum(coalesce(paying_customers, 0)) filter (where uv is not null) as paying_customer_days
    from begun b join traffic t on t.shop_id = b.shop_id and t.date between from_date and to_date
        left join paying_by_day p on p.shop_id = t.shop_id and p.date = t.date
    group by all
),
periods as (
    select b.*,
        coalesce(from_date >= (select min(date) from shop_days d where d.shop_id = b.shop_id) and to_date <= as_of(), false) as is_complete,
        coalesce(days, 0) as days, coalesce(days_with_traffic, 0) as days_with_traffic, uv_sum,
        paying_customer_days, coalesce(paid_orders, 0) as paid_orders, coalesce(paid_amount, 0) as paid_amount,
        coalesce(refunded, 0) as refunded, coalesce(paying_customers, 0) as paying_customers,
        coalesce(new_customers, 0) as new_customers, coalesce(returning_customers, 0) as returning_customers
    from begun b left join observed using (campaign_id, part) left join sold using (campaign_id, part)
        left join people using (campaign_id, part) left join visited using (campaign_id, part)
),
compared as (
    select d.campaign_id, b.paid_amount - b.refunded as before
    from periods d join periods b on b.campaign_id = d.campaign_id and b.part = 'before' and d.part = 'during'
),
arms as (
    select campaign_id, arm as part, any_value(shop_id) as shop_id, any_value(campaign_name) as campaign_name, any_value(cost) as cost,
        min(day(sent_at)) as from_date, max(day(until - interval 1 microsecond)) as to_date,
        bool_and(until <= as_of() + interval 1 day) as is_complete,
        count(*) as members, count(*) filter (where until <= as_of() + interval 1 day) as members_complete,
        count(purchases) as buyers, coalesce(sum(purchases), 0) as purchases, coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(var_samp(coalesce(net_revenue, 0)), 0) / count(*) as variance_of_mean
    from campaign_members group by all
),
differences as (
    select t.campaign_id,
        ratio(t.buyers, t.members) - ratio(c.buyers, c.members) as conversion_difference,
        ratio(t.net_revenue, t.members) - ratio(c.net_revenue, c.members) as revenue_difference,
        newcombe(t.members, t.buyers, c.members, c.buyers) as limits,
        exact_p([[t.members, t.buyers, c.members, c.buyers]]) as conversion_p_value,
        least(t.buyers, t.members - t.buyers, c.buyers, c.members - c.buyers) < 5 as is_small,
        least(t.buyers, c.buyers) as fewest, t.variance_of_mean + c.variance_of_mean as variance,
        pow(t.variance_of_mean + c.variance_of_mean, 2)
            / (pow(t.variance_of_mean, 2) / (t.members - 1) + pow(c.variance_of_mean, 2) / (c.members - 1)) as freedom
    from arms t join arms c on c.campaign_id = t.campaign_id and t.part = 'treated' and c.part = 'control'
),
limited as (
    select d.*, r.revenue_p_value as drawn_p,
        case when r.revenue_low <= d.revenue_difference and d.revenue_difference <= r.revenue_high then r end as drawn
    from differences d left join program.campaign_effect r on r.campaign_id = d.campaign_id and r.part = 'treated'
),
settled as (
    select *,
        case when fewest >= 50 then revenue_difference - student_limit(freedom) * sqrt(variance) when fewest >= 5 then taken(drawn.revenue_low) end as low,
        case when fewest >= 50 then revenue_difference + student_limit(freedom) * sqrt(variance) when fewest >= 5 then taken(drawn.revenue_high) end as high
    from limited
)
select p.campaign_id, part, shop_id, campaign_name, from_date, to_date, is_complete, whole(days) as days,
    whole(days_with_traffic) as days_with_traffic, whole(uv_sum) as uv_sum, ratio(uv_sum, days_with_traffic) as uv_daily_mean,
    whole(paying_customer_days) as paying_customer_days, ratio(paying_customer_days, days_with_traffic) as paying_daily_mean,
    ratio(paying_customer_days, uv_sum) as uv_conversion, whole(paid_orders) as paid_orders, money(paid_amount) as paid_amount,
    money(refunded) as refund_amount, money(paid_amount - refunded) as net_revenue, whole(paying_customers) as paying_customers,
    ratio(paid_amount, paying_customers) as value_per_customer, whole(new_customers) as new_customers,
    whole(returning_customers) as returning_customers, money(case when part = 'during' then cost end) as cost,
    money(case when part = 'during' then before end) as net_revenue_before,
    cast(null as double) as return_on_cost,
    cast(null as bigint) as members, cast(null as bigint) as members_complete, cast(null as bigint) as buyers, cast(null as bigint) as purchases,
    cast(null as double) as conversion, cast(null as double) as revenue_per_member,
    cast(null as double) as conversion_difference, cast(null as double) as revenue_difference,
    case
        when is_complete then 'compares days and not customers: season and promotions are in it'
        else 'not complete: some of these days lie after the as-of date or before the shop''s data'
    end as note
from periods p left join compared using (campaign_id)
union all by name
select a.campaign_id, part, shop_id, campaign_name, from_date, to_date, is_complete, money(net_revenue) as net_revenue,
    whole(members) as members, whole(members_complete) as members_complete, whole(buyers) as buyers, whole(purchases) as purchases,
    ratio(buyers, members) as conversion, ratio(net_revenue, members) as revenue_per_member,
    case when part = 'treated' then conversion_difference end as conversion_difference,
    case when part = 'treated' then limits[1] end as conversion_low,
    case when part = 'treated' then limits[2] end as conversion_high,
    case when part = 'treated' then conversion_p_value end as conversion_p_value,
    case when part = 'treated' then case is_small when true then 'newcombe_clopper_pearson' when false then 'newcombe_wilson' end end
        as conversion_method,
    case when part = 'treated' then revenue_difference end as revenue_difference,
    case when part = 'treated' then low end as revenue_low,
    case when part = 'treated' then high end as revenue_high,
    case when part = 'treated' and bool_and(is_complete) over (partition by a.campaign_id) and (low > 0 or high < 0)
        then revenue_difference * members / nullif(cost, 0) end as return_on_cost,
    case when part = 'treated' then case when fewest >= 50 then student_above(abs(revenue_difference) / sqrt(variance), freedom)
        when fewest >= 0 then taken(round(drawn_p * 2000) / 2000) end end as revenue_p_value,
    case when part = 'treated' then case when fewest >= 50 then 'welch' when fewest >= 0 then 'bootstrap' end end as revenue_method,
    case
        when d.campaign_id is null and part = 'treated' then 'no control arm: the effect cannot be told from the season'
        when d.campaign_id is null then 'no treated arm: there is nothing to compare with'
        when bool_or(not is_complete) over (partition by a.campaign_id) then 'windows still run: the figures are those so far'
        when part = 'treated' and fewest < 5 then 'fewer than 5 buyers in an arm: no limits of the revenue difference'
        when part = 'treated' and low <= 0 and high >= 0 then 'the limits of the revenue difference hold 0: what the message brought is not settled'
    end as note
from arms a left join settled d using (campaign_id);
