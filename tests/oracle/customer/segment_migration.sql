-- reads: customers
-- Where the customers of each segment stood a month ago, from their purchases up to then, and where they stand now.
create temp table measured_before as
with from_date as (
    select case
        when as_of() = last_day(as_of()) then last_day(as_of() - interval 1 month)
        else cast(as_of() - interval 1 month as date)
    end as from_date
),
days as (
    select shop_id, customer_id, paid_day, from_date,
        paid_day - lag(paid_day) over (partition by shop_id, customer_id order by paid_day) as interval_days,
        revenue
    from (select shop_id, customer_id, paid_day, sum(net_revenue) as revenue from purchases group by all), from_date
    where paid_day <= from_date and customer_id is not null
)
select shop_id, customer_id, from_date,
    from_date - max(paid_day) as recency_days,
    count(*) as purchase_days,
    arg_max(interval_days, paid_day) as last_interval_days,
    money(sum(revenue) - coalesce(any_value(returned), 0)) as net_revenue
from days
left join (
    select shop_id, customer_id, sum(amount) as returned from returns, from_date where "date" <= from_date group by all
) using (shop_id, customer_id)
group by shop_id, customer_id, from_date;

create table oracle.segment_migration as
with pairs as (
    select n.shop_id, n.net_revenue - coalesce(b.net_revenue, 0) as since,
        unnest([
            {'scheme': 'lifecycle', 'was': b.lifecycle, 'now': n.lifecycle},
            {'scheme': 'rfm_segment', 'was': b.rfm_segment, 'now': n.rfm_segment},
            {'scheme': 'value_tier', 'was': b.value_tier, 'now': n.value_tier}]) as way
    from oracle.customers n left join marked_customers('measured_before') b using (shop_id, customer_id)
),
counted as (
    select shop_id, way.scheme as scheme, coalesce(way.was, '(none)') as from_segment, way.now as to_segment,
        count(*) as customers, money(sum(since)) as net_revenue
    from pairs
    group by all
)
select shop_id, scheme, from_segment, to_segment,
    case
        when as_of() = last_day(as_of()) then last_day(as_of() - interval 1 month)
        else cast(as_of() - interval 1 month as date)
    end as from_date,
    as_of() as to_date,
    customers,
    whole(sum(customers) over segment) as from_customers,
    ratio(customers, sum(customers) over segment) as share_of_from,
    net_revenue
from counted
window segment as (partition by shop_id, scheme, from_segment);
