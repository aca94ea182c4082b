//! The map of a territory as sums: communes in classes, arcs between them. Pure.

use super::secrecy::{Band, is_safe};
use crate::indicators::model::{LEAST, is_few};
use crate::nomenclature::Family;
use std::collections::BTreeMap;
use std::fmt::Write;

pub const WIDTH: f64 = 960.0;
const MARGIN: f64 = 24.0;
/// What a projected page shows without scrolling.
const TALLEST: f64 = 620.0;

/// One commune of the territory.
#[derive(Debug, Clone, PartialEq)]
pub struct CommuneCell {
    pub insee: String,
    pub name: String,
    pub latitude: f64,
    pub longitude: f64,
    /// Companies with a flow there.
    pub firms: i64,
}

/// Realised synergies between two communes, of one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommuneTie {
    pub one: String,
    pub other: String,
    pub family: Option<Family>,
    pub synergies: i64,
}

/// Under a family, a commune of one or two companies would tell that they have such flows: it looks empty.
pub fn told(mut cells: Vec<CommuneCell>, family: Option<Family>) -> Vec<CommuneCell> {
    if family.is_some() {
        for cell in &mut cells {
            if is_few(cell.firms) {
                cell.firms = 0;
            }
        }
    }
    cells
}

/// One tie for two communes. Under a family, it is told only when no family of theirs could be guessed.
pub fn told_ties(ties: &[CommuneTie], family: Option<Family>) -> Vec<CommuneTie> {
    let mut pairs: BTreeMap<(&str, &str), Vec<&CommuneTie>> = BTreeMap::new();
    for tie in ties {
        pairs.entry((&tie.one, &tie.other)).or_default().push(tie);
    }
    let told = pairs.into_iter().filter_map(|((one, other), parts)| {
        if family.is_some() && !is_safe(parts.iter().map(|part| part.synergies)) {
            return None;
        }
        let kept = parts
            .iter()
            .filter(|part| family.is_none() || part.family == family);
        Some(CommuneTie {
            one: one.to_owned(),
            other: other.to_owned(),
            family,
            synergies: kept.map(|part| part.synergies).sum(),
        })
    });
    told.filter(|tie| tie.synergies > 0).collect()
}

/// Longitudes and latitudes around an outline.
pub type Ring = Vec<(f64, f64)>;

#[derive(Debug, Clone, PartialEq)]
pub struct Disc {
    pub x: f64,
    pub y: f64,
    pub r: f64,
    pub label: String,
    pub band: Band,
    /// The middle of its name's base line, where there is room for it.
    pub name_at: Option<(f64, f64)>,
}

/// A map ready to be drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ground {
    pub height: f64,
    pub land: Vec<String>,
    pub discs: Vec<Disc>,
    pub arcs: Vec<String>,
    pub zones: Vec<(f64, f64, String)>,
}

/// Flat enough for a few dozen kilometres.
struct Projection {
    left: f64,
    west: f64,
    north: f64,
    squeeze: f64,
    scale: f64,
}

