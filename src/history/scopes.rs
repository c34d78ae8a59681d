//! Scopes: shops that are taken together, whose customers are people over all of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::input::records::facts::Shop;
use crate::job::{GroupIds, Total};
use crate::spec::{ALL, NONE};

/// Shops that are taken together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All shops of the run.
    All,
    /// The shops of a main category; [`NONE`] of those that name none.
    Category(Arc<str>),
    /// The shops of a group, whose customers have the same ids in all of them.
    Group(Arc<str>),
}

/// What scopes are for: the tables that read folds over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// Totals of shops.
    Total,
    /// Groups of shops.
    Group,
}

impl Scope {
    /// What it is for.
    pub fn kind(&self) -> ScopeKind {
        match self {
            Scope::All | Scope::Category(_) => ScopeKind::Total,
            Scope::Group(_) => ScopeKind::Group,
        }
    }

    /// By what its shops are taken together, as tables name it.
    pub fn name(&self) -> &'static str {
        match self {
            Scope::All => Total::All.name(),
            Scope::Category(_) => Total::Category.name(),
            Scope::Group(_) => "group",
        }
    }

    /// What its shops have in common: their category or their group; [`ALL`] for all shops.
    pub fn shared(&self) -> &str {
        match self {
            Scope::All => ALL,
            Scope::Category(shared) | Scope::Group(shared) => shared,
        }
    }
}

/// The scopes of a run, and the shops of each. To folds over scopes a scope is a shop, and its code that of the shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// Ascending; a scope's code is its position.
    scopes: Vec<Scope>,
    /// By shop code: the codes of the shop's scopes, ascending.
    of_shop: Vec<Vec<u32>>,
}

impl Scopes {
    /// The scopes of those totals over so many shops, and of their groups where these share ids; `stated` is the shops input. A shop that
    /// names no group belongs to none.
    pub fn new(totals: &[Total], group_ids: GroupIds, shops: usize, stated: &[Shop]) -> Self {
        let mut named: Vec<(&str, Option<&str>)> = vec![(NONE, None); shops];
        for shop in stated {
            if let Some((category, group)) = named.get_mut(shop.shop as usize) {
                *category = shop.category.as_deref().filter(|category| !category.is_empty()).unwrap_or(*category);
                *group = shop.group.as_deref().filter(|group| !group.is_empty()).or(*group);
            }
        }
        let of_names = |(category, group): &(&str, Option<&str>)| -> Vec<Scope> {
            let scope = |total: &Total| match total {
                Total::All => Scope::All,
                Total::Category => Scope::Category((*category).into()),
            };
            let group = group.filter(|_| group_ids == GroupIds::Shared).map(|group| Scope::Group(group.into()));
            totals.iter().map(scope).chain(group).collect()
        };
        let scopes: BTreeSet<Scope> = named.iter().flat_map(of_names).collect();
        let scopes: Vec<Scope> = scopes.into_iter().collect();
        let codes = |names: &(&str, Option<&str>)| {
            let codes = of_names(names).into_iter().filter_map(|scope| scopes.binary_search(&scope).ok());
            let mut codes: Vec<u32> = codes.map(|code| code as u32).collect();
            codes.sort_unstable();
            codes
        };
        let of_shop = named.iter().map(codes).collect();
        Scopes { scopes, of_shop }
    }

