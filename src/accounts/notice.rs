//! The kinds of letters that people receive, and which of them they may refuse.

use crate::kernel::words::words;
use crate::platform::access::Role;
use crate::platform::mail::{Need, Topic};

words! {
    /// What a letter is about.
    Notice "text" {
        Invitation "invitation" "Invitation à ouvrir un compte",
        Reset "reset" "Mot de passe oublié",
        PasswordChanged "password_changed" "Mot de passe changé",
        Introduction "introduction" "Mise en relation",
        Assigned "assigned" "Une synergie m’est confiée",
        Mention "mention" "On me cite dans un commentaire",
        Answered "answered" "Une entreprise répond à une proposition",
        Request "request" "Une entreprise demande une correction, ou ses données",
        Reminder "reminder" "Une de mes synergies n’avance plus",
        Recap "recap" "Le récapitulatif du mardi",
        Proposal "proposal" "Une proposition concerne mon entreprise",
        Decided "decided" "Ma demande est traitée",
        Satisfaction "satisfaction" "Mon avis après une mise en relation",
        Workshop "workshop" "Un atelier auquel je suis invité",
        Quarter "quarter" "Les statistiques du trimestre",
        Neighbour "neighbour" "Un accord avec un territoire voisin",
    }
}

impl Notice {
    pub fn topic(self) -> Topic {
        let need = match self {
            Self::Invitation | Self::Reset | Self::PasswordChanged | Self::Introduction => Need::Required,
            Self::Assigned
            | Self::Mention
            | Self::Answered
            | Self::Request
            | Self::Reminder
            | Self::Recap
            | Self::Proposal
            | Self::Decided
            | Self::Satisfaction
            | Self::Workshop
            | Self::Quarter
            | Self::Neighbour => Need::Optional,
        };
        Topic {
            code: self.code(),
            need,
        }
    }

    /// What somebody with these roles may choose to receive.
    pub fn offered(roles: &[Role]) -> Vec<Self> {
        let studies = roles
            .iter()
            .any(|role| matches!(role, Role::Admin | Role::Pilot | Role::Advisor));
        let answers = roles.contains(&Role::Company);
        let steers = roles
            .iter()
            .any(|role| matches!(role, Role::Pilot | Role::Partner | Role::Committee));
        Self::ALL
            .iter()
            .copied()
            .filter(|notice| match notice {
                Self::Assigned
                | Self::Mention
                | Self::Answered
                | Self::Request
                | Self::Reminder
                | Self::Recap => studies,
                Self::Proposal | Self::Decided | Self::Satisfaction | Self::Workshop => answers,
                Self::Quarter => steers,
                Self::Neighbour => roles.contains(&Role::Pilot),
                Self::Invitation | Self::Reset | Self::PasswordChanged | Self::Introduction => false,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Notice;
    use crate::platform::access::Role;
    use crate::platform::mail::Need;

    #[test]
    fn only_what_may_be_refused_is_offered() {
        let offered = Notice::offered(&Role::ALL);
        for notice in Notice::ALL {
            let optional = notice.topic().need == Need::Optional;
            assert_eq!(offered.contains(notice), optional, "{}", notice.code());
        }
        assert_eq!(Notice::offered(&[Role::Committee]), [Notice::Quarter]);
        assert!(!Notice::offered(&[Role::Company]).contains(&Notice::Recap));
    }
}
