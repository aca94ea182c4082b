//! Where outgoing flows go today, read from what people wrote. Pure.

use super::secrecy::about;
use crate::indicators::model::LEAST;
use crate::kernel::fold;
use crate::nomenclature::Family;
use crate::platform::web::charts::{Bond, Knot};

/// What becomes of an outgoing flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outlet {
    Synergy,
    Reuse,
    Recycling,
    Energy,
    Contractor,
    Disposal,
    Other,
    Unknown,
}

/// Read in this order: the first word found decides.
const WORDS: &[(Outlet, &[&str])] = &[
    (
        Outlet::Disposal,
        &[
            "enfoui",
            "decharge",
            "elimin",
            "perdu",
            "rejet",
            "egout",
            "benne tout",
            "ordure",
            "dib",
            "atmosphere",
            "inutilis",
            "vide",
        ],
    ),
    (
        Outlet::Energy,
        &["energ", "inciner", "chaufferie", "methan", "combust", "chaudiere"],
    ),
    (
        Outlet::Reuse,
        &[
            "reemploi",
            "reutilis",
            "don",
            "vente",
            "vendu",
            "repris",
            "reprise",
            "consign",
            "revente",
            "association",
            "rachat",
        ],
    ),
    (
        Outlet::Recycling,
        &[
            "recycl",
            "tri",
            "papetier",
            "ferraill",
            "recuper",
            "compost",
            "plateforme",
            "valoris",
            "dechet",
            "collecte",
        ],
    ),
    (
        Outlet::Contractor,
        &[
            "prestataire",
            "contrat",
            "fournisseur",
            "societe",
            "organisme",
            "benne",
            "entreprise",
            "location",
            "interne",
        ],
    ),
];

impl Outlet {
    pub const ALL: [Self; 8] = [
        Self::Synergy,
        Self::Reuse,
        Self::Recycling,
        Self::Energy,
        Self::Contractor,
        Self::Disposal,
        Self::Other,
        Self::Unknown,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Synergy => "En synergie",
            Self::Reuse => "Réemploi, don ou vente",
            Self::Recycling => "Recyclage, collecte triée",
            Self::Energy => "Valorisation énergétique",
            Self::Contractor => "Prestataire ou contrat",
            Self::Disposal => "Élimination, perdu ou rejeté",
            Self::Other => "Autre exutoire",
            Self::Unknown => "Non renseigné",
        }
    }

    pub fn read(written: &str) -> Self {
        let told = fold(written);
        if told.trim().is_empty() {
            return Self::Unknown;
        }
        let starts = |word: &&str| told.starts_with(*word) || told.contains(&format!(" {word}"));
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(starts))
            .map_or(Self::Other, |(outlet, _)| *outlet)
    }
}

/// Outgoing flows of a family to an outlet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    pub family: Family,
    pub outlet: Outlet,
    pub flows: i64,
    pub firms: i64,
}

/// What may be drawn: the streams of fewer than three companies go together, and stay out when even
/// together they are so few; every number is rounded to five.
pub fn told(streams: &[Stream], only: Option<Family>) -> Vec<Stream> {
    let mut kept: Vec<Stream> = Vec::new();
    for family in Family::ALL {
        let own = streams.iter().filter(|stream| stream.family == family);
        let (large, small): (Vec<&Stream>, Vec<&Stream>) =
            own.partition(|stream| stream.firms >= LEAST && stream.outlet != Outlet::Other);
        kept.extend(large);
        let rest = Stream {
            family,
            outlet: Outlet::Other,
            flows: small.iter().map(|stream| stream.flows).sum(),
            firms: small.iter().map(|stream| stream.firms).max().unwrap_or(0),
        };
        if rest.firms >= LEAST {
            kept.push(rest);
        }
    }
    kept.retain(|stream| only.is_none_or(|family| family == stream.family));
    for stream in &mut kept {
        stream.flows = about(stream.flows);
    }
    kept
}

/// The same as a drawing asks for it.
pub fn drawn(streams: &[Stream]) -> (Vec<Knot>, Vec<Knot>, Vec<Bond>) {
    let families: Vec<_> = Family::ALL
        .into_iter()
        .filter(|family| streams.iter().any(|s| s.family == *family))
        .collect();
    let outlets: Vec<_> = Outlet::ALL
        .into_iter()
        .filter(|outlet| streams.iter().any(|s| s.outlet == *outlet))
        .collect();
    let bonds = streams.iter().filter_map(|stream| {
        Some(Bond {
            from: families.iter().position(|family| *family == stream.family)?,
            to: outlets.iter().position(|outlet| *outlet == stream.outlet)?,
            weight: i32::try_from(stream.flows).map_or(0.0, f64::from),
        })
    });
    let bonds = bonds.collect();
    let left = families.iter().map(|family| Knot {
        label: family.label().to_owned(),
        css: family.css(),
    });
    let right = outlets.iter().map(|outlet| Knot {
        label: outlet.label().to_owned(),
        css: "",
    });
    (left.collect(), right.collect(), bonds)
}

#[cfg(test)]
mod tests {
    use super::{Outlet, Stream, told};
    use crate::nomenclature::Family;

    #[test]
    fn what_people_write_says_where_it_goes() {
        for (written, outlet) in [
            ("", Outlet::Unknown),
            ("Benne tout-venant, enfouissement", Outlet::Disposal),
            ("Don à une association", Outlet::Reuse),
            ("collecte pour recyclage", Outlet::Recycling),
            ("Chaufferie bois", Outlet::Energy),
            ("prestataire local", Outlet::Contractor),
            ("chez le voisin", Outlet::Other),
        ] {
            assert_eq!(Outlet::read(written), outlet, "{written}");
        }
    }

    #[test]
    fn small_streams_go_together_or_stay_out() {
        let stream = |outlet, flows, firms| Stream {
            family: Family::Mat,
            outlet,
            flows,
            firms,
        };
        let all = [
            stream(Outlet::Reuse, 41, 12),
            stream(Outlet::Energy, 2, 2),
            stream(Outlet::Disposal, 1, 1),
            stream(Outlet::Other, 7, 4),
        ];
        let kept = told(&all, None);
        let shown: Vec<_> = kept.iter().map(|s| (s.outlet, s.flows)).collect();
        assert_eq!(shown, [(Outlet::Reuse, 40), (Outlet::Other, 10)]);
        assert_eq!(told(&all[..2], None).len(), 1, "two firms alone are not told");
        assert!(told(&all, Some(Family::Ene)).is_empty());
    }
}
