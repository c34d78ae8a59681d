-- over groups: cohort_retention
-- The cohorts of groups, as those of shops.
create table oracle.group_cohort_retention as
select shop_id as shop_group, * exclude (shop_id) from of_groups;
