//! Screen: what the exchanges of each year were, measured or declared, with the evidence; the indicators
//! read the latest year instead of what was estimated.

use super::acts;
use super::filters::Filters;
use super::model::{Kind, YieldMeasure};
use super::paths;
use super::results::{signed, typed};
use super::store::study::Known;
use super::store::years::{self, Told, Year};
use super::store::{self, files};
use super::typed::Typed;
use super::view::Detail;
use crate::flows::Certainty;
use crate::kernel::ids::{FileId, SynergyId};
use crate::kernel::{format_number, parse_day, parse_decimal, typed_day};
use crate::platform::access::Staff;
use crate::platform::web::{
    AppError, Choice, Clash, Errors, Form, OptionExt, Page, Path, Query, Result, clean, filters, optional,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

const LONGEST: usize = 300;

/// The fields, with the name by which a conflict calls them.
fn names() -> Vec<(String, String)> {
    [
        ("measure", "Ce que la quantité compte"),
        ("quantity", "Quantité"),
        ("other_unit", "Unité"),
        ("origin", "Mesuré ou déclaré"),
        ("evidence", "Référence de la preuve"),
        ("file", "Pièce jointe"),
        ("dated_on", "Date du relevé"),
        ("giver_gain_eur", "Gain du donneur"),
        ("giver_source", "Source du gain du donneur"),
        ("receiver_gain_eur", "Gain du receveur"),
        ("receiver_source", "Source du gain du receveur"),
        ("avoided_tco2e", "Gaz à effet de serre évités"),
        ("jobs_fte", "Emplois"),
    ]
    .map(|(name, label)| (name.to_owned(), label.to_owned()))
    .into()
}

fn form_of(year: &Year) -> Typed {
    let mut form = Typed::default();
    form.set("year", year.year.to_string());
    form.set("measure", year.measure.code());
    form.set("quantity", typed(Some(year.quantity)));
    form.set("other_unit", year.other_unit.clone().unwrap_or_default());
    form.set("origin", year.origin.code());
    form.set("evidence", year.evidence.clone().unwrap_or_default());
    form.set("file", year.file.map(|file| file.to_string()).unwrap_or_default());
    form.set("dated_on", typed_day(year.dated_on));
    for (side, known) in [("giver", &year.giver), ("receiver", &year.receiver)] {
        form.set(
            format!("{side}_gain_eur"),
            typed(known.as_ref().map(|known| known.value)),
        );
        let source = known.as_ref().map(|known| known.source.clone());
        form.set(format!("{side}_source"), source.unwrap_or_default());
    }
    form.set("avoided_tco2e", typed(year.avoided_tco2e));
    form.set("jobs_fte", typed(year.jobs_fte));
    form
}

/// How a value reads: the label of a choice, the name of a file, else what was typed.
fn reading(value: &str, files: &[files::Attached]) -> String {
    if value.parse::<FileId>().is_ok() {
        let file = files.iter().find(|file| file.id.to_string() == value);
        return file.map_or_else(|| "pièce retirée".to_owned(), |file| file.name.clone());
    }
    let label = YieldMeasure::parse(value)
        .map(YieldMeasure::label)
        .or_else(|| Certainty::parse(value).map(Certainty::label));
    label.unwrap_or(value).to_owned()
}

/// A year not told yet: counted as the year before was.
fn blank(year: i32, latest: Option<&Told>, today: NaiveDate) -> Typed {
    let mut form = Typed::default();
    form.set("year", year.to_string());
    form.set("dated_on", typed_day(today));
    if let Some(told) = latest {
        form.set("measure", told.year.measure.code());
        form.set("other_unit", told.year.other_unit.clone().unwrap_or_default());
    }
    form
}

fn parse(form: &Typed, files: &[files::Attached], today: NaiveDate) -> Result<Year, Errors> {
    let mut errors = Errors::default();
    let year = parse_year(form, today, &mut errors);
    let measure = YieldMeasure::parse(form.get("measure"));
    if measure.is_none() {
        errors.add("measure", "Dites ce que la quantité compte.");
    }
    let quantity = errors.take("quantity", parse_decimal(form.get("quantity")));
    let other_unit =
        optional(&clean(form.get("other_unit"))).filter(|_| measure == Some(YieldMeasure::Other));
    if measure == Some(YieldMeasure::Other) && other_unit.is_none() {
        errors.add(
            "other_unit",
            "Indiquez l’unité, par exemple «\u{a0}palettes\u{a0}».",
        );
    }
    let origin = Certainty::parse(form.get("origin"))
        .filter(|origin| matches!(origin, Certainty::Measured | Certainty::Declared));
    if origin.is_none() {
        errors.add("origin", "Dites si cette quantité est mesurée ou déclarée.");
    }
    let (evidence, file) = proof(form, files, &mut errors);
    let dated_on = errors.take("dated_on", parse_day(form.get("dated_on")));
    if dated_on.is_some_and(|day| day > today) {
        errors.add("dated_on", "Ce relevé ne peut pas être daté d’un jour à venir.");
    }
    let giver = gain(form, &mut errors, ("giver_gain_eur", "giver_source"));
    let receiver = gain(form, &mut errors, ("receiver_gain_eur", "receiver_source"));
    let avoided_tco2e = signed(&mut errors, "avoided_tco2e", form.get("avoided_tco2e"));
    let jobs_fte = signed(&mut errors, "jobs_fte", form.get("jobs_fte"));
    short(form, &mut errors);
    match (year, measure, quantity, origin, dated_on) {
        (Some(year), Some(measure), Some(quantity), Some(origin), Some(dated_on)) if errors.is_empty() => {
            Ok(Year {
                year,
                measure,
                quantity,
                other_unit,
                origin,
                evidence,
                file,
                dated_on,
                giver,
                receiver,
                avoided_tco2e,
                jobs_fte,
            })
        }
        _ => Err(errors),
    }
}

/// A reference, a file, or both.
fn proof(form: &Typed, files: &[files::Attached], errors: &mut Errors) -> (Option<String>, Option<FileId>) {
    let evidence = optional(form.get("evidence"));
    let chosen = form.get("file");
    let file = files.iter().find(|file| file.id.to_string() == chosen);
    if file.is_none() && !chosen.is_empty() {
        errors.add(
            "file",
            "Cette pièce a été retirée\u{a0}: choisissez-en une autre.",
        );
    } else if file.is_none() && evidence.is_none() {
        errors.add(
            "evidence",
            "Donnez la preuve\u{a0}: une référence (facture, bordereau, courriel du…) ou une pièce jointe.",
        );
    }
    (evidence, file.map(|file| file.id))
}

fn short(form: &Typed, errors: &mut Errors) {
    for name in ["other_unit", "evidence", "giver_source", "receiver_source"] {
        if form.get(name).chars().count() > LONGEST {
            errors.add(name, "Raccourcissez ce texte\u{a0}: 300 caractères au plus.");
        }
    }
}

fn parse_year(form: &Typed, today: NaiveDate, errors: &mut Errors) -> Option<i32> {
    let year = form.get("year").trim().parse().ok();
    let year = year.filter(|year| (1990..today.year()).contains(year));
    if year.is_none() {
        let sentence = format!(
            "Indiquez une année finie, par exemple {}\u{a0}: une année en cours compterait pour une entière.",
            today.year() - 1
        );
        errors.add("year", sentence);
    }
    year
}

/// A gain says where it comes from; a source without a gain says nothing.
fn gain(form: &Typed, errors: &mut Errors, (number, source): (&'static str, &'static str)) -> Option<Known> {
    let value = signed(errors, number, form.get(number));
    let origin = optional(form.get(source));
    let is_typed = !form.get(number).trim().is_empty();
    if is_typed && origin.is_none() {
        errors.add(
            source,
            "Dites d’où vient ce gain\u{a0}: facture, déclaration de l’entreprise…",
        );
    }
    if !is_typed && origin.is_some() {
        errors.add(
            number,
            "Indiquez le gain dont vous donnez la source, ou effacez la source.",
        );
    }
    Some(Known {
        value: value?,
        source: origin?,
    })
}

#[derive(Template)]
#[template(path = "synergies/years.html")]
struct Years {
    detail: Detail,
    told: Vec<Told>,
    files: Vec<Choice>,
    form: Typed,
    clashes: Vec<Clash>,
    errors: Errors,
}

impl Years {
    fn measures() -> Vec<Choice> {
        Choice::pairs(YieldMeasure::ALL.iter().map(|m| (m.code(), m.label())))
    }
    fn origins() -> Vec<Choice> {
        Choice::pairs([Certainty::Measured, Certainty::Declared].map(|o| (o.code(), o.label())))
    }
    fn is_group(&self) -> bool {
        self.detail.synergy.kind == Kind::Mutualisation
    }
    fn giver_label(&self) -> &'static str {
        if self.is_group() {
            "Gain du groupe"
        } else {
            "Gain du donneur"
        }
    }
}

