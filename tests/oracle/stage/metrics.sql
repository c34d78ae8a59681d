-- reads: shop_periods, store_stage, service_conversion, campaign_effect
-- The metrics that the stage file names for the stage of each month, beside those of three months before and those of the shops of the category.
create table oracle.stage_metrics as
with known as (
    select * from (values
        ('bounce_rate', '跳失率', '1', 'less', 'shop_periods', 'traffic'),
        ('campaign_conversion_difference', '活动触达转化提升', '1', 'more', 'campaign_effect', 'campaigns'),
        ('depth', '访问深度', 'page views per visit', 'more', 'shop_periods', 'traffic'),
        ('dwell_per_visit', '平均访问时长', 'seconds per visit', 'more', 'shop_periods', 'traffic'),
        ('hit_items', '爆款数', 'items', 'more', 'store_stage', 'orders'),
        ('inquiry_next_day', '询单次日转化率', '1', 'more', 'service_conversion', 'inquiries'),
        ('inquiry_rate', '询单咨询率', '1', 'more', 'service_conversion', 'inquiries'),
        ('items_per_order', '笔均件数', 'items per order', 'more', 'shop_periods', 'orders'),
        ('new_customers', '新客数', 'customers', 'more', 'shop_periods', 'orders'),
        ('new_item_share', '新品支付金额占比', '1', 'more', 'store_stage', 'orders'),
        ('order_value', '笔单价', 'CNY per order', 'more', 'shop_periods', 'orders'),
        ('paid_amount', '支付金额', 'CNY', 'more', 'shop_periods', 'orders'),
        ('paid_amount_per_agent', '人均客服促成支付金额', 'CNY per agent', 'more', 'service_conversion', 'inquiries'),
        ('pair_order_share', '连带订单占比', '1', 'more', 'orders', 'orders'),
        ('payment_rate', '支付率', '1', 'more', 'shop_periods', 'orders'),
        ('response_seconds', '平均响应时间（秒）', 'seconds', 'less', 'service_conversion', 'inquiries'),
        ('returning_net_revenue_share', '老客净支付金额占比', '1', 'more', 'shop_periods', 'orders'),
        ('returning_share', '老客占比', '1', 'more', 'shop_periods', 'orders'),
        ('silent_of_silent_visitors', '静默转化率（静默访客口径）', '1', 'more', 'service_conversion', 'inquiries'),
        ('uv_conversion', '支付转化率（日均）', '1', 'more', 'shop_periods', 'traffic'),
        ('uv_daily_mean', '日均访客数', 'visitors per day', 'more', 'shop_periods', 'traffic'),
        ('value_per_customer', '客单价', 'CNY per customer', 'more', 'shop_periods', 'orders')
    ) as t(metric, metric_chinese, unit, better_when, source, input)
),
months as (select * from oracle.shop_periods where grain = 'month'),
of_service as (
    select shop_id, month,
        max(inquiry_next_day) filter (agent_id = '(all)') as inquiry_next_day,
        max(inquiry_rate) filter (agent_id = '(all)') as inquiry_rate,
        max(silent_of_silent_visitors) filter (agent_id = '(all)') as silent_of_silent_visitors,
        max(response_seconds) filter (agent_id = '(all)') as response_seconds,
        ratio(max(paid_amount) filter (agent_id = '(all)'), count(*) filter (agent_id <> '(all)')) as paid_amount_per_agent
    from oracle.service_conversion where is_complete group by all
),
with_items as (
    select shop_id, order_id, period_start('month', any_value(paid_day)) as month, count(distinct item_id) > 1 as has_several
    from item_lines group by all
),
of_items as (
    select shop_id, month, ratio(count(*) filter (has_several), count(*)) as pair_order_share from with_items group by all
),
arms as (
    select campaign_id, any_value(shop_id) as shop_id, bool_and(is_complete) and count(*) = 2 as counts,
        max(members) filter (part = 'treated') as treated, max(buyers) filter (part = 'treated') as treated_buyers,
        max(members) filter (part = 'control') as control, max(buyers) filter (part = 'control') as control_buyers
    from oracle.campaign_effect where part in ('treated', 'control') group by all
),
of_campaigns as (
    select a.shop_id, period_start('month', day(starts_on)) as month,
        ratio(sum(treated_buyers), sum(treated)) - ratio(sum(control_buyers), sum(control)) as campaign_conversion_difference
    from arms a join campaign_rows c on c.campaign_id = a.campaign_id and c.state = 'used'
    where counts group by all
),
wide as (
    select m.shop_id, m.period_start as month,
        m.bounce_rate, m.depth, m.dwell_per_visit, m.order_value, m.payment_rate, m.uv_conversion, m.uv_daily_mean, pair_order_share,
        cast(m.paid_amount as double) as paid_amount, ratio(m.paid_quantity, m.paid_orders) as items_per_order,
        case when getvariable('has_customers') then cast(m.new_customers as double) end as new_customers,
        case when getvariable('has_customers') then ratio(m.returning_net_revenue, m.returning_net_revenue + m.new_net_revenue) end
            as returning_net_revenue_share,
        case when getvariable('has_customers') then m.returning_share end as returning_share,
        case when getvariable('has_customers') then m.value_per_customer end as value_per_customer,
        cast(s.hit_items as double) as hit_items, s.new_item_share,
        inquiry_next_day, inquiry_rate, silent_of_silent_visitors, response_seconds, paid_amount_per_agent, campaign_conversion_difference
    from months m
    join oracle.store_stage s on s.shop_id = m.shop_id and s.month = m.period_start
    left join of_service v on v.shop_id = m.shop_id and v.month = m.period_start
    left join of_items i on i.shop_id = m.shop_id and i.month = m.period_start
    left join of_campaigns c on c.shop_id = m.shop_id and c.month = m.period_start
),
valued as (unpivot wide on columns(* exclude (shop_id, month)) into name metric value value),
compared as (
    select v.*, category, count(*) over peers as peers, median(value) over peers as peer_median,
        rank() over (partition by category, month, metric order by case when better_when = 'more' then -value else value end) as peer_rank
    from valued v join known using (metric) left join all_shops using (shop_id)
    window peers as (partition by category, month, metric)
),
asked as (
    select s.shop_id, s.month, s.stage, known.*, a.category, v.value, b.value as value_before, v.peer_rank
    from oracle.store_stage s
    join stage_wants w on w.stage = s.stage
    join known on known.metric = w.metric
    left join all_shops a on a.shop_id = s.shop_id
    left join compared v on v.shop_id = s.shop_id and v.month = s.month and v.metric = w.metric
    left join valued b on b.shop_id = s.shop_id and b.month = s.month - interval 3 month and b.metric = w.metric
),
groups as (select category, month, metric, max(peers) as peers, max(peer_median) as peer_median from compared where category is not null group by all),
joined as (
    select a.*, case when a.category is not null then coalesce(g.peers, 0) end as peers,
        case when g.peers >= getvariable('min_peers') then g.peer_median end as median_of_peers
    from asked a left join groups g using (category, month, metric)
)
select shop_id, cast(month as date) as month, metric, metric_chinese, stage, unit, better_when, value, value_before,
    case when value = value_before then 'equal' when (value > value_before) = (better_when = 'more') then 'better'
        when value is not null and value_before is not null then 'worse' end as versus_before,
    whole(peers) as peers, median_of_peers as peer_median,
    case when value is not null and median_of_peers is not null then peer_rank end as peer_rank,
    case when value = median_of_peers then 'equal' when (value > median_of_peers) = (better_when = 'more') then 'better'
        when value is not null and median_of_peers is not null then 'worse' end as versus_peers,
    case
        when value is not null then null
        when (input = 'traffic' and not getvariable('has_traffic') and not getvariable('has_page_views'))
            then 'the job has no input `traffic` or `page_views`'
        when input = 'campaigns' and not getvariable('has_campaigns') then 'the job has no input `campaigns`'
        when input = 'inquiries' and not getvariable('has_inquiries') then 'the job has no input `inquiries`'
        else source || ' has no figure of the month from which it follows'
    end as reason
from joined;
