//! Screens: a piece of the programme written, changed or taken away; its name and its dates.

use super::model::{Meeting, Programme};
use super::pieces::{Field, Kind, Thing, Typed, parse, typed};
use super::store::{self, Piece};
use super::{BUDGET, paths};
use crate::kernel::ids::{ProgrammeId, TaskId};
use crate::kernel::{parse_day, typed_day};
use crate::platform::access::{Manager, Scope};
use crate::platform::db::Tx;
use crate::platform::web::{
    AppError, Choice, Errors, Form, OptionExt, Page, Path, Query, Result, checked, clean,
};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "programmes/edit.html")]
struct Edit {
    piece: Piece,
    id: Uuid,
    typed: Typed,
    errors: Errors,
    is_new: bool,
}

impl Edit {
    fn title(&self) -> String {
        let verb = if self.is_new { "J’ajoute" } else { "Je modifie" };
        format!("{verb} {}", self.piece.label())
    }
    fn action(&self) -> String {
        paths::edit(self.piece, &self.id)
    }
    fn removal(&self) -> String {
        paths::remove(self.piece, &self.id)
    }
    fn fields(&self) -> &'static [Field] {
        self.piece.fields()
    }
    fn value(&self, name: &str) -> &str {
        self.typed.get(name)
    }
    fn options(&self, field: &Field) -> Vec<Choice> {
        match field.kind {
            Kind::Choice(options) => options(),
            Kind::Text | Kind::Area | Kind::Day | Kind::Number(_) | Kind::Check => Vec::new(),
        }
    }
    fn is_ticked(&self, name: &str) -> bool {
        checked(self.typed.get(name))
    }
    fn back(&self) -> String {
        home(self.piece, self.typed.meeting())
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

/// The page that shows pieces of that sort.
fn home(piece: Piece, meeting: Option<Uuid>) -> String {
    match piece {
        Piece::Task | Piece::Partner | Piece::Commitment => paths::SHOW.to_owned(),
        Piece::Funding | Piece::Expense => BUDGET.to_owned(),
        Piece::Outreach => paths::OUTREACH.to_owned(),
        Piece::Meeting => paths::MEETINGS.to_owned(),
        Piece::Decision => meeting.map_or_else(
            || paths::MEETINGS.to_owned(),
            |meeting| paths::meeting(&meeting.into()),
        ),
    }
}

/// The programme on screen; pieces belong to one.
async fn programme(me: &Manager) -> Result<Programme> {
    let scope = me.scope()?.aggregate();
    let found = store::current(&mut *me.read().await?, &scope, me.today()).await?;
    found.ok_or_else(|| {
        AppError::Conflict("Décrivez d’abord la démarche\u{a0}: son nom et ses dates.".to_owned())
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewQuery {
    reunion: String,
}

pub(super) async fn start(
    me: Manager,
    Path(sort): Path<String>,
    Query(query): Query<NewQuery>,
) -> Result<Response> {
    let piece = Piece::parse(&sort).or_not_found()?;
    programme(&me).await?;
    let mut typed = Typed::default();
    typed.set("version", "0");
    typed.set("reunion", query.reunion);
    let page = Edit {
        piece,
        id: TaskId::fresh().uuid(),
        typed,
        errors: Errors::default(),
        is_new: true,
    };
    Ok(page.answer())
}

pub(super) async fn show(me: Manager, Path((sort, id)): Path<(String, Uuid)>) -> Result<Response> {
    let piece = Piece::parse(&sort).or_not_found()?;
    let programme = programme(&me).await?;
    let scope = me.scope()?;
    let thing = find(&mut *me.read().await?, &scope, &programme, (piece, id))
        .await?
        .or_not_found()?;
    let page = Edit {
        piece,
        id,
        typed: typed(&thing),
        errors: Errors::default(),
        is_new: false,
    };
    Ok(page.answer())
}

async fn find(
    db: &mut PgConnection,
    scope: &Scope,
    programme: &Programme,
    (piece, id): (Piece, Uuid),
) -> sqlx::Result<Option<Thing>> {
    let (scope, of) = (&scope.aggregate(), programme.id);
    macro_rules! among {
        ($list:ident, $thing:ident) => {{
            let all = store::$list(db, scope, of).await?;
            all.into_iter().find(|one| one.id.uuid() == id).map(Thing::$thing)
        }};
    }
    Ok(match piece {
        Piece::Task => among!(tasks, Task),
        Piece::Partner => among!(partners, Partner),
        Piece::Commitment => among!(commitments, Commitment),
        Piece::Funding => among!(funding, Funding),
        Piece::Expense => among!(expenses, Expense),
        Piece::Outreach => among!(outreach, Outreach),
        Piece::Decision => among!(decisions, Decision),
        Piece::Meeting => find_meeting(db, scope, of, id).await?.map(Thing::Meeting),
    })
}

async fn find_meeting(
    db: &mut PgConnection,
    scope: &crate::platform::access::AggregateScope,
    of: ProgrammeId,
    id: Uuid,
) -> sqlx::Result<Option<Meeting>> {
    let all = store::meetings(db, scope, of).await?;
    Ok(all
        .into_iter()
        .map(|row| row.meeting)
        .find(|meeting| meeting.id.uuid() == id))
}

async fn keep(tx: &mut Tx, scope: &Scope, programme: &Programme, thing: &Thing) -> sqlx::Result<bool> {
    match thing {
        Thing::Task(it) => store::save_task(tx, scope, programme, it).await,
        Thing::Partner(it) => store::save_partner(tx, scope, programme, it).await,
        Thing::Commitment(it) => store::save_commitment(tx, scope, programme, it).await,
        Thing::Funding(it) => store::save_funding_line(tx, scope, programme, it).await,
        Thing::Expense(it) => store::save_expense(tx, scope, programme, it).await,
        Thing::Outreach(it) => store::save_outreach(tx, scope, programme, it).await,
        Thing::Meeting(it) => store::save_meeting(tx, scope, programme, it).await,
        Thing::Decision(it) => store::save_decision(tx, scope, programme, it).await,
    }
}

pub(super) async fn save(
    me: Manager,
    Path((sort, id)): Path<(String, Uuid)>,
    Form(form): Form<Typed>,
) -> Result<Response> {
    let piece = Piece::parse(&sort).or_not_found()?;
    let programme = programme(&me).await?;
    let refused = |typed: Typed, errors| {
        let is_new = typed.version() == 0;
        let page = Edit {
            piece,
            id,
            typed,
            errors,
            is_new,
        };
        Ok(page.answer())
    };
    let thing = match parse(piece, id, &form) {
        Ok(thing) => thing,
        Err(errors) => return refused(form, errors),
    };
    let scope = me.scope()?;
    let saved = me
        .transact(async |tx| -> Result<bool> { Ok(keep(tx, &scope, &programme, &thing).await?) })
        .await;
    let twice = "Un partenaire de cette démarche porte déjà ce nom.";
    match saved.map_err(|error| error.on_constraint("partners_name_key", "name", twice)) {
        Ok(true) => Ok(me
            .done("C’est enregistré.", home(piece, form.meeting()))
            .into_response()),
        Ok(false) => again(&me, &programme, (piece, id), &form).await,
        Err(AppError::Refused(errors)) => refused(form, errors),
        Err(other) => Err(other),
    }
}

/// Nothing was saved: sent twice, changed by somebody else meanwhile, or of another territory.
async fn again(
    me: &Manager,
    programme: &Programme,
    (piece, id): (Piece, Uuid),
    form: &Typed,
) -> Result<Response> {
    let scope = me.scope()?;
    find(&mut *me.read().await?, &scope, programme, (piece, id))
        .await?
        .or_not_found()?;
    if form.version() == 0 {
        return Ok(me
            .done("C’était déjà enregistré.", home(piece, form.meeting()))
            .into_response());
    }
    Err(AppError::Conflict(
        "Quelqu’un a changé ceci pendant que vous écriviez. Revenez à la page pour lire sa version."
            .to_owned(),
    ))
}

pub(super) async fn remove(
    me: Manager,
    Path((sort, id)): Path<(String, Uuid)>,
    Form(form): Form<Typed>,
) -> Result<Response> {
    let piece = Piece::parse(&sort).or_not_found()?;
    let programme = programme(&me).await?;
    let scope = me.scope()?;
    let removed = me
        .transact(async |tx| -> Result<bool> {
            Ok(store::remove(tx, &scope, &programme, (piece, id)).await?)
        })
        .await?;
    removed.then_some(()).or_not_found()?;
    Ok(me
        .done("C’est retiré.", home(piece, form.meeting()))
        .into_response())
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ProgrammeForm {
    id: String,
    version: String,
    name: String,
    starts_on: String,
    ends_on: String,
}

impl ProgrammeForm {
    fn parse(&self, scope: &Scope) -> Result<Programme, Errors> {
        let mut errors = Errors::default();
        let name = clean(&self.name);
        if name.is_empty() || name.chars().count() > 160 {
            errors.add(
                "name",
                "Indiquez le nom de la démarche, en 160 caractères au plus.",
            );
        }
        let from = errors.take("starts_on", parse_day(&self.starts_on));
        let to = errors.take("ends_on", parse_day(&self.ends_on));
        match (from, to) {
            (Some(starts_on), Some(ends_on)) if starts_on < ends_on && errors.is_empty() => Ok(Programme {
                id: self.id.parse().unwrap_or_else(|_| ProgrammeId::fresh()),
                territory_id: scope.territory(),
                name,
                starts_on,
                ends_on,
                version: self.version.parse().unwrap_or_default(),
            }),
            (Some(starts_on), Some(ends_on)) if starts_on >= ends_on => {
                errors.add("ends_on", "La fin doit suivre le début.");
                Err(errors)
            }
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "programmes/programme.html")]
struct ProgrammePage {
    form: ProgrammeForm,
    errors: Errors,
}

pub(super) async fn show_programme(me: Manager) -> Result<Response> {
    let scope = me.scope()?.aggregate();
    let found = store::current(&mut *me.read().await?, &scope, me.today()).await?;
    let form = found.map_or_else(
        || ProgrammeForm {
            id: ProgrammeId::fresh().to_string(),
            version: "0".to_owned(),
            ..ProgrammeForm::default()
        },
        |programme| ProgrammeForm {
            id: programme.id.to_string(),
            version: programme.version.to_string(),
            name: programme.name,
            starts_on: typed_day(programme.starts_on),
            ends_on: typed_day(programme.ends_on),
        },
    );
    let errors = Errors::default();
    Ok(Page(ProgrammePage { form, errors }).into_response())
}

pub(super) async fn save_programme(me: Manager, Form(form): Form<ProgrammeForm>) -> Result<Response> {
    let scope = me.scope()?;
    let programme = match form.parse(&scope) {
        Ok(programme) => programme,
        Err(errors) => {
            let page = Page(ProgrammePage { form, errors });
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let saved = me
        .transact(async |tx| -> Result<bool> {
            if programme.version == 0 {
                store::insert_programme(tx, &scope, &programme).await?;
                return Ok(true);
            }
            Ok(store::save_programme(tx, &scope, &programme).await?)
        })
        .await?;
    if !saved {
        return Err(AppError::Conflict(
            "Quelqu’un a changé la démarche pendant que vous écriviez. Revenez à sa page.".to_owned(),
        ));
    }
    Ok(me
        .done("La démarche est enregistrée.", paths::SHOW)
        .into_response())
}
