//! Acts on many synergies of the table at once: taken, handed to a colleague, set aside, put to sleep; and
//! back. What is refused is shown by `table`.

use super::filters::Filters;
use super::letters;
use super::model::Step;
use super::motives::Motive;
use super::search::{self, Rows};
use super::sleep::wake_day;
use super::store::{self, Refused, batch as rows};
use super::table::{self, Asking};
use crate::accounts;
use crate::kernel::ids::UserId;
use crate::lists::store::Changed;
use crate::lists::{Batch, BatchForm, Fate, List, Reach, RowAct, RowUndo};
use crate::platform::access::{Scope, Staff};
use crate::platform::db::Tx;
use crate::platform::web::{Errors, Form, Result, filters::long_day, optional};
use axum::response::{IntoResponse, Redirect, Response};
use uuid::Uuid;

/// What may be done to many synergies.
enum Act {
    Step(Step),
    Entrust(UserId, String),
}

impl Act {
    async fn read(me: &Staff, form: &BatchForm) -> Result<std::result::Result<Self, Errors>> {
        let refused = |field: &'static str, sentence: &'static str| Err(Errors::one(field, sentence));
        Ok(match form.acte.as_str() {
            "prendre" => Ok(Self::Step(Step::Take)),
            "confier" => {
                let mut db = me.read().await?;
                let colleagues = accounts::store::colleagues(&mut db, me.scope()?.territory()).await?;
                let named = |id: &UserId| form.conseillers.contains(&id.to_string());
                match colleagues.into_iter().find(|colleague| named(&colleague.id)) {
                    Some(colleague) => Ok(Self::Entrust(colleague.id, colleague.name)),
                    None => refused("conseillers", "Choisissez à qui confier ces synergies."),
                }
            }
            "ecarter" => match Motive::find(&form.motif) {
                Some(motive) => Ok(Self::Step(Step::Reject {
                    motive,
                    comment: optional(&form.commentaire),
                })),
                None => refused(
                    "motif",
                    "Choisissez un motif\u{a0}: il sert à ne pas reproposer la même chose.",
                ),
            },
            "endormir" => match wake_day(&form.jour, me.today()) {
                Ok(until) => Ok(Self::Step(Step::Sleep { until, comment: None })),
                Err(sentence) => refused("jour", sentence),
            },
            _ => refused("lot", "Choisissez ce que deviennent ces synergies."),
        })
    }

    fn batch(&self) -> Batch {
        let (act, words) = match self {
            Self::Entrust(_, name) => ("entrust", format!("Confier à {name}")),
            Self::Step(Step::Reject { motive, .. }) => ("reject", format!("Écarter ({})", motive.label)),
            Self::Step(Step::Sleep { until, .. }) => (
                "sleep",
                format!("Mettre en sommeil jusqu’au {}", long_day(*until)),
            ),
            Self::Step(_) => ("take", "Prendre en charge".to_owned()),
        };
        Batch {
            list: List::Synergies,
            act,
            words,
        }
    }
}

pub(super) async fn act(me: Staff, Form(form): Form<BatchForm>) -> Result<Response> {
    let filters: Filters = form.filters();
    let ids = meant(&me, &form, &filters).await?;
    let act = if ids.is_empty() {
        let sentence = "Cochez au moins une synergie, puis choisissez ce qu’elle devient.";
        Err(Errors::one("lot", sentence))
    } else {
        Act::read(&me, &form).await?
    };
    let act = match act {
        Ok(act) => act,
        Err(errors) => return table::refused(&me, filters, Asking { form, errors }).await,
    };
    let one = One {
        me: &me,
        scope: &me.scope()?,
        act: &act,
    };
    let batch = act.batch().run(&me, &form, &ids, &one).await?;
    Ok(Redirect::to(&form.back(List::Synergies, batch)).into_response())
}

async fn meant(me: &Staff, form: &BatchForm, filters: &Filters) -> Result<Vec<Uuid>> {
    if let Reach::These(ids) = form.reach() {
        return Ok(ids);
    }
    let rows = search::rows(me, filters, Rows::First).await?;
    Ok(rows.into_iter().map(|row| row.id.uuid()).collect())
}

/// The act on one synergy.
struct One<'a> {
    me: &'a Staff,
    scope: &'a Scope,
    act: &'a Act,
}

impl RowAct for One<'_> {
    async fn lock(&self, tx: &mut Tx, ids: &[Uuid]) -> Result<()> {
        Ok(rows::lock_all(tx, self.scope, ids).await?)
    }

    async fn act(&self, tx: &mut Tx, row: Uuid) -> Result<Fate> {
        let id = row.into();
        let Some(synergy) = store::lock(tx, self.scope, id).await? else {
            return Ok(Fate::gone());
        };
        let label = format!("{}, {}", synergy.code(), synergy.title);
        let before = rows::before(tx, id).await?;
        match self.act {
            Act::Entrust(user, _) if synergy.assigned_to == Some(*user) => {
                return Ok(Fate::refused(label, "c’était déjà le cas"));
            }
            Act::Entrust(user, name) => store::entrust(tx, &synergy, Some((*user, name.clone()))).await?,
            Act::Step(step) => match store::advance(tx, self.scope, id, step.clone()).await {
                Ok(_) => {}
                Err(Refused::NotAllowed(rule)) => {
                    let why = format!("elle est «\u{a0}{}\u{a0}»", rule.from.label());
                    return Ok(Fate::refused(label, why));
                }
                Err(other) => return Err(other.into()),
            },
        }
        Fate::done(label, &before, synergy.version + 1)
    }

    /// One letter for all that changes hands.
    async fn end(&self, tx: &mut Tx, done: usize) -> Result<()> {
        if let (Act::Entrust(user, _), 1..) = (self.act, done) {
            letters::handed(tx, self.scope.territory(), (self.me.user(), *user), done).await?;
        }
        Ok(())
    }
}

pub(super) struct Back;

impl RowUndo for Back {
    const LIST: List = List::Synergies;
    async fn lock(tx: &mut Tx, scope: &Scope, held: &[Uuid]) -> Result<()> {
        Ok(rows::lock_all(tx, scope, held).await?)
    }
    async fn undo(tx: &mut Tx, scope: &Scope, row: &Changed) -> Result<bool> {
        let before = row.before()?;
        Ok(rows::restore(tx, scope, (row.row.into(), row.version), &before).await?)
    }
}
