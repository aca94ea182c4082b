use std::collections::BTreeSet;
use std::io::Cursor;

use super::flows::Quantity;
use super::{FlowRow, NetworkError, Reading, Refusal, SiteRow, read_flows, read_sites};
use crate::engine::Form;
use crate::exchange::tabular::{Limits, TabularError};
use crate::kernel::{Direction, Months, Period, Position, Unit};

fn sites(text: &str) -> Result<Reading<SiteRow>, NetworkError> {
    let vendome = Position::new(47.793, 1.066).expect("valid");
    read_sites(
        Cursor::new(text.as_bytes().to_vec()),
        &Limits::UPLOAD,
        &|commune, postal_code| (commune == "Vendôme" || postal_code == Some("41100")).then_some(vendome),
    )
}

fn flows(text: &str) -> Result<Reading<FlowRow>, NetworkError> {
    let known = BTreeSet::from(["A".to_owned(), "B".to_owned()]);
    read_flows(Cursor::new(text.as_bytes().to_vec()), &Limits::UPLOAD, &known)
}

fn reasons(refusals: &[Refusal]) -> Vec<String> {
    refusals.iter().map(ToString::to_string).collect()
}

#[test]
fn a_unit_may_say_its_period() {
    let read = flows(
        "etablissement;sens;libelle;quantite;unite;periode\nA;sortant;Bois;12;t/an;\nB;sortant;Bois;3;t/mois;\nB;sortant;Huiles;200;L / trimestre;\n",
    )
    .expect("a table");
    let told: Vec<_> = read.rows.iter().filter_map(|row| row.quantity).collect();
    let expected = [
        (12.0, Unit::Tonne, Period::Year),
        (3.0, Unit::Tonne, Period::Month),
        (200.0, Unit::Litre, Period::Quarter),
    ];
    assert_eq!(
        told,
        expected.map(|(value, unit, period)| Quantity { value, unit, period })
    );
}

#[test]
fn establishments_are_read_and_placed() {
    let read = sites(
        "Référence;NOM;Latitude;longitude;Commune;effectif;Tél\n\
         A;Cartonnerie Belle-Anse;47,8;1.1;;10 à 19 salariés;\n\
         B;Verrerie du Pic-Vert;;;Vendôme;35;\n\
         C;Ateliers Brindille;;;Ailleurs;;\n",
    )
    .expect("a table");
    assert_eq!(read.refusals, []);
    assert_eq!(read.ignored, ["Tél"]);
    let [a, b, c] = read.rows.as_slice() else {
        panic!("three rows")
    };
    assert_eq!(a.position, Position::new(47.8, 1.1).ok());
    assert_eq!((a.headcount, a.approximate), (Some(14.5), false));
    assert!(b.position.is_some() && b.approximate);
    assert_eq!(c.position, None);
}

#[test]
fn a_bad_establishment_is_refused_with_its_line_and_the_rest_goes_on() {
    let read = sites(
        "reference;nom;siret;latitude;longitude\n\
         A;Une;;47,8;1,1\n\
         A;Deux;;;\n\
         ;Trois;;;\n\
         D;Quatre;732 829 320 00075;;\n\
         E;Cinq;;nord;1\n\
         F;Six;;47;\n\
         G;;;;\n",
    )
    .expect("a table");
    assert_eq!(read.rows.len(), 1);
    let said = reasons(&read.refusals);
    assert_eq!(
        read.refusals
            .iter()
            .map(|refusal| refusal.line)
            .collect::<Vec<_>>(),
        [3, 4, 5, 6, 7, 8]
    );
    assert!(
        said[0].contains("ligne 3") && said[0].contains("déjà"),
        "{said:?}"
    );
    assert_eq!(read.refusals[2].column, Some("siret"));
    assert!(
        said[3].contains("degrés") && said[4].contains("longitude manque"),
        "{said:?}"
    );
}

#[test]
fn flows_are_read_with_their_quality() {
    let read = flows(
        "reference;etablissement;sens;libelle;code;code_dechet;quantite;unite;periode;mois;température;forme;dangereux;fin de contrat\n\
         F1;A;Sortant;Cartons;mat-01;15 01 01;1 234,5;kg;semaine;3,4,9-11;;balles;non;30/06/2027\n\
         ;B;entrant;Chaleur;;;;;;;-5,5 °C;;;\n",
    )
    .expect("a table");
    assert_eq!(reasons(&read.refusals), Vec::<String>::new());
    let [first, second] = read.rows.as_slice() else {
        panic!("two rows")
    };
    assert_eq!(first.direction, Direction::Outbound);
    assert_eq!(first.code.map(|code| code.to_string()).as_deref(), Some("MAT-01"));
    assert_eq!(
        first.quantity,
        Some(Quantity {
            value: 1234.5,
            unit: Unit::Kilogram,
            period: Period::Week
        })
    );
    assert_eq!(first.months, Months::parse("3,4,9-11").expect("valid"));
    assert_eq!(first.form, Some(Form::Baled));
    assert_eq!(second.reference, "ligne 3");
    assert_eq!(second.temperature_c, Some(-5.5));
    assert_eq!(second.quantity, None);
}

#[test]
fn a_bad_flow_says_what_is_wrong() {
    let header = "reference;etablissement;sens;libelle;code;code_dechet;quantite;unite;periode;mois\n";
    let cases = [
        ("F;Z;sortant;Bois;;;;;;", "etablissement", "Aucun établissement"),
        ("F;A;traversant;Bois;;;;;;", "sens", "sortant"),
        ("F;A;sortant;;;;;;;", "libelle", "obligatoire"),
        ("F;A;sortant;Bois;MAT-99;;;;;", "code", "nomenclature"),
        ("F;A;sortant;Bois;;99 99 98;;;;", "code_dechet", ""),
        ("F;A;sortant;Bois;;;douze;t;an;", "quantite", ""),
        ("F;A;sortant;Bois;;;12;;an;", "unite", "manque"),
        ("F;A;sortant;Bois;;;12;lieues;an;", "unite", "unité"),
        ("F;A;sortant;Bois;;;12;t;siècle;", "periode", ""),
        ("F;A;sortant;Bois;;;12;t;an;13", "mois", "mois"),
    ];
    for (row, column, words) in cases {
        let read = flows(&format!("{header}{row}\n")).expect("a table");
        assert_eq!(read.rows.len(), 0, "{row}");
        let [refusal] = read.refusals.as_slice() else {
            panic!("one refusal for {row}")
        };
        assert_eq!((refusal.line, refusal.column), (2, Some(column)), "{row}");
        assert!(
            refusal.reason.contains(words) && !refusal.reason.is_empty(),
            "{row}: {}",
            refusal.reason
        );
    }
}

#[test]
fn a_table_without_its_columns_is_refused() {
    let missing = flows("reference;sens;libelle\nF;sortant;Bois\n").expect_err("no establishment");
    assert_eq!(
        missing.to_string(),
        "La colonne «\u{a0}etablissement\u{a0}» manque dans la première ligne."
    );
    assert!(matches!(
        sites("reference;ref;nom\n"),
        Err(NetworkError::TwiceTheColumn("reference"))
    ));
    assert!(matches!(
        sites("\n\n"),
        Err(NetworkError::Table(TabularError::Empty))
    ));
    assert!(matches!(sites(""), Err(NetworkError::Table(TabularError::Empty))));
}
