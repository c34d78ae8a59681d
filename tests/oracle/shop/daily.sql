-- One row per shop and day from the shop's first activity to D.
-- only with page_views: uv_source
-- only with page_views.customer_id: viewing_customers, viewed_paid_customers, viewed_paid_rate
create table oracle.shop_daily as
with placed as (
    select shop_id, created_day as date, count(*) as placed_orders, sum(placed_amount) as placed_amount,
        count(distinct customer_id) as placed_customers
    from orders group by all
),
paid as (
    select shop_id, paid_day as date, count(*) as paid_orders, sum(paid_amount) as paid_amount,
        count(distinct customer_id) as paying_customers, sum(quantity) as paid_quantity,
        sum(refunded) as refunded, count(*) filter (where refunded > 0 or is_refunded) as refunded_orders
    from orders where paid_day is not null group by all
),
bought as (
    select shop_id, paid_day as date, count(*) as purchases,
        count(distinct customer_id) filter (where first_day = paid_day) as new_customers,
        count(distinct customer_id) filter (where first_day < paid_day) as returning_customers,
        sum(net_revenue) filter (where first_day = paid_day and customer_id is not null) as new_net_revenue,
        sum(net_revenue) filter (where first_day < paid_day and customer_id is not null) as returning_net_revenue
    from purchases group by all
),
-- Who bought again within 365 days.
came_back as (
    select shop_id, next_date as date, count(*) as returning_customers_365
    from purchase_days where next_date <= date + 365 group by all
),
returned as (
    select shop_id, day(completed_at) as date, count(*) as refunds, sum(amount) as refund_amount
    from refunds where completed_at is not null group by all
),
-- Customers who viewed and paid on one day.
viewed_paid as (
    select v.shop_id, v.date, count(distinct v.customer_id) as viewed_paid
    from views v join orders o on o.shop_id = v.shop_id and o.customer_id = v.customer_id and o.paid_day = v.date
    group by all
),
joined as (
    select d.shop_id, d.date,
        coalesce(placed_orders, 0) as placed_orders,
        money(coalesce(placed_amount, 0)) as placed_amount,
        coalesce(placed_customers, 0) as placed_customers,
        coalesce(paid_orders, 0) as paid_orders,
        money(coalesce(paid_amount, 0)) as paid_amount,
        coalesce(paying_customers, 0) as paying_customers,
        whole(coalesce(paid_quantity, 0)) as paid_quantity,
        coalesce(purchases, 0) as purchases,
        coalesce(new_customers, 0) as new_customers,
        coalesce(returning_customers, 0) as returning_customers,
        money(coalesce(new_net_revenue, 0)) as new_net_revenue,
        money(coalesce(returning_net_revenue, 0)) as returning_net_revenue,
        coalesce(returning_customers_365, 0) as returning_customers_365,
        case when getvariable('has_refunds') then coalesce(refunds, 0) end as refunds,
        case when getvariable('has_refunds') then money(coalesce(refund_amount, 0)) end as refund_amount,
        case when getvariable('has_refunded') then money(coalesce(refunded, 0)) end as refunded_of_paid,
        case when getvariable('has_refunded') then coalesce(refunded_orders, 0) end as refunded_orders,
        t.pv, t.uv, t.ipv, t.ipv_uv, t.visits, t.bounces, favorites, cart_adds, t.dwell_seconds,
        case when t.uv is not null then source end as uv_source,
        v.customers as viewing_customers, case when v.shop_id is not null then coalesce(viewed_paid, 0) end as viewed_paid_customers
    from shop_days d
    left join placed using (shop_id, date)
    left join paid using (shop_id, date)
    left join bought using (shop_id, date)
    left join came_back using (shop_id, date)
    left join returned using (shop_id, date)
    left join traffic t using (shop_id, date)
    left join viewed_days v using (shop_id, date)
    left join viewed_paid using (shop_id, date)
)
select *,
    money(paid_amount - refund_amount) as net_revenue,
    ratio(refunded_orders, paid_orders) as refund_rate,
    ratio(refunded_of_paid, paid_amount) as refund_share,
    money(paid_amount - refunded_of_paid) as net_by_payment,
    money(paid_amount - refund_amount) as net_by_refund,
    ratio(paying_customers, uv) as conversion,
    case when knows_payment() then ratio(paid_orders, placed_orders) end as payment_rate,
    ratio(paid_amount, paying_customers) as value_per_customer,
    ratio(paid_amount, paid_orders) as order_value,
    ratio(returning_customers, new_customers + returning_customers) as returning_share,
    ratio(returning_customers_365, new_customers + returning_customers) as returning_share_365,
    ratio(pv, uv) as pages_per_visitor,
    ratio(bounces, visits) as bounce_rate,
    ratio(dwell_seconds, visits) as dwell_per_visit,
    ratio(pv, visits) as depth,
    ratio(viewed_paid_customers, viewing_customers) as viewed_paid_rate
from joined;
