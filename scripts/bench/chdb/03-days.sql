-- Orders and purchases in time order per customer, and their sums per shop and day. Makes purchases, shop_days, placed_days, paid_days,
-- bought_days, returned_days, all_traffic, traffic, ratings.

-- Who was there on an earlier day of a period is not counted again in it: with the customer's day before at hand, distinct customers of days,
-- weeks, months, quarters and years are plain sums over one table, instead of five passes of uniqExact.
create table placed_days engine = Memory as
select shop_id, date,
    count() as placed_orders, sum(placed_amount) as placed_amount, count(paid_at) as placed_and_paid,
    countIf(previous_day is null or previous_day < date) as customers_of_day,
    countIf(previous_day is null or previous_day < toStartOfWeek(date, 1)) as customers_of_week,
    countIf(previous_day is null or previous_day < toStartOfMonth(date)) as customers_of_month,
    countIf(previous_day is null or previous_day < toStartOfQuarter(date)) as customers_of_quarter,
    countIf(previous_day is null or previous_day < toStartOfYear(date)) as customers_of_year
from (
    select shop_id, created_day as date, placed_amount, paid_at,
        lag(created_day) over (partition by shop_id, customer_id order by created_day) as previous_day
    from orders)
group by shop_id, date;

create table paid_days engine = Memory as
select shop_id, date,
    count() as paid_orders, sum(paid_amount) as paid_amount, sum(quantity) as paid_quantity,
    sum(refunded) as refunded,
    count(shipped_at) as shipped_orders,
    sumIf(greatest(toUnixTimestamp64Micro(shipped_at) - toUnixTimestamp64Micro(paid_at), 0), shipped_at is not null) as microseconds_to_ship,
    countIf(previous_day is null or previous_day < date) as customers_of_day,
    countIf(previous_day is null or previous_day < toStartOfWeek(date, 1)) as customers_of_week,
    countIf(previous_day is null or previous_day < toStartOfMonth(date)) as customers_of_month,
    countIf(previous_day is null or previous_day < toStartOfQuarter(date)) as customers_of_quarter,
    countIf(previous_day is null or previous_day < toStartOfYear(date)) as customers_of_year
from (
    select shop_id, paid_day as date, paid_amount, quantity, refunded, shipped_at, paid_at,
        lag(paid_day) over (partition by shop_id, customer_id order by paid_day) as previous_day
    from orders where paid_at is not null)
group by shop_id, date;

create table purchases engine = Memory as
select shop_id, customer_id, paid_day, quantity, paid_amount, refunded, channel, province, category_id,
    row_number() over each_customer as nth_order,
    lag(paid_day) over each_customer as previous_day,
    lead(paid_day) over each_customer as later_day,
    first_value(paid_day) over each_customer as first_day,
    first_value(channel) respect nulls over each_customer as first_channel
from orders
where paid_at is not null and not went_back
window each_customer as (partition by shop_id, customer_id order by paid_at, order_id);

create table bought_days engine = Memory as
select shop_id, paid_day as date,
    count() as purchases, countIf(nth_order = 1) as new_customers,
    countIf(previous_day < paid_day) as returning_of_day,
    countIf(previous_day < toStartOfWeek(paid_day, 1)) as returning_of_week,
    countIf(previous_day < toStartOfMonth(paid_day)) as returning_of_month,
    countIf(previous_day < toStartOfQuarter(paid_day)) as returning_of_quarter,
    countIf(previous_day < toStartOfYear(paid_day)) as returning_of_year
from purchases
group by shop_id, paid_day;

create table returned_days engine = Memory as
select shop_id, toDate(completed_at) as date, count() as refunds, sum(amount) as refund_amount
from refunds where completed_at is not null
group by shop_id, toDate(completed_at);

create table all_traffic engine = Memory as
select shop_id, toDate(date) as date, channel, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds
from file({data:String} || '/traffic/**/*.parquet', Parquet)
where shop_id is not null and date < {next_day:Date}
    and coalesce(least(pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds) >= 0, true);

-- The shop's figures of a day are those of the row without a channel; visitors of several channels do not add up.
create table traffic engine = Memory as select * except (channel) from all_traffic where channel is null;

create table ratings engine = Memory as
select shop_id, customer_id, rated_at, description, service, delivery, logistics
from file({data:String} || '/ratings/**/*.parquet', Parquet)
where shop_id is not null and rated_at < {next_day:Date}
    and coalesce(least(description, service, delivery, logistics) >= 1 and greatest(description, service, delivery, logistics) <= 5, true);

-- A row for every day from the shop's first activity in any input.
create table shop_days engine = Memory as
select shop_id, first_day, first_day + arrayJoin(range(toUInt32({as_of:Date} - first_day + 1))) as date
from (
    select shop_id, assumeNotNull(min(date)) as first_day
    from (
        select shop_id, min(date) as date from placed_days group by shop_id
        union all
        select shop_id, min(date) from all_traffic group by shop_id
        union all
        select shop_id, toDate(min(rated_at)) from ratings group by shop_id
        union all
        select shop_id, toDate(min(created_at)) from refunds group by shop_id)
    group by shop_id);
