//! Screen: what each advisor has in hand and since when, who is away, and giving all of it to another.

use super::store::{self, Absence, Handover, Load, NewAbsence};
use crate::kernel::day::parse_day;
use crate::kernel::ids::{AbsenceId, HandoverId, UserId};
use crate::kernel::{format_number, parse_decimal};
use crate::platform::access::{Manager, Role, Staff};
use crate::platform::web::{
    AppError, Choice, Done, Errors, Form, OptionExt, Page, Path, Query, Result, filters,
};
use crate::synergies::basket::Basket;
use crate::synergies::filters::Filters;
use crate::synergies::reminders::STILL;
use crate::synergies::store::times::{self, HourCost};
use crate::synergies::{letters, paths};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Duration, NaiveDate};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::synergies) struct AbsenceForm {
    id: String,
    user: String,
    from: String,
    to: String,
    replacement: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::synergies) struct HandoverForm {
    id: String,
    giver: String,
    taker: String,
}

/// What an hour of an agent costs; blank when the territory does not say.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::synergies) struct HourCostForm {
    hour_cost: String,
}

/// Of what each follows, only what has not moved for so many days.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::synergies) struct StillQuery {
    immobile: String,
}

impl StillQuery {
    fn days(&self) -> i32 {
        let asked = self.immobile.trim().parse().ok();
        asked.filter(|days| STILL.contains(days)).unwrap_or(0)
    }
}

/// Its words, where it is listed, whether only what is late, and its count.
type Column = (&'static str, Basket, bool, fn(&Load) -> i64);

/// The columns of the table: what of each advisor, and where it is listed.
const COLUMNS: [Column; 6] = [
    ("Suivies", Basket::Open, false, |load| load.open),
    ("En cours", Basket::UnderWay, false, |load| load.under_review),
    ("Pré-validées", Basket::Prevalidated, false, |load| {
        load.prevalidated
    }),
    ("Mises en relation", Basket::Introduced, false, |load| {
        load.introduced
    }),
    ("Sans nouvelles", Basket::Silent, false, |load| load.silent),
    ("Action en retard", Basket::Open, true, |load| load.late),
];

#[derive(Template)]
#[template(path = "synergies/assignment_team.html")]
struct Team {
    loads: Vec<Load>,
    /// Only what has not moved for so many days; 0 for all.
    still: i32,
    absences: Vec<Absence>,
    handovers: Vec<Handover>,
    reader: UserId,
    /// May act for the others too.
    manages: bool,
    absence: AbsenceForm,
    handover: HandoverForm,
    hour: Option<HourCost>,
    hour_cost: HourCostForm,
    errors: Errors,
}

impl Team {
    /// Those for whom the reader may act.
    fn own(&self) -> Vec<Choice> {
        let mine = self.loads.iter().filter(|load| self.may_act_for(&load.id));
        mine.map(|load| Choice::new(load.id.to_string(), load.name.clone()))
            .collect()
    }

    fn everybody(&self) -> Vec<Choice> {
        let all = self.loads.iter();
        all.map(|load| Choice::new(load.id.to_string(), load.name.clone()))
            .collect()
    }

    fn may_act_for(&self, user: &UserId) -> bool {
        self.manages || *user == self.reader
    }

    fn may_undo(&self, handover: &Handover) -> bool {
        handover.undone_at.is_none() && (self.manages || handover.made_by == Some(self.reader))
    }

    fn columns(&self) -> [&'static str; COLUMNS.len()] {
        COLUMNS.map(|(label, ..)| label)
    }

    /// How many, and the list of them.
    fn figures(&self, load: &Load) -> [(i64, String); COLUMNS.len()] {
        COLUMNS.map(|(_, basket, is_late, count)| {
            let list = Filters::of_advisor(load.id, basket, (self.still, is_late));
            (count(load), list.list_href())
        })
    }

    /// The ways to restrict the table: label, address, whether it is so now.
    fn levels(&self) -> Vec<(String, String, bool)> {
        let all = ("Tout".to_owned(), paths::TEAM.to_owned(), self.still == 0);
        let level = |days: i32| {
            let label = format!("Ne bouge plus depuis {days}\u{a0}jours");
            (
                label,
                format!("{}?immobile={days}", paths::TEAM),
                self.still == days,
            )
        };
        std::iter::once(all).chain(STILL.map(level)).collect()
    }

    fn median(&self, load: &Load) -> Option<String> {
        Some(format!("{}\u{a0}j", format_number(load.median_days?, 0)))
    }

    fn find(&self, id: &str) -> Option<&Load> {
        self.loads.iter().find(|load| load.id.to_string() == id)
    }

    fn answer(self) -> Response {
        let status = if self.errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        (status, Page(self)).into_response()
    }
}

async fn load(me: &Staff, still: i32) -> Result<Team> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let reader = me.user().to_string();
    let hour = times::hour_cost(&mut db, scope.territory()).await?;
    let own_cost = times::own_hour_cost(&mut db, scope.territory()).await?;
    Ok(Team {
        loads: store::loads(&mut db, &scope, me.today(), still).await?,
        still,
        absences: store::absences(&mut db, &scope, me.today()).await?,
        handovers: store::handovers(&mut db, &scope).await?,
        reader: me.user(),
        manages: me.has(Role::Admin) || me.has(Role::Pilot),
        absence: AbsenceForm {
            id: AbsenceId::fresh().to_string(),
            user: reader.clone(),
            ..AbsenceForm::default()
        },
        handover: HandoverForm {
            id: HandoverId::fresh().to_string(),
            giver: reader,
            ..HandoverForm::default()
        },
        hour_cost: HourCostForm {
            hour_cost: own_cost
                .map(|cost| format_number(cost, 2).replace('\u{a0}', ""))
                .unwrap_or_default(),
        },
        hour,
        errors: Errors::default(),
    })
}

