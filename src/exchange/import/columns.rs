//! What the columns of a file are: named by their titles, remembered from another time, or guessed
//! from words and samples for someone to confirm. Pure.

use crate::exchange::cell::Role;
use crate::exchange::lines::{FLOW_COLUMNS, SITE_COLUMNS};
use crate::exchange::network::{Format, label};
use crate::kernel::{Direction, Siret, Unit, fold};
use crate::nomenclature::WasteCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Lines shown beside a title.
pub(super) const SAMPLES: usize = 3;

/// Where the meaning of the columns comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    /// Every title is the name of a column.
    Named,
    /// Told another time for the same titles.
    Remembered,
    Guessed,
    /// Told for this import.
    Told,
}

/// One table within the files, and what its columns are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// The rank of its file, and the sheet of a workbook.
    pub(super) file: i32,
    pub(super) sheet: Option<String>,
    pub(super) format: Format,
    pub(super) header: Vec<String>,
    pub(super) samples: Vec<Vec<String>>,
    pub(super) fields: Vec<Option<String>>,
    pub(super) origin: Origin,
}

/// Why the columns cannot be taken as they are told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("Aucune colonne n’est «\u{a0}{}\u{a0}», qui est obligatoire.", label(.0))]
    Missing(&'static str),
    #[error("Deux colonnes sont «\u{a0}{}\u{a0}»\u{a0}: choisissez laquelle.", label(.0))]
    Twice(String),
}

impl Part {
    /// A table just found: the meaning of its columns as far as it is known.
    pub(super) fn found(
        (file, sheet): (i32, Option<String>),
        format: Format,
        header: Vec<String>,
        samples: Vec<Vec<String>>,
    ) -> Self {
        let mut part = Self {
            file,
            sheet,
            format,
            header,
            samples,
            fields: Vec::new(),
            origin: Origin::Named,
        };
        part.guess();
        part
    }

    /// Takes the file for a table of that kind.
    pub(super) fn take_for(&mut self, format: Format) {
        self.format = format;
        self.guess();
    }

    fn guess(&mut self) {
        self.fields = self
            .header
            .iter()
            .map(|title| self.format.named(title).map(str::to_owned))
            .collect();
        let is_plain = self
            .header
            .iter()
            .zip(&self.fields)
            .all(|(title, field)| field.is_some() || title.is_empty() || is_ours(title));
        if is_plain && self.unfit().is_none() {
            self.origin = Origin::Named;
            return;
        }
        self.origin = Origin::Guessed;
        self.keep_best_titles();
        for rank in 0..self.header.len() {
            let title = &self.header[rank];
            if self.fields[rank].is_some() || title.is_empty() || is_ours(title) {
                continue;
            }
            let guess = self.format.resembling(title).or_else(|| self.by_samples(rank));
            let free = |name: &&str| !self.fields.iter().flatten().any(|taken| taken == name);
            self.fields[rank] = guess.filter(free).map(str::to_owned);
        }
    }

    /// Of several titles of one column, only the best one names it; the first of equals.
    fn keep_best_titles(&mut self) {
        let placed: Vec<_> = self
            .header
            .iter()
            .map(|title| self.format.placed(title))
            .collect();
        let is_best = |rank: usize| {
            let Some((name, place)) = placed[rank] else {
                return false;
            };
            let mut others = placed
                .iter()
                .enumerate()
                .filter_map(|(other, found)| Some((other, (*found)?)));
            others.all(|(other, (also, at))| also != name || (place, rank) <= (at, other))
        };
        let best: Vec<bool> = (0..placed.len()).map(is_best).collect();
        for (field, is_best) in self.fields.iter_mut().zip(best) {
            field.take_if(|_| !is_best);
        }
    }

    /// What the first cells of a column look like.
    fn by_samples(&self, rank: usize) -> Option<&'static str> {
        let cells: Vec<&str> = self
            .samples
            .iter()
            .filter_map(|row| row.get(rank))
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .collect();
        let all = |is_it: &dyn Fn(&str) -> bool| !cells.is_empty() && cells.iter().all(|text| is_it(text));
        let name = if all(&|text| Siret::parse(text).is_ok()) {
            match self.format {
                Format::Sites => "siret",
                Format::Flows => "etablissement",
                Format::Register => "producteur_siret",
            }
        } else if all(&|text| WasteCode::find(text).is_some()) {
            "code_dechet"
        } else if all(&|text| Direction::parse(text).is_ok()) {
            "sens"
        } else if all(&|text| Unit::parse(text).is_ok()) {
            "unite"
        } else {
            return None;
        };
        self.format.field(name)
    }

    /// Takes what is told, one name or nothing for each title.
    pub(super) fn tell(&mut self, fields: Vec<Option<String>>, origin: Origin) {
        self.fields = self
            .header
            .iter()
            .zip(fields.into_iter().chain(std::iter::repeat(None)))
            .map(|(_, field)| field.filter(|name| self.format.field(name).is_some()))
            .collect();
        self.origin = origin;
    }

    /// The first reason why these columns cannot be read.
    pub(super) fn unfit(&self) -> Option<Unfit> {
        let told: Vec<&String> = self.fields.iter().flatten().collect();
        let twice = told
            .iter()
            .enumerate()
            .find(|(rank, name)| told[..*rank].contains(name));
        if let Some((_, name)) = twice {
            return Some(Unfit::Twice((*name).clone()));
        }
        self.format
            .fields()
            .find(|(name, required)| *required && !told.iter().any(|told| told == name))
            .map(|(name, _)| Unfit::Missing(name))
    }

    /// Whether it can be read without asking.
    pub(super) fn is_settled(&self) -> bool {
        self.origin != Origin::Guessed && self.unfit().is_none()
    }

    /// For the reader: the name of each column.
    pub(super) fn names(&self) -> Vec<Option<&'static str>> {
        self.fields
            .iter()
            .map(|field| field.as_deref().and_then(|name| self.format.field(name)))
            .collect()
    }

    /// How the file itself calls the columns that are read, by name.
    pub(super) fn titles(&self) -> impl Iterator<Item = (&str, &str)> {
        let told = self.header.iter().zip(&self.fields);
        told.filter_map(|(title, field)| Some((field.as_deref()?, title.as_str())))
    }

    /// Titles that mean nothing here, of which nothing is read.
    pub(super) fn ignored(&self) -> impl Iterator<Item = &String> {
        self.unread().filter(|title| !self.is_known(title))
    }

    /// Titles that mean something, and that somebody chose not to take.
    pub(super) fn unwanted(&self) -> impl Iterator<Item = &String> {
        self.unread().filter(|title| self.is_known(title))
    }

    fn unread(&self) -> impl Iterator<Item = &String> {
        self.header
            .iter()
            .zip(&self.fields)
            .filter(|(title, field)| field.is_none() && !title.is_empty() && !is_ours(title))
            .map(|(title, _)| title)
    }

    fn is_known(&self, title: &str) -> bool {
        self.format
            .named(title)
            .or_else(|| self.format.resembling(title))
            .is_some()
    }

    /// The same titles in the same order have the same fingerprint, whatever their case.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for title in &self.header {
            hash.update(fold(title).as_bytes());
            hash.update([0x1f]);
        }
        hash.finalize().to_vec()
    }
}

