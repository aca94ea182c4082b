//! The filters of the boards, as they stand in the address and follow every link. Pure.

use crate::kernel::ids::ZoneId;
use crate::nomenclature::Family;
use serde::Deserialize;

/// What stands in the address, as typed; what cannot be read is no filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Cut {
    /// The end of the year at which indicators are read; the year in which synergies were proposed.
    pub annee: String,
    pub famille: String,
    pub zone: String,
}

impl Cut {
    pub fn year(&self) -> Option<i32> {
        self.annee
            .parse()
            .ok()
            .filter(|year| (2000..=2100).contains(year))
    }
    pub fn family(&self) -> Option<Family> {
        Family::find(&self.famille)
    }
    pub fn zone(&self) -> Option<ZoneId> {
        self.zone.parse().ok()
    }

    /// This address with every filter kept.
    pub fn href(&self, path: &str) -> String {
        let told = [
            self.year().map(|year| format!("annee={year}")),
            self.family().map(|family| format!("famille={}", family.code())),
            self.zone().map(|zone| format!("zone={zone}")),
        ];
        let told: Vec<_> = told.into_iter().flatten().collect();
        if told.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", told.join("&"))
        }
    }

    /// The rows of a category, where they are narrowed as this is.
    pub fn rows(&self, path: &str, category: &str) -> String {
        let zone = self.zone().map(|zone| format!("&zone={zone}"));
        format!("{path}?categorie={category}{}", zone.unwrap_or_default())
    }

    pub fn with_year(&self, year: Option<i32>) -> Self {
        Self {
            annee: year.map(|year| year.to_string()).unwrap_or_default(),
            ..self.clone()
        }
    }
    pub fn with_family(&self, family: Option<Family>) -> Self {
        Self {
            famille: family.map(|family| family.code().to_owned()).unwrap_or_default(),
            ..self.clone()
        }
    }
    pub fn with_zone(&self, zone: Option<ZoneId>) -> Self {
        Self {
            zone: zone.map(|zone| zone.to_string()).unwrap_or_default(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cut;
    use crate::nomenclature::Family;

    #[test]
    fn links_keep_what_can_be_read() {
        let cut = Cut {
            annee: "2019".to_owned(),
            famille: "MAT".to_owned(),
            zone: "ici".to_owned(),
        };
        assert_eq!(cut.href("/x"), "/x?annee=2019&famille=MAT");
        assert_eq!(
            cut.with_family(Some(Family::Ene)).href("/x"),
            "/x?annee=2019&famille=ENE"
        );
        assert_eq!(cut.with_year(None).with_family(None).href("/x"), "/x");
    }
}
