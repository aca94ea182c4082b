//! Settings: command line or environment, one documented field each.

use std::path::PathBuf;

/// Settings shared by every command. `.env.sample` lists the same names.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// URL d’un serveur PostgreSQL ; sans elle, Maillage lance sa propre base sous le dossier de données
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,

    /// Dossier des données (base embarquée)
    #[arg(long, env = "MAILLAGE_DATA", default_value = "data", global = true)]
    pub data: PathBuf,

    /// Adresse d’écoute
    #[arg(
        long,
        env = "MAILLAGE_LISTEN",
        default_value = "127.0.0.1:8080",
        global = true
    )]
    pub listen: String,

    /// Adresse publique, pour les liens des invitations et des messages
    #[arg(long, env = "MAILLAGE_BASE_URL", global = true)]
    pub base_url: Option<String>,

    /// Modèle d’URL des tuiles de carte, par exemple `https://tuiles.exemple.fr/{z}/{x}/{y}.png` ; sans lui, contours seuls
    #[arg(long, env = "MAILLAGE_TILES", global = true)]
    pub tiles: Option<String>,

    /// Service public de recherche d’entreprises, par exemple `https://recherche-entreprises.api.gouv.fr` ; sans lui, l’extrait Sirene seul
    #[arg(long, env = "MAILLAGE_COMPANY_SERVICE", global = true)]
    pub company_service: Option<String>,

    /// Géocodeur d’adresses, par exemple `https://data.geopf.fr/geocodage` ; sans lui, la commune donne la position
    #[arg(long, env = "MAILLAGE_GEOCODER", global = true)]
    pub geocoder: Option<String>,

    /// Témoins de connexion réservés à HTTPS (et à localhost)
    #[arg(long, env = "MAILLAGE_SECURE_COOKIES", default_value_t = true, action = clap::ArgAction::Set, global = true)]
    pub secure_cookies: bool,

    /// Serveur d’envoi du courrier, par exemple `smtps://compte:secret@smtp.exemple.fr` ; sans lui, les messages attendent
    #[arg(long, env = "MAILLAGE_SMTP_URL", global = true, hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// Adresse de l’expéditeur des messages
    #[arg(long, env = "MAILLAGE_MAIL_FROM", global = true)]
    pub mail_from: Option<String>,

    /// Nom de l’expéditeur des messages
    #[arg(long, env = "MAILLAGE_MAIL_NAME", default_value = "Maillage", global = true)]
    pub mail_name: String,

    /// Retient tous les messages au lieu de les envoyer : essais, formation
    #[arg(long, env = "MAILLAGE_MAIL_HOLD", default_value_t = false, action = clap::ArgAction::Set, global = true)]
    pub mail_hold: bool,

    /// Filtre des journaux techniques
    #[arg(
        long,
        env = "MAILLAGE_LOG",
        default_value = "info,sqlx::postgres::notice=warn,sqlx::query=warn",
        global = true
    )]
    pub log: String,

    /// Journaux techniques en JSON
    #[arg(long, env = "MAILLAGE_LOG_JSON", default_value_t = false, action = clap::ArgAction::Set, global = true)]
    pub log_json: bool,
}

impl Config {
    /// Where links in invitations and letters lead; never taken from a request's headers.
    pub fn base_url(&self) -> String {
        self.base_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// The origin of the tile server, for the content security policy.
    pub fn tile_origin(&self) -> Option<String> {
        let url = self.tiles.as_deref()?;
        let (scheme, rest) = url.split_once("://")?;
        let host = rest
            .split('/')
            .next()
            .filter(|h| !h.is_empty())?
            .replace("{s}", "*");
        Some(format!("{scheme}://{host}"))
    }
}
