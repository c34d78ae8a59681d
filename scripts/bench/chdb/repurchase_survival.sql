-- repurchase_survival: the Kaplan-Meier curve with its standard error and interval.
-- sqrt of Greenwood's sum over |ln S| is the standard error of ln(-ln S). It exists only where 0 < S < 1.
select shop_id, dimension, dimension_value, nth, days, at_risk, events, censored, survival,
    if(survival > 0, survival * sqrt(coalesce(greenwood, 0)), null) as std_error,
    exp(-exp(centre + reach)) as ci_low,
    exp(-exp(centre - reach)) as ci_high
from (
    select *,
        if(survival > 0 and survival < 1, log(-log(survival)), null) as centre,
        if(survival > 0 and survival < 1, 1.959963984540054 * sqrt(greenwood) / abs(log(survival)), null) as reach
    from survival)
order by shop_id, dimension, dimension_value, nth, days
