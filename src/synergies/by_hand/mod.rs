//! Screen: « Je propose une synergie ». An advisor brings two flows together, or a flow and an establishment
//! that could answer it, in taps that are links: whose flow, which one, with whom, which one there, why. What
//! the engine says of it is shown before it is saved, and never forbids.

mod already;
pub(super) mod group;
mod record;

use already::Already;
pub(super) use record::{Recorded, Said, record};

use super::matching::by_hand::{self as engine, Reason};
use super::matching::local;
use super::model::{IdeaState, Origin};
use super::paths;
use super::store::asked::{self, CompanyIdea, Verdict};
use super::store::by_hand::{self as near, Place};
use super::view::{GainRow, pair_gains, pair_investment};
use crate::companies::{self, Establishment};
use crate::engine::{Between, Refusal};
use crate::flows::{self, Flow};
use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId};
use crate::kernel::{Direction, format_km};
use crate::platform::access::{Scope, Staff};
use crate::platform::web::{Errors, Form, OptionExt, Page, Query, Result, clean, encoded};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

const LONGEST: usize = 2_000;
/// The flow that answers is not recorded yet.
const NEW: &str = "nouveau";

/// What was chosen so far, in the address.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    /// Whose flow.
    de: String,
    flux: String,
    /// With whom.
    a: String,
    /// Which of their flows, or [`NEW`].
    avec: String,
    /// Words of a name.
    q: String,
    /// The idea of a company that this comes from.
    idee: String,
}

impl Chosen {
    /// The address with one more choice, those that depend on it forgotten.
    fn with(&self, name: &str, value: &str) -> String {
        let kept = [
            ("de", &self.de),
            ("flux", &self.flux),
            ("a", &self.a),
            ("avec", &self.avec),
        ];
        let mut pairs: Vec<(&str, &str)> = kept
            .into_iter()
            .take_while(|(known, _)| *known != name)
            .map(|(known, value)| (known, value.as_str()))
            .collect();
        pairs.extend([(name, value), ("idee", self.idee.as_str())]);
        format!("{}?{}", paths::NEW, encoded(&pairs))
    }
}

/// Which question the page asks.
enum Ask {
    Who,
    What { flows: Vec<Flow> },
    Whom,
    Which { flows: Vec<Flow> },
    Why(Box<Found>),
}

/// What the engine says of the two.
struct Found {
    out: End,
    into: End,
    distance: String,
    warnings: Vec<Refusal>,
    /// « 62 sur 100 ».
    score: Option<String>,
    gains: Vec<GainRow>,
    investment: String,
    already: Option<Already>,
    others: Vec<Already>,
}

/// One end of what is brought together.
struct End {
    name: String,
    href: String,
    label: String,
    quantity: Option<String>,
}

#[derive(Template)]
#[template(path = "synergies/by_hand.html")]
struct ByHand {
    chosen: Chosen,
    own: Option<Establishment>,
    flow: Option<Flow>,
    other: Option<Establishment>,
    places: Vec<(Place, String)>,
    idea: Option<CompanyIdea>,
    ask: Ask,
    form: ByHandForm,
    errors: Errors,
}

