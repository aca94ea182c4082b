//! Page to read and to print: the report of a workshop.

use super::list::counted;
use super::model::{MARKS, Workshop};
use super::store::guests::Guest;
use super::store::ideas::Idea;
use super::store::{self, Promise};
use super::{category_labels, paths};
use crate::kernel::format_number;
use crate::kernel::ids::WorkshopId;
use crate::platform::access::Staff;
use crate::platform::web::{OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "workshops/report.html")]
struct Report {
    workshop: Workshop,
    guests: Vec<Guest>,
    ideas: Vec<Idea>,
    promises: Vec<Promise>,
}

impl Report {
    fn themes(&self) -> String {
        category_labels(&self.workshop.categories).join(", ")
    }
    fn present(&self) -> Vec<&Guest> {
        self.guests
            .iter()
            .filter(|guest| guest.is_present == Some(true))
            .collect()
    }
    fn invited(&self) -> usize {
        self.guests.len()
    }
    fn fresh(&self) -> usize {
        self.ideas.iter().filter(|idea| !idea.is_reinforcement).count()
    }
    fn said(&self) -> i64 {
        self.ideas.iter().map(|idea| idea.times).sum()
    }
    fn marks(&self) -> Vec<(&'static str, usize)> {
        MARKS
            .iter()
            .rev()
            .map(|(mark, label)| {
                let count = self
                    .guests
                    .iter()
                    .filter(|guest| guest.mark == Some(*mark))
                    .count();
                (*label, count)
            })
            .collect()
    }
    /// « 3,4 sur 4 pour 12 réponses »; none without any.
    fn satisfaction(&self) -> Option<String> {
        let marks: Vec<i32> = self
            .guests
            .iter()
            .filter_map(|guest| guest.mark)
            .map(i32::from)
            .collect();
        let count = i32::try_from(marks.len()).ok().filter(|count| *count > 0)?;
        let mean = f64::from(marks.iter().sum::<i32>()) / f64::from(count);
        Some(format!(
            "{} sur 4 pour {}",
            format_number(mean, 1),
            counted(i64::from(count), "réponse")
        ))
    }
    fn words(&self) -> Vec<&str> {
        self.guests
            .iter()
            .filter_map(|guest| guest.mark_comment.as_deref())
            .collect()
    }
}

pub(super) async fn show(me: Staff, Path(id): Path<WorkshopId>) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let ideas = store::ideas::of_workshop(&mut db, &scope, id).await?;
    Ok(Page(Report {
        workshop: store::find(&mut db, &scope, id).await?.or_not_found()?,
        guests: store::guests::of_workshop(&mut db, &scope, id).await?,
        ideas: ideas.into_iter().filter(|idea| !idea.is_undone).collect(),
        promises: store::after::promises(&mut db, &scope, id).await?,
    })
    .into_response())
}
