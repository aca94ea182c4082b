//! Words of an account. No SQL, no clock.

use crate::kernel::ids::TerritoryId;
use crate::platform::access::{Grant, Role};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// An e-mail address in one canonical spelling, plausible enough to write to. Two spellings that look
/// the same give the same address, so that nobody has two accounts nor takes another's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Indiquez une adresse électronique, par exemple prenom.nom@exemple.fr.")]
pub struct NotAnEmail;

const LOCAL_SIGNS: &str = ".!#$%&'*+/=?^_`{|}~-";

impl Email {
    /// # Errors
    /// [`NotAnEmail`] when the text cannot be an address.
    pub fn parse(typed: &str) -> Result<Self, NotAnEmail> {
        let address: String = typed.trim().nfkc().flat_map(char::to_lowercase).nfc().collect();
        let (local, domain) = address.rsplit_once('@').ok_or(NotAnEmail)?;
        let dotted = |text: &str| text.split('.').all(|part| !part.is_empty());
        let plausible = address.len() <= 254
            && dotted(local)
            && dotted(domain)
            && domain.contains('.')
            && local
                .chars()
                .all(|c| c.is_alphanumeric() || LOCAL_SIGNS.contains(c))
            && domain
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '.');
        if plausible {
            Ok(Self(address))
        } else {
            Err(NotAnEmail)
        }
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its fingerprint in hexadecimal, for what must not hold the address itself.
    pub fn hash(&self) -> String {
        use sha2::{Digest, Sha256};
        Sha256::digest(&self.0)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an advisor is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speciality {
    SustainableDevelopment,
    Trade,
    Finance,
    IndustryInnovation,
    Crafts,
    Employment,
}

impl Speciality {
    pub const ALL: [Self; 6] = [
        Self::SustainableDevelopment,
        Self::Trade,
        Self::Finance,
        Self::IndustryInnovation,
        Self::Crafts,
        Self::Employment,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::SustainableDevelopment => "sustainable_development",
            Self::Trade => "trade",
            Self::Finance => "finance",
            Self::IndustryInnovation => "industry_innovation",
            Self::Crafts => "crafts",
            Self::Employment => "employment",
        }
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::SustainableDevelopment => "développement durable",
            Self::Trade => "commerce",
            Self::Finance => "gestion-finance",
            Self::IndustryInnovation => "industrie-innovation",
            Self::Crafts => "artisanat",
            Self::Employment => "emploi-formation",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// The roles that a pilot gives in the territory: those who work there, never those who command.
pub const TEAM_ROLES: [Role; 4] = [Role::Advisor, Role::Partner, Role::Committee, Role::Company];

/// How far somebody manages accounts: an administrator everywhere, a pilot in one territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Everywhere,
    Territory(TerritoryId),
}

impl Reach {
    /// Whether this role may be given, or taken back.
    pub fn covers(self, grant: &Grant) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Territory(here) => grant.territory_id == Some(here) && TEAM_ROLES.contains(&grant.role),
        }
    }

    /// Whether the account itself (name, address, link, suspension) may be changed. Whoever gives out a
    /// link to choose a password can become that person, so every role of theirs must be within reach.
    pub fn owns(self, grants: &[Grant]) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Territory(_) => !grants.is_empty() && grants.iter().all(|grant| self.covers(grant)),
        }
    }

    pub fn territory(self) -> Option<TerritoryId> {
        match self {
            Self::Everywhere => None,
            Self::Territory(here) => Some(here),
        }
    }

    /// What a person holds once `wanted` replaces what is within reach; the rest stays.
    pub fn replaced(self, held: &[Grant], wanted: &[Grant]) -> Vec<Grant> {
        let beyond = held.iter().filter(|grant| !self.covers(grant));
        let within = wanted.iter().filter(|grant| self.covers(grant));
        beyond.chain(within).copied().collect()
    }
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No password yet.
    Invited,
    Active,
    Suspended,
}

impl Standing {
    pub const ALL: [Self; 3] = [Self::Invited, Self::Active, Self::Suspended];

