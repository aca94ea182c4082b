//! Export: a year's indicators for the national platform, one line per indicator. What a reader of
//! sums may not see is written as such; the second sheet documents the columns.

use super::cell::{Cell, Column, Role};
use super::files::{self, About, Kind};
use crate::indicators::catalogue::Measure;
use crate::indicators::{Indicator, Judged, Line};
use crate::platform::access::Observer;
use crate::platform::web::{OptionExt, Path, Result, filters};
use axum::response::Response;

/// A line, and whether whoever reads it may see a hidden figure.
struct EvaluationLine {
    line: Line,
    staff: bool,
    is_masked: bool,
}

impl EvaluationLine {
    fn indicator(&self) -> Option<&'static Indicator> {
        self.line.indicator()
    }
    fn number(&self, value: Option<f64>) -> Cell {
        number(value, self.is_masked)
    }
    fn computed(&self) -> Cell {
        // A correction keeps it out of the series that decides what may be shown.
        let is_corrected = self.line.answered.is_some();
        number(
            self.line.computed.value,
            self.is_masked || (is_corrected && !self.staff),
        )
    }
}

fn number(value: Option<f64>, is_hidden: bool) -> Cell {
    if is_hidden && value.is_some() {
        Cell::text("masqué")
    } else {
        Cell::number(value)
    }
}

/// A column with what it holds, told on the second sheet.
struct Documented {
    column: Column<EvaluationLine>,
    meaning: &'static str,
}

const fn column(
    title: &'static str,
    meaning: &'static str,
    value: fn(&EvaluationLine) -> Cell,
) -> Documented {
    Documented {
        column: Column {
            title,
            value,
            role: Role::Shown,
        },
        meaning,
    }
}

fn of(line: &EvaluationLine, cell: fn(&'static Indicator) -> Cell) -> Cell {
    line.indicator().map_or(Cell::Empty, cell)
}

const COLUMNS: &[Documented] = &[
    column("code", "Code dans le référentiel de 61 indicateurs.", |l| {
        Cell::text(&*l.line.code)
    }),
    column("titre", "Titre en vigueur sur le territoire.", |l| {
        Cell::text(&*l.line.title)
    }),
    column(
        "titre_officiel",
        "oui quand le titre est celui du référentiel national.",
        |l| Cell::yes_no(Some(l.line.is_official)),
    ),
    column("partie", "Une des trois parties du référentiel complet.", |l| {
        of(l, |i| Cell::text(i.theme.part().label()))
    }),
    column("theme", "Un des onze thèmes.", |l| {
        of(l, |i| {
            Cell::text(format!("{} {}", i.theme.code(), i.theme.label()))
        })
    }),
    column(
        "aspect",
        "Un des trois aspects de la version courte, sinon vide.",
        |l| {
            of(l, |i| {
                Cell::maybe(i.aspect.map(crate::indicators::catalogue::Aspect::label))
            })
        },
    ),
    column(
        "obligatoire",
        "oui quand l’indicateur est obligatoire pour clôturer.",
        |l| of(l, |i| Cell::yes_no(Some(i.mandatory))),
    ),
    column("mode", "calculé, niveau ou nombre saisi.", |l| {
        of(l, |i| Cell::text(mode(i)))
    }),
    column("unite", "Unité de la valeur.", |l| {
        of(l, |i| Cell::text(i.unit.label()))
    }),
    column(
        "valeur",
        "Valeur retenue\u{a0}: la réponse, sinon le calcul.",
        |l| l.number(l.line.value()),
    ),
    column(
        "valeur_calculee",
        "Ce que donnent les données enregistrées.",
        EvaluationLine::computed,
    ),
    column(
        "origine",
        "La plus faible origine d’une somme\u{a0}: mesuré, déclaré, estimé.",
        |l| Cell::maybe(l.line.computed.origin.map(crate::flows::Certainty::label)),
    ),
    column(
        "etat",
        "calculé, corrigé, répondu, non concerné ou manquant.",
        |l| Cell::text(l.line.status().label()),
    ),
    column(
        "score",
        "De 0 à 100 entre les deux bornes, vide quand il n’y en a pas.",
        |l| l.number(l.line.score().map(|score| (score * 10.0).round() / 10.0)),
    ),
    column("borne_0", "Valeur qui donne 0.", |l| {
        Cell::number(l.line.bounds.map(|b| b.0))
    }),
    column("borne_100", "Valeur qui donne 100.", |l| {
        Cell::number(l.line.bounds.map(|b| b.1))
    }),
    column(
        "justification",
        "Pourquoi la valeur calculée est corrigée, ou l’indicateur non concerné.",
        |l| Cell::maybe(l.line.justification.as_deref()),
    ),
    column("preuve", "Ce qui montre la réponse.", |l| {
        Cell::maybe(l.line.evidence.as_deref())
    }),
    column("calcul", "La formule, en mots.", |l| {
        of(l, |i| Cell::text(i.formula))
    }),
];

fn mode(indicator: &Indicator) -> &'static str {
    match indicator.measure {
        Measure::Computed(_) => "calculé",
        Measure::Asked(_) => "niveau",
        Measure::AskedNumber => "nombre saisi",
    }
}

pub(super) async fn csv(me: Observer, Path(year): Path<i32>) -> Result<Response> {
    file(&me, year, Kind::Csv).await
}

pub(super) async fn xlsx(me: Observer, Path(year): Path<i32>) -> Result<Response> {
    file(&me, year, Kind::Xlsx).await
}

async fn file(me: &Observer, year: i32, kind: Kind) -> Result<Response> {
    let scope = me.scope()?;
    let staff = me.rows().is_some();
    let judged = Judged::load(&mut *me.read().await?, &scope, year, me.today())
        .await?
        .or_not_found()?;
    let about = about(me, &judged);
    let masked = judged.masked;
    let rows: Vec<_> = judged
        .lines
        .into_iter()
        .map(|line| EvaluationLine {
            is_masked: !staff && masked.contains(&line.code),
            line,
            staff,
        })
        .collect();
    let columns: Vec<_> = COLUMNS.iter().map(|documented| documented.column).collect();
    let content = match kind {
        Kind::Csv => files::csv(&columns, &rows),
        Kind::Xlsx => files::xlsx("indicateurs", &columns, &rows, &about).map_err(anyhow::Error::from)?,
    };
    Ok(files::attachment(
        &format!("evaluation-{year}"),
        Some(me.today()),
        kind,
        content,
    ))
}

fn about(me: &Observer, judged: &Judged) -> About {
    let territory = me.session().territory();
    let state = match judged.closed_at() {
        Some(at) => format!("clôturée le {}", filters::long_day(crate::kernel::clock::day(at))),
        None => format!("en cours, valeurs au {}", filters::long_day(judged.on)),
    };
    let mut lines = vec![
        (
            "Territoire".to_owned(),
            territory.map(|t| t.name.clone()).unwrap_or_default(),
        ),
        ("Année".to_owned(), judged.evaluation.year.to_string()),
        ("État".to_owned(), state),
    ];
    if territory.is_some_and(|t| t.is_demo) {
        lines.push(("Attention".to_owned(), "Données fictives".to_owned()));
    }
    lines.extend(
        COLUMNS
            .iter()
            .map(|documented| (documented.column.title.to_owned(), documented.meaning.to_owned())),
    );
    About { lines, at: me.now() }
}
