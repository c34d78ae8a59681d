-- What the used models expect of the customers, at the program's parameters, by formulas of its own. Customers with the same history are one.
-- Makes month_ends, expectations, forecasts, newcomers.

-- The months that forecast_months looks at, with the days after D between which what is to come of them lies.
create temp table month_ends as
select month, ahead, last_day(month) - as_of() as until_day, greatest(month - as_of() - 1, 0) as from_day
from (
    select ahead, cast(date_trunc('month', as_of()) + to_months(ahead) as date) as month
    from (select cast(unnest(range(getvariable('months') + 1)) as integer) as ahead))
where last_day(month) > as_of();

create temp table used_models as
select shop_id, case when regularity = 1 then replace(model, '_cnbd_k', '_nbd') else model end as formula,
    r, alpha, coalesce(a, s) as a, coalesce(b, beta) as b
from program.forecast_models where is_used and model <> 'gamma_gamma';

create temp table expectations as
with cells as (select distinct shop_id, x, t_x, until, days_to_last, days_to_end from histories)
select shop_id, x, days_to_last, days_to_end, days, any_value(p_alive(formula, r, alpha, a, b, x, t_x, until)) as p_alive,
    any_value(case when formula = 'naive' then case when days_to_end > 0 then x * days / days_to_end else 0 end
        else purchases_to_come(formula, r, alpha, a, b, x, t_x, until, days / 7) end) as purchases
from cells join used_models using (shop_id)
cross join (
    select getvariable('horizon_days') as days union select until_day from month_ends union select from_day from month_ends)
group by all;

create temp table forecasts as
select h.shop_id, h.customer_id, e.p_alive, e.purchases as expected_purchases,
    -- Between the mean of the customer's repeat days and that of all customers, the latter for who bought once.
    p * (gamma + coalesce(repeat_revenue, 0)) / (p * h.x + q - 1) as day_value
from histories h
join expectations e on e.shop_id = h.shop_id and e.x = h.x and e.days_to_last = h.days_to_last and e.days_to_end = h.days_to_end
    and e.days = getvariable('horizon_days')
left join (select shop_id, p, q, gamma from program.forecast_models where is_used and model = 'gamma_gamma') as v on v.shop_id = h.shop_id;

-- What a customer who buys for the first time is expected to buy in so many days after that day, and what a purchase day of such a one brings.
create temp table newcomers as
select shop_id, days, case when formula = 'naive' then rate * days else purchases_to_come(formula, r, alpha, a, b, 0, 0, 0, days / 7) end as purchases,
    v.day_value
from used_models
join (select shop_id, sum(x) / nullif(sum(days_to_end), 0) as rate from histories group by all) as before using (shop_id)
cross join (select cast(unnest(range((select max(until_day) + 1 from month_ends))) as integer) as days)
left join (
    select shop_id, p * gamma / (q - 1) as day_value from program.forecast_models where is_used and model = 'gamma_gamma') as v using (shop_id);
