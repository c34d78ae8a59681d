-- Orders and purchases in time order per customer, and their sums per shop and day. Makes purchases, shop_days, placed_days, paid_days,
-- bought_days, returned_days, traffic.

-- Who was there on an earlier day of a period is not counted again in it: with the customer's day before at hand, distinct customers
-- of days, weeks, months, quarters and years are plain sums over one table, instead of five passes of count(distinct).
create macro arrives(grain, d, previous_day) as previous_day is null or previous_day < period_start(grain, d);
create macro returns(grain, d, previous_day) as previous_day < period_start(grain, d);

create temp table placed_days as
select shop_id, date,
    count(*) as placed_orders, sum(placed_amount) as placed_amount, count(paid_at) as placed_and_paid,
    count(*) filter (arrives('day', date, previous_day)) as customers_of_day,
    count(*) filter (arrives('week', date, previous_day)) as customers_of_week,
    count(*) filter (arrives('month', date, previous_day)) as customers_of_month,
    count(*) filter (arrives('quarter', date, previous_day)) as customers_of_quarter,
    count(*) filter (arrives('year', date, previous_day)) as customers_of_year
from (
    select shop_id, created_day as date, placed_amount, paid_at,
        lag(created_day) over (partition by shop_id, customer_id order by created_day) as previous_day
    from orders)
group by all;

create temp table paid_days as
select shop_id, date,
    count(*) as paid_orders, sum(paid_amount) as paid_amount, sum(quantity) as paid_quantity,
    sum(refunded) as refunded,
    count(shipped_at) as shipped_orders,
    sum(greatest(epoch_us(shipped_at) - epoch_us(paid_at), 0)) as microseconds_to_ship,
    count(*) filter (arrives('day', date, previous_day)) as customers_of_day,
    count(*) filter (arrives('week', date, previous_day)) as customers_of_week,
    count(*) filter (arrives('month', date, previous_day)) as customers_of_month,
    count(*) filter (arrives('quarter', date, previous_day)) as customers_of_quarter,
    count(*) filter (arrives('year', date, previous_day)) as customers_of_year
from (
    select shop_id, paid_day as date, paid_amount, quantity, refunded, shipped_at, paid_at,
        lag(paid_day) over (partition by shop_id, customer_id order by paid_day) as previous_day
    from orders where paid_at is not null)
group by all;

create temp table purchases as
select shop_id, customer_id, paid_day, quantity, paid_amount, refunded, channel, province, category_id,
    row_number() over each_customer as nth_order,
    lag(paid_day) over each_customer as previous_day,
    lead(paid_day) over each_customer as later_day,
    first_value(paid_day) over each_customer as first_day,
    first_value(channel) over each_customer as first_channel
from orders
where paid_at is not null and not went_back
window each_customer as (partition by shop_id, customer_id order by paid_at, order_id);

create temp table bought_days as
select shop_id, paid_day as date,
    count(*) as purchases, count(*) filter (nth_order = 1) as new_customers,
    count(*) filter (returns('day', paid_day, previous_day)) as returning_of_day,
    count(*) filter (returns('week', paid_day, previous_day)) as returning_of_week,
    count(*) filter (returns('month', paid_day, previous_day)) as returning_of_month,
    count(*) filter (returns('quarter', paid_day, previous_day)) as returning_of_quarter,
    count(*) filter (returns('year', paid_day, previous_day)) as returning_of_year
from purchases
group by all;

create temp table returned_days as
select shop_id, cast(completed_at as date) as date, count(*) as refunds, sum(amount) as refund_amount
from refunds where completed_at is not null group by all;

create temp table all_traffic as
select shop_id, cast(date as date) as date, channel, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds
from read_parquet(getvariable('data') || '/traffic/**/*.parquet', hive_partitioning = true)
where shop_id is not null and date < getvariable('next_day')
    and coalesce(least(pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds) >= 0, true);

-- The shop's figures of a day are those of the row without a channel; visitors of several channels do not add up.
create temp table traffic as select * exclude (channel) from all_traffic where channel is null;

create temp table ratings as
select shop_id, customer_id, rated_at, description, service, delivery, logistics
from read_parquet(getvariable('data') || '/ratings/**/*.parquet', hive_partitioning = true)
where shop_id is not null and rated_at < getvariable('next_day')
    and coalesce(least(description, service, delivery, logistics) >= 1 and greatest(description, service, delivery, logistics) <= 5, true);

-- A row for every day from the shop's first activity in any input.
create temp table shop_days as
select shop_id, first_day, cast(unnest(generate_series(first_day, getvariable('as_of'), interval 1 day)) as date) as date
from (
    select shop_id, min(date) as first_day
    from (
        select shop_id, min(date) as date from placed_days group by all
        union all
        select shop_id, min(date) from all_traffic group by all
        union all
        select shop_id, cast(min(rated_at) as date) from ratings group by all
        union all
        select shop_id, cast(min(created_at) as date) from refunds group by all)
    group by all);
