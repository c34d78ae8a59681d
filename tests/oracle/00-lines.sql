-- Rows of the orders input: which are after the as-of date, which are rejected, which were superseded, which are used.
-- Reads raw_orders (see compare.py: huitou's column names, local times, file, row). Makes order_rows, lines and item_titles.

create macro day(moment) as cast(moment as date);
create macro as_of() as getvariable('as_of');
create macro known(moment) as case when day(moment) <= as_of() then moment end;
-- The start of the period in which a day lies, and the period's last day. DuckDB's weeks begin on Monday: one from Sunday holds the days
-- whose morrows are in one of those.
create macro days_ahead(grain) as to_days(case when grain = 'week' and getvariable('week_starts') = 'sunday' then 1 else 0 end);
create macro period_start(grain, d) as cast(date_trunc(grain, d + days_ahead(grain)) - days_ahead(grain) as date);
create macro next_start(grain, start_day) as cast(case grain
    when 'day' then start_day + interval 1 day
    when 'week' then start_day + interval 7 day
    when 'month' then start_day + interval 1 month
    when 'quarter' then start_day + interval 3 month
    when 'year' then start_day + interval 1 year end as date);
create macro period_end(grain, start_day) as cast(next_start(grain, start_day) - interval 1 day as date);
-- Whether anything says which orders were paid.
create macro knows_payment() as getvariable('has_paid_at') or getvariable('has_status');
create macro ratio(part, whole) as case when whole <> 0 then cast(part as double) / cast(whole as double) end;
-- A figure of the program that cannot be computed anew, where there must be one: without it a value that is never equal.
create macro taken(figure) as coalesce(cast(figure as double), 'nan'::double);
create macro money(amount) as cast(amount as decimal(18, 2));
create macro whole(number) as cast(number as bigint);

create temp table statuses as
select * from (values
    ('TRADE_NO_CREATE_PAY', 'unpaid', null), ('WAIT_BUYER_PAY', 'unpaid', null), ('PAY_PENDING', 'unpaid', null),
    ('WAIT_PRE_AUTH_CONFIRM', 'unpaid', null),
    ('PAID_FORBID_CONSIGN', 'paid', 'shipping'), ('WAIT_SELLER_SEND_GOODS', 'paid', 'shipping'),
    ('SELLER_CONSIGNED_PART', 'paid', 'shipping'),
    ('WAIT_BUYER_CONFIRM_GOODS', 'paid', 'completion'), ('TRADE_BUYER_SIGNED', 'paid', 'completion'), ('TRADE_FINISHED', 'paid', null),
    ('TRADE_CLOSED', 'refunded', null), ('TRADE_CLOSED_BY_TAOBAO', 'cancelled', null)) as t(status, fate, awaited);

create temp table judged_orders as
with meant as (
    select r.* exclude (paid_at),
        s.fate, s.awaited,
        -- Without a paid_at column the status decides who paid; without either, everybody did, when the order was created.
        case
            when getvariable('has_paid_at') then r.paid_at
            when not getvariable('has_status') then r.created_at
            when s.fate in ('paid', 'refunded') then r.created_at
        end as paid_at
    from raw_orders r left join statuses s using (status)
),
reasoned as (
    select *,
        coalesce(day(modified_at) > as_of(), false) or coalesce(day(created_at) > as_of(), false) as is_after,
        list_filter([
            case when shop_id is null or order_id is null or created_at is null then 'null_key' end,
            case when unparseable then 'unparseable_value' end,
            -- The stated refund is looked at only where no refunds input says better.
            case when paid_amount < 0 or order_amount < 0 or quantity < 0
                or (refund_amount < 0 and not getvariable('has_refunds')) then 'negative_amount' end,
            case when paid_at < created_at then 'paid_before_created' end,
            case when known(paid_at) is not null and paid_amount is null then 'paid_without_amount' end,
            case when status is not null and fate is null then 'unknown_status' end,
            case when not getvariable('has_refunds') and refund_amount > coalesce(paid_amount, 0) then 'refund_exceeds_paid' end
        ], lambda reason: reason is not null) as reasons
    from meant
)
select *,
    case when is_after then 'after_as_of' when len(reasons) > 0 then 'rejected' else 'valid' end as verdict
from reasoned;

-- The greatest modified_at wins; between equals the row that comes last in (file path, row).
create temp table settled_orders as
select *
from judged_orders
where verdict = 'valid'
qualify row_number() over (partition by shop_id, order_id, line_id order by modified_at desc nulls last, file desc, row desc) = 1;

create temp table conflicts as
select shop_id, order_id
from settled_orders
group by all
-- A line that names nobody is not one of the customer of the others.
having count(distinct customer_id) > 1 or (count(customer_id) > 0 and count(customer_id) < count(*));

-- The state of every row that was read: used, superseded, rejected or after_as_of.
create temp table order_rows as
select j.file, j.row,
    case
        when c.order_id is not null then 'rejected'
        when j.verdict = 'valid' and s.row is null then 'superseded'
        when j.verdict = 'valid' then 'used'
        else j.verdict
    end as state,
    case when c.order_id is not null then ['customer_conflict'] else j.reasons end as reasons
from judged_orders j
left join settled_orders s using (file, row)
left join conflicts c on s.shop_id = c.shop_id and s.order_id = c.order_id;

-- The order lines as they stood at the end of day D. What happened later has not happened.
create temp table lines as
select shop_id, order_id, line_id, customer_id, named_id, channel, province, category_id, item_id, promotion,
    -- What was still to be paid had not been closed yet.
    case when not coalesce(day(settled_orders.paid_at) > as_of(), false) then settled_orders.fate end as fate,
    -- What a paid line is said to wait for.
    case when known(paid_at) is not null then awaited end as awaited,
    created_at, known(paid_at) as paid_at, known(shipped_at) as shipped_at,
    -- A trade that was closed after a refund ended, but was not completed.
    case when fate is distinct from 'refunded' then known(completed_at) end as completed_at,
    coalesce(paid_amount, 0) as paid_amount, coalesce(order_amount, paid_amount, 0) as order_amount,
    coalesce(refund_amount, 0) as refund_amount, coalesce(quantity, 1) as quantity,
    -- Less than nothing cannot have been taken off, and nothing is of what is not paid.
    case when discount_amount >= 0 and known(paid_at) is not null then discount_amount end as discount_amount
from settled_orders
anti join conflicts using (shop_id, order_id);

-- What a shop called an item on the last day on which an order with it was placed.
create temp table item_titles as
select shop_id, item_id, arg_max(item_title, {'day': day(created_at), 'title': item_title}) as title
from judged_orders
where verdict = 'valid' and item_id is not null and trim(item_title) <> ''
group by all;

drop table judged_orders;
drop table settled_orders;
