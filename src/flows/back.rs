//! The page to return to after an act on a flow: a visit, a list. Only a path of this site.

/// A checked path, without fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Back(String);

impl Back {
    /// The path given, else the other one.
    pub(super) fn or(given: &str, otherwise: String) -> Self {
        let is_local = given.starts_with('/')
            && !given.starts_with("//")
            && !given.contains(['\\', '#'])
            && !given.chars().any(char::is_control);
        Self(if is_local { given.to_owned() } else { otherwise })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same page, with one more parameter.
    pub(super) fn with(&self, name: &str, value: impl std::fmt::Display) -> String {
        let mark = if self.0.contains('?') { '&' } else { '?' };
        format!("{}{mark}{name}={value}", self.0)
    }
}

/// Percent-encodes a value of the query of an address.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' | b',' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Back;

    #[test]
    fn only_a_path_of_this_site_is_followed() {
        let back = |given| Back::or(given, "/flux".to_owned()).as_str().to_owned();
        assert_eq!(back("/visites/12?sens=sortant"), "/visites/12?sens=sortant");
        for elsewhere in [
            "",
            "https://example.org",
            "//example.org",
            "/\\example.org",
            "/a\nb",
            "visites",
        ] {
            assert_eq!(back(elsewhere), "/flux");
        }
        assert_eq!(
            Back::or("/flux?q=a", String::new()).with("supprime", 3),
            "/flux?q=a&supprime=3"
        );
    }
}
