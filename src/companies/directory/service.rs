//! The public search service of companies, in the form of « recherche-entreprises ».

use super::model::{Listed, headcount};
use crate::kernel::Position;
use crate::platform::outside::{self, Unreachable};
use serde::Deserialize;
use tokio::time::Instant;

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    results: Vec<Company>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Company {
    nom_complet: Option<String>,
    nom_raison_sociale: Option<String>,
    statut_diffusion: Option<String>,
    siege: Option<Site>,
    matching_etablissements: Vec<Site>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Site {
    siret: String,
    adresse: Option<String>,
    geo_adresse: Option<String>,
    code_postal: Option<String>,
    commune: Option<String>,
    libelle_commune: Option<String>,
    activite_principale: Option<String>,
    tranche_effectif_salarie: Option<String>,
    etat_administratif: Option<String>,
    statut_diffusion_etablissement: Option<String>,
    nom_commercial: Option<String>,
    latitude: Option<String>,
    longitude: Option<String>,
}

/// # Errors
/// When the service does not answer in time.
pub(super) async fn search(base: &str, typed: &str, deadline: Instant) -> Result<Vec<Listed>, Unreachable> {
    let parameters = [("q", typed), ("page", "1"), ("per_page", "10")];
    let answer: Answer = outside::ask((base, "/search"), &parameters, deadline).await?;
    Ok(answer.results.into_iter().flat_map(Company::sites).collect())
}

impl Company {
    fn sites(self) -> Vec<Listed> {
        let name = self.nom_raison_sociale.or(self.nom_complet);
        let is_hidden = hides(self.statut_diffusion.as_deref());
        let mut sites = self.matching_etablissements;
        if let Some(head) = self.siege
            && !sites.iter().any(|site| site.siret == head.siret)
        {
            sites.insert(0, head);
        }
        sites
            .into_iter()
            .filter(|site| site.siret.len() == 14)
            .map(|site| site.listed(name.clone(), is_hidden))
            .collect()
    }
}

fn hides(status: Option<&str>) -> bool {
    matches!(status, Some("P" | "N"))
}

impl Site {
    fn listed(self, name: Option<String>, is_hidden: bool) -> Listed {
        let is_hidden = is_hidden || hides(self.statut_diffusion_etablissement.as_deref());
        let degrees = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
        let position = degrees(&self.latitude).zip(degrees(&self.longitude));
        // « 4 RUE DU PORT 41100 VENDOME »: the town has fields of its own.
        let street = self.adresse.or(self.geo_adresse).map(|address| {
            let end = self.code_postal.as_deref().and_then(|code| address.find(code));
            address[..end.unwrap_or(address.len())].trim().to_owned()
        });
        Listed {
            siret: self.siret,
            name: self.nom_commercial.or(name).filter(|_| !is_hidden),
            naf: self.activite_principale,
            headcount: self.tranche_effectif_salarie.as_deref().and_then(headcount),
            address: street.filter(|street| !is_hidden && !street.is_empty()),
            postal_code: self.code_postal,
            insee: self.commune,
            commune: self.libelle_commune,
            position: position
                .and_then(|(lat, lon)| Position::new(lat, lon).ok())
                .filter(|_| !is_hidden),
            is_closed: self.etat_administratif.as_deref() == Some("F"),
        }
    }
}
