//! The step between a giver and a receiver: pressing, shredding, drying, composting, washing…

use std::sync::LazyLock;

use serde::Deserialize;

use super::catalogue::{Catalogue, Range};
use super::code::FlowCode;
use crate::kernel::Direction;

/// What somebody does to a flow so that another can use it.
#[derive(Debug, Clone, PartialEq)]
pub struct Process {
    pub id: String,
    /// « Broyage de bois ».
    pub label: String,
    /// What comes out, in French: « Plaquettes et broyat de bois ».
    pub output: String,
    pub takes: Vec<FlowCode>,
    pub gives: FlowCode,
    /// Canonical units out per canonical unit in.
    pub output_rate: f64,
    /// Euros per canonical unit in, for the work alone.
    pub cost: Range,
    /// How far a flow is brought to it.
    pub km: f64,
    naf: Vec<String>,
    /// Offers by which an establishment says that it does it.
    pub services: Vec<FlowCode>,
    pub hazardous: bool,
    /// The word of the physical form of what comes out.
    pub form: String,
    /// How often what comes out is good enough, 0 to 1.
    pub trust: f64,
    pub source: String,
}

impl Process {
    /// Whether establishments of that trade do it.
    #[must_use]
    pub fn done_by(&self, naf: &str) -> bool {
        self.naf.iter().any(|start| naf.starts_with(start.as_str()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    process: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    label: String,
    output: String,
    takes: Vec<String>,
    gives: String,
    #[serde(rename = "yield")]
    output_rate: f64,
    cost: Range,
    km: f64,
    naf: Vec<String>,
    services: Vec<String>,
    #[serde(default)]
    hazardous: bool,
    form: String,
    trust: f64,
    source: String,
}

static EMBEDDED: LazyLock<Vec<Process>> = LazyLock::new(|| {
    read(include_str!("processes.toml"))
        .unwrap_or_else(|error| panic!("the embedded processes are wrong: {error}"))
});

/// The processes built into the program, in the order of their identifiers.
#[must_use]
pub fn processes() -> &'static [Process] {
    &EMBEDDED
}

fn read(text: &str) -> Result<Vec<Process>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut found = file
        .process
        .into_iter()
        .map(Process::checked)
        .collect::<Result<Vec<_>, _>>()?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    match found.windows(2).find(|pair| pair[0].id == pair[1].id) {
        Some(pair) => Err(format!("{}: twice", pair[0].id)),
        None => Ok(found),
    }
}

impl Process {
    fn checked(raw: Raw) -> Result<Self, String> {
        let who = raw.id.clone();
        let code =
            |text: &String| FlowCode::find(text).ok_or_else(|| format!("{who}: unknown category {text}"));
        let takes = raw.takes.iter().map(code).collect::<Result<Vec<_>, _>>()?;
        let services = raw.services.iter().map(code).collect::<Result<Vec<_>, _>>()?;
        let gives = code(&raw.gives)?;
        let catalogue = Catalogue::embedded();
        let category = |code: &FlowCode| catalogue.category(*code);
        let flows_out = takes
            .iter()
            .chain(&services)
            .chain([&gives])
            .all(|code| category(code).allows(Direction::Outbound));
        let one_unit = takes
            .windows(2)
            .all(|pair| category(&pair[0]).unit == category(&pair[1]).unit);
        let ordered =
            0.0 <= raw.cost.low && raw.cost.low <= raw.cost.central && raw.cost.central <= raw.cost.high;
        let somebody = !raw.naf.is_empty() || !services.is_empty();
        let sound = somebody
            && !takes.is_empty()
            && raw.output_rate > 0.0
            && raw.km > 0.0
            && (0.0..=1.0).contains(&raw.trust)
            && !raw.source.is_empty();
        if !(flows_out && one_unit && ordered && sound) {
            return Err(format!(
                "{who}: goes the wrong way, mixes units or is out of range"
            ));
        }
        Ok(Self {
            id: raw.id,
            label: raw.label,
            output: raw.output,
            takes,
            gives,
            output_rate: raw.output_rate,
            cost: raw.cost,
            km: raw.km,
            naf: raw.naf,
            services,
            hazardous: raw.hazardous,
            form: raw.form,
            trust: raw.trust,
            source: raw.source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{processes, read};
    use crate::nomenclature::naf;

    #[test]
    fn the_embedded_processes_are_sound() {
        let found = processes();
        assert!(found.len() >= 30);
        for process in found {
            let someone = naf::sub_classes().any(|sub_class| process.done_by(&sub_class.code));
            assert!(
                someone || process.naf.is_empty(),
                "{}: nobody of these trades",
                process.id
            );
        }
    }

    #[test]
    fn a_cost_out_of_order_is_refused() {
        let file = |low: f64| {
            format!(
                r#"[[process]]
id = "P-99"
label = "Broyage"
output = "Broyat"
takes = ["MAT-04"]
gives = "ENE-08"
yield = 0.9
cost = {{ low = {low:.1}, central = 3.0, high = 4.0, source = "à vérifier" }}
km = 20
naf = ["38"]
services = []
form = "copeaux"
trust = 0.8
source = "proposé""#
            )
        };
        assert!(read(&file(2.0)).is_ok());
        assert!(read(&file(5.0)).is_err());
        assert!(read(&file(2.0).replace("MAT-04", "MAT-99")).is_err());
        assert!(read(&file(2.0).replace("[\"MAT-04\"]", "[\"MAT-04\", \"MAT-03\"]")).is_err());
    }
}
