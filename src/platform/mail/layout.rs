//! The words of a letter, dressed in plain text and in HTML around the same paragraphs.

use super::store::Kept;
use askama::Template;

/// A paragraph, a list, or words of somebody else.
enum Block {
    Words(Vec<String>),
    Items(Vec<String>),
    Quote(Vec<String>),
}

/// Cuts the words at blank lines, and tells lists and quotations by how their lines begin.
fn blocks(body: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for line in body.lines().map(str::trim_end).chain([""]) {
        if line.is_empty() {
            if !open.is_empty() {
                blocks.push(block(&open));
                open.clear();
            }
        } else {
            open.push(line);
        }
    }
    blocks
}

fn block(lines: &[&str]) -> Block {
    let all = |sign: &str| -> Option<Vec<String>> {
        lines
            .iter()
            .map(|line| Some(line.strip_prefix(sign)?.trim_start().to_owned()))
            .collect()
    };
    if let Some(items) = all("-") {
        return Block::Items(items);
    }
    if let Some(words) = all(">") {
        return Block::Quote(words);
    }
    Block::Words(lines.iter().map(|line| (*line).to_owned()).collect())
}

/// What both dresses are cut from.
struct Parts<'a> {
    letter: &'a Kept,
    blocks: Vec<Block>,
    link: Option<(String, String)>,
    base_url: &'a str,
    house: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Plain<'a> {
    parts: &'a Parts<'a>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Rich<'a> {
    parts: &'a Parts<'a>,
}

/// A letter ready to leave.
pub struct Dressed {
    pub text: String,
    pub html: String,
}

impl Dressed {
    /// `base_url` is where links lead; `house` signs.
    ///
    /// # Errors
    /// When a template fails.
    pub fn new(letter: &Kept, base_url: &str, house: &str) -> askama::Result<Self> {
        let base_url = base_url.trim_end_matches('/');
        let link = letter.link_label.as_ref().map(|label| {
            let path = letter.link_path.as_deref();
            let url = path.map_or_else(
                || "(lien effacé après l’envoi)".to_owned(),
                |path| format!("{base_url}{path}"),
            );
            (label.clone(), url)
        });
        let parts = Parts {
            letter,
            blocks: blocks(&letter.body),
            link,
            base_url,
            house,
        };
        Ok(Self {
            text: Plain { parts: &parts }.render()?,
            html: Rich { parts: &parts }.render()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Dressed;
    use crate::kernel::ids::LetterId;
    use crate::platform::mail::store::{Kept, LetterState};
    use chrono::DateTime;

    fn letter(body: &str) -> Kept {
        Kept {
            id: LetterId::fresh(),
            recipient: "camille@exemple.fr".to_owned(),
            recipient_name: "Camille".to_owned(),
            reply_to: None,
            subject: "Essai".to_owned(),
            body: body.to_owned(),
            link_label: Some("Je regarde".to_owned()),
            link_path: Some("/synergies/12".to_owned()),
            is_secret: false,
            is_optional: true,
            state: LetterState::Queued,
            attempts: 0,
            due_at: DateTime::UNIX_EPOCH,
            failure: None,
            created_at: DateTime::UNIX_EPOCH,
            settled_at: None,
            stale_at: None,
            territory: None,
        }
    }

    #[test]
    fn both_dresses_say_the_same_and_only_html_is_escaped() {
        let words = "Bonjour à tous,\n\nÀ faire\u{a0}:\n\n- l’appel <urgent>\n- la visite\n\n> dit l’autre\n> & encore";
        let dressed = Dressed::new(&letter(words), "https://maillage.test/", "Maillage").unwrap();
        assert!(
            dressed
                .text
                .contains("- l’appel <urgent>\n- la visite\n\n> dit l’autre\n> & encore\n"),
            "{}",
            dressed.text
        );
        assert!(dressed.text.contains("https://maillage.test/synergies/12"));
        assert!(dressed.text.contains("https://maillage.test/compte"));
        for piece in [
            "<li>l’appel &#60;urgent&#62;</li>",
            "&#38; encore</blockquote>",
            "href=\"https://maillage.test/synergies/12\"",
        ] {
            assert!(dressed.html.contains(piece), "{piece} in {}", dressed.html);
        }
    }

    #[test]
    fn a_required_letter_offers_no_way_to_refuse_it() {
        let required = Kept {
            is_optional: false,
            ..letter("Bonjour.")
        };
        let dressed = Dressed::new(&required, "https://maillage.test", "Maillage").unwrap();
        assert!(!dressed.text.contains("/compte") && !dressed.html.contains("/compte"));
    }
}
