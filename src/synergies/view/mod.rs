//! What the pages show of one synergy, already decided and written; drawn by `_detail.html`,
//! `show.html` and the forms. No SQL.

mod drawing;
mod effects;
mod gauge;
mod group;
mod life;
mod pair;
mod relay;

pub(super) use effects::Effects;
pub(super) use group::GroupView;
pub(super) use life::Life;
pub(super) use pair::{GainRow, PairView, pair_gains, pair_investment};
pub(super) use relay::RelayView;

use super::filters::Filters;
use super::law::exchange;
use super::model::{Axis, Grade, Kind, Side, State, StepKind};
use super::paths;
use super::proposal::{Proposal, pair_title};
use super::store::show::MemberRow;
use super::store::{Synergy, queue::QueueRow};
use crate::companies;
use crate::engine::{Pair, Twin};
use crate::kernel::{format_km, format_number};
use crate::nomenclature::regulation::Exchange;
use crate::nomenclature::{Catalogue, FlowCode, WasteCode};
use crate::platform::journal::store::Line;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// One synergy on a page.
pub(super) struct Detail {
    pub(super) synergy: Synergy,
    pub(super) code: String,
    pub(super) who: String,
    pub(super) family: Option<FamilyMark>,
    pub(super) shape: Shape,
    pub(super) score: Option<u8>,
    pub(super) dots: u8,
    pub(super) changed: Vec<String>,
    pub(super) life: Life,
    pub(super) regulatory: Option<String>,
    /// What the law has to know of it.
    pub(super) exchange: Exchange,
    /// « Palettes perdues → palettes à réparer, 40 u/an ».
    pub(super) twins: Vec<String>,
    pub(super) learned: Option<String>,
    pub(super) is_exploration: bool,
    pub(super) links: Links,
}

/// The three ways to draw one.
pub(super) enum Shape {
    Pair(Box<PairView>),
    Group(Box<GroupView>),
    Relay(Box<RelayView>),
    Hand(HandView),
}

/// An idea without computation: its note and who takes part.
pub(super) struct HandView {
    pub(super) note: String,
    pub(super) members: Vec<SiteView>,
}

/// The square and code of a category.
#[derive(Clone)]
pub(super) struct FamilyMark {
    pub(super) css: &'static str,
    pub(super) code: String,
    pub(super) label: String,
}

/// One end of the wire.
pub(super) struct SiteView {
    pub(super) side: Side,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) css: &'static str,
    pub(super) code: String,
    /// « chutes de carton, 38 t/an ».
    pub(super) detail: String,
}

/// Where to go from its page.
pub(super) struct Links {
    /// Where the members of a group are chosen.
    pub(super) members: Option<String>,
    /// Where their positions are noted.
    pub(super) positions: Option<String>,
    pub(super) assign: String,
    pub(super) sheet: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) back: String,
}

impl Links {
    fn new(synergy: &Synergy, filters: &Filters, place: Option<&QueueRow>) -> Self {
        let id = &synergy.id;
        let sheet = Filters {
            view: String::new(),
            ..filters.clone()
        };
        let is_group = synergy.kind == Kind::Mutualisation;
        Self {
            members: (is_group && super::compose::is_open(synergy.state))
                .then(|| filters.carry(&paths::members(id))),
            positions: (is_group && super::positions::is_open(synergy.state))
                .then(|| filters.carry(&paths::positions(id))),
            assign: filters.carry(&paths::assign(id)),
            sheet: sheet.carry(&paths::show(id)),
            previous: place.and_then(|row| row.previous).map(|id| filters.look_at(&id)),
            next: place.and_then(|row| row.next).map(|id| filters.look_at(&id)),
            back: filters.list_href(),
        }
    }
}

impl Detail {
    pub(super) fn new(
        synergy: Synergy,
        members: &[MemberRow],
        filters: &Filters,
        place: Option<&QueueRow>,
        today: NaiveDate,
    ) -> Self {
        let links = Links::new(&synergy, filters, place);
        let shape = match &synergy.explained.proposal {
            Proposal::Pair(pair) => Shape::Pair(Box::new(PairView::new(pair, members))),
            Proposal::Group(group) => Shape::Group(Box::new(GroupView::new(group, members, today))),
            Proposal::Relay(relay) => Shape::Relay(Box::new(RelayView::new(relay, members))),
            Proposal::Hand(hand) => Shape::Hand(HandView {
                note: hand.note.clone(),
                members: members.iter().map(site).collect(),
            }),
        };
        Self {
            code: synergy.code(),
            who: who(
                synergy.kind,
                &members.iter().map(|m| m.name.clone()).collect::<Vec<_>>(),
            ),
            family: synergy.category.as_deref().and_then(family_mark),
            shape,
            score: synergy.score.map(whole),
            dots: dots(synergy.confidence),
            changed: if matches!(synergy.state, State::Proposed | State::UnderReview) {
                synergy.explained.changed.clone()
            } else {
                Vec::new()
            },
            life: Life::new(&synergy, filters, life::mass(&synergy, members).as_ref(), today),
            regulatory: regulatory(&exchange(synergy.kind, members), members),
            exchange: exchange(synergy.kind, members),
            twins: Vec::new(),
            learned: learned(&synergy),
            is_exploration: synergy.state == State::Proposed
                && pair_of(&synergy).is_some_and(|pair| pair.exploration),
            links,
            synergy,
        }
    }

