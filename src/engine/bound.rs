//! The most that a pair could score, seen from one of its flows.
//!
//! A lane is a shelf looked at from one flow: under which categories the two would meet, how far this
//! matter goes, what a unit of it brings at a distance. All that is read once from the very functions
//! that score a pair, by asking them about one unit at two distances: gains are linear in both. Then the
//! bound of a branch, or of a flow, is a few operations. It is never under the score, which the
//! property tests check against a plain scan; how close it is only decides how fast the search goes.

use super::economics::{self, Figure};
use super::facts::Flow;
use super::gates::{needed_step, takes_danger};
use super::material::{self, BY_LABEL, Basis, Link, reach};
use super::prepare::{Board, Item, convert};
use super::scoring::{
    BOUND, COMPONENTS, OTHER_ZONE, SOON_FREE, UNKNOWN, filling, freedom, gainful, nearness, profit, sparing,
    total, weights,
};
use super::shelves::{narrow, told};
use super::summary::{Entry, Summary, Traits, zone_bit};
use super::tree::Tree;
use crate::kernel::Direction;
use crate::nomenclature::{Category, Reach};

/// Positions of a tree are rounded: to within that.
const GRACE_KM: f64 = 0.002;
/// Scores are rounded to hundredths.
const GRACE: f64 = 0.02;
/// Where the second question is asked.
const FAR_KM: f64 = 100.0;

/// One flow that looks for partners.
#[derive(Debug)]
pub(super) struct Seeker {
    at: Option<[f32; 3]>,
    months: u16,
    count: u32,
    quality: u8,
    zone: Option<u32>,
    partnered: bool,
    /// It meets only what danger does not stop.
    wary: bool,
    free: f64,
    weights: [f64; COMPONENTS],
}

impl Seeker {
    pub(super) fn of(board: &Board<'_>, item: &Item<'_>) -> Self {
        let place = board.place(item);
        let outbound = item.flow.direction == Direction::Outbound;
        let weights = weights(&board.params.weights);
        let whole = total(&weights);
        Self {
            at: place.at.map(narrow),
            months: item.flow.months.bits(),
            count: item.flow.months.count(),
            quality: told(item.flow),
            zone: place.zone.map(|zone| zone_bit(Some(zone))),
            partnered: place.partnered,
            wary: if outbound {
                item.dangerous()
            } else {
                !takes_danger(board, item)
            },
            free: if outbound {
                1.0
            } else {
                freedom(&board.params, item.flow)
            },
            weights: weights.map(|weight| 100.0 * weight / whole),
        }
    }

    fn time(&self, near: &Summary) -> Option<f64> {
        let common = (self.months & near.months).count_ones();
        let wanted = self.count.min(u32::from(near.fewest)).max(1);
        let free = if near.traits.has(Traits::FREE) {
            1.0
        } else if near.traits.has(Traits::SOON_FREE) {
            SOON_FREE
        } else {
            BOUND
        };
        let share = f64::from(common) / f64::from(wanted);
        (common > 0).then(|| share.min(1.0) * free * self.free)
    }

    fn relations(&self, near: &Summary) -> f64 {
        match self.zone {
            _ if self.partnered => 1.0,
            Some(zone) if near.zones & zone != 0 => 1.0,
            Some(_) if near.zones & zone_bit(None) == 0 => OTHER_ZONE,
            Some(_) | None => UNKNOWN,
        }
    }
}

/// A figure of one unit, as it falls with the distance.
#[derive(Debug, Clone, Copy)]
struct Line {
    here: f64,
    per_km: f64,
}

impl Line {
    fn through(here: Option<Figure<'_>>, far: Option<Figure<'_>>, quantity: f64) -> Option<Self> {
        let (here, far) = (here?.central / quantity, far?.central / quantity);
        Some(Self {
            here,
            per_km: (here - far) / FAR_KM,
        })
    }

    fn at(self, km: f64) -> f64 {
        self.here - self.per_km * km
    }
}

/// How one flow meets those of a shelf.
#[derive(Debug)]
pub(super) struct Lane<'b> {
    pub tree: &'b Tree,
    /// Both places are known.
    placed: bool,
    /// The flow that looks is an offer.
    outbound: bool,
    /// The most the matter may fit, and how far it goes: with guessed flows, with chosen ones.
    fits: [f64; 2],
    reaches: [Reach; 2],
    giver: Option<Line>,
    receiver: Option<Line>,
    carbon: Option<Line>,
    break_even_km: Option<f64>,
    partial: bool,
    /// The quantity of the flow that looks, and what one unit of the others is, in the unit of the pair.
    own: Option<f64>,
    rate: Option<f64>,
    /// Nothing can be said of what depends on quantities.
    open: bool,
    /// Only a receiver of the trade does the step that the rule needs.
    trade: bool,
}