impl Told {
    /// « 38 t détournées de l’élimination » is said by the heading: « 38 t ».
    pub(super) fn amount(&self) -> String {
        let typed = self.year.other_unit.as_deref().unwrap_or_default();
        let unit = self.year.measure.symbol().unwrap_or(typed);
        format!("{}\u{a0}{unit}", format_number(self.year.quantity, 2))
    }

    /// What both sides gained together, when one is known.
    pub(super) fn gains(&self) -> Option<f64> {
        let sides = [&self.year.giver, &self.year.receiver];
        let known: Vec<f64> = sides.into_iter().flatten().map(|known| known.value).collect();
        (!known.is_empty()).then(|| known.iter().sum())
    }
}

/// The year that is corrected, or told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    annee: String,
}

async fn load(me: &Staff, id: SynergyId) -> Result<Years> {
    let detail = acts::detail(me, &Filters::default(), id).await?;
    if !detail.synergy.state.was_realised() {
        return Err(AppError::Conflict(
            "Les résultats se notent quand la synergie est en place.".to_owned(),
        ));
    }
    let mut db = me.read().await?;
    let files = files::list(&mut db, id).await?;
    Ok(Years {
        detail,
        told: years::list(&mut db, id).await?,
        files: Choice::pairs(files.into_iter().map(|file| (file.id.to_string(), file.name))),
        form: Typed::default(),
        clashes: Vec::new(),
        errors: Errors::default(),
    })
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(asked): Query<Asked>,
) -> Result<Page<impl Template>> {
    let mut page = load(&me, id).await?;
    let year = asked.annee.parse().unwrap_or(me.today().year() - 1);
    let known = page.told.iter().find(|told| told.year.year == year);
    let shown = known.map(|told| form_of(&told.year));
    page.form = match &shown {
        Some(form) => form.clone(),
        None => blank(year, page.told.first(), me.today()),
    };
    page.form.rebase(&shown.unwrap_or_default(), &names());
    Ok(Page(page))
}

