//! The known exports: the names of their columns, in exports of different years, and the columns of ours that they stand for.

use crate::input::declared::columns::{AFFILIATE_ORDERS, INPUTS, ITEM_TRAFFIC, Input, InputKind, ORDERS, TRAFFIC};

/// A column that an export may have.
#[derive(Debug)]
pub struct Wanted {
    /// Our name; one that begins with `_` only serves calculations.
    pub ours: &'static str,
    /// The names in exports, the best one first.
    pub theirs: &'static [&'static str],
}

/// A kind of export.
#[derive(Debug)]
pub struct Preset {
    /// Its name on the command line.
    pub name: &'static str,
    /// The folder below the target that its rows are written to.
    pub folder: &'static str,
    /// The input that its rows belong to.
    pub input: &'static Input,
    /// The columns that it may have.
    pub wanted: &'static [Wanted],
    /// Groups of columns; at least one of each group is required.
    pub needs: &'static [&'static [&'static str]],
    /// Columns of such exports that are left out on purpose, and why.
    pub inexact: &'static [(&'static str, &'static str)],
}

impl Preset {
    /// The names that one of our columns has in exports.
    pub fn names(&self, ours: &str) -> &'static [&'static str] {
        self.wanted.iter().find(|wanted| wanted.ours == ours).map_or(&[], |wanted| wanted.theirs)
    }
}

/// Columns of which each value is a part of a shop: its terminal, source or item. Rows of parts are those of channels.
pub const PARTS: [&str; 5] = ["_terminal", "_source_1", "_source_2", "_source_3", "_item"];

/// What became of an affiliate order; serves only to know whose commission is never paid.
pub const STATE: &str = "_state";

/// The kind of one of our columns in an input.
pub fn kind(input: &Input, ours: &str) -> InputKind {
    match input.columns.iter().find(|column| column.name == ours) {
        Some(column) => column.kind,
        None if PARTS.contains(&ours) || ours == STATE => InputKind::Text,
        // Other columns that only serve calculations are amounts.
        None => InputKind::Money,
    }
}

/// The input of that name.
pub fn input(name: &str) -> Option<&'static Input> {
    INPUTS.into_iter().find(|input| input.name == name)
}

