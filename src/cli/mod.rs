//! The command line: one file per command.

mod classify;
mod demo;
mod doctor;
mod indicators;
pub mod matching;
mod migrate;
mod routes;
mod serve;
mod sirene;
mod start;
mod user;

use crate::kernel::clock::{self, Clock};
use crate::platform::config::Config;
use crate::platform::telemetry;
use crate::territories;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

/// Maillage : l’écologie industrielle et territoriale d’un territoire, des visites aux synergies.
#[derive(Parser)]
#[command(name = "maillage", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sert l’application (avec sa propre base si `DATABASE_URL` est absente)
    Serve(serve::Args),
    /// Cherche des synergies dans deux fichiers, sans base ni serveur
    Match(matching::Args),
    /// Propose les sous-familles d’un libellé, sans base ni serveur
    Classify(classify::Args),
    /// Met la base à jour et charge les listes de référence
    Migrate,
    /// Charge la démonstration : entreprises fictives du Pays Vendômois
    Demo,
    /// Charge un extrait du répertoire Sirene, pour chercher des entreprises
    Sirene(sirene::Args),
    /// Gère les comptes
    #[command(subcommand)]
    User(user::Command),
    /// Affiche chaque indicateur : valeur, état, formule
    Indicators(indicators::Args),
    /// Affiche toutes les adresses : méthode, chemin, rôles, code
    Routes,
    /// Vérifie la base, les migrations, les listes et l’écriture
    Doctor,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::init(&cli.config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure(&error.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => failure(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    match cli.command {
        Command::Serve(args) => serve::run(cli.config, args, &mut out).await?,
        Command::Match(args) => return search(&args, &mut out),
        Command::Classify(args) => return args.run(&mut std::io::stdin().lock(), &mut out),
        Command::Migrate => migrate::run(cli.config, &mut out).await?,
        Command::Demo => demo::run(cli.config, &mut out).await?,
        Command::Sirene(args) => sirene::run(cli.config, args, &mut out).await?,
        Command::User(command) => user::run(cli.config, command, &mut out).await?,
        Command::Indicators(args) => indicators::run(cli.config, args, &mut out).await?,
        Command::Routes => routes::run(&mut out)?,
        Command::Doctor => doctor::run(cli.config, &mut out).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// `maillage match`: the engine on files.
fn search(args: &matching::Args, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let communes = matching::Gazetteer::new(territories::COMMUNES);
    let outside = matching::Outside {
        today: clock::day(Clock::default().now()),
        locate: &|commune, postal_code| communes.locate(commune, postal_code),
    };
    args.run(&outside, out, &mut std::io::stderr())
}

fn failure(error: &anyhow::Error) -> ExitCode {
    let written = writeln!(std::io::stderr(), "maillage : {error:#}");
    drop(written);
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
