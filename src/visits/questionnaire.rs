//! The questionnaire of a visit: what an advisor asks beside the flows, section by section.
//!
//! The one place where a question is added; the page, the completeness and the comparison with the
//! previous diagnostic all read this list. Pure.

/// How an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A few words.
    Line,
    /// Several lines.
    Area,
    /// One of a few answers.
    Choice(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub code: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy)]
pub struct Section {
    pub code: &'static str,
    pub title: &'static str,
    /// Whether a company may have nothing to say about it.
    pub may_not_apply: bool,
    pub questions: &'static [Question],
}

const YES_NO: Kind = Kind::Choice(&["oui", "non"]);

const fn line(code: &'static str, label: &'static str, hint: &'static str) -> Question {
    Question {
        code,
        label,
        hint,
        kind: Kind::Line,
    }
}

const fn area(code: &'static str, label: &'static str, hint: &'static str) -> Question {
    Question {
        code,
        label,
        hint,
        kind: Kind::Area,
    }
}

const fn choice(code: &'static str, label: &'static str, kind: Kind) -> Question {
    Question {
        code,
        label,
        hint: "",
        kind,
    }
}

/// Facts about the meeting are fields of the visit, not answers: they are asked in these sections.
pub const CONTACT_MET: &str = "contact_met";
pub const VISIT_ON: &str = "visit_on";
pub const DURATION: &str = "duration";
pub const NOTES: &str = "notes";

/// Answers that also say something of the establishment.
pub const CHARTER: &str = "charte";
pub const SIGNED: &str = "signée";
pub const INFORMED: &str = "information";

pub const SECTIONS: &[Section] = &[
    Section {
        code: "etablissement",
        title: "Établissement",
        may_not_apply: false,
        questions: &[
            line(
                "horaires",
                "Jours et horaires de travail",
                "5 j sur 7, 2 × 8, nuit",
            ),
            line(
                "saisonnalite",
                "Saisons et fermetures",
                "Fort de mai à septembre, fermé en août",
            ),
            choice(
                "icpe",
                "Régime ICPE",
                Kind::Choice(&[
                    "non classé",
                    "déclaration",
                    "enregistrement",
                    "autorisation",
                    "à vérifier",
                ]),
            ),
            line("certifications", "Certifications, labels", "ISO 14001, bio, RSE"),
        ],
    },
    Section {
        code: "contact",
        title: "Contact et accord",
        may_not_apply: false,
        questions: &[
            line(CONTACT_MET, "Personne rencontrée", "Nom et fonction"),
            choice(INFORMED, "Informée de l’usage de ses données", YES_NO),
            choice(
                CHARTER,
                "Charte de confidentialité",
                Kind::Choice(&[SIGNED, "remise", "refusée"]),
            ),
        ],
    },
    Section {
        code: "activite",
        title: "Activité et procédés",
        may_not_apply: false,
        questions: &[
            area(
                "activite",
                "Ce que fait l’établissement",
                "Produits, clients, évolution de l’activité",
            ),
            area(
                "procedes",
                "Procédés, étapes de fabrication",
                "Ce qui chauffe, lave, coupe, refroidit",
            ),
        ],
    },
    Section {
        code: "dechets",
        title: "Déchets : organisation",
        may_not_apply: false,
        questions: &[
            line(
                "prestataire",
                "Prestataire et fin du contrat",
                "Nom du collecteur, échéance",
            ),
            line(
                "tri",
                "Tri en place, contenants, place au sol",
                "Benne bois, presse à carton",
            ),
            line(
                "depenses_dechets",
                "Dépense annuelle de déchets",
                "Ordre de grandeur en euros",
            ),
        ],
    },
    Section {
        code: "equipements",
        title: "Équipements",
        may_not_apply: true,
        questions: &[
            area(
                "equipements_disponibles",
                "Peu utilisés, à prêter ou à louer",
                "Lesquels, combien d’heures libres",
            ),
            area(
                "equipements_cherches",
                "Recherchés ou loués souvent",
                "Nacelle, chariot, presse",
            ),
        ],
    },
    Section {
        code: "espaces",
        title: "Espaces",
        may_not_apply: true,
        questions: &[
            line(
                "espaces_disponibles",
                "Disponibles",
                "Surface, couvert ou non, jusqu’à quand",
            ),
            line("espaces_cherches", "Cherchés", "Stockage, salle, parking"),
        ],
    },
    Section {
        code: "transport",
        title: "Transport",
        may_not_apply: true,
        questions: &[
            line(
                "destinations",
                "Destinations et fréquences",
                "Orléans deux fois par semaine",
            ),
            line(
                "remplissage",
                "Remplissage des camions",
                "Aux deux tiers, palettes perdues",
            ),
            line("retours_a_vide", "Retours à vide", "D’où, quels jours"),
        ],
    },
    Section {
        code: "services",
        title: "Services et contrôles",
        may_not_apply: true,
        questions: &[
            line(
                "services",
                "Services achetés",
                "Gardiennage, nettoyage, espaces verts",
            ),
            line(
                "controles",
                "Contrôles obligatoires et échéances",
                "Électricité, levage, extincteurs",
            ),
        ],
    },
    Section {
        code: "competences",
        title: "Compétences",
        may_not_apply: true,
        questions: &[
            line(
                "temps_partiels",
                "Besoins à temps partiel",
                "Qualité, comptabilité, sécurité",
            ),
            line("saisonniers", "Saisonniers", "Combien, quels mois"),
            line(
                "formations",
                "Formations et échéances",
                "CACES en mars, secourisme",
            ),
            line("recrutements", "Recrutements difficiles", "Métiers"),
        ],
    },
    Section {
        code: "mobilite",
        title: "Mobilité des salariés",
        may_not_apply: true,
        questions: &[line(
            "mobilite",
            "Venues, covoiturage, horaires d’embauche",
            "D’où viennent les salariés",
        )],
    },
    Section {
        code: "projets",
        title: "Projets et synergies",
        may_not_apply: true,
        questions: &[
            area(
                "projets",
                "Projets des deux ans à venir",
                "Investissement, déménagement, énergie",
            ),
            area(
                "synergies_en_place",
                "Synergies déjà en place",
                "Avec qui, pour quoi",
            ),
        ],
    },
    Section {
        code: "attentes",
        title: "Attentes",
        may_not_apply: false,
        questions: &[
            area("attentes", "Ce que l’entreprise attend", ""),
            line("coup_de_coeur", "Coup de cœur", "Ce dont elle est fière"),
            line("irritant", "Irritant", "Ce qui lui coûte ou l’agace"),
        ],
    },
    Section {
        code: "deroulement",
        title: "Déroulement et notes",
        may_not_apply: false,
        questions: &[
            line(VISIT_ON, "Date de la visite", "Jour, mois, année"),
            line(DURATION, "Durée", "90 ou 1 h 30"),
            area(
                NOTES,
                "Notes",
                "Ce qui reste à demander. Seuls les conseillers les lisent.",
            ),
        ],
    },
];

