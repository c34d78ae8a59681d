-- repurchase_survival: the Kaplan-Meier curve with its standard error and interval.
-- sqrt of Greenwood's sum over |ln S| is the standard error of ln(-ln S). It exists only where 0 < S < 1.
select shop_id, dimension, dimension_value, nth, days, at_risk, events, censored, survival,
    case when survival > 0 then survival * sqrt(coalesce(greenwood, 0)) end as std_error,
    exp(-exp(centre + reach)) as ci_low,
    exp(-exp(centre - reach)) as ci_high
from (
    select *,
        case when survival > 0 and survival < 1 then ln(-ln(survival)) end as centre,
        case when survival > 0 and survival < 1 then 1.959963984540054 * sqrt(greenwood) / abs(ln(survival)) end as reach
    from survival)
order by shop_id, dimension, dimension_value, nth, days
