-- Customers by the channel and month of their first purchase, what was spent on the channel in the month, and what they brought since.
create table oracle.channel_value as
with members as (
    select shop_id, customer_id, coalesce(first_channel, '(none)') as channel, first_purchase_date,
        period_start('month', first_purchase_date) as cohort_month
    from buyers
),
-- What came in and what was given back, by days since the first purchase.
money_days as (
    select shop_id, customer_id, m.channel, cohort_month, paid_day - first_purchase_date as days, net_revenue as amount
    from members m join purchases using (shop_id, customer_id)
    union all
    select shop_id, customer_id, m.channel, cohort_month, "date" - first_purchase_date, -amount
    from members m join returns using (shop_id, customer_id)
),
second as (select shop_id, customer_id, days as days_to_second from intervals where nth = 1 and is_closed),
sizes as (
    select shop_id, channel, cohort_month, count(*) as new_customers,
        count(*) filter (where as_of() - first_purchase_date >= 30) as customers_30,
        count(*) filter (where as_of() - first_purchase_date >= 90) as customers_90,
        count(*) filter (where as_of() - first_purchase_date >= 180) as customers_180,
        count(*) filter (where as_of() - first_purchase_date >= 365) as customers_365,
        count(*) filter (where as_of() - first_purchase_date >= 90 and days_to_second <= 90) as repurchased_90
    from members left join second using (shop_id, customer_id) group by all
),
brought as (
    select shop_id, channel, cohort_month, sum(amount) as net_revenue,
        coalesce(sum(amount) filter (where days <= 30 and as_of() - first_purchase_date >= 30), 0) as brought_30,
        coalesce(sum(amount) filter (where days <= 90 and as_of() - first_purchase_date >= 90), 0) as brought_90,
        coalesce(sum(amount) filter (where days <= 180 and as_of() - first_purchase_date >= 180), 0) as brought_180,
        coalesce(sum(amount) filter (where days <= 365 and as_of() - first_purchase_date >= 365), 0) as brought_365
    from money_days join members using (shop_id, customer_id, channel, cohort_month) group by all
),
spent as (
    select shop_id, channel, period_start('month', date) as cohort_month, sum(cost) as cost, count(cost) as cost_days,
        case when count(cost) = count(*) then sum(cost) end as whole_cost
    from channel_traffic group by all
),
running as (
    select shop_id, channel, cohort_month, days, sum(sum(amount)) over (
        partition by shop_id, channel, cohort_month order by days) as so_far
    from money_days group by shop_id, channel, cohort_month, days
),
payback as (
    select shop_id, channel, cohort_month, min(days) as payback_days
    from running join spent using (shop_id, channel, cohort_month) where whole_cost > 0 and so_far >= whole_cost group by all
),
joined as (
    select shop_id, channel, cohort_month,
        cohort_month >= f.first_day and period_end('month', cohort_month) <= as_of() as is_complete,
        coalesce(cohort_month < o.first_order + getvariable('history_warmup'), false) as is_left_truncated,
        coalesce(new_customers, 0) as new_customers,
        money(cost) as cost, money(whole_cost) as whole_cost, coalesce(cost_days, 0) as cost_days,
        money(coalesce(net_revenue, 0)) as net_revenue,
        coalesce(customers_30, 0) as customers_30, coalesce(customers_90, 0) as customers_90,
        coalesce(customers_180, 0) as customers_180, coalesce(customers_365, 0) as customers_365,
        coalesce(repurchased_90, 0) as repurchased_90,
        money(case when customers_30 > 0 then brought_30 end) as net_revenue_30,
        money(case when customers_90 > 0 then brought_90 end) as net_revenue_90,
        money(case when customers_180 > 0 then brought_180 end) as net_revenue_180,
        money(case when customers_365 > 0 then brought_365 end) as net_revenue_365,
        whole(payback_days) as payback_days
    from sizes full join spent using (shop_id, channel, cohort_month)
    left join brought using (shop_id, channel, cohort_month)
    left join payback using (shop_id, channel, cohort_month)
    join shop_starts f using (shop_id)
    left join (select shop_id, min(created_day) as first_order from orders group by all) o using (shop_id)
    where new_customers > 0 or cost > 0
)
select * exclude (whole_cost),
    ratio(whole_cost, new_customers) as cost_per_new_customer,
    ratio(net_revenue, whole_cost) as paid_back_share,
    ratio(net_revenue_30, customers_30) as net_revenue_per_customer_30,
    ratio(net_revenue_90, customers_90) as net_revenue_per_customer_90,
    ratio(net_revenue_180, customers_180) as net_revenue_per_customer_180,
    ratio(net_revenue_365, customers_365) as net_revenue_per_customer_365,
    case when customers_30 = new_customers then ratio(net_revenue_30, whole_cost) end as return_on_cost_30,
    case when customers_90 = new_customers then ratio(net_revenue_90, whole_cost) end as return_on_cost_90,
    case when customers_180 = new_customers then ratio(net_revenue_180, whole_cost) end as return_on_cost_180,
    case when customers_365 = new_customers then ratio(net_revenue_365, whole_cost) end as return_on_cost_365,
    ratio(repurchased_90, customers_90) as repurchase_rate_90
from joined;
