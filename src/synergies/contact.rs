//! The part of a synergy's sheet where companies are asked, introduced and brought together, and the
//! act that begins it: proposing the synergy to them.

use super::acts::seen;
use super::filters::Filters;
use super::model::State;
use super::show::ActForm;
use super::store::{self, Introduction, Meeting, Synergy, Voice};
use super::talks::Word;
use crate::kernel::ids::SynergyId;
use crate::nomenclature::regulation::Point;
use crate::platform::access::Staff;
use crate::platform::web::{Done, Form, Path, Query, Result};
use sqlx::PgConnection;

/// What the sheet shows of it.
pub(super) struct ContactView {
    pub(super) voices: Vec<Voice>,
    pub(super) may_note: bool,
    pub(super) may_introduce: bool,
    /// Points of law that keep the companies apart.
    pub(super) open: Vec<&'static Point>,
    pub(super) introduction: Option<Introduction>,
    pub(super) meeting: Option<Meeting>,
}

impl ContactView {
    /// Nothing before the synergy is validated.
    pub(super) async fn load(db: &mut PgConnection, synergy: &Synergy) -> sqlx::Result<Option<Self>> {
        let Some(talks) = store::talks(db, synergy.id).await? else {
            return Ok(None);
        };
        let is_before = matches!(
            synergy.state,
            State::Proposed | State::UnderReview | State::Rejected | State::Duplicate
        );
        if is_before {
            return Ok(None);
        }
        let is_open = talks.open().is_ok();
        Ok(Some(Self {
            voices: store::talks::voices(db, synergy.id).await?,
            may_note: is_open,
            may_introduce: is_open && talks.is_settled(),
            open: if is_open {
                store::study::open_points(db, synergy).await?
            } else {
                Vec::new()
            },
            introduction: store::introduction(db, synergy.id).await?,
            meeting: store::meeting(db, synergy.id).await?,
        }))
    }

    /// A meeting makes sense once the companies know each other's name.
    pub(super) fn may_meet(&self) -> bool {
        self.may_introduce || self.sent().is_some() || self.meeting.is_some()
    }

    pub(super) fn sent(&self) -> Option<&Introduction> {
        self.introduction.as_ref().filter(|i| i.sent_at.is_some())
    }

    /// « d’accord », « n’a pas répondu ».
    pub(super) fn word(voice: &Voice) -> (&'static str, &'static str) {
        voice
            .word
            .map_or(("", "pas encore répondu"), |word| (word.css(), word.label()))
    }

    pub(super) fn is_refused(&self) -> bool {
        let refuses = |voice: &Voice| matches!(voice.word, Some(Word::Declined | Word::Withdrawn));
        self.voices.iter().any(refuses)
    }
}

/// Asks the companies: those with an account receive a letter, the others are to be called.
pub(super) async fn propose(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ActForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let (synergy, letters) = me
        .transact(async |tx| -> Result<_> { Ok(store::propose(tx, &scope, id, seen(&form.version)).await?) })
        .await?;
    let message = match letters {
        0 => "Proposée aux entreprises. Aucune n’a d’espace\u{a0}: appelez-les et notez leur réponse."
            .to_owned(),
        1 => "Proposée aux entreprises\u{a0}: un message part.".to_owned(),
        n => format!("Proposée aux entreprises\u{a0}: {n} messages partent."),
    };
    Ok(me.done(message, filters.follow(&id, synergy.state)))
}
