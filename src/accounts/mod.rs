//! People: signing in and out, invitations, passwords, the roles that they hold in territories.
//! Sessions and the meaning of roles live in `platform::access`. Begin with `sign_in`.

pub mod letters;
pub mod model;
pub mod store;

mod account;
mod forgotten;
mod invitation;
mod notice;
mod reader;
mod sign_in;

pub use forgotten::{ResetAsked, answer as answer_reset};
pub use model::{Email, Reach, Speciality, Standing};
pub use notice::Notice;
pub use reader::Reader;
pub use store::User;

use crate::platform::web::Routes;

pub mod paths {
    use crate::platform::web::fill;

    pub const SIGN_IN: &str = "/connexion";
    pub const SIGN_OUT: &str = "/deconnexion";
    pub const ACCOUNT: &str = "/compte";
    pub const PASSWORD: &str = "/compte/mot-de-passe";
    pub const OTHER_SESSIONS: &str = "/compte/autres-sessions";
    pub const LETTERS: &str = "/compte/courriels";
    pub const FORGOTTEN: &str = "/mot-de-passe-oublie";
    pub const INVITATION: &str = "/invitation/{token}";

    pub fn invitation(token: &str) -> String {
        fill(INVITATION, token)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .get(paths::SIGN_IN, sign_in::show)
        .post(paths::SIGN_IN, sign_in::submit)
        .post(paths::SIGN_OUT, sign_in::sign_out)
        .get(paths::ACCOUNT, account::show)
        .post(paths::PASSWORD, account::change_password)
        .post(paths::OTHER_SESSIONS, account::close_others)
        .post(paths::LETTERS, account::choose_letters)
        .get(paths::FORGOTTEN, forgotten::show)
        .post(paths::FORGOTTEN, forgotten::submit)
        .get(paths::INVITATION, invitation::show)
        .post(paths::INVITATION, invitation::accept)
}
