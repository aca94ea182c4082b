//! Who is named by « @ » in a text. Pure.

use crate::kernel::ids::UserId;
use crate::kernel::text::fold;

/// The people named, in the order of the list: by their whole name, or by a first name that only one
/// of them has.
pub(super) fn mentioned(text: &str, people: &[(UserId, String)]) -> Vec<UserId> {
    let after: Vec<String> = text
        .match_indices('@')
        .filter(|(at, _)| !text[..*at].ends_with(char::is_alphanumeric))
        .map(|(at, sign)| &text[at + sign.len()..])
        .filter(|rest| rest.starts_with(char::is_alphanumeric))
        .map(fold)
        .collect();
    let names: Vec<(UserId, String)> = people.iter().map(|(id, name)| (*id, fold(name))).collect();
    let named: Vec<UserId> = after.iter().filter_map(|rest| one(rest, &names)).collect();
    people
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| named.contains(id))
        .collect()
}

fn one(rest: &str, people: &[(UserId, String)]) -> Option<UserId> {
    let whole = people
        .iter()
        .filter(|(_, name)| begins(rest, name))
        .max_by_key(|(_, name)| name.len());
    if let Some((id, _)) = whole {
        return Some(*id);
    }
    let mut alike = people.iter().filter(|(_, name)| {
        let first = name.split(' ').next().unwrap_or_default();
        !first.is_empty() && begins(rest, first)
    });
    match (alike.next(), alike.next()) {
        (Some((id, _)), None) => Some(*id),
        _ => None,
    }
}

fn begins(rest: &str, name: &str) -> bool {
    rest.strip_prefix(name)
        .is_some_and(|left| left.is_empty() || left.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::mentioned;
    use crate::kernel::ids::UserId;

    #[test]
    fn a_whole_name_or_a_first_name_of_one_person_is_a_mention() {
        let people: Vec<_> = [
            "Éva Lune",
            "Éva Lune-Rousse",
            "Paul Orme",
            "Paul Ruche",
            "Zoé Bruyère",
        ]
        .map(|name| (UserId::fresh(), name.to_owned()))
        .into();
        let named = |text| {
            let ids = mentioned(text, &people);
            let name = |id| people.iter().find(|(known, _)| *known == id).unwrap().1.as_str();
            ids.into_iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(named("@eva lune, qu’en dites-vous ?"), ["Éva Lune"]);
        assert_eq!(named("Voir @Paul Ruche et @Zoé."), ["Paul Ruche", "Zoé Bruyère"]);
        assert_eq!(named("@Zoé @zoé bruyère"), ["Zoé Bruyère"]);
        assert!(named("@Paul : lequel ? zoe@exemple.fr, @ personne").is_empty());
    }
}
