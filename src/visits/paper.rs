//! Screen: the diagnostic on paper. What is known is printed, what is not has a box to fill by hand;
//! its workbook twin is `exchange::sheet`, which comes back through the paste preview.

use super::loaded::{Questions, identity, load};
use super::presumed::{Offer, offers};
use super::questionnaire::{self, Kind, SECTIONS};
use super::sheet::{Eye, Group};
use super::{Visit, paths};
use crate::companies::Establishment;
use crate::kernel::ids::VisitId;
use crate::platform::access::Staff;
use crate::platform::web::{Page, Path, Query, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Lines to write new flows on.
const BLANK_LINES: usize = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PaperQuery {
    /// « oui »: nothing of what is known.
    vierge: String,
}

#[derive(Template)]
#[template(path = "visits/paper.html")]
struct Paper {
    visit: Visit,
    establishment: Establishment,
    identity: String,
    advisors: Vec<String>,
    groups: Vec<Group>,
    presumed: Vec<Offer>,
    questions: Questions,
    is_blank: bool,
}

impl Paper {
    fn sections(&self) -> &'static [questionnaire::Section] {
        SECTIONS
    }
    fn answer(&self, question: &questionnaire::Question) -> &str {
        if self.is_blank {
            return "";
        }
        self.questions.answer(question.code)
    }
    fn choices(&self, question: &questionnaire::Question) -> &'static [&'static str] {
        match question.kind {
            Kind::Choice(choices) => choices,
            Kind::Line | Kind::Area => &[],
        }
    }
    fn is_area(&self, question: &questionnaire::Question) -> bool {
        question.kind == Kind::Area
    }
    fn blank_lines(&self) -> std::ops::Range<usize> {
        0..BLANK_LINES
    }
}

pub(super) async fn show(
    me: Staff,
    Path(id): Path<VisitId>,
    Query(query): Query<PaperQuery>,
) -> Result<Response> {
    let loaded = load(&me, id).await?;
    let is_blank = query.vierge == "oui";
    let presumed = if is_blank {
        Vec::new()
    } else {
        offers(&me, &loaded.visit).await?
    };
    let eye = Eye {
        visit: &loaded.visit,
        today: me.today(),
        freshness: loaded.freshness,
    };
    let groups = if is_blank {
        Vec::new()
    } else {
        eye.groups(&loaded.inventory, &loaded.cells)
    };
    let page = Paper {
        identity: identity(&loaded.establishment, &loaded.around),
        groups,
        presumed,
        questions: loaded.questions(),
        is_blank,
        advisors: loaded.around.advisors.clone(),
        establishment: loaded.establishment,
        visit: loaded.visit,
    };
    Ok(Page(page).into_response())
}
