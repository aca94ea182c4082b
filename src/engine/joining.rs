//! « Pourquoi rien ? » for groups: the one that a flow would join, or what keeps it out of any.

use std::collections::BTreeSet;

use super::clusters::{Limits, Spot, fits};
use super::facts::Key;
use super::grouping::{self, Need, limits, shared_direction, spot, technical_class, timely};
use super::outcome::Group;
use super::prepare::{Board, Item};
use super::queue::retain_groups;
use crate::kernel::{format_km, format_number};
use crate::nomenclature::{Category, GroupRule};

/// What becomes of a flow among those with the same need.
#[derive(Debug, Clone, PartialEq)]
pub enum Joining {
    Joins(Box<Group>),
    Stays(Obstacle),
}

/// What keeps a flow out of any group, with what its sentence needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// This need is not shared, or not in that direction.
    NotShared,
    Unplaced,
    /// Its date is too far, or its count too small to be told.
    NotYet,
    /// Nobody else around has this need.
    Alone,
    TooFar {
        km: f64,
        limit_km: f64,
    },
    /// So many are near, but their contracts end at other times.
    Calendar {
        sites: usize,
        months: u32,
    },
    /// Too few, and too little.
    Mass {
        sites: usize,
        least_sites: usize,
        /// What is known of theirs, and what would do.
        quantities: Option<(f64, f64, &'static str)>,
    },
    /// Those around are together already.
    Taken,
}

impl Obstacle {
    /// The title of the reason.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::NotShared => "Ne se regroupe pas",
            Self::Unplaced => "Sans position",
            Self::NotYet => "Trop tôt",
            Self::Alone => "Seul",
            Self::TooFar { .. } => "Trop loin",
            Self::Calendar { .. } => "Calendriers incompatibles",
            Self::Mass { .. } => "Masse critique",
            Self::Taken => "Voisins déjà réunis",
        }
    }

    /// The reason in French.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NotShared => {
                "Ce flux se propose de gré à gré\u{a0}: ce besoin ne se partage pas à plusieurs.".to_owned()
            }
            Self::Unplaced => {
                "L’établissement n’a pas de position\u{a0}: aucun groupe ne peut être cherché autour."
                    .to_owned()
            }
            Self::NotYet => {
                "L’échéance est trop lointaine, ou l’effectif trop petit pour être montré.".to_owned()
            }
            Self::Alone => "Aucun autre établissement n’a ce besoin alentour.".to_owned(),
            Self::TooFar { km, limit_km } => format!(
                "Le plus proche qui a ce besoin est à {}\u{202f}; un groupe tient dans {} autour de son centre.",
                format_km(*km),
                format_km(*limit_km)
            ),
            Self::Calendar { sites, months } => format!(
                "{}, mais aucun contrat ne finit à moins de {months}\u{a0}mois du sien.",
                neighbours(*sites)
            ),
            Self::Mass {
                sites,
                least_sites,
                quantities,
            } => {
                let known = quantities.map(|(known, wanted, unit)| {
                    let [known, wanted] = [known, wanted].map(|figure| format_number(figure, 1));
                    format!(", ou {wanted}\u{a0}{unit} par an à plusieurs\u{a0}: {known}\u{a0}{unit} connues")
                });
                format!(
                    "{}\u{202f}; il faut {least_sites} établissements{}.",
                    neighbours(*sites),
                    known.unwrap_or_default()
                )
            }
            Self::Taken => {
                "Les établissements proches qui ont ce besoin sont déjà réunis en d’autres groupes."
                    .to_owned()
            }
        }
    }

    /// What would let it in.
    #[must_use]
    pub fn opening(&self) -> Option<&'static str> {
        match self {
            Self::NotShared | Self::Taken => None,
            Self::Unplaced => Some("Une adresse, ou un point sur la carte."),
            Self::NotYet => Some("Une échéance plus proche, ou un effectif plus grand."),
            Self::Alone | Self::TooFar { .. } => {
                Some("Une visite chez des voisins qui auraient le même besoin.")
            }
            Self::Calendar { .. } => Some("Une fin de contrat avancée, ou un premier tour sans engagement."),
            Self::Mass { .. } => Some("Un établissement de plus, ou des quantités renseignées."),
        }
    }
}

fn neighbours(sites: usize) -> String {
    if sites == 1 {
        "Un seul établissement proche a ce besoin".to_owned()
    } else {
        format!("{sites} établissements proches ont ce besoin")
    }
}

/// What becomes of a flow; nothing while nobody knows what it is.
pub(super) fn joining(board: &Board<'_>, flow: &Key) -> Option<Joining> {
    let item = board.item(board.number(flow)?);
    let (category, _) = item.guesses.first().filter(|_| item.classified())?;
    let rule = category.group.as_ref().filter(|_| category.modes.mutualisation);
    let Some(rule) = rule.filter(|_| item.flow.direction == shared_direction(category)) else {
        return Some(Joining::Stays(Obstacle::NotShared));
    };
    let need = Need {
        code: category.code,
        technical_class: technical_class(item.flow),
    };
    let same = grouping::with_need(board, &need);
    let mut groups = grouping::gather_need(board, &need, (category, rule), &same);
    groups.sort_by(|a, b| b.score.total_cmp(&a.score));
    retain_groups(&mut groups, board.params.today);
    let holds = |group: &Group| group.members.iter().any(|member| member.flow == *flow);
    Some(match groups.into_iter().find(holds) {
        Some(group) => Joining::Joins(Box::new(group)),
        None => Joining::Stays(obstacle(board, &item, (category, rule), &same)),
    })
}

fn obstacle(
    board: &Board<'_>,
    item: &Item<'_>,
    (category, rule): (&Category, &GroupRule),
    same: &[usize],
) -> Obstacle {
    let Some(own) = spot(board, category, item.id) else {
        return Obstacle::Unplaced;
    };
    if !timely(rule, &own, board.params.today) {
        return Obstacle::NotYet;
    }
    let limits = limits(board, rule);
    let mut others: Vec<(f64, Spot)> = same
        .iter()
        .filter_map(|id| spot(board, category, *id))
        .filter(|other| other.site != own.site && timely(rule, other, board.params.today))
        .map(|other| (own.at.distance_km(other.at), other))
        .collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
    let Some((km, _)) = others.first() else {
        return Obstacle::Alone;
    };
    if *km > limits.km {
        return Obstacle::TooFar {
            km: *km,
            limit_km: limits.km,
        };
    }
    let near = others.iter().take_while(|(km, _)| *km <= limits.km);
    let near: Vec<Spot> = near.map(|(_, other)| *other).collect();
    let (in_step, out): (Vec<Spot>, Vec<Spot>) =
        near.iter().partition(|other| fits(&[**other], own, &limits));
    if in_step.is_empty() {
        return Obstacle::Calendar {
            sites: sites(&out),
            months: limits.window_months,
        };
    }
    crowd(category, &limits, own, in_step)
}

/// Enough of them, or not.
fn crowd(category: &Category, limits: &Limits, own: Spot, mut near: Vec<Spot>) -> Obstacle {
    let around = sites(&near);
    near.push(own);
    if limits.viable(&near) {
        return Obstacle::Taken;
    }
    let known = near.iter().filter_map(|spot| spot.quantity).sum();
    Obstacle::Mass {
        sites: around,
        least_sites: limits.min_sites.max(2),
        quantities: limits
            .critical_mass
            .map(|mass| (known, mass, category.unit.symbol())),
    }
}

fn sites(spots: &[Spot]) -> usize {
    let distinct: BTreeSet<usize> = spots.iter().map(|spot| spot.site).collect();
    distinct.len()
}
