-- only with orders.item_title: title_a, title_b
-- Which items are bought together more often than by chance, and which one after the other.
create table oracle.item_pairs as
with lines_of_purchases as (
    select distinct l.shop_id, l.order_id, o.customer_id, o.paid_day, l.item_id
    from lines l join orders o using (shop_id, order_id)
    where o.is_purchase and l.item_id is not null
),
-- An order of more than a hundred different items is left out.
baskets as (
    select * from lines_of_purchases qualify count(*) over (partition by shop_id, order_id) <= 100
),
shops as (select shop_id, count(distinct order_id) as orders from baskets group by all),
items as (
    select shop_id, item_id, count(distinct order_id) as orders, count(distinct customer_id) as customers from baskets group by all
),
together as (
    select shop_id, a.item_id as item_a, b.item_id as item_b, count(*) as orders_both
    from baskets a join baskets b using (shop_id, order_id)
    where a.item_id < b.item_id
    group by shop_id, a.item_id, b.item_id
    having count(*) >= getvariable('min_pair_orders')
),
tested as (
    select t.shop_id, item_a, item_b, orders_both, a.orders as orders_a, b.orders as orders_b, s.orders,
        a.customers as customers_a, b.customers as customers_b,
        exact_greater(orders_both, a.orders, b.orders, s.orders) as p_value,
        count(*) over (partition by t.shop_id) as pairs_tested
    from together t
    join shops s using (shop_id)
    join items a on a.shop_id = t.shop_id and a.item_id = item_a
    join items b on b.shop_id = t.shop_id and b.item_id = item_b
),
-- Of equal p-values all have the rank of the last one.
corrected as (
    select *, p_value * pairs_tested / count(*) over (partition by shop_id order by p_value) as own from tested
),
ranked as (
    select *,
        least(1.0, min(own) over (partition by shop_id order by p_value desc)) as q_value,
        row_number() over (
            partition by shop_id
            order by cast(orders_both * orders_both as hugeint) * 1000000000000000000000000::hugeint // (orders_a * orders_b) desc, item_a, item_b) as place
    from corrected
),
chosen as (select * from ranked where place <= getvariable('max_pairs')),
days as (select distinct shop_id, customer_id, item_id, paid_day from baskets where customer_id is not null),
firsts as (select shop_id, customer_id, item_id as item, min(paid_day) as paid_day from days group by all),
-- Each pair both ways, so that one is joined by what is equal.
directed as (
    select shop_id, item_a, item_b, item_a as item, item_b as next_item, true as is_forward from chosen
    union all
    select shop_id, item_a, item_b, item_b, item_a, false from chosen
),
-- By customer the next day with the other item after the first with the one.
later as (
    select p.shop_id, p.item_a, p.item_b, p.is_forward, f.customer_id, min(d.paid_day) - f.paid_day as gap
    from directed p
    join firsts f using (shop_id, item)
    join days d on d.shop_id = f.shop_id and d.customer_id = f.customer_id and d.item_id = p.next_item and d.paid_day > f.paid_day
    group by p.shop_id, p.item_a, p.item_b, p.is_forward, f.customer_id, f.paid_day
),
counted as (
    select shop_id, item_a, item_b,
        count(*) filter (where is_forward) as forward, median(gap) filter (where is_forward) as forward_days,
        count(*) filter (where not is_forward) as back, median(gap) filter (where not is_forward) as back_days
    from later group by all
)
select shop_id, item_a, item_b, a.title as title_a, b.title as title_b, orders_both, orders_a, orders_b, orders,
    ratio(orders_both, orders) as support, ratio(orders_both, orders_a) as confidence_a_b, ratio(orders_both, orders_b) as confidence_b_a,
    ratio(orders_both * orders, orders_a * orders_b) as lift, p_value, pairs_tested, q_value,
    customers_a, coalesce(forward, 0) as then_customers, ratio(coalesce(forward, 0), customers_a) as then_share,
    cast(forward_days as double) as then_median_days,
    customers_b, coalesce(back, 0) as then_customers_b_a, ratio(coalesce(back, 0), customers_b) as then_share_b_a,
    cast(back_days as double) as then_median_days_b_a
from chosen left join counted using (shop_id, item_a, item_b)
left join (select shop_id, item_id as item_a, title from item_titles) a using (shop_id, item_a)
left join (select shop_id, item_id as item_b, title from item_titles) b using (shop_id, item_b);
