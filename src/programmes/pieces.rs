//! What a pilot writes of a programme, piece by piece: the fields of each sort, and what is typed
//! turned into the thing or into sentences by the field. One form and one screen serve them all.

use super::model::{
    Commitment, CommitmentState, Decision, DecisionState, Expense, ExpenseKind, FundingLine, Meeting,
    MeetingKind, Outreach, OutreachKind, Partner, PartnerKind, Task,
};
use super::store::Piece;
use crate::kernel::{parse_day, parse_decimal};
use crate::platform::web::{Choice, Errors, checked, clean, optional};
use chrono::NaiveDate;
use uuid::Uuid;

mod typed;

pub(super) use typed::{Typed, typed};

/// A thing of the programme, whichever.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Thing {
    Task(Task),
    Partner(Partner),
    Commitment(Commitment),
    Funding(FundingLine),
    Expense(Expense),
    Outreach(Outreach),
    Meeting(Meeting),
    Decision(Decision),
}

/// A field of a form.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) kind: Kind,
}

/// How a field is drawn.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Area,
    Day,
    Number(&'static str),
    Check,
    Choice(fn() -> Vec<Choice>),
}

const fn field(name: &'static str, label: &'static str, hint: &'static str, kind: Kind) -> Field {
    Field {
        name,
        label,
        hint,
        kind,
    }
}

macro_rules! choices {
    ($words:ty) => {
        Kind::Choice(|| Choice::pairs(<$words>::ALL.iter().map(|word| (word.code(), word.label()))))
    };
}

impl Piece {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Task, "calendrier"),
        (Self::Partner, "partenaires"),
        (Self::Commitment, "engagements"),
        (Self::Funding, "financements"),
        (Self::Expense, "depenses"),
        (Self::Outreach, "communication"),
        (Self::Meeting, "reunions"),
        (Self::Decision, "decisions"),
    ];

    /// As the address names it.
    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(piece, _)| *piece == self);
        found.map_or("", |(_, code)| code)
    }
    pub(super) fn parse(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == code)
            .map(|(piece, _)| *piece)
    }
    /// « une ligne du calendrier ».
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Task => "une ligne du calendrier",
            Self::Partner => "un partenaire",
            Self::Commitment => "un engagement",
            Self::Funding => "un financement",
            Self::Expense => "une dépense",
            Self::Outreach => "une action de communication",
            Self::Meeting => "une réunion",
            Self::Decision => "une décision",
        }
    }

    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::Task => TASK,
            Self::Partner => PARTNER,
            Self::Commitment => COMMITMENT,
            Self::Funding => FUNDING,
            Self::Expense => EXPENSE,
            Self::Outreach => OUTREACH,
            Self::Meeting => MEETING,
            Self::Decision => DECISION,
        }
    }
}

