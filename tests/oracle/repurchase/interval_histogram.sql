-- How many observed intervals had each length.
create table oracle.interval_histogram as
select shop_id, nth, days, count(*) as intervals
from (
    select shop_id, nth, days from intervals where is_closed and nth <= getvariable('max_nth')
    union all
    select shop_id, 0, days from intervals where is_closed)
group by all;
