//! What the administrator's part adds to the features below: accounts, jobs, the journal.
//!
//! Accounts have roles across territories and companies, hence this floor. A pilot gets the same screens
//! for the team of one territory: `desk` says how far. No rule of its own: who may give which role is
//! `accounts::Reach`. Organisations and territories have their screens in `territories`.

mod change;
mod desk;
mod form;
mod journal;
mod mail;
mod model;
mod offer;
mod people;
mod person;
mod roles;
mod store;
mod suggest;
mod tasks;

use crate::platform::access::{Administrator, Manager};
use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::{JobId, LetterId};
    use crate::platform::web::fill;

    pub const USERS: &str = "/administration/utilisateurs";
    pub const NEW_USER: &str = "/administration/utilisateurs/nouveau";
    pub const USER: &str = "/administration/utilisateurs/{id}";
    pub const USER_EDIT: &str = "/administration/utilisateurs/{id}/modification";
    pub const USER_INVITATION: &str = "/administration/utilisateurs/{id}/invitation";
    pub const USER_SUSPENSION: &str = "/administration/utilisateurs/{id}/suspension";
    pub const USER_RETURN: &str = "/administration/utilisateurs/{id}/reactivation";
    pub const USER_SESSIONS: &str = "/administration/utilisateurs/{id}/fermeture-des-sessions";
    pub const USER_ROLE: &str = "/administration/utilisateurs/{id}/retrait-de-role";
    pub const COMPANIES: &str = "/administration/entreprises.json";
    pub const TEAM: &str = "/territoire/equipe";
    pub const NEW_MEMBER: &str = "/territoire/equipe/nouveau";
    pub const MEMBER: &str = "/territoire/equipe/{id}";
    pub const MEMBER_EDIT: &str = "/territoire/equipe/{id}/modification";
    pub const MEMBER_INVITATION: &str = "/territoire/equipe/{id}/invitation";
    pub const MEMBER_SUSPENSION: &str = "/territoire/equipe/{id}/suspension";
    pub const MEMBER_RETURN: &str = "/territoire/equipe/{id}/reactivation";
    pub const MEMBER_SESSIONS: &str = "/territoire/equipe/{id}/fermeture-des-sessions";
    pub const MEMBER_ROLE: &str = "/territoire/equipe/{id}/retrait-de-role";
    pub const MEMBER_COMPANIES: &str = "/territoire/equipe/entreprises.json";
    pub const ROLES: &str = "/administration/roles";
    pub const TASKS: &str = "/administration/taches";
    pub const TASK_RETRY: &str = "/administration/taches/{id}/relance";
    pub const MAIL: &str = "/administration/courrier";
    pub const LETTER: &str = "/administration/courrier/{id}";
    pub const LETTER_RESEND: &str = "/administration/courrier/{id}/renvoi";
    pub const LETTER_CANCEL: &str = "/administration/courrier/{id}/annulation";
    pub const JOURNAL: &str = "/administration/journal";

    pub fn letter(id: &LetterId) -> String {
        fill(LETTER, id)
    }
    pub fn letter_resend(id: &LetterId) -> String {
        fill(LETTER_RESEND, id)
    }
    pub fn letter_cancel(id: &LetterId) -> String {
        fill(LETTER_CANCEL, id)
    }
    pub fn task_retry(id: &JobId) -> String {
        fill(TASK_RETRY, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::USERS, people::list::<Administrator>)
        .get(paths::NEW_USER, form::start::<Administrator>)
        .post(paths::NEW_USER, form::create::<Administrator>)
        .get(paths::USER, person::show::<Administrator>)
        .get(paths::USER_EDIT, form::edit::<Administrator>)
        .post(paths::USER_EDIT, form::save::<Administrator>)
        .post(paths::USER_INVITATION, person::invite::<Administrator>)
        .post(paths::USER_SUSPENSION, person::suspend::<Administrator>)
        .post(paths::USER_RETURN, person::reactivate::<Administrator>)
        .post(paths::USER_SESSIONS, person::close_sessions::<Administrator>)
        .post(paths::USER_ROLE, person::revoke::<Administrator>)
        .get(paths::COMPANIES, suggest::companies::<Administrator>)
        .get(paths::TEAM, people::list::<Manager>)
        .get(paths::NEW_MEMBER, form::start::<Manager>)
        .post(paths::NEW_MEMBER, form::create::<Manager>)
        .get(paths::MEMBER, person::show::<Manager>)
        .get(paths::MEMBER_EDIT, form::edit::<Manager>)
        .post(paths::MEMBER_EDIT, form::save::<Manager>)
        .post(paths::MEMBER_INVITATION, person::invite::<Manager>)
        .post(paths::MEMBER_SUSPENSION, person::suspend::<Manager>)
        .post(paths::MEMBER_RETURN, person::reactivate::<Manager>)
        .post(paths::MEMBER_SESSIONS, person::close_sessions::<Manager>)
        .post(paths::MEMBER_ROLE, person::revoke::<Manager>)
        .get(paths::MEMBER_COMPANIES, suggest::companies::<Manager>)
        .get(paths::ROLES, roles::show)
        .get(paths::TASKS, tasks::list)
        .post(paths::TASK_RETRY, tasks::retry)
        .get(paths::MAIL, mail::list)
        .get(paths::LETTER, mail::show)
        .post(paths::LETTER_RESEND, mail::resend)
        .post(paths::LETTER_CANCEL, mail::cancel)
        .get(paths::JOURNAL, journal::list)
}
