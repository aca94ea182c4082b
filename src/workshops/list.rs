//! Screen: the workshops, and what the next one could be about.

use super::store::themes::Theme;
use super::store::{self, Listed};
use super::{category_labels, paths};
use crate::nomenclature::FlowCode;
use crate::platform::access::Staff;
use crate::platform::web::{Page, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "workshops/list.html")]
struct List {
    workshops: Vec<Listed>,
    themes: Vec<Theme>,
}

impl List {
    fn name(theme: &Theme) -> String {
        category_labels(std::slice::from_ref(&theme.category))
            .pop()
            .unwrap_or_else(|| theme.category.clone())
    }
    fn css(theme: &Theme) -> &'static str {
        FlowCode::find(&theme.category).map_or("", |code| code.family().css())
    }
    fn counts(workshop: &Listed) -> String {
        let mut said = Vec::new();
        if workshop.state.took_place() {
            said.push(counted(i64::from(workshop.participants), "participant"));
            said.push(counted(workshop.ideas, "idée"));
        } else {
            said.push(counted(workshop.guests, "invité"));
            said.push(format!("{}\u{a0}à venir", counted(workshop.coming, "personne")));
        }
        said.join(" · ")
    }
}

/// « 3 invités ».
pub(super) fn counted(count: i64, word: &str) -> String {
    format!("{count}\u{a0}{word}{}", if count > 1 { "s" } else { "" })
}

pub(super) async fn show(me: Staff) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    Ok(Page(List {
        workshops: store::list(&mut db, &scope, me.today()).await?,
        themes: store::themes::themes(&mut db, &scope).await?,
    })
    .into_response())
}