/// A lane nobody has looked down yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prospect<'b> {
    link: Link<'b>,
    fits: [f64; 2],
    tree: &'b Tree,
    placed: bool,
}

impl<'b> Prospect<'b> {
    pub(super) fn new(
        board: &'b Board<'_>,
        seeker: &Item<'_>,
        meeting: Meeting<'b>,
        tree: &'b Tree,
        placed: bool,
    ) -> Option<Self> {
        let (link, fits) = best_link(board, seeker, meeting)?;
        Some(Self {
            link,
            fits,
            tree,
            placed,
        })
    }

    /// The most that anything could score down there.
    pub(super) fn bound(&self) -> f64 {
        100.0 * self.fits[0].max(self.fits[1]) + GRACE
    }
}

/// Two categories under which flows may meet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meeting<'b> {
    pub out: Option<&'b Category>,
    pub into: Option<&'b Category>,
    /// How sure the flow that looks is of its own.
    pub sure: f64,
    /// The most that the labels alone are worth, when they bring the flows together.
    pub by_label: Option<f64>,
}

impl<'b> Lane<'b> {
    pub(super) fn new(
        board: &'b Board<'_>,
        seeker: &Item<'_>,
        Prospect {
            link,
            fits,
            tree,
            placed,
        }: Prospect<'b>,
    ) -> Self {
        let outbound = seeker.flow.direction == Direction::Outbound;
        let mut lane = Self {
            tree,
            placed,
            outbound,
            fits,
            reaches: reaches(board, seeker, &link),
            giver: None,
            receiver: None,
            carbon: None,
            break_even_km: None,
            partial: false,
            own: link.out.or(link.into).and_then(|of| board.amount(seeker, of)),
            rate: rate(&link, outbound),
            open: false,
            trade: outbound && needed_step(&link).is_some() && !board.site(seeker).treats_waste(),
        };
        lane.ask(board, seeker, &link);
        lane
    }

    /// Asks what one unit brings, here and far.
    fn ask(&mut self, board: &Board<'_>, seeker: &Item<'_>, link: &Link<'_>) {
        let outbound = seeker.flow.direction == Direction::Outbound;
        let Some(category) = (if outbound { link.into } else { link.out }) else {
            return;
        };
        let unit = Flow {
            annual: Some(1.0),
            ..Flow::new("", "", seeker.flow.direction, "")
        };
        let guesses = [(category, 1.0)];
        let other = Item {
            flow: &unit,
            guesses: &guesses,
            ..*seeker
        };
        let figures = |km| {
            if outbound {
                economics::figures(board, link, seeker, &other, km)
            } else {
                economics::figures(board, link, &other, seeker, km)
            }
        };
        let [here, far] = if self.placed {
            [figures(Some(0.0)), figures(Some(FAR_KM))]
        } else {
            let figures = figures(None);
            [figures, figures]
        };
        self.break_even_km = here.break_even_km;
        self.partial = here.partial;
        let Some(matched) = here.matched else {
            return;
        };
        if matched.quantity > 0.0 {
            let line = |here, far| Line::through(here, far, matched.quantity);
            self.giver = line(here.giver, far.giver);
            self.receiver = line(here.receiver, far.receiver);
            self.carbon = line(here.tco2e, far.tco2e);
        } else {
            self.open = true;
        }
    }

    pub(super) fn bound_of(&self, seeker: &Seeker, entry: &Entry, floor: f64) -> Option<f64> {
        self.bound(seeker, &Summary::of(entry), floor)
    }

    /// The most that anything of a branch scores with the flow that looks; nothing when it cannot meet it,
    /// or not reach that floor.
    pub(super) fn bound(&self, seeker: &Seeker, near: &Summary, floor: f64) -> Option<f64> {
        let time = seeker.time(near)?;
        // Who treats waste takes dangerous waste.
        if (seeker.wary || self.trade) && !near.traits.has(Traits::SAFE) {
            return None;
        }
        let guessed = near.traits.has(Traits::GUESSED);
        let chosen = near.traits.has(Traits::CHOSEN);
        let fit = match (guessed, chosen) {
            (true, true) => self.fits[0].max(self.fits[1]),
            (true, false) => self.fits[0],
            (false, _) => self.fits[1],
        };
        let km = seeker.at.filter(|_| self.placed);
        let km = km.map(|at| (f64::from(near.km_from(at)) - GRACE_KM).max(0.0));
        let reach = self.reaches[usize::from(!guessed)];
        if km.is_some_and(|km| km > reach.max_km) {
            return None;
        }
        let costed = near.traits.has(Traits::COSTED);
        let profit = if costed {
            Some(1.0)
        } else {
            profit(self.break_even_km, self.partial, km)
        };
        let quality = if seeker.quality & near.quality == 0 {
            UNKNOWN
        } else {
            1.0
        };
        let [economics, distance, quantity, good, when, carbon, close] = seeker.weights;
        let points = distance * km.map_or(UNKNOWN, |km| nearness(reach, km, profit))
            + good * quality
            + when * time
            + close * seeker.relations(near);
        let bound = |points: f64| fit * points * (1.0 + 1e-9) + GRACE;
        // Quantities cost most to look at, and the rest often decides.
        if bound(points + economics + quantity + carbon) < floor {
            return None;
        }
        let points = points + self.by_quantity([economics, quantity, carbon], near, km, profit);
        Some(bound(points)).filter(|bound| *bound >= floor)
    }

