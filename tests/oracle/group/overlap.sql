-- The customers that two shops of a group share.
create table oracle.group_overlap as
with grouped as (
    select shop_id, shop_group from shop_rows where state = 'used' and nullif(shop_group, '') is not null and getvariable('group_ids') = 'shared'
),
people as (select distinct shop_group, shop_id, customer_id from purchases join grouped using (shop_id) where customer_id is not null),
sizes as (select shop_group, shop_id, count(*) as customers from people group by all),
shared as (
    select a.shop_group, a.shop_id as shop_a, b.shop_id as shop_b, count(*) as customers_of_both
    from people a join people b on a.shop_group = b.shop_group and a.customer_id = b.customer_id and a.shop_id < b.shop_id
    group by all
)
select a.shop_group, a.shop_id as shop_a, b.shop_id as shop_b, a.customers as customers_a, b.customers as customers_b,
    coalesce(customers_of_both, 0) as customers_of_both,
    ratio(coalesce(customers_of_both, 0), a.customers) as share_of_a,
    ratio(coalesce(customers_of_both, 0), b.customers) as share_of_b
from sizes a join sizes b on a.shop_group = b.shop_group and a.shop_id < b.shop_id
left join shared s on s.shop_group = a.shop_group and s.shop_a = a.shop_id and s.shop_b = b.shop_id;
