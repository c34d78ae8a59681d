-- reads: shop_periods
-- The figures of each whole month of a shop, the first rule that holds, and the stage: another one when rules gave it for two months running.
create table oracle.store_stage as
with months as (
    select p.shop_id, p.period_start as month, p.paid_amount, p.returning_net_revenue, p.new_net_revenue, category, opened_at,
        row_number() over (partition by shop_id order by month) as place,
        count(*) over three = 3 as has_three,
        count(*) over six = 6 as has_six,
        count(*) over year_ago = 3 as has_year_ago,
        sum(p.paid_amount) over three as amount_3m,
        sum(p.paid_amount) over before as amount_3m_before,
        sum(p.paid_amount) over year_ago as amount_3m_year_ago,
        sum(p.returning_net_revenue) over three as returning_net_revenue_3m,
        sum(p.returning_net_revenue + p.new_net_revenue) over three as net_revenue_3m
    from oracle.shop_periods p left join all_shops using (shop_id)
    -- Months before the opening count from the first in which something was paid.
    where grain = 'month' and is_complete and (opened_at is null or last_day(p.period_start) >= opened_at or exists (
        select 1 from oracle.shop_periods e
        where e.shop_id = p.shop_id and e.grain = 'month' and e.is_complete and e.paid_orders > 0 and e.period_start <= p.period_start))
    window three as (partition by shop_id order by p.period_start rows between 2 preceding and current row),
        six as (partition by shop_id order by p.period_start rows between 5 preceding and current row),
        before as (partition by shop_id order by p.period_start rows between 5 preceding and 3 preceding),
        year_ago as (partition by shop_id order by p.period_start rows between 14 preceding and 12 preceding)
),
-- The classical decomposition: a month against the mean of the twelve around it, the two at the ends by half.
centred as (
    select shop_id, place, paid_amount / nullif((sum(paid_amount) over around - (first_value(paid_amount) over around + last_value(paid_amount) over around) / 2) / 12, 0)
            as ratio_to_mean,
        count(*) over around as months_around
    from (select shop_id, place, cast(paid_amount as double) as paid_amount from months)
    window around as (partition by shop_id order by place rows between 6 preceding and 6 following)
),
-- For each month from the 24th on only what was known then: the months up to it.
factors as (
    select m.shop_id, m.place as until, (m.place - c.place) % 12 as months_back, avg(ratio_to_mean) as factor
    from (
        select shop_id, place from months m
        where place >= 24 and not exists (select 1 from months z where z.shop_id = m.shop_id and z.place <= m.place and z.paid_amount <= 0)
    ) as m
    join centred c on c.shop_id = m.shop_id and c.place <= m.place - 6 and months_around = 13
    group by all
),
levelled as (
    select f.shop_id, f.until,
        sum(paid_amount / (factor / mean)) filter (where until - m.place < 3) as now,
        sum(paid_amount / (factor / mean)) filter (where until - m.place >= 3) as before
    from factors f
    join (select shop_id, until, avg(factor) as mean from factors group by all) as means using (shop_id, until)
    join months m on m.shop_id = f.shop_id and m.place = f.until - f.months_back
    where months_back < 6 group by all
),
item_months as (
    select shop_id, item_id, period_start('month', paid_day) as month, sum(paid) as paid from item_lines group by all
),
item_starts as (select shop_id, item_id, min(paid_day) as first_sold from item_lines group by all),
item_sums as (
    select m.shop_id, m.month, i.item_id, sum(i.paid) as paid, any_value(first_sold) as first_sold
    from months m join item_months i on i.shop_id = m.shop_id and i.month between m.month - interval 2 month and m.month
    join item_starts f on f.shop_id = i.shop_id and f.item_id = i.item_id
    group by m.shop_id, m.month, i.item_id
),
item_figures as (
    select shop_id, month, sum(paid) as paid,
        count(*) filter (where paid > 0 and paid * 10 >= total) as hit_items,
        coalesce(sum(paid) filter (where first_sold > last_day(month) - 90), 0) as new_paid
    from (select *, sum(paid) over (partition by shop_id, month) as total from item_sums) group by all
),
starts as (select shop_id, min(created_day) as first_order from orders group by all),
ranked as (
    select shop_id, month, count(*) over group_of_month as shops,
        rank() over (partition by category, month order by amount_3m desc) as place
    from months where has_three and category is not null
    window group_of_month as (partition by category, month)
),
counted as (
    select category, month, count(*) filter (where has_three) as shops from months where category is not null group by all
),
figures as (
    select m.shop_id, m.month,
        -- Whole months up to the morrow of the month's end.
        case when opened_at <= last_day(m.month) then datesub('month', opened_at, cast(m.month + interval 1 month as date)) end as months_open,
        money(case when has_three then amount_3m end) as amount_3m,
        money(case when has_six then amount_3m_before end) as amount_3m_before,
        case when has_six and amount_3m_before <> 0 then coalesce(l.now / l.before - 1, ratio(amount_3m - amount_3m_before, amount_3m_before)) end
            as growth_3m,
        case when has_six and amount_3m_before <> 0 then l.now is not null end as is_season_removed,
        money(case when has_year_ago then amount_3m_year_ago end) as amount_3m_year_ago,
        case when has_year_ago then ratio(amount_3m - amount_3m_year_ago, amount_3m_year_ago) end as growth_year,
        money(case when has_three and getvariable('has_customers') then returning_net_revenue_3m end) as returning_net_revenue_3m,
        money(case when has_three and getvariable('has_customers') then net_revenue_3m end) as net_revenue_3m,
        money(case when has_three and getvariable('has_items') then coalesce(i.paid, 0) / 100 end) as item_amount_3m,
        case when has_three and getvariable('has_items') then coalesce(hit_items, 0) end as hit_items,
        money(case when has_three and getvariable('has_items')
                and (coalesce(opened_at >= (select min(first_order) from starts), false) or last_day(m.month) - 90 >= first_order)
            then coalesce(new_paid, 0) / 100 end) as new_item_amount_3m,
        c.shops as category_shops,
        case when r.shops >= getvariable('min_peers') then r.place end as category_rank
    from months m
    left join levelled l on l.shop_id = m.shop_id and l.until = m.place
    left join item_figures i on i.shop_id = m.shop_id and i.month = m.month
    left join starts s on s.shop_id = m.shop_id
    left join ranked r on r.shop_id = m.shop_id and r.month = m.month
    left join counted c on c.category = m.category and c.month = m.month
),
shares as (
    select *, ratio(returning_net_revenue_3m, net_revenue_3m) as returning_amount_share,
        ratio(new_item_amount_3m, item_amount_3m) as new_item_share, ratio(category_rank, category_shops) as category_rank_share
    from figures
),
long as (
    unpivot (
        select shop_id, month, cast(months_open as double) as months_open, cast(amount_3m as double) as amount_3m, growth_3m, growth_year,
            returning_amount_share, cast(hit_items as double) as hit_items, new_item_share, category_rank_share
        from shares)
    on columns(* exclude (shop_id, month)) into name figure value value
),
holding as (
    select s.shop_id, s.month, min(rule) as rule
    from shares s cross join stage_rules r
    where not exists (
        select 1 from stage_bounds b left join long l on l.shop_id = s.shop_id and l.month = s.month and l.figure = b.figure
        where b.rule = r.rule and not coalesce(l.value >= coalesce(b.at_least, l.value) and l.value <= coalesce(b.at_most, l.value), b.or_unknown))
    group by all
),
candidates as (
    select shop_id, month, h.rule, r.stage as candidate,
        lag(r.stage) over (partition by shop_id order by month) as candidate_before,
        count(r.stage) over (partition by shop_id order by month) as candidates_so_far
    from shares left join holding h using (shop_id, month) left join stage_rules r using (rule)
),
staged as (
    select *, last_value(case when candidate = candidate_before or candidates_so_far = 1 then candidate end ignore nulls)
        over (partition by shop_id order by month) as stage
    from candidates
),
begun as (
    select *, case when stage is distinct from lag(stage) over (partition by shop_id order by month) then month end as began from staged
),
-- The figures of the rules that hold; of those with an unknown figure another bound decided.
words as (
    select c.shop_id, c.month, string_agg(case when l.value is null then b.figure || ' is unknown' else b.words end, ' and ' order by b.nth) as bounds
    from candidates c
    join stage_bounds b using (rule)
    left join long l on l.shop_id = c.shop_id and l.month = c.month and l.figure = b.figure
    group by all
)
select shop_id, month, stage,
    case when stage is not null then max(began) over (partition by shop_id order by month) end as since,
    candidate as candidate_stage, whole(rule) as rule,
    case
        when candidate is null then 'no rule holds'
        when candidate <> stage then 'rule ' || rule || ' (' || candidate || ') holds for the first month; a stage changes with the second'
        when bounds is null then 'rule ' || rule || ' holds: no rule before it does'
        else 'rule ' || rule || ' holds: ' || bounds
    end as reason,
    whole(months_open) as months_open, amount_3m, amount_3m_before, growth_3m, is_season_removed, amount_3m_year_ago, growth_year,
    returning_net_revenue_3m, net_revenue_3m, returning_amount_share, item_amount_3m, whole(hit_items) as hit_items, new_item_amount_3m,
    new_item_share, whole(category_shops) as category_shops, whole(category_rank) as category_rank, category_rank_share
from begun join shares using (shop_id, month) left join words using (shop_id, month);
