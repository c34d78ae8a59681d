-- Each requirement of the job's rules, for each shop and cycle: the value, what it is held against, whether it is met, and what it takes.
create macro falls_short(safe_side, reached, asked) as safe_side * (reached - asked) < -1e-12 * greatest(abs(reached), abs(asked));
create macro plain(number) as regexp_replace(cast(number as varchar), '\.0$', '');

create table oracle.assessment_results as
with kinds as (
    select * from (values
        ('paid_amount', 'CNY', 1), ('uv_conversion', '1', 1), ('payment_rate', '1', 1),
        ('dsr_description', 'points, 1 to 5', 1), ('dsr_service', 'points, 1 to 5', 1), ('dsr_delivery', 'points, 1 to 5', 1),
        ('dsr_logistics', 'points, 1 to 5', 1), ('dsr_mean', 'points, 1 to 5', 1),
        ('dispute_rate', '1', -1), ('intervened_refunds', 'applications', -1), ('refund_applications', 'applications', -1),
        ('refund_rate', '1', -1), ('refund_hours', 'hours', -1), ('complaint_rate', '1', -1), ('delivery_hours', 'hours', -1),
        ('new_items', 'items', 1), ('service_score_min', 'points', 1), ('service_score_mean', 'points', 1), ('service_score_kth', 'points', 1),
        ('service_months_below', 'months', -1), ('idle_months', 'months', -1), ('violation_points', 'points', -1),
        ('serious_violation_points', 'points', -1), ('red_line_violations', 'violations', -1)) as t(metric, unit, sign)
),
-- A number of a rule for a shop: that of its category, else the default.
said as (
    select file, metric, kind, max(number) filter (where category is null) as otherwise,
        map_from_entries(list({'k': category, 'v': number}) filter (where category is not null)) as by_category
    from limits group by all
),
asked as (
    select c.*, q.* exclude (file), s.span,
        coalesce(k.unit, 'as in shop_metrics') as unit, coalesce(k.sign, 1) as sign,
        case when q.metric = 'paid_amount' then 'paid_amount:' || base else q.metric end as figure,
        coalesce(v.by_category[c.category], v.otherwise) as number,
        coalesce(d.by_category[c.category], d.otherwise) as standard,
        case when c.phase = 'trial' and t.file is not null then coalesce(t.by_category[c.category], t.otherwise) else 1 end as trial_share
    from cycles c join requirements q using (file)
    join spans s on s.from_date = c.period_start and s.to_date = c.period_end
    left join kinds k on k.metric = q.metric
    left join said v on v.file = c.file and v.metric = q.metric and v.kind = 'value'
    left join said d on d.file = c.file and d.metric = q.metric and d.kind = 'standard'
    left join said t on t.file = c.file and t.metric = q.metric and t.kind = 'trial_share'
),
-- What follows from months and a number of the rule is not among the figures.
scores as (
    select span, shop_id, list(score order by score) filter (where has_ended) as scores,
        count(*) filter (where has_ended and score is null) as unscored
    from span_months group by all
),
-- Every shop over the days of every cycle of a rule: the shop itself, and whom it is compared with.
valued as (
    select a.file, a.metric, a.span, a.standard, o.shop_id, o.category,
        -- A peer was there before the cycle ended, and as long before it began as the rule asks.
        o.there_from <= a.until and (a.open_months = 0 or o.opened_at is null
            or o.opened_at <= cast(a.period_start - to_months(a.open_months) as date)) as is_eligible,
        case a.metric
            -- Of twelve months k must reach the threshold: the worst 12 - k do not count.
            when 'service_score_kth' then case when s.unscored = 0 then s.scores[13 - a.k] end
            when 'service_months_below' then case when s.unscored = 0 then len(list_filter(s.scores, lambda score: score < a.standard)) end
            else f.value
        end as value, f.up, f.down, f.by_day,
        coalesce(f.is_cut_off, false) as is_cut_off
    from (select distinct file, metric, figure, span, k, standard, open_months, period_start, until from asked) as a
    cross join all_shops o
    left join figures f on f.span = a.span and f.shop_id = o.shop_id and f.metric = a.figure
    left join scores s on s.span = a.span and s.shop_id = o.shop_id
),
-- The peers of a cycle: by category, or all.
groups as (
    select file, metric, span, standard, coalesce(category, '') as group_of, list(value) filter (where is_eligible and value is not null) as values
    from valued join rules r using (file) where r.peers = 'category' and category is not null group by all
    union all
    select file, metric, span, standard, '(all)', list(value) filter (where is_eligible and value is not null)
    from valued join rules r using (file) where r.peers = 'all' group by all
),
compared as (
    select a.*, v.value, v.is_cut_off, v.up, v.down, v.by_day,
        case when peers_of = 'all' or a.category is not null then coalesce(len(g.values), 0) end as peers,
        list_avg(g.values) as mean_of_peers,
        len(list_filter(g.values, lambda other: other * a.sign > v.value * a.sign)) as better,
        len(list_filter(g.values, lambda other: other * a.sign < v.value * a.sign)) as worse,
        -- The worst value that is safe: of the n values from the best on, the one at place n - floor(share × n).
        list_sort(list_transform(g.values, lambda other: other * a.sign), 'desc')
            [cast(len(g.values) - floor(a.share * len(g.values)) as bigint)] * a.sign as worst_safe,
        b.mean as industry_mean, case a.share when 0.10 then b.p10 when 0.20 then b.p20 end as industry_bottom
    from asked a
    join valued v on v.file = a.file and v.metric = a.metric and v.span = a.span and v.shop_id = a.shop_id
        and v.standard is not distinct from a.standard
    left join groups g on g.file = a.file and g.metric = a.metric and g.span = a.span and g.standard is not distinct from a.standard
        and g.group_of = case when peers_of = 'all' then '(all)' else a.category end
    -- Of calendar periods the industry's figures of the very period, of others the last that began by the first day.
    left join lateral (
        select arg_max({'mean': b.mean, 'p10': b.p10, 'p20': b.p20}, b.period_start) as last
        from benchmark_rows b
        where b.state = 'used' and b.category = a.category and b.metric = a.metric
            and case when a.period in ('month', 'quarter', 'year') then day(b.period_start) = a.period_start
                else day(b.period_start) <= a.period_start end) as benchmark on true
    cross join lateral (select last.mean as mean, last.p10 as p10, last.p20 as p20) as b
),
limited as (
    select c.*, first_level, level_count, level_points, consequences,
        case
            when test = 'not_bottom' then case when peers >= min_peers then worst_safe else industry_bottom end
            when test in ('at_least_peer_mean', 'at_most_peer_mean') then case when peers >= min_peers then mean_of_peers else industry_mean end
            else trial_share * coalesce(
                case when source = 'shops.annual_target' then cast(annual_target as double) when source is not null then named.value end,
                number, first_level)
        end as threshold
    from compared c
    left join (
        select file, metric, min(points) as first_level, count(*) as level_count, list(points order by points) as level_points,
            list(consequence order by points) as consequences
        from levels group by all) as l on l.file = c.file and l.metric = c.metric
    left join figures named on named.span = c.span and named.shop_id = c.shop_id and named.metric = replace(c.source, 'shop_metrics.', '')
),
-- The first condition that does not hold or cannot be told, in the order of the rule.
refused as (
    select l.file, l.shop_id, l.span, l.metric,
        arg_min(
            {'name': c.condition, 'value': f.value, 'at_least': c.at_least, 'at_most': c.at_most, 'is_cut_off': f.is_cut_off}, c.nth) as condition
    from limited l join conditions c on c.file = l.file and c.metric = l.metric
    left join figures f on f.span = l.span and f.shop_id = l.shop_id and f.metric = c.condition
    where f.value is null or f.value < c.at_least or f.value > c.at_most
    group by all
),
held as (
    select l.*, r.condition,
        case when metric in ('paid_amount', 'new_items') and test in ('at_least', 'at_most') and not is_complete
            then threshold * greatest(days_gone, 0) / days else threshold end as threshold_to_date,
        case when test in ('at_most', 'at_most_peer_mean') or test = 'not_bottom' and sign < 0 then -1 else 1 end as safe_side
    from limited l left join refused r using (file, shop_id, span, metric)
),
missing as (
    -- Why there is no value of a metric: of the requirement itself, or of its condition.
    select h.*, coalesce(condition.name, metric) as which,
        case when condition is not null then coalesce(condition.is_cut_off, false) else is_cut_off end as is_cut,
        exists (from span_months m where m.span = h.span and m.shop_id = h.shop_id and m.has_ended and m.score is null) as lacks_score
    from held h
),
explained as (
    select *,
        case
            when is_cut then format('the shop''s orders and visitors are known from {} on, the period begins before that',
                strftime((select known_from from all_shops a where a.shop_id = missing.shop_id), '%Y-%m-%d'))
            when starts_with(which, 'dsr_') then 'nobody rated the shop, or there is no snapshot of the period'
            when starts_with(which, 'service_') and lacks_score then 'a month has no service score'
            when which in ('service_score_min', 'service_score_kth') then 'no month that counts has ended in the period'
            when starts_with(which, 'service_') then 'no month has ended in the period'
            when which = 'new_items' then case when up is null and exists (
                    from span_months m where m.span = missing.span and m.shop_id = missing.shop_id and m.has_begun)
                then 'a month has no items_new' else 'no month has begun in the period' end
            when which = 'uv_conversion' then 'there is no day with visitors'
            when which = 'payment_rate' then 'no order was placed'
            when which = 'dispute_rate' then 'there was no refund application'
            when which = 'refund_hours' then 'no refund application succeeded'
            when which = 'delivery_hours' then 'no order was shipped'
            when which in ('refund_rate', 'complaint_rate') then 'no order was paid'
            else format('shop_metrics has no `{}` of the period', which)
        end as lack
    from missing
),
judged as (
    select *, safe_side * (value - threshold_to_date) as margin,
        case
            when phase = 'exempt' then 'the shop is in its exempt months'
            when not is_eligible then format('the shop was not open for {} months when the period began', open_months)
            when condition.value < condition.at_least then
                format('{} is {}; the rule asks from {} on', condition.name, plain(condition.value), plain(condition.at_least))
            when condition.value > condition.at_most then
                format('{} is {}; the rule asks up to {}', condition.name, plain(condition.value), plain(condition.at_most))
            when condition is not null then format('{}: {}', condition.name, lack)
            when value is null then lack
            when threshold is null and test in ('at_least', 'at_most') then format('the rule has no value for the category `{}`', category)
            when threshold is null and peers is null then 'the shop''s category is unknown'
            when threshold is null then format('{} eligible peers have a value; {} are needed', peers, min_peers)
        end as reason,
        -- There is nothing to measure, which is not the same as not knowing it.
        phase <> 'exempt' and is_eligible and (condition.value is not null or (condition is not null or value is null) and not is_cut
            and (starts_with(lack, 'no ') or lack = 'there was no refund application')) as is_idle,
        case
            when first_level is not null and number is null then value < threshold
            -- What is equal on paper is equal.
            else margin >= -1e-12 * greatest(abs(value), abs(threshold_to_date))
        end as is_met
    from explained
),
-- What runs and is judged, with the pace of the last 28 days.
running as (
    select j.*, period_end - as_of() as days_left, p.up / 28 as up_a_day, p.down / 28 as down_a_day,
        metric in ('paid_amount', 'new_items') as adds_up,
        by_day and metric in ('uv_conversion', 'payment_rate', 'dispute_rate', 'refund_rate', 'refund_hours', 'complaint_rate', 'delivery_hours')
            as is_rate,
        starts_with(metric, 'dsr_') as is_score, metric in ('intervened_refunds', 'refund_applications') as is_count
    from judged j
    left join (
        select shop_id, metric as figure, up, down from figures join spans using (span) where from_date = as_of() - 27 and to_date = as_of()) as p
        using (shop_id, figure)
    where reason is null and not is_complete
),
rated_days as (
    select shop_id, date, unnest(['dsr_description', 'dsr_service', 'dsr_delivery', 'dsr_logistics']) as score,
        unnest([sum(description), sum(service), sum(delivery), sum(logistics)]) as points,
        unnest([count(description), count(service), count(delivery), count(logistics)]) as number
    from (select *, day(rated_at) as date from ratings where nth_of_month <= 3)
    group by shop_id, date
),
to_come as (
    select file, shop_id, span, metric, cast(unnest(generate_series(1, days_left)) as integer) as ahead
    from running where is_score or is_rate or is_count or metric = 'paid_amount'
),
-- Of each score on a day to come: ratings that are still among the last 180 days, and what comes by then at the pace of the last 28.
scores_to_come as (
    select t.file, t.shop_id, t.span, t.metric, t.ahead, d.score,
        coalesce(sum(points) filter (where date >= as_of() + ahead - 179), 0) as points,
        coalesce(sum(number) filter (where date >= as_of() + ahead - 179), 0) as number,
        ahead * coalesce(sum(points) filter (where date > as_of() - 28), 0) / 28 as new_points,
        ahead * coalesce(sum(number) filter (where date > as_of() - 28), 0) / 28 as new_number
    from to_come t join rated_days d on d.shop_id = t.shop_id and d.date > as_of() - 180 and (d.score = t.metric or t.metric = 'dsr_mean')
    where starts_with(t.metric, 'dsr_') group by t.file, t.shop_id, t.span, t.metric, t.ahead, d.score
),
scored_to_come as (
    select file, shop_id, span, metric, ahead,
        avg((points + new_points) / (number + new_number)) filter (where number + new_number > 0) as value,
        -- As many ratings as there are of the score that is given most often.
        avg(ratio(points, number)) as mean, max(number) as ratings, max(new_number) as new_ratings
    from scores_to_come group by all
),
missed as (
    select r.file, r.shop_id, r.span, r.metric, min(ahead) as ahead
    from running r join to_come t using (file, shop_id, span, metric) left join scored_to_come s using (file, shop_id, span, metric, ahead)
    where case
        when metric = 'paid_amount' and test in ('at_least', 'at_most')
            then falls_short(safe_side, r.up + ahead * up_a_day, threshold * (days_gone + ahead) / days)
        when metric = 'paid_amount' or is_count then falls_short(safe_side, r.up + ahead * up_a_day, threshold)
        when is_rate then falls_short(safe_side, (r.up + ahead * up_a_day) / (r.down + ahead * down_a_day), threshold)
        when is_score then falls_short(safe_side, s.value, threshold)
        end
    group by all
),
needs as (
    select r.file, r.shop_id, r.span, r.metric,
        case
            when adds_up and test in ('at_least', 'at_most') then (threshold - r.value) / days_left
            -- As much to measure on each day to come as so far.
            when is_rate then threshold + (threshold - r.value) * days_gone / days_left
            when is_score then threshold + (threshold - mean) * ratio(ratings, new_ratings)
        end as needed,
        case
            when metric = 'paid_amount' then 'CNY a day' when metric = 'new_items' then 'items a day'
            when is_score then 'mean of the ratings to come' else 'rate of the days to come'
        end as needed_unit,
        is_score, safe_side
    from running r left join scored_to_come s using (file, shop_id, span, metric)
    where s.ahead is null or s.ahead = days_left
),
-- Nothing is needed below the least that can come; what is beyond the possible is not needed but hopeless.
needed_at_all as (
    select * exclude (needed),
        case
            when needed is null then null
            when is_score then
                case when safe_side > 0 and needed <= 5 then greatest(needed, 1) when safe_side < 0 and needed >= 1 then least(needed, 5) end
            when safe_side > 0 then greatest(needed, 0)
            when needed >= 0 then needed
        end as needed
    from needs
)
select assessment, shop_id, period_start, metric, period_end, phase, is_complete, category, unit, test, value, threshold, threshold_to_date,
    peers, case when peers >= min_peers then mean_of_peers end as peer_mean,
    case when value is not null and is_eligible and peers >= min_peers then 1 + better end as rank,
    case when value is not null and is_eligible and peers >= min_peers then ratio(worse, peers - 1) end as percentile,
    case
        when reason is null then case when is_complete then '' else 'running_' end || case when is_met then 'pass' else 'fail' end
        when phase = 'exempt' or not is_eligible then 'exempt'
        when is_idle then 'not_applicable'
        else 'unknown'
    end as status,
    margin, needed, case when needed is not null then needed_unit end as needed_unit,
    case when reason is null and not is_complete then case when is_met then as_of() + m.ahead else as_of() end end as at_risk_from,
    -- Simulated by the program: a share of 500 for whatever runs and is judged.
    case when j.reason is null and not is_complete then taken(round(simulated * 500) / 500) end as pass_probability,
    case when level_count is not null and value is not null then whole(len(list_filter(level_points, lambda points: points <= value))) end as level,
    consequences[level] as consequence,
    level_points[level + 1] - value as points_to_next_level,
    b.paid, b.net_by_payment, b.net_by_refund, b.settled,
    reason
from judged j
left join needed_at_all using (file, shop_id, span, metric)
left join missed m using (file, shop_id, span, metric)
left join (select assessment, shop_id, period_start, metric, pass_probability as simulated from program.assessment_results)
    using (assessment, shop_id, period_start, metric)
left join (
    pivot (select span, shop_id, split_part(metric, ':', 2) as base, money(case when not is_cut_off then up end) as amount from figures
        where starts_with(metric, 'paid_amount:'))
    on base in ('paid', 'net_by_payment', 'net_by_refund', 'settled') using max(amount) group by span, shop_id) as b
    on b.span = j.span and b.shop_id = j.shop_id and j.metric = 'paid_amount';
