//! A sector in the words that follow « une entreprise »: the classification's own labels are titles,
//! too long and too dry for a company to read.

use crate::nomenclature::naf;

/// The words of the division of that NAF code, at any level.
pub(super) fn division(code: &str) -> Option<&'static str> {
    let division = naf::division(code)?;
    DIVISIONS
        .iter()
        .find(|(known, _)| *known == division.code)
        .map(|(_, words)| *words)
}

/// The words of its section.
pub(super) fn section(code: &str) -> Option<&'static str> {
    let section = naf::section(code)?;
    SECTIONS
        .iter()
        .find(|(known, _)| *known == section.code)
        .map(|(_, words)| *words)
}

const SECTIONS: &[(&str, &str)] = &[
    ("A", "de l’agriculture, de la forêt ou de la pêche"),
    ("B", "d’extraction de matériaux"),
    ("C", "de l’industrie"),
    ("D", "de l’énergie"),
    ("E", "de l’eau ou des déchets"),
    ("F", "de la construction"),
    ("G", "du commerce"),
    ("H", "du transport ou de l’entreposage"),
    ("I", "de l’hôtellerie ou de la restauration"),
    ("J", "de l’information ou du numérique"),
    ("K", "de la finance ou de l’assurance"),
    ("L", "de l’immobilier"),
    ("M", "de conseil ou d’ingénierie"),
    ("N", "de services aux entreprises"),
    ("O", "du secteur public"),
    ("P", "de l’enseignement"),
    ("Q", "de la santé ou de l’action sociale"),
    ("R", "de la culture ou des loisirs"),
    ("S", "de services"),
    ("T", "de services aux particuliers"),
    ("U", "du secteur public"),
];

const DIVISIONS: &[(&str, &str)] = &[
    ("01", "agricole"),
    ("02", "forestière"),
    ("03", "de la pêche ou de l’aquaculture"),
    ("05", "d’extraction de charbon"),
    ("06", "d’extraction d’hydrocarbures"),
    ("07", "d’extraction de minerais"),
    ("08", "de carrières et matériaux"),
    ("09", "de services aux carrières et aux mines"),
    ("10", "de l’industrie alimentaire"),
    ("11", "de fabrication de boissons"),
    ("12", "de l’industrie du tabac"),
    ("13", "de l’industrie textile"),
    ("14", "de l’industrie de l’habillement"),
    ("15", "de l’industrie du cuir et de la chaussure"),
    ("16", "du travail du bois"),
    ("17", "de l’industrie du papier et du carton"),
    ("18", "de l’imprimerie"),
    ("19", "du raffinage"),
    ("20", "de l’industrie chimique"),
    ("21", "de l’industrie pharmaceutique"),
    ("22", "de la plasturgie ou du caoutchouc"),
    ("23", "du verre, de la céramique ou du béton"),
    ("24", "de la métallurgie"),
    ("25", "de fabrication de produits métalliques"),
    ("26", "de fabrication d’équipements électroniques"),
    ("27", "de fabrication d’équipements électriques"),
    ("28", "de fabrication de machines"),
    ("29", "de l’industrie automobile"),
    ("30", "de fabrication de matériel de transport"),
    ("31", "de fabrication de meubles"),
    ("32", "de l’industrie"),
    ("33", "de maintenance industrielle"),
    ("35", "de l’énergie"),
    ("36", "de distribution d’eau"),
    ("37", "de traitement des eaux usées"),
    ("38", "de collecte et de traitement des déchets"),
    ("39", "de dépollution"),
    ("41", "de construction de bâtiments"),
    ("42", "de génie civil"),
    ("43", "de travaux du bâtiment"),
    ("45", "du commerce ou de la réparation automobile"),
    ("46", "du commerce de gros"),
    ("47", "du commerce de détail"),
    ("49", "de transport terrestre"),
    ("50", "de transport par eau"),
    ("51", "de transport aérien"),
    ("52", "d’entreposage et de logistique"),
    ("53", "de poste et de courrier"),
    ("55", "de l’hébergement"),
    ("56", "de la restauration"),
    ("58", "de l’édition"),
    ("59", "de l’audiovisuel"),
    ("60", "de la radio ou de la télévision"),
    ("61", "des télécommunications"),
    ("62", "de l’informatique"),
    ("63", "de services d’information"),
    ("64", "de services financiers"),
    ("65", "de l’assurance"),
    ("66", "de services financiers ou d’assurance"),
    ("68", "de l’immobilier"),
    ("69", "de services juridiques ou comptables"),
    ("70", "de conseil en gestion"),
    ("71", "d’architecture, d’ingénierie ou de contrôle"),
    ("72", "de recherche et développement"),
    ("73", "de publicité ou d’études de marché"),
    ("74", "de services spécialisés"),
    ("75", "de soins vétérinaires"),
    ("77", "de location"),
    ("78", "de travail temporaire et d’emploi"),
    ("79", "de voyage et de tourisme"),
    ("80", "de sécurité"),
    ("81", "de nettoyage ou d’espaces verts"),
    ("82", "de services administratifs"),
    ("84", "du secteur public"),
    ("85", "de l’enseignement"),
    ("86", "de la santé"),
    ("87", "de l’hébergement médico-social"),
    ("88", "de l’action sociale"),
    ("90", "de la création et du spectacle"),
    ("91", "de la culture et du patrimoine"),
    ("92", "de jeux de hasard"),
    ("93", "du sport ou des loisirs"),
    ("94", "du monde associatif"),
    ("95", "de réparation"),
    ("96", "de services aux particuliers"),
    ("97", "de services aux particuliers"),
    ("98", "de services aux particuliers"),
    ("99", "du secteur public"),
];

#[cfg(test)]
mod tests {
    use super::{DIVISIONS, SECTIONS, division, section};
    use crate::nomenclature::naf;

    #[test]
    fn every_division_and_its_section_have_words() {
        assert_eq!(naf::divisions().count(), DIVISIONS.len());
        for entry in naf::divisions() {
            assert!(division(&entry.code).is_some(), "division {}", entry.code);
            assert!(section(&entry.code).is_some(), "section of {}", entry.code);
        }
        assert_eq!(SECTIONS.len(), 21);
    }

    #[test]
    fn any_level_leads_to_its_division() {
        assert_eq!(division("17.21A"), Some("de l’industrie du papier et du carton"));
        assert_eq!(division("1799"), Some("de l’industrie du papier et du carton"));
        assert_eq!((division("C"), division(""), section("")), (None, None, None));
        assert_eq!(section("23.13Z"), Some("de l’industrie"));
    }
}
