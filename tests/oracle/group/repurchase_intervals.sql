-- over groups: repurchase_intervals
-- The intervals of the customers of groups, as those of shops.
create table oracle.group_repurchase_intervals as
select shop_id as shop_group, * exclude (shop_id) from of_groups;