    /// With what else the same call would settle, by the labels of the flows.
    pub(super) fn with_twins(mut self, labels: &BTreeMap<String, String>) -> Self {
        let twins = pair_of(&self.synergy)
            .map(|pair| pair.twins.iter())
            .into_iter()
            .flatten();
        self.twins = twins.filter_map(|twin| twin_words(twin, labels)).collect();
        self
    }

    /// In what a group is counted; nothing for an idea nobody computed.
    pub(super) fn unit(&self) -> &'static str {
        match &self.synergy.explained.proposal {
            Proposal::Group(group) => group.unit.symbol(),
            Proposal::Pair(_) | Proposal::Relay(_) | Proposal::Hand(_) => "",
        }
    }

    pub(super) fn is_fixed(&self) -> bool {
        self.synergy.is_fixed
    }

    pub(super) fn is_pair(&self) -> bool {
        matches!(self.shape, Shape::Pair(_))
    }

    /// The regulatory question stands before the pre-validation.
    pub(super) fn needs_check(&self) -> bool {
        self.regulatory.is_some() && self.synergy.state.allows(StepKind::Prevalidate)
    }

    /// « 6,4 km », « rayon de 1,8 km ».
    pub(super) fn distance(&self) -> String {
        match (self.synergy.distance_km, self.synergy.kind) {
            (None, _) => "distance inconnue".to_owned(),
            (Some(radius), Kind::Mutualisation) => format!("rayon de {}", format_km(radius)),
            (Some(distance), Kind::Substitution | Kind::Sharing) => format_km(distance),
        }
    }
}

/// The engine's answer when it is a pair.
pub(super) fn pair_of(synergy: &Synergy) -> Option<&Pair> {
    match &synergy.explained.proposal {
        Proposal::Pair(pair) => Some(pair),
        Proposal::Group(_) | Proposal::Relay(_) | Proposal::Hand(_) => None,
    }
}

/// What reviewers taught the engine about proposals like this one.
fn learned(synergy: &Synergy) -> Option<String> {
    match &synergy.explained.proposal {
        Proposal::Pair(pair) => pair.learned.sentence(),
        Proposal::Group(group) => group.learned.acceptance("pour les groupes de ce besoin"),
        Proposal::Relay(_) | Proposal::Hand(_) => None,
    }
}

fn twin_words(twin: &Twin, labels: &BTreeMap<String, String>) -> Option<String> {
    let (out, into) = (
        labels.get(twin.out_flow.as_str())?,
        labels.get(twin.in_flow.as_str())?,
    );
    let quantity = twin.matched.map(|matched| {
        let unit = matched.unit.symbol();
        format!(", {} en commun", amount(matched.quantity, unit))
    });
    Some(format!(
        "{}{}",
        pair_title(out, into),
        quantity.unwrap_or_default()
    ))
}

/// « Cartonnerie Belle-Anse → Verrerie du Pic-Vert », « Groupe de 7 établissements ».
pub(super) fn who(kind: Kind, names: &[String]) -> String {
    match (kind, names) {
        (Kind::Mutualisation, names) => format!("Groupe de {} établissements", names.len()),
        (Kind::Substitution | Kind::Sharing, names) => names.join(" → "),
    }
}

/// The « contrôle réglementaire à faire »: dangerous waste, or waste whose receiver does not treat waste.
fn regulatory(exchange: &Exchange, members: &[MemberRow]) -> Option<String> {
    let codes = members
        .iter()
        .filter_map(|m| m.waste_code.as_deref().and_then(WasteCode::find));
    if let Some(code) = codes.into_iter().find(|code| code.hazardous()) {
        return Some(format!(
            "Déchet dangereux ({code})\u{a0}: bordereau de suivi, transporteur et receveur autorisés à vérifier."
        ));
    }
    let has_receiver = members
        .iter()
        .any(|m| matches!(m.side, Side::Relay | Side::Inbound));
    (exchange.is_waste && has_receiver && !exchange.to_operator).then(|| {
        "Le receveur n’est pas un opérateur de déchets\u{a0}: statut du flux (déchet, sous-produit, fin de statut) et \
         rubriques ICPE des deux sites à vérifier."
            .to_owned()
    })
}

/// One line of the feasibility grid on the page.
pub(super) struct GradeView {
    pub(super) axis: &'static str,
    pub(super) css: &'static str,
    pub(super) grade: &'static str,
    pub(super) comment: String,
}