impl ByHand {
    fn own_id(&self) -> String {
        self.own
            .as_ref()
            .map_or_else(String::new, |own| own.id.to_string())
    }
    fn other_id(&self) -> String {
        self.other
            .as_ref()
            .map_or_else(String::new, |other| other.id.to_string())
    }
    fn is_offer(&self) -> bool {
        let flow = self.flow.as_ref();
        flow.is_some_and(|flow| flow.direction == Direction::Outbound)
    }
    /// The address once that establishment is chosen, for one end or the other.
    fn choose(&self, place: &Place) -> String {
        let name = if self.flow.is_some() { "a" } else { "de" };
        self.chosen.with(name, &place.id.to_string())
    }
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct ByHandForm {
    /// Given with the empty form: sent twice, it is one synergy.
    id: String,
    flux: String,
    a: String,
    avec: String,
    idee: String,
    why: String,
}

/// The same choices, read and found.
struct Picked {
    own: Option<Establishment>,
    flow: Option<Flow>,
    other: Option<Establishment>,
    with: Option<Flow>,
}

async fn picked(db: &mut PgConnection, scope: &Scope, chosen: &Chosen) -> Result<Picked> {
    let flow = match chosen.flux.parse::<FlowId>() {
        Ok(id) => Some(flows::store::find(db, scope, id).await?.or_not_found()?),
        Err(_) => None,
    };
    let own = flow.as_ref().map(|flow| flow.establishment_id);
    let own = own.or_else(|| chosen.de.parse().ok());
    let with = match chosen.avec.parse::<FlowId>() {
        Ok(id) => Some(flows::store::find(db, scope, id).await?.or_not_found()?),
        Err(_) => None,
    };
    let other = with.as_ref().map(|flow| flow.establishment_id);
    let other = other.or_else(|| chosen.a.parse().ok());
    Ok(Picked {
        own: site(db, scope, own).await?,
        // A firm is not its own partner.
        other: site(db, scope, other.filter(|id| Some(*id) != own)).await?,
        flow,
        with,
    })
}

async fn site(
    db: &mut PgConnection,
    scope: &Scope,
    id: Option<EstablishmentId>,
) -> Result<Option<Establishment>> {
    Ok(match id {
        Some(id) => Some(companies::store::find(db, scope, id).await?.or_not_found()?),
        None => None,
    })
}

async fn load(me: &Staff, chosen: Chosen, form: ByHandForm, errors: Errors) -> Result<ByHand> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let picked = picked(&mut db, &scope, &chosen).await?;
    let ask = ask(&mut db, (me, &scope), &picked, &chosen).await?;
    let centre = picked.own.as_ref().map(|own| (own.id, own.position()));
    let places = match ask {
        Ask::Who => near::places(&mut db, &scope, &chosen.q, None).await?,
        Ask::Whom => near::places(&mut db, &scope, &chosen.q, centre).await?,
        Ask::What { .. } | Ask::Which { .. } | Ask::Why(_) => Vec::new(),
    };
    let idea = idea(&mut db, &scope, &chosen.idee).await?;
    let far = |place: &Place| {
        let km = centre.and_then(|(_, at)| Some(place.position()?.distance_km(at?)));
        km.map_or_else(String::new, format_km)
    };
    Ok(ByHand {
        places: places
            .into_iter()
            .map(|place| {
                let far = far(&place);
                (place, far)
            })
            .collect(),
        idea,
        own: picked.own,
        flow: picked.flow,
        other: picked.other,
        ask,
        chosen,
        form,
        errors,
    })
}

/// The idea of a company that still waits.
async fn idea(db: &mut PgConnection, scope: &Scope, id: &str) -> Result<Option<CompanyIdea>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let found = asked::find(db, scope, id).await?.or_not_found()?;
    Ok(Some(found).filter(|idea| idea.state == IdeaState::Pending))
}

async fn ask(
    db: &mut PgConnection,
    (me, scope): (&Staff, &Scope),
    picked: &Picked,
    chosen: &Chosen,
) -> Result<Ask> {
    let Some(own) = &picked.own else {
        return Ok(Ask::Who);
    };
    let Some(flow) = &picked.flow else {
        let flows = flows::store::of_establishment(db, scope, own.id).await?;
        return Ok(Ask::What { flows });
    };
    let Some(other) = &picked.other else {
        return Ok(Ask::Whom);
    };
    let answers = |with: &&Flow| with.direction != flow.direction;
    let with = match picked.with.as_ref().filter(answers) {
        Some(with) => with.clone(),
        None if chosen.avec == NEW => record::answering(flow, other.id, me.today()),
        None => {
            let all = flows::store::of_establishment(db, scope, other.id).await?;
            let flows = all.into_iter().filter(|with| answers(&with)).collect();
            return Ok(Ask::Which { flows });
        }
    };
    let found = found(db, (me, scope), [(own, flow), (other, &with)]).await?;
    Ok(Ask::Why(Box::new(found)))
}

