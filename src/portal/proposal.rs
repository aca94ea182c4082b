//! Screen: one synergy found for the company, to be understood on a phone. Answering comes by
//! telephone for now: no button says what cannot be recorded.

use super::model::{Others, Proposal, Stage};
use super::{paths, store};
use crate::kernel::ids::SynergyId;
use crate::platform::access::CompanyUser;
use crate::platform::web::{OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "portal/proposal.html")]
struct Show {
    proposal: Proposal,
    advisors: Vec<String>,
}

/// One line of « Et ensuite ».
struct StepLine {
    text: &'static str,
    note: &'static str,
}

/// What happens from the study to the synergy in place; the first is always over.
const STEPS: [StepLine; 5] = [
    StepLine {
        text: "Votre conseiller vous appelle pour en parler",
        note: "vous dites si la piste vous intéresse",
    },
    StepLine {
        text: "L’autre partie donne son avis de son côté",
        note: "elle ne connaît pas votre réponse",
    },
    StepLine {
        text: "Si chacun est d’accord, les noms sont échangés",
        note: "et une rencontre est organisée",
    },
    StepLine {
        text: "La faisabilité est étudiée avec vous",
        note: "technique, coût, réglementation, organisation",
    },
    StepLine {
        text: "La synergie est en place",
        note: "",
    },
];

impl Show {
    fn capital(&self, words: &str) -> String {
        let mut chars = words.chars();
        chars
            .next()
            .map(|first| first.to_uppercase().chain(chars).collect())
            .unwrap_or_default()
    }

    fn steps(&self) -> impl Iterator<Item = (&'static str, &'static StepLine)> {
        let now = match self.proposal.stage {
            Stage::ToDiscuss => 0,
            Stage::Asked => 1,
            Stage::Agreed => 2,
            Stage::UnderWay => 3,
            Stage::InPlace => 4,
        };
        STEPS.iter().enumerate().map(move |(rank, step)| {
            let class = match rank.cmp(&now) {
                std::cmp::Ordering::Less => "past",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "",
            };
            (class, step)
        })
    }
}

pub(super) async fn show(me: CompanyUser, Path(id): Path<SynergyId>) -> Result<Response> {
    let scope = me.scope();
    let mut db = me.read().await?;
    let proposal = store::proposal(&mut db, &scope, id).await?.or_not_found()?;
    let advisors = store::advisors(&mut db, &scope).await?;
    Ok(Page(Show { proposal, advisors }).into_response())
}
