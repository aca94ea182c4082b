//! Mutualisation: firms with the same need, near each other, become one group.
//!
//! Members are sought zone by zone first, because neighbours of a business park already share a road
//! and often an association; who is left is gathered over the territory. A group keeps its key from
//! run to run as long as most of its members stay, so that the queue does not flicker.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months as Span, NaiveDate};
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::clusters::{Limits, Spot, adopt, gather, medoid};
use super::facts::{Flow, Key, KnownGroup};
use super::outcome::{Estimate, Group, Member, Origin, Round};
use super::prepare::Board;
use super::queue::retain_groups;
use super::rounds;
use super::sums::{self, Sums};
use crate::kernel::{Direction, Position};
use crate::nomenclature::{Category, Class, FlowCode, GroupRule};

/// Share of the smaller of two member lists that makes it the same group.
const SAME_GROUP: f64 = 0.5;

/// What the members of one group have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Need {
    code: FlowCode,
    technical_class: Option<String>,
}

/// All groups, best first; those that an advisor composed keep exactly their members.
pub(super) fn groups(board: &Board<'_>, known: &[KnownGroup]) -> Vec<Group> {
    let mut found: Vec<Group> = known
        .iter()
        .filter(|group| group.is_fixed)
        .filter_map(|group| composed(board, group))
        .collect();
    let held: BTreeSet<Key> = found.iter().flat_map(Group::flows).collect();
    let needs: Vec<(Need, Vec<usize>)> = needs(board, &held).into_iter().collect();
    let gathered = needs.par_iter().map(|(need, items)| {
        let category = board.catalogue.category(need.code);
        let rule = category.group.as_ref();
        rule.map_or_else(Vec::new, |rule| gather_need(board, need, (category, rule), items))
    });
    found.extend(gathered.collect::<Vec<_>>().into_iter().flatten());
    found.sort_by(|a, b| {
        a.members[0]
            .flow
            .cmp(&b.members[0].flow)
            .then(a.code.cmp(&b.code))
    });
    name(&mut found, known);
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.key.cmp(&b.key)));
    retain_groups(&mut found, board.params.today);
    found
}

/// The figures of a group whose members were chosen by hand; nothing when none of them is left.
pub(super) fn composed(board: &Board<'_>, known: &KnownGroup) -> Option<Group> {
    let category = board.catalogue.category(known.code);
    let rule = category.group.as_ref()?;
    let ids = known.members.iter().filter_map(|flow| board.number(flow));
    let spots: Vec<Spot> = ids.filter_map(|id| spot(board, category, id)).collect();
    let first = spots.first()?;
    let need = Need {
        code: known.code,
        technical_class: technical_class(board.item(first.id).flow),
    };
    Some(Group {
        key: known.key.clone(),
        is_fixed: true,
        ..write(board, &need, (category, rule), &spots)
    })
}

/// What keeps flows of one category in separate groups: as written, else as the label says.
fn technical_class(flow: &Flow) -> Option<String> {
    let read = || flow.class.filter(|class| class.sets_groups()).map(Class::label);
    flow.technical_class.clone().or_else(read)
}

/// Flows by what they need, for the categories that can be mutualised.
fn needs(board: &Board<'_>, held: &BTreeSet<Key>) -> BTreeMap<Need, Vec<usize>> {
    let mut needs: BTreeMap<Need, Vec<usize>> = BTreeMap::new();
    for item in board
        .items()
        .filter(|item| item.classified() && !held.contains(&item.flow.key))
    {
        let category = item.guesses[0].0;
        let code = category.code;
        if category.modes.mutualisation && item.flow.direction == shared_direction(category) {
            let technical_class = technical_class(item.flow);
            needs
                .entry(Need {
                    code,
                    technical_class,
                })
                .or_default()
                .push(item.id);
        }
    }
    needs
}

/// Firms share the outlet of what they throw away, and the purchase of what they need.
pub(super) fn shared_direction(category: &Category) -> Direction {
    if category.outbound && (category.is_thrown_away() || !category.inbound) {
        Direction::Outbound
    } else {
        Direction::Inbound
    }
}

