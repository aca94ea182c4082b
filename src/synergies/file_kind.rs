//! What an attached file really is: told by its first bytes, whatever its name says. Pure.

/// The kinds that may be attached, each with the beginnings that tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Pdf,
    Png,
    Jpeg,
    /// A workbook or a document: an archive whose name says which.
    Xlsx,
    Docx,
    Ods,
    Odt,
    Text,
}

impl FileKind {
    /// None for what may not be attached.
    pub(super) fn of(name: &str, content: &[u8]) -> Option<Self> {
        let extension = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        if content.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        if content.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if content.starts_with(b"\xff\xd8\xff") {
            return Some(Self::Jpeg);
        }
        if content.starts_with(b"PK\x03\x04") {
            return [
                ("xlsx", Self::Xlsx),
                ("docx", Self::Docx),
                ("ods", Self::Ods),
                ("odt", Self::Odt),
            ]
            .into_iter()
            .find_map(|(known, kind)| (known == extension).then_some(kind));
        }
        let is_text = std::str::from_utf8(content)
            .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()));
        (is_text && !content.is_empty() && matches!(extension.as_str(), "txt" | "csv")).then_some(Self::Text)
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FileKind as K;

    #[test]
    fn the_content_decides_not_the_name() {
        assert_eq!(K::of("photo.png", b"%PDF-1.7"), Some(K::Pdf));
        assert_eq!(K::of("devis.xlsx", b"PK\x03\x04rest"), Some(K::Xlsx));
        assert_eq!(K::of("notes.CSV", "a;é\n".as_bytes()), Some(K::Text));
        for (name, content) in [
            ("devis.pdf", &b"<script>"[..]),
            ("page.html", b"<html>"),
            ("programme.zip", b"PK\x03\x04"),
            ("outil.exe", b"MZ\x90"),
            ("vide.txt", b""),
            ("binaire.txt", b"a\x00b"),
        ] {
            assert_eq!(K::of(name, content), None, "{name}");
        }
    }
}