pub(in crate::synergies) async fn show(me: Staff, Query(query): Query<StillQuery>) -> Result<Response> {
    Ok(load(&me, query.days()).await?.answer())
}

impl AbsenceForm {
    fn parse(&self, team: &Team, today: NaiveDate) -> Result<NewAbsence, Errors> {
        let mut errors = Errors::default();
        let user = team.find(&self.user).filter(|load| team.may_act_for(&load.id));
        if user.is_none() {
            errors.add("user", "Choisissez qui s’absente.");
        }
        let replacement = team.find(&self.replacement);
        if replacement.is_none() && !self.replacement.is_empty() {
            errors.add("replacement", "Choisissez un collègue de la liste.");
        } else if replacement.is_some() && self.replacement == self.user {
            errors.add("replacement", "Choisissez quelqu’un d’autre.");
        }
        let (from, to) = (parse_day(&self.from).ok(), parse_day(&self.to).ok());
        if from.is_none() {
            errors.add("from", "Indiquez le premier jour, par exemple 21/12/2026.");
        }
        match (from, to) {
            (_, None) => errors.add("to", "Indiquez le dernier jour, par exemple 03/01/2027."),
            (_, Some(to)) if to < today => errors.add("to", "Cette absence est déjà finie."),
            (Some(from), Some(to)) if to < from => {
                errors.add("to", "Le dernier jour ne peut pas précéder le premier.");
            }
            (Some(from), Some(to)) if to - from > Duration::days(366) => {
                errors.add("to", "Une absence dure un an au plus.");
            }
            (_, Some(_)) => {}
        }
        match (user, from, to) {
            (Some(user), Some(starts_on), Some(ends_on)) if errors.is_empty() => Ok(NewAbsence {
                id: self.id.parse().unwrap_or_else(|_| AbsenceId::fresh()),
                user: user.id,
                starts_on,
                ends_on,
                replaced_by: replacement.map(|load| load.id),
            }),
            _ => Err(errors),
        }
    }
}

pub(in crate::synergies) async fn note_absence(me: Staff, Form(form): Form<AbsenceForm>) -> Result<Response> {
    let team = load(&me, 0).await?;
    let absence = match form.parse(&team, me.today()) {
        Ok(absence) => absence,
        Err(errors) => {
            let absence = form;
            return Ok(Team {
                absence,
                errors,
                ..team
            }
            .answer());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> { Ok(store::insert_absence(tx, &scope, &absence).await?) })
        .await?;
    Ok(me.done("L’absence est notée.", paths::TEAM).into_response())
}

pub(in crate::synergies) async fn drop_absence(me: Staff, Path(id): Path<AbsenceId>) -> Result<Done> {
    let team = load(&me, 0).await?;
    let absence = team
        .absences
        .iter()
        .find(|absence| absence.id == id && team.may_act_for(&absence.user))
        .or_not_found()?;
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> { Ok(store::delete_absence(tx, &scope, absence).await?) })
        .await?;
    Ok(me.done("L’absence est retirée.", paths::TEAM))
}

