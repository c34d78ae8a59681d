-- The latest version of each refund application, and what was given back of each order. Makes refunds, orders.

create temp table refunds as
with recursive settled as (
    select shop_id, refund_id, order_id, created_at, amount, intervened,
        case when status = 'success' then known(completed_at) end as completed_at
    from read_parquet(getvariable('data') || '/refunds/**/*.parquet', hive_partitioning = true)
    where created_at < getvariable('next_day') and (modified_at < getvariable('next_day') or modified_at is null)
        and shop_id is not null and refund_id is not null and order_id is not null
        and status in ('success', 'closed', 'open')
        and (amount >= 0 or amount is null)
        and (status <> 'success' or (amount is not null and completed_at is not null))
    qualify row_number() over (partition by shop_id, refund_id order by modified_at desc nulls last) = 1
),
-- Where refunds come to more than was paid they are taken one after the other; one that would pass the paid amount counts nowhere.
overdrawn as (
    select s.shop_id, s.order_id, s.refund_id, s.amount, o.paid_amount,
        row_number() over (partition by s.shop_id, s.order_id order by s.completed_at, s.refund_id) as nth
    from settled s join order_sums o using (shop_id, order_id)
    where s.completed_at is not null
    qualify sum(s.amount) over (partition by s.shop_id, s.order_id) > o.paid_amount
),
taken as (
    select shop_id, order_id, refund_id, nth, amount > paid_amount as is_excessive, if(amount > paid_amount, 0.00, amount)::decimal(18, 2) as counted
    from overdrawn where nth = 1
    union all
    select o.shop_id, o.order_id, o.refund_id, o.nth, t.counted + o.amount > o.paid_amount,
        if(t.counted + o.amount > o.paid_amount, t.counted, t.counted + o.amount)::decimal(18, 2)
    from taken t join overdrawn o on o.shop_id = t.shop_id and o.order_id = t.order_id and o.nth = t.nth + 1
)
select settled.* from settled anti join (from taken where is_excessive) using (shop_id, refund_id);

create temp table orders as
select o.* exclude (closed_amount),
    cast(created_at as date) as created_day,
    cast(paid_at as date) as paid_day,
    case when paid_at is null then 0 else greatest(coalesce(r.amount, 0), closed_amount) end::decimal(18, 2) as refunded
from order_sums o
left join (
    select shop_id, order_id, sum(amount) as amount from refunds where completed_at is not null group by all
) r using (shop_id, order_id);

drop table order_sums;
