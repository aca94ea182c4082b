//! What establishments of a trade usually give and take: the shipped prior of the deduction.
//!
//! One block per division of the NAF, checked once when loaded. Everything in it is « proposé »: it
//! ranks visits until a territory's own visits say better, and is never shown as a recorded flow.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::catalogue::Catalogue;
use super::code::FlowCode;
use super::naf;
use crate::kernel::Direction;

/// A flow of a trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// Share of the establishments that have it, 0 to 1.
    pub share: f64,
    /// Yearly quantity per employee, in the unit of the category.
    pub per_employee: f64,
}

/// The flows of one trade, by category and direction.
pub type Trade = BTreeMap<(FlowCode, Direction), Usual>;

/// The trades of the file.
#[derive(Debug)]
pub struct Profiles {
    everywhere: Trade,
    divisions: BTreeMap<String, (Trade, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    everywhere: Block,
    division: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    source: String,
    out: Vec<Line>,
    #[serde(rename = "in")]
    into: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    naf: String,
    source: String,
    out: Vec<Line>,
    #[serde(rename = "in")]
    into: Vec<Line>,
}

type Line = (String, f64, f64);

static EMBEDDED: LazyLock<Profiles> = LazyLock::new(|| {
    Profiles::read(include_str!("naf_profiles.toml"))
        .unwrap_or_else(|error| panic!("the embedded profiles are wrong: {error}"))
});

impl Profiles {
    /// The profiles built into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let everywhere = trade("everywhere", [&file.everywhere.out, &file.everywhere.into])?;
        if file.everywhere.source.is_empty() {
            return Err("everywhere: no source".to_owned());
        }
        let mut divisions = BTreeMap::new();
        for block in file.division {
            let known = naf::find(&block.naf).is_some_and(|naf| naf.level == naf::Level::Division);
            if !known || block.source.is_empty() {
                return Err(format!("{}: not a division, or no source", block.naf));
            }
            let mut flows = everywhere.clone();
            flows.extend(trade(&block.naf, [&block.out, &block.into])?);
            if divisions
                .insert(block.naf.clone(), (flows, block.source))
                .is_some()
            {
                return Err(format!("{}: twice", block.naf));
            }
        }
        Ok(Self {
            everywhere,
            divisions,
        })
    }

    /// What a trade usually has; what everybody has when the division is not described.
    #[must_use]
    pub fn of(&self, division: &str) -> &Trade {
        self.divisions
            .get(division)
            .map_or(&self.everywhere, |(flows, _)| flows)
    }

    /// Where the profile of a division comes from; none when the division is not described.
    #[must_use]
    pub fn source(&self, division: &str) -> Option<&str> {
        self.divisions.get(division).map(|(_, source)| source.as_str())
    }

    /// The divisions described, in order.
    pub fn divisions(&self) -> impl Iterator<Item = &str> {
        self.divisions.keys().map(String::as_str)
    }
}

fn trade(who: &str, sides: [&Vec<Line>; 2]) -> Result<Trade, String> {
    let mut flows = Trade::new();
    for (direction, lines) in [Direction::Outbound, Direction::Inbound].into_iter().zip(sides) {
        for (code, share, per_employee) in lines {
            let known = FlowCode::find(code).ok_or_else(|| format!("{who}: unknown category {code}"))?;
            let usual = Usual {
                share: *share,
                per_employee: *per_employee,
            };
            let sound = Catalogue::embedded().category(known).allows(direction)
                && *share > 0.0
                && *share < 1.0
                && *per_employee > 0.0;
            if !sound || flows.insert((known, direction), usual).is_some() {
                return Err(format!(
                    "{who}: {code} goes the wrong way, is out of range or is there twice"
                ));
            }
        }
    }
    Ok(flows)
}

#[cfg(test)]
mod tests {
    use super::{Profiles, Usual};
    use crate::kernel::Direction;
    use crate::nomenclature::FlowCode;

    #[test]
    fn the_embedded_profiles_are_sound_and_cover_the_economy() {
        let profiles = Profiles::embedded();
        assert!(profiles.divisions().count() >= 70);
        assert!(
            profiles
                .divisions()
                .all(|d| profiles.source(d).is_some_and(|s| s.starts_with("proposé")))
        );
    }

    #[test]
    fn a_division_s_own_line_replaces_the_common_one() {
        let code = FlowCode::find("MAT-01").expect("known");
        let usual = |division| Profiles::embedded().of(division)[&(code, Direction::Outbound)];
        let common = Usual {
            share: 0.55,
            per_employee: 0.15,
        };
        assert_eq!(usual("51"), common);
        assert!(usual("47").share > 0.9);
    }

    #[test]
    fn a_flow_that_cannot_go_that_way_is_refused() {
        let file = |line: &str| {
            format!(
                "[everywhere]\nsource = \"proposé\"\nout = [{line}]\nin = []\n[[division]]\nnaf = \"25\"\nsource = \"proposé\"\nout = []\nin = []"
            )
        };
        assert!(Profiles::read(&file(r#"["ENE-02", 0.5, 1]"#)).is_err());
        assert!(Profiles::read(&file(r#"["MAT-01", 1.5, 1]"#)).is_err());
        assert!(Profiles::read(&file(r#"["MAT-99", 0.5, 1]"#)).is_err());
        assert!(Profiles::read(&file(r#"["MAT-01", 0.5, 1]"#)).is_ok());
    }
}