async fn found(
    db: &mut PgConnection,
    (me, scope): (&Staff, &Scope),
    [own, other]: [(&Establishment, &Flow); 2],
) -> Result<Found> {
    let rows = record::rows(db, scope, [own.1, other.1]).await?;
    let local = local(db, scope).await?;
    let (out, into) = record::ends(own.1, other.1);
    let key = engine::key(out, into);
    let judged = engine::judged(&rows, &local, (out, into), me.today()).or_not_found()?;
    let (same, others): (Vec<_>, Vec<_>) = rows.known.iter().partition(|known| known.key == key);
    let already = match same.first() {
        Some(known) => Some(Already::read(db, known).await?),
        None => None,
    };
    let (giver, receiver) = match own.1.direction {
        Direction::Outbound => (own, other),
        Direction::Inbound => (other, own),
    };
    let names = [&giver.0.name, &receiver.0.name];
    let Between {
        pair,
        refusals,
        distance_km,
    } = judged;
    Ok(Found {
        out: end(giver),
        into: end(receiver),
        distance: distance_km.map_or_else(|| "distance inconnue".to_owned(), format_km),
        warnings: refusals,
        score: pair.as_ref().map(|pair| format!("{:.0} sur 100", pair.score)),
        gains: pair_gains(names, pair.as_ref()),
        investment: pair_investment(pair.as_ref()),
        already,
        others: others.into_iter().map(Already::of).collect(),
    })
}

fn end((site, flow): (&Establishment, &Flow)) -> End {
    End {
        name: site.name.clone(),
        href: companies::paths::show(&site.id),
        label: flow.label.clone(),
        quantity: flow.annual_text(),
    }
}

pub(super) async fn show(me: Staff, Query(chosen): Query<Chosen>) -> Result<Page<impl Template>> {
    let form = ByHandForm {
        id: SynergyId::fresh().to_string(),
        ..ByHandForm::default()
    };
    let mut page = load(&me, chosen, form, Errors::default()).await?;
    page.form.why = page.idea.as_ref().map_or_else(String::new, CompanyIdea::words);
    Ok(Page(page))
}

impl ByHandForm {
    fn chosen(&self) -> Chosen {
        Chosen {
            flux: self.flux.clone(),
            a: self.a.clone(),
            avec: self.avec.clone(),
            idee: self.idee.clone(),
            ..Chosen::default()
        }
    }
}

/// Why, in words.
fn reason(typed: &str) -> Result<String, Errors> {
    let words = clean(typed);
    match words.chars().count() {
        0 => Err(Errors::one(
            "why",
            "Dites en quelques mots pourquoi\u{a0}: vos collègues le liront.",
        )),
        1..=LONGEST => Ok(words),
        _ => Err(Errors::one(
            "why",
            "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.",
        )),
    }
}

async fn again(me: &Staff, form: ByHandForm, status: StatusCode, errors: Errors) -> Result<Response> {
    let page = load(me, form.chosen(), form, errors).await?;
    Ok((status, Page(page)).into_response())
}

pub(super) async fn submit(me: Staff, Form(form): Form<ByHandForm>) -> Result<Response> {
    let scope = me.scope()?;
    let words = match reason(&form.why) {
        Ok(words) => words,
        Err(errors) => return again(&me, form, StatusCode::UNPROCESSABLE_ENTITY, errors).await,
    };
    let picked = picked(&mut *me.read().await?, &scope, &form.chosen()).await?;
    let (Some(own), Some(other)) = (picked.flow, picked.other) else {
        let errors = Errors::one("", "Choisissez deux établissements, et le flux de l’un d’eux.");
        return again(&me, form, StatusCode::UNPROCESSABLE_ENTITY, errors).await;
    };
    let idea = idea(&mut *me.read().await?, &scope, &form.idee).await?;
    let said = Said {
        id: form.id.parse().unwrap_or_else(|_| SynergyId::fresh()),
        own,
        other: other.id,
        with: picked.with.map(|flow| flow.id),
        reason: Reason {
            origin: match idea {
                Some(_) => Origin::Company,
                None => Origin::Advisor,
            },
            words,
        },
    };
    let recorded = me
        .transact(async |tx| -> Result<Recorded> {
            let recorded = record(tx, &scope, said).await?;
            if let (Recorded::Done(id), Some(idea)) = (&recorded, &idea) {
                asked::decide(tx, &scope, idea.id, &Verdict::Follow(*id)).await?;
            }
            Ok(recorded)
        })
        .await?;
    match recorded {
        Recorded::Done(id) => {
            let message = "Votre synergie est dans la file, avec votre nom.";
            Ok(me.done(message, paths::show(&id)).into_response())
        }
        Recorded::Known => again(&me, form, StatusCode::CONFLICT, Errors::default()).await,
    }
}
