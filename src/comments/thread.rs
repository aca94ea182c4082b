//! Screen: what the staff of the territory say about something. Its sheet shows the same thread; this page is
//! where a form comes back when something is missing.

use super::mentions::mentioned;
use super::store::{self as comments, Comment, Topic};
use super::{Kind, Subject, letters, paths};
use crate::accounts;
use crate::kernel::clock;
use crate::kernel::ids::{CommentId, UserId};
use crate::platform::access::Staff;
use crate::platform::db::Tx;
use crate::platform::web::{AppError, Done, Errors, Form, OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const LONGEST: usize = 4_000;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct CommentForm {
    /// Given with the empty form: sent twice, it is one comment.
    id: String,
    message: String,
}

impl CommentForm {
    fn parse(&self) -> Result<String, Errors> {
        let words = self.message.trim();
        match words.chars().count() {
            0 => Err(Errors::one("message", "Écrivez votre commentaire.")),
            1..=LONGEST => Ok(words.to_owned()),
            _ => Err(Errors::one(
                "message",
                "Raccourcissez ce commentaire\u{a0}: 4\u{a0}000 caractères au plus.",
            )),
        }
    }
}

/// A thread, as its reader sees it: a piece of a page.
#[derive(Template)]
#[template(path = "comments/_thread.html")]
pub struct Thread {
    subject: Subject,
    lines: Vec<Line>,
    /// Who can be named.
    people: Vec<String>,
    /// Somebody names the reader, who has not answered.
    waits: bool,
    form: CommentForm,
    errors: Errors,
}

struct Line {
    comment: Comment,
    /// Its author may still change it.
    is_open: bool,
    /// What was typed over it and refused.
    refused: Option<String>,
}

impl Thread {
    /// # Errors
    /// Those of the database; nothing is there when the subject is not in the reader's scope.
    pub async fn load(me: &Staff, subject: Subject) -> Result<Self> {
        let topic = found(me, subject).await?;
        Self::of(me, &topic).await
    }

    async fn of(me: &Staff, topic: &Topic) -> Result<Self> {
        let mut db = me.read().await?;
        let found = comments::thread(&mut db, &me.scope()?, topic.subject, me.today()).await?;
        let colleagues = accounts::store::colleagues(&mut db, topic.territory_id).await?;
        let reader = me.user();
        Ok(Self {
            subject: topic.subject,
            waits: found
                .iter()
                .any(|comment| comment.unread_by.contains(&reader.uuid())),
            lines: found
                .into_iter()
                .map(|comment| Line {
                    is_open: may_change(me, &comment),
                    comment,
                    refused: None,
                })
                .collect(),
            people: colleagues
                .into_iter()
                .filter(|colleague| colleague.id != reader)
                .map(|colleague| colleague.name)
                .collect(),
            form: CommentForm {
                id: CommentId::fresh().to_string(),
                message: String::new(),
            },
            errors: Errors::default(),
        })
    }

    fn count(&self) -> usize {
        self.lines.len()
    }

    /// The words refused are those of a comment that was there.
    fn is_editing(&self) -> bool {
        self.lines.iter().any(|line| line.refused.is_some())
    }

    fn readers(&self) -> &'static str {
        "Lu par\u{a0}: les conseillers du territoire. Jamais par les entreprises ni le COPIL. Écrivez @ et un nom pour prévenir un collègue."
    }
}

fn may_change(me: &Staff, comment: &Comment) -> bool {
    comment.author_id == me.user() && clock::day(comment.written_at) == me.today()
}

#[derive(Template)]
#[template(path = "comments/thread.html")]
struct Comments {
    topic: Topic,
    thread: Thread,
}

async fn found(me: &Staff, subject: Subject) -> Result<Topic> {
    comments::topic(&mut *me.read().await?, &me.scope()?, subject)
        .await?
        .or_not_found()
}

/// What the address says.
fn subject((kind, id): (String, String)) -> Result<Subject> {
    let kind = Kind::parse(&kind).or_not_found()?;
    let id = id.parse().ok().or_not_found()?;
    Ok(Subject::new(kind, id))
}

fn answer(topic: Topic, thread: Thread) -> Response {
    let status = if thread.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    (status, Page(Comments { topic, thread })).into_response()
}