const fn wanted(ours: &'static str, theirs: &'static [&'static str]) -> Wanted {
    Wanted { ours, theirs }
}

const SHOP: &[&str] = &["店铺名称", "店铺名", "店铺", "品牌名称", "店铺Id", "店铺编号"];
const BUYER: &[&str] =
    &["买家会员名", "买家昵称", "买家会员昵称", "买家旺旺", "买家旺旺号", "买家旺旺名", "会员名", "买家ID", "买家open_uid", "买家openuid"];
const CREATED: &[&str] = &["订单创建时间", "下单时间", "拍下时间", "创建时间"];
const PAID_AT: &[&str] = &["订单付款时间", "付款时间", "订单支付时间", "支付时间", "付款日期"];
const SHIPPED: &[&str] = &["发货时间", "订单发货时间"];
const COMPLETED: &[&str] = &["确认收货时间", "订单完成时间", "交易完成时间", "交易成功时间"];
const STATUS: &[&str] = &["订单状态", "交易状态"];
const PAID: &[&str] = &["买家实际支付金额", "买家实付金额", "实际支付金额", "实付金额", "支付金额", "买家实付"];
const REFUND: &[&str] = &["退款金额", "退款总金额", "已退款金额", "成功退款金额"];

/// The order report of the seller centre (ExportOrderList): one row for each order.
pub static TMALL_ORDERS: Preset = Preset {
    name: "tmall-orders",
    folder: "orders",
    input: &ORDERS,
    wanted: &[
        wanted("shop_id", SHOP),
        wanted("order_id", &["订单编号", "订单号", "主订单编号", "交易编号"]),
        wanted("customer_id", BUYER),
        wanted("created_at", CREATED),
        wanted("paid_at", PAID_AT),
        wanted("shipped_at", SHIPPED),
        wanted("completed_at", COMPLETED),
        wanted("status", STATUS),
        wanted("order_amount", &["总金额", "订单总金额", "订单金额", "应付总金额"]),
        wanted("_goods", &["买家应付货款"]),
        wanted("_postage", &["买家应付邮费"]),
        wanted("paid_amount", PAID),
        wanted("refund_amount", REFUND),
        wanted("quantity", &["宝贝总数量", "商品总数量", "购买数量", "商品数量", "宝贝数量"]),
        wanted("province", &["收货人省份", "收货省份", "省份", "省", "收货地址", "收货人地址"]),
    ],
    needs: &[&["order_id", "customer_id"], &["created_at", "paid_at"], &["paid_amount"]],
    inexact: &[],
};

/// The item report of the seller centre (ExportOrderDetailList): one row for each line of an order.
pub static TMALL_ITEMS: Preset = Preset {
    name: "tmall-items",
    folder: "items",
    input: &ORDERS,
    wanted: &[
        wanted("shop_id", SHOP),
        wanted("order_id", &["主订单编号", "主订单号", "订单编号", "订单号"]),
        wanted("line_id", &["子订单编号", "子订单号"]),
        wanted("customer_id", BUYER),
        wanted("created_at", CREATED),
        wanted("paid_at", PAID_AT),
        wanted("shipped_at", SHIPPED),
        wanted("completed_at", COMPLETED),
        wanted("status", STATUS),
        wanted("_price", &["价格", "商品价格", "宝贝价格", "单价"]),
        wanted("order_amount", &["买家应付货款"]),
        wanted("paid_amount", PAID),
        wanted("refund_amount", REFUND),
        wanted("quantity", &["购买数量", "商品数量", "宝贝数量", "数量"]),
        wanted("item_title", &["标题", "宝贝标题", "商品标题", "宝贝名称", "商品名称"]),
        // Many of these reports have no number of the item: the seller's own, or the title, then says which item it is.
        wanted(
            "item_id",
            &["商品ID", "宝贝ID", "商品编号", "商家编码", "外部系统编号", "标题", "宝贝标题", "商品标题", "宝贝名称", "商品名称"],
        ),
    ],
    needs: &[&["order_id"], &["line_id", "item_id", "_price"], &["_price", "paid_amount"]],
    inexact: &[],
};

/// Daily figures of a shop as 生意参谋 exports them.
pub static SYCM_TRAFFIC: Preset = Preset {
    name: "sycm-traffic",
    folder: "traffic",
    input: &TRAFFIC,
    wanted: &[
        wanted("shop_id", SHOP),
        wanted("date", &["统计日期", "日期"]),
        wanted("pv", &["浏览量", "店铺浏览量", "浏览量(PV)"]),
        wanted("uv", &["访客数", "店铺访客数", "访客数(UV)"]),
        wanted("ipv", &["商品浏览量"]),
        wanted("ipv_uv", &["商品访客数"]),
        wanted("visits", &["访问次数"]),
        wanted("bounces", &["跳失次数"]),
        wanted("favorites", &["商品收藏次数"]),
        wanted("cart_adds", &["加购件数", "商品加购件数"]),
        wanted("new_visitors", &["新访客数"]),
        wanted("cost", &["花费", "推广花费", "消耗", "消耗金额"]),
        wanted("_terminal", &["终端", "终端类型", "所属终端", "访问终端", "设备", "设备类型", "设备终端", "平台", "平台类型"]),
        wanted(
            "_source_1",
            &["一级来源", "一级流量来源", "流量来源", "来源名称", "来源", "来源渠道", "流量渠道", "渠道名称", "渠道", "流量类型"],
        ),
        wanted("_source_2", &["二级来源", "二级流量来源", "流量来源明细", "来源明细"]),
        wanted("_source_3", &["三级来源", "三级流量来源"]),
        wanted("_item", &["商品ID", "宝贝ID", "主商品ID", "商品编号", "商品名称", "宝贝名称", "商品标题", "宝贝标题"]),
    ],
    needs: &[&["date"], &["uv", "pv", "ipv_uv", "ipv"]],
    inexact: &[
        ("平均停留时长", "a rounded mean, from which the seconds cannot be calculated"),
        ("跳失率", "a rounded share of the visitors, while huitou counts visits"),
        ("加购人数", "people; huitou counts the items, 加购件数"),
        ("收藏人数", "people; huitou counts the times, 商品收藏次数"),
        ("商品收藏买家数", "people; huitou counts the times, 商品收藏次数"),
    ],
};

/// The items of a shop by day as 生意参谋 exports them (商品明细).
pub static SYCM_ITEMS: Preset = Preset {
    name: "sycm-items",
    folder: "item_traffic",
    input: &ITEM_TRAFFIC,
    wanted: &[
        wanted("shop_id", SHOP),
        wanted("date", &["统计日期", "日期"]),
        wanted("item_id", &["商品ID", "宝贝ID", "主商品ID", "商品编号"]),
        wanted("ipv", &["商品浏览量", "浏览量"]),
        wanted("ipv_uv", &["商品访客数", "访客数"]),
        // Of one item and day, people are as good as times: nobody can like an item twice.
        wanted("favorites", &["商品收藏次数", "收藏次数", "商品收藏人数", "收藏人数"]),
        wanted("cart_adds", &["商品加购件数", "加购件数"]),
    ],
    needs: &[&["date"], &["item_id"], &["ipv_uv", "ipv"]],
    inexact: &[
        ("平均停留时长", "a rounded mean, from which the seconds cannot be calculated"),
        ("商品平均停留时长", "a rounded mean, from which the seconds cannot be calculated"),
        ("商品详情页跳出率", "a rounded share of the visitors"),
        ("商品加购人数", "people; huitou counts the items, 商品加购件数"),
        ("加购人数", "people; huitou counts the items, 加购件数"),
    ],
};

/// The order details of an affiliate alliance (淘宝联盟 订单明细): what a publisher earns by each line. Names as public programs read and
/// write them; those of reports for shops are less certain.
pub static TBK_ORDERS: Preset = Preset {
    name: "tbk-orders",
    folder: "affiliate_orders",
    input: &AFFILIATE_ORDERS,
    wanted: &[
        wanted("shop_id", &["店铺名称", "店铺名", "所属店铺", "店铺"]),
        wanted("order_id", &["淘宝订单编号", "淘宝订单号", "淘宝父订单编号", "淘宝父订单号", "主订单编号", "父订单号", "订单编号"]),
        wanted("line_id", &["淘宝子订单号", "淘宝子订单编号", "子订单编号", "子订单号"]),
        wanted(
            "publisher_id",
            &[
                "推广者ID",
                "淘宝客ID",
                "淘客ID",
                "媒体ID",
                "来源媒体ID",
                "推广位ID",
                "广告位ID",
                "推广者名称",
                "媒体名称",
                "来源媒体名称",
                "推广位名称",
                "广告位名称",
            ],
        ),
        wanted("plan", &["计划名称", "推广计划名称", "推广计划", "计划类型", "推广类型"]),
        wanted("clicked_at", &["点击时间", "淘客点击时间"]),
        wanted("paid_at", &["付款时间", "淘客付款时间", "淘宝付款时间", "支付时间", "订单付款时间"]),
        wanted("settled_at", &["结算时间", "佣金结算时间", "淘客结算时间"]),
        wanted("estimated_commission", &["预估佣金", "付款预估佣金", "预估佣金金额", "付款预估收入", "效果预估"]),
        wanted("settled_commission", &["结算佣金", "结算佣金金额", "实际佣金", "结算预估收入", "预估收入"]),
        wanted("clawed_back", &["退还佣金", "应退还佣金", "已退还佣金", "退款佣金"]),
        wanted("modified_at", &["更新时间", "修改时间", "最后更新时间"]),
        wanted(STATE, &["订单状态", "淘客订单状态"]),
    ],
    needs: &[&["order_id"], &["publisher_id"], &["estimated_commission"]],
    inexact: &[
        (
            "佣金金额",
            "all that the shop pays for the settled amount; the income of the publisher, before and after the settlement, is a part of it",
        ),
        ("提成", "a rounded rate; the amounts follow from it only roughly"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_name_columns_that_inputs_have() {
        for preset in [&TMALL_ORDERS, &TMALL_ITEMS, &SYCM_TRAFFIC, &TBK_ORDERS, &SYCM_ITEMS] {
            for wanted in preset.wanted {
                assert!(wanted.ours.starts_with('_') || preset.input.position(wanted.ours).is_some(), "{}: {}", preset.name, wanted.ours);
            }
            for need in preset.needs.iter().flat_map(|group| *group) {
                assert!(!preset.names(need).is_empty(), "{}: {need}", preset.name);
            }
        }
    }
}
