-- over groups: segment_value
-- The segments of groups, as those of shops.
create table oracle.group_segment_value as
select shop_id as shop_group, * exclude (shop_id, forecast_customers, expected_alive, mean_p_alive, expected_purchases, expected_value) from of_groups;
