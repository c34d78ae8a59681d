-- How many observed intervals had each length.
create table oracle.interval_histogram as
select shop_id, dimension, dimension_value, nth, days, count(*) as intervals
from divided_intervals
where is_closed
group by all;
