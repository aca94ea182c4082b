//! What is looked for among flows: the filters as they stand in the address, and what they mean. The
//! list and the exports ask the same, so they show the same set.

use super::back::encoded;
use super::paths;
use super::store::{Filter, Sort};
use crate::kernel::Direction;
use crate::nomenclature::{Family, FlowCode};
use crate::platform::web::Chosen;
use crate::platform::web::clean;
use crate::platform::web::columns::columns;
use chrono::{Months, NaiveDate};
use serde::Deserialize;

/// The address's parameters, as typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    pub q: String,
    pub famille: String,
    pub categorie: String,
    pub sens: String,
    pub etat: String,
    pub commune: String,
    pub etablissement: String,
    pub zone: String,
    pub tri: String,
    pub colonnes: Vec<String>,
    pub page: String,
    pub supprime: String,
}

columns! {
    /// Beside the flow's name.
    pub Column {
        Direction "sens" "Sens" true,
        Establishment "entreprise" "Entreprise" true,
        Commune "commune" "Commune" false,
        Category "categorie" "Catégorie" true,
        Quantity "quantite" "Quantité par an" true,
        Certainty "origine" "Origine" true,
        Outlet "exutoire" "Exutoire ou fournisseur" false,
        Quality "qualite" "Qualité" false,
        Cost "cout" "Coût annuel" false,
        ContractEnd "contrat" "Fin de contrat" false,
        WasteCode "dechet" "Code déchet" false,
        Visibility "confidentialite" "Confidentialité" false,
        Source "venu_par" "Venu par" false,
        Known "vu" "Vu le" true,
    }
}

pub const TO_CLASSIFY: &str = "a-classer";
pub const TO_CONFIRM: &str = "a-confirmer";

impl ListQuery {
    pub fn filter(&self, stale_before: Option<NaiveDate>) -> Filter {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        Filter {
            words: given(&clean(&self.q)),
            family: Family::find(&self.famille.to_uppercase()).map(|family| family.code().to_owned()),
            category: FlowCode::find(&self.categorie).map(|code| code.as_str().to_owned()),
            direction: Direction::parse(&self.sens).ok(),
            unclassified: self.etat == TO_CLASSIFY,
            stale_before: stale_before.filter(|_| self.etat == TO_CONFIRM),
            insee: given(&self.commune),
            establishment: self.etablissement.parse().ok(),
            zone: self.zone.parse().ok(),
        }
    }

    pub fn sort(&self) -> (Sort, bool) {
        let (descending, key) = match self.tri.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, self.tri.as_str()),
        };
        let sort = Sort::ALL
            .into_iter()
            .find(|sort| sort.word() == key)
            .unwrap_or_default();
        (sort, descending)
    }

    pub fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 100_000)
    }

    pub fn columns(&self) -> Chosen<Column> {
        Chosen::read(&self.colonnes)
    }

    /// The same list with one parameter changed, from its first page.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.at(paths::LIST, name, value)
    }

    /// What the address says, from its first page.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("q", &self.q),
            ("famille", &self.famille),
            ("categorie", &self.categorie),
            ("sens", &self.sens),
            ("etat", &self.etat),
            ("commune", &self.commune),
            ("etablissement", &self.etablissement),
            ("zone", &self.zone),
            ("tri", &self.tri),
        ];
        let pairs = pairs.into_iter().map(|(name, value)| (name, value.clone()));
        pairs.chain([("colonnes", self.columns().word())]).collect()
    }

    /// What `path` shows of the same list, with one parameter changed.
    pub fn at(&self, path: &str, name: &str, value: &str) -> String {
        let pairs = self.pairs();
        let kept = pairs
            .iter()
            .filter(|(key, _)| *key != name)
            .map(|(key, value)| (*key, value.as_str()));
        let pairs: Vec<_> = kept
            .chain([(name, value)])
            .filter(|(key, value)| !key.is_empty() && !value.is_empty())
            .map(|(key, value)| format!("{key}={}", encoded(value)))
            .collect();
        if pairs.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", pairs.join("&"))
        }
    }

    pub fn address(&self) -> String {
        self.with("", "")
    }

    /// Ends where the page number goes.
    pub fn pager_base(&self) -> String {
        let address = self.address();
        let mark = if address.contains('?') { '&' } else { '?' };
        format!("{address}{mark}page=")
    }
}

/// The day before which a flow is to be confirmed.
pub fn stale_before(today: NaiveDate, freshness_months: i32) -> Option<NaiveDate> {
    today.checked_sub_months(Months::new(u32::try_from(freshness_months).unwrap_or(u32::MAX)))
}

impl Sort {
    pub const ALL: [Self; 5] = [
        Self::Label,
        Self::Establishment,
        Self::Category,
        Self::Quantity,
        Self::Known,
    ];

    /// The word of the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Label => "flux",
            Self::Establishment => "entreprise",
            Self::Category => "categorie",
            Self::Quantity => "quantite",
            Self::Known => "date",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ListQuery, Sort};
    use crate::kernel::Direction;

    #[test]
    fn the_address_says_the_whole_list() {
        let query = ListQuery {
            q: "pal & bois".to_owned(),
            sens: "sortant".to_owned(),
            tri: "-quantite".to_owned(),
            page: "3".to_owned(),
            ..ListQuery::default()
        };
        assert_eq!(
            query.address(),
            "/flux?q=pal%20%26%20bois&sens=sortant&tri=-quantite"
        );
        assert_eq!(query.with("sens", ""), "/flux?q=pal%20%26%20bois&tri=-quantite");
        assert_eq!(query.sort(), (Sort::Quantity, true));
        assert_eq!(query.page(), 3);
        assert_eq!(ListQuery::default().address(), "/flux");
        assert_eq!(ListQuery::default().pager_base(), "/flux?page=");
    }

    #[test]
    fn an_unreadable_filter_is_no_filter() {
        let query = ListQuery {
            famille: "XYZ".to_owned(),
            categorie: "MAT-99".to_owned(),
            sens: "sortant".to_owned(),
            page: "-4".to_owned(),
            tri: "hasard".to_owned(),
            ..ListQuery::default()
        };
        let filter = query.filter(None);
        assert_eq!(
            (filter.family, filter.category, filter.direction),
            (None, None, Some(Direction::Outbound))
        );
        assert_eq!((query.page(), query.sort()), (1, (Sort::Establishment, false)));
    }
}
