//! Which advisor a proposal is for, and why. Pure.

use crate::accounts::Speciality;
use crate::kernel::ids::UserId;
use crate::nomenclature::{Catalogue, Family, FlowCode, naf};
use crate::synergies::model::Kind;
use crate::synergies::proposal::Proposal;
use chrono::NaiveDate;

/// What a proposal asks of whoever studies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synergies) enum Shape {
    /// Somebody would have to begin to treat something.
    NewActivity,
    Substitution,
    Sharing,
    Mutualisation,
}

impl Shape {
    pub(in crate::synergies) const ALL: [Self; 4] = [
        Self::NewActivity,
        Self::Substitution,
        Self::Sharing,
        Self::Mutualisation,
    ];

    pub(in crate::synergies) fn of(kind: Kind, proposal: &Proposal) -> Self {
        match (kind, proposal) {
            (_, Proposal::Relay(_)) => Self::NewActivity,
            (Kind::Substitution, _) => Self::Substitution,
            (Kind::Sharing, _) => Self::Sharing,
            (Kind::Mutualisation, _) => Self::Mutualisation,
        }
    }

    pub(in crate::synergies) fn code(self) -> &'static str {
        match self {
            Self::NewActivity => "new_activity",
            Self::Substitution => "substitution",
            Self::Sharing => "sharing",
            Self::Mutualisation => "mutualisation",
        }
    }

    pub(in crate::synergies) fn label(self) -> &'static str {
        match self {
            Self::NewActivity => "une activité nouvelle est nécessaire",
            Self::Substitution => "substitution",
            Self::Sharing => "partage",
            Self::Mutualisation => "mutualisation",
        }
    }

    pub(in crate::synergies) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.code() == code)
    }
}

/// Proposals that fit every criterion given are for this kind of advisor; without any, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::synergies) struct Rule {
    pub(in crate::synergies) shape: Option<Shape>,
    pub(in crate::synergies) family: Option<Family>,
    pub(in crate::synergies) category: Option<FlowCode>,
    /// The section of the activities of one of the companies: a letter of the NAF.
    pub(in crate::synergies) section: Option<String>,
    pub(in crate::synergies) speciality: Speciality,
}

/// What the rules look at.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Subject {
    pub(in crate::synergies) shape: Shape,
    pub(in crate::synergies) category: Option<FlowCode>,
    pub(in crate::synergies) activities: Vec<String>,
}

impl Rule {
    fn fits(&self, subject: &Subject) -> bool {
        let family = subject.category.map(FlowCode::family);
        let in_section = |wanted: &String| {
            let mut sections = subject.activities.iter().filter_map(|code| naf::section(code));
            sections.any(|section| section.code == *wanted)
        };
        self.shape.is_none_or(|shape| shape == subject.shape)
            && (self.family.is_none() || self.family == family)
            && (self.category.is_none() || self.category == subject.category)
            && self.section.as_ref().is_none_or(in_section)
    }

    /// « énergie, mutualisation : industrie et innovation ».
    pub(in crate::synergies) fn sentence(&self) -> String {
        format!("{}\u{a0}: {}", self.words(), self.speciality.label())
    }

    /// « énergie, mutualisation »; « toutes les autres ».
    pub(in crate::synergies) fn words(&self) -> String {
        let category = self
            .category
            .map(|code| format!("{code} {}", Catalogue::embedded().category(code).label));
        let section = self
            .section
            .as_ref()
            .map(|code| naf::section_label(code).unwrap_or(code).to_lowercase());
        let given = [
            self.shape.map(|shape| shape.label().to_owned()),
            self.family.map(|family| family.label().to_lowercase()),
            category,
            section,
        ];
        let words: Vec<String> = given.into_iter().flatten().collect();
        if words.is_empty() {
            "toutes les autres".to_owned()
        } else {
            words.join(", ")
        }
    }
}

/// What holds until a pilot writes other rules: how chambers usually divide the work.
pub(in crate::synergies) fn usual() -> Vec<Rule> {
    let rule = |speciality| Rule {
        shape: None,
        family: None,
        category: None,
        section: None,
        speciality,
    };
    let of_family = |family, speciality| Rule {
        family: Some(family),
        ..rule(speciality)
    };
    vec![
        Rule {
            shape: Some(Shape::NewActivity),
            ..rule(Speciality::Finance)
        },
        of_family(Family::Rhc, Speciality::Employment),
        Rule {
            section: Some("G".to_owned()),
            ..rule(Speciality::Trade)
        },
        of_family(Family::Ene, Speciality::IndustryInnovation),
        of_family(Family::Eqp, Speciality::IndustryInnovation),
        Rule {
            section: Some("C".to_owned()),
            ..rule(Speciality::IndustryInnovation)
        },
        rule(Speciality::SustainableDevelopment),
    ]
}

