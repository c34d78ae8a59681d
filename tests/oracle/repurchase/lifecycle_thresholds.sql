-- reads: customers
-- For each candidate limit: who was idle that long, who came back, and the chance to come back later still.
create table oracle.lifecycle_thresholds as
with candidates as (
    select distinct unnest(list_concat([7, 14, 30, 45, 60, 90, 120, 180, 270, 365], getvariable('own_thresholds'))) as idle_days
),
counted as (
    select shop_id, idle_days,
        count(*) filter (where days >= idle_days) as idle_customers,
        count(*) filter (where days >= idle_days and is_closed) as came_back
    from intervals cross join candidates group by all
),
curve as (
    select shop_id, idle_days,
        max(days) as last_days,
        min(survival) as last_survival,
        coalesce(min(survival) filter (where days <= idle_days), 1) as s_now,
        coalesce(min(survival) filter (where days <= idle_days + 30), 1) as s_30,
        coalesce(min(survival) filter (where days <= idle_days + 90), 1) as s_90
    from survival cross join candidates where dimension = 'all' and nth = 0 group by all
),
chances as (
    select shop_id, idle_days, idle_customers, came_back,
        case when last_days >= idle_days or last_survival = 0 then s_now end as survival,
        case when last_days >= idle_days + 30 or last_survival = 0 then s_30 end as survival_30_days,
        case when last_days >= idle_days + 90 or last_survival = 0 then s_90 end as survival_90_days,
        case when s_now > 0 and (last_days >= idle_days + 30 or last_survival = 0) then 1 - s_30 / s_now end as return_chance_30_days,
        case when s_now > 0 and (last_days >= idle_days + 90 or last_survival = 0) then 1 - s_90 / s_now end as return_chance_90_days
    from counted join curve using (shop_id, idle_days)
),
-- "Below" by more than a rounding of the curve, at all later candidates too, of which there is one; and not at all earlier ones.
known as (
    select *, lead(idle_days) over ascending is not null as has_later,
        max(return_chance_90_days) over (partition by shop_id order by idle_days rows between current row and unbounded following) as later_chance,
        lag(return_chance_90_days) over ascending as earlier_chance
    from chances where return_chance_90_days is not null
    window ascending as (partition by shop_id order by idle_days)
),
smallest as (
    select shop_id,
        min(idle_days) filter (where later_chance < 0.5 - 1e-12 and earlier_chance >= 0.5 - 1e-12 and has_later) as for_active,
        min(idle_days) filter (where later_chance < 0.2 - 1e-12 and earlier_chance >= 0.2 - 1e-12 and has_later) as for_quiet,
        min(idle_days) filter (where later_chance < 0.05 - 1e-12 and earlier_chance >= 0.05 - 1e-12 and has_later) as for_dormant
    from known group by all
),
suggestions as (
    select c.*,
        case idle_days when for_active then 'active' when for_quiet then 'quiet' when for_dormant then 'dormant' end as suggested
    from chances c left join smallest using (shop_id)
),
moved as (
    select s.shop_id, s.idle_days,
        count(*) filter (where c.lifecycle <> lifecycle_stage(c.purchase_days, c.recency_days, c.last_interval_days,
            case when suggested = 'active' then s.idle_days else getvariable('active_days') end,
            case when suggested = 'quiet' then s.idle_days else getvariable('quiet_days') end,
            case when suggested = 'dormant' then s.idle_days else getvariable('dormant_days') end)) as customers_moved
    from suggestions s join oracle.customers c using (shop_id)
    where suggested is not null
    group by all
)
select shop_id, whole(idle_days) as idle_days, idle_customers, came_back, ratio(came_back, idle_customers) as came_back_rate,
    survival, survival_30_days, survival_90_days,
    nullif(concat_ws(',', case when idle_days = getvariable('active_days') then 'active' end,
        case when idle_days = getvariable('quiet_days') then 'quiet' end, case when idle_days = getvariable('dormant_days') then 'dormant' end), '')
        as in_force,
    return_chance_30_days, return_chance_90_days, suggested, customers_moved
from suggestions left join moved using (shop_id, idle_days);
