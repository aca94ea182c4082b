//! Stems, names and slips, apart from any category.

use super::{How, Lexicon, stem};
use crate::kernel::fold;

#[test]
fn forms_of_a_word_share_a_stem() {
    let same = [
        &["palette", "palettes"][..],
        &["usagé", "usagée", "usagés", "usagées"],
        &["métal", "métaux"],
        &["eau", "eaux"],
        &["tuyau", "tuyaux"],
        &["matériau", "matériaux"],
        &["pneu", "pneus"],
        &["souillé", "souillées"],
        &["alimentaire", "alimentaires"],
        &["plastique", "plastiques", "PLASTIQUES"],
        &["usé", "usées", "use"],
        &["bois"],
    ];
    for forms in same {
        let stems: Vec<String> = forms.iter().map(|form| stem(&fold(form))).collect();
        assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{stems:?}");
    }
    let apart = [
        ("carton", "carte"),
        ("bois", "boisson"),
        ("soude", "soudure"),
        ("eau", "ean"),
    ];
    for (one, other) in apart {
        assert_ne!(stem(one), stem(other), "{one} {other}");
    }
}

#[test]
fn several_names_make_one_term() {
    let mut lexicon = Lexicon::embedded();
    lexicon.learn("soude");
    lexicon.learn("acide sulfurique");
    lexicon.index_spellings();
    let terms = |label: &str| lexicon.terms(&fold(label));
    for name in ["Soude", "NaOH", "hydroxyde de sodium", "Lessive de soude"] {
        assert_eq!(terms(name), terms("soude"), "{name}");
    }
    assert_eq!(terms("H2SO4"), terms("acide sulfurique"));
    assert_ne!(terms("H2SO4"), terms("soude"));
}

#[test]
fn words_that_say_nothing_are_dropped() {
    let mut lexicon = Lexicon::embedded();
    lexicon.learn("palettes");
    lexicon.index_spellings();
    let label = fold("12 palettes par semaine de l’usine");
    let tokens = lexicon.read(&label);
    let surfaces: Vec<&str> = tokens.iter().map(|token| token.surface).collect();
    assert_eq!(surfaces, ["palettes", "usine"]);
}

#[test]
fn unknown_words_are_brought_to_known_ones() {
    let mut lexicon = Lexicon::embedded();
    lexicon.learn("palettes emballages");
    lexicon.index_spellings();
    for (written, how, word) in [
        ("palletes", How::Near, "palettes"),
        ("emb", How::Abbreviation, "emballages"),
        ("embalages", How::Near, "emballages"),
    ] {
        let tokens = lexicon.read(written);
        let reading = tokens[0].readings.first().expect(written);
        assert_eq!((&reading.how, reading.word), (&how, word), "{written}");
    }
    assert!(lexicon.read("xylophone")[0].readings.is_empty());
}
