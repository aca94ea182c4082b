//! Screen: my data: what is kept of the company, who reads each thing, taking it away, asking for its
//! erasure.

use super::paths;
use super::store::{self, requests::Erasure};
use crate::platform::access::CompanyUser;
use crate::platform::web::{Errors, Form, Page, Result, filters, optional};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// One kind of data with its readers.
struct Reader {
    what: &'static str,
    who: &'static str,
    never: &'static str,
}

/// What the rights of the code say, in words; `tests/app/portal.rs` holds them to it.
const READERS: [Reader; 6] = [
    Reader {
        what: "Nom, SIRET, adresse, effectif",
        who: "les conseillers et le pilote de votre territoire, l’administrateur de Maillage",
        never: "une autre entreprise, sauf si vous êtes d’accord toutes les deux",
    },
    Reader {
        what: "Noms, téléphones et adresses de vos contacts",
        who: "les conseillers, le pilote et l’administrateur\u{202f}; les destinataires de la mise en relation, si vous l’acceptez",
        never: "le comité de pilotage, les partenaires",
    },
    Reader {
        what: "Flux et quantités",
        who: "les conseillers, le pilote et l’administrateur",
        never: "une autre entreprise\u{a0}: elle lit un ordre de grandeur, sans votre nom",
    },
    Reader {
        what: "Coûts, prestataires, fins de contrat",
        who: "les conseillers, le pilote et l’administrateur",
        never: "toute autre personne",
    },
    Reader {
        what: "Vos réponses aux propositions",
        who: "les conseillers, le pilote et l’administrateur",
        never: "l’autre entreprise, avant que vous soyez d’accord toutes les deux",
    },
    Reader {
        what: "Totaux du territoire",
        who: "le comité de pilotage et les partenaires, à partir de trois entreprises",
        never: "le public, avec un nom",
    },
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErasureForm {
    comment: String,
}

#[derive(Template)]
#[template(path = "portal/data.html")]
struct Data {
    exports: &'static [(&'static str, &'static str)],
    erasures: Vec<Erasure>,
    form: ErasureForm,
    errors: Errors,
}

impl Data {
    fn readers(&self) -> &'static [Reader] {
        &READERS
    }
    fn waits(&self) -> bool {
        self.erasures.iter().any(|request| request.answered_at.is_none())
    }
}

async fn load(me: &CompanyUser, form: ErasureForm, errors: Errors) -> Result<Data> {
    Ok(Data {
        exports: paths::EXPORTS,
        erasures: store::requests::own_erasures(&mut *me.read().await?, &me.scope()).await?,
        form,
        errors,
    })
}

pub(super) async fn show(me: CompanyUser) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, ErasureForm::default(), Errors::default()).await?))
}

pub(super) async fn ask_erasure(me: CompanyUser, Form(form): Form<ErasureForm>) -> Result<Response> {
    if form.comment.chars().count() > 2_000 {
        let errors = Errors::one(
            "comment",
            "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.",
        );
        let page = load(&me, form, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let (scope, comment) = (me.scope(), optional(&form.comment));
    let asked = me
        .transact(async |tx| -> Result<u64> {
            Ok(store::requests::ask_erasure(tx, &scope, comment.as_deref()).await?)
        })
        .await?;
    let message = match asked {
        0 => "Votre demande attend déjà une réponse.",
        _ => "Votre demande est transmise\u{a0}: vous aurez une réponse sous un mois.",
    };
    Ok(me.done(message, paths::DATA).into_response())
}