fn gather_need(
    board: &Board<'_>,
    need: &Need,
    (category, rule): (&Category, &GroupRule),
    items: &[usize],
) -> Vec<Group> {
    let limits = Limits {
        km: rule.diameter_km * board.params.radius_factor,
        min_sites: usize::try_from(rule.min_members).unwrap_or(usize::MAX),
        max_members: board.params.max_members,
        critical_mass: rule.critical_mass,
        window_months: 2 * board.params.window_months,
    };
    let mut by_zone: BTreeMap<&str, Vec<Spot>> = BTreeMap::new();
    let mut left = Vec::new();
    let timely = |spot: &Spot| timely(rule, spot, board.params.today);
    for spot in items
        .iter()
        .filter_map(|id| spot(board, category, *id))
        .filter(timely)
    {
        match &board.sites[spot.site].zone {
            Some(zone) => by_zone.entry(zone).or_default().push(spot),
            None => left.push(spot),
        }
    }
    let mut gathered = Vec::new();
    for spots in by_zone.into_values() {
        let (groups, rest) = gather(&spots, &limits);
        gathered.extend(groups);
        left.extend(rest);
    }
    let left = adopt(&mut gathered, in_order(left), &limits);
    let (groups, rest) = gather(&left, &limits);
    let zoned = gathered.len();
    gathered.extend(groups);
    // Only the new ones: the others have had their chance.
    adopt(&mut gathered[zoned..], rest, &limits);
    gathered
        .iter()
        .map(|spots| write(board, need, (category, rule), spots))
        .collect()
}

/// Counts too small to be told are left out; so is what is not due soon, where only that is worth a date.
fn timely(rule: &GroupRule, spot: &Spot, today: NaiveDate) -> bool {
    let told = |least: f64| spot.quantity.is_none_or(|quantity| quantity >= least);
    let due = |months: u32| {
        let last = today
            .checked_add_months(Span::new(months))
            .unwrap_or(NaiveDate::MAX);
        spot.end.is_none_or(|end| end <= last)
    };
    rule.least_count.is_none_or(told) && rule.due_months.is_none_or(due)
}

fn in_order(mut spots: Vec<Spot>) -> Vec<Spot> {
    spots.sort_by_key(|spot| spot.id);
    spots
}

/// People who drive to work have no contract to wait for.
fn counts_people(category: &Category) -> bool {
    category
        .group
        .as_ref()
        .is_some_and(|rule| rule.least_count.is_some())
}

fn spot(board: &Board<'_>, category: &Category, id: usize) -> Option<Spot> {
    let item = &board.item(id);
    Some(Spot {
        id,
        site: item.site,
        at: board.position(item)?,
        end: item
            .flow
            .contract_end
            .filter(|end| *end >= board.params.today && !counts_people(category)),
        quantity: board.amount(item, category),
    })
}

fn write(board: &Board<'_>, need: &Need, (category, rule): (&Category, &GroupRule), spots: &[Spot]) -> Group {
    let centre = medoid(spots);
    let mut members: Vec<Member> = spots
        .iter()
        .map(|spot| member(board, category, spot, centre))
        .collect();
    members.sort_by(|a, b| {
        let amount = |member: &Member| member.quantity.unwrap_or(-1.0);
        amount(b).total_cmp(&amount(a)).then(a.flow.cmp(&b.flow))
    });
    let zones: BTreeSet<Option<&String>> = spots
        .iter()
        .map(|spot| board.sites[spot.site].zone.as_ref())
        .collect();
    let zone = zones
        .first()
        .filter(|_| zones.len() == 1)
        .copied()
        .flatten()
        .cloned();
    let direction = shared_direction(category);
    let sums = Sums::of(&members, rule);
    let saving = saving(board, spots, (category, rule), direction);
    Group {
        key: Key::new(String::new()),
        title: title(rule, need.technical_class.as_deref()),
        code: need.code,
        direction,
        technical_class: need.technical_class.clone(),
        zone,
        medoid: board.sites[centre.site].key.clone(),
        radius_km: sums.radius_km,
        quantity: sums.quantity,
        unit: category.unit,
        critical_mass: rule.critical_mass,
        mass_sentence: sums::mass_sentence(sums.quantity, rule, category, direction),
        window: window(&members, board.params.today),
        saving_share: rule.saving,
        evidence: rule.evidence.clone(),
        score: sums.score(rule, saving.as_ref()),
        confidence: sums.confidence(saving.as_ref()),
        reasons: sums.reasons(rule, saving.as_ref()),
        to_ask: sums.to_ask(category, direction),
        saving,
        round: shared_round(board, category, (centre, spots), sums.quantity),
        members,
        version: board.params.version.clone(),
        left_out: None,
        is_fixed: false,
    }
    .rounded()
}

/// « Session mutualisée : CACES » rather than the list of all sessions.
fn title(rule: &GroupRule, class: Option<&str>) -> String {
    class.map_or_else(
        || rule.title.clone(),
        |class| {
            let what = rule.title.split(" (").next().unwrap_or(&rule.title);
            format!("{what}\u{a0}: {class}")
        },
    )
}

