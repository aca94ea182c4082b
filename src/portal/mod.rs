//! A company's own space: its flows as recorded, and the synergies found for it, the other company
//! without a name. Begin with `space`.

use crate::platform::web::Routes;

pub mod paths {}

pub fn routes() -> Routes {
    Routes::default()
}
