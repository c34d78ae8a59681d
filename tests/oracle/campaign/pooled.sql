-- reads: campaign_effect
-- Repeats of a campaign, within one shop and over all shops, put together: counts, and the difference that compares within each repeat. What comes
-- from random resamples (revenue with fewer than 50 buyers in an arm) is the program's, if it has the shape of such a figure.
create table oracle.campaign_pooled as
with arms as (
    select campaign_id, shop_id, campaign_name,
        bool_or(not is_complete) as is_running,
        coalesce(max(members) filter (where part = 'treated'), 0) as n1, coalesce(max(members) filter (where part = 'control'), 0) as n0,
        coalesce(max(buyers) filter (where part = 'treated'), 0) as x1, coalesce(max(buyers) filter (where part = 'control'), 0) as x0,
        coalesce(max(net_revenue) filter (where part = 'treated'), 0) as r1, coalesce(max(net_revenue) filter (where part = 'control'), 0) as r0
    from oracle.campaign_effect
    where part in ('treated', 'control') and campaign_name is not null
    group by all
),
judged as (
    select arms.*, v1, v0, n1 > 0 and n0 > 0 and not is_running as counts, cast(n1 * n0 as double) / (n1 + n0) as weight
    from arms left join (
        select campaign_id,
            -- The variance of an arm's mean; an arm of one member shows none.
            coalesce(var_samp(coalesce(net_revenue, 0)) filter (where arm = 'treated') / count(*) filter (where arm = 'treated'), 0) as v1,
            coalesce(var_samp(coalesce(net_revenue, 0)) filter (where arm = 'control') / count(*) filter (where arm = 'control'), 0) as v0
        from campaign_members group by all) as v using (campaign_id)
),
scoped as (
    select 'shop' as scope, shop_id as scope_shop, * from judged
    union all
    select 'all', null, * from judged
    where campaign_name in (select campaign_name from judged group by all having count(distinct shop_id) > 1)
),
summed as (
    select campaign_name, scope, scope_shop as shop_id,
        count(*) filter (where counts) as campaigns,
        count(*) filter (where is_running and n1 > 0 and n0 > 0) as campaigns_running,
        count(*) filter (where n1 = 0 or n0 = 0) as campaigns_without_arm,
        whole(coalesce(sum(n1) filter (where counts), 0)) as n1, whole(coalesce(sum(x1) filter (where counts), 0)) as x1,
        whole(coalesce(sum(n0) filter (where counts), 0)) as n0, whole(coalesce(sum(x0) filter (where counts), 0)) as x0,
        coalesce(sum(r1) filter (where counts), 0) as r1, coalesce(sum(r0) filter (where counts), 0) as r0,
        sum(weight * (ratio(x1, n1) - ratio(x0, n0))) filter (where counts) / sum(weight) filter (where counts) as conversion_difference,
        sum(weight * (ratio(r1, n1) - ratio(r0, n0))) filter (where counts) / sum(weight) filter (where counts) as revenue_difference,
        list([n1, x1, n0, x0] order by campaign_id) filter (where counts) as strata,
        -- For Welch's test over strata: the variance of the difference, and its parts by their freedom.
        sum(weight * weight * (v1 + v0)) filter (where counts) / pow(sum(weight) filter (where counts), 2) as variance,
        sum(pow(weight, 4) * (coalesce(ratio(v1 * v1, n1 - 1), 0) + coalesce(ratio(v0 * v0, n0 - 1), 0))) filter (where counts)
            / pow(sum(weight) filter (where counts), 4) as by_freedom
    from scoped group by all
),
-- Of one campaign Newcombe's limits, of several Sato's, which need 5 buyers in each arm.
limited as (
    select s.*, least(x1, x0) as fewest, variance * variance / by_freedom as freedom,
        case
            when s.campaigns = 1 then newcombe(n1, x1, n0, x0)
            when s.campaigns > 1 and least(x1, x0) >= 5 then sato(strata)
        end as limits,
        r.revenue_p_value as drawn_p,
        case when r.revenue_low <= s.revenue_difference and s.revenue_difference <= r.revenue_high then r end as drawn
    from summed s left join program.campaign_pooled r
        on r.campaign_name = s.campaign_name and r.scope = s.scope and r.shop_id is not distinct from s.shop_id
),
settled as (
    select *,
        case when fewest >= 50 then revenue_difference - student_limit(freedom) * sqrt(variance) when fewest >= 5 then taken(drawn.revenue_low) end as low,
        case when fewest >= 50 then revenue_difference + student_limit(freedom) * sqrt(variance) when fewest >= 5 then taken(drawn.revenue_high) end as high
    from limited
)
select campaign_name, scope, shop_id, campaigns, campaigns_running, campaigns_without_arm,
    n1 as treated_members, x1 as treated_buyers, n0 as control_members, x0 as control_buyers,
    money(r1) as treated_net_revenue, money(r0) as control_net_revenue,
    ratio(x1, n1) as treated_conversion, ratio(x0, n0) as control_conversion,
    ratio(r1, n1) as treated_revenue_per_member, ratio(r0, n0) as control_revenue_per_member,
    conversion_difference, limits[1] as conversion_low, limits[2] as conversion_high,
    case when campaigns > 0 then exact_p(strata) end as conversion_p_value,
    case
        when campaigns > 1 then 'mantel_haenszel'
        when campaigns = 1 and least(x1, n1 - x1, x0, n0 - x0) < 5 then 'newcombe_clopper_pearson'
        when campaigns = 1 then 'newcombe_wilson'
    end as conversion_method,
    revenue_difference,
    low as revenue_low, high as revenue_high,
    case
        when fewest >= 50 then student_above(abs(revenue_difference) / sqrt(variance), freedom)
        when campaigns > 0 then taken(round(drawn_p * 2000) / 2000)
    end as revenue_p_value,
    case when fewest >= 50 then 'welch' when campaigns > 0 then 'bootstrap' end as revenue_method,
    case
        when campaigns = 0 and campaigns_running > 0 then 'windows of all campaigns with two arms still run'
        when campaigns = 0 then 'no campaign with two arms: the effect cannot be told from the season'
        when fewest < 5 then 'too few buyers in an arm over all campaigns for limits'
        when low <= 0 and high >= 0 then 'the limits of the revenue difference hold 0: what the messages brought is not settled'
    end as note
from settled;