    pub fn code(self) -> &'static str {
        match self {
            Self::Invited => "invite",
            Self::Active => "actif",
            Self::Suspended => "suspendu",
        }
    }
    pub fn label(self) -> &'static str {
        match self {
            Self::Invited => "invité",
            Self::Active => "actif",
            Self::Suspended => "suspendu",
        }
    }
    /// The kind of badge.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Invited => "hot",
            Self::Active => "ok",
            Self::Suspended => "bad",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// One sentence on what a role is for.
pub fn purpose(role: Role) -> &'static str {
    match role {
        Role::Admin => {
            "Tient l’instance\u{a0}: comptes, organisations, territoires, tâches de fond et journal. Voit tous les territoires."
        }
        Role::Pilot => {
            "Conduit le programme d’un territoire\u{a0}: équipe, priorités, suivi. Fait aussi tout ce que fait un conseiller."
        }
        Role::Advisor => {
            "Visite les entreprises, relève leurs flux, étudie les synergies et les fait avancer."
        }
        Role::Partner => "Suit les indicateurs d’un territoire, sans le nom d’aucune entreprise.",
        Role::Committee => {
            "Membre du comité de pilotage\u{a0}: indicateurs, entonnoir et flux prioritaires, sans le nom d’aucune entreprise."
        }
        Role::Company => {
            "Contact d’une entreprise\u{a0}: ses propres flux, et les propositions qui la concernent, l’autre partie restant anonyme."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Email, Reach};
    use crate::kernel::ids::{CompanyId, TerritoryId};
    use crate::platform::access::{Grant, Role};

    fn grant(role: Role, territory_id: Option<TerritoryId>) -> Grant {
        let company_id = (role == Role::Company).then(CompanyId::fresh);
        Grant {
            role,
            territory_id,
            company_id,
        }
    }

    #[test]
    fn a_pilot_reaches_the_team_of_the_territory_and_nobody_else() {
        let (here, there) = (TerritoryId::fresh(), TerritoryId::fresh());
        let pilot = Reach::Territory(here);
        let given: Vec<_> = Role::ALL
            .into_iter()
            .filter(|role| pilot.covers(&grant(*role, Some(here))))
            .collect();
        assert_eq!(given, super::TEAM_ROLES);
        assert!(!pilot.covers(&grant(Role::Admin, None)));
        assert!(!pilot.covers(&grant(Role::Advisor, Some(there))));

        let advisor = grant(Role::Advisor, Some(here));
        assert!(pilot.owns(&[advisor]));
        assert!(
            !pilot.owns(&[]),
            "an account without a role is the administrator's"
        );
        for other in [
            grant(Role::Admin, None),
            grant(Role::Advisor, Some(there)),
            grant(Role::Pilot, Some(here)),
        ] {
            assert!(!pilot.owns(&[advisor, other]), "{other:?}");
            assert_eq!(
                pilot.replaced(
                    &[advisor, other],
                    &[grant(Role::Partner, Some(here)), grant(Role::Admin, None)]
                ),
                [other, grant(Role::Partner, Some(here))],
                "what is beyond reach neither comes nor goes"
            );
        }
        assert!(Reach::Everywhere.owns(&[]) && Reach::Everywhere.covers(&grant(Role::Admin, None)));
    }

    #[test]
    fn addresses_are_checked_and_lowered() {
        assert_eq!(
            Email::parse(" Claire.V@Exemple.FR ").unwrap().as_str(),
            "claire.v@exemple.fr"
        );
        let same = [
            "rene\u{301}@exemple.fr",
            "ren\u{e9}@exemple.fr",
            "REN\u{c9}\u{ff20}exemple.fr",
        ];
        for spelling in same {
            assert_eq!(Email::parse(spelling).unwrap().as_str(), "ren\u{e9}@exemple.fr");
        }
        for wrong in [
            "",
            "claire",
            "@exemple.fr",
            "claire@exemple",
            "a b@exemple.fr",
            "a@@b.fr",
            "a@b.fr, c@d.fr",
            "claire..v@exemple.fr",
            ".claire@exemple.fr",
            "claire@exemple.fr.",
            "claire@-x,exemple.fr",
            "cla\u{200b}ire@exemple.fr",
            "claire\u{202e}@exemple.fr",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
    }
}
