//! Where a synergy is, in one sentence, the one next step, and the ways out.

use crate::platform::web::filters::long_day;
use crate::synergies::filters::Filters;
use crate::synergies::mass::Mass;
use crate::synergies::model::{Kind, State, StepKind, anniversary};
use crate::synergies::motives::Motive;
use crate::synergies::paths;
use crate::synergies::store::{Synergy, code};
use chrono::NaiveDate;

/// Something that may be done now.
pub(in crate::synergies) struct Act {
    pub(in crate::synergies) label: &'static str,
    pub(in crate::synergies) href: String,
    pub(in crate::synergies) way: Way,
}

/// How an act is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synergies) enum Way {
    /// It has a page of its own.
    Page,
    /// Its button does it.
    Button,
}

impl Act {
    pub(in crate::synergies) fn is_button(&self) -> bool {
        self.way == Way::Button
    }
}

pub(in crate::synergies) struct Life {
    pub(in crate::synergies) sentence: String,
    pub(in crate::synergies) main: Option<Act>,
    /// What may be done beside it.
    pub(in crate::synergies) others: Vec<Act>,
    /// The ways out.
    pub(in crate::synergies) exits: Vec<Act>,
    /// Nothing goes on from there by itself.
    pub(in crate::synergies) is_stopped: bool,
}

impl Life {
    pub(super) fn new(synergy: &Synergy, filters: &Filters, mass: Option<&Mass>, today: NaiveDate) -> Self {
        let place = Place {
            synergy,
            filters,
            mass,
            today,
        };
        let steps = place.steps();
        let mut steps = steps.into_iter();
        Self {
            sentence: place.sentence(),
            main: steps.next(),
            others: steps.collect(),
            exits: place.exits(),
            is_stopped: matches!(
                synergy.state,
                State::Rejected
                    | State::Asleep
                    | State::Silent
                    | State::Abandoned
                    | State::Interrupted
                    | State::Duplicate
            ) || (synergy.state == State::Proposed && !synergy.is_current),
        }
    }
}

struct Place<'a> {
    synergy: &'a Synergy,
    filters: &'a Filters,
    mass: Option<&'a Mass>,
    today: NaiveDate,
}

