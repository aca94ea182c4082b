//! What a validated visit teaches of its establishment: the charter signed that day, a person met for the
//! first time. The advisor says it once, in the questionnaire.

use super::questionnaire::{CHARTER, INFORMED, SIGNED};
use super::{Visit, store};
use crate::companies::store::people;
use crate::companies::{self, Contact, Establishment};
use crate::kernel::fold;
use crate::kernel::ids::ContactId;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::web::{clean, optional};

/// Longer, it says who was there rather than a name.
const LONGEST_NAME: usize = 80;

pub(super) async fn teach(tx: &mut Tx, scope: &Scope, visit: &Visit) -> sqlx::Result<()> {
    let Some(establishment) = companies::store::find(tx, scope, visit.establishment_id).await? else {
        return Ok(());
    };
    let answers = store::entry::answers(tx, visit.id).await?;
    let says = |question: &str, answer: &str| answers.iter().any(|(q, a)| q == question && a == answer);
    if says(CHARTER, SIGNED) {
        // It may come from the establishment's own sheet: the visit keeps what was true that day.
        store::entry::put_answer(tx, visit.id, CHARTER, SIGNED).await?;
        if establishment.charter_signed_on.is_none() {
            let signed = Establishment {
                charter_signed_on: Some(visit.visit_on),
                ..establishment.clone()
            };
            companies::store::save(tx, scope, &establishment, &signed).await?;
        }
    }
    let known = people::of_establishment(tx, scope, establishment.id).await?;
    let met = visit.contact_met.as_deref().and_then(person);
    let Some((name, job_title)) =
        met.filter(|(name, _)| !known.iter().any(|one| fold(&one.name) == fold(name)))
    else {
        return Ok(());
    };
    let contact = Contact {
        id: ContactId::fresh(),
        establishment_id: establishment.id,
        name,
        job_title,
        email: None,
        phone: None,
        informed_on: says(INFORMED, "oui").then_some(visit.visit_on),
        version: 1,
    };
    people::insert(tx, &establishment, &contact).await?;
    Ok(())
}

/// « Nom, fonction » as both; nothing when it names several people.
fn person(met: &str) -> Option<(String, Option<String>)> {
    let (name, job_title) = met.split_once(',').unwrap_or((met, ""));
    let name = clean(name);
    let is_one = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !met.contains([';', '/', '&'])
        && !fold(met).split(' ').any(|word| word == "et");
    is_one.then(|| (name, optional(&clean(job_title))))
}

/// How the questionnaire offers somebody already known.
pub(super) fn words(contact: &Contact) -> String {
    match &contact.job_title {
        Some(job_title) => format!("{}, {job_title}", contact.name),
        None => contact.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::person;

    #[test]
    fn one_person_has_a_name_and_perhaps_a_function() {
        let named = person("Personne Essai,  responsable production ");
        let expected = (
            "Personne Essai".to_owned(),
            Some("responsable production".to_owned()),
        );
        assert_eq!(named, Some(expected));
        assert_eq!(
            person("Personne Essai").map(|(name, _)| name).as_deref(),
            Some("Personne Essai")
        );
        for several in [
            "",
            "Personne Essai et sa collègue",
            "Personne Un ; Personne Deux",
            ", directrice",
        ] {
            assert_eq!(person(several), None, "{several}");
        }
    }
}
