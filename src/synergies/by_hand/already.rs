//! A synergy that exists already between two firms, told to whoever would propose it again.

use crate::kernel::ids::SynergyId;
use crate::platform::journal;
use crate::platform::web::{Result, filters};
use crate::synergies::model::State;
use crate::synergies::motives::Motive;
use crate::synergies::store::code;
use crate::synergies::store::matching::Known;
use sqlx::PgConnection;

pub(super) struct Already {
    pub(super) id: SynergyId,
    pub(super) code: String,
    /// « déjà écartée par Alix Berger le 3 novembre 2026 : gain trop faible ».
    pub(super) words: String,
    pub(super) is_stopped: bool,
}

impl Already {
    /// By its state alone.
    pub(super) fn of(known: &Known) -> Self {
        Self {
            id: known.id,
            code: code(known.kind, known.number),
            words: known.state.label().to_owned(),
            is_stopped: matches!(
                known.state,
                State::Rejected | State::Abandoned | State::Interrupted
            ),
        }
    }

    /// With who stopped it, when, and why.
    pub(super) async fn read(db: &mut PgConnection, known: &Known) -> Result<Self> {
        let already = Self::of(known);
        if !already.is_stopped {
            let words = format!("déjà dans la file\u{a0}: {}", known.state.label());
            return Ok(Self { words, ..already });
        }
        let mut words = format!("déjà {}", known.state.label());
        if let Some(line) = journal::store::last_change(db, known.id.uuid(), &["state"]).await? {
            let day = filters::long_day(crate::kernel::clock::day(line.at));
            words.push_str(&format!(" par {} le {day}", line.author));
        }
        if let Some(motive) = known.motive.as_deref().and_then(Motive::find) {
            words.push_str(&format!("\u{a0}: {}", motive.label));
        }
        Ok(Self { words, ..already })
    }
}