/// The question of that code.
pub fn question(code: &str) -> Option<&'static Question> {
    let mut questions = SECTIONS.iter().flat_map(|section| section.questions);
    questions.find(|question| question.code == code)
}

/// The section of that code, when it may not apply.
pub fn optional_section(code: &str) -> Option<&'static Section> {
    SECTIONS
        .iter()
        .find(|section| section.may_not_apply && skip(section) == code)
}

/// The name of the box « sans objet » of a section.
pub fn skip(section: &Section) -> String {
    format!("{}.sans_objet", section.code)
}

/// What a ticked box posts.
pub const SKIPPED: &str = "oui";

/// Questions that are a field of the visit.
pub fn is_of_the_meeting(code: &str) -> bool {
    [CONTACT_MET, VISIT_ON, DURATION, NOTES].contains(&code)
}

#[cfg(test)]
mod tests {
    use super::{Kind, SECTIONS, is_of_the_meeting, optional_section, question, skip};
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_used_once() {
        let mut codes = BTreeSet::new();
        for section in SECTIONS {
            assert!(codes.insert(skip(section)), "{}", section.code);
            assert!(!section.questions.is_empty(), "{}", section.code);
            for question in section.questions {
                assert!(codes.insert(question.code.to_owned()), "{}", question.code);
                assert!(!question.label.is_empty());
                if let Kind::Choice(answers) = question.kind {
                    assert!(answers.len() >= 2, "{}", question.code);
                }
            }
        }
    }

    #[test]
    fn questions_are_found_by_their_code() {
        assert_eq!(question("icpe").map(|q| q.label), Some("Régime ICPE"));
        assert!(question("etablissement").is_none());
        assert!(is_of_the_meeting("duration") && !is_of_the_meeting("icpe"));
        assert_eq!(
            optional_section("transport.sans_objet").map(|s| s.title),
            Some("Transport")
        );
        assert!(optional_section("contact.sans_objet").is_none());
    }
}
