-- of the program: assessment_results (assessment VARCHAR, period_start DATE, period_end DATE, metric VARCHAR, test VARCHAR, status VARCHAR, pass_probability DOUBLE, value DOUBLE, threshold DOUBLE, threshold_to_date DOUBLE, unit VARCHAR, needed DOUBLE, needed_unit VARCHAR)
-- of the program: plan_progress (month DATE, measure VARCHAR, channel VARCHAR, unit VARCHAR, actual DECIMAL(18,2), expected_by_now DECIMAL(18,2), gap_by_now DECIMAL(18,2), projected_gap DECIMAL(18,2), status VARCHAR)
-- of the program: revenue_bridge (grain VARCHAR, period_start DATE, is_complete BOOLEAN, paid_amount DECIMAL(18,2), refund_share_expected DOUBLE)
-- of the program: items (item_id BIGINT, tier VARCHAR, trend DOUBLE, amount_30 DECIMAL(18,2), amount_30_before DECIMAL(18,2))
-- of the program: store_stage (month DATE, stage VARCHAR)
-- of the program: alerts (date DATE, metric VARCHAR, unit VARCHAR, value DOUBLE, expected DOUBLE, score DOUBLE, severity VARCHAR, is_good BOOLEAN)
-- of the program: restatements ("table" VARCHAR, metric VARCHAR, grain VARCHAR, period_start DATE, dimension VARCHAR, unit VARCHAR, old DOUBLE, new DOUBLE, difference DOUBLE, relative DOUBLE)
-- leaves out: text_en, text_zh
-- The figures of other tables, which have witnesses of their own: what of them is a line of the brief, and in which order.

