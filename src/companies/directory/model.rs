//! An establishment as the directory lists it. No SQL, no network.

use crate::companies::Headcount;
use crate::kernel::{Position, Siret};

#[derive(Debug, Clone, PartialEq)]
pub(in crate::companies) struct Listed {
    pub(in crate::companies) siret: String,
    /// Nothing for somebody who asked not to be listed.
    pub(in crate::companies) name: Option<String>,
    pub(in crate::companies) naf: Option<String>,
    pub(in crate::companies) headcount: Option<Headcount>,
    pub(in crate::companies) address: Option<String>,
    pub(in crate::companies) postal_code: Option<String>,
    pub(in crate::companies) insee: Option<String>,
    pub(in crate::companies) commune: Option<String>,
    pub(in crate::companies) position: Option<Position>,
    pub(in crate::companies) is_closed: bool,
}

impl Listed {
    pub(in crate::companies) fn title(&self) -> &str {
        self.name.as_deref().unwrap_or("Nom non diffusible")
    }

    pub(in crate::companies) fn siret_shown(&self) -> String {
        Siret::parse(&self.siret).map_or_else(|_| self.siret.clone(), |siret| siret.to_string())
    }

    /// « 4 rue du Port, 41100 Vendôme ».
    pub(in crate::companies) fn place(&self) -> String {
        let town = [self.postal_code.as_deref(), self.commune.as_deref()];
        let town = town.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let parts = [self.address.clone(), Some(town).filter(|town| !town.is_empty())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// INSEE's code of a band of employees.
pub(super) fn headcount(code: &str) -> Option<Headcount> {
    Some(match code {
        "00" => Headcount::None,
        "01" => Headcount::From1,
        "02" => Headcount::From3,
        "03" => Headcount::From6,
        "11" => Headcount::From10,
        "12" => Headcount::From20,
        "21" => Headcount::From50,
        "22" => Headcount::From100,
        "31" => Headcount::From200,
        "32" => Headcount::From250,
        "41" | "42" | "51" | "52" | "53" => Headcount::From500,
        _ => return None,
    })
}