const DAY: &str = "Jour, mois, année\u{a0}: 24/11/2026";
const TASK: &[Field] = &[
    field("title", "Ce qui est fait", "", Kind::Text),
    field("starts_on", "Début", DAY, Kind::Day),
    field("ends_on", "Fin", DAY, Kind::Day),
    field(
        "done_until",
        "Fait jusqu’au (facultatif)",
        "Laissez vide tant que rien n’a commencé.",
        Kind::Day,
    ),
    field(
        "rank",
        "Place dans le calendrier",
        "1 pour la première ligne.",
        Kind::Number("rang"),
    ),
];
const PARTNER: &[Field] = &[
    field("name", "Nom", "", Kind::Text),
    field("kind", "Type", "", choices!(PartnerKind)),
    field("committee", "Siège au comité de pilotage", "", Kind::Check),
];
const COMMITMENT: &[Field] = &[
    field("partner", "Partenaire", "", Kind::Text),
    field("what", "S’engage à", "Une ligne par engagement.", Kind::Area),
    field("period", "Période", "", Kind::Text),
    field("state", "État", "", choices!(CommitmentState)),
    field("next_step", "Prochaine étape (facultatif)", "", Kind::Text),
];
const FUNDING: &[Field] = &[
    field(
        "phase",
        "Phase",
        "Le tableau auquel la ligne appartient.",
        Kind::Text,
    ),
    field("funder", "Financeur", "", Kind::Text),
    field(
        "external",
        "Financeur extérieur (autre que les porteurs)",
        "",
        Kind::Check,
    ),
    field("period", "Période, telle qu’elle s’écrit", "", Kind::Text),
    field("starts_on", "Début de la période", DAY, Kind::Day),
    field("ends_on", "Fin de la période", DAY, Kind::Day),
    field("amount", "Montant", "", Kind::Number("€")),
    field("acquired", "Financement acquis", "", Kind::Check),
];
const EXPENSE: &[Field] = &[
    field("kind", "Nature", "", choices!(ExpenseKind)),
    field("payer", "Organisme", "", Kind::Text),
    field("label", "Objet", "", Kind::Text),
    field("spent_on", "Date", DAY, Kind::Day),
    field(
        "hours",
        "Heures (temps des agents seulement)",
        "",
        Kind::Number("heures"),
    ),
    field("amount", "Montant", "", Kind::Number("€")),
];
const OUTREACH: &[Field] = &[
    field("kind", "Nature", "", choices!(OutreachKind)),
    field("title", "Action", "", Kind::Text),
    field("held_on", "Date", DAY, Kind::Day),
    field("detail", "Précisions ou adresse (facultatif)", "", Kind::Text),
];
const MEETING: &[Field] = &[
    field("kind", "Comité", "", choices!(MeetingKind)),
    field("held_on", "Date", DAY, Kind::Day),
    field("held", "La réunion a eu lieu", "", Kind::Check),
    field("agenda", "Ordre du jour", "Un point par ligne.", Kind::Area),
];
const DECISION: &[Field] = &[
    field("what", "Décision", "Ce qui est à faire.", Kind::Area),
    field("owner", "Qui s’en charge (facultatif)", "", Kind::Text),
    field("due_on", "Pour le (facultatif)", DAY, Kind::Day),
    field("state", "État", "", choices!(DecisionState)),
];

/// Reads the fields, keeping a sentence for each that is refused.
struct Reader<'a> {
    typed: &'a Typed,
    errors: Errors,
}

impl Reader<'_> {
    fn text(&mut self, name: &'static str, sentence: &str) -> String {
        let text = clean(self.typed.get(name));
        if text.is_empty() || text.chars().count() > 200 {
            self.errors.add(name, sentence);
        }
        text
    }
    fn lines(&mut self, name: &'static str, sentence: &str) -> String {
        let text = optional(self.typed.get(name));
        if text.is_none() {
            self.errors.add(name, sentence);
        }
        text.unwrap_or_default()
    }
    fn maybe(&self, name: &str) -> Option<String> {
        optional(&clean(self.typed.get(name)))
    }
    fn check(&self, name: &str) -> bool {
        checked(self.typed.get(name))
    }
    fn day(&mut self, name: &'static str) -> NaiveDate {
        let day = self.errors.take(name, parse_day(self.typed.get(name)));
        day.unwrap_or_default()
    }
    fn maybe_day(&mut self, name: &'static str) -> Option<NaiveDate> {
        let typed = self.typed.get(name).trim();
        if typed.is_empty() {
            return None;
        }
        self.errors.take(name, parse_day(typed))
    }
    /// Two days in their order.
    fn span(&mut self) -> (NaiveDate, NaiveDate) {
        let (from, to) = (self.day("starts_on"), self.day("ends_on"));
        if from > to && !self.errors.has("ends_on") {
            self.errors.add("ends_on", "La fin doit suivre le début.");
        }
        (from, to)
    }
    fn whole(&mut self, name: &'static str, sentence: &str) -> i32 {
        let digits: String = self
            .typed
            .get(name)
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        let number = digits.parse().ok().filter(|number| *number >= 0);
        if number.is_none() {
            self.errors.add(name, sentence);
        }
        number.unwrap_or_default()
    }
    fn word<T>(&mut self, name: &'static str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let word = parse(self.typed.get(name));
        if word.is_none() {
            self.errors.add(name, "Choisissez dans la liste.");
        }
        word
    }
    fn hours(&mut self, kind: Option<ExpenseKind>) -> Option<f64> {
        let typed = self.typed.get("hours").trim();
        if typed.is_empty() {
            return None;
        }
        if kind != Some(ExpenseKind::StaffTime) {
            self.errors
                .add("hours", "Des heures ne se notent que pour le temps des agents.");
        }
        self.errors.take("hours", parse_decimal(typed))
    }
}

const EUROS: &str = "Indiquez un montant en euros, sans centimes, par exemple 6 437.";
const NAMED: &str = "Remplissez ce champ, en 200 caractères au plus.";

