-- What it changes that the ids of a person are one customer: every id that an order names as somebody, and every person.
create table oracle.identity_effect as
with bought as (
    select shop_id, 'linked' as way, customer_id as who, paid_day from purchases where customer_id is not null
    union all
    select shop_id, 'strict', named_id, paid_day from purchases where customer_id is not null
),
somebody as (
    select shop_id, way, who, count(distinct paid_day) as days, min(paid_day) as first_day, max(paid_day) as last_day from bought group by all
),
counted as (
    select shop_id, way, count(*) as customers, count(*) filter (where days >= 2) as repeat,
        count(*) filter (where last_day > as_of() - 365) as recent,
        count(*) filter (where last_day > as_of() - 365 and first_day <= as_of() - 365) as came_again
    from somebody group by all
),
brought as (select shop_id, sum(net_revenue) as net_revenue from buyers group by all),
figures as (
    select shop_id, way, unnest([
        {'metric': 'customers', 'unit': 'customers', 'numerator': money(customers), 'denominator': cast(null as bigint)},
        {'metric': 'net_revenue_per_customer', 'unit': 'CNY per customer', 'numerator': money(net_revenue), 'denominator': customers},
        {'metric': 'repeat_rate', 'unit': '1', 'numerator': money(repeat), 'denominator': customers},
        {'metric': 'returning_share', 'unit': '1', 'numerator': money(came_again), 'denominator': recent}], recursive := true)
    from counted join brought using (shop_id)
),
valued as (
    select *, case when metric = 'customers' then cast(numerator as double) else ratio(numerator, denominator) end as value from figures
)
select s.shop_id, s.metric, s.unit, s.value as strict, l.value as linked, l.value - s.value as difference,
    s.numerator as strict_numerator, s.denominator as strict_denominator, l.numerator as linked_numerator, l.denominator as linked_denominator
from valued s join valued l on l.shop_id = s.shop_id and l.metric = s.metric and l.way = 'linked'
where s.way = 'strict';
