-- Purchase days with their neighbours, the waits between them, and the customers. Makes purchase_days, survival, waits, customers.
create table purchase_days engine = Memory as
select shop_id, customer_id, coalesce(first_channel, '(none)') as channel, paid_day as date, previous_day,
    row_number() over each_customer as nth,
    lead(paid_day) over each_customer as next_day
from purchases
where previous_day is null or previous_day < paid_day
window each_customer as (partition by shop_id, customer_id order by paid_day);

-- How many waits of so many days followed the nth purchase day, by first channel and of all; nth = 0 for all together. Few rows, from which
-- everything about intervals follows: quantiles and curves need no second look at the customers.
create table counted_waits engine = Memory as
select shop_id, channel, toInt64(nth) as nth, toInt64(coalesce(next_day, {as_of:Date}) - date) as days,
    toInt64(count(next_day)) as events, toInt64(count()) - events as censored
from purchase_days
group by shop_id, channel, nth, days;

create table divided_waits engine = Memory as
select shop_id, 'first_channel' as dimension, channel as dimension_value, nth, days, events, censored from counted_waits
union all
select shop_id, 'all', 'all', nth, days, sum(events), sum(censored) from counted_waits group by shop_id, nth, days;

create table waits engine = Memory as
select shop_id, dimension, dimension_value, nth, days, events, censored from divided_waits where nth <= 10
union all
select shop_id, dimension, dimension_value, toInt64(0), days, sum(events), sum(censored) from divided_waits
group by shop_id, dimension, dimension_value, days;

-- Kaplan-Meier with the sum of Greenwood's formula; events of a day come before the censorings of that day. There is no aggregate that
-- multiplies; the logarithm of 0 is negative infinity, of which the exponential is 0 again.
create table survival engine = Memory as
with exposed as (
    select *, sum(events + censored) over (partition by shop_id, dimension, dimension_value, nth order by days desc) as at_risk from waits
)
select *,
    exp(sum(log(1 - events / at_risk)) over upwards) as survival,
    sum(if(at_risk > events, events / (at_risk * toFloat64(at_risk - events)), null)) over upwards as greenwood
from exposed
window upwards as (partition by shop_id, dimension, dimension_value, nth order by days);

create table customers engine = Memory as
with totals as (
    select shop_id, customer_id,
        min(paid_day) as first_purchase_date,
        max(paid_day) as last_purchase_date,
        toInt64(countIf(previous_day is null or previous_day < paid_day)) as purchase_days,
        toInt64(count()) as orders,
        sum(quantity) as quantity,
        money(sum(paid_amount)) as paid_amount,
        money(sum(refunded)) as refund_amount,
        maxIf(channel, nth_order = 1) as first_channel,
        maxIf(category_id, nth_order = 1) as first_category,
        maxIf(province, later_day is null) as province
    from purchases
    group by shop_id, customer_id
),
intervals as (
    select shop_id, customer_id,
        quantileExactInclusive(0.5)(next_day - date) as median_interval_days,
        toInt64(maxIf(date - previous_day, next_day is null)) as last_interval_days
    from purchase_days
    where next_day is not null or previous_day is not null
    group by shop_id, customer_id
),
measured as (
    select t.*,
        money(paid_amount - refund_amount) as net_revenue,
        toInt64({as_of:Date} - last_purchase_date) as recency_days,
        toInt64({as_of:Date} - first_purchase_date) as age_days,
        median_interval_days, last_interval_days
    from totals t left join intervals i using (shop_id, customer_id)
),
scored as (
    -- rank() - 1 customers of the shop are strictly worse.
    select *,
        toInt64(multiIf(recency_days <= 15, 5, recency_days <= 30, 4, recency_days <= 90, 3, recency_days <= 180, 2, 1)) as r_score,
        toInt64(1 + intDiv(5 * (rank() over (partition by shop_id order by purchase_days) - 1), count() over shop)) as f_score,
        toInt64(1 + intDiv(5 * (rank() over (partition by shop_id order by net_revenue) - 1), count() over shop)) as m_score,
        sum(net_revenue) over (partition by shop_id order by net_revenue desc, customer_id) - net_revenue as revenue_before,
        sum(net_revenue) over shop as shop_revenue
    from measured
    window shop as (partition by shop_id)
),
marked as (
    select *,
        r_score >= 3 as r_high,
        f_score >= avg(f_score) over shop as f_high,
        m_score >= avg(m_score) over shop as m_high
    from scored
    window shop as (partition by shop_id)
)
select shop_id, customer_id, first_purchase_date, last_purchase_date, purchase_days, orders, quantity,
    paid_amount, refund_amount, net_revenue,
    ratio(paid_amount, orders) as order_value,
    recency_days, age_days,
    ratio(last_purchase_date - first_purchase_date, purchase_days - 1) as mean_interval_days,
    median_interval_days, last_interval_days,
    toStartOfMonth(first_purchase_date) as cohort_month,
    first_channel, first_category, province,
    multiIf(
        recency_days <= 30 and purchase_days = 1, 'new',
        recency_days <= 30 and last_interval_days > 180, 'reactivated',
        recency_days <= 30, 'active',
        recency_days <= 90, 'quiet',
        recency_days <= 180, 'dormant',
        'churned') as lifecycle,
    r_score, f_score, m_score,
    multiIf(
        r_high and f_high and m_high, 'champion',
        r_high and m_high, 'promising',
        f_high and m_high, 'must_keep',
        m_high, 'win_back',
        r_high and f_high, 'regular',
        r_high, 'recent',
        f_high, 'fading',
        'lost') as rfm_segment,
    multiIf(
        shop_revenue <= 0, 'C',
        revenue_before * 100 < shop_revenue * 80, 'A',
        revenue_before * 100 < shop_revenue * 95, 'B',
        'C') as value_tier
from marked;

drop table counted_waits sync;
drop table divided_waits sync;
