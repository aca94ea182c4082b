//! « Ce que les propositions attendent de savoir »: what open proposals miss, the most awaited first.
//!
//! The engine asks; each question is one field, whose answer is saved by `flows`. See the module's doc of
//! [`crate::companies`] for why it reads tables of higher floors.

pub mod store;

use super::paths;
use crate::kernel::ids::{EstablishmentId, FlowId};
use crate::kernel::{Direction, fold};
use crate::platform::access::Staff;
use crate::platform::web::Result;
use store::Asked;

const MOST: usize = 5;

/// One question, and what is known before its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub flow: FlowId,
    pub label: String,
    pub direction: Direction,
    /// The word of the form for what is asked.
    pub about: &'static str,
    pub words: String,
    pub hint: &'static str,
    /// What the flow says now of it.
    pub base: String,
    /// How many open proposals wait for it.
    pub waiting: i64,
}

impl Question {
    pub fn answer(&self) -> String {
        paths::flow_answer(&self.flow)
    }
    pub fn edit(&self, back: &EstablishmentId) -> String {
        paths::flow_edit(&self.flow, back)
    }
    /// « 3 propositions l’attendent ».
    pub fn waited(&self) -> String {
        match self.waiting {
            1 => "une proposition l’attend".to_owned(),
            n => format!("{n} propositions l’attendent"),
        }
    }
}

/// What open proposals wait to know of an establishment.
///
/// # Errors
/// Those of the database.
pub async fn of_establishment(me: &Staff, id: EstablishmentId) -> Result<Vec<Question>> {
    let asked = store::asked(&mut *me.read().await?, &me.scope()?, id).await?;
    let mut questions: Vec<Question> = asked.into_iter().filter_map(question).collect();
    questions.sort_by_key(|question| -question.waiting);
    questions.truncate(MOST);
    Ok(questions)
}

/// The question in the words of the one who answers; nothing when the flow answers it already.
fn question(asked: Asked) -> Option<Question> {
    let is_outbound = asked.direction == Direction::Outbound;
    let stem = asked
        .question
        .trim_end_matches(['?', '.', ' ', '\u{a0}', '\u{202f}'])
        .to_owned();
    let (about, words, hint, base) = match asked.fact.as_str() {
        "quantity" if asked.annual_quantity.is_none() => (
            "quantite",
            "Quantité".to_owned(),
            "Par exemple 3,2 t/mois",
            String::new(),
        ),
        "cost" if asked.annual_cost_eur.is_none() && stem.contains("donneur") == is_outbound => {
            let words = if is_outbound {
                "Ce que l’entreprise paie aujourd’hui pour s’en défaire, en euros par an"
            } else {
                "Ce que l’entreprise paie aujourd’hui pour ce besoin, en euros par an"
            };
            ("cout", words.to_owned(), "Par exemple 2 400", String::new())
        }
        "quality" | "form" if is_outbound && !tells(asked.quality.as_deref(), &stem) => {
            let stem = stem
                .strip_suffix(" du sortant")
                .map_or(stem.clone(), str::to_owned);
            (
                "qualite",
                stem,
                "En quelques mots ou en chiffres",
                asked.quality.unwrap_or_default(),
            )
        }
        _ => return None,
    };
    Some(Question {
        flow: asked.flow,
        label: asked.label,
        direction: asked.direction,
        about,
        words,
        hint,
        base,
        waiting: asked.waiting,
    })
}

/// Whether this was answered already, in words that the engine may not read.
fn tells(quality: Option<&str>, stem: &str) -> bool {
    let stem = stem.trim_end_matches(" du sortant");
    quality.is_some_and(|quality| fold(quality).contains(&fold(stem)))
}

#[cfg(test)]
mod tests {
    use super::{question, store::Asked};
    use crate::kernel::Direction;
    use crate::kernel::ids::FlowId;

    fn asked(fact: &str, words: &str, quality: Option<&str>) -> Asked {
        Asked {
            flow: FlowId::fresh(),
            label: "Sciures".to_owned(),
            direction: Direction::Outbound,
            quality: quality.map(str::to_owned),
            annual_quantity: None,
            annual_cost_eur: None,
            fact: fact.to_owned(),
            question: words.to_owned(),
            waiting: 3,
        }
    }

    #[test]
    fn a_question_is_asked_until_the_flow_answers_it() {
        let humidity = "Taux d’humidité\u{202f}?";
        let found = question(asked("quality", humidity, Some("propres"))).unwrap();
        assert_eq!(
            (found.about, found.words.as_str()),
            ("qualite", "Taux d’humidité")
        );
        assert_eq!(found.base, "propres");
        assert_eq!(
            question(asked("quality", humidity, Some("Taux d’humidité\u{a0}: 12 %"))),
            None
        );
        assert_eq!(question(asked("position", "Position exacte", None)), None);
    }

    #[test]
    fn a_cost_is_asked_of_the_side_that_pays_it() {
        let giver = "Ce que le donneur paie aujourd’hui pour s’en défaire";
        assert!(question(asked("cost", giver, None)).is_some());
        let receiver = "Ce que le receveur paie aujourd’hui pour ce besoin";
        assert!(question(asked("cost", receiver, None)).is_none());
    }
}
