//! What the staff of a territory say to each other about a synergy, a company or a flow, and who is named in it.
//!
//! Below the features whose sheets show a thread, so that each only places it: it knows their pages by address.

mod letters;
mod mentions;
pub mod store;
mod thread;

pub use thread::Thread;

use crate::kernel::ids::{EstablishmentId, FlowId, SynergyId};
use crate::kernel::words::words;
use crate::platform::web::Routes;
use uuid::Uuid;

words! {
    /// What kind of thing is talked about, as its address says it.
    Kind "text" {
        Synergy "synergie" "la synergie",
        Establishment "entreprise" "l’entreprise",
        Flow "flux" "le flux",
    }
}

/// What is talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Synergy(SynergyId),
    Establishment(EstablishmentId),
    Flow(FlowId),
}

impl Subject {
    fn new(kind: Kind, id: Uuid) -> Self {
        match kind {
            Kind::Synergy => Self::Synergy(id.into()),
            Kind::Establishment => Self::Establishment(id.into()),
            Kind::Flow => Self::Flow(id.into()),
        }
    }

    pub fn kind(self) -> Kind {
        match self {
            Self::Synergy(_) => Kind::Synergy,
            Self::Establishment(_) => Kind::Establishment,
            Self::Flow(_) => Kind::Flow,
        }
    }

    /// Its identifier in each of the three columns.
    fn columns(self) -> [Option<Uuid>; 3] {
        match self {
            Self::Synergy(id) => [Some(id.uuid()), None, None],
            Self::Establishment(id) => [None, Some(id.uuid()), None],
            Self::Flow(id) => [None, None, Some(id.uuid())],
        }
    }

    fn uuid(self) -> Uuid {
        match self {
            Self::Synergy(id) => id.uuid(),
            Self::Establishment(id) => id.uuid(),
            Self::Flow(id) => id.uuid(),
        }
    }
}

pub mod paths {
    use super::Subject;
    use crate::kernel::ids::CommentId;
    use crate::platform::web::fill;

    pub const THREAD: &str = "/discussions/{sujet}/{id}";
    pub const READ: &str = "/discussions/{sujet}/{id}/lecture";
    pub const COMMENT: &str = "/commentaires/{id}";
    pub const DELETE: &str = "/commentaires/{id}/retrait";

    pub fn thread(subject: Subject) -> String {
        fill(&fill(THREAD, subject.kind().code()), subject.uuid())
    }
    pub fn read(subject: Subject) -> String {
        fill(&fill(READ, subject.kind().code()), subject.uuid())
    }
    pub fn comment(id: &CommentId) -> String {
        fill(COMMENT, id)
    }
    pub fn delete(id: &CommentId) -> String {
        fill(DELETE, id)
    }

    /// Where the thread is read, on the sheet of its subject: pages of higher floors, by address only.
    pub fn sheet(subject: Subject) -> String {
        let sheet = match subject {
            Subject::Synergy(id) => fill("/synergies/{id}", id),
            Subject::Establishment(id) => fill("/entreprises/{id}", id),
            Subject::Flow(id) => fill("/flux/{id}/modifier", id),
        };
        format!("{sheet}#commentaires")
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::THREAD, thread::show)
        .post(paths::THREAD, thread::add)
        .post(paths::READ, thread::acknowledge)
        .post(paths::COMMENT, thread::edit)
        .post(paths::DELETE, thread::delete)
}
