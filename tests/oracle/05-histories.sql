-- What models know of customers, in weeks, as of D and as of the end of the calibration. Makes calibrations, histories, earlier_histories.

-- The last fifth of the days from a shop's first order to D is held out.
create temp table calibrations as
select shop_id, (as_of() - min(created_day)) // 5 as hold_out_days, as_of() - cast((as_of() - min(created_day)) // 5 as integer) as calibration_end
from orders group by shop_id;

create temp table histories as
with earned as (
    -- What was returned without a known order may have been of the first day.
    select shop_id, customer_id, greatest(0, sum(net_revenue) filter (where paid_day > first_day) - coalesce(any_value(returned), 0)) as repeat_revenue
    from purchases left join (select shop_id, customer_id, sum(amount) as returned from returns group by all) using (shop_id, customer_id)
    group by all
)
select shop_id, customer_id, count(*) - 1 as x,
    max(date) - min(date) as days_to_last, as_of() - min(date) as days_to_end,
    (max(date) - min(date)) / 7 as t_x, (as_of() - min(date)) / 7 as until,
    any_value(repeat_revenue) as repeat_revenue
from purchase_days join earned using (shop_id, customer_id) group by all;

create temp table earlier_histories as
select shop_id, customer_id, count(*) filter (where date <= calibration_end) - 1 as x,
    calibration_end - min(date) as days, count(*) filter (where date > calibration_end) as actual,
    hold_out_days, calibration_end
from purchase_days join calibrations using (shop_id)
group by shop_id, customer_id, calibration_end, hold_out_days
having min(date) <= calibration_end;
