//! Screen: the message that introduces the companies, written from a template, corrected by the
//! advisor, and sent by nobody else.

use super::acts;
use super::filters::Filters;
use super::law;
use super::model::NotYet;
use super::paths;
use super::store::{self, Reachable};
use super::view::Detail;
use crate::kernel::ids::SynergyId;
use crate::nomenclature::regulation::Point;
use crate::platform::access::Staff;
use crate::platform::web::{AppError, Errors, Form, OptionExt, Page, Path, Query, Result, clean, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct IntroductionForm {
    subject: String,
    body: String,
    recipients: Vec<String>,
    /// Why the law need not be checked first.
    lift: String,
    version: String,
}

const LONGEST: usize = 5_000;
const LONGEST_REASON: usize = 1_000;

/// One company to be introduced, with those who can be written to.
struct Side {
    name: String,
    people: Vec<Reachable>,
}

/// The message before anybody touched it.
#[derive(Template)]
#[template(path = "mail/introduction.txt")]
struct Proposed<'a> {
    sides: &'a [Side],
    advisor: &'a str,
}

#[derive(Template)]
#[template(path = "synergies/introduction.html")]
struct Introduce {
    detail: Detail,
    save: String,
    send: String,
    sides: Vec<Side>,
    /// Points of law that keep the companies apart.
    open: Vec<&'static Point>,
    form: IntroductionForm,
    errors: Errors,
}

impl Introduce {
    /// Where that point is answered.
    fn point(&self, point: &Point) -> String {
        format!(
            "{}#f-point_{}",
            paths::feasibility(&self.detail.synergy.id),
            point.code
        )
    }

    fn is_chosen(&self, key: &str) -> bool {
        self.form.recipients.iter().any(|chosen| chosen == key)
    }
}

/// Only companies that agreed are in the message.
async fn load(me: &Staff, filters: &Filters, id: SynergyId) -> Result<Introduce> {
    let detail = acts::detail(me, filters, id).await?;
    let talks = store::talks(&mut *me.read().await?, id).await?.or_not_found()?;
    if let Err(refusal) = talks.open() {
        return Err(acts::past(me, &detail.synergy, refusal.to_string()).await?);
    }
    if !talks.is_settled() {
        let sentence =
            "Les entreprises n’ont pas toutes donné leur accord\u{a0}: personne n’est encore nommé.";
        return Err(acts::past(me, &detail.synergy, sentence.to_owned()).await?);
    }
    let mut db = me.read().await?;
    let people = store::talks::reachable(&mut db, id).await?;
    let agreed: Vec<_> = talks.agreed().collect();
    let voices = store::talks::voices(&mut db, id).await?;
    let sides: Vec<_> = voices
        .into_iter()
        .filter(|voice| agreed.contains(&voice.company))
        .map(|voice| Side {
            name: voice.establishment,
            people: people
                .iter()
                .filter(|p| p.company == voice.company)
                .cloned()
                .collect(),
        })
        .collect();
    let form = match store::introduction(&mut db, id).await? {
        Some(draft) => IntroductionForm {
            subject: draft.subject,
            body: draft.body,
            recipients: draft.recipients,
            version: draft.version.to_string(),
            lift: String::new(),
        },
        None => first_draft(&sides, me)?,
    };
    Ok(Introduce {
        open: store::study::open_points(&mut db, &detail.synergy).await?,
        save: filters.carry(&paths::introduction(&id)),
        send: filters.carry(&paths::introduction_send(&id)),
        detail,
        sides,
        form,
        errors: Errors::default(),
    })
}

fn first_draft(sides: &[Side], me: &Staff) -> Result<IntroductionForm> {
    let words = Proposed {
        sides,
        advisor: me.session().name(),
    };
    let names: Vec<_> = sides.iter().map(|side| side.name.as_str()).collect();
    Ok(IntroductionForm {
        subject: format!("Mise en relation\u{a0}: {}", names.join(" et ")),
        body: words.render().map_err(anyhow::Error::from)?,
        recipients: sides
            .iter()
            .filter_map(|side| Some(side.people.first()?.key.clone()))
            .collect(),
        lift: String::new(),
        version: "0".to_owned(),
    })
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &filters, id).await?))
}

/// What must hold to keep a draft, and what more to send it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ready {
    ToKeep,
    ToSend,
}

impl IntroductionForm {
    /// Why the law need not be checked first, when a point of it is open.
    fn lifted(&self, open: &[&Point], errors: &mut Errors) {
        let words = self.lift.trim().chars().count();
        if !open.is_empty() && words == 0 {
            errors.add("lift", NotYet::Law(law::titles(open)).to_string());
        } else if words > LONGEST_REASON {
            errors.add(
                "lift",
                "Raccourcissez ce motif\u{a0}: 1\u{a0}000 caractères au plus.",
            );
        }
    }

    fn parse(&self, sides: &[Side], open: &[&Point], ready: Ready) -> Result<store::Introduction, Errors> {
        let mut errors = Errors::default();
        let subject = clean(&self.subject);
        if subject.is_empty() || subject.chars().count() > 200 {
            errors.add(
                "subject",
                "Donnez un objet au message, en 200 caractères au plus.",
            );
        }
        let body = self.body.replace("\r\n", "\n");
        if body.trim().is_empty() || body.chars().count() > LONGEST {
            errors.add("body", "Écrivez le message, en 5\u{a0}000 caractères au plus.");
        }
        if ready == Ready::ToSend {
            self.lifted(open, &mut errors);
            for side in sides {
                if !side.people.iter().any(|who| self.recipients.contains(&who.key)) {
                    let sentence = format!("Choisissez au moins une personne chez {}.", side.name);
                    errors.add("recipients", sentence);
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let known = sides.iter().flat_map(|side| side.people.iter());
        Ok(store::Introduction {
            subject,
            body,
            recipients: known
                .filter(|who| self.recipients.contains(&who.key))
                .map(|who| who.key.clone())
                .collect(),
            version: self.version.parse().unwrap_or(0),
            sent_at: None,
            sent_by: None,
        })
    }
}

pub(super) async fn save(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<IntroductionForm>,
) -> Result<Response> {
    submit(&me, &filters, id, (form, Ready::ToKeep)).await
}

pub(super) async fn send(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<IntroductionForm>,
) -> Result<Response> {
    submit(&me, &filters, id, (form, Ready::ToSend)).await
}

async fn submit(
    me: &Staff,
    filters: &Filters,
    id: SynergyId,
    (form, ready): (IntroductionForm, Ready),
) -> Result<Response> {
    let page = load(me, filters, id).await?;
    let draft = match form.parse(&page.sides, &page.open, ready) {
        Ok(draft) => draft,
        Err(errors) => {
            let page = Introduce { form, errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let (scope, lifted) = (me.scope()?, optional(&form.lift));
    me.transact(async |tx| -> Result<()> {
        if !store::introduction::save_draft(tx, id, &draft).await? {
            let sentence = "Quelqu’un vient de modifier ou d’envoyer ce message\u{a0}: rechargez la page.";
            return Err(AppError::Conflict(sentence.to_owned()));
        }
        match ready {
            Ready::ToKeep => tx.nothing_to_record(),
            Ready::ToSend => store::introduce(tx, &scope, id, lifted.as_deref()).await?,
        }
        Ok(())
    })
    .await?;
    Ok(match ready {
        Ready::ToKeep => me.done("Le brouillon est enregistré\u{a0}: rien n’est parti.", page.save),
        Ready::ToSend => me.done("Les entreprises sont mises en relation.", paths::show(&id)),
    }
    .into_response())
}
