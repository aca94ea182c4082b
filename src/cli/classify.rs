//! `maillage classify`: what the nomenclature makes of a label, with no database and no server.
//!
//! For whoever writes synonyms, and for an analyst who wants codes in a spreadsheet.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::kernel::Direction;
use crate::nomenclature::{CONFIDENT, Catalogue, WasteCode};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Libellés de flux ; sans libellé, une ligne de l’entrée standard chacun
    labels: Vec<String>,
    /// Sens du flux : sortant ou entrant
    #[arg(long, value_name = "SENS", value_parser = direction)]
    sens: Option<Direction>,
    /// Code déchet, par exemple « 15 01 01 »
    #[arg(long, value_name = "CODE", value_parser = waste)]
    code_dechet: Option<WasteCode>,
    /// Écrit un objet JSON par libellé, à la place du texte
    #[arg(long)]
    json: bool,
}

fn direction(text: &str) -> Result<Direction, String> {
    Direction::parse(text).map_err(|error| error.to_string())
}

fn waste(text: &str) -> Result<WasteCode, String> {
    WasteCode::parse(text).map_err(|error| error.to_string())
}

#[derive(Serialize)]
struct Answer<'a> {
    libelle: &'a str,
    propositions: Vec<Proposal>,
}

#[derive(Serialize)]
struct Proposal {
    code: &'static str,
    sous_famille: String,
    confiance: f64,
    raison: String,
}

impl Args {
    /// 0 when every label was recognised, 2 when some were not.
    pub(super) fn run(&self, input: &mut impl BufRead, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let mut unknown = false;
        if self.labels.is_empty() && self.code_dechet.is_none() {
            for line in input.lines() {
                let line = line?;
                if !line.trim().is_empty() {
                    unknown |= !self.answer(line.trim(), out)?;
                }
            }
        }
        for label in &self.labels {
            unknown |= !self.answer(label, out)?;
        }
        if self.labels.is_empty() && self.code_dechet.is_some() {
            unknown |= !self.answer("", out)?;
        }
        Ok(ExitCode::from(if unknown { 2 } else { 0 }))
    }

    /// Writes what a label may be; whether anything was recognised.
    fn answer(&self, label: &str, out: &mut impl Write) -> anyhow::Result<bool> {
        let catalogue = Catalogue::embedded();
        let proposals: Vec<Proposal> = catalogue
            .classify(label, self.code_dechet, self.sens)
            .into_iter()
            .map(|guess| Proposal {
                code: guess.code.as_str(),
                sous_famille: catalogue.category(guess.code).label.clone(),
                confiance: (guess.confidence * 100.0).round() / 100.0,
                raison: guess.why,
            })
            .collect();
        let recognised = !proposals.is_empty();
        if self.json {
            serde_json::to_writer(
                &mut *out,
                &Answer {
                    libelle: label,
                    propositions: proposals,
                },
            )?;
            writeln!(out)?;
        } else {
            self.explain(label, &proposals, out)?;
        }
        Ok(recognised)
    }

    fn explain(&self, label: &str, proposals: &[Proposal], out: &mut impl Write) -> std::io::Result<()> {
        match self.code_dechet {
            Some(code) if label.is_empty() => writeln!(out, "{code}\u{a0}: {}", code.label())?,
            Some(_) | None => writeln!(out, "{label}")?,
        }
        if proposals.is_empty() {
            return writeln!(out, "  rien de reconnu\u{a0}: à classer à la main");
        }
        for (proposal, rank) in proposals.iter().zip(1..) {
            let doubt = if rank == 1 && proposal.confiance < CONFIDENT {
                " (à confirmer)"
            } else {
                ""
            };
            writeln!(
                out,
                "  {rank}. {}  {:>3.0}\u{a0}%  {}{doubt}\u{a0}: {}",
                proposal.code,
                proposal.confiance * 100.0,
                proposal.sous_famille,
                proposal.raison
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Args;
    use clap::{Args as _, FromArgMatches};
    use std::process::ExitCode;

    fn run(words: &[&str], typed: &str) -> (ExitCode, String) {
        let command = Args::augment_args(clap::Command::new("classify"));
        let words = std::iter::once("classify").chain(words.iter().copied());
        let matches = command.try_get_matches_from(words).expect("an accepted command");
        let args = Args::from_arg_matches(&matches).expect("all the values");
        let mut out = Vec::new();
        let code = args.run(&mut typed.as_bytes(), &mut out).expect("it runs");
        (code, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn each_label_gets_its_ranked_codes_with_the_reason() {
        let (code, text) = run(&["chutes d'inox", "drêches"], "");
        assert_eq!(code, ExitCode::SUCCESS);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "chutes d'inox");
        assert!(lines[1].starts_with("  1. MAT-11  "), "{text}");
        assert!(
            lines[1].contains("synonyme «\u{a0}chutes d'inox\u{a0}»"),
            "{text}"
        );
        assert!(text.contains("drêches\n  1. MAT-18"), "{text}");
    }

    #[test]
    fn labels_are_read_line_by_line_and_the_unknown_ones_counted() {
        let (code, text) = run(&["--json"], "palettes\n\nxylophone zwq\n");
        assert_eq!(code, ExitCode::from(2));
        let answers: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("json"))
            .collect();
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[0]["propositions"][0]["code"], "MAT-03");
        assert_eq!(answers[1]["propositions"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn the_direction_and_the_waste_code_count() {
        let (_, inbound) = run(&["vapeur", "--sens", "entrant"], "");
        assert!(inbound.contains("  1. ENE-05"), "{inbound}");
        let (_, coded) = run(&["--code-dechet", "15 01 03"], "");
        assert!(coded.contains("emballages en bois\n  1. MAT-03"), "{coded}");
    }
}
