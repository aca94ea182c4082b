//! The words of a register: what its columns are called, what its treatment codes mean.
//!
//! The titles of the national register are those of its export, as its public source writes them
//! (MTES-MCT/trackdechets, `registry/columns.ts` and `registryV2`). When a table has several titles of one
//! column, the first of its list here is the one read.

use crate::exchange::network::Column;

const fn column(name: &'static str, also: &'static [&'static str], required: bool) -> Column {
    Column { name, also, required }
}

pub(in crate::exchange::network) const COLUMNS: [Column; 10] = [
    column(
        "date",
        &[
            "date d'expédition",
            "date expedition",
            "date de sortie",
            "date d'enlèvement",
            "date de prise en charge",
        ],
        true,
    ),
    column(
        "code_dechet",
        &[
            "code déchet",
            "code du déchet",
            "waste code",
            "code dechet europeen",
            "code ced",
        ],
        true,
    ),
    column(
        "denomination",
        &[
            "dénomination usuelle",
            "dénomination usuelle du déchet",
            "dénomination du déchet",
            "nature du déchet",
            "description du déchet",
        ],
        false,
    ),
    column(
        "quantite",
        &[
            "quantité",
            "quantité de déchet",
            "quantité en tonnes",
            "quantité t",
            "quantité tonnes",
            "tonnage",
            "poids",
            "quantité réelle",
            "quantité acceptée / traitée nette (tonnes)",
            "quantité réceptionnée nette (tonnes)",
            "quantité de déchet entrant (t)",
        ],
        true,
    ),
    column("unite", &["unité"], false),
    column(
        "producteur_siret",
        &[
            "siret producteur",
            "producteur siret",
            "producteur n siret",
            "siret du producteur",
            "producteur numéro siret",
            "siret émetteur",
            "émetteur siret",
            "émetteur n siret",
            "expéditeur siret",
            "siret expéditeur",
            "producteur initial siret",
        ],
        true,
    ),
    column(
        "producteur_nom",
        &[
            "producteur raison sociale",
            "raison sociale producteur",
            "émetteur raison sociale",
            "expéditeur raison sociale",
            "producteur initial raison sociale",
            "producteur",
        ],
        false,
    ),
    column(
        "destinataire_siret",
        &[
            "siret destinataire",
            "destinataire n siret",
            "siret destination",
            "destination siret",
            "destination n siret",
        ],
        false,
    ),
    column(
        "destinataire_nom",
        &[
            "destinataire raison sociale",
            "raison sociale destinataire",
            "destination raison sociale",
            "destinataire",
        ],
        false,
    ),
    column(
        "traitement",
        &[
            "code traitement",
            "code du traitement",
            "code de traitement",
            "code traitement réalisé",
            "code opération réalisé",
            "code opération réalisée",
            "code opération",
            "code opération prévu",
            "code opération prévue",
            "opération de traitement",
        ],
        false,
    ),
];

/// What the two letters and the number of a treatment mean, in the annexes of directive 2008/98/CE.
const TREATMENTS: &[(&str, &str)] = &[
    ("D1", "dépôt sur ou dans le sol"),
    ("D2", "traitement en milieu terrestre"),
    ("D3", "injection en profondeur"),
    ("D4", "lagunage"),
    ("D5", "mise en décharge aménagée"),
    ("D6", "rejet dans le milieu aquatique"),
    ("D7", "immersion"),
    ("D8", "traitement biologique avant élimination"),
    ("D9", "traitement physico-chimique avant élimination"),
    ("D10", "incinération à terre"),
    ("D11", "incinération en mer"),
    ("D12", "stockage permanent"),
    ("D13", "regroupement avant élimination"),
    ("D14", "reconditionnement avant élimination"),
    ("D15", "stockage avant élimination"),
    ("R1", "utilisation comme combustible"),
    ("R2", "récupération de solvants"),
    ("R3", "recyclage de substances organiques"),
    ("R4", "recyclage de métaux"),
    ("R5", "recyclage d’autres matières inorganiques"),
    ("R6", "régénération d’acides ou de bases"),
    ("R7", "récupération de produits captant les polluants"),
    ("R8", "récupération de produits de catalyseurs"),
    ("R9", "régénération d’huiles"),
    ("R10", "épandage"),
    ("R11", "utilisation de résidus d’opérations de valorisation"),
    ("R12", "échange ou tri avant valorisation"),
    ("R13", "stockage avant valorisation"),
];

/// « R4 : recyclage de métaux »; an unknown code stays as it is.
pub(super) fn treatment(text: &str) -> String {
    let first = text
        .split([' ', '-', '\u{a0}', ':'])
        .find(|word| !word.is_empty());
    let code = first.unwrap_or(text).to_uppercase();
    match TREATMENTS.iter().find(|(known, _)| *known == code) {
        Some((code, words)) => format!("{code}\u{a0}: {words}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::treatment;

    #[test]
    fn treatments_are_told_in_words() {
        assert_eq!(treatment("r 1"), "r 1");
        assert_eq!(treatment("D10 - Incinération"), "D10\u{a0}: incinération à terre");
        assert_eq!(treatment("R99"), "R99");
    }
}