impl HandoverForm {
    fn parse(&self, team: &Team) -> Result<(UserId, UserId), Errors> {
        let mut errors = Errors::default();
        let giver = team.find(&self.giver).filter(|load| team.may_act_for(&load.id));
        let taker = team.find(&self.taker);
        match giver {
            None => errors.add("giver", "Choisissez de qui viennent les synergies."),
            Some(load) if load.open == 0 => {
                errors.add("giver", format!("{} ne suit aucune synergie ouverte.", load.name));
            }
            Some(_) => {}
        }
        if taker.is_none() {
            errors.add("taker", "Choisissez qui les reprend.");
        } else if self.giver == self.taker {
            errors.add("taker", "Choisissez quelqu’un d’autre.");
        }
        match (giver, taker) {
            (Some(giver), Some(taker)) if errors.is_empty() => Ok((giver.id, taker.id)),
            _ => Err(errors),
        }
    }
}

pub(in crate::synergies) async fn hand_over(me: Staff, Form(form): Form<HandoverForm>) -> Result<Response> {
    let team = load(&me, 0).await?;
    let (giver, taker) = match form.parse(&team) {
        Ok(both) => both,
        Err(errors) => {
            let handover = form;
            return Ok(Team {
                handover,
                errors,
                ..team
            }
            .answer());
        }
    };
    let id = form.id.parse().unwrap_or_else(|_| HandoverId::fresh());
    let scope = me.scope()?;
    let moved = me
        .transact(async |tx| -> Result<usize> {
            let moved = store::hand_over(tx, &scope, id, (giver, taker)).await?;
            if !moved.is_empty() {
                letters::handed(tx, scope.territory(), (giver, taker), moved.len()).await?;
            }
            Ok(moved.len())
        })
        .await?;
    let message = match moved {
        0 => "Aucune synergie n’a changé de main.".to_owned(),
        1 => "Une synergie est confiée. Vous pouvez annuler plus bas.".to_owned(),
        n => format!("{n} synergies sont confiées. Vous pouvez annuler plus bas."),
    };
    Ok(me.done(message, paths::TEAM).into_response())
}

pub(in crate::synergies) async fn undo(me: Staff, Path(id): Path<HandoverId>) -> Result<Done> {
    let team = load(&me, 0).await?;
    let handover = team
        .handovers
        .iter()
        .find(|handover| handover.id == id)
        .or_not_found()?;
    if !team.may_undo(handover) {
        let sentence = "Cette attribution groupée est déjà annulée, ou quelqu’un d’autre l’a faite.";
        return Err(AppError::Conflict(sentence.to_owned()));
    }
    let scope = me.scope()?;
    let back = me
        .transact(async |tx| -> Result<usize> { Ok(store::undo(tx, &scope, handover).await?) })
        .await?;
    let message = match back {
        1 => format!("Une synergie revient à {}.", handover.giver_name),
        n => format!("{n} synergies reviennent à {}.", handover.giver_name),
    };
    Ok(me.done(message, paths::TEAM))
}

/// For whoever runs the programme; the page that answers is everybody's.
pub(in crate::synergies) async fn set_hour_cost(
    _: Manager,
    me: Staff,
    Form(form): Form<HourCostForm>,
) -> Result<Response> {
    let typed = form.hour_cost.trim();
    let cost = match parse_decimal(typed) {
        Ok(cost) if (1.0..=500.0).contains(&cost) => Some(cost),
        Err(_) if typed.is_empty() => None,
        Ok(_) | Err(_) => {
            let sentence = "Indiquez un coût horaire de 1 à 500\u{a0}€, par exemple 42, ou laissez vide.";
            let errors = Errors::one("hour_cost", sentence);
            return Ok(Team {
                hour_cost: form,
                errors,
                ..load(&me, 0).await?
            }
            .answer());
        }
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> { Ok(times::set_hour_cost(tx, &scope, cost).await?) })
        .await?;
    Ok(me
        .done("Le coût horaire est enregistré.", paths::TEAM)
        .into_response())
}
