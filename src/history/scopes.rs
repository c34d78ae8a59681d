//! Scopes: shops that are taken together, whose customers are people over all of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::input::records::facts::Shop;
use crate::job::Total;
use crate::spec::{ALL, NONE};

/// Shops that are taken together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All shops of the run.
    All,
    /// The shops of a main category; [`NONE`] of those that name none.
    Category(Arc<str>),
}

impl Scope {
    /// The kind of the scope, as tables name it.
    pub fn name(&self) -> &'static str {
        match self {
            Scope::All => Total::All.name(),
            Scope::Category(_) => Total::Category.name(),
        }
    }

    /// The category of its shops; [`ALL`] where they have several.
    pub fn category(&self) -> &str {
        match self {
            Scope::All => ALL,
            Scope::Category(category) => category,
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
    /// The scopes of those totals over so many shops; `stated` is the shops input.
    pub fn new(totals: &[Total], shops: usize, stated: &[Shop]) -> Self {
        let mut categories = vec![NONE; shops];
        for shop in stated {
            let category = shop.category.as_deref().filter(|category| !category.is_empty());
            if let (Some(known), Some(category)) = (categories.get_mut(shop.shop as usize), category) {
                *known = category;
            }
        }
        let of_category = |category: &&str| -> Vec<Scope> {
            let scope = |total: &Total| match total {
                Total::All => Scope::All,
                Total::Category => Scope::Category((*category).into()),
            };
            totals.iter().map(scope).collect()
        };
        let scopes: BTreeSet<Scope> = categories.iter().flat_map(of_category).collect();
        let scopes: Vec<Scope> = scopes.into_iter().collect();
        let codes = |category: &&str| {
            let codes = of_category(category).into_iter().filter_map(|scope| scopes.binary_search(&scope).ok());
            let mut codes: Vec<u32> = codes.map(|code| code as u32).collect();
            codes.sort_unstable();
            codes
        };
        let of_shop = categories.iter().map(codes).collect();
        Scopes { scopes, of_shop }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The scopes, in the order of their codes.
    pub fn all(&self) -> &[Scope] {
        &self.scopes
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
            Scope::Category(category) => format!("{}:{category}", scope.name()),
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
        let scopes = Scopes::new(&[Total::All, Total::Category], 4, &stated);
        let names: Vec<(&str, &str)> = scopes.all().iter().map(|scope| (scope.name(), scope.category())).collect();
        assert_eq!(names, [("all", "(all)"), ("category", "(none)"), ("category", "茶")]);
        assert_eq!([0, 1, 2, 3].map(|shop| scopes.of(shop).to_vec()), [vec![0, 2], vec![0, 1], vec![0, 1], vec![0, 2]]);
        assert_eq!([0, 1, 2].map(|scope| scopes.shops(scope).collect::<Vec<u32>>()), [vec![0, 1, 2, 3], vec![1, 2], vec![0, 3]]);
        assert_eq!(scopes.names(), ["all", "category:(none)", "category:茶"]);
        assert_eq!(Scopes::new(&[Total::Category], 4, &stated).of(3), [1]);
        assert!(Scopes::new(&[], 4, &stated).is_empty());
    }
}
