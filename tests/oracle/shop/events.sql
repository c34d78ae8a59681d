-- The days of the events of each shop: those of all shops and its own, from its first day on.
create table oracle.shop_events as
select starts.shop_id, day(e."date") as date, trim(e.name) as event, bool_or(e.shop_id is null) as is_of_all_shops
from shop_starts starts join event_rows e on e.shop_id is null or e.shop_id = starts.shop_id
where e.state = 'used' and starts.first_day is not null and day(e."date") >= starts.first_day
group by all;
