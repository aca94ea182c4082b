//! Technical classes: within a broad category, what the label says it is about.
//!
//! « Formation SST » and « CACES » are one category and two sessions; linen is not washed with bottles.
//! The classes are data (`classes.toml`), read once and checked; reading a label gives a small [`Class`]
//! that is compared for every pair of flows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::catalogue::Catalogue;
use super::code::FlowCode;
use crate::kernel::fold;

/// What a flow is about within its space: a set of classes, empty only in a strict space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    space: u16,
    named: u32,
    /// What it can take: its classes and those they accept.
    takes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    space: Vec<RawSpace>,
    #[serde(default)]
    treatment: Vec<RawTreatment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpace {
    name: String,
    categories: Vec<String>,
    #[serde(default)]
    groups: bool,
    #[serde(default)]
    strict: bool,
    classes: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    accepts: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    default: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTreatment {
    rule: String,
    step: String,
}

struct Space {
    name: String,
    sets_groups: bool,
    is_strict: bool,
    /// Name, words with a space before, and the classes it accepts.
    classes: Vec<(String, Vec<String>, u32)>,
}

/// The classes of the file, by category.
struct Classes {
    spaces: Vec<Space>,
    by_category: BTreeMap<FlowCode, (u16, u32)>,
    treatments: BTreeMap<String, String>,
}

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    Classes::read(include_str!("classes.toml"))
        .unwrap_or_else(|mistakes| panic!("classes.toml: {}", mistakes.join("; ")))
});

impl Classes {
    fn read(text: &str) -> Result<Self, Vec<String>> {
        let file: File = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let mut mistakes = Vec::new();
        let mut read = Self {
            spaces: Vec::new(),
            by_category: BTreeMap::new(),
            treatments: BTreeMap::new(),
        };
        let rules = Catalogue::embedded().rules();
        for treatment in file.treatment {
            if !rules.iter().any(|rule| rule.id == treatment.rule) {
                mistakes.push(format!("{} is no rule", treatment.rule));
            }
            read.treatments.insert(treatment.rule, treatment.step);
        }
        for (number, raw) in (0_u16..).zip(file.space) {
            read.add(number, raw, &mut mistakes);
        }
        if mistakes.is_empty() {
            Ok(read)
        } else {
            Err(mistakes)
        }
    }

    fn add(&mut self, number: u16, raw: RawSpace, mistakes: &mut Vec<String>) {
        let bits: BTreeMap<&str, u32> = raw
            .classes
            .keys()
            .enumerate()
            .map(|(rank, name)| (name.as_str(), 1_u32 << (rank % 32)))
            .collect();
        if raw.classes.len() > 32 {
            mistakes.push(format!("{}: more than 32 classes", raw.name));
        }
        let mut mask = |name: &str| {
            bits.get(name).copied().unwrap_or_else(|| {
                mistakes.push(format!("{}: no class « {name} »", raw.name));
                0
            })
        };
        let classes = raw
            .classes
            .iter()
            .map(|(name, words)| {
                let accepted = raw.accepts.get(name).into_iter().flatten();
                let takes = accepted.fold(mask(name), |all, other| all | mask(other));
                let words = words.iter().map(|word| format!(" {}", fold(word))).collect();
                (name.clone(), words, takes)
            })
            .collect();
        let defaults: BTreeMap<&String, u32> = raw
            .default
            .iter()
            .map(|(code, name)| (code, mask(name)))
            .collect();
        for text in &raw.categories {
            match FlowCode::find(text) {
                Some(code) => {
                    let default = defaults.get(text).copied().unwrap_or(0);
                    if self.by_category.insert(code, (number, default)).is_some() {
                        mistakes.push(format!("{text} is in two spaces"));
                    }
                }
                None => mistakes.push(format!("{text} is no category")),
            }
        }
        self.spaces.push(Space {
            name: raw.name,
            sets_groups: raw.groups,
            is_strict: raw.strict,
            classes,
        });
    }

    fn of(&self, code: FlowCode, label: &str) -> Option<Class> {
        let (number, default) = *self.by_category.get(&code)?;
        let space = &self.spaces[usize::from(number)];
        let words = format!(" {} ", fold(label));
        let mut named = space
            .classes
            .iter()
            .enumerate()
            .filter(|(_, (_, marks, _))| marks.iter().any(|mark| words.contains(mark.as_str())))
            .fold(0, |all, (rank, _)| all | 1_u32 << rank);
        if named == 0 {
            named = default;
        }
        let takes = space
            .classes
            .iter()
            .enumerate()
            .filter(|(rank, _)| named & 1 << rank != 0)
            .fold(0, |all, (_, (_, _, takes))| all | takes);
        (named != 0 || space.is_strict).then_some(Class {
            space: number,
            named,
            takes,
        })
    }
}

