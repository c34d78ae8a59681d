-- reads: customers
-- The first list of jobs/nightly.yaml, which no other list of the night comes before: placed, not paid, 1 to 25 hours old and still open.
-- Without earlier snapshots nobody is left out by a cool-down.
create table oracle.audience_unpaid_reminder as
with closed as (
    select shop_id, order_id
    from lines
    group by all
    having bool_and(coalesce(fate in ('cancelled', 'refunded'), false) and paid_at is null)
),
waiting as (
    select shop_id, customer_id,
        count(*) as unpaid_orders,
        money(sum(placed_amount)) as unpaid_amount,
        epoch_us(cast(as_of() + 1 as timestamp) - max(created_at)) // 1000000 / 3600 as unpaid_hours,
        count(*) filter (where cast(as_of() + 1 as timestamp) - created_at >= interval 1 hour
            and cast(as_of() + 1 as timestamp) - created_at < interval 25 hour) as unpaid_last_day
    from orders anti join closed using (shop_id, order_id)
    where paid_at is null
    group by all
),
-- Neither paid out by the end of the day nor closed.
refunding as (
    select distinct o.shop_id, o.customer_id
    from refunds r join orders o using (shop_id, order_id)
    where r.status <> 'closed' and r.completed_at is null
),
last_paid as (
    select shop_id, customer_id, epoch_us(cast(as_of() + 1 as timestamp) - max(paid_at)) // 1000000 / 3600 as hours
    from purchases
    group by all
),
ranked as (
    select w.*, row_number() over (partition by shop_id order by unpaid_amount desc, unpaid_hours, customer_id) as rank
    from waiting w
    anti join refunding using (shop_id, customer_id)
    anti join (select shop_id, customer_id from last_paid where hours < 48) using (shop_id, customer_id)
    where unpaid_last_day > 0
)
select shop_id, customer_id, rank, unpaid_orders, unpaid_amount, unpaid_hours,
    c.last_purchase_date, c.recency_days, c.purchase_days, c.orders, c.paid_amount, c.net_revenue, c.order_value,
    c.lifecycle, c.rfm_segment, c.value_tier,
    'unpaid_reminder' as strategy
from ranked left join oracle.customers c using (shop_id, customer_id)
where rank <= 500;
