//! `maillage user create`: the first administrator, or anybody else, by invitation link.

use super::start::Started;
use crate::accounts::{self, Email, store::NewUser};
use crate::kernel::ids::UserId;
use crate::platform::access::{Role, Token};
use crate::platform::config::Config;
use crate::platform::journal::Event;
use crate::territories;
use anyhow::{Context, bail};
use std::io::Write;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Crée un compte et affiche son lien d’invitation
    Create(Create),
}

#[derive(clap::Args)]
pub(super) struct Create {
    /// Adresse électronique
    #[arg(long)]
    email: String,
    /// Nom affiché
    #[arg(long)]
    name: String,
    /// Rôle : admin, pilot, advisor, partner ou committee
    #[arg(long, default_value = "admin")]
    role: String,
    /// Nom du territoire (sauf pour un administrateur)
    #[arg(long)]
    territory: Option<String>,
}

pub(super) async fn run(config: Config, command: Command, out: &mut impl Write) -> anyhow::Result<()> {
    let Command::Create(args) = command;
    let email = Email::parse(&args.email)?;
    let role = Role::parse(&args.role)
        .filter(|r| *r != Role::Company)
        .context("rôle inconnu : admin, pilot, advisor, partner ou committee")?;
    let started = Started::open(config).await?;
    started.migrate().await?;
    let system = started.app.system("ligne de commande");
    let territory = match (&args.territory, role) {
        (_, Role::Admin) => None,
        (Some(name), _) => {
            let all = territories::store::all(&mut *system.read().await?).await?;
            Some(
                all.into_iter()
                    .find(|t| &t.name == name)
                    .context("territoire inconnu")?
                    .id,
            )
        }
        (None, _) => bail!("indiquez le territoire : --territory \"Pays Vendômois\""),
    };
    if accounts::store::find_by_email(&mut *system.read().await?, &email)
        .await?
        .is_some()
    {
        bail!("un compte existe déjà pour {email}");
    }
    let user = NewUser {
        id: UserId::fresh(),
        email,
        name: args.name,
        organisation: None,
        specialities: Vec::new(),
        password_hash: None,
    };
    let token = system
        .transact(async |tx| -> anyhow::Result<Token> {
            accounts::store::insert(tx, &user).await?;
            accounts::store::grant(tx, user.id, role, territory, None).await?;
            tx.record(Event::on("user", user.id, format!("compte créé, rôle {role}")))
                .await?;
            Ok(accounts::store::invite(tx, user.id).await?)
        })
        .await?;
    let link = accounts::paths::invitation(token.reveal());
    writeln!(
        out,
        "Compte créé. Lien d’invitation, valable sept jours et une seule fois :"
    )?;
    writeln!(out, "{}{link}", started.app.config.base_url())?;
    started.close().await
}
