//! The kinds of tables that an import reads, and which of their columns a title names.

use super::{Column, Table, flows, register, sites};
use crate::kernel::fold;

/// A kind of table. A waste register becomes flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Sites,
    Flows,
    Register,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Sites, Self::Flows, Self::Register];

    /// What its lines become.
    #[must_use]
    pub fn table(self) -> Table {
        match self {
            Self::Sites => Table::Sites,
            Self::Flows | Self::Register => Table::Flows,
        }
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Sites => "etablissements",
            Self::Flows => "flux",
            Self::Register => "registre",
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Sites => "des établissements, un par ligne",
            Self::Flows => "des flux, un par ligne",
            Self::Register => "un registre de déchets sortants, un bordereau par ligne",
        }
    }

    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Self::Sites => &sites::COLUMNS,
            Self::Flows => &flows::COLUMNS,
            Self::Register => &register::COLUMNS,
        }
    }

    /// Its columns, and whether a table without them is refused.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, bool)> {
        self.columns().iter().map(|column| (column.name, column.required))
    }

    /// The column of that name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static str> {
        self.fields().map(|(known, _)| known).find(|known| *known == name)
    }

    /// The column that a title names, whatever its case and accents.
    #[must_use]
    pub fn named(self, title: &str) -> Option<&'static str> {
        self.placed(title).map(|(name, _)| name)
    }

    /// The column that a title names, and the rank of that title among its names: the lower, the better.
    #[must_use]
    pub fn placed(self, title: &str) -> Option<(&'static str, usize)> {
        let title = fold(title);
        self.columns().iter().find_map(|column| {
            let mut names = std::iter::once(&column.name).chain(column.also);
            Some((column.name, names.position(|name| fold(name) == title)?))
        })
    }

    /// The column whose name the title holds among other words: the longest such name.
    #[must_use]
    pub fn resembling(self, title: &str) -> Option<&'static str> {
        let title = format!(" {} ", fold(title));
        let names = self.columns().iter().flat_map(|column| {
            let names = std::iter::once(&column.name).chain(column.also);
            names.map(|name| (fold(name), column.name))
        });
        names
            .filter(|(name, _)| name.len() > 2)
            .filter_map(|(name, column)| Some((title.find(&format!(" {name} "))?, name.len(), column)))
            .max_by_key(|(at, length, _)| (*length, std::cmp::Reverse(*at)))
            .map(|(_, _, column)| column)
    }

    /// The kind of table that has such a header, when it says so.
    #[must_use]
    pub fn of(header: &[String]) -> Option<Self> {
        let has = |format: Self, name: &str| header.iter().any(|title| format.named(title) == Some(name));
        let is_register = has(Self::Register, "code_dechet") && has(Self::Register, "quantite");
        if is_register && (has(Self::Register, "producteur_siret") || has(Self::Register, "traitement")) {
            Some(Self::Register)
        } else if has(Self::Flows, "sens") || header.iter().any(|title| fold(title) == "libelle") {
            Some(Self::Flows)
        } else if header.iter().any(|title| fold(title) == "nom") || has(Self::Sites, "siret") {
            Some(Self::Sites)
        } else {
            has(Self::Sites, "nom").then_some(Self::Sites)
        }
    }
}

/// What people call a column of the file format.
#[must_use]
pub fn label(column: &str) -> &str {
    const LABELS: &[(&str, &str)] = &[
        ("reference", "Référence"),
        ("nom", "Nom"),
        ("siret", "SIRET"),
        ("naf", "Code NAF"),
        ("activite", "Activité"),
        ("effectif", "Effectif"),
        ("adresse", "Adresse"),
        ("code_postal", "Code postal"),
        ("commune", "Commune"),
        ("zone", "Zone d’activités"),
        ("latitude", "Latitude"),
        ("longitude", "Longitude"),
        ("etablissement", "Établissement"),
        ("sens", "Sens"),
        ("libelle", "Libellé"),
        ("code", "Catégorie"),
        ("code_dechet", "Code déchet"),
        ("quantite", "Quantité"),
        ("unite", "Unité"),
        ("periode", "Période"),
        ("mois", "Mois"),
        ("certitude", "Origine du chiffre"),
        ("forme", "Forme"),
        ("temperature_c", "Température, en °C"),
        ("pression_bar", "Pression, en bars"),
        ("purete_pct", "Pureté, en %"),
        ("humidite_pct", "Humidité, en %"),
        ("alimentaire", "Qualité alimentaire"),
        ("dangereux", "Dangereux"),
        ("cout_annuel_eur", "Coût annuel, en euros"),
        ("fin_contrat", "Fin de contrat"),
        ("date_observation", "Date d’observation"),
        ("classe_technique", "Classe technique"),
        ("qualite", "Qualité"),
        ("exutoire", "Exutoire ou fournisseur"),
        ("confidentialite", "Confidentialité"),
        ("date", "Date d’expédition"),
        ("denomination", "Dénomination"),
        ("producteur_siret", "SIRET du producteur"),
        ("producteur_nom", "Nom du producteur"),
        ("destinataire_siret", "SIRET du destinataire"),
        ("destinataire_nom", "Nom du destinataire"),
        ("traitement", "Traitement"),
    ];
    let known = LABELS.iter().find(|(name, _)| *name == column);
    known.map_or(column, |(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn every_column_has_a_name_in_french() {
        for format in Format::ALL {
            for (column, _) in format.fields() {
                assert_ne!(super::label(column), column);
            }
        }
    }

    fn of(titles: &str) -> Option<Format> {
        let header: Vec<String> = titles.split(';').map(str::to_owned).collect();
        Format::of(&header)
    }

    #[test]
    fn the_header_says_what_a_table_is() {
        assert_eq!(of("reference;etablissement;sens;libelle"), Some(Format::Flows));
        assert_eq!(of("Raison sociale;Ville"), Some(Format::Sites));
        assert_eq!(
            of("Date d’expédition;Code déchet;Quantité;SIRET producteur"),
            Some(Format::Register)
        );
        assert_eq!(of("a;b"), None);
    }

    #[test]
    fn a_title_among_other_words_is_recognised() {
        assert_eq!(
            Format::Sites.resembling("Code postal du site"),
            Some("code_postal")
        );
        assert_eq!(
            Format::Flows.resembling("Quantité annuelle 2025"),
            Some("quantite")
        );
        assert_eq!(Format::Flows.resembling("Remarques"), None);
    }
}