    /// The same scopes with the same codes, shops only in those of these kinds.
    pub fn only(&self, kinds: &[ScopeKind]) -> Scopes {
        let is_kept = |code: &u32| self.scopes.get(*code as usize).is_some_and(|scope| kinds.contains(&scope.kind()));
        let of_shop = self.of_shop.iter().map(|codes| codes.iter().copied().filter(is_kept).collect()).collect();
        Scopes { scopes: self.scopes.clone(), of_shop }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The scopes, in the order of their codes.
    pub fn all(&self) -> &[Scope] {
        &self.scopes
    }

    /// Those of a kind, with their codes.
    pub fn of_kind(&self, kind: ScopeKind) -> impl Iterator<Item = (u32, &Scope)> {
        (0..).zip(&self.scopes).filter(move |(_, scope)| scope.kind() == kind)
    }

    /// What the shops of a scope have in common; `None` for a code that no scope has.
    pub fn shared(&self, code: u32) -> Option<&str> {
        self.scopes.get(code as usize).map(Scope::shared)
    }

    /// The codes of the scopes that a shop belongs to, ascending.
    #[inline]
    pub fn of(&self, shop: u32) -> &[u32] {
        self.of_shop.get(shop as usize).map_or(&[], Vec::as_slice)
    }

    /// The codes of the shops of a scope, ascending.
    pub fn shops(&self, scope: u32) -> impl Iterator<Item = u32> {
        (0..).zip(&self.of_shop).filter(move |(_, scopes)| scopes.contains(&scope)).map(|(shop, _)| shop)
    }

    /// What the scopes are called where they stand for shops, in the order of their codes, which is that of the names.
    pub fn names(&self) -> Vec<String> {
        let name = |scope: &Scope| match scope {
            Scope::All => scope.name().to_owned(),
            Scope::Category(shared) | Scope::Group(shared) => format!("{}:{shared}", scope.name()),
        };
        self.scopes.iter().map(name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::NO_DAY;

    fn shop(shop: u32, category: Option<&str>) -> Shop {
        Shop { shop, name: None, category: category.map(str::to_owned), group: None, opened: NO_DAY, annual_target: None }
    }

    #[test]
    fn every_shop_lies_in_all_and_in_its_category() {
        let stated = [shop(0, Some("茶")), shop(1, Some("")), shop(3, Some("茶"))];
        let scopes = Scopes::new(&[Total::All, Total::Category], GroupIds::Separate, 4, &stated);
        let names: Vec<(&str, &str)> = scopes.all().iter().map(|scope| (scope.name(), scope.shared())).collect();
        assert_eq!(names, [("all", "(all)"), ("category", "(none)"), ("category", "茶")]);
        assert_eq!([0, 1, 2, 3].map(|shop| scopes.of(shop).to_vec()), [vec![0, 2], vec![0, 1], vec![0, 1], vec![0, 2]]);
        assert_eq!([0, 1, 2].map(|scope| scopes.shops(scope).collect::<Vec<u32>>()), [vec![0, 1, 2, 3], vec![1, 2], vec![0, 3]]);
        assert_eq!(scopes.names(), ["all", "category:(none)", "category:茶"]);
        assert_eq!(Scopes::new(&[Total::Category], GroupIds::Separate, 4, &stated).of(3), [1]);
        assert!(Scopes::new(&[], GroupIds::Separate, 4, &stated).is_empty());
    }

    #[test]
    fn a_shop_lies_in_its_group_where_ids_are_shared() {
        let grouped = |code, group: &str| Shop { group: Some(group.to_owned()), ..shop(code, None) };
        let stated = [grouped(0, "north"), grouped(1, ""), grouped(2, "brand"), grouped(3, "north")];
        let scopes = Scopes::new(&[Total::All], GroupIds::Shared, 5, &stated);
        assert_eq!(scopes.names(), ["all", "group:brand", "group:north"]);
        assert_eq!([0, 1, 2, 3, 4].map(|shop| scopes.of(shop).to_vec()), [vec![0, 2], vec![0], vec![0, 1], vec![0, 2], vec![0]]);
        assert_eq!(
            scopes.of_kind(ScopeKind::Group).map(|(code, scope)| (code, scope.shared())).collect::<Vec<_>>(),
            [(1, "brand"), (2, "north")]
        );
        // Codes are the same for who wants the groups only.
        let groups = scopes.only(&[ScopeKind::Group]);
        assert_eq!([0, 1, 2].map(|shop| groups.of(shop).to_vec()), [vec![2], vec![], vec![1]]);
        assert_eq!((groups.shared(2), groups.shared(3)), (Some("north"), None));
        assert_eq!(Scopes::new(&[Total::All], GroupIds::Separate, 5, &stated).names(), ["all"]);
    }
}
