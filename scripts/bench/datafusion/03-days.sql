-- Orders and purchases in time order per customer, and their sums per shop and day. Makes calendar, purchases, shop_days, placed_days,
-- paid_days, bought_days, returned_days, all_traffic, traffic, ratings.

-- Where the periods of each day begin: date_trunc takes no column as its first argument.
create table calendar as
select date, cast(date_trunc('week', date) as date) as week, cast(date_trunc('month', date) as date) as month,
    cast(date_trunc('quarter', date) as date) as quarter, cast(date_trunc('year', date) as date) as year
from (
    select unnest(generate_series(cast(date_trunc('year', first_day) as date), $as_of, interval '1 day')) as date
    from (
        select min(date) as first_day from (
            select min(created_day) as date from orders
            union all select min(date) from traffic_input
            union all select cast(min(rated_at) as date) from ratings_input
            union all select cast(min(created_at) as date) from refunds)));

-- Who was there on an earlier day of a period is not counted again in it: with the customer's day before at hand, distinct customers of days,
-- weeks, months, quarters and years are plain sums over one table, instead of five passes of count(distinct).
create table placed_days as
select shop_id, date,
    count(*) as placed_orders, sum(placed_amount) as placed_amount, count(paid_at) as placed_and_paid,
    count(*) filter (where previous_day is null or previous_day < date) as customers_of_day,
    count(*) filter (where previous_day is null or previous_day < week) as customers_of_week,
    count(*) filter (where previous_day is null or previous_day < month) as customers_of_month,
    count(*) filter (where previous_day is null or previous_day < quarter) as customers_of_quarter,
    count(*) filter (where previous_day is null or previous_day < year) as customers_of_year
from (
    select shop_id, created_day, placed_amount, paid_at,
        lag(created_day) over (partition by shop_id, customer_id order by created_day) as previous_day
    from orders) o
join calendar c on c.date = o.created_day
group by shop_id, date;

create table paid_days as
select shop_id, date,
    count(*) as paid_orders, sum(paid_amount) as paid_amount, sum(quantity) as paid_quantity,
    sum(refunded) as refunded,
    count(shipped_at) as shipped_orders,
    sum(greatest(cast(shipped_at as bigint) - cast(paid_at as bigint), case when shipped_at is not null then 0 end)) as microseconds_to_ship,
    count(*) filter (where previous_day is null or previous_day < date) as customers_of_day,
    count(*) filter (where previous_day is null or previous_day < week) as customers_of_week,
    count(*) filter (where previous_day is null or previous_day < month) as customers_of_month,
    count(*) filter (where previous_day is null or previous_day < quarter) as customers_of_quarter,
    count(*) filter (where previous_day is null or previous_day < year) as customers_of_year
from (
    select shop_id, paid_day, paid_amount, quantity, refunded, shipped_at, paid_at,
        lag(paid_day) over (partition by shop_id, customer_id order by paid_day) as previous_day
    from orders where paid_at is not null) o
join calendar c on c.date = o.paid_day
group by shop_id, date;

create table purchases as
select shop_id, customer_id, paid_day, quantity, paid_amount, refunded, channel, province, category_id,
    row_number() over each_customer as nth_order,
    lag(paid_day) over each_customer as previous_day,
    lead(paid_day) over each_customer as later_day,
    first_value(paid_day) over each_customer as first_day,
    first_value(channel) over each_customer as first_channel
from orders
where paid_at is not null and not went_back
window each_customer as (partition by shop_id, customer_id order by paid_at, order_id);

create table bought_days as
select shop_id, date,
    count(*) as purchases, count(*) filter (where nth_order = 1) as new_customers,
    count(*) filter (where previous_day < date) as returning_of_day,
    count(*) filter (where previous_day < week) as returning_of_week,
    count(*) filter (where previous_day < month) as returning_of_month,
    count(*) filter (where previous_day < quarter) as returning_of_quarter,
    count(*) filter (where previous_day < year) as returning_of_year
from purchases p
join calendar c on c.date = p.paid_day
group by shop_id, date;

create table returned_days as
select shop_id, cast(completed_at as date) as date, count(*) as refunds, sum(amount) as refund_amount
from refunds where completed_at is not null
group by shop_id, cast(completed_at as date);

create table all_traffic as
select shop_id, date, channel, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds
from traffic_input
where shop_id is not null and date < $next_day
    and coalesce(least(pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds) >= 0, true);

-- The shop's figures of a day are those of the row without a channel; visitors of several channels do not add up.
create table traffic as select * exclude (channel) from all_traffic where channel is null;

create table ratings as
select shop_id, customer_id, rated_at, description, service, delivery, logistics
from ratings_input
where shop_id is not null and rated_at < $next_day
    and coalesce(least(description, service, delivery, logistics) >= 1 and greatest(description, service, delivery, logistics) <= 5, true);

-- A row for every day from the shop's first activity in any input.
create table shop_days as
select shop_id, first_day, unnest(generate_series(first_day, $as_of, interval '1 day')) as date
from (
    select shop_id, min(date) as first_day
    from (
        select shop_id, min(date) as date from placed_days group by shop_id
        union all
        select shop_id, min(date) from all_traffic group by shop_id
        union all
        select shop_id, cast(min(rated_at) as date) from ratings group by shop_id
        union all
        select shop_id, cast(min(created_at) as date) from refunds group by shop_id)
    group by shop_id);