/// Two tables of one kind cannot be read together: what was remembered of the second is asked again.
pub(super) fn ask_of_twins(parts: &mut [Part]) {
    for rank in 1..parts.len() {
        let (before, after) = parts.split_at_mut(rank);
        let table = after[0].format.table();
        if before.iter().any(|part| part.format.table() == table) {
            after[0].origin = Origin::Guessed;
        }
    }
}

/// Columns that our own files add.
fn is_ours(title: &str) -> bool {
    let title = fold(title);
    let sites = SITE_COLUMNS.iter().map(|column| (column.title, column.role));
    let flows = FLOW_COLUMNS.iter().map(|column| (column.title, column.role));
    ["motif", "ligne"].contains(&title.as_str())
        || sites
            .chain(flows)
            .any(|(known, role)| role == Role::Shown && fold(known) == title)
}

#[cfg(test)]
mod tests {
    use super::{Origin, Part, Unfit};
    use crate::exchange::network::Format;

    fn part(format: Format, titles: &str, samples: &[&str]) -> Part {
        let split = |line: &str| line.split(';').map(str::to_owned).collect::<Vec<_>>();
        let samples = samples.iter().map(|line| split(line)).collect();
        Part::found((0, None), format, split(titles), samples)
    }

    fn fields(part: &Part) -> Vec<&str> {
        let shown = part.fields.iter().map(|field| field.as_deref().unwrap_or("-"));
        shown.collect()
    }

    #[test]
    fn titles_that_are_names_need_no_question() {
        let plain = part(Format::Sites, "Référence;Nom;motif;charte_signee_le", &[]);
        assert!(plain.is_settled());
        assert_eq!(fields(&plain), ["reference", "nom", "-", "-"]);
        assert_eq!(plain.ignored().count(), 0);
    }

    #[test]
    fn an_unknown_title_is_guessed_and_asked() {
        let guessed = part(
            Format::Flows,
            "Site;Sens du flux;Libellé;Nature;Tonnage, quantité;Remarque",
            &[
                "A1;sortant;Cartons;15 01 01;3;rien",
                "A2;entrant;Bois;03 01 05;4;",
            ],
        );
        assert_eq!(
            fields(&guessed),
            ["etablissement", "sens", "libelle", "code_dechet", "quantite", "-"]
        );
        assert!(!guessed.is_settled());
        assert_eq!(guessed.ignored().collect::<Vec<_>>(), ["Remarque"]);
    }

    #[test]
    fn two_columns_cannot_be_the_same_and_some_are_required() {
        let mut twice = part(Format::Sites, "ref;id;nom", &[]);
        assert_eq!(
            fields(&twice),
            ["reference", "-", "nom"],
            "the first of both is proposed"
        );
        let told = vec![
            Some("reference".to_owned()),
            Some("reference".to_owned()),
            Some("nom".to_owned()),
        ];
        twice.tell(told, Origin::Told);
        assert_eq!(twice.unfit(), Some(Unfit::Twice("reference".to_owned())));
        twice.tell(vec![Some("reference".to_owned())], Origin::Told);
        assert_eq!(twice.unfit(), Some(Unfit::Missing("nom")));
        twice.tell(vec![Some("password".to_owned())], Origin::Told);
        assert_eq!(fields(&twice), ["-", "-", "-"]);
    }

    #[test]
    fn titles_are_remembered_whatever_their_case() {
        let one = part(Format::Sites, "RÉF;Nom", &[]);
        assert_eq!(
            one.fingerprint(),
            part(Format::Flows, "ref;nom", &[]).fingerprint()
        );
        assert_ne!(
            one.fingerprint(),
            part(Format::Sites, "nom;ref", &[]).fingerprint()
        );
    }
}