create table oracle.brief as
with notes as (
    select shop_id, 'assessment_at_risk' as kind, 1 as kind_order, is_lost, severity, value, expected, unit, 0.0 as stake,
        'assessment_results' as source_table, source_key
    from (
        -- Of those that cannot be met any more the first two.
        select *, row_number() over (partition by shop_id, is_lost order by severity, source_key) as place
        from (
            select *, case when status = 'running_fail' and period_end - as_of() <= 31 and not is_lost then 'alarm' else 'watch' end as severity,
                coalesce(threshold_to_date, threshold) as expected,
                format('assessment={}, period_start={}, metric={}', assessment, period_start, metric) as source_key
            from (
                -- What nothing makes good any more: no simulation passes, and nothing is needed, or a rate above 1.
                select *, status = 'running_fail' and (
                    needed is null and coalesce(pass_probability = 0, false)
                    or coalesce(needed_unit = 'rate of the days to come' and needed > 1, false)
                ) as is_lost
                from program.assessment_results
            )
            -- A window of days up to the as-of date is complete every night, and missed in it is missed now.
            where (status = 'running_fail' or (status = 'fail' and period_end = as_of()) or pass_probability < 0.5)
                and value is not null and threshold is not null
        )
    )
    where not is_lost or place <= 2
    qualify row_number() over (partition by shop_id order by is_lost, severity, source_key) <= 4
    union all
    select shop_id, 'plan_behind', 2, false, case when projected_gap > 0 then 'alarm' else 'watch' end,
        actual, expected_by_now, unit, case when measure = 'new_items' then 0 else gap_by_now end, 'plan_progress',
        format('month={}, measure={}, channel=(all)', month, measure)
    from program.plan_progress
    where status = 'behind' and measure <> 'ad_cost' and (measure <> 'new_items' or gap_by_now >= 1)
    qualify measure = 'new_items'
        or row_number() over (
            partition by shop_id, measure = 'new_items' order by list_position(['sales', 'net_sales', 'sales_year_to_date'], measure)
        ) = 1
    union all
    select shop_id, 'refunds_grow', 3, false, 'watch', last.refund_share_expected, before.refund_share_expected, '1',
        CAST(last.paid_amount AS DOUBLE) * (last.refund_share_expected - before.refund_share_expected), 'revenue_bridge',
        format('grain=month, period_start={}', last.period_start)
    from program.revenue_bridge as last join program.revenue_bridge as before using (shop_id, grain, is_complete)
    where grain = 'month' and is_complete
        and last.period_start = date_trunc('month', as_of() + 1) - INTERVAL 1 MONTH and before.period_start = last.period_start - INTERVAL 1 MONTH
        and before.refund_share_expected > 0
        and last.refund_share_expected >= before.refund_share_expected + 0.02
        and last.refund_share_expected >= before.refund_share_expected * 1.25
    union all
    -- Of a shop one: what fails now, then what passes now, then the greatest difference of an amount of a month.
    select shop_id, 'restated', 4, false, severity, new, old, unit, stake, 'restatements', source_key
    from (
        select *, format('table={}, metric={}, grain={}, period_start={}, dimension={}', "table", metric, grain, period_start, dimension) as source_key
        from (
            select r.*, abs(r.difference) as stake, 'watch' as severity from program.restatements as r
            where r."table" = 'shop_periods' and r.grain = 'month' and r.metric in ('paid_amount', 'net_by_payment')
                and r.difference <> 0 and coalesce(abs(r.relative) >= 0.01, true)
            union all
            select r.*, 0.0, case a.status when 'fail' then 'alarm' else 'watch' end
            from program.restatements as r
            join program.assessment_results as a
                on (a.shop_id, a.assessment, a.period_start, a.metric) = (r.shop_id, r.dimension, r.period_start, r.metric)
            where r."table" = 'assessment_results' and a.status in ('pass', 'fail')
                and case a.test
                    when 'at_least' then (r.new >= a.threshold) = (a.status = 'pass') and (r.old >= a.threshold) <> (a.status = 'pass')
                    when 'at_most' then (r.new <= a.threshold) = (a.status = 'pass') and (r.old <= a.threshold) <> (a.status = 'pass')
                    when 'below' then (r.new < a.threshold) = (a.status = 'pass') and (r.old < a.threshold) <> (a.status = 'pass')
                end
        )
    )
    qualify row_number() over (partition by shop_id order by severity, stake desc, source_key desc) = 1
    union all
    select shop_id, 'item_falls', 5, false, 'watch', amount_30, amount_30_before, 'CNY', amount_30_before - amount_30, 'items', format('item_id={}', item_id)
    from program.items where tier = 'A' and trend <= -0.5
    qualify row_number() over (partition by shop_id order by amount_30_before - amount_30 desc, item_id) = 1
    union all
    select shop_id, 'stage_changed', 8, false, 'info', null, null, null, 0, 'store_stage', format('month={}', month)
    from (
        select shop_id, month, stage, lag(stage) over w as before, row_number() over (partition by shop_id order by month desc) as from_last
        from program.store_stage where stage is not null window w as (partition by shop_id order by month)
    ) where from_last = 1 and before <> stage
    union all
    select shop_id, 'alarm', 0, false, case when severity = 'alarm' and not is_good then 'alarm' else 'watch' end, value, expected, unit, stake, 'alerts',
        format('date={}, metric={}', date, metric)
    from (
        select *, row_number() over (kin order by severity, abs(score) desc, metric) as place,
            max(case when metric in ('paid_amount', 'refund_amount') then abs(value - expected) else 0 end) over kin as stake
        from program.alerts where date = as_of() and (severity = 'alarm' or severity = 'watch' and not is_good) and is_good is not null
        -- What goes the same way of sales, orders, buyers and conversion is one line, about the one that is farthest off.
        window kin as (
            partition by shop_id, is_good,
                case when metric in ('paid_amount', 'placed_orders', 'paying_customers', 'conversion') then '' else metric end
        )
    )
    where place = 1
    qualify row_number() over (partition by shop_id order by is_good, severity, abs(score) desc, metric) <= 3
    union all
    select * from (
        select shop_id, 'list_ready', 7, false, case when is_unpaid then 'watch' else 'info' end, customers, null, 'customers',
            case when is_unpaid then unpaid else brought end as stake, 'audience_' || strategy as source_table, null
        from (
            select shop_id, strategy, count(*) as customers, count(*) = count(*) filter (where unpaid_amount > 0) as is_unpaid,
                sum(unpaid_amount) as unpaid, coalesce(sum(net_revenue), 0) as brought
            from program.all_lists where arm = 'treated' group by shop_id, strategy
        )
        qualify row_number() over (partition by shop_id order by is_unpaid desc, stake desc, source_table) <= 3
    )
),
weighed as (
    select *, CAST(case when is_lost then 5 else [70, 60, 50, 40, 35, 30, 0, 20, 10][kind_order + 1] end + case severity when 'alarm' then 30 when 'watch' then 10 else 0 end AS BIGINT) as weight from notes
)
select shop_id,
    row_number() over (partition by shop_id order by weight desc, stake desc, kind_order, source_table, source_key) as rank,
    kind, severity, weight, source_table, source_key, CAST(value AS DOUBLE) as value, CAST(expected AS DOUBLE) as expected, unit
from weighed
qualify rank <= getvariable('brief_size');
