//! Document: a proposal as the company may read it, to show to a colleague. It says what the page says,
//! so the other company has a name in it only when it has one on the page.

use super::model::Others;
use super::proposal::{AnswerForm, Show, load};
use crate::companies::consent::{CompanyCard, Party};
use crate::kernel::ids::SynergyId;
use crate::platform::access::CompanyUser;
use crate::platform::pdf::{Block, Bullet, Document, Format, Words, edited};
use crate::platform::web::filters::long_day;
use crate::platform::web::{Errors, Path, Result};
use axum::response::Response;

pub(super) async fn pdf(me: CompanyUser, Path(id): Path<SynergyId>) -> Result<Response> {
    let show = load(&me, id, AnswerForm::default(), Errors::default()).await?;
    let reference = show.proposal.reference();
    let document = Document {
        format: Format::Sheet,
        title: format!("Proposition {reference}"),
        about: "Une synergie proposée à une entreprise".to_owned(),
        header: format!("Proposition {reference} · {}", show.proposal.establishment),
        footer: format!(
            "{} Estimations à vérifier avec vous\u{202f}; répondre ne vous engage à rien. Les noms ne sont échangés que si chacun est d’accord.",
            edited(me.now())
        ),
        blocks: show.blocks(),
    };
    Ok(document.answer(&format!("proposition-{reference}")).await?)
}

impl Show {
    fn blocks(&self) -> Vec<Block> {
        let proposal = &self.proposal;
        let under = format!("{} · {}", proposal.establishment, proposal.stage.label());
        let lead = match proposal.others {
            Others::One(_) => "Un conseiller a étudié cette piste et la trouve réalisable.",
            Others::Several { .. } => {
                "Vous pourriez vous organiser ensemble. Un conseiller a étudié cette piste et la trouve réalisable."
            }
        };
        let mut blocks = vec![
            Block::Title {
                text: proposal.title(),
                under,
            },
            Block::Text(lead.into()),
            Block::Facts(self.facts()),
            Block::Heading("Et ensuite".to_owned()),
            Block::List(
                self.steps()
                    .map(|(class, step)| {
                        let note = if step.note.is_empty() {
                            String::new()
                        } else {
                            format!(", {}", step.note)
                        };
                        let words = match class {
                            "now" => Words::default()
                                .strong(step.text)
                                .then(format!("{note} (vous en êtes là)")),
                            _ => Words::default().then(step.text).then(note),
                        };
                        (Bullet::Dot, words)
                    })
                    .collect(),
            ),
            Block::Heading("Une question\u{202f}?".to_owned()),
        ];
        let whom = if self.advisors.is_empty() {
            "Votre conseiller de la chambre de commerce et d’industrie ou de la chambre de métiers vous répond.".to_owned()
        } else {
            format!("Votre interlocuteur\u{a0}: {}.", self.advisors.join(" ou "))
        };
        blocks.push(Block::Text(whom.into()));
        blocks.push(Block::Subheading("Vos notes".to_owned()));
        blocks.push(Block::Ruled(5));
        blocks
    }

    fn facts(&self) -> Vec<(String, Words)> {
        let proposal = &self.proposal;
        let meeting = self.meeting.as_ref().map(|meeting| {
            let hour = meeting
                .hour
                .as_ref()
                .map(|hour| format!(" à {hour}"))
                .unwrap_or_default();
            format!("{}{hour}, {}", long_day(meeting.held_on), meeting.place)
        });
        let answer = self.answered().map(str::to_owned);
        let known = [
            ("Qui", Some(who(&proposal.others))),
            ("Combien", Some(self.how_much())),
            (
                "Ce que vous gagnez",
                Some(proposal.gain_words().unwrap_or_else(|| "Non estimé".to_owned())),
            ),
            (
                "Reste à vérifier",
                (!proposal.open_axes.is_empty()).then(|| proposal.open_axes.join(", ")),
            ),
            ("Rencontre", meeting),
            ("Votre réponse", answer),
        ];
        known
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Words::default().strong(value?))))
            .collect()
    }

    fn how_much(&self) -> String {
        let own = self.proposal.own();
        match (&self.proposal.others, own) {
            (Others::One(Party::Anonymous(party)), own) if party.quantity.is_some() => {
                let shared = self.capital(party.quantity.as_deref().unwrap_or_default());
                match own {
                    Some(own) => format!("{shared}, sur vos {own}"),
                    None => shared,
                }
            }
            (Others::Several { .. }, Some(own)) => format!("{own} par an pour votre part"),
            (Others::One(_), Some(own)) => {
                format!("Vos {own} par an\u{202f}; la quantité échangée reste à préciser")
            }
            (Others::One(_) | Others::Several { .. }, None) => "Non estimé".to_owned(),
        }
    }
}

fn card(card: &CompanyCard) -> String {
    match card.commune() {
        Some(commune) => format!("{}, {commune}", card.name()),
        None => card.name().to_owned(),
    }
}

/// The others, by name for those whose name may be read.
fn who(others: &Others) -> String {
    match others {
        Others::One(Party::Named(known)) => card(known),
        Others::One(Party::Anonymous(party)) => match &party.distance {
            Some(distance) => format!(
                "{}, {distance}. Son nom reste caché, le vôtre aussi.",
                party.sector
            ),
            None => format!("{}. Son nom reste caché, le vôtre aussi.", party.sector),
        },
        Others::Several { named, hidden } => {
            let mut all: Vec<_> = named.iter().map(card).collect();
            if *hidden > 0 {
                let plural = if *hidden > 1 { "s" } else { "" };
                all.push(if named.is_empty() {
                    format!("{hidden} autre{plural} entreprise{plural} des environs")
                } else {
                    format!("{hidden} autre{plural} encore, sans leur nom")
                });
            }
            all.join("\u{202f}; ")
        }
    }
}
