-- Purchases, purchase days, intervals, and the shops' calendars.
-- Makes purchases, returns, purchase_days, intervals, buyers, divided, divided_intervals, survival, shop_starts, shop_days.

create temp table purchases as
select shop_id, customer_id, named_id, order_id, paid_at, paid_day, quantity, paid_amount, refunded, paid_amount - refunded as net_revenue,
    channel, province, category_id, promotion,
    min(paid_day) over (partition by shop_id, customer_id) as first_day
from orders
where is_purchase;

-- Refunds of orders that are not there and name a customer, each as far as the purchases up to its day, less the returns before it, leave
-- anything: of running sums P of purchases and R of returns, R + min(0, least P - R so far) is what was taken up to each.
create temp table returns as
with claimed as (
    select shop_id, customer_id, refund_id, completed_at, amount,
        sum(amount) over earlier as claimed
    from refunds where is_unknown_order and completed_at is not null and amount > 0 and customer_id is not null
    window earlier as (partition by shop_id, customer_id order by completed_at, refund_id)
),
covered as (
    select c.*, coalesce((
        select sum(p.net_revenue) from purchases p
        where p.shop_id = c.shop_id and p.customer_id = c.customer_id and p.paid_day <= day(c.completed_at)), 0) as bought
    from claimed c
),
taken as (
    select *, claimed + least(0, min(bought - claimed) over (partition by shop_id, customer_id order by completed_at, refund_id)) as taken
    from covered
)
select shop_id, customer_id, day(completed_at) as date,
    taken - coalesce(lag(taken) over (partition by shop_id, customer_id order by completed_at, refund_id), 0) as amount
from taken;

create temp table purchase_days as
select shop_id, customer_id, paid_day as date,
    row_number() over each_customer as nth,
    lead(paid_day) over each_customer as next_date
from (select distinct shop_id, customer_id, paid_day from purchases where customer_id is not null)
window each_customer as (partition by shop_id, customer_id order by paid_day);

-- From each purchase day to the next one, or to D where none has come yet (censored).
create temp table intervals as
select shop_id, customer_id, nth, date, coalesce(next_date, as_of()) - date as days, next_date is not null as is_closed
from purchase_days;

-- Each customer of a purchase, with the orders at both ends. Purchases stand in order of (paid time, order id).
create temp table buyers as
with first_lines as (
    select shop_id, order_id, arg_min({'item_id': item_id}, line_id).item_id as item_id from lines group by shop_id, order_id
),
ordered as (
    select *,
        row_number() over (partition by shop_id, customer_id order by paid_at, order_id) as nth_order,
        row_number() over (partition by shop_id, customer_id order by paid_at desc, order_id desc) as nth_from_end
    from purchases left join first_lines using (shop_id, order_id)
    where customer_id is not null
)
select shop_id, customer_id,
    min(paid_day) as first_purchase_date,
    max(paid_day) as last_purchase_date,
    count(distinct paid_day) as purchase_days,
    count(*) as orders,
    whole(sum(quantity)) as quantity,
    money(sum(paid_amount)) as paid_amount,
    money(sum(refunded) + coalesce(any_value(returned), 0)) as refund_amount,
    money(sum(net_revenue) - coalesce(any_value(returned), 0)) as net_revenue,
    max(channel) filter (where nth_order = 1) as first_channel,
    max(category_id) filter (where nth_order = 1) as first_category,
    max(item_id) filter (where nth_order = 1) as first_item,
    max(promotion) filter (where nth_order = 1) as first_promotion,
    max(paid_amount) filter (where nth_order = 1) as first_paid_amount,
    max(province) filter (where nth_from_end = 1) as province
from ordered left join (select shop_id, customer_id, sum(amount) as returned from returns group by all) using (shop_id, customer_id)
group by shop_id, customer_id;

-- Bands of amounts in steps of 1, 2 and 5 times a power of ten; a band holds its lower limit.
create temp table amount_bands as
select step, step || '-' || lead(step) over (order by step) as band
from (select cast(unnest([1, 2, 5]) * power(10, p) as bigint) as step from range(0, 13) as powers(p));

-- Each buyer undivided and under one value of each dimension.
-- Of their first items, the 20 of a shop with the most buyers are values, the others are one value; of as many, the lower id comes first.
create temp table divided as
with first_items as (
    select shop_id, first_item, row_number() over (partition by shop_id order by count(*) desc, first_item) <= 20 as is_shown
    from buyers where first_item is not null group by shop_id, first_item
)
select shop_id, customer_id, 'all' as dimension, 'all' as dimension_value, first_purchase_date, orders from buyers
union all
select shop_id, customer_id, dimension,
    coalesce(case dimension
        when 'first_channel' then first_channel
        when 'first_category' then cast(first_category as varchar)
        when 'first_item' then case when is_shown then cast(first_item as varchar) when first_item is not null then '(other)' end
        when 'first_order_value_band' then coalesce(band, '<1')
        when 'first_promotion' then first_promotion
        when 'province' then province end, '(none)'),
    first_purchase_date, orders
from (select * from buyers asof left join amount_bands on first_paid_amount >= step)
left join first_items using (shop_id, first_item)
cross join (select unnest(getvariable('dimensions')) as dimension);

-- Their intervals by nth; nth = 0 for all intervals together.
create temp table divided_intervals as
select shop_id, dimension, dimension_value, nth, days, is_closed
from divided join (
    select shop_id, customer_id, nth, days, is_closed from intervals where nth <= getvariable('max_nth')
    union all
    select shop_id, customer_id, 0, days, is_closed from intervals) using (shop_id, customer_id);

-- Kaplan-Meier for each of these. Events of a day come before the censorings of that day.
create temp table survival as
with counted as (
    select shop_id, dimension, dimension_value, nth, days,
        count(*) filter (where is_closed) as events,
        count(*) filter (where not is_closed) as censored
    from divided_intervals
    group by all
),
exposed as (
    select *,
        whole(sum(events + censored) over (partition by shop_id, dimension, dimension_value, nth order by days desc)) as at_risk
    from counted
)
select *,
    product(1 - events / at_risk) over upwards as survival,
    -- The sum in Greenwood's formula; undefined once nobody is left.
    sum(case when at_risk > events then events / (at_risk * cast(at_risk - events as double)) end) over upwards as greenwood
from exposed
window upwards as (partition by shop_id, dimension, dimension_value, nth order by days);

create temp table shop_starts as
select shop_id, min(date) as first_day
from (
    select shop_id, day(created_at) as date from lines
    union all
    select shop_id, date from traffic_days
    union all
    select shop_id, day(rated_at) from ratings
    union all
    select shop_id, day(created_at) from refunds
    union all
    -- Figures of whole months and periods name no day.
    select shop_id, day("date") from complaint_rows where state = 'used'
    union all
    select shop_id, day("date") from keyword_rows where state = 'used'
    union all
    select shop_id, day(occurred_at) from violation_rows where state = 'used'
    union all
    select shop_id, day("date") from item_traffic_rows where state = 'used')
group by shop_id;

create temp table shop_days as
select shop_id, first_day, cast(unnest(generate_series(first_day, as_of(), interval 1 day)) as date) as date
from shop_starts;
