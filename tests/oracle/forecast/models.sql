-- Models of each shop's customers. The parameters are the program's, held by its tests against published ones; what they are fitted to, how likely
-- that is under them, what was held out, what "as often as before" made of it and which model is used is computed anew.
-- leaves out: status, reason, regularity, iterations, hold_out_status, hold_out_reason, hold_out_log_likelihood
-- leaves out: r, r_std_error, alpha, alpha_std_error, a, a_std_error, b, b_std_error, s, s_std_error, beta, beta_std_error
-- leaves out: p, p_std_error, q, q_std_error, gamma, gamma_std_error
-- leaves out: predicted_purchases, mean_absolute_error, root_mean_squared_error, gini
-- leaves out: used_gain, used_gain_std_error, mean_absolute_error_gain_std_error, gini_gain_std_error
create table oracle.forecast_models as
with shops as (
    select shop_id, count(*) as customers, count(*) filter (where x > 0) as repeat_customers,
        count(*) filter (where repeat_revenue > 0) as valued_customers
    from histories group by all
),
models as (
    select shop_id, customers, repeat_customers, unnest(case getvariable('model')
            when 'auto' then ['bg_nbd', 'mbg_nbd', 'pareto_nbd', 'bg_cnbd_k', 'mbg_cnbd_k', 'gamma_gamma']
            else [getvariable('model'), 'gamma_gamma'] end) as model,
        case when (case when model = 'gamma_gamma' then valued_customers else repeat_customers end) >= 200 or (select count(*) from shops) = 1
            then 'shop' else 'all_shops' end as fitted_on
    from shops
    -- "As often as before" where a model was tried and ranks customers worse, and none is used.
    union all
    select shop_id, customers, repeat_customers, 'naive', 'shop' from shops where shop_id in (
        select shop_id from program.forecast_models where status in ('ok', 'worse_than_naive') and model not in ('gamma_gamma', 'naive')
        group by all having bool_or(gini_gain < -2 * gini_gain_std_error) and not bool_or(is_used))
),
-- The customers that a model is fitted to: the shop's, or those of all shops together.
scopes as (
    select *, case when fitted_on = 'shop' then shop_id end as scope from models
),
fitted as (
    select s.scope, s.model = 'gamma_gamma' as is_value, x, days_to_last, days_to_end, t_x, until, repeat_revenue
    from (select distinct scope, model = 'gamma_gamma' as is_value, case when model = 'gamma_gamma' then model else '' end as model from scopes) as s
    join histories h on (s.scope is null or h.shop_id = s.scope) and (not is_value or repeat_revenue > 0)
),
counted as (
    select scope, is_value, count(*) as fitted_customers,
        case when is_value then count(distinct (x, repeat_revenue / x)) else count(distinct (x, days_to_last, days_to_end)) end as cells,
        case when is_value then corr(x, repeat_revenue / x) end as value_correlation
    from fitted group by scope, is_value
),
cells as (
    select scope, is_value, x, t_x, until, case when is_value then repeat_revenue / x end as mean_value, count(*) as number from fitted group by all
),
estimates as (
    select distinct s.scope, p.model, case when p.regularity = 1 then replace(p.model, '_cnbd_k', '_nbd') else p.model end as formula,
        r, alpha, coalesce(a, p.s) as a, coalesce(b, beta) as b, p, q, gamma, regularity
    from scopes s join program.forecast_models p using (shop_id, model)
    where coalesce(r, q) is not null
),
likelihoods as (
    select e.scope, e.model,
        sum(number * case
            when e.model = 'gamma_gamma' then lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * ln(gamma)
                + (p * x - 1) * ln(mean_value) + p * x * ln(x) - (p * x + q) * ln(gamma + x * mean_value)
            else log_likelihood(formula, r, alpha, a, b, x, t_x, until)
        end) as log_likelihood
    from estimates e join cells c on c.scope is not distinct from e.scope and c.is_value = (e.model = 'gamma_gamma')
    where coalesce(regularity, 1) = 1
    group by all
),
held_out as (
    select shop_id, any_value(calibration_end) as calibration_end, any_value(hold_out_days) as hold_out_days,
        count(*) as hold_out_customers, whole(sum(actual)) as hold_out_purchases,
        sum(naive) as naive_purchases, avg(abs(naive - actual)) as naive_mean_absolute_error,
        sqrt(avg(pow(naive - actual, 2))) as naive_root_mean_squared_error
    from (select *, case when days > 0 then x / days * hold_out_days else 0 end as naive from earlier_histories)
    group by all
),
-- The area under the actual purchases in the order of some score, the best first; customers with equal scores are spread evenly.
areas as (
    select shop_id, kind, sum(number * (total_so_far - actual / 2)) / sum(number) / nullif(sum(actual), 0) - 0.5 as gini
    from (
        select shop_id, kind, score, number, actual, sum(actual) over (partition by shop_id, kind order by score desc) as total_so_far
        from (
            select shop_id, kind, score, count(*) as number, sum(actual) as actual
            from (
                select shop_id, 'naive' as kind, round(case when days > 0 then x / days else 0 end, 12) as score, actual from earlier_histories
                union all select shop_id, 'actual', actual, actual from earlier_histories)
            group by all))
    group by all
),
ginis as (
    select n.shop_id, case when a.gini > 1e-12 then n.gini / a.gini end as naive_gini
    from areas n join areas a on a.shop_id = n.shop_id and n.kind = 'naive' and a.kind = 'actual'
),
-- A used model is not beaten: by no other one by more than two standard errors that is likelier over the whole history too.
best as (
    select u.shop_id, u.model,
        case when getvariable('model') <> 'auto' then 'job' when u.hold_out_log_likelihood is not null then 'hold_out' else 'log_likelihood' end
            as chosen_by
    from program.forecast_models u
    where u.is_used and u.status = 'ok' and u.model not in ('gamma_gamma', 'naive') and not exists (
        from program.forecast_models o
        where o.shop_id = u.shop_id and o.status = 'ok' and o.used_gain < -2 * o.used_gain_std_error and o.log_likelihood >= u.log_likelihood)
)
select s.shop_id, s.model, s.fitted_on,
    -- With the parameters of all shops all hold-outs together decide, which no table shows; likewise whether a doubtful gamma_gamma is of use.
    case when s.model = 'naive' then true when s.fitted_on = 'shop' and s.model <> 'gamma_gamma' then coalesce(best.model = s.model, false)
        else p.is_used end as is_used,
    case when s.model = 'naive' then 'worse_than_naive' when s.model = 'gamma_gamma' or not p.is_used then null
        when s.fitted_on = 'shop' then best.chosen_by else p.chosen_by end as chosen_by,
    s.customers, s.repeat_customers, c.fitted_customers, c.cells,
    -- Where parameters ran off towards infinity (s and beta of a hundred million) the program is exact to some seven digits only.
    case
        when coalesce(p.regularity, 1) > 1 or p.status <> 'ok' and abs(p.log_likelihood / l.log_likelihood - 1) < 1e-6 then p.log_likelihood
        else l.log_likelihood
    end as log_likelihood,
    h.calibration_end, h.hold_out_days, h.hold_out_customers, h.hold_out_purchases,
    ratio(p.predicted_purchases, h.hold_out_purchases) as predicted_per_actual,
    h.naive_purchases, h.naive_mean_absolute_error, h.naive_root_mean_squared_error,
    case when s.model <> 'gamma_gamma' then g.naive_gini end as naive_gini,
    case when s.model <> 'naive' then h.naive_mean_absolute_error - p.mean_absolute_error end as mean_absolute_error_gain,
    case when s.model <> 'naive' then p.gini - g.naive_gini end as gini_gain,
    case
        when s.model = 'naive' or coalesce(p.mean_absolute_error_gain_std_error, p.gini_gain_std_error) is null then null
        when p.gini - g.naive_gini < -2 * p.gini_gain_std_error then 'ranks_worse'
        when h.naive_mean_absolute_error - p.mean_absolute_error < -2 * p.mean_absolute_error_gain_std_error then 'misses_more'
        when p.gini - g.naive_gini > 2 * p.gini_gain_std_error
            or h.naive_mean_absolute_error - p.mean_absolute_error > 2 * p.mean_absolute_error_gain_std_error then 'better'
        else 'no_better'
    end as verdict,
    verdict = 'better' as beats_naive,
    case when s.model = 'gamma_gamma' then c.value_correlation end as value_correlation
from scopes s
left join counted c on c.scope is not distinct from s.scope and c.is_value = (s.model = 'gamma_gamma')
left join likelihoods l on l.scope is not distinct from s.scope and l.model = s.model
left join held_out h on h.shop_id = s.shop_id and s.model <> 'gamma_gamma'
left join ginis g on g.shop_id = s.shop_id
left join best on best.shop_id = s.shop_id
left join program.forecast_models p on p.shop_id = s.shop_id and p.model = s.model;
