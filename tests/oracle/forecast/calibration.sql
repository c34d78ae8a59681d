-- reads: forecast_models
-- Tenths of the customers of each hold-out. Who is in which tenth rests on the program's predictions, whose parameters no table shows, so the
-- program's counts are taken for all tenths but the highest of each model, which has to have what is left of the totals that are known.
create table oracle.forecast_calibration as
with tenths as (
    select shop_id, model, decile, customers, predicted_purchases, actual_purchases,
        coalesce(sum(customers) over lower_ones, 0) as customers_before,
        coalesce(sum(predicted_purchases) over lower_ones, 0) as predicted_before, coalesce(sum(actual_purchases) over lower_ones, 0) as actual_before,
        lead(decile) over (partition by shop_id, model order by decile) is null as is_highest
    from (
        select shop_id, model, decile, customers, predicted_purchases, actual_purchases from program.forecast_calibration
        -- A model that predicted has tenths.
        union all
        select shop_id, model, 1, 0, 0, 0 from (select * from program.forecast_models where predicted_purchases is not null and model <> 'naive') as m
        anti join program.forecast_calibration using (shop_id, model))
    window lower_ones as (partition by shop_id, model order by decile rows between unbounded preceding and 1 preceding)
),
completed as (
    select t.shop_id, t.model, whole(1 + 10 * customers_before // h.hold_out_customers) as decile, p.is_used,
        whole(case when is_highest then h.hold_out_customers - customers_before else t.customers end) as customers,
        case when is_highest then p.predicted_purchases - predicted_before else t.predicted_purchases end as predicted_purchases,
        whole(case when is_highest then h.hold_out_purchases - actual_before else t.actual_purchases end) as actual_purchases
    from tenths t
    join oracle.forecast_models h using (shop_id, model)
    -- A model that could be used at the end of the calibration, and can be.
    join program.forecast_models p on p.shop_id = t.shop_id and p.model = t.model and p.predicted_purchases is not null and p.model <> 'naive'
)
select *, ratio(predicted_purchases, customers) as predicted_per_customer, ratio(actual_purchases, customers) as actual_per_customer
from completed;