/// The thing that was typed.
pub(super) fn parse(piece: Piece, id: Uuid, typed: &Typed) -> Result<Thing, Errors> {
    let mut reader = Reader {
        typed,
        errors: Errors::default(),
    };
    let thing = match piece {
        Piece::Task | Piece::Partner | Piece::Commitment => description(piece, id, &mut reader),
        Piece::Funding | Piece::Expense => money(piece, id, &mut reader),
        Piece::Outreach | Piece::Meeting | Piece::Decision => life(piece, id, &mut reader),
    };
    match thing {
        Some(thing) if reader.errors.is_empty() => Ok(thing),
        _ => Err(reader.errors),
    }
}

fn description(piece: Piece, id: Uuid, read: &mut Reader<'_>) -> Option<Thing> {
    let version = read.typed.version();
    if piece == Piece::Task {
        let (starts_on, ends_on) = read.span();
        return Some(Thing::Task(Task {
            id: id.into(),
            title: read.text("title", NAMED),
            starts_on,
            ends_on,
            done_until: read.maybe_day("done_until"),
            rank: read.whole("rank", "Indiquez un nombre entier, par exemple 1."),
            version,
        }));
    }
    if piece == Piece::Partner {
        let (name, kind) = (read.text("name", NAMED), read.word("kind", PartnerKind::parse));
        return Some(Thing::Partner(Partner {
            id: id.into(),
            name,
            kind: kind?,
            is_on_committee: read.check("committee"),
            version,
        }));
    }
    let partner = read.text("partner", NAMED);
    let what = read.lines("what", "Dites à quoi ce partenaire s’engage.");
    let period = read.text("period", "Indiquez la période, par exemple mi-2018 à mi-2020.");
    let state = read.word("state", CommitmentState::parse);
    Some(Thing::Commitment(Commitment {
        id: id.into(),
        partner,
        what,
        period,
        state: state?,
        next_step: read.maybe("next_step"),
        version,
    }))
}

fn money(piece: Piece, id: Uuid, read: &mut Reader<'_>) -> Option<Thing> {
    let version = read.typed.version();
    if piece == Piece::Funding {
        let (starts_on, ends_on) = read.span();
        return Some(Thing::Funding(FundingLine {
            id: id.into(),
            phase: read.text("phase", NAMED),
            funder: read.text("funder", NAMED),
            is_external: read.check("external"),
            period: read.text("period", "Indiquez la période, par exemple 2026."),
            starts_on,
            ends_on,
            is_acquired: read.check("acquired"),
            amount_eur: read.whole("amount", EUROS),
            version,
        }));
    }
    let kind = read.word("kind", ExpenseKind::parse);
    let (payer, label) = (read.text("payer", NAMED), read.text("label", NAMED));
    let spent_on = read.day("spent_on");
    let hours = read.hours(kind);
    let amount_eur = read.whole("amount", EUROS);
    Some(Thing::Expense(Expense {
        id: id.into(),
        kind: kind?,
        payer,
        label,
        spent_on,
        hours,
        amount_eur,
        version,
    }))
}

fn life(piece: Piece, id: Uuid, read: &mut Reader<'_>) -> Option<Thing> {
    let version = read.typed.version();
    if piece == Piece::Outreach {
        let kind = read.word("kind", OutreachKind::parse);
        let (title, held_on) = (read.text("title", NAMED), read.day("held_on"));
        return Some(Thing::Outreach(Outreach {
            id: id.into(),
            kind: kind?,
            title,
            held_on,
            detail: read.maybe("detail"),
            version,
        }));
    }
    if piece == Piece::Meeting {
        let kind = read.word("kind", MeetingKind::parse);
        let held_on = read.day("held_on");
        let agenda = read.lines("agenda", "Indiquez au moins un point de l’ordre du jour.");
        return Some(Thing::Meeting(Meeting {
            id: id.into(),
            kind: kind?,
            held_on,
            is_held: read.check("held"),
            agenda,
            version,
        }));
    }
    let what = read.lines("what", "Écrivez la décision.");
    let due_on = read.maybe_day("due_on");
    let state = read.word("state", DecisionState::parse);
    Some(Thing::Decision(Decision {
        id: id.into(),
        meeting: read.typed.meeting()?.into(),
        what,
        owner: read.maybe("owner"),
        due_on,
        state: state?,
        version,
    }))
}

#[cfg(test)]
mod tests;
