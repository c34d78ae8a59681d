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
    select shop_id, customer_id, paid_day, from_date, purchases,
        paid_day - lag(paid_day) over (partition by shop_id, customer_id order by paid_day) as interval_days,
        revenue
    from (select shop_id, customer_id, paid_day, sum(net_revenue) as revenue, count(*) as purchases from purchases group by all), from_date
    where paid_day <= from_date and customer_id is not null
)
select shop_id, customer_id, from_date,
    from_date - max(paid_day) as recency_days,
    count(*) as purchase_days,
    whole(sum(purchases)) as orders,
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
            {'scheme': 'lifecycle', 'was': b.lifecycle, 'now': n.lifecycle, 'was_at': null, 'now_at': null},
            {'scheme': 'rfm_segment', 'was': b.rfm_segment, 'now': n.rfm_segment, 'was_at': null, 'now_at': null},
            {'scheme': 'value_tier', 'was': b.value_tier, 'now': n.value_tier, 'was_at': null, 'now_at': null},
            {'scheme': 'amount_band', 'was': amount_name(amount_place(b.net_revenue)), 'now': amount_name(amount_place(n.net_revenue)),
                'was_at': coalesce(case when b.orders > 0 then amount_place(b.net_revenue) end, 0), 'now_at': amount_place(n.net_revenue)},
            {'scheme': 'order_count', 'was': count_name(count_place(b.orders)), 'now': count_name(count_place(n.orders)),
                'was_at': case when b.orders > 0 then count_place(b.orders) else 0 end, 'now_at': count_place(n.orders)},
            {'scheme': 'member_level', 'was': level_name(reached_level(b.net_revenue, b.orders)), 'now': coalesce(n.member_level, '(none)'),
                'was_at': reached_level(b.net_revenue, b.orders), 'now_at': reached_level(n.net_revenue, n.orders)}]) as way
    from oracle.customers n left join marked_customers('measured_before') b using (shop_id, customer_id)
),
counted as (
    select shop_id, way.scheme as scheme, case when way.was_at = 0 then '(none)' else coalesce(way.was, '(none)') end as from_segment,
        way.now as to_segment, whole(way.was_at) as from_position, whole(way.now_at) as to_position,
        count(*) as customers, money(sum(since)) as net_revenue
    from pairs
    where way.scheme <> 'member_level' or len(getvariable('member_levels')) > 0
    group by all
)
select shop_id, scheme, from_segment, to_segment, from_position, to_position,
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
