//! Screens: the meetings of the committees with what they decided; one of them, with who came.

use super::model::{Attendance, Decision, Meeting, Partner};
use super::paths;
use super::store::{self, MeetingRow, Piece};
use crate::kernel::ids::MeetingId;
use crate::platform::access::{Manager, Observer};
use crate::platform::web::{AppError, Choice, Errors, Form, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "programmes/meetings.html")]
struct Meetings {
    meetings: Vec<MeetingRow>,
    decisions: Vec<Decision>,
    today: NaiveDate,
    may_edit: bool,
}

impl Meetings {
    fn open(&self) -> Vec<&Decision> {
        self.decisions.iter().filter(|d| d.state.is_open()).collect()
    }
    fn held_on(&self, decision: &Decision) -> Option<NaiveDate> {
        let found = self
            .meetings
            .iter()
            .find(|row| row.meeting.id == decision.meeting);
        found.map(|row| row.meeting.held_on)
    }
}

pub(super) async fn list(me: Observer) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let (meetings, decisions) = match store::current(&mut db, &scope, me.today()).await? {
        Some(programme) => (
            store::meetings(&mut db, &scope, programme.id).await?,
            store::decisions(&mut db, &scope, programme.id).await?,
        ),
        None => Default::default(),
    };
    Ok(Page(Meetings {
        meetings,
        decisions,
        today: me.today(),
        may_edit: me.is_manager(),
    })
    .into_response())
}

#[derive(Template)]
#[template(path = "programmes/meeting.html")]
struct MeetingPage {
    meeting: Meeting,
    partners: Vec<Partner>,
    attendance: Vec<Attendance>,
    decisions: Vec<Decision>,
    today: NaiveDate,
    may_edit: bool,
    errors: Errors,
}

impl MeetingPage {
    fn presence(&self, partner: &Partner) -> &'static str {
        match self.attendance.iter().find(|a| a.partner == partner.id) {
            None => "",
            Some(a) if a.is_present => "present",
            Some(_) => "absent",
        }
    }
    fn presence_words(&self, partner: &Partner) -> &'static str {
        match self.presence(partner) {
            "present" => "présent",
            "absent" => "absent",
            _ => "non convoqué",
        }
    }
    fn field(partner: &Partner) -> String {
        format!("p-{}", partner.id)
    }
    fn choices() -> Vec<Choice> {
        Choice::pairs([("", "non convoqué"), ("present", "présent"), ("absent", "absent")])
    }
    fn present(&self) -> usize {
        self.attendance.iter().filter(|a| a.is_present).count()
    }
}

pub(super) async fn show(me: Observer, Path(id): Path<MeetingId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let programme = store::current(&mut db, &scope, me.today())
        .await?
        .or_not_found()?;
    let rows = store::meetings(&mut db, &scope, programme.id).await?;
    let meeting = rows
        .into_iter()
        .map(|row| row.meeting)
        .find(|one| one.id == id)
        .or_not_found()?;
    let decisions = store::decisions(&mut db, &scope, programme.id).await?;
    Ok(Page(MeetingPage {
        partners: store::partners(&mut db, &scope, programme.id).await?,
        attendance: store::attendance(&mut db, &scope, id).await?,
        decisions: decisions.into_iter().filter(|d| d.meeting == id).collect(),
        meeting,
        today: me.today(),
        may_edit: me.is_manager(),
        errors: Errors::default(),
    })
    .into_response())
}

/// Who was invited and who came, all at once: one field per partner.
pub(super) async fn attend(
    me: Manager,
    Path(id): Path<MeetingId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let own = scope.aggregate();
    let programme = store::current(&mut db, &own, me.today()).await?.or_not_found()?;
    let rows = store::meetings(&mut db, &own, programme.id).await?;
    rows.iter().find(|row| row.meeting.id == id).or_not_found()?;
    let partners = store::partners(&mut db, &own, programme.id).await?;
    drop(db);
    let mut attendance = Vec::new();
    for partner in &partners {
        let is_present = match form.get(&MeetingPage::field(partner)).map(String::as_str) {
            None | Some("") => continue,
            Some("present") => true,
            Some("absent") => false,
            Some(_) => {
                return Err(AppError::BadRequest(
                    "Choisissez présent, absent ou non convoqué.".to_owned(),
                ));
            }
        };
        attendance.push(Attendance {
            partner: partner.id,
            is_present,
        });
    }
    me.transact(async |tx| -> Result<()> {
        Ok(store::save_attendance(tx, &programme, id, &attendance).await?)
    })
    .await?;
    Ok(me
        .done("Les présences sont enregistrées.", paths::meeting(&id))
        .into_response())
}
