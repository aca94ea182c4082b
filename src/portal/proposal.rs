//! Screen: one synergy found for the company, to be understood and answered on a phone: one decision.

use super::model::{Others, Proposal, Stage};
use super::{paths, store};
use crate::companies::consent::Party;
use crate::kernel::ids::SynergyId;
use crate::platform::access::CompanyUser;
use crate::platform::web::{
    AppError, Choice, Done, Errors, Form, OptionExt, Page, Path, Result, checked, filters, optional,
};
use crate::synergies::store::{Meeting, Said, answer, meeting};
use crate::synergies::{Channel, REASONS, Word, reason};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    word: String,
    reason: String,
    comment: String,
}

#[derive(Template)]
#[template(path = "portal/proposal.html")]
pub(super) struct Show {
    pub(super) proposal: Proposal,
    said: Option<store::OwnWord>,
    pub(super) meeting: Option<Meeting>,
    opinion: Option<store::Opinion>,
    pub(super) advisors: Vec<String>,
    form: AnswerForm,
    judged: OpinionForm,
    errors: Errors,
}

/// One line of « Et ensuite ».
pub(super) struct StepLine {
    pub(super) text: &'static str,
    pub(super) note: &'static str,
}

/// What happens from the study to the synergy in place; the first is always over.
const STEPS: [StepLine; 5] = [
    StepLine {
        text: "Vous dites si la piste vous intéresse",
        note: "ici ou au téléphone, sans engagement",
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
    pub(super) fn capital(&self, words: &str) -> String {
        let mut chars = words.chars();
        chars
            .next()
            .map(|first| first.to_uppercase().chain(chars).collect())
            .unwrap_or_default()
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = (&'static str, &'static StepLine)> {
        let now = match (self.proposal.stage, self.proposal.word) {
            (Stage::ToDiscuss | Stage::Asked, None) => 0,
            (Stage::ToDiscuss | Stage::Asked, Some(_)) => 1,
            (Stage::Agreed, _) => 2,
            (Stage::UnderWay, _) => 3,
            (Stage::InPlace, _) => 4,
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

    fn reasons(&self) -> Vec<Choice> {
        Choice::pairs(REASONS.iter().map(|(code, words)| (*code, *words)))
    }

    /// « Cela m’intéresse ».
    fn words(&self) -> Vec<Choice> {
        Choice::pairs(ANSWERS.iter().map(|(word, words)| (word.code(), *words)))
    }

    pub(super) fn answered(&self) -> Option<&'static str> {
        let word = self.proposal.word?;
        let answer = ANSWERS.iter().find(|(known, _)| *known == word);
        Some(answer.map_or("Vous avez retiré votre accord", |(_, words)| *words))
    }

    fn marks(&self) -> Vec<Choice> {
        Choice::pairs(MARKS.iter().map(|(code, words)| (code.to_string(), *words)))
    }
}

const LONGEST: usize = 2_000;
const TOO_LONG: &str = "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.";

const ANSWERS: [(Word, &str); 3] = [
    (Word::Agreed, "Cela nous intéresse"),
    (Word::Later, "Pas maintenant"),
    (Word::Declined, "Ce n’est pas pour nous"),
];

pub(super) const MARKS: [(i16, &str); 4] = [
    (4, "Très utile"),
    (3, "Plutôt utile"),
    (2, "Peu utile"),
    (1, "Inutile"),
];

pub(super) async fn load(me: &CompanyUser, id: SynergyId, form: AnswerForm, errors: Errors) -> Result<Show> {
    let scope = me.scope();
    let mut db = me.read().await?;
    let proposal = store::proposal(&mut db, &scope, id).await?.or_not_found()?;
    let meeting = if proposal.others.is_named() {
        meeting(&mut db, id).await?
    } else {
        None
    };
    Ok(Show {
        said: store::own_word(&mut db, &scope, id).await?,
        opinion: store::opinion(&mut db, &scope, id).await?,
        advisors: store::advisors(&mut db, &scope).await?,
        meeting,
        proposal,
        form,
        judged: OpinionForm::default(),
        errors,
    })
}

pub(super) async fn show(me: CompanyUser, Path(id): Path<SynergyId>) -> Result<Response> {
    let page = load(&me, id, AnswerForm::default(), Errors::default()).await?;
    Ok(Page(page).into_response())
}

impl AnswerForm {
    fn parse(&self, person: &str) -> Result<Said, Errors> {
        let mut errors = Errors::default();
        let word = Word::parse(&self.word).filter(|word| *word != Word::Withdrawn);
        let motive = reason(&self.reason).filter(|_| word != Some(Word::Agreed));
        match word {
            None => errors.add("word", "Choisissez votre réponse."),
            Some(Word::Declined) if motive.is_none() => errors.add(
                "reason",
                "Dites pourquoi\u{a0}: cela évite de vous reproposer la même chose.",
            ),
            Some(_) => {}
        }
        if self.comment.chars().count() > LONGEST {
            errors.add("comment", TOO_LONG);
        }
        match word {
            Some(word) if errors.is_empty() => Ok(Said {
                word,
                channel: Channel::Portal,
                person: person.to_owned(),
                motive,
                comment: optional(&self.comment),
            }),
            _ => Err(errors),
        }
    }
}

pub(super) async fn submit(
    me: CompanyUser,
    Path(id): Path<SynergyId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response> {
    let page = load(&me, id, form.clone(), Errors::default()).await?;
    let said = match form.parse(me.session().name()) {
        Ok(said) => said,
        Err(errors) => {
            let page = Show { errors, ..page };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    say(&me, id, &said).await?;
    let message = match said.word {
        Word::Agreed => {
            "Votre accord est enregistré. Dès que l’autre partie est d’accord aussi, chacune lit le nom de l’autre."
        }
        Word::Later | Word::Declined | Word::Withdrawn => {
            "Votre réponse est enregistrée. Votre conseiller la lit."
        }
    };
    Ok(me.done(message, paths::proposal(&id)).into_response())
}

async fn say(me: &CompanyUser, id: SynergyId, said: &Said) -> Result<()> {
    let scope = me.scope();
    me.transact(async |tx| -> Result<()> {
        answer(tx, &scope, id, said).await?;
        Ok(())
    })
    .await
}

pub(super) async fn withdraw(me: CompanyUser, Path(id): Path<SynergyId>) -> Result<Done> {
    let before = store::proposal(&mut *me.read().await?, &me.scope(), id)
        .await?
        .or_not_found()?;
    let said = Said {
        word: Word::Withdrawn,
        channel: Channel::Portal,
        person: me.session().name().to_owned(),
        motive: None,
        comment: None,
    };
    say(&me, id, &said).await?;
    let message = if before.others.is_named() {
        "Votre accord est retiré\u{a0}: les noms ne s’affichent plus, mais chacun a déjà pu lire celui de l’autre."
    } else {
        "Votre accord est retiré\u{a0}: votre nom reste caché."
    };
    Ok(me.done(message, paths::proposal(&id)))
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct OpinionForm {
    mark: String,
    #[serde(rename = "pourquoi")]
    comment: String,
    may_quote: String,
}

impl OpinionForm {
    fn may_quote(&self) -> bool {
        checked(&self.may_quote)
    }

    fn parse(&self) -> Result<store::Opinion, Errors> {
        let mut errors = Errors::default();
        let mark = self.mark.parse().ok().filter(|mark| (1..=4).contains(mark));
        if mark.is_none() {
            errors.add("mark", "Choisissez une réponse.");
        }
        if self.comment.chars().count() > LONGEST {
            errors.add("pourquoi", TOO_LONG);
        }
        match mark {
            Some(mark) if errors.is_empty() => Ok(store::Opinion {
                mark,
                comment: optional(&self.comment),
                may_quote: self.may_quote(),
            }),
            _ => Err(errors),
        }
    }
}

/// One question, once the companies know each other.
pub(super) async fn judge(
    me: CompanyUser,
    Path(id): Path<SynergyId>,
    Form(form): Form<OpinionForm>,
) -> Result<Response> {
    let page = load(&me, id, AnswerForm::default(), Errors::default()).await?;
    if !page.proposal.is_introduced {
        return Err(AppError::Conflict(
            "Cette mise en relation n’a pas encore eu lieu.".to_owned(),
        ));
    }
    let opinion = match form.parse() {
        Ok(opinion) => opinion,
        Err(errors) => {
            let page = Show {
                judged: form,
                errors,
                ..page
            };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let scope = me.scope();
    me.transact(async |tx| -> Result<()> { Ok(store::judge(tx, &scope, id, &opinion).await?) })
        .await?;
    Ok(me
        .done("Merci, votre avis est enregistré.", paths::proposal(&id))
        .into_response())
}
