//! The letter to whoever is named in a comment.

use super::paths;
use super::store::Topic;
use crate::accounts::{self, Notice, Reader};
use crate::kernel::ids::{CommentId, UserId};
use crate::platform::db::Tx;
use crate::platform::mail::{self, Letter, Link};
use askama::Template;

#[derive(Template)]
#[template(path = "mail/mentioned.txt")]
struct Mentioned<'a> {
    name: &'a str,
    absent: Option<&'a str>,
    by: &'a str,
    about: &'a str,
    body: &'a str,
}

pub(super) async fn mentioned(
    tx: &mut Tx,
    topic: &Topic,
    (comment, to): (CommentId, UserId),
    body: &str,
) -> sqlx::Result<()> {
    let reader = Reader::of(tx, to, topic.territory_id).await?;
    let Some(Reader { user, absent }) = reader else {
        return Ok(());
    };
    let body = body.replace('\n', "\n> ");
    let by = tx.author().label().to_owned();
    let by = match tx.author().user_id() {
        Some(author) => accounts::store::find(tx, author)
            .await?
            .map_or(by, |author| author.name),
        None => by,
    };
    let about = topic.about();
    let words = Mentioned {
        name: &user.name,
        absent: absent.as_deref(),
        by: &by,
        about: &about,
        body: &body,
    };
    let letter = Letter::new(
        Notice::Mention.topic(),
        (&user).into(),
        format!("{}\u{a0}: {by} vous cite", topic.name),
        &words,
    )?
    .within(topic.territory_id)
    .once(format!("mention:{comment}:{to}"))
    .link(Link::to("Je réponds", paths::sheet(topic.subject)));
    mail::queue(tx, &letter).await?;
    Ok(())
}
