"""Writes the exports of this folder anew: what the seller centre would export of one shop of sample_data/, with everything that is odd about
exports. The same sample gives the same bytes.

    "$(scripts/python.sh)" tests/exports/make.py
"""

import csv
import os

import duckdb

SHOP = 58501149
# What happens from here on the sample does not know.
END = "2026-11-22"
TARGET = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(TARGET))
STATUSES = {
    "WAIT_BUYER_PAY": "等待买家付款",
    "WAIT_SELLER_SEND_GOODS": "买家已付款，等待卖家发货",
    "WAIT_BUYER_CONFIRM_GOODS": "卖家已发货，等待买家确认",
    "TRADE_FINISHED": "交易成功",
    "TRADE_CLOSED": "交易关闭",
    "TRADE_CLOSED_BY_TAOBAO": "交易关闭",
}
# The last version of every line that is whole, with what of it was refunded.
LINES = f"""
    WITH versions AS (
        SELECT *, row_number() OVER (PARTITION BY order_id, line_id ORDER BY modified_at DESC, paid_at DESC) AS version
        FROM '{ROOT}/sample_data/orders/*.parquet'
        WHERE shop_id = {SHOP} AND order_id IS NOT NULL AND customer_id IS NOT NULL AND created_at IS NOT NULL AND coalesce(paid_amount, 0) >= 0
    ), refunded AS (
        SELECT order_id, line_id, sum(amount) AS refund
        FROM (SELECT *, row_number() OVER (PARTITION BY refund_id ORDER BY modified_at DESC) AS version
              FROM '{ROOT}/sample_data/refunds/*.parquet' WHERE shop_id = {SHOP})
        WHERE version = 1 AND status = 'success' AND completed_at < '{END}'
        GROUP BY ALL
    )
    SELECT versions.*, CASE WHEN refund <= paid_amount THEN refund ELSE 0 END AS refund,
        CASE WHEN paid_at IS NULL THEN order_amount ELSE paid_amount END AS amount
    FROM versions LEFT JOIN refunded USING (order_id, line_id)
    WHERE version = 1
"""
ORDERS = """
    SELECT order_id, any_value(customer_id) AS customer_id, min(created_at) AS created_at, min(paid_at) AS paid_at,
        min(shipped_at) AS shipped_at, max(completed_at) AS completed_at, sum(amount) AS amount,
        -- An order is closed when all of its lines are.
        coalesce(min_by(status, line_id) FILTER (WHERE status NOT LIKE 'TRADE_CLOSED%'), min_by(status, line_id)) AS status,
        sum(CASE WHEN paid_at IS NULL THEN 0 ELSE paid_amount END) AS paid, sum(refund) AS refund, sum(quantity) AS quantity,
        min_by(province, line_id) AS province
    FROM lines GROUP BY order_id ORDER BY created_at, order_id
"""


def time(value):
    """A time as exports write it."""
    return value.strftime("%Y-%m-%d %H:%M:%S") if value else ""


def write(name, encoding, header, rows, above=()):
    """Writes an export with CRLF, as the seller centre does."""
    with open(os.path.join(TARGET, name), "w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerows([line] for line in above)
        writer.writerow(header)
        writer.writerows(rows)


def refund_text(refund):
    return f"{refund:.2f}" if refund else "无退款申请"


def main():
    database = duckdb.connect()
    database.execute(f"CREATE TABLE lines AS {LINES}")
    name = database.sql(f"SELECT name FROM '{ROOT}/sample_data/shops.parquet' WHERE shop_id = {SHOP}").fetchall()[0][0]
    cursor = database.execute(ORDERS)
    columns = [column[0] for column in cursor.description]
    orders = [dict(zip(columns, row)) for row in cursor.fetchall()]
    orders = [order for order in orders if order["status"] in STATUSES]

    # The older export has what is left after refunds in 买家实际支付金额; it was made in GBK, with ids that spreadsheets leave alone.
    older = [
        [f'="{o["order_id"]}"', f'会员{o["customer_id"]}', f'{o["amount"]:.2f}', "0.00", f'{o["amount"]:.2f}', f'{o["paid"] - o["refund"]:.2f}',
         STATUSES[o["status"]], "收件人", f'{o["province"] or ""} ***', "'1**********", time(o["created_at"]), time(o["paid_at"]), o["quantity"],
         name, refund_text(o["refund"])]
        for o in orders if o["created_at"].year < 2026
    ]
    header = ["订单编号", "买家会员名", "买家应付货款", "买家应付邮费", "总金额", "买家实际支付金额", "订单状态", "收货人姓名", "收货地址 ", "联系手机",
              "订单创建时间", "订单付款时间 ", "宝贝总数量", "店铺名称", "退款金额"]
    write("ExportOrderList202412-202512.csv", "gbk", header, older)
    # The newer one calls columns otherwise, and has what was paid before refunds.
    newer = [
        [o["order_id"], f'会员{o["customer_id"]}', f'{o["amount"]:.2f}', f'{o["paid"]:.2f}', STATUSES[o["status"]], f'{o["province"] or ""} ***',
         time(o["created_at"]), time(o["paid_at"]), time(o["shipped_at"]), time(o["completed_at"]), o["quantity"], name, refund_text(o["refund"])]
        for o in orders if o["created_at"].year >= 2026
    ]
    header = ["订单编号", "买家会员名", "总金额", "买家实付金额", "订单状态", "收货地址", "订单创建时间", "订单付款时间", "发货时间", "确认收货时间",
              "宝贝总数量", "店铺名称", "退款金额"]
    write("ExportOrderList202601-202611.csv", "utf-8-sig", header, newer)

    rows = database.sql("""SELECT order_id, line_id, amount / quantity AS price, quantity, item_id, status
                           FROM lines ORDER BY created_at, order_id, line_id""").fetchall()
    items = [[order, line, f"{price:.2f}", quantity, f"SKU{item}", STATUSES[status]]
             for order, line, price, quantity, item, status in rows if status in STATUSES]
    write("ExportOrderDetailList202412-202611.csv", "gbk", ["主订单编号", "子订单编号", "价格", "购买数量", "商家编码", "订单状态"], items)

    traffic = database.sql(f"""SELECT date, uv, pv, ipv_uv, ipv, round(dwell_seconds / uv, 2), favorites, cart_adds, new_visitors
                               FROM '{ROOT}/sample_data/traffic/*.parquet'
                               WHERE shop_id = {SHOP} AND channel IS NULL ORDER BY date""").fetchall()
    rows = [[day, *("-" if value is None else f"{value:,}" for value in values)] for day, *values in traffic]
    header = ["统计日期", "访客数", "浏览量", "商品访客数", "商品浏览量", "平均停留时长", "商品收藏次数", "加购件数", "新访客数"]
    write("sycm-202412-202611.csv", "utf-8", header, rows, [f"生意参谋 {name}", "数据仅供参考"])


if __name__ == "__main__":
    main()
