//! What advisors did with the proposals: three synergies realised, a dozen under study, thirty
//! rejected for various reasons, the rest waiting. Decided on what the engine found.

use super::follow_up;
use crate::accounts::store as accounts;
use crate::flows::Certainty;
use crate::kernel::clock::Clock;
use crate::kernel::ids::{EstablishmentId, SynergyId, UserId};
use crate::platform::access::Scope;
use crate::platform::db::{System, Tx};
use crate::synergies::store::{self as synergies, Results, Said, Waiting};
use crate::synergies::{Channel, Grid, Kind, MemberState, Motive, Step, Treatment, Word};
use anyhow::Context;
use chrono::{Days, Duration, NaiveDate};

/// Rejected, one after the other, with these motives.
const REJECTIONS: [&str; 10] = [
    "contract",
    "quality",
    "quantity",
    "transport",
    "gain",
    "irregular",
    "outlet",
    "storage",
    "in_place",
    "off_topic",
];

pub(super) struct Review<'a> {
    pub(super) system: &'a System,
    /// Moved on from one sitting to the next.
    pub(super) clock: &'a Clock,
    pub(super) scope: &'a Scope,
    pub(super) today: NaiveDate,
    pub(super) advisors: &'a [UserId],
    /// The establishment whose contact has an account: one pre-validated proposal is about it.
    pub(super) contact: EstablishmentId,
}

/// A realised synergy of the founding document's state.
struct Realised {
    category: &'static str,
    kind: Kind,
    on: (i32, u32, u32),
    results: Results,
}

fn realised() -> [Realised; 3] {
    let results = |diverted_t, avoided_tco2e, savings_eur| Results {
        diverted_t,
        avoided_tco2e,
        savings_eur,
        ..Results::unknown(Certainty::Declared)
    };
    [
        Realised {
            category: "MAT-01",
            kind: Kind::Mutualisation,
            on: (2019, 2, 11),
            results: Results {
                handled_t: Some(38.0),
                treated_before: Some(Treatment::Energy),
                treated_after: Some(Treatment::Recycling),
                freight_tkm: Some(1_500.0),
                jobs_fte: Some(0.2),
                ..results(Some(38.0), Some(4.2), Some(5_400.0))
            },
        },
        Realised {
            category: "MAT-03",
            kind: Kind::Substitution,
            on: (2019, 3, 18),
            results: Results {
                handled_t: Some(9.5),
                treated_before: Some(Treatment::Disposal),
                treated_after: Some(Treatment::Reuse),
                virgin_t: Some(8.0),
                local_sales_eur: Some(2_100.0),
                jobs_fte: Some(0.1),
                ..results(Some(9.5), Some(7.8), Some(3_100.0))
            },
        },
        Realised {
            category: "RHC-05",
            kind: Kind::Mutualisation,
            on: (2019, 5, 6),
            results: Results {
                trained_people: Some(26),
                car_km: Some(3_800.0),
                ..results(None, None, Some(2_600.0))
            },
        },
    ]
}

