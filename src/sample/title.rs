//! Titles of items, as a shop calls them on a day: what an item is, and what searches are to find.

use std::fmt::{Display, Formatter, Result};

use super::calendar::DAY;
use super::shop::Shop;
use super::world::World;

/// By main category what items are, by their category in it.
const NOUNS: [[&str; 6]; 3] = [
    ["连衣裙", "针织开衫", "阔腿牛仔裤", "雪纺衬衫", "毛呢外套", "百褶半身裙"],
    ["保湿面霜", "洁面乳", "精华液", "哑光口红", "防晒乳", "补水面膜"],
    ["混合坚果", "手工曲奇", "冻干草莓", "高山绿茶", "鲜花饼", "牛肉干"],
];

/// By main category what is said of them.
const WORDS: [[&str; 7]; 3] = [
    ["法式复古", "宽松显瘦", "小香风", "慵懒风", "高腰", "通勤", "小个子"],
    ["敏感肌可用", "滋润", "清爽控油", "温和", "长效", "平价", "学生党"],
    ["独立小包装", "低糖", "办公室零食", "礼盒装", "原味", "家庭装", "当季新品"],
];

/// Of seven items one is called otherwise from this part of the days on.
const EVERY: u64 = 7;
const RENAMED_AFTER: f64 = 0.75;

/// What a shop calls an item on a day.
#[derive(Debug, Clone, Copy)]
pub struct Title {
    category: usize,
    item: u64,
    is_renamed: bool,
}

impl Title {
    /// That of an item of a shop in a second.
    pub fn of(world: &World, shop: &Shop, item: u64, second: u32) -> Self {
        let is_later = f64::from(second / DAY) >= world.calendar.days as f64 * RENAMED_AFTER;
        Title { category: shop.category, item, is_renamed: is_later && item.is_multiple_of(EVERY) }
    }
}

impl Display for Title {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let of = |texts: Option<&[&'static str]>, at: u64| texts.and_then(|texts| texts.get(at as usize % texts.len().max(1)).copied());
        let word = of(WORDS.get(self.category).map(|words| &words[..]), self.item).unwrap_or_default();
        let noun = of(NOUNS.get(self.category).map(|nouns| &nouns[..]), self.item).unwrap_or("商品");
        let prefix = if self.is_renamed { "爆款" } else { "" };
        write!(formatter, "{prefix}{word}{noun} {:03}款", self.item + 1)
    }
}
