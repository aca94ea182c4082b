//! Charts as inline SVG made by typed Rust: a title that says what the chart shows, marks labelled
//! directly, colours by class so that dark mode and print follow. The table beside is the page's.

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelStep {
    pub label: String,
    pub count: i64,
}
