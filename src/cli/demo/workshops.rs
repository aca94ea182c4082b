//! Two workshops of the demonstration: one held, with its ideas, commitments and opinions; one to come,
//! whose answers arrive.

use super::draw::Draw;
use crate::flows::store as flows;
use crate::kernel::Direction;
use crate::kernel::ids::{ActionId, IdeaId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::workshops::store::guests::{self, Guest, Said};
use crate::workshops::store::ideas::{self, Capture};
use crate::workshops::store::{self, after};
use crate::workshops::{GuestAnswer, IdeasCaptured, Workshop, WorkshopState};
use chrono::{Days, NaiveDate};

pub(super) struct Mornings<'a> {
    pub(super) scope: &'a Scope,
    pub(super) today: NaiveDate,
    pub(super) advisors: &'a [UserId],
}

const WORDS: [&str; 4] = [
    "Concret, et à taille humaine.",
    "J’ai trouvé un preneur pour mes palettes.",
    "Un peu court pour faire le tour des tables.",
    "",
];

impl Mornings<'_> {
    pub(super) async fn record(&self, tx: &mut Tx) -> anyhow::Result<()> {
        self.held(tx).await?;
        self.planned(tx).await
    }

    fn workshop(&self, title: &str, held_on: NaiveDate, categories: [&str; 2]) -> Workshop {
        Workshop {
            place: Some("Salle du Minotaure, Vendôme".to_owned()),
            categories: categories.map(str::to_owned).to_vec(),
            owner: self.advisors.first().copied(),
            ..Workshop::on(self.scope.territory(), title, held_on)
        }
    }

    /// The most concerned are on the list; most of them answer.
    async fn fill(&self, tx: &mut Tx, workshop: &Workshop, most: usize) -> anyhow::Result<Vec<Guest>> {
        store::insert(tx, self.scope, workshop).await?;
        for one in guests::candidates(tx, workshop, None).await?.iter().take(most) {
            guests::add(tx, workshop, one.id, &one.interest.reason()).await?;
        }
        let mut draw = Draw::seeded(u64::try_from(most).unwrap_or(1));
        for guest in guests::of_workshop(tx, self.scope, workshop.id).await? {
            let answer = match draw.below(10) {
                0..=6 => GuestAnswer::Yes,
                7 => GuestAnswer::No,
                _ => continue,
            };
            let said = Said {
                answer,
                person: guest.contact.clone(),
                people: if draw.happens(20) { 2 } else { 1 },
                comment: None,
            };
            guests::answer(tx, workshop, guest.id, &said).await?;
        }
        Ok(guests::of_workshop(tx, self.scope, workshop.id).await?)
    }

    async fn held(&self, tx: &mut Tx) -> anyhow::Result<()> {
        let on = self.today - Days::new(33);
        let workshop = self.workshop("Cartons et palettes", on, ["MAT-01", "MAT-03"]);
        let guests = self.fill(tx, &workshop, 18).await?;
        let here: Vec<&Guest> = guests
            .iter()
            .filter(|guest| guest.answer == GuestAnswer::Yes)
            .collect();
        // The first one could not come after all.
        let came = |guest: &Guest| here.iter().skip(1).any(|one| one.id == guest.id);
        let came: Vec<_> = guests.iter().map(|guest| (guest.id, came(guest))).collect();
        self.say(tx, &workshop, &here).await?;
        after::attend(tx, &workshop, &came).await?;
        for (rank, guest) in here.iter().skip(1).enumerate().filter(|(rank, _)| rank % 4 != 3) {
            let mark = [4, 3, 4, 2][rank % 4];
            let words = Some(WORDS[rank % 4]).filter(|words| !words.is_empty());
            after::opine(tx, &workshop, guest.id, (mark, words)).await?;
        }
        self.promise(tx, &workshop, &here).await?;
        let before = store::find(tx, self.scope, workshop.id).await?;
        if let Some(before) = before {
            let closed = Workshop {
                state: WorkshopState::Closed,
                ..before.clone()
            };
            store::save(tx, self.scope, (&before, &closed), "clos").await?;
        }
        Ok(())
    }

    /// Each who offers something of the theme names the next two companies.
    async fn say(&self, tx: &mut Tx, workshop: &Workshop, here: &[&Guest]) -> anyhow::Result<()> {
        for (rank, speaker) in here.iter().enumerate() {
            let known = flows::of_establishment(tx, self.scope, speaker.establishment_id).await?;
            let offered = known.into_iter().find(|flow| {
                flow.direction == Direction::Outbound
                    && flow
                        .category
                        .as_ref()
                        .is_some_and(|code| workshop.categories.contains(code))
            });
            let Some(flow) = offered else { continue };
            for step in [1, 3] {
                let other = here[(rank + step) % here.len()];
                if other.establishment_id == speaker.establishment_id {
                    continue;
                }
                let said = Capture {
                    id: IdeaId::fresh(),
                    speaker: speaker.establishment_id,
                    direction: Direction::Outbound,
                    flow: Some(flow.id),
                    label: flow.label.clone(),
                    category: flow.category.clone(),
                    other: other.establishment_id,
                };
                ideas::capture(tx, self.scope, workshop, &said).await?;
            }
        }
        let job = IdeasCaptured {
            territory: workshop.territory_id,
            workshop: workshop.id,
        };
        jobs::enqueue(tx, &job).await?;
        Ok(())
    }

    async fn promise(&self, tx: &mut Tx, workshop: &Workshop, here: &[&Guest]) -> anyhow::Result<()> {
        let lines = [
            ("Envoyer la fiche technique des cartons", 0, 6_u64),
            ("Organiser une visite croisée pour les palettes", 1, 12),
        ];
        for ((what, owner, days), guest) in lines.into_iter().zip(here) {
            let Some(owner) = self.advisors.get(owner) else {
                continue;
            };
            let promise = after::NewPromise {
                id: ActionId::fresh(),
                what: what.to_owned(),
                establishment: Some(guest.establishment_id),
                owner: *owner,
                due_on: self.today + Days::new(days),
            };
            after::promise(tx, workshop, &promise).await?;
        }
        Ok(())
    }

    async fn planned(&self, tx: &mut Tx) -> anyhow::Result<()> {
        let on = self.today + Days::new(23);
        let workshop = Workshop {
            state: WorkshopState::Invited,
            ..self.workshop("Énergie et chaleur perdue", on, ["ENE-01", "ENE-04"])
        };
        self.fill(tx, &workshop, 24).await?;
        Ok(())
    }
}
