//! What the engine learns from reviewers: the chance that a pair of categories is accepted, and the trust
//! that a compatibility rule keeps.
//!
//! Both are counts with a prior, so that a few decisions move little and many decide; both are bounded,
//! and shown to the reviewer who reads the proposal.

use serde::{Deserialize, Serialize};

/// Accepted and refused before anybody has spoken: a third.
const PRIOR: (f64, f64) = (2.0, 4.0);
/// What « hors sujet » can take from a rule at most.
const MOST: f64 = 0.4;
/// Judgments that weigh as much as the trust given to a new rule.
const PATIENCE: f64 = 6.0;

/// Counts about a proposal's pair of categories and its rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// Proposals of this pair of categories that were decided.
    pub reviewed: u32,
    pub accepted: u32,
    /// Proposals of this rule that were judged.
    pub judged: u32,
    pub off_topic: u32,
}

impl Learned {
    /// Probability of being accepted: mean of Beta(2 + accepted, 4 + refused).
    #[must_use]
    pub fn chance(self) -> f64 {
        let (yes, no) = PRIOR;
        (yes + f64::from(self.accepted)) / (yes + no + f64::from(self.reviewed.max(self.accepted)))
    }

    /// What the rule's points are multiplied by.
    #[must_use]
    pub fn trust(self) -> f64 {
        trust(self.judged, self.off_topic)
    }

    /// How often it was accepted, and the chance that follows.
    #[must_use]
    pub fn acceptance(self, of_what: &str) -> Option<String> {
        (self.reviewed > 0).then(|| {
            format!(
                "{} acceptée{} sur {} {of_what}\u{a0}: {:.0}\u{a0}% de chances, le petit nombre pris en compte.",
                self.accepted,
                if self.accepted > 1 { "s" } else { "" },
                self.reviewed,
                100.0 * self.chance()
            )
        })
    }

    /// What was learned, when there is something to say.
    #[must_use]
    pub fn sentence(self) -> Option<String> {
        let mut said = Vec::new();
        said.extend(self.acceptance("pour ces deux catégories"));
        if self.off_topic > 0 {
            said.push(format!(
                "Règle jugée «\u{a0}hors sujet\u{a0}» {} fois sur {}\u{a0}: ses points sont réduits de {:.0}\u{a0}%.",
                self.off_topic,
                self.judged,
                100.0 * (1.0 - self.trust())
            ));
        }
        (!said.is_empty()).then(|| said.join(" "))
    }
}

/// Between 0.6 and 1.
pub(super) fn trust(judged: u32, off_topic: u32) -> f64 {
    let off_topic = f64::from(off_topic.min(judged));
    1.0 - MOST * off_topic / (f64::from(judged) + PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::{Learned, trust};

    #[test]
    fn a_third_until_reviewers_speak_then_what_they_say() {
        let chance = |reviewed, accepted| {
            Learned {
                reviewed,
                accepted,
                ..Learned::default()
            }
            .chance()
        };
        assert!((chance(0, 0) - 1.0 / 3.0).abs() < 1e-9);
        assert!(chance(4, 4) > chance(4, 1) && chance(4, 1) > chance(4, 0));
        assert!((chance(994, 994) - 0.996).abs() < 1e-9);
    }

    #[test]
    fn off_topic_lowers_a_rule_and_never_kills_it() {
        assert!((trust(0, 0) - 1.0).abs() < 1e-9);
        assert!(trust(9, 3) < trust(9, 1));
        assert!(trust(4_000_000, 4_000_000) >= 0.6);
        let learned = Learned {
            judged: 9,
            off_topic: 4,
            ..Learned::default()
        };
        let words = learned.sentence().expect("something was learned");
        assert!(
            words.contains("4 fois sur 9") && words.contains("11\u{a0}%"),
            "{words}"
        );
        assert_eq!(Learned::default().sentence(), None);
    }
}