impl Projection {
    fn around(points: &[(f64, f64)]) -> Option<(Self, f64)> {
        let (mut west, mut east, mut south, mut north) = (f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for (lon, lat) in points {
            west = west.min(*lon);
            east = east.max(*lon);
            south = south.min(*lat);
            north = north.max(*lat);
        }
        if points.is_empty() {
            return None;
        }
        let squeeze = ((south + north) / 2.0).to_radians().cos();
        let wide = ((east - west) * squeeze).max(0.02);
        let tall = (north - south).max(0.02);
        let scale = ((WIDTH - 2.0 * MARGIN) / wide).min((TALLEST - 2.0 * MARGIN) / tall);
        let left = (WIDTH - (east - west) * squeeze * scale) / 2.0;
        let height = (north - south) * scale + 2.0 * MARGIN;
        Some((
            Self {
                left,
                west,
                north,
                squeeze,
                scale,
            },
            height.max(120.0),
        ))
    }
    fn place(&self, (lon, lat): (f64, f64)) -> (f64, f64) {
        (
            self.left + (lon - self.west) * self.squeeze * self.scale,
            MARGIN + (self.north - lat) * self.scale,
        )
    }
}

impl Ground {
    /// An arc is drawn only between communes of three companies at least, the only ones that have a class.
    pub fn of(
        cells: &[CommuneCell],
        ties: &[CommuneTie],
        outlines: &BTreeMap<String, Vec<Ring>>,
        zones: &[(String, f64, f64)],
    ) -> Self {
        let land: Vec<&Ring> = cells
            .iter()
            .filter_map(|cell| outlines.get(&cell.insee))
            .flatten()
            .collect();
        let mut points: Vec<(f64, f64)> = land.iter().flat_map(|ring| ring.iter().copied()).collect();
        points.extend(cells.iter().map(|cell| (cell.longitude, cell.latitude)));
        let Some((projection, height)) = Projection::around(&points) else {
            return Self::default();
        };
        let at = |insee: &str| {
            let cell = cells
                .iter()
                .find(|cell| cell.insee == insee && cell.firms >= LEAST)?;
            Some(projection.place((cell.longitude, cell.latitude)))
        };
        let mut discs: Vec<_> = cells.iter().filter_map(|cell| disc(cell, &projection)).collect();
        discs.sort_by(|one, other| {
            other
                .r
                .total_cmp(&one.r)
                .then_with(|| one.label.cmp(&other.label))
        });
        let zones: Vec<_> = zones
            .iter()
            .map(|(name, lat, lon)| {
                let (x, y) = projection.place((*lon, *lat));
                (x, y, name.clone())
            })
            .collect();
        place_names(&mut discs, &zones);
        Self {
            height,
            land: land.iter().map(|ring| outline(ring, &projection)).collect(),
            discs,
            arcs: ties
                .iter()
                .filter_map(|tie| Some(arc(at(&tie.one)?, at(&tie.other)?)))
                .collect(),
            zones,
        }
    }
}

fn disc(cell: &CommuneCell, projection: &Projection) -> Option<Disc> {
    let band = Band::of(cell.firms)?;
    let (x, y) = projection.place((cell.longitude, cell.latitude));
    Some(Disc {
        x,
        y,
        r: band.radius(),
        label: cell.name.clone(),
        band,
        name_at: None,
    })
}

/// Left, top, right, bottom.
type Box4 = (f64, f64, f64, f64);

fn meet(one: Box4, other: Box4) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

/// Of a letter and of a line, as the page draws them.
const LETTER: f64 = 8.0;
const LINE: f64 = 18.0;

/// The largest first: above its disc, else below, right or left of it, else not at all. A commune of
/// one or two companies is not named: its class says nothing.
fn place_names(discs: &mut [Disc], zones: &[(f64, f64, String)]) {
    let mut taken: Vec<Box4> = discs
        .iter()
        .map(|disc| (disc.x - disc.r, disc.y - disc.r, disc.x + disc.r, disc.y + disc.r))
        .collect();
    taken.extend(zones.iter().map(|(x, y, _)| (x - 4.0, y - 4.0, x + 4.0, y + 4.0)));
    for disc in discs.iter_mut().filter(|disc| disc.band != Band::Few) {
        let half = disc.label.chars().count() as f64 * LETTER / 2.0;
        let (x, y, away) = (disc.x, disc.y, disc.r + 5.0);
        let beside = away + half;
        let places = [
            (x, y - away),
            (x, y + away + LINE * 0.7),
            (x + beside, y + LINE * 0.3),
            (x - beside, y + LINE * 0.3),
        ];
        let room = |(x, y): (f64, f64)| (x - half, y - LINE * 0.8, x + half, y + LINE * 0.2);
        disc.name_at = places.into_iter().find(|place| {
            let wanted = room(*place);
            wanted.0 >= 0.0 && wanted.2 <= WIDTH && !taken.iter().any(|one| meet(wanted, *one))
        });
        taken.extend(disc.name_at.map(room));
    }
}

fn outline(ring: &Ring, projection: &Projection) -> String {
    let mut path = String::new();
    for (rank, point) in ring.iter().enumerate() {
        let (x, y) = projection.place(*point);
        let _ = write!(path, "{}{x:.1} {y:.1}", if rank == 0 { "M" } else { "L" });
    }
    path.push('Z');
    path
}

/// Bent, so that two ways between the same places can be told apart; a loop within one commune.
fn arc((x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    let (across, down) = (x2 - x1, y2 - y1);
    if across.hypot(down) < 1.0 {
        return format!("M{x1:.1} {y1:.1}c-26 -40 26 -40 0 0");
    }
    let (cx, cy) = ((x1 + x2) / 2.0 - down * 0.2, (y1 + y2) / 2.0 + across * 0.2);
    format!("M{x1:.1} {y1:.1}Q{cx:.1} {cy:.1} {x2:.1} {y2:.1}")
}

#[cfg(test)]
mod tests {
    use super::{CommuneCell, CommuneTie, Disc, Ground, LETTER, LINE, WIDTH, meet, told, told_ties};
    use crate::nomenclature::Family;
    use std::collections::BTreeMap;

    fn cell(insee: &str, (latitude, longitude): (f64, f64), firms: i64) -> CommuneCell {
        CommuneCell {
            insee: insee.to_owned(),
            name: insee.to_owned(),
            latitude,
            longitude,
            firms,
        }
    }

    #[test]
    fn arcs_join_only_places_that_are_told() {
        let cells = [
            cell("a", (47.8, 1.0), 12),
            cell("b", (47.7, 1.2), 3),
            cell("c", (47.9, 0.9), 2),
            cell("d", (47.9, 1.1), 0),
        ];
        let tie = |one: &str, other: &str| CommuneTie {
            one: one.to_owned(),
            other: other.to_owned(),
            family: None,
            synergies: 1,
        };
        let map = Ground::of(
            &cells,
            &[tie("a", "b"), tie("a", "c"), tie("a", "a")],
            &BTreeMap::new(),
            &[],
        );
        assert_eq!(
            (map.discs.len(), map.arcs.len()),
            (3, 2),
            "none to the commune of two companies"
        );
        assert!(
            map.discs
                .iter()
                .all(|disc| (0.0..=WIDTH).contains(&disc.x) && (0.0..=map.height).contains(&disc.y))
        );
        assert!(map.discs[0].y > map.discs[2].y, "north is up");
    }

    #[test]
    fn names_never_cover_one_another_nor_a_disc() {
        let near = [
            cell("Grande-Ville", (47.80, 1.00), 30),
            cell("Faubourg", (47.81, 1.00), 8),
            cell("Pont-du-Bourg", (47.80, 1.01), 4),
            cell("Hameau", (47.79, 1.00), 1),
            cell("Loin", (47.99, 1.60), 3),
        ];
        let map = Ground::of(&near, &[], &BTreeMap::new(), &[]);
        let room = |disc: &Disc| {
            let (x, y) = disc.name_at?;
            let half = disc.label.len() as f64 * LETTER / 2.0;
            Some((x - half, y - LINE * 0.8, x + half, y + LINE * 0.2))
        };
        let names: Vec<_> = map.discs.iter().filter_map(room).collect();
        assert!(names.len() >= 3, "{:?}", map.discs);
        for (rank, name) in names.iter().enumerate() {
            assert!(!names[rank + 1..].iter().any(|other| meet(*name, *other)));
            for disc in &map.discs {
                let round = (disc.x - disc.r, disc.y - disc.r, disc.x + disc.r, disc.y + disc.r);
                assert!(!meet(*name, round), "{} is covered", disc.label);
            }
        }
        let hamlet = map.discs.iter().find(|disc| disc.label == "Hameau").unwrap();
        assert_eq!(hamlet.name_at, None);
    }

    #[test]
    fn a_family_is_told_only_when_no_family_could_be_guessed() {
        let tie = |other: &str, family, synergies| CommuneTie {
            one: "a".to_owned(),
            other: other.to_owned(),
            family: Some(family),
            synergies,
        };
        let ties = [
            tie("b", Family::Mat, 3),
            tie("b", Family::Ene, 1),
            tie("c", Family::Mat, 4),
            tie("c", Family::Ene, 3),
        ];
        let counts = |family| -> Vec<_> {
            told_ties(&ties, family)
                .into_iter()
                .map(|tie| (tie.other, tie.synergies))
                .collect()
        };
        assert_eq!(counts(None), [("b".to_owned(), 4), ("c".to_owned(), 7)]);
        assert_eq!(
            counts(Some(Family::Mat)),
            [("c".to_owned(), 4)],
            "four less three would be the one of energy"
        );
        assert!(counts(Some(Family::Eau)).is_empty());
        let cells = || vec![cell("a", (47.8, 1.0), 2), cell("b", (47.8, 1.1), 3)];
        let firms = |family| -> Vec<_> { told(cells(), family).iter().map(|cell| cell.firms).collect() };
        assert_eq!((firms(None), firms(Some(Family::Mat))), (vec![2, 3], vec![0, 3]));
    }

    #[test]
    fn nothing_to_draw_is_no_map() {
        assert_eq!(Ground::of(&[], &[], &BTreeMap::new(), &[]), Ground::default());
        let alone = Ground::of(&[cell("a", (47.8, 1.0), 1)], &[], &BTreeMap::new(), &[]);
        assert!(alone.height.is_finite() && alone.discs[0].x.is_finite());
    }
}