/// What became of a form.
enum Outcome {
    Saved(i32),
    Refused(Errors),
    Clashing(Vec<Clash>),
}

pub(super) async fn save(
    me: Staff,
    Path(id): Path<SynergyId>,
    Form(mut form): Form<Typed>,
) -> Result<Response> {
    let (scope, today) = (me.scope()?, me.today());
    let outcome = me
        .transact(async |tx| -> Result<Outcome> {
            tx.nothing_to_record();
            let synergy = store::lock(tx, &scope, id).await?.or_not_found()?;
            if !synergy.state.was_realised() {
                let sentence = format!("Cette synergie est «\u{a0}{}\u{a0}».", synergy.state.label());
                return Err(AppError::Conflict(sentence));
            }
            let stored = years::list(tx, id).await?;
            let stored = stored
                .iter()
                .find(|told| told.year.year.to_string() == form.get("year").trim());
            let files = files::list(tx, id).await?;
            if let Some(stored) = stored.map(|told| form_of(&told.year)) {
                let clashes = form.merge(&stored, &names(), |value| reading(value, &files));
                if !clashes.is_empty() {
                    form.rebase(&stored, &names());
                    return Ok(Outcome::Clashing(clashes));
                }
            }
            match parse(&form, &files, today) {
                Ok(year) => {
                    years::save(tx, &scope, id, &year).await?;
                    Ok(Outcome::Saved(year.year))
                }
                Err(errors) => Ok(Outcome::Refused(errors)),
            }
        })
        .await?;
    let (status, errors, clashes) = match outcome {
        Outcome::Saved(year) => {
            let message = format!("Les résultats de {year} sont enregistrés.");
            return Ok(me.done(message, paths::years(&id)).into_response());
        }
        Outcome::Refused(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, Vec::new()),
        Outcome::Clashing(clashes) => (StatusCode::CONFLICT, Errors::default(), clashes),
    };
    let page = Years {
        form,
        errors,
        clashes,
        ..load(&me, id).await?
    };
    Ok((status, Page(page)).into_response())
}
