//! Which commune was meant, when its name or postal code was typed without choosing in the list.

use crate::kernel::fold;
use crate::territories::Commune;

/// What was typed, told apart: « Vendôme (41100) », « 41100 Vendôme », « vendome », « 41100 ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    name: String,
    postal_code: Option<String>,
}

/// Why no commune could be kept, as the sentence by the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unresolved {
    #[error(
        "Aucune commune ne correspond à «\u{a0}{0}\u{a0}»\u{a0}: vérifiez le nom, ou saisissez le code postal."
    )]
    Unknown(String),
    #[error("Plusieurs communes correspondent\u{a0}: {titles} {advice}")]
    Several { titles: String, advice: &'static str },
}

impl Typed {
    pub(super) fn read(text: &str) -> Self {
        let is_code = |word: &str| word.len() == 5 && word.bytes().all(|b| b.is_ascii_digit());
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || "(),".contains(c))
            .filter(|word| !word.is_empty())
            .collect();
        let postal_code = words
            .iter()
            .find(|word| is_code(word))
            .map(|code| (*code).to_owned());
        let name: Vec<&str> = words.into_iter().filter(|word| !is_code(word)).collect();
        Self {
            name: name.join(" "),
            postal_code,
        }
    }

    /// What to look for in the reference list.
    pub(super) fn query(&self) -> &str {
        if self.name.is_empty() {
            self.postal_code.as_deref().unwrap_or_default()
        } else {
            &self.name
        }
    }

    /// The one commune among `found` that this can only mean: the exact name first, else the only
    /// one that begins so.
    pub(super) fn pick(&self, found: &[Commune]) -> Result<Commune, Unresolved> {
        let wanted = fold(&self.name);
        let may_be_meant = |commune: &&Commune| {
            self.postal_code
                .as_ref()
                .is_none_or(|code| commune.postal_codes.contains(code))
                && fold(&commune.name).starts_with(&wanted)
        };
        let possible: Vec<&Commune> = found.iter().filter(may_be_meant).collect();
        let exact: Vec<&Commune> = possible
            .iter()
            .copied()
            .filter(|c| fold(&c.name) == wanted)
            .collect();
        let kept = if exact.is_empty() { possible } else { exact };
        match kept[..] {
            [only] => Ok(only.clone()),
            [] => Err(Unresolved::Unknown(self.query().to_owned())),
            _ => Err(Unresolved::Several {
                titles: titles(&kept),
                advice: self.advice(),
            }),
        }
    }

    /// What would tell them apart.
    fn advice(&self) -> &'static str {
        if self.name.is_empty() {
            "Écrivez aussi son nom."
        } else {
            "Écrivez aussi son code postal."
        }
    }

    /// The postal code typed when it is one of the commune's, else its first.
    pub(super) fn postal_code(&self, commune: &Commune) -> Option<String> {
        let typed = self
            .postal_code
            .as_ref()
            .filter(|code| commune.postal_codes.contains(code));
        typed.or(commune.postal_codes.first()).cloned()
    }
}

fn titles(communes: &[&Commune]) -> String {
    let shown: Vec<String> = communes.iter().take(8).map(|c| c.title()).collect();
    let end = if communes.len() > shown.len() { "…" } else { "." };
    format!("{}{end}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Typed, Unresolved};
    use crate::territories::Commune;

    fn commune(insee: &str, name: &str, codes: &[&str]) -> Commune {
        Commune {
            insee: insee.to_owned(),
            name: name.to_owned(),
            department: insee[..2].to_owned(),
            postal_codes: codes.iter().map(|c| (*c).to_owned()).collect(),
            latitude: None,
            longitude: None,
        }
    }

    fn around_vendome() -> Vec<Commune> {
        vec![
            commune("41269", "Vendôme", &["41100"]),
            commune("41158", "Naveil", &["41100"]),
            commune("41226", "Saint-Ouen", &["41100"]),
            commune("80711", "Saint-Ouen", &["80610"]),
        ]
    }

    fn pick(typed: &str) -> Result<String, Unresolved> {
        Typed::read(typed).pick(&around_vendome()).map(|c| c.insee)
    }

    #[test]
    fn a_name_with_or_without_its_code_is_enough_when_it_is_the_only_one() {
        for typed in [
            "Vendôme",
            "vendome",
            "Vendôme (41100)",
            "41100 VENDÔME",
            "Vendôme, 41100",
        ] {
            assert_eq!(pick(typed).as_deref(), Ok("41269"), "{typed}");
        }
        assert_eq!(pick("saint ouen 80610").as_deref(), Ok("80711"));
    }

    #[test]
    fn several_communes_are_listed_and_none_is_said() {
        assert_eq!(
            pick("41100").unwrap_err().to_string(),
            "Plusieurs communes correspondent\u{a0}: Vendôme (41100), Naveil (41100), Saint-Ouen (41100). Écrivez aussi son nom."
        );
        assert_eq!(
            pick("saint-ouen").unwrap_err().to_string(),
            "Plusieurs communes correspondent\u{a0}: Saint-Ouen (41100), Saint-Ouen (80610). Écrivez aussi son code postal."
        );
        assert_eq!(
            Typed::read("Nullepart").pick(&[]),
            Err(Unresolved::Unknown("Nullepart".to_owned()))
        );
        assert_eq!(
            pick("Vendôme 75001"),
            Err(Unresolved::Unknown("Vendôme".to_owned()))
        );
    }
}
