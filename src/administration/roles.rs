//! Screen: what each role is for and may do, read from the actors themselves.

use crate::platform::access::{
    Access, Actor, Administrator, CompanyUser, Manager, Observer, Role, SignedIn, Staff,
};
use crate::platform::web::{Page, Result};
use askama::Template;
use axum::response::{IntoResponse, Response};

/// One kind of work, and who is admitted to it.
struct Duty {
    label: &'static str,
    access: Access,
}

impl Duty {
    fn admits(&self, role: Role) -> bool {
        self.access.admits(&[role])
    }
}

#[derive(Template)]
#[template(path = "administration/roles.html")]
struct Roles {
    duties: [Duty; 6],
}

fn duty<A: Actor>(label: &'static str) -> Duty {
    Duty {
        label,
        access: A::ACCESS,
    }
}

pub(super) async fn show(_: Administrator) -> Result<Response> {
    Ok(Page(Roles {
        duties: [
            duty::<SignedIn>("Son compte, son mot de passe, ses sessions"),
            duty::<Observer>("Les indicateurs du territoire, sans nom d’entreprise"),
            duty::<Staff>("Entreprises, visites, flux, synergies, imports et exports"),
            duty::<Manager>("L’équipe et la démarche du territoire"),
            duty::<CompanyUser>(
                "L’espace d’une entreprise\u{a0}: ses flux, les propositions qui la concernent",
            ),
            duty::<Administrator>("Comptes, organisations, territoires, tâches et journal"),
        ],
    })
    .into_response())
}
