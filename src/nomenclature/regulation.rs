//! What the law asks of an exchange: points to check, raised by the flow itself. The file is embedded and
//! read once.

use serde::Deserialize;
use std::sync::LazyLock;

/// What raises a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum When {
    Always,
    Hazardous,
    Waste,
    /// A waste, and whoever takes it does not treat waste for a living.
    WasteToFirm,
}

/// One point of the check-list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub code: String,
    when: When,
    /// Beginnings of the codes of the categories concerned; none for all.
    #[serde(default)]
    categories: Vec<String>,
    /// Companies are not introduced while it is to be checked.
    #[serde(default)]
    pub blocks: bool,
    pub title: String,
    pub text: String,
    pub source: String,
}

#[derive(Deserialize)]
struct File {
    point: Vec<Point>,
}

static POINTS: LazyLock<Vec<Point>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("regulation.toml")).expect("a test reads the embedded file");
    file.point
});

/// What is known of an exchange before anybody asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    pub categories: Vec<String>,
    pub is_hazardous: bool,
    pub is_waste: bool,
    /// Whoever takes it treats waste for a living.
    pub to_operator: bool,
}

impl Exchange {
    fn raises(&self, point: &Point) -> bool {
        let happens = match point.when {
            When::Always => true,
            When::Hazardous => self.is_hazardous,
            When::Waste => self.is_waste,
            When::WasteToFirm => self.is_waste && !self.to_operator,
        };
        let concerned = |beginning: &String| self.categories.iter().any(|code| code.starts_with(beginning));
        happens && (point.categories.is_empty() || point.categories.iter().any(concerned))
    }

    /// The points to check, in the order of the file.
    pub fn points(&self) -> Vec<&'static Point> {
        POINTS.iter().filter(|point| self.raises(point)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Exchange, POINTS};
    use std::collections::BTreeSet;

    fn raised(exchange: &Exchange) -> Vec<&'static str> {
        exchange
            .points()
            .iter()
            .map(|point| point.code.as_str())
            .collect()
    }

    #[test]
    fn the_flow_raises_its_own_points() {
        let cardboard = Exchange {
            categories: vec!["MAT-01".to_owned()],
            is_waste: true,
            ..Exchange::default()
        };
        assert_eq!(
            raised(&cardboard),
            [
                "status",
                "receiver",
                "icpe",
                "register",
                "broker",
                "sorting",
                "insurance"
            ]
        );
        let to_operator = Exchange {
            to_operator: true,
            ..cardboard.clone()
        };
        assert!(!raised(&to_operator).contains(&"status"));
        let solvents = Exchange {
            categories: vec!["MAT-22".to_owned()],
            is_hazardous: true,
            ..cardboard
        };
        assert!(raised(&solvents).contains(&"hazardous") && !raised(&solvents).contains(&"sorting"));
        let lending = Exchange {
            categories: vec!["RHC-02".to_owned()],
            ..Exchange::default()
        };
        assert_eq!(raised(&lending), ["lending", "insurance"]);
    }

    #[test]
    fn only_what_the_receiver_may_take_keeps_companies_apart() {
        let blocking: Vec<_> = POINTS.iter().filter(|point| point.blocks).collect();
        let codes: Vec<_> = blocking.iter().map(|point| point.code.as_str()).collect();
        assert_eq!(codes, ["status", "receiver", "hazardous", "animal"]);
    }

    #[test]
    fn each_point_has_one_code_a_text_and_a_source() {
        let codes: BTreeSet<_> = POINTS.iter().map(|point| &point.code).collect();
        assert_eq!(codes.len(), POINTS.len());
        assert!(
            POINTS
                .iter()
                .all(|p| !p.text.is_empty() && !p.source.is_empty() && !p.title.is_empty())
        );
    }
}