impl Review<'_> {
    /// One sitting after the other, over five weeks.
    pub(super) async fn decide(&self) -> anyhow::Result<()> {
        let mut waiting = synergies::waiting(&mut *self.system.read().await?, self.scope).await?;
        self.sit(1, async |tx| self.record_realised(tx, &mut waiting).await)
            .await?;
        let told = self.take_some(&mut waiting).await?;
        self.sit(8, async |tx| {
            for id in told {
                let step = Step::Prevalidate(Grid::all_green());
                synergies::advance(tx, self.scope, id, step).await?;
            }
            Ok(())
        })
        .await?;
        self.reject_some(&mut waiting).await?;
        self.sit(2, async |tx| {
            follow_up::absence(tx, (self.scope, self.today), self.advisors).await?;
            for found in waiting.iter().rev().take(2) {
                let step = Step::Sleep {
                    until: self.today + Days::new(90),
                    comment: Some("Attendre la rentrée.".to_owned()),
                };
                synergies::advance(tx, self.scope, found.id, step).await?;
            }
            Ok(())
        })
        .await
    }

    /// Some days later, in one transaction of one of the advisors.
    async fn sit(
        &self,
        days: i64,
        work: impl AsyncFnOnce(&mut Tx) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.clock.travel(Duration::days(days));
        let turn = usize::try_from(days)? % self.advisors.len();
        let advisor = self.advisors[turn];
        let who = accounts::find(&mut *self.system.read().await?, advisor)
            .await?
            .context("an advisor")?;
        let system = self.system.on_behalf_of(advisor, &who.name);
        system.transact(work).await
    }

    async fn record_realised(&self, tx: &mut Tx, waiting: &mut Vec<Waiting>) -> anyhow::Result<()> {
        for case in realised() {
            let found = take(waiting, |w| {
                w.kind == case.kind && w.category.as_deref() == Some(case.category)
            })
            .with_context(|| format!("the engine proposes {} in {}", case.kind.label(), case.category))?;
            let (year, month, day) = case.on;
            let on = NaiveDate::from_ymd_opt(year, month, day).context("a date of the calendar")?;
            self.realise(tx, found.id, on).await?;
            synergies::set_results(tx, self.scope, found.id, &case.results).await?;
            follow_up::prove(tx, self.scope, found.id, (on, &case.results), self.advisors).await?;
        }
        Ok(())
    }

    /// A dozen, and one about the contact's establishment; gives those that will be pre-validated.
    async fn take_some(&self, waiting: &mut Vec<Waiting>) -> anyhow::Result<Vec<SynergyId>> {
        let mut told = Vec::new();
        if let Some(found) = take(waiting, |w| {
            w.kind == Kind::Substitution && w.establishments.contains(&self.contact)
        }) {
            self.sit(1, async |tx| self.give(tx, found.id, 0).await).await?;
            told.push(found.id);
        }
        for rank in 0..12 {
            let Some(found) = take(waiting, |w| w.kind == Kind::Mutualisation || rank % 3 != 0) else {
                break;
            };
            let days = i64::from(rank % 3 == 0) * 3;
            self.sit(days, async |tx| {
                if rank % 4 == 0 {
                    return self.give(tx, found.id, 0).await;
                }
                self.give(tx, found.id, rank).await?;
                follow_up::study(tx, (self.scope, self.today), found.id, (rank, self.advisors)).await
            })
            .await?;
            if rank % 4 == 0 {
                told.push(found.id);
            }
        }
        Ok(told)
    }

    /// Thirty of those that scored least, three a day.
    async fn reject_some(&self, waiting: &mut Vec<Waiting>) -> anyhow::Result<()> {
        keep_relays(waiting);
        let motives: Vec<&'static Motive> = REJECTIONS.iter().filter_map(|code| Motive::find(code)).collect();
        for rank in 0..30_usize.min(waiting.len() / 2) {
            let found = waiting.remove(waiting.len() - 1 - (rank % 3));
            let step = Step::Reject {
                motive: motives[rank % motives.len()],
                comment: None,
            };
            let days = i64::from(rank % 3 == 0);
            self.sit(days, async |tx| {
                synergies::advance(tx, self.scope, found.id, step).await?;
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    async fn give(&self, tx: &mut Tx, id: SynergyId, rank: usize) -> anyhow::Result<()> {
        synergies::advance(tx, self.scope, id, Step::Take).await?;
        let advisor = self.advisors[rank % self.advisors.len()];
        let name = accounts::find(tx, advisor).await?.context("an advisor")?.name;
        synergies::assign(tx, self.scope, id, None, Some((advisor, name))).await?;
        Ok(())
    }

    async fn prevalidate(&self, tx: &mut Tx, id: SynergyId) -> anyhow::Result<()> {
        self.give(tx, id, 0).await?;
        synergies::advance(tx, self.scope, id, Step::Prevalidate(Grid::all_green())).await?;
        Ok(())
    }

    /// Everybody agreed by telephone, which is what brings the synergy to its agreement.
    async fn agree(&self, tx: &mut Tx, id: SynergyId) -> anyhow::Result<()> {
        for company in synergies::companies(tx, id).await? {
            let said = Said {
                word: Word::Agreed,
                channel: Channel::Phone,
                person: "le responsable du site".to_owned(),
                motive: None,
                comment: None,
            };
            synergies::note(tx, self.scope, id, company, &said).await?;
        }
        Ok(())
    }

    /// By telephone too: no letter leaves.
    async fn introduce(&self, tx: &mut Tx, id: SynergyId) -> anyhow::Result<()> {
        let message = synergies::Introduction {
            subject: "Mise en relation (exemple)".to_owned(),
            body:
                "Message fictif de la démonstration\u{a0}: les entreprises ont été présentées par téléphone."
                    .to_owned(),
            recipients: Vec::new(),
            version: 0,
            sent_at: None,
            sent_by: None,
        };
        synergies::save_draft(tx, id, &message).await?;
        synergies::introduce(tx, self.scope, id, None).await?;
        Ok(())
    }

    /// Every member of a group commits, which makes its mass.
    async fn commit(&self, tx: &mut Tx, id: SynergyId) -> anyhow::Result<()> {
        for establishment in synergies::establishments(tx, id).await? {
            synergies::set_member_state(tx, self.scope, (id, establishment), MemberState::Committed).await?;
        }
        Ok(())
    }

    async fn realise(&self, tx: &mut Tx, id: SynergyId, on: NaiveDate) -> anyhow::Result<()> {
        self.prevalidate(tx, id).await?;
        self.agree(tx, id).await?;
        self.introduce(tx, id).await?;
        self.commit(tx, id).await?;
        for step in [
            Step::Study(Grid::all_green()),
            Step::Implement,
            Step::Realise { on },
        ] {
            synergies::advance(tx, self.scope, id, step).await?;
        }
        Ok(())
    }
}

/// Keeps every other treatment to be studied, the best first: few are found, and they are worth a look.
fn keep_relays(waiting: &mut Vec<Waiting>) {
    let mut relays = 0_usize;
    waiting.retain(|found| {
        relays += usize::from(found.is_relay);
        !found.is_relay || relays.is_multiple_of(2)
    });
}

/// Takes the best one that suits.
fn take(waiting: &mut Vec<Waiting>, suits: impl Fn(&Waiting) -> bool) -> Option<Waiting> {
    let rank = waiting.iter().position(suits)?;
    Some(waiting.remove(rank))
}
