//! Screen: « J’ai une idée » about one of the company's flows. An advisor makes a synergy of it, or answers why
//! not; nobody else's name is asked for, nor given back.

use super::store::{self, requests};
use super::{letters, paths};
use crate::kernel::ids::{CompanyIdeaId, FlowId};
use crate::platform::access::CompanyUser;
use crate::platform::web::{Errors, Form, OptionExt, Page, Query, Result, clean, optional};
use crate::synergies::store::asked::{self, NewIdea};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

const LONGEST: usize = 2_000;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct About {
    #[serde(rename = "flux")]
    flow: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct IdeaForm {
    /// Given with the empty form: sent twice, it is one idea.
    id: String,
    flow: String,
    what: String,
    partner: String,
}

#[derive(Template)]
#[template(path = "portal/idea.html")]
struct Idea {
    form: IdeaForm,
    flow: store::OwnFlowRow,
    errors: Errors,
}

async fn own(me: &CompanyUser, flow: &str) -> Result<store::OwnFlowRow> {
    let id: FlowId = flow.parse().ok().or_not_found()?;
    store::flow(&mut *me.read().await?, &me.scope(), id)
        .await?
        .or_not_found()
}

pub(super) async fn show(me: CompanyUser, Query(about): Query<About>) -> Result<Page<impl Template>> {
    let flow = own(&me, &about.flow).await?;
    let form = IdeaForm {
        id: CompanyIdeaId::fresh().to_string(),
        flow: about.flow,
        ..IdeaForm::default()
    };
    Ok(Page(Idea {
        form,
        flow,
        errors: Errors::default(),
    }))
}

impl IdeaForm {
    fn parse(&self, flow: FlowId) -> Result<NewIdea, Errors> {
        let mut errors = Errors::default();
        let what = clean(&self.what);
        if what.is_empty() || what.chars().count() > LONGEST {
            errors.add(
                "what",
                "Dites votre idée en quelques mots, en 2\u{a0}000 caractères au plus.",
            );
        }
        let partner = optional(&self.partner);
        if partner.as_ref().is_some_and(|words| words.chars().count() > 200) {
            errors.add("partner", "Raccourcissez\u{a0}: 200 caractères au plus.");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(NewIdea {
            id: self.id.parse().unwrap_or_else(|_| CompanyIdeaId::fresh()),
            flow,
            what,
            partner,
        })
    }
}

pub(super) async fn submit(me: CompanyUser, Form(form): Form<IdeaForm>) -> Result<Response> {
    let flow = own(&me, &form.flow).await?;
    let new = match form.parse(flow.id) {
        Ok(new) => new,
        Err(errors) => {
            let page = Idea { form, flow, errors };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope();
    me.transact(async |tx| -> Result<()> {
        if let Some((territory, establishment)) = asked::ask(tx, &scope, &new).await? {
            for user in requests::advisors_of(tx, territory, establishment).await? {
                letters::idea(tx, &user, territory, establishment).await?;
            }
        }
        Ok(())
    })
    .await?;
    let message = "Votre idée est transmise. Un conseiller l’étudie et vous répond ici.";
    Ok(me.done(message, paths::SPACE).into_response())
}
