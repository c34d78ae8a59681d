-- The orders of a month by bands of what was paid for them, all of a shop as wide.
create table oracle.order_bands as
with paid as (
    select shop_id, period_start('month', paid_day) as month, paid_amount from orders where paid_day is not null
),
widths as (
    select shop_id, coalesce(max(step), 1) as width
    from (select shop_id, sum(paid_amount) as amount, count(*) as orders from paid group by all)
    left join (select step from amount_bands) on step * orders * 5 <= amount
    group by all
),
banded as (
    select shop_id, month, least(cast(100 * paid_amount as hugeint) // cast(100 * width as hugeint), 20) as number, width, count(*) as orders, sum(paid_amount) as amount
    from paid join widths using (shop_id) group by all
)
select shop_id, month, money(number * width) as band_from,
    month >= f.first_day and period_end('month', month) <= as_of() as is_complete,
    case when number < 20 then money((number + 1) * width) end as band_to,
    orders, whole(sum(orders) over of_month) as month_orders, ratio(orders, sum(orders) over of_month) as share, money(amount) as amount
from banded join shop_starts f using (shop_id)
window of_month as (partition by shop_id, month);
