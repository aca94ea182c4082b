//! The lists of the application, and what of an address says what they show. No SQL, no clock.

use crate::kernel::words::words;
use crate::platform::web::encoded;

words! {
    /// A list of rows with filters in its address.
    List "list_kind" {
        Establishments "establishments" "Entreprises",
        Flows "flows" "Flux",
        Visits "visits" "Visites",
        Synergies "synergies" "Synergies",
    }
}

impl List {
    /// Pages of higher floors, by address only.
    pub fn path(self) -> &'static str {
        match self {
            Self::Establishments => "/entreprises",
            Self::Flows => "/flux",
            Self::Visits => "/visites",
            Self::Synergies => "/synergies",
        }
    }

    /// The parameters that a saved view keeps: filters, sort, columns; never the page.
    pub fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Establishments => &[
                "q",
                "commune",
                "zone",
                "naf",
                "famille",
                "a_confirmer",
                "tri",
                "sens",
                "vue",
                "colonnes",
            ],
            Self::Flows => &[
                "q",
                "famille",
                "categorie",
                "sens",
                "etat",
                "commune",
                "etablissement",
                "zone",
                "tri",
                "colonnes",
            ],
            Self::Visits => &[
                "qui", "statut", "q", "commune", "depuis", "jusqua", "tri", "colonnes",
            ],
            Self::Synergies => &[
                "corbeille",
                "famille",
                "categorie",
                "type",
                "priorite",
                "attribution",
                "score",
                "regle",
                "commune",
                "immobile",
                "action",
                "q",
                "forme",
                "tri",
                "colonnes",
            ],
        }
    }

    /// A query string with only what the list knows, always in the same order.
    pub fn kept(self, query: &str) -> String {
        let said: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
        let value = |name: &str| {
            let values = said.iter().filter(|(key, _)| key == name);
            let values: Vec<_> = values
                .map(|(_, value)| value.trim())
                .filter(|v| !v.is_empty())
                .collect();
            values.join(",")
        };
        let pairs: Vec<_> = self
            .parameters()
            .iter()
            .map(|name| (*name, value(name)))
            .collect();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .filter(|(_, value)| value.len() <= 400)
            .collect();
        encoded(&pairs)
    }

    /// « 37 traitées »: how many rows, said in the gender of what they are.
    pub fn treated(self, count: usize) -> String {
        counted(count, &self.agreed("traité"))
    }

    /// « 2 refusées ».
    pub fn refused(self, count: usize) -> String {
        counted(count, &self.agreed("refusé"))
    }

    fn agreed(self, word: &str) -> String {
        match self {
            Self::Flows => word.to_owned(),
            Self::Establishments | Self::Visits | Self::Synergies => format!("{word}e"),
        }
    }
}

fn counted(count: usize, word: &str) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("{count}\u{a0}{word}{plural}")
}

#[cfg(test)]
mod tests {
    use super::List;

    #[test]
    fn what_was_done_agrees_with_the_rows() {
        assert_eq!(List::Flows.treated(37), "37\u{a0}traités");
        assert_eq!(List::Visits.treated(1), "1\u{a0}traitée");
        assert_eq!(List::Establishments.refused(2), "2\u{a0}refusées");
        assert_eq!(List::Flows.refused(0), "0\u{a0}refusé");
    }

    #[test]
    fn a_view_keeps_what_its_list_knows() {
        let query = "page=3&etat=a-confirmer&q=carton+brun&vide=&tri=&intrus=1&colonnes=sens&colonnes=vu";
        assert_eq!(
            List::Flows.kept(query),
            "q=carton%20brun&etat=a-confirmer&colonnes=sens,vu"
        );
        assert_eq!(
            List::Flows.kept(&List::Flows.kept(query)),
            List::Flows.kept(query)
        );
        assert_eq!(List::Visits.kept("%%%"), "");
    }
}
