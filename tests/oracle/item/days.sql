-- reads: items
-- only with orders.item_title: title
-- The items of tier A, day by day: what was paid, and who looked.
create table oracle.item_days as
with sold as (
    select shop_id, item_id, paid_day as date, count(distinct order_id) as orders, count(distinct customer_id) as buyers,
        whole(sum(quantity)) as quantity, sum(paid) as paid
    from item_lines group by all
),
visited as (
    select shop_id, item_id, day("date") as date, ipv, ipv_uv, cart_adds, favorites from item_traffic_rows where state = 'used'
)
select shop_id, item_id, title, date, coalesce(orders, 0) as orders, coalesce(buyers, 0) as buyers, coalesce(quantity, 0) as quantity,
    money(coalesce(paid, 0) / 100.0) as paid_amount, ipv, ipv_uv, ratio(coalesce(buyers, 0), ipv_uv) as item_conversion,
    cart_adds, ratio(cart_adds, ipv_uv) as cart_rate, favorites, ratio(favorites, ipv_uv) as favorite_rate
from sold full join visited using (shop_id, item_id, date)
left join item_titles using (shop_id, item_id)
semi join (select * from oracle.items where tier = 'A') using (shop_id, item_id)
where as_of() - date between 0 and 89;
