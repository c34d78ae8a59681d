-- Orders, lines and refunds of the shops of groups, as if each group were one shop. The tables that 03-purchases.sql made of shops are there
-- before, and are made anew afterwards.
create temp table grouped as
select shop_id, shop_group from shop_rows where state = 'used' and nullif(shop_group, '') is not null;

-- Orders of two shops may have the same number; of the same moment those of the lower shop come first.
create or replace temp table orders as
select g.shop_group as shop_id, {'shop': o.shop_id, 'id': o.order_id} as order_id, o.* exclude (shop_id, order_id)
from orders o join grouped g using (shop_id);

create or replace temp table lines as
select g.shop_group as shop_id, {'shop': l.shop_id, 'id': l.order_id} as order_id, l.* exclude (shop_id, order_id)
from lines l join grouped g using (shop_id);

-- A refund of an unknown order takes away what its own shop sold: the returns of shops are known, and come to no more in the group.
create or replace temp table refunds as
select g.shop_group as shop_id, r.customer_id, row_number() over (order by r.shop_id, r.customer_id, r.date) as refund_id,
    cast(r.date as timestamp) as created_at, cast(r.date as timestamp) as completed_at, r.amount, true as is_unknown_order
from returns r join grouped g using (shop_id);
