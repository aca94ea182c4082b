//! Reading the journal: what changed between two states, in words. And addresses of filtered lists.

use crate::kernel::format_number;
use crate::platform::web::encoded;
use serde_json::{Map, Value};

/// One field that changed. `None` is « nothing »: absent or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// Bookkeeping that nobody reads.
const SILENT: [&str; 5] = ["id", "version", "updated_at", "created_at", "kind_of_event"];

/// What differs between two states of a thing, field by field; all of it when there is only one.
pub(super) fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let nothing = Map::new();
    let fields = |state: Option<&Value>| state.and_then(Value::as_object).cloned();
    if let (None, None) = (fields(before), fields(after)) {
        let change = Change {
            field: "Valeur".to_owned(),
            before: before.and_then(words),
            after: after.and_then(words),
        };
        return if change.before == change.after {
            Vec::new()
        } else {
            vec![change]
        };
    }
    let (old, new) = (fields(before), fields(after));
    let (old, new) = (old.as_ref().unwrap_or(&nothing), new.as_ref().unwrap_or(&nothing));
    let added = new.keys().filter(|key| !old.contains_key(*key));
    old.keys()
        .chain(added)
        .filter(|key| !SILENT.contains(&key.as_str()) && !secret(key))
        .map(|key| Change {
            field: field_label(key),
            before: old.get(key).and_then(words),
            after: new.get(key).and_then(words),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Never shown, were one ever written.
fn secret(key: &str) -> bool {
    ["password", "token", "hash", "secret"]
        .iter()
        .any(|word| key.contains(word))
}

/// A value as a person reads it; `None` when there is none.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(true) => Some("oui".to_owned()),
        Value::Bool(false) => Some("non".to_owned()),
        Value::Number(number) => number.as_f64().map(|n| format_number(n, 6)),
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Array(items) => {
            let words: Vec<_> = items.iter().filter_map(words).collect();
            (!words.is_empty()).then(|| words.join(", "))
        }
        Value::Object(fields) => {
            let words: Vec<_> = fields
                .iter()
                .filter_map(|(key, value)| Some(format!("{} {}", field_label(key), words(value)?)))
                .collect();
            (!words.is_empty()).then(|| words.join("\u{202f}; "))
        }
    }
}

const LABELS: &[(&str, &str)] = &[
    ("name", "Nom"),
    ("email", "Adresse électronique"),
    ("phone", "Téléphone"),
    ("job_title", "Fonction"),
    ("organisation", "Organisation"),
    ("specialities", "Spécialités"),
    ("roles", "Rôles"),
    ("kind", "Nature"),
    ("communes", "Communes"),
    ("freshness_months", "Fraîcheur, mois"),
    ("establishments", "Établissements du périmètre"),
    ("allows_offline", "Saisie hors connexion"),
    ("is_demo", "Données fictives"),
    ("latitude", "Latitude"),
    ("longitude", "Longitude"),
    ("position_source", "Origine de la position"),
    ("siret", "SIRET"),
    ("reference", "Référence"),
    ("naf", "NAF"),
    ("activity", "Activité"),
    ("headcount", "Effectif"),
    ("address", "Adresse"),
    ("postal_code", "Code postal"),
    ("insee", "Commune, code INSEE"),
    ("zone_id", "Zone d’activités"),
    ("charter_signed_on", "Charte signée le"),
    ("notes", "Notes"),
    ("status", "État"),
    ("state", "État"),
    ("visit_on", "Date de visite"),
    ("begins_at", "Heure"),
    ("duration_minutes", "Durée, minutes"),
    ("contact_met", "Personne rencontrée"),
    ("advisors", "Conseillers"),
    ("direction", "Sens"),
    ("category", "Catégorie"),
    ("label", "Intitulé"),
    ("quantity", "Quantité"),
    ("unit", "Unité"),
    ("period", "Période"),
    ("annual_quantity", "Quantité annuelle"),
    ("certainty", "Origine du chiffre"),
    ("months", "Mois"),
    ("form", "Forme"),
    ("quality", "Qualité"),
    ("temperature_c", "Température, °C"),
    ("food_grade", "Qualité alimentaire"),
    ("outlet", "Exutoire actuel"),
    ("annual_cost_eur", "Coût annuel, €"),
    ("contract_end_on", "Fin de contrat"),
    ("waste_code", "Code déchet"),
    ("visibility", "Confidentialité"),
    ("source", "Source"),
    ("observed_on", "Observé le"),
    ("confirmed_on", "Confirmé le"),
    ("assigned_to", "Pris en charge par"),
    ("motive", "Motif"),
    ("score", "Score"),
    ("territory_id", "Territoire"),
    ("company_id", "Entreprise"),
    ("establishment_id", "Établissement"),
    ("visit_id", "Visite"),
];

