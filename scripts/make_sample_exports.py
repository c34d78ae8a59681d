"""Writes sample_data/exports/: the exports that a seller centre would write for one shop of the sample data, for docs/quick-start.md.

    python scripts/make_sample_exports.py

Two years of orders in two files, as they come: 2025 in GBK, 2026 in UTF-8 with another name for a column, ids that spreadsheets
leave alone, receivers and telephone numbers that nobody needs. And the visitors of every day. All of it is made up, receivers too.
"""

import csv
import os

import duckdb

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(ROOT, "sample_data")
EXPORTS = os.path.join(DATA, "exports")
SHOP = 58501038
SHOP_NAME = "回头美妆旗舰店"
STATUS = {
    "WAIT_BUYER_PAY": "等待买家付款",
    "WAIT_SELLER_SEND_GOODS": "买家已付款,等待卖家发货",
    "WAIT_BUYER_CONFIRM_GOODS": "卖家已发货,等待买家确认",
    "TRADE_FINISHED": "交易成功",
    "TRADE_CLOSED": "交易关闭",
    "TRADE_CLOSED_BY_TAOBAO": "交易关闭",
}
# Provinces as addresses have them.
FULL = {"北京": "北京市", "上海": "上海市", "天津": "天津市", "重庆": "重庆市", "内蒙古": "内蒙古自治区", "广西": "广西壮族自治区",
        "西藏": "西藏自治区", "宁夏": "宁夏回族自治区", "新疆": "新疆维吾尔自治区"}
# The last version of every line, and the lines of an order together: the report has a row for each order.
ORDERS = f"""
    WITH lines AS (
        FROM read_parquet('{DATA}/orders/*.parquet', filename = true, file_row_number = true)
        WHERE shop_id = {SHOP} AND customer_id IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY order_id, line_id ORDER BY modified_at DESC, filename DESC, file_row_number DESC) = 1
    )
    SELECT order_id, min(customer_id), sum(order_amount), coalesce(sum(paid_amount), 0), coalesce(sum(refund_amount), 0),
           arg_min(status, line_id), min(created_at), min(paid_at), min(shipped_at), max(completed_at), sum(quantity)::BIGINT,
           arg_min(province, line_id)
    FROM lines
    GROUP BY order_id
    HAVING year(min(created_at)) = ? AND min(coalesce(paid_amount, 0)) >= 0 AND count(DISTINCT customer_id) = 1
       AND bool_and(status IN ({', '.join(f"'{status}'" for status in STATUS)})) AND coalesce(min(paid_at) >= min(created_at), true)
    ORDER BY min(created_at), order_id
"""
TRAFFIC = f"""
    FROM '{DATA}/traffic/*.parquet'
    SELECT date, uv, pv, ipv_uv, ipv, cart_adds
    WHERE shop_id = {SHOP} AND channel IS NULL AND year(date) >= 2025
    ORDER BY date
"""


def address(province):
    """The beginning of an address."""
    return FULL.get(province, f"{province}省") if province else ""


def orders(year, buyer):
    """The order report of a year; `buyer` is its name for the column of buyers."""
    yield ["订单编号", buyer, "总金额", "买家实际支付金额", "退款金额", "订单状态", "收货人姓名", "收货地址 ", "联系手机",
           "订单创建时间", "订单付款时间 ", "发货时间", "确认收货时间", "宝贝总数量", "店铺名称"]
    for number, row in enumerate(duckdb.execute(ORDERS, [year]).fetchall()):
        order, customer, total, paid, refund, status, created, paid_at, shipped, completed, quantity, province = row
        yield [f'="{order}"', f"买家{customer}", total, paid, refund if refund else "无退款申请", STATUS[status],
               f"收货人{number}", f"{address(province)} 某某路{number}号", f"'1380000{number % 10000:04}",
               created, paid_at or "", shipped or "", completed or "", quantity, SHOP_NAME]


def traffic():
    """The visitors of every day."""
    yield ["统计日期", "访客数", "浏览量", "商品访客数", "商品浏览量", "加购件数", "店铺名称"]
    for row in duckdb.sql(TRAFFIC).fetchall():
        yield ["" if value is None else value for value in row] + [SHOP_NAME]


def write(name, encoding, rows):
    """A CSV file as the seller centre writes it, with Windows line ends."""
    with open(os.path.join(EXPORTS, name), "w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


os.makedirs(EXPORTS, exist_ok=True)
write("ExportOrderList-2025.csv", "gbk", orders(2025, "买家会员名"))
write("ExportOrderList-2026.csv", "utf-8-sig", orders(2026, "买家昵称"))
write("sycm-traffic.csv", "utf-8", traffic())
