//! Privacy: columns about people are left out, buyers get pseudonyms, addresses are cut to the province.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::header::normalized;
use crate::error::{Error, Result};

/// Bytes that a salt needs at least: with fewer, names could be found by trying all salts.
pub const SHORTEST_SALT: usize = 16;

/// Parts of column names that mark what somebody is called, where they live, or what they wrote.
const PERSONAL: [&str; 27] = [
    "收货人",
    "收件人",
    "收货地址",
    "地址",
    "电话",
    "手机",
    "姓名",
    "身份证",
    "证件",
    "邮箱",
    "email",
    "e-mail",
    "支付宝账号",
    "支付宝帐号",
    "支付宝账户",
    "留言",
    "备注",
    "发票",
    "抬头",
    "纳税人",
    "开票",
    "银行",
    "微信",
    "qq",
    "会员名",
    "昵称",
    "旺旺",
];

/// Names that contain such a part but are not about a person.
const IMPERSONAL: [&str; 4] = ["是否手机订单", "手机订单", "备注标签", "收货人省份"];

/// Whether a column is about a person.
pub fn is_personal(column: &str) -> bool {
    let name = normalized(column);
    !IMPERSONAL.contains(&name.as_str()) && PERSONAL.iter().any(|part| name.contains(part))
}

/// Whether a column has the account names of buyers: the only column about people that may stand for a customer unchanged.
pub fn is_buyer(column: &str) -> bool {
    let name = normalized(column);
    ["会员名", "昵称", "旺旺"].iter().any(|part| name.contains(part))
}

/// Replaces buyers' names by pseudonyms: HMAC-SHA256 under a secret salt, 128 bits of it in hexadecimal digits.
///
/// The same salt gives the same pseudonyms in later months. Without the salt, nobody can find the name of a pseudonym or test names.
#[derive(Clone)]
pub struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    /// The pseudonyms of a salt.
    ///
    /// # Errors
    /// [`Error::Bug`] where HMAC refuses the salt, though it takes any length.
    pub fn new(salt: &[u8]) -> Result<Self> {
        Hmac::new_from_slice(salt).map(Pseudonyms).map_err(Error::bug)
    }

    /// The pseudonym of a name.
    pub fn of(&self, name: &str) -> String {
        let mut hmac = self.0.clone();
        hmac.update(name.as_bytes());
        hex::encode(&hmac.finalize().into_bytes()[..16])
    }

    /// A check value that differs between salts and reveals nothing else about them.
    pub fn check(&self) -> String {
        self.of("\0huitou salt").chars().take(8).collect()
    }
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms")
    }
}

/// The provinces: the short name, and the rest of the full name.
const PROVINCES: [(&str, &str); 34] = [
    ("北京", "市"),
    ("天津", "市"),
    ("上海", "市"),
    ("重庆", "市"),
    ("河北", "省"),
    ("山西", "省"),
    ("辽宁", "省"),
    ("吉林", "省"),
    ("黑龙江", "省"),
    ("江苏", "省"),
    ("浙江", "省"),
    ("安徽", "省"),
    ("福建", "省"),
    ("江西", "省"),
    ("山东", "省"),
    ("河南", "省"),
    ("湖北", "省"),
    ("湖南", "省"),
    ("广东", "省"),
    ("海南", "省"),
    ("四川", "省"),
    ("贵州", "省"),
    ("云南", "省"),
    ("陕西", "省"),
    ("甘肃", "省"),
    ("青海", "省"),
    ("台湾", "省"),
    ("内蒙古", "自治区"),
    ("广西", "壮族自治区"),
    ("西藏", "自治区"),
    ("宁夏", "回族自治区"),
    ("新疆", "维吾尔自治区"),
    ("香港", "特别行政区"),
    ("澳门", "特别行政区"),
];

/// The province with which an address begins, as written there; `None` where it begins with none. A street may be named after a
/// province, so a short name counts only if a blank, the end, or the word for an administrative division follows.
pub fn province(address: &str) -> Option<&str> {
    let address = address.trim_start().trim_start_matches("中国").trim_start();
    let (short, rest, full) = PROVINCES.iter().find_map(|(short, full)| Some((*short, address.strip_prefix(short)?, *full)))?;
    if rest.starts_with(full) {
        return address.get(..short.len() + full.len());
    }
    let is_division = ["省", "市", "自治区", "特别行政区"].iter().any(|kind| rest.starts_with(kind));
    let is_end = rest.chars().next().is_none_or(char::is_whitespace);
    if is_division || is_end { address.get(..short.len()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_about_people_are_recognised_by_parts_of_their_names() {
        for column in [
            "收货人姓名",
            "收货地址 ",
            "修改后的收货地址",
            "联系手机",
            "买家身份证号",
            "买家留言",
            "订单备注",
            "发票抬头",
            "买家支付宝账号",
            "E-Mail",
        ] {
            assert!(is_personal(column), "{column}");
        }
        for column in ["订单编号", "是否手机订单", "店铺名称", "宝贝标题", "物流公司", "支付单号"] {
            assert!(!is_personal(column), "{column}");
        }
    }

    /// RFC 4231, test case 1: key of twenty bytes 0x0b, data "Hi There".
    #[test]
    fn pseudonyms_are_hmac_sha256() {
        let pseudonyms = Pseudonyms::new(&[0x0b; 20]).unwrap();
        assert_eq!(pseudonyms.of("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b");
        let others = Pseudonyms::new(&[0x0c; 20]).unwrap();
        assert_ne!(others.of("Hi There"), pseudonyms.of("Hi There"));
        assert_ne!(others.check(), pseudonyms.check());
    }

    #[test]
    fn of_an_address_only_the_province_is_left() {
        assert_eq!(province("广东省 深圳市 南山区 科技园路 1 号"), Some("广东省"));
        assert_eq!(province("内蒙古自治区呼和浩特市"), Some("内蒙古自治区"));
        assert_eq!(province("上海 上海市 ***"), Some("上海"));
        assert_eq!(province("中国 浙江省"), Some("浙江省"));
        assert_eq!(province("长安街 1 号"), None);
        assert_eq!(province("吉林 吉林市"), Some("吉林"));
        assert_eq!(province("广西壮族自治区南宁市"), Some("广西壮族自治区"));
        assert_eq!(province("广西自治区"), Some("广西"));
        assert_eq!(province("吉林路5号"), None);
        assert_eq!(province("张三 13800000000 广东省"), None);
    }
}
