-- Who asked each agent in a month, who of them paid by three readings, whose orders those are, and who paid without asking.
create table oracle.service_conversion as
with questions as (
    select shop_id, customer_id, cast(agent_id as varchar) as agent, asked_at, response_seconds
    from inquiry_rows where state = 'used'
),
keyed as (
    select *, agent as agent_id from questions
    union all
    select *, '(all)' from questions
),
-- A payment at midnight sharp is of a source that knows days only: it counts at the end of its day.
paid as (select shop_id, customer_id, order_id, case when paid_at = paid_day then paid_at + interval 1 day - interval 1 microsecond else paid_at end as paid_at, paid_day, paid_amount, refunded from orders where paid_day is not null and customer_id is not null),
inquirers as (
    select shop_id, agent_id, customer_id, day(asked_at) as date, min(asked_at) as first_asked
    from keyed group by all
),
judged as (
    select i.*, period_start('month', date) as month,
        exists (from paid p where p.shop_id = i.shop_id and p.customer_id = i.customer_id and p.paid_day = i.date) as on_day,
        exists (from paid p where p.shop_id = i.shop_id and p.customer_id = i.customer_id and p.paid_day between i.date and i.date + 1) as by_next_day,
        not exists (from paid p where p.shop_id = i.shop_id and p.customer_id = i.customer_id
            and p.paid_at < i.first_asked and p.paid_at >= i.first_asked - interval 504 hours) as is_net,
        exists (from paid p where p.shop_id = i.shop_id and p.customer_id = i.customer_id
            and p.paid_at >= i.first_asked and p.paid_day <= i.date + 1) as paid_after
    from inquirers i
),
asked as (
    select shop_id, agent_id, month, count(*) as inquirers, count(distinct customer_id) as inquiring_customers,
        count(*) filter (where on_day) as paid_same_day, count(*) filter (where by_next_day) as paid_next_day,
        count(*) filter (where is_net) as inquirers_net, count(*) filter (where is_net and paid_after) as paid_net
    from judged group by all
),
answered as (
    select shop_id, agent_id, period_start('month', day(asked_at)) as month, count(*) as questions,
        count(response_seconds) as answered_questions, ratio(sum(response_seconds), count(response_seconds)) as response_seconds
    from keyed group by all
),
-- An order is that of the last question before its payment; of two at one time the one with the greater id.
owned as (
    select p.*, q.agent, q.asked_at
    from paid p join questions q using (shop_id, customer_id)
    where q.asked_at <= p.paid_at and day(q.asked_at) >= p.paid_day - 1
    qualify row_number() over (partition by p.shop_id, p.order_id order by q.asked_at desc, q.agent desc) = 1
),
sold as (
    select shop_id, agent_id, period_start('month', day(asked_at)) as month, count(*) as orders, count(distinct customer_id) as buyers,
        sum(paid_amount) as paid_amount, sum(refunded) as refunded
    from (select *, agent as agent_id from owned union all select *, '(all)' from owned) group by all
),
of_shop as (
    select shop_id, period_start('month', paid_day) as month, sum(paid_amount) as shop_paid_amount, count(distinct customer_id) as shop_paying_customers
    from orders where paid_day is not null group by all
),
visited as (
    select t.shop_id, period_start('month', date) as month, count(*) as days_with_traffic, whole(sum(uv)) as uv,
        whole(sum(coalesce(i.inquirers, 0))) as inquirers_with_traffic, whole(sum(coalesce(s.silent, 0))) as silent_customers
    from traffic t
    left join (select shop_id, date, count(*) as inquirers from inquirers where agent_id = '(all)' group by all) i using (shop_id, date)
    left join (
        select shop_id, paid_day as date, count(distinct customer_id) as silent from paid p
        where not exists (from questions q where q.shop_id = p.shop_id and q.customer_id = p.customer_id and day(q.asked_at) = p.paid_day)
        group by all) s using (shop_id, date)
    where uv is not null
    group by all
),
joined as (
    select a.*, n.* exclude (shop_id, agent_id, month),
        coalesce(month >= f.first_day, true) and period_end('month', month) < as_of() as is_complete,
        coalesce(orders, 0) as orders, coalesce(buyers, 0) as buyers, money(coalesce(paid_amount, 0)) as paid_amount,
        case when getvariable('has_refunded') then money(coalesce(refunded, 0)) end as refunded_of_paid,
        money(coalesce(shop_paid_amount, 0)) as shop_paid_amount, coalesce(shop_paying_customers, 0) as shop_paying_customers,
        v.* exclude (shop_id, month)
    from asked a join answered n using (shop_id, agent_id, month)
    left join sold using (shop_id, agent_id, month)
    left join of_shop using (shop_id, month)
    left join visited v on v.shop_id = a.shop_id and v.month = a.month and a.agent_id = '(all)'
    left join shop_starts f on f.shop_id = a.shop_id
)
select *,
    ratio(paid_same_day, inquirers) as inquiry_same_day,
    ratio(paid_next_day, inquirers) as inquiry_next_day,
    ratio(paid_net, inquirers_net) as inquiry_net,
    ratio(refunded_of_paid, paid_amount) as refund_share,
    ratio(paid_amount, buyers) as value_per_customer,
    ratio(shop_paid_amount, shop_paying_customers) as shop_value_per_customer,
    ratio(inquirers_with_traffic, uv) as inquiry_rate,
    uv - inquirers_with_traffic as silent_visitors,
    case when uv > inquirers_with_traffic then ratio(silent_customers, uv - inquirers_with_traffic) end as silent_of_silent_visitors,
    ratio(silent_customers, uv) as silent_of_all_visitors
from joined;
