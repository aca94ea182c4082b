//! Words of an account. No SQL, no clock.

use std::fmt;

/// An e-mail address, in lower case, plausible enough to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Indiquez une adresse électronique, par exemple prenom.nom@exemple.fr.")]
pub struct NotAnEmail;

impl Email {
    /// # Errors
    /// [`NotAnEmail`] when the text cannot be an address.
    pub fn parse(typed: &str) -> Result<Self, NotAnEmail> {
        let address = typed.trim().to_lowercase();
        let (local, domain) = address.split_once('@').ok_or(NotAnEmail)?;
        let plausible = !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
            && address.len() <= 254
            && !address
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c));
        if plausible {
            Ok(Self(address))
        } else {
            Err(NotAnEmail)
        }
    }
    pub fn as_str(&self) -> &str {
        &self.0
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

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn addresses_are_checked_and_lowered() {
        assert_eq!(
            Email::parse(" Claire.V@Exemple.FR ").unwrap().as_str(),
            "claire.v@exemple.fr"
        );
        for wrong in [
            "",
            "claire",
            "@exemple.fr",
            "claire@exemple",
            "a b@exemple.fr",
            "a@@b.fr",
            "a@b.fr, c@d.fr",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
    }
}
