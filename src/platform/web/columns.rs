//! The columns of a list, chosen in its address.

use super::Choice;

/// A column that may be shown or not. The one that names the row always is, and is none of these.
pub trait Column: Copy + Eq + 'static {
    const ALL: &'static [Self];
    /// The word of the address.
    fn code(self) -> &'static str;
    fn label(self) -> &'static str;
    fn is_default(self) -> bool;
}

/// An enum of columns: for each its word of the address, its title, and whether it is shown unasked.
macro_rules! columns {
    ($(#[$doc:meta])* $vis:vis $name:ident { $($variant:ident $code:literal $label:literal $shown:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name { $($variant,)* }

        impl $crate::platform::web::Column for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];
            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
            fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
            fn is_default(self) -> bool {
                match self { $(Self::$variant => $shown,)* }
            }
        }
    };
}
pub(crate) use columns;

/// Those shown, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<C>(Vec<C>);

impl<C: Column> Chosen<C> {
    /// Codes, repeated as a form sends them or joined as an address says them. When none is known, the
    /// usual columns.
    pub fn read(asked: &[String]) -> Self {
        let asked: Vec<&str> = asked.iter().flat_map(|word| word.split(',')).collect();
        let chosen: Vec<C> = C::ALL
            .iter()
            .copied()
            .filter(|c| asked.contains(&c.code()))
            .collect();
        if chosen.is_empty() {
            Self::usual()
        } else {
            Self(chosen)
        }
    }

    fn usual() -> Self {
        Self(C::ALL.iter().copied().filter(|c| c.is_default()).collect())
    }

    pub fn all(&self) -> &[C] {
        &self.0
    }

    pub fn has(&self, column: C) -> bool {
        self.0.contains(&column)
    }

    pub fn is_usual(&self) -> bool {
        *self == Self::usual()
    }

    /// Every code, for a file that holds these columns.
    pub fn codes(&self) -> String {
        let codes: Vec<_> = self.0.iter().map(|column| column.code()).collect();
        codes.join(",")
    }

    /// What the address says: nothing for the usual columns.
    pub fn word(&self) -> String {
        if self.is_usual() {
            String::new()
        } else {
            self.codes()
        }
    }

    /// The form that chooses them; `kept` is the rest of the address.
    pub fn picker(&self, action: &'static str, kept: Vec<(&'static str, String)>, usual: String) -> Picker {
        let ticked = C::ALL
            .iter()
            .map(|c| (Choice::new(c.code(), c.label()), self.0.contains(c)));
        Picker {
            action,
            kept: kept
                .into_iter()
                .filter(|(name, value)| *name != "colonnes" && !value.is_empty())
                .collect(),
            options: ticked.collect(),
            usual: (!self.is_usual()).then_some(usual),
        }
    }
}

/// The choice of columns, as a form.
pub struct Picker {
    pub action: &'static str,
    pub kept: Vec<(&'static str, String)>,
    pub options: Vec<(Choice, bool)>,
    /// The list with its usual columns, when it shows others.
    pub usual: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::Chosen;

    columns! {
        Fruit {
            Apple "pomme" "Pomme" true,
            Pear "poire" "Poire" true,
            Quince "coing" "Coing" false,
        }
    }

    #[test]
    fn columns_are_read_joined_or_repeated() {
        let read = |asked: &[&str]| {
            let asked: Vec<String> = asked.iter().map(|word| (*word).to_owned()).collect();
            Chosen::<Fruit>::read(&asked)
        };
        assert_eq!(read(&[]).word(), "");
        assert_eq!(read(&["kiwi"]).codes(), "pomme,poire");
        assert_eq!(read(&["coing,pomme"]).all(), [Fruit::Apple, Fruit::Quince]);
        assert_eq!(read(&["coing", "pomme"]).word(), "pomme,coing");
        assert!(read(&["poire", "pomme"]).is_usual());
    }
}
