-- What each promotion sold, what was taken off, and whom it won, by week, month, quarter and year.
create table oracle.promotions as
with grains as (select unnest(['month', 'quarter', 'week', 'year']) as grain),
paid as (
    select shop_id, customer_id, order_id, coalesce(promotion, '(none)') as promotion, paid_at, paid_day, is_purchase,
        paid_amount, refunded, discount_amount
    from orders where paid_day is not null
),
bought as (
    select *, row_number() over (partition by shop_id, customer_id order by paid_at, order_id) as nth,
        min(paid_day) over (partition by shop_id, customer_id) as first_day
    from paid where is_purchase and customer_id is not null
),
sold as (
    select shop_id, grain, period_start(grain, paid_day) as period_start, promotion,
        count(*) as orders, money(sum(paid_amount)) as paid_amount, money(sum(refunded)) as refunded,
        count(discount_amount) as orders_with_discount_amount,
        money(sum(discount_amount)) as discount_amount,
        money(sum(paid_amount + discount_amount)) as amount_before_discount,
        count(distinct customer_id) as paying_customers
    from paid cross join grains group by all
),
won as (
    select shop_id, grain, period_start(grain, paid_day) as period_start, promotion,
        count(*) filter (where nth = 1) as new_customers,
        count(distinct customer_id) filter (where first_day < period_start(grain, paid_day)) as returning_customers
    from bought cross join grains group by all
),
shares as (
    select s.* exclude (refunded),
        s.period_start >= f.first_day and period_end(s.grain, s.period_start) <= as_of() as is_complete,
        whole(sum(orders) over period) as shop_paid_orders,
        money(sum(paid_amount) over period) as shop_paid_amount,
        case when getvariable('has_refunded') then refunded end as refunded_of_paid,
        coalesce(new_customers, 0) as new_customers,
        coalesce(returning_customers, 0) as returning_customers
    from sold s join shop_starts f using (shop_id) left join won using (shop_id, grain, period_start, promotion)
    window period as (partition by s.shop_id, s.grain, s.period_start)
)
select *,
    ratio(orders, shop_paid_orders) as order_share,
    ratio(paid_amount, shop_paid_amount) as amount_share,
    ratio(paid_amount, orders) as order_value,
    ratio(refunded_of_paid, paid_amount) as refund_share,
    money(paid_amount - refunded_of_paid) as net_by_payment,
    ratio(discount_amount, amount_before_discount) as discount_depth,
    ratio(returning_customers, new_customers + returning_customers) as returning_share
from shares;
