//! What enters and leaves an establishment, as recorded: the inventory that visits, workshops and
//! imports fill and that the engine reads. Begin with `model`.

mod changes;
pub mod model;
pub mod store;

pub use changes::FlowsChanged;
pub use model::{Certainty, Flow, FlowSource, Visibility};

use crate::platform::web::Routes;

pub mod paths {}

pub fn routes() -> Routes {
    Routes::default()
}
