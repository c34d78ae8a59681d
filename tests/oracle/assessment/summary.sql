-- reads: assessment_results
-- What the requirements of each shop and cycle come to together. Probabilities are the program's: a share of 500 simulations wherever there
-- is something to tell, and what is projected follows from it.
create table oracle.assessment_summary as
with counted as (
    select assessment, shop_id, period_start,
        any_value(period_end) as period_end, any_value(phase) as phase, any_value(category) as category, any_value(is_complete) as is_complete,
        count(*) as requirements,
        count(*) filter (where status in ('pass', 'running_pass')) as passed,
        count(*) filter (where status in ('fail', 'running_fail')) as failed,
        count(*) filter (where status = 'unknown') as unknown,
        bool_or(status = 'exempt') as is_exempt,
        -- The smallest margin in shares of what is asked, those that are missed first; between equals the lower name.
        arg_min(metric, {
            'is_met': ends_with(status, 'pass'),
            -- Where nothing at all is allowed there is no share: the margin itself.
            'share': round(margin / case when threshold_to_date = 0 then 1 else abs(threshold_to_date) end, 12),
            'metric': metric}) filter (where ends_with(status, 'pass') or ends_with(status, 'fail')) as worst_metric
    from oracle.assessment_results
    group by all
),
judged as (
    select * exclude (phase),
        -- A shop that was not open long enough is exempt here, while the phase of its requirements is formal.
        case when is_exempt then 'exempt' else phase end as phase,
        case
            when is_exempt then 'exempt'
            when failed > 0 then case when is_complete then 'fail' else 'running_fail' end
            when unknown > 0 then 'unknown'
            when passed > 0 then case when is_complete then 'pass' else 'running_pass' end
            else 'not_applicable'
        end as status,
        not is_complete and not is_exempt and unknown = 0 and passed + failed > 0 as is_projected
    from counted
)
select assessment, shop_id, period_start, period_end, phase, category, is_complete,
    whole(greatest(period_end - as_of(), 0)) as days_left, requirements, passed, failed, unknown, status,
    case when is_projected then case when p.pass_probability >= 0.5 then 'pass' else 'fail' end end as projected_status,
    case when is_projected then taken(round(p.pass_probability * 500) / 500) end as pass_probability,
    worst_metric
from judged left join (select assessment, shop_id, period_start, pass_probability from program.assessment_summary) as p
    using (assessment, shop_id, period_start);