/// Every axis, judged or not.
pub(super) fn grades(grid: &[(Axis, Grade, Option<String>)]) -> Vec<GradeView> {
    Axis::ALL
        .iter()
        .map(|axis| match grid.iter().find(|(known, ..)| known == axis) {
            Some((_, grade, comment)) => GradeView {
                axis: axis.label(),
                css: grade.css(),
                grade: grade.label(),
                comment: comment.clone().unwrap_or_default(),
            },
            None => GradeView {
                axis: axis.label(),
                css: "",
                grade: "non jugée",
                comment: String::new(),
            },
        })
        .collect()
}

/// One line of the timeline.
pub(super) struct Moment {
    pub(super) css: &'static str,
    pub(super) text: String,
    pub(super) note: String,
}

/// The journal, newest first: the first line is where things stand.
pub(super) fn timeline(lines: &[Line]) -> Vec<Moment> {
    lines
        .iter()
        .enumerate()
        .map(|(rank, line)| Moment {
            css: if rank == 0 { "now" } else { "past" },
            text: capital(&line.action),
            note: match &line.comment {
                Some(comment) => format!("{}, {} — {comment}", line.author, moment(line.at)),
                None => format!("{}, {}", line.author, moment(line.at)),
            },
        })
        .collect()
}

/// « 24 novembre 2026 à 14 h 32 », at the hour of Paris.
pub(super) fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    let day = crate::platform::web::filters::long_day(crate::kernel::clock::day(at));
    let paris = at.with_timezone(&chrono_tz::Europe::Paris);
    format!("{day} à {}", paris.format("%-H\u{a0}h\u{a0}%M"))
}

pub(super) fn capital(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + rest.as_str()
    })
}

pub(super) fn family_mark(code: &str) -> Option<FamilyMark> {
    let code = FlowCode::find(code)?;
    let label = Catalogue::embedded().category(code).label.clone();
    Some(FamilyMark {
        css: code.family().css(),
        code: code.to_string(),
        label,
    })
}

fn site(member: &MemberRow) -> SiteView {
    let mark = member.category.as_deref().and_then(family_mark);
    let mut detail = member.label.clone().unwrap_or_default();
    if let Some(quantity) = quantity_words(member) {
        detail.push_str(", ");
        detail.push_str(&quantity);
    }
    if member.is_deleted {
        detail.push_str(" (flux retiré)");
    }
    SiteView {
        side: member.side,
        name: member.name.clone(),
        href: if member.is_archived {
            String::new()
        } else {
            companies::paths::show(&member.id)
        },
        css: mark.as_ref().map_or("", |mark| mark.css),
        code: mark.map_or_else(String::new, |mark| mark.code),
        detail,
    }
}

/// « 38 t/an »; nothing when the quantity is not known.
fn quantity_words(member: &MemberRow) -> Option<String> {
    let code = FlowCode::find(member.category.as_deref()?)?;
    let unit = Catalogue::embedded().category(code).unit;
    member
        .annual_quantity
        .map(|quantity| format!("{}/an", amount(quantity, unit.symbol())))
}

/// A number with its unit and no more decimals than it deserves.
pub(super) fn amount(value: f64, unit: &str) -> String {
    let decimals = match value.abs() {
        v if v >= 20.0 => 0,
        v if v >= 1.0 => 1,
        _ => 2,
    };
    format!("{}\u{a0}{unit}", format_number(value, decimals))
}

/// 0 to 100, rounded.
pub(super) fn whole(value: f64) -> u8 {
    (0..=100_u8)
        .rev()
        .find(|n| f64::from(*n) <= value.round())
        .unwrap_or(0)
}

/// Four dots for a confidence of 0 to 1.
pub(super) fn dots(confidence: Option<f64>) -> u8 {
    confidence.map_or(0, |share| whole((share * 4.0).round().clamp(0.0, 4.0)))
}

#[cfg(test)]
mod tests {
    use super::{amount, dots, who, whole};
    use crate::synergies::model::Kind;

    #[test]
    fn figures_are_rounded_as_people_read_them() {
        assert_eq!(whole(81.6), 82);
        assert_eq!(whole(-3.0), 0);
        assert_eq!(whole(140.0), 100);
        assert_eq!(
            [dots(None), dots(Some(0.1)), dots(Some(0.74)), dots(Some(1.0))],
            [0, 0, 3, 4]
        );
        assert_eq!(amount(38.4, "t"), "38\u{a0}t");
        assert_eq!(amount(3.26, "t"), "3,3\u{a0}t");
        assert_eq!(amount(0.25, "t"), "0,25\u{a0}t");
    }

    #[test]
    fn a_line_says_who_with_whom() {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(who(Kind::Sharing, &names(&["A", "B"])), "A → B");
        assert_eq!(who(Kind::Substitution, &names(&["A", "P", "B"])), "A → P → B");
        assert_eq!(
            who(Kind::Mutualisation, &names(&["A", "B", "C"])),
            "Groupe de 3 établissements"
        );
    }
}