fn field_label(key: &str) -> String {
    let known = LABELS.iter().find(|(code, _)| *code == key);
    known.map_or_else(|| key.replace('_', " "), |(_, label)| (*label).to_owned())
}

/// What the journal speaks of, with its name for people.
pub(super) const SUBJECTS: &[(&str, &str)] = &[
    ("user", "Compte"),
    ("organisation", "Organisation"),
    ("territory", "Territoire"),
    ("establishment", "Entreprise"),
    ("contact", "Contact"),
    ("visit", "Visite"),
    ("flow", "Flux"),
    ("synergy", "Synergie"),
    ("programme", "Démarche"),
    ("workshop", "Atelier"),
    ("import", "Import"),
    ("job", "Tâche"),
    ("letter", "Message"),
    ("company", "Société"),
    ("reference", "Liste de référence"),
];

pub(super) fn subject_label(code: &str) -> &str {
    let known = SUBJECTS.iter().find(|(subject, _)| *subject == code);
    known.map_or(code, |(_, label)| label)
}

/// The address of a list with these filters; empty ones are left out.
pub(super) fn address(path: &str, filters: &[(&str, &str)]) -> String {
    let query = encoded(filters);
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::{address, changes};
    use serde_json::json;

    #[test]
    fn only_what_changed_is_told_in_words() {
        let before = json!({"name": "Avant", "is_demo": false, "notes": null, "version": 1, "roles": ["Pilote"], "score": 1234.5});
        let after = json!({"name": "Après", "is_demo": false, "notes": "vu", "version": 2, "roles": [], "score": 1234.5});
        let told: Vec<_> = changes(Some(&before), Some(&after))
            .into_iter()
            .map(|c| (c.field, c.before.unwrap_or_default(), c.after.unwrap_or_default()))
            .collect();
        let expected = [
            ("Nom", "Avant", "Après"),
            ("Notes", "", "vu"),
            ("Rôles", "Pilote", ""),
        ];
        assert_eq!(
            told,
            expected.map(|(f, b, a)| (f.to_owned(), b.to_owned(), a.to_owned()))
        );
    }

    #[test]
    fn one_state_alone_is_told_without_what_it_lacks() {
        let made = json!({"name": "Zone", "latitude": 47.5, "siret": null, "password_hash": "x"});
        let told = changes(None, Some(&made));
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].after.as_deref(), Some("47,5"));
        assert!(
            told.iter()
                .all(|c| c.before.is_none() && c.field != "password hash")
        );
        assert!(changes(None, None).is_empty());
        assert_eq!(
            changes(Some(&json!("proposed")), Some(&json!("rejected"))).len(),
            1
        );
    }

    #[test]
    fn addresses_hold_the_filters_in_force() {
        assert_eq!(address("/l", &[("q", ""), ("etat", "")]), "/l");
        assert_eq!(
            address("/l", &[("q", "é&b"), ("page", "2")]),
            "/l?q=%C3%A9%26b&page=2"
        );
    }
}
