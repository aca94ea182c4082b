//! Closed lists of words: an enum of the code, of the database and of the screen at once.
//!
//! Depends on nothing; the type only says how the database names it.

/// Declares an enum from lines `Variant "database code" "French label"`, with `ALL`, `code`, `label`
/// and `parse`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident $sql:literal { $($variant:ident $code:literal $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
        #[sqlx(type_name = $sql)]
        pub enum $name {
            $(#[sqlx(rename = $code)] #[serde(rename = $code)] $variant,)*
        }
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.code() == code)
            }
        }
    };
}

pub(crate) use words;
