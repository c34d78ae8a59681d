//! What files say of a row that is of the whole shop, in a column whose other values are parts: terminals, sources, items.

/// The texts, in lower case and without blanks.
const WHOLE: [&str; 24] = [
    "所有终端",
    "全部终端",
    "所有设备",
    "全部设备",
    "所有平台",
    "全部平台",
    "所有来源",
    "全部来源",
    "所有渠道",
    "全部渠道",
    "所有商品",
    "全部商品",
    "所有",
    "全部",
    "汇总",
    "合计",
    "总计",
    "整体",
    "全店",
    "店铺整体",
    "不限",
    "all",
    "total",
    "overall",
];

/// Whether a text stands for the whole of what its column divides.
pub fn is_whole(text: &str) -> bool {
    let bare: String = text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
    WHOLE.contains(&bare.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_in_the_words_of_exports() {
        assert!(["所有终端", " 全部 ", "ALL", "Total", "汇总"].into_iter().all(is_whole));
        assert!(!["PC端", "无线端", "手淘搜索", "", "12"].into_iter().any(is_whole));
    }
}
