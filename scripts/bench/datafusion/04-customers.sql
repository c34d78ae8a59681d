-- Purchase days with their neighbours, the waits between them, and the customers. Makes purchase_days, survival, waits, customers.
create table purchase_days as
select shop_id, customer_id, coalesce(first_channel, '(none)') as channel, paid_day as date, previous_day,
    row_number() over each_customer as nth,
    lead(paid_day) over each_customer as next_day
from purchases
where previous_day is null or previous_day < paid_day
window each_customer as (partition by shop_id, customer_id order by paid_day);

-- How many waits of so many days followed the nth purchase day, by first channel and of all; nth = 0 for all together. Few rows, from which
-- everything about intervals follows: quantiles and curves need no second look at the customers.
create table waits as
with counted as (
    select shop_id, channel, cast(nth as bigint) as nth, coalesce(next_day, $as_of) - date as days,
        count(next_day) as events, count(*) - count(next_day) as censored
    from purchase_days
    group by shop_id, channel, cast(nth as bigint), coalesce(next_day, $as_of) - date
),
divided as (
    select shop_id, 'first_channel' as dimension, channel as dimension_value, nth, days, events, censored from counted
    union all
    select shop_id, 'all', 'all', nth, days, sum(events), sum(censored) from counted group by shop_id, nth, days
)
select shop_id, dimension, dimension_value, nth, days, events, censored from divided where nth <= 10
union all
select shop_id, dimension, dimension_value, 0, days, sum(events), sum(censored) from divided
group by shop_id, dimension, dimension_value, days;

-- Kaplan-Meier with the sum of Greenwood's formula; events of a day come before the censorings of that day. There is no aggregate that
-- multiplies; the logarithm of 0 is negative infinity, of which the exponential is 0 again.
create table survival as
with exposed as (
    -- In the order of days, as what follows: DataFusion would go through the sums below backwards, and subtract, if this one came from the end.
    select *,
        sum(events + censored) over (partition by shop_id, dimension, dimension_value, nth)
            - sum(events + censored) over (partition by shop_id, dimension, dimension_value, nth order by days) + events + censored as at_risk
    from waits
)
select *,
    exp(sum(ln(1 - cast(events as double) / at_risk)) over upwards) as survival,
    sum(case when at_risk > events then events / (at_risk * cast(at_risk - events as double)) end) over upwards as greenwood
from exposed
window upwards as (partition by shop_id, dimension, dimension_value, nth order by days);

create table customers as
with totals as (
    select shop_id, customer_id,
        min(paid_day) as first_purchase_date,
        max(paid_day) as last_purchase_date,
        count(*) filter (where previous_day is null or previous_day < paid_day) as purchase_days,
        count(*) as orders,
        sum(quantity) as quantity,
        cast(sum(paid_amount) as decimal(18, 2)) as paid_amount,
        cast(sum(refunded) as decimal(18, 2)) as refund_amount,
        max(channel) filter (where nth_order = 1) as first_channel,
        max(category_id) filter (where nth_order = 1) as first_category,
        max(province) filter (where later_day is null) as province
    from purchases
    group by shop_id, customer_id
),
intervals as (
    select shop_id, customer_id,
        median(cast(next_day - date as double)) as median_interval_days,
        max(date - previous_day) filter (where next_day is null) as last_interval_days
    from purchase_days
    where next_day is not null or previous_day is not null
    group by shop_id, customer_id
),
measured as (
    select t.*,
        cast(paid_amount - refund_amount as decimal(18, 2)) as net_revenue,
        $as_of - last_purchase_date as recency_days,
        $as_of - first_purchase_date as age_days,
        median_interval_days, last_interval_days
    from totals t
    left join intervals i on t.shop_id = i.shop_id and t.customer_id = i.customer_id
),
scored as (
    -- rank() - 1 customers of the shop are strictly worse.
    select *,
        case when recency_days <= 15 then 5 when recency_days <= 30 then 4 when recency_days <= 90 then 3 when recency_days <= 180 then 2 else 1
            end as r_score,
        1 + 5 * (cast(rank() over (partition by shop_id order by purchase_days) as bigint) - 1) / count(*) over shop as f_score,
        1 + 5 * (cast(rank() over (partition by shop_id order by net_revenue) as bigint) - 1) / count(*) over shop as m_score,
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
    cast(paid_amount as double) / orders as order_value,
    recency_days, age_days,
    cast(last_purchase_date - first_purchase_date as double) / nullif(purchase_days - 1, 0) as mean_interval_days,
    median_interval_days, last_interval_days,
    cast(date_trunc('month', first_purchase_date) as date) as cohort_month,
    first_channel, first_category, province,
    case
        when recency_days <= 30 and purchase_days = 1 then 'new'
        when recency_days <= 30 and last_interval_days > 180 then 'reactivated'
        when recency_days <= 30 then 'active'
        when recency_days <= 90 then 'quiet'
        when recency_days <= 180 then 'dormant'
        else 'churned'
    end as lifecycle,
    r_score, f_score, m_score,
    case
        when r_high and f_high and m_high then 'champion'
        when r_high and m_high then 'promising'
        when f_high and m_high then 'must_keep'
        when m_high then 'win_back'
        when r_high and f_high then 'regular'
        when r_high then 'recent'
        when f_high then 'fading'
        else 'lost'
    end as rfm_segment,
    case
        when shop_revenue <= 0 then 'C'
        when revenue_before * 100 < shop_revenue * 80 then 'A'
        when revenue_before * 100 < shop_revenue * 95 then 'B'
        else 'C'
    end as value_tier
from marked;