/// Somebody who may be given work, with what they have in hand.
#[derive(Debug, Clone)]
pub(in crate::synergies) struct Advisor {
    pub(in crate::synergies) id: UserId,
    pub(in crate::synergies) name: String,
    pub(in crate::synergies) specialities: Vec<Speciality>,
    pub(in crate::synergies) open: i64,
    /// The last day of an absence under way.
    pub(in crate::synergies) away_until: Option<NaiveDate>,
}

/// Whom a proposal is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::synergies) struct Suggestion {
    pub(in crate::synergies) to: UserId,
    pub(in crate::synergies) name: String,
    /// « parce que… ».
    pub(in crate::synergies) why: String,
}

/// The advisor of the speciality that the first fitting rule names who has the fewest open, of those
/// who are there.
pub(in crate::synergies) fn suggest(
    rules: &[Rule],
    subject: &Subject,
    advisors: &[Advisor],
) -> Option<Suggestion> {
    let rule = rules.iter().find(|rule| rule.fits(subject))?;
    let able = |advisor: &&Advisor| advisor.specialities.contains(&rule.speciality);
    let chosen = advisors
        .iter()
        .filter(able)
        .filter(|advisor| advisor.away_until.is_none())
        .min_by_key(|advisor| (advisor.open, &advisor.name, advisor.id))?;
    let alone = advisors.iter().filter(able).count() == 1;
    let load = match (alone, chosen.open) {
        (true, _) => String::new(),
        (false, 0) => ", rien en cours".to_owned(),
        (false, 1) => ", 1 synergie ouverte, le moins de la spécialité".to_owned(),
        (false, n) => format!(", {n} synergies ouvertes, le moins de la spécialité"),
    };
    Some(Suggestion {
        to: chosen.id,
        name: chosen.name.clone(),
        why: format!(
            "spécialité «\u{a0}{}\u{a0}» pour {}{load}",
            rule.speciality.label(),
            rule.words()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::{Advisor, Shape, Subject, suggest, usual};
    use crate::accounts::Speciality;
    use crate::kernel::ids::UserId;
    use crate::nomenclature::FlowCode;
    use chrono::NaiveDate;

    fn advisor(name: &str, speciality: Speciality, open: i64) -> Advisor {
        Advisor {
            id: UserId::fresh(),
            name: name.to_owned(),
            specialities: vec![speciality],
            open,
            away_until: None,
        }
    }

    fn subject(shape: Shape, code: &str, naf: &str) -> Subject {
        Subject {
            shape,
            category: FlowCode::find(code),
            activities: vec![naf.to_owned()],
        }
    }

    #[test]
    fn the_first_rule_that_fits_names_the_speciality() {
        let advisors = [
            advisor("Finance", Speciality::Finance, 9),
            advisor("Innovation", Speciality::IndustryInnovation, 9),
            advisor("Commerce", Speciality::Trade, 9),
            advisor("Durable", Speciality::SustainableDevelopment, 9),
        ];
        let who = |shape, code, naf| {
            suggest(&usual(), &subject(shape, code, naf), &advisors).map(|found| found.name)
        };
        assert_eq!(who(Shape::NewActivity, "ENE-01", "47.11D").unwrap(), "Finance");
        assert_eq!(
            who(Shape::Substitution, "ENE-01", "25.61Z").unwrap(),
            "Innovation"
        );
        assert_eq!(who(Shape::Mutualisation, "MAT-01", "47.11D").unwrap(), "Commerce");
        assert_eq!(
            who(Shape::Substitution, "MAT-01", "25.61Z").unwrap(),
            "Innovation"
        );
        assert_eq!(who(Shape::Substitution, "MAT-01", "01.50Z").unwrap(), "Durable");
        assert!(
            who(Shape::Sharing, "RHC-01", "25.61Z").is_none(),
            "nobody for employment"
        );
    }

    #[test]
    fn of_several_whoever_has_least_in_hand_and_is_there() {
        let durable = Speciality::SustainableDevelopment;
        let mut advisors = [
            advisor("Alix", durable, 4),
            advisor("Bao", durable, 1),
            advisor("Cléo", durable, 1),
        ];
        let asked = subject(Shape::Substitution, "MAT-01", "01.50Z");
        let found = suggest(&usual(), &asked, &advisors).unwrap();
        assert_eq!(found.name, "Bao");
        assert!(found.why.contains("1 synergie ouverte"), "{}", found.why);
        advisors[1].away_until = NaiveDate::from_ymd_opt(2026, 12, 1);
        assert_eq!(suggest(&usual(), &asked, &advisors).unwrap().name, "Cléo");
    }
}
