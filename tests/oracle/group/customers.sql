-- over groups: customers
-- The customers of groups, as those of shops: the models of the shops say nothing of them.
create table oracle.group_customers as
select shop_id as shop_group, * exclude (shop_id, p_alive, expected_purchases, expected_value) from of_groups;
