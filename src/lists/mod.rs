//! What every list of rows offers beside its own filters: saved views, and acts on many rows.
//!
//! `views` are kept by a person or shared; `batch` does one act on many rows and undoes it. A list says
//! what its filters and its acts are: nothing here knows a company, a flow or a visit.

mod batch;
pub mod model;
pub mod store;
mod views;

pub use batch::{Batch, BatchForm, Fate, MOST, Outcome, Reach, RowAct, RowUndo, Undo};
pub use model::List;
pub use views::{Asked, Bar};

use crate::platform::web::Routes;

pub mod paths {
    use crate::kernel::ids::ViewId;
    use crate::platform::web::fill;

    pub const VIEWS: &str = "/vues";
    pub const VIEW: &str = "/vues/{id}";
    pub const VIEW_DELETE: &str = "/vues/{id}/suppression";
    pub const VIEW_RESTORE: &str = "/vues/{id}/retablissement";

    pub fn view(id: &ViewId) -> String {
        fill(VIEW, id)
    }
    pub fn view_delete(id: &ViewId) -> String {
        fill(VIEW_DELETE, id)
    }
    pub fn view_restore(id: &ViewId) -> String {
        fill(VIEW_RESTORE, id)
    }
}

pub fn routes() -> Routes {
    Routes::default()
        .post(paths::VIEWS, views::create)
        .post(paths::VIEW, views::change)
        .post(paths::VIEW_DELETE, views::delete)
        .post(paths::VIEW_RESTORE, views::restore)
}