impl Class {
    /// What the label of a flow of that category names; nothing when it names none.
    #[must_use]
    pub fn of(code: FlowCode, label: &str) -> Option<Self> {
        CLASSES.of(code, label)
    }

    /// Whether what goes out as `self` may come in as `other`; different spaces are not compared.
    #[must_use]
    pub fn suits(self, other: Self) -> bool {
        self.space != other.space || self.named & other.takes != 0 || (self.named == 0 && other.named == 0)
    }

    /// Whether the members of one group must be of one class.
    #[must_use]
    pub fn sets_groups(self) -> bool {
        self.named != 0 && CLASSES.spaces[usize::from(self.space)].sets_groups
    }

    /// « CACES », « nettoyage des locaux, espaces verts ».
    #[must_use]
    pub fn label(self) -> String {
        let space = &CLASSES.spaces[usize::from(self.space)];
        let named = space.classes.iter().enumerate();
        let names: Vec<&str> = named
            .filter(|(rank, _)| self.named & 1 << rank != 0)
            .map(|(_, (name, ..))| name.as_str())
            .collect();
        if names.is_empty() {
            return "non précisé".to_owned();
        }
        names.join(", ")
    }

    /// « formation », « palette »: what the classes are classes of.
    #[must_use]
    pub fn space(self) -> &'static str {
        &CLASSES.spaces[usize::from(self.space)].name
    }
}

/// The step that a rule needs between the two firms, when it needs one.
#[must_use]
pub fn treatment(rule: &str) -> Option<&'static str> {
    CLASSES.treatments.get(rule).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, Class, treatment};
    use crate::nomenclature::FlowCode;

    fn class(code: &str, label: &str) -> Option<Class> {
        Class::of(FlowCode::find(code).expect("a category"), label)
    }

    fn suits(out: (&str, &str), into: (&str, &str)) -> bool {
        let (out, into) = (class(out.0, out.1), class(into.0, into.1));
        out.expect("named").suits(into.expect("named"))
    }

    #[test]
    fn the_file_is_right() {
        assert!(CLASSES.spaces.len() >= 10 && CLASSES.spaces.iter().all(|space| space.classes.len() >= 2));
        assert!(treatment("R-82").is_some() && treatment("R-01").is_none());
    }

    #[test]
    fn labels_name_their_class_with_any_ending() {
        assert_eq!(
            class("RHC-05", "CACES chariots et nacelles")
                .expect("named")
                .label(),
            "CACES"
        );
        assert_eq!(
            class("MAT-03", "Palettes Europe et perdues")
                .expect("both")
                .label(),
            "palettes Europe, palettes perdues ou hors format"
        );
        assert_eq!(class("RHC-05", "Recyclage annuel"), None);
        assert_eq!(class("ENE-01", "Électricité"), None);
    }

    #[test]
    fn one_class_does_not_take_another_unless_it_accepts_it() {
        let (washed, linen) = (("SRV-09", "Lavage de contenants"), ("SRV-09", "Lavage du linge"));
        assert!(!suits(washed, linen));
        assert!(suits(washed, ("SRV-09", "Lavage de bouteilles consignées")));
        let (lost, repaired) = (("MAT-03", "Palettes perdues"), ("MAT-03", "Palettes à réparer"));
        assert!(suits(lost, repaired) && !suits(lost, ("MAT-03", "Palettes Europe d’occasion")));
        assert!(suits(
            ("MAT-18", "Drêches"),
            ("MAT-18", "Coproduits pour l’alimentation animale")
        ));
        assert!(!suits(("MAT-18", "Drêches"), ("MAT-18", "Produits frais locaux")));
    }

    #[test]
    fn a_trade_does_not_replace_whoever_it_may_be() {
        assert!(!suits(("RHC-02", "Deux menuisiers"), ("RHC-01", "Remplacements")));
        assert!(suits(
            ("RHC-02", "Équipe disponible"),
            ("RHC-01", "Remplacements")
        ));
        assert!(!class("RHC-01", "Remplacements").expect("strict").sets_groups());
    }

    #[test]
    fn a_category_may_have_a_class_of_its_own() {
        assert!(!suits(
            ("ENE-09", "Fumier pour méthanisation"),
            ("ENE-02", "Chauffage")
        ));
        assert!(suits(("ENE-09", "Biogaz"), ("ENE-02", "Chauffage")));
        assert!(!suits(
            ("MAT-16", "Chutes de plaques"),
            ("MAT-31", "Barres d’acier")
        ));
        assert!(!suits(
            ("MAT-25", "Sable de fonderie"),
            ("MAT-31", "Bobines de papier kraft")
        ));
    }
}
