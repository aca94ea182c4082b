//! Screen: everything that is recorded about the company, and what was found for it.

use super::model::{OwnFlow, Proposal};
use super::requests::CorrectionState;
use super::store::requests::Correction;
use super::{paths, store};
use crate::kernel::Direction;
use crate::platform::access::CompanyUser;
use crate::platform::web::{Page, Result, filters};
use crate::synergies::Word;
use crate::synergies::store::asked::{self, CompanyIdea};
use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

#[derive(Template)]
#[template(path = "portal/space.html")]
struct Space {
    today: NaiveDate,
    proposals: Vec<Proposal>,
    sheets: Vec<Sheet>,
    advisors: Vec<String>,
    corrections: Vec<Correction>,
    ideas: Vec<CompanyIdea>,
}

/// One establishment with its flows.
struct Sheet {
    of: store::OwnEstablishment,
    flows: Vec<OwnFlow>,
}

impl Space {
    fn is_stale(&self, sheet: &Sheet, flow: &OwnFlow) -> bool {
        flow.is_stale(sheet.of.freshness_months, self.today)
    }
    /// A correction of this flow waits for an advisor.
    fn is_corrected(&self, flow: &OwnFlow) -> bool {
        let waiting = self
            .corrections
            .iter()
            .filter(|c| c.state == CorrectionState::Pending);
        waiting.into_iter().any(|c| c.flow_id == Some(flow.id))
    }
    /// The badge of a proposal: what the company said, else where it stands.
    fn standing(&self, proposal: &Proposal) -> (&'static str, &'static str) {
        match proposal.word {
            Some(Word::Agreed) if proposal.may_answer => ("ok", "vous êtes d’accord"),
            Some(Word::Later) => ("warn", "pas maintenant"),
            Some(Word::Declined) => ("", "pas pour vous"),
            Some(Word::Withdrawn) => ("", "accord retiré"),
            Some(Word::Agreed) | None if proposal.may_answer => ("hot", "votre avis"),
            Some(Word::Agreed) | None => (proposal.stage.badge(), proposal.stage.label()),
        }
    }
}

pub(super) async fn show(me: CompanyUser) -> Result<Response> {
    let scope = me.scope();
    let mut db = me.read().await?;
    let mut sheets = Vec::new();
    for of in store::establishments(&mut db, &scope).await? {
        let flows = store::flows(&mut db, &scope, of.id).await?;
        sheets.push(Sheet { of, flows });
    }
    let page = Space {
        today: me.today(),
        proposals: store::proposals(&mut db, &scope).await?,
        advisors: store::advisors(&mut db, &scope).await?,
        corrections: store::requests::own_corrections(&mut db, &scope).await?,
        ideas: asked::of_company(&mut db, &scope).await?,
        sheets,
    };
    Ok(Page(page).into_response())
}
