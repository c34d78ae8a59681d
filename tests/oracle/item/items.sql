-- reads: item_refunds
-- only with orders.item_title: title
-- only with refunds.reason: main_refund_reason, main_refund_reason_amount, main_refund_reason_share
-- What each item brought, whom it won, and when its customers bought it again.
create table oracle.items as
with sold as (
    select shop_id, item_id,
        min(paid_day) as first_sold, max(paid_day) as last_sold,
        count(distinct order_id) as orders, whole(sum(quantity)) as quantity,
        sum(paid) as paid, sum(net) as net,
        coalesce(sum(paid) filter (where as_of() - paid_day between 0 and 29), 0) as paid_30,
        coalesce(sum(paid) filter (where as_of() - paid_day between 30 and 59), 0) as paid_30_before
    from item_lines group by all
),
categories as (
    select shop_id, item_id, max(category_id) as category_id
    from item_lines join sold using (shop_id, item_id) where paid_day = last_sold group by all
),
kept_days as (
    select shop_id, item_id, customer_id, paid_day as date, sum(quantity) as pieces
    from item_lines where is_kept and customer_id is not null group by all
),
followed as (
    select *, lead(date) over (partition by shop_id, item_id, customer_id order by date) as next_date from kept_days
),
bought as (
    select shop_id, item_id,
        count(distinct customer_id) as customers,
        count(distinct customer_id) filter (where next_date is not null) as rebuyers,
        count(next_date) as intervals,
        quantile_cont(next_date - date, 0.5) filter (where next_date is not null) as median_days,
        quantile_cont(pieces, 0.5) as median_quantity
    from followed group by all
),
waits as (
    select shop_id, item_id, coalesce(next_date, as_of()) - date as days, count(next_date) as events, count(*) as leaving
    from followed group by all
),
at_risk as (
    select *, sum(leaving) over (partition by shop_id, item_id order by days desc) as at_risk from waits
),
survived as (
    select *, product(1 - events / at_risk) over (partition by shop_id, item_id order by days) as survival from at_risk
),
km as (
    select shop_id, item_id, min(days) filter (where survival <= 0.5 + 1e-12) as km_median_days from survived group by all
),
-- New customers: what became of each since the first purchase day, and the items that the first purchase had.
people as (
    select shop_id, customer_id, first_purchase_date as first_day, as_of() - first_purchase_date as age
    from buyers
),
brought as (
    select shop_id, customer_id, sum(amount) as brought
    from (
        select shop_id, customer_id, paid_day as date, net_revenue as amount from purchases
        union all
        select shop_id, customer_id, "date", -amount from returns
    ) join people using (shop_id, customer_id)
    where date <= first_day + 180 group by all
),
became as (
    select shop_id, customer_id,
        age >= 90 as is_90, age >= 90 and coalesce(n.days <= 90, false) as is_repurchased, age >= 180 as is_180, brought
    from people join brought using (shop_id, customer_id)
    left join (select shop_id, customer_id, days from intervals where nth = 1 and is_closed) n using (shop_id, customer_id)
),
first_orders as (
    select shop_id, customer_id, order_id from purchases where customer_id is not null
    qualify row_number() over (partition by shop_id, customer_id order by paid_at, order_id) = 1
),
won as (
    select shop_id, item_id, count(*) as new_customers, count(*) filter (where is_90) as customers_90,
        count(*) filter (where is_repurchased) as repurchased_90, count(*) filter (where is_180) as customers_180,
        coalesce(sum(brought) filter (where is_180), 0) as net_revenue_180
    from (select distinct shop_id, item_id, f.customer_id from first_orders f join item_lines using (shop_id, order_id) where is_kept)
    join became using (shop_id, customer_id) group by all
),
of_shop as (
    select shop_id, count(*) filter (where is_90) as shop_customers_90,
        count(*) filter (where is_repurchased) as shop_repurchased_90, count(*) filter (where is_180) as shop_customers_180,
        coalesce(sum(brought) filter (where is_180), 0) as shop_net_revenue_180
    from became group by all
),
-- Visitors of the last 30 days, and the customers who paid on each of these days.
buyers_of_days as (
    select shop_id, item_id, paid_day as date, count(distinct customer_id) as buyers from item_lines group by all
),
visited as (
    select t.shop_id, t.item_id, count(*) as days, sum(ipv_uv) as visitors, sum(cart_adds) as cart_adds, sum(favorites) as favorites,
        sum(coalesce(buyers, 0)) as buyers
    from (
        select *, day("date") as on_day from item_traffic_rows
        where state = 'used' and ipv_uv is not null and as_of() - day("date") between 0 and 29
    ) t
    left join buyers_of_days b on b.shop_id = t.shop_id and b.item_id = t.item_id and b.date = t.on_day
    group by all
),
ranked as (
    select *,
        sum(net) over (partition by shop_id) as shop_net,
        row_number() over (partition by shop_id order by net desc, item_id) as place,
        sum(net) over (partition by shop_id order by net desc, item_id) - net as net_before
    from sold
),
joined as (
    select r.shop_id, r.item_id, title, category_id, first_sold, last_sold, orders, quantity,
        money(paid / 100.0) as paid_amount,
        case when getvariable('has_refunded') then money((paid - net) / 100.0) end as refunded_of_paid,
        m.reason as main_refund_reason, m.refunded_of_paid as main_refund_reason_amount,
        money(net / 100.0) as net_revenue, money(shop_net / 100.0) as shop_net_revenue,
        place as revenue_rank,
        case when shop_net <= 0 then 'C' when net_before * 100 < shop_net * 80 then 'A' when net_before * 100 < shop_net * 95 then 'B'
            else 'C' end as tier,
        money(paid_30 / 100.0) as amount_30,
        case when f.first_order <= as_of() - 59 then money(paid_30_before / 100.0) end as amount_30_before,
        coalesce(customers, 0) as customers, coalesce(new_customers, 0) as new_customers,
        coalesce(customers_90, 0) as customers_90, coalesce(repurchased_90, 0) as repurchased_90,
        coalesce(customers_180, 0) as customers_180, money(coalesce(net_revenue_180, 0)) as net_revenue_180,
        coalesce(shop_customers_90, 0) as shop_customers_90, coalesce(shop_repurchased_90, 0) as shop_repurchased_90,
        coalesce(shop_customers_180, 0) as shop_customers_180, money(coalesce(shop_net_revenue_180, 0)) as shop_net_revenue_180,
        coalesce(rebuyers, 0) as rebuyers, coalesce(intervals, 0) as rebuy_intervals,
        case when rebuyers >= getvariable('min_customers') then cast(median_days as double) end as rebuy_median_days,
        case when customers >= getvariable('min_customers') then whole(km_median_days) end as rebuy_km_median_days,
        case when customers >= getvariable('min_customers') then cast(median_quantity as double) end as median_quantity,
        coalesce(v.days, 0) as days_with_visitors_30, whole(v.visitors) as visitors_30, whole(v.buyers) as buyers_30,
        whole(v.cart_adds) as cart_adds_30, whole(v.favorites) as favorites_30
    from ranked r
    join (select shop_id, min(created_day) as first_order from orders group by all) f using (shop_id)
    join categories using (shop_id, item_id)
    left join of_shop using (shop_id)
    left join bought using (shop_id, item_id)
    left join km using (shop_id, item_id)
    left join won using (shop_id, item_id)
    left join visited v using (shop_id, item_id)
    left join item_titles using (shop_id, item_id)
    left join (select shop_id, item_id, reason, refunded_of_paid from oracle.item_refunds where reason_rank = 1) m using (shop_id, item_id)
)
select *,
    ratio(refunded_of_paid, paid_amount) as refund_share,
    ratio(main_refund_reason_amount, refunded_of_paid) as main_refund_reason_share,
    ratio(net_revenue, shop_net_revenue) as revenue_share,
    ratio(amount_30 - amount_30_before, amount_30_before) as trend,
    case when customers >= getvariable('min_customers') then ratio(new_customers, customers) end as gateway_share,
    case when customers_90 >= getvariable('min_customers') then ratio(repurchased_90, customers_90) end as repurchase_rate_90,
    case when shop_customers_90 >= getvariable('min_customers') then ratio(shop_repurchased_90, shop_customers_90) end as shop_repurchase_rate_90,
    case when customers_180 >= getvariable('min_customers') then ratio(net_revenue_180, customers_180) end as net_revenue_per_customer_180,
    case when shop_customers_180 >= getvariable('min_customers') then ratio(shop_net_revenue_180, shop_customers_180) end
        as shop_net_revenue_per_customer_180,
    case when customers >= getvariable('min_customers') then ratio(rebuyers, customers) end as rebuy_rate,
    ratio(rebuy_median_days, median_quantity) as days_per_unit,
    ratio(buyers_30, visitors_30) as item_conversion,
    ratio(cart_adds_30, visitors_30) as cart_rate,
    ratio(favorites_30, visitors_30) as favorite_rate
from joined;