    /// The bound once it is known how well the matter fits.
    pub(super) fn fitting(&self, bound: f64, fit: f64, chosen: bool) -> f64 {
        let most = self.fits[usize::from(chosen)];
        if most > 0.0 {
            (bound - GRACE) * (fit / most).min(1.0) + GRACE
        } else {
            bound
        }
    }

    /// Points of the components that depend on quantities, at most.
    fn by_quantity(
        &self,
        [economics, quantity, carbon]: [f64; 3],
        near: &Summary,
        km: Option<f64>,
        profit: Option<f64>,
    ) -> f64 {
        if self.open || near.traits.has(Traits::LOOSE) {
            return economics + quantity + carbon;
        }
        let mut most: f64 = 0.0;
        let measured = near.least <= near.most;
        if let (Some(own), Some(rate), true) = (self.own, self.rate, measured) {
            let least = f64::from(near.least) * rate * (1.0 - 1e-6);
            let largest = f64::from(near.most) * rate * (1.0 + 1e-6);
            let shared = own.min(largest);
            let gain = |line: Option<Line>| line.map(|line| line.at(km.unwrap_or(0.0)).max(0.0) * shared);
            let mut worth = gainful([gain(self.giver), gain(self.receiver)], profit);
            if near.traits.has(Traits::COSTED) {
                // What the others gain depends on what they said: only the gain of who looks is a limit.
                let sure = if self.outbound { self.giver } else { self.receiver };
                let costed = sure.map(|line| gain(Some(line)));
                worth = worth.max(costed.map_or(0.75, |sure| gainful([sure, sure], profit)));
            }
            most = economics * worth
                + quantity * at_best(own, least, largest)
                + carbon * gain(self.carbon).map_or(UNKNOWN, sparing);
        }
        if near.traits.has(Traits::UNMEASURED) || self.own.is_none() || self.rate.is_none() {
            let unknown = economics * gainful([None, None], profit) + quantity * UNKNOWN + carbon * UNKNOWN;
            most = most.max(unknown);
        }
        most
    }
}

/// The best share that a quantity may be of one between two others, or they of it.
fn at_best(own: f64, least: f64, largest: f64) -> f64 {
    if own <= 0.0 && least <= 0.0 {
        filling(1.0)
    } else if own < least {
        filling(own / least)
    } else if own > largest {
        filling(largest / own)
    } else {
        filling(1.0)
    }
}

/// The link under which the lane is seen, and how well it fits at most with guessed and chosen flows.
fn best_link<'b>(
    board: &'b Board<'_>,
    seeker: &Item<'_>,
    meeting: Meeting<'b>,
) -> Option<(Link<'b>, [f64; 2])> {
    let Meeting {
        out,
        into,
        sure,
        by_label,
    } = meeting;
    if let Some(fit) = by_label {
        let link = Link {
            basis: Basis::Label,
            out,
            into,
            rule: None,
            fit,
            confidence: fit,
        };
        return Some((link, [fit; 2]));
    }
    let link = material::best_case(board, (out?, into?), sure)?;
    let [contradicted, same] = BY_LABEL;
    let chosen = if seeker.chosen() { contradicted } else { same };
    let fits = [link.fit.max(same), link.fit.max(chosen)];
    Some((link, fits))
}

/// How far: known when the offer looks; else the farthest that any offer of the category goes.
fn reaches(board: &Board<'_>, seeker: &Item<'_>, link: &Link<'_>) -> [Reach; 2] {
    let category = link.out.or(link.into);
    if seeker.flow.direction == Direction::Outbound {
        return [reach(board, category, seeker); 2];
    }
    [false, true].map(|chosen| material::farthest(board, category, chosen))
}

/// What one unit of the others is in the unit of the pair, which is that of the offer.
fn rate(link: &Link<'_>, outbound: bool) -> Option<f64> {
    let (own, other) = if outbound {
        (link.out.or(link.into)?, link.into?)
    } else {
        (link.out.or(link.into)?, link.out?)
    };
    if own.code == other.code {
        return Some(1.0);
    }
    convert(1.0, other, own)
}