/// For what a lorry collects: as many rounds a year as it takes loads.
fn shared_round(
    board: &Board<'_>,
    category: &Category,
    (centre, spots): (Spot, &[Spot]),
    quantity: Option<f64>,
) -> Option<Round> {
    let payload = category.economics.payload.filter(|payload| *payload > 0.0)?;
    if shared_direction(category) == Direction::Inbound {
        return None;
    }
    let others: BTreeMap<usize, Position> = spots
        .iter()
        .filter(|spot| spot.site != centre.site)
        .map(|spot| (spot.site, spot.at))
        .collect();
    let stops: Vec<Position> = others.into_values().collect();
    let turns = quantity.map_or(1.0, |quantity| (quantity / payload).ceil().max(1.0));
    rounds::round(centre.at, &stops, turns, &board.params.haulage)
}

fn member(board: &Board<'_>, category: &Category, spot: &Spot, centre: Spot) -> Member {
    let counts = counts_people(category);
    let flow = board.item(spot.id).flow;
    Member {
        flow: flow.key.clone(),
        site: flow.site.clone(),
        quantity: spot.quantity,
        certainty: flow.certainty,
        contract_end: spot.end.or(flow.contract_end.filter(|_| !counts)),
        km_from_medoid: Some(centre.at.distance_km(spot.at)),
    }
}

fn window(members: &[Member], today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let ahead = || {
        members
            .iter()
            .filter_map(|member| member.contract_end)
            .filter(|end| *end >= today)
    };
    ahead().min().zip(ahead().max())
}

/// A share of what the members spend today: as they declared, else by the nomenclature's price.
fn saving(
    board: &Board<'_>,
    spots: &[Spot],
    (category, rule): (&Category, &GroupRule),
    direction: Direction,
) -> Option<Estimate> {
    let price = match direction {
        Direction::Outbound => category.economics.disposal.as_ref(),
        Direction::Inbound => category.economics.value.as_ref(),
    };
    let mut spent = 0.0;
    let mut all_declared = true;
    let mut known = false;
    for spot in spots {
        let declared = board.item(spot.id).flow.annual_cost_eur;
        let in_euros = spot
            .quantity
            .filter(|_| category.unit == crate::kernel::Unit::Euro);
        let priced = spot
            .quantity
            .zip(price)
            .map(|(quantity, price)| quantity * price.central);
        if let Some(cost) = declared.or(in_euros).or(priced) {
            spent += cost;
            known = true;
            all_declared &= declared.or(in_euros).is_some();
        } else {
            all_declared = false;
        }
    }
    (known && spent > 0.0).then(|| {
        let [low, central, high] = rule.saving;
        Estimate {
            low: spent * low,
            central: spent * central,
            high: spent * high,
            origin: if all_declared {
                Origin::Declared
            } else {
                Origin::Estimated
            },
            source: rule.evidence.clone(),
        }
    })
}

/// Gives each group the key of the known group it continues, or a new one.
fn name(groups: &mut [Group], known: &[KnownGroup]) {
    let mut claims: Vec<(f64, usize, usize)> = Vec::new();
    let mut by_flow: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
    for (rank, old) in known.iter().enumerate() {
        for flow in &old.members {
            by_flow.entry(flow).or_default().push(rank);
        }
    }
    for (rank, group) in groups.iter().enumerate() {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for member in &group.members {
            for old in by_flow.get(&member.flow).into_iter().flatten() {
                *shared.entry(*old).or_insert(0) += 1;
            }
        }
        for (old, common) in shared {
            let smaller = group.members.len().min(known[old].members.len());
            let overlap = sums::ratio(common, smaller);
            if !known[old].is_fixed && known[old].code == group.code && overlap >= SAME_GROUP {
                let jaccard = sums::ratio(common, group.members.len() + known[old].members.len() - common);
                claims.push((jaccard, rank, old));
            }
        }
    }
    claims.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then(known[a.2].key.cmp(&known[b.2].key))
            .then(a.1.cmp(&b.1))
    });
    let mut taken: BTreeSet<Key> = BTreeSet::new();
    for (_, rank, old) in claims {
        if groups[rank].key.as_str().is_empty() && taken.insert(known[old].key.clone()) {
            groups[rank].key = known[old].key.clone();
        }
    }
    taken.extend(known.iter().map(|old| old.key.clone()));
    for group in groups.iter_mut().filter(|group| group.key.as_str().is_empty()) {
        let first = group
            .members
            .iter()
            .map(|member| &member.flow)
            .min()
            .expect("a group has members");
        let wished = format!("{}:{first}", group.code);
        let suffixes = std::iter::once(String::new()).chain((2..).map(|turn: u32| format!("#{turn}")));
        let key = suffixes
            .map(|suffix| Key::new(format!("{wished}{suffix}")))
            .find(|key| !taken.contains(key));
        group.key = key.expect("suffixes never run out");
        taken.insert(group.key.clone());
    }
}
