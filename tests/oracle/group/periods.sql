-- reads: total_periods
-- The periods of groups: they are scopes like the totals.
create table oracle.group_periods as
select category as shop_group, * exclude (scope, category) from scope_periods where scope = 'group';
