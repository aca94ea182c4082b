//! A workbook to fill: the two sheets with their titles, one fictitious line, what each column is.

use crate::companies::{Establishment, Headcount};
use crate::exchange::cell::{Cell, Column, Role};
use crate::exchange::files::{self, Kind};
use crate::exchange::lines::{FLOW_COLUMNS, FlowLine, SITE_COLUMNS, SiteLine};
use crate::flows::{Flow, FlowSource, Visibility};
use crate::kernel::ids::{EstablishmentId, TerritoryId};
use crate::kernel::{Direction, Period, Unit};
use crate::platform::access::Staff;
use crate::platform::web::Result;
use axum::response::Response;
use chrono::NaiveDate;
use rust_xlsxwriter::{Workbook, XlsxError};

/// What to write in each column: the sheet, the column, the words.
const HELP: &[[&str; 3]] = &[
    [
        "etablissements",
        "reference",
        "Obligatoire. Votre numéro ou code, unique\u{a0}: un nouvel import le retrouve.",
    ],
    ["etablissements", "nom", "Obligatoire."],
    ["etablissements", "siret", "14 chiffres\u{202f}; vérifiés."],
    [
        "etablissements",
        "naf",
        "Code de la nomenclature d’activités, par exemple 17.21A.",
    ],
    [
        "etablissements",
        "effectif",
        "Un nombre (35) ou une tranche (20 à 49 salariés).",
    ],
    [
        "etablissements",
        "code_postal, commune",
        "La commune est retrouvée par son nom, précisé par le code postal.",
    ],
    ["etablissements", "zone", "Une zone d’activités du territoire."],
    [
        "etablissements",
        "latitude, longitude",
        "En degrés décimaux. Sans elles, la position est celle de la commune.",
    ],
    [
        "flux",
        "reference",
        "Conseillée\u{a0}: sans elle, un flux est retrouvé par son établissement, son sens et son libellé.",
    ],
    [
        "flux",
        "etablissement",
        "Obligatoire. La référence ou le SIRET d’un établissement, du fichier ou du territoire.",
    ],
    ["flux", "sens", "Obligatoire. sortant ou entrant."],
    [
        "flux",
        "libelle",
        "Obligatoire. Les mots de l’entreprise\u{202f}; ils servent à classer le flux.",
    ],
    [
        "flux",
        "code",
        "Code de la nomenclature (MAT-01). Vide, il est déduit du libellé et du code déchet.",
    ],
    ["flux", "code_dechet", "Six chiffres, par exemple 15 01 01."],
    [
        "flux",
        "quantite, unite, periode",
        "3,2 · t · mois. Périodes\u{a0}: jour, semaine, mois, trimestre, semestre, an, ponctuel.",
    ],
    [
        "flux",
        "mois",
        "Mois de présence\u{a0}: 3,4,9-11. Vide\u{a0}: toute l’année.",
    ],
    [
        "flux",
        "certitude",
        "mesuré, déclaré, estimé ou ordre de grandeur.",
    ],
    [
        "flux",
        "forme",
        "vrac, balle, copeaux, pièces, poudre, pâteux, liquide ou gaz.",
    ],
    ["flux", "alimentaire", "oui ou non."],
    [
        "flux",
        "exutoire",
        "Où va le flux aujourd’hui, ou qui le fournit.",
    ],
    ["flux", "cout_annuel_eur", "Ce qu’il coûte par an, en euros."],
    [
        "flux",
        "fin_contrat, date_observation",
        "Des dates\u{a0}: 30/06/2027.",
    ],
    [
        "flux",
        "confidentialite",
        "conseillers seulement, anonymisé ou partageable.",
    ],
    [
        "les deux",
        "",
        "Une cellule vide ne change rien à ce qui est déjà connu.",
    ],
];

pub(in crate::exchange) async fn workbook(me: Staff) -> Result<Response> {
    let content = filled(me.today()).map_err(anyhow::Error::from)?;
    Ok(files::attachment("modele-import", None, Kind::Xlsx, content))
}

fn filled(today: NaiveDate) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (site, flow) = example(today);
    let site_columns = imported(SITE_COLUMNS);
    let flow_columns = imported(FLOW_COLUMNS);
    files::fill(
        workbook.add_worksheet().set_name("etablissements")?,
        &site_columns,
        &[site],
    )?;
    files::fill(workbook.add_worksheet().set_name("flux")?, &flow_columns, &[flow])?;
    let help: [Column<[&str; 3]>; 3] = [
        Column {
            title: "feuille",
            value: |line| Cell::text(line[0]),
            role: Role::Shown,
        },
        Column {
            title: "colonne",
            value: |line| Cell::text(line[1]),
            role: Role::Shown,
        },
        Column {
            title: "ce qu’on y écrit",
            value: |line| Cell::text(line[2]),
            role: Role::Shown,
        },
    ];
    files::fill(workbook.add_worksheet().set_name("Mode d’emploi")?, &help, HELP)?;
    workbook.save_to_buffer()
}

fn imported<R>(columns: &'static [Column<R>]) -> Vec<Column<R>> {
    columns
        .iter()
        .filter(|column| column.role == Role::Imported)
        .copied()
        .collect()
}

fn example(today: NaiveDate) -> (SiteLine, FlowLine) {
    let mut site = Establishment::named(TerritoryId::fresh(), "Entreprise d’exemple (à effacer)");
    site.reference = Some("EXEMPLE-1".to_owned());
    site.naf = Some("17.21A".to_owned());
    site.activity = Some("Fabrication de cartons imaginaires".to_owned());
    site.headcount = Some(Headcount::From20);
    site.address = Some("1 rue de l’Exemple".to_owned());
    site.postal_code = Some("41100".to_owned());
    let flow = Flow {
        reference: Some("EXEMPLE-1-F1".to_owned()),
        category: Some("MAT-01".to_owned()),
        quantity: Some(3.2),
        unit: Some(Unit::Tonne.code().to_owned()),
        period: Some(Period::Month),
        months: 0b0111_1111_1111,
        form: Some("bale".to_owned()),
        quality: Some("sans agrafes".to_owned()),
        food_grade: Some(false),
        outlet: Some("collecte privée".to_owned()),
        annual_cost_eur: Some(1_800.0),
        waste_code: Some("150101".to_owned()),
        visibility: Visibility::Anonymised,
        source: FlowSource::Import,
        ..Flow::told(
            (site.territory_id, EstablishmentId::fresh()),
            Direction::Outbound,
            "Cartons d’emballage",
            today,
        )
    };
    let flow = FlowLine {
        flow,
        establishment: "EXEMPLE-1".to_owned(),
        establishment_name: site.name.clone(),
    };
    let site = SiteLine {
        site,
        commune: Some("Vendôme".to_owned()),
        zone: None,
    };
    (site, flow)
}
