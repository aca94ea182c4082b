//! What an establishment is. No SQL, no clock.

use crate::kernel::ids::{CompanyId, EstablishmentId, TerritoryId, ZoneId};
use crate::kernel::{Position, Siret};
use chrono::NaiveDate;

macro_rules! headcounts {
    ($($name:ident $code:literal $label:literal $from:literal;)*) => {
        /// INSEE's bands of employees.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(type_name = "headcount_band")]
        pub enum Headcount {
            $(#[sqlx(rename = $code)] #[serde(rename = $code)] $name,)*
        }

        impl Headcount {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
            /// The least number of employees of the band.
            pub fn from(self) -> u32 {
                match self { $(Self::$name => $from,)* }
            }
        }
    };
}

headcounts! {
    None "none" "aucun salarié" 0;
    From1 "h1_2" "1 ou 2 salariés" 1;
    From3 "h3_5" "3 à 5 salariés" 3;
    From6 "h6_9" "6 à 9 salariés" 6;
    From10 "h10_19" "10 à 19 salariés" 10;
    From20 "h20_49" "20 à 49 salariés" 20;
    From50 "h50_99" "50 à 99 salariés" 50;
    From100 "h100_199" "100 à 199 salariés" 100;
    From200 "h200_249" "200 à 249 salariés" 200;
    From250 "h250_499" "250 à 499 salariés" 250;
    From500 "h500_more" "500 salariés ou plus" 500;
}

impl Headcount {
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|band| band.code() == code)
    }

    /// The band that holds this number of employees.
    pub fn holding(employees: u32) -> Self {
        Self::ALL
            .iter()
            .copied()
            .rfind(|band| band.from() <= employees)
            .unwrap_or(Self::None)
    }
}

/// How sure we are of a position: corrected by hand beats everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(type_name = "position_source", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PositionSource {
    Commune,
    Zone,
    Address,
    Import,
    Manual,
}

impl PositionSource {
    pub const ALL: [Self; 5] = [
        Self::Commune,
        Self::Zone,
        Self::Address,
        Self::Import,
        Self::Manual,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Commune => "centre de la commune",
            Self::Zone => "zone d’activités",
            Self::Address => "trouvée d’après l’adresse",
            Self::Import => "fichier importé",
            Self::Manual => "placée sur la carte",
        }
    }
}

/// One establishment, whole. `siret`, `naf` and `insee` are checked when parsed.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Establishment {
    pub id: EstablishmentId,
    pub company_id: CompanyId,
    pub territory_id: TerritoryId,
    pub name: String,
    pub reference: Option<String>,
    pub siret: Option<String>,
    pub naf: Option<String>,
    pub activity: Option<String>,
    pub headcount: Option<Headcount>,
    pub address: Option<String>,
    pub postal_code: Option<String>,
    pub insee: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub position_source: Option<PositionSource>,
    pub zone_id: Option<ZoneId>,
    pub charter_signed_on: Option<NaiveDate>,
    pub notes: Option<String>,
    pub version: i32,
}

impl Establishment {
    /// Nothing known yet but a name.
    pub fn named(territory: TerritoryId, name: impl Into<String>) -> Self {
        Self {
            id: EstablishmentId::fresh(),
            company_id: CompanyId::fresh(),
            territory_id: territory,
            name: name.into(),
            reference: None,
            siret: None,
            naf: None,
            activity: None,
            headcount: None,
            address: None,
            postal_code: None,
            insee: None,
            latitude: None,
            longitude: None,
            position_source: None,
            zone_id: None,
            charter_signed_on: None,
            notes: None,
            version: 1,
        }
    }

    pub fn position(&self) -> Option<Position> {
        Position::new(self.latitude?, self.longitude?).ok()
    }

    pub fn place(&mut self, position: Position, source: PositionSource) {
        self.latitude = Some(position.lat());
        self.longitude = Some(position.lon());
        self.position_source = Some(source);
    }

    /// The SIREN that the SIRET implies.
    pub fn siren(&self) -> Option<String> {
        let siret = Siret::parse(self.siret.as_deref()?).ok()?;
        Some(siret.siren().as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Headcount;

    #[test]
    fn a_number_of_employees_falls_in_its_band() {
        assert_eq!(Headcount::holding(0), Headcount::None);
        assert_eq!(Headcount::holding(62), Headcount::From50);
        assert_eq!(Headcount::holding(5_000), Headcount::From500);
        assert_eq!(Headcount::parse("h20_49"), Some(Headcount::From20));
    }
}