impl Place<'_> {
    fn act(&self, label: &'static str, path: &str, way: Way) -> Act {
        let href = self.filters.carry(path);
        Act { label, href, way }
    }

    fn lacks_mass(&self) -> bool {
        self.mass.is_some_and(|mass| !mass.is_reached())
    }

    fn has_lasted(&self) -> bool {
        let on = self.synergy.realised_on.map(anniversary);
        on.is_some_and(|day| day <= self.today)
    }

    /// The main one first.
    fn steps(&self) -> Vec<Act> {
        let id = &self.synergy.id;
        let take = || self.act("Je prends en charge", &paths::take(id), Way::Button);
        let prevalidate = || self.act("Je pré-valide…", &paths::prevalidate(id), Way::Page);
        let reject = || self.act("J’écarte…", &paths::reject(id), Way::Page);
        let resume = |label| self.act(label, &paths::resume(id), Way::Button);
        let answer = || self.act("Je note une réponse", &paths::answer(id), Way::Page);
        let study = || self.act("J’étudie la faisabilité", &paths::feasibility(id), Way::Page);
        let results = || self.act("Je relève les résultats", &paths::results(id), Way::Page);
        match self.synergy.state {
            State::Proposed => vec![take(), prevalidate(), reject()],
            State::UnderReview => vec![prevalidate(), reject()],
            State::Prevalidated => vec![
                self.act("Je propose aux entreprises", &paths::propose(id), Way::Button),
                resume("Je reprends l’étude"),
            ],
            State::ContactProposed => vec![answer()],
            State::Agreed if self.synergy.is_introduced => vec![study()],
            State::Agreed => vec![
                self.act("J’écris la mise en relation", &paths::introduction(id), Way::Page),
                study(),
            ],
            State::Studied => self.begin(),
            State::Implementing => {
                vec![self.act("Les échanges ont commencé…", &paths::realise(id), Way::Page)]
            }
            State::Realised if self.has_lasted() => vec![
                self.act("Je confirme après douze mois…", &paths::confirm(id), Way::Page),
                results(),
            ],
            State::Realised | State::Durable | State::Interrupted => vec![results()],
            State::Silent => vec![
                self.act("Elles ont donné des nouvelles", &paths::hear(id), Way::Button),
                answer(),
            ],
            State::Rejected | State::Asleep | State::Abandoned | State::Duplicate => {
                vec![resume("Je reprends")]
            }
        }
    }

    fn begin(&self) -> Vec<Act> {
        let id = &self.synergy.id;
        let begin = self.act("Je lance la mise en œuvre", &paths::implement(id), Way::Button);
        let sheet = self.act("Je relis l’étude", &paths::feasibility(id), Way::Page);
        if self.lacks_mass() {
            let positions = self.act(
                "Je note la position des membres",
                &paths::positions(id),
                Way::Page,
            );
            vec![positions, sheet]
        } else {
            vec![begin, sheet]
        }
    }

    fn exits(&self) -> Vec<Act> {
        let id = &self.synergy.id;
        [
            (
                StepKind::Sleep,
                "Mettre en sommeil jusqu’à une date",
                paths::sleep(id),
                Way::Page,
            ),
            (
                StepKind::Silence,
                "Plus de nouvelles des entreprises",
                paths::silence(id),
                Way::Button,
            ),
            (
                StepKind::Merge,
                "C’est le doublon d’une autre synergie",
                paths::merge(id),
                Way::Page,
            ),
            (
                StepKind::Abandon,
                "Abandonner, avec le motif",
                paths::abandon(id),
                Way::Page,
            ),
            (
                StepKind::Interrupt,
                "Les échanges se sont arrêtés",
                paths::interrupt(id),
                Way::Page,
            ),
        ]
        .into_iter()
        .filter(|(step, ..)| self.synergy.state.allows(*step))
        .map(|(_, label, path, way)| self.act(label, &path, way))
        .collect()
    }

    fn sentence(&self) -> String {
        let synergy = self.synergy;
        let since = long_day(crate::kernel::clock::day(synergy.state_since));
        match synergy.state {
            State::Proposed if !synergy.is_current => {
                "Les flux qui justifiaient cette proposition ont changé\u{a0}: elle n’est plus dans la file."
                    .to_owned()
            }
            State::Proposed => format!("Proposée le {since}\u{a0}: personne ne l’a encore étudiée."),
            State::UnderReview => match &synergy.assigned_name {
                Some(name) => format!("En étude depuis le {since}, par {name}."),
                None => format!("En étude depuis le {since}."),
            },
            State::Prevalidated => {
                format!("Pré-validée le {since}\u{a0}: à proposer aux entreprises, sans leurs noms.")
            }
            State::ContactProposed => {
                format!("Proposée aux entreprises le {since}\u{a0}: leurs réponses sont attendues.")
            }
            State::Agreed if synergy.is_introduced => {
                "Les entreprises se connaissent\u{a0}: la faisabilité est à étudier avec elles.".to_owned()
            }
            State::Agreed => {
                format!(
                    "Les entreprises sont d’accord depuis le {since}\u{a0}: elles attendent d’être mises en relation."
                )
            }
            State::Studied => match self.mass {
                Some(mass) => format!("Faisabilité étudiée le {since}. {}", mass.sentence()),
                None => format!("Faisabilité étudiée le {since}\u{a0}: la mise en œuvre peut commencer."),
            },
            State::Implementing => {
                format!("En mise en œuvre depuis le {since}\u{a0}: le premier échange effectif est à noter.")
            }
            State::Realised | State::Durable => self.in_place(),
            State::Rejected => self.stopped("Écartée", &since),
            State::Abandoned => self.stopped("Abandonnée", &since),
            State::Interrupted => self.stopped("Échanges interrompus", &since),
            State::Asleep => {
                let day = synergy.wake_on.map(long_day).unwrap_or_default();
                format!("En sommeil jusqu’au {day}.{}", self.comment())
            }
            State::Silent => {
                let days = (self.today - crate::kernel::clock::day(synergy.state_since)).num_days();
                let noted = match days {
                    0 => "noté aujourd’hui".to_owned(),
                    1 => "noté hier".to_owned(),
                    n => format!("noté il y a {n} jours"),
                };
                format!("Sans nouvelles des entreprises, {noted}\u{a0}: une réponse suffit à la reprendre.")
            }
            State::Duplicate => match synergy.duplicate_number {
                Some(number) => format!("Doublon de {}, qui est conservée.", code(synergy.kind, number)),
                None => "Doublon d’une autre synergie.".to_owned(),
            },
        }
    }

    fn in_place(&self) -> String {
        let Some(on) = self.synergy.realised_on else {
            return "En place.".to_owned();
        };
        let begun = long_day(on);
        if self.synergy.state == State::Durable {
            return format!(
                "Pérenne\u{a0}: les échanges, commencés le {begun}, ont été confirmés après douze mois."
            );
        }
        if self.has_lasted() {
            return format!(
                "En place depuis le {begun}, plus de douze mois\u{a0}: demandez aux entreprises si les échanges continuent."
            );
        }
        format!(
            "En place depuis le {begun}. La confirmation est à demander à partir du {}.",
            long_day(anniversary(on))
        )
    }

    fn stopped(&self, word: &str, since: &str) -> String {
        let motive = self.synergy.motive.as_deref().and_then(Motive::find);
        let motive = motive.map_or("sans motif", |motive| motive.label);
        format!("{word} le {since}\u{a0}: {motive}.{}", self.comment())
    }

    fn comment(&self) -> String {
        let comment = self.synergy.motive_comment.as_deref();
        comment.map(|words| format!(" {words}")).unwrap_or_default()
    }
}

/// The mass of a group; a pair has none.
pub(super) fn mass(synergy: &Synergy, members: &[crate::synergies::store::show::MemberRow]) -> Option<Mass> {
    let standing = members.iter().map(|m| (m.state, m.quantity)).collect();
    (synergy.kind == Kind::Mutualisation).then(|| Mass::of(&synergy.explained, standing))
}
