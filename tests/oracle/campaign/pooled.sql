-- reads: campaign_effect
-- Repeats of a campaign, within one shop and over all shops, put together: counts, and the difference that compares within each repeat.
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
    select *, n1 > 0 and n0 > 0 and not is_running as counts, cast(n1 * n0 as double) / (n1 + n0) as weight from arms
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
        list([n1, x1, n0, x0] order by campaign_id) filter (where counts) as strata
    from scoped group by all
),
-- Of one campaign Newcombe's limits, of several Sato's, which need 5 buyers in each arm.
limited as (
    select *,
        case
            when campaigns = 1 then newcombe(n1, x1, n0, x0)
            when campaigns > 1 and least(x1, x0) >= 5 then sato(strata)
        end as limits
    from summed
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
    revenue_difference
from limited;