pub(super) async fn show(me: Staff, Path(about): Path<(String, String)>) -> Result<Response> {
    let topic = found(&me, subject(about)?).await?;
    let thread = Thread::of(&me, &topic).await?;
    Ok(answer(topic, thread))
}

pub(super) async fn add(
    me: Staff,
    Path(about): Path<(String, String)>,
    Form(form): Form<CommentForm>,
) -> Result<Response> {
    let topic = found(&me, subject(about)?).await?;
    let body = match form.parse() {
        Ok(body) => body,
        Err(errors) => {
            let thread = Thread::of(&me, &topic).await?;
            let thread = Thread {
                form,
                errors,
                ..thread
            };
            return Ok(answer(topic, thread));
        }
    };
    let comment = form.id.parse().unwrap_or_else(|_| CommentId::fresh());
    let author = me.user();
    me.transact(async |tx| -> Result<()> {
        if comments::insert(tx, &topic, comment, author, &body).await? {
            tell(tx, &topic, comment, &body).await?;
        }
        Ok(())
    })
    .await?;
    Ok(me
        .done("Commentaire ajouté.", paths::sheet(topic.subject))
        .into_response())
}

/// Writes to those who are named for the first time.
async fn tell(tx: &mut Tx, topic: &Topic, comment: CommentId, body: &str) -> Result<()> {
    let author = tx.author().user_id();
    let people: Vec<(UserId, String)> = accounts::store::colleagues(tx, topic.territory_id)
        .await?
        .into_iter()
        .filter(|colleague| Some(colleague.id) != author)
        .map(|colleague| (colleague.id, colleague.name))
        .collect();
    let named = mentioned(body, &people);
    for user in comments::mention(tx, comment, &named).await? {
        letters::mentioned(tx, topic, (comment, user), body).await?;
    }
    Ok(())
}

/// A comment of the reader's, of today.
async fn own(me: &Staff, id: CommentId) -> Result<(Topic, Comment)> {
    let comment = comments::find(&mut *me.read().await?, &me.scope()?, id, me.today())
        .await?
        .filter(|comment| comment.author_id == me.user())
        .or_not_found()?;
    if !may_change(me, &comment) {
        let sentence = "Un commentaire ne se modifie que le jour où il est écrit\u{a0}: ajoutez-en un autre.";
        return Err(AppError::Conflict(sentence.to_owned()));
    }
    Ok((found(me, comment.subject).await?, comment))
}

pub(super) async fn edit(
    me: Staff,
    Path(id): Path<CommentId>,
    Form(form): Form<CommentForm>,
) -> Result<Response> {
    let (topic, comment) = own(&me, id).await?;
    let body = match form.parse() {
        Ok(body) => body,
        Err(errors) => {
            let mut thread = Thread::of(&me, &topic).await?;
            for line in thread.lines.iter_mut().filter(|line| line.comment.id == id) {
                line.refused = Some(form.message.clone());
            }
            return Ok(answer(topic, Thread { errors, ..thread }));
        }
    };
    me.transact(async |tx| -> Result<()> {
        comments::edit(tx, &comment, &body).await?;
        tell(tx, &topic, id, &body).await
    })
    .await?;
    Ok(me
        .done("Commentaire modifié.", paths::sheet(topic.subject))
        .into_response())
}

pub(super) async fn delete(me: Staff, Path(id): Path<CommentId>) -> Result<Done> {
    let (topic, comment) = own(&me, id).await?;
    me.transact(async |tx| -> Result<()> { Ok(comments::delete(tx, &comment).await?) })
        .await?;
    Ok(me.done("Commentaire retiré.", paths::sheet(topic.subject)))
}

/// Nothing to answer: it is read.
pub(super) async fn acknowledge(me: Staff, Path(about): Path<(String, String)>) -> Result<Done> {
    let subject = subject(about)?;
    found(&me, subject).await?;
    let reader = me.user();
    me.transact(async |tx| -> Result<()> {
        tx.nothing_to_record();
        comments::mark_read(tx, subject, reader).await?;
        Ok(())
    })
    .await?;
    Ok(me.done("C’est noté.", paths::sheet(subject)))
}
