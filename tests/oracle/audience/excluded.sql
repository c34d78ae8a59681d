-- reads: audience_*
-- Who met the condition of a strategy and is not on its list, and why.
create table oracle.audience_excluded as
select shop_id, customer_id, strategy, shop_name, reason, other_list, other_date from left_out left join shop_names using (shop_id);
