//! Screen: one presumed flow of an establishment, to be recorded as a real one, or dismissed.

use super::model::{chance_words, label, span_words, two_figures};
use super::paths;
use super::store::{self, PresumedRow};
use crate::companies::changes::SitesChanged;
use crate::companies::{self, Establishment};
use crate::flows::{self, Certainty, FlowForm, FlowSource, Place};
use crate::kernel::Direction;
use crate::kernel::ids::{EstablishmentId, FlowId};
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::Staff;
use crate::platform::jobs;
use crate::platform::web::{Done, Errors, Form, OptionExt, Page, Path, Result};
use crate::visits::store::presumed as presumption;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Establishment, category and direction, as the address writes them.
type Address = (EstablishmentId, String, String);
type Line = (EstablishmentId, FlowCode, Direction);

#[derive(Template)]
#[template(path = "prospects/presumed.html")]
struct Record {
    id: EstablishmentId,
    name: String,
    what: &'static str,
    action: String,
    dismiss: String,
    chance: String,
    span: Option<String>,
    why: String,
    form: FlowForm,
    errors: Errors,
    focus: &'static str,
}

fn line((id, code, direction): &Address) -> Result<Line> {
    let code = FlowCode::find(code).or_not_found()?;
    let direction = Direction::parse(direction).ok().or_not_found()?;
    Ok((*id, code, direction))
}

pub(super) async fn show(me: Staff, Path(address): Path<Address>) -> Result<Response> {
    let (id, code, direction) = line(&address)?;
    let (establishment, presumed) = known(&me, (id, code, direction)).await?;
    let category = Catalogue::embedded().category(code);
    let form = FlowForm {
        label: category.label.clone(),
        category: code.to_string(),
        category_typed: category.label.clone(),
        quantity: presumed.central.map(two_figures).unwrap_or_default(),
        unit: presumed
            .central
            .map_or_else(String::new, |_| category.unit.symbol().to_owned()),
        certainty: Certainty::OrderOfMagnitude.code().to_owned(),
        ..FlowForm::blank(direction.word(), me.today())
    };
    Ok(page(
        &establishment,
        &presumed,
        (code, direction),
        form,
        Errors::default(),
    ))
}

async fn known(me: &Staff, line: Line) -> Result<(Establishment, PresumedRow)> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let establishment = companies::store::find(&mut db, &scope, line.0)
        .await?
        .or_not_found()?;
    let presumed = store::presumed(&mut db, &scope, line).await?.or_not_found()?;
    Ok((establishment, presumed))
}

fn page(
    establishment: &Establishment,
    presumed: &PresumedRow,
    (code, direction): (FlowCode, Direction),
    form: FlowForm,
    errors: Errors,
) -> Response {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Record {
        id: establishment.id,
        name: establishment.name.clone(),
        what: label(code),
        action: paths::presumed(&establishment.id, code, direction),
        dismiss: paths::dismiss(&establishment.id, code, direction),
        chance: format!(
            "{}, {}\u{a0}%",
            chance_words(presumed.probability),
            crate::kernel::format_number(presumed.probability * 100.0, 0)
        ),
        span: span_words(code, presumed.low.zip(presumed.high)),
        why: presumed.why.clone(),
        form,
        errors,
        focus: "",
    };
    (status, Page(page)).into_response()
}

/// What was presumed is now said by somebody: it becomes a flow like any other.
pub(super) async fn record(
    me: Staff,
    Path(address): Path<Address>,
    Form(form): Form<FlowForm>,
) -> Result<Response> {
    let line = line(&address)?;
    let (establishment, presumed) = known(&me, line).await?;
    let entry = match form.parse() {
        Ok(entry) => entry,
        Err(errors) => return Ok(page(&establishment, &presumed, (line.1, line.2), form, errors)),
    };
    let flow = entry.into_flow(Place {
        id: form.id.parse().unwrap_or_else(|_| FlowId::fresh()),
        territory: establishment.territory_id,
        establishment: establishment.id,
        visit: None,
        source: FlowSource::Visit,
    });
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        if flows::store::insert(tx, &scope, &flow).await? {
            presumption::settle(tx, &scope, line).await?;
            jobs::enqueue(
                tx,
                &flows::FlowsChanged {
                    territory: flow.territory_id,
                },
            )
            .await?;
        }
        Ok(())
    })
    .await?;
    let message = format!("Flux enregistré\u{a0}: {}. Il n’est plus présumé.", flow.label);
    Ok(me
        .done(message, companies::paths::show(&establishment.id))
        .into_response())
}

/// « Ce n’est pas le cas ici ».
pub(super) async fn dismiss(me: Staff, Path(address): Path<Address>) -> Result<Done> {
    let line = line(&address)?;
    let scope = me.scope()?;
    let establishment = companies::store::find(&mut *me.read().await?, &scope, line.0)
        .await?
        .or_not_found()?;
    let gone = me
        .transact(async |tx| -> Result<bool> {
            let gone = presumption::dismiss(tx, &scope, line).await?;
            if gone {
                let territory = establishment.territory_id;
                jobs::enqueue(tx, &SitesChanged { territory }).await?;
            }
            Ok(gone)
        })
        .await?;
    let message = if gone {
        format!("«\u{a0}{}\u{a0}» n’est plus présumé ici.", label(line.1))
    } else {
        "Ce flux n’était plus présumé.".to_owned()
    };
    Ok(me.done(
        message,
        format!("{}#presumes", companies::paths::show(&establishment.id)),
    ))
}
