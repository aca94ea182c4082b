use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;

use super::{Args, Outside};

/// A directory that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("maillage-match-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    fn write(&self, name: &str, content: &str) -> &Self {
        std::fs::write(self.0.join(name), content).expect("writes");
        self
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).expect("was written")
    }

    fn run(&self, json: bool) -> (ExitCode, String, String) {
        self.asked(&[], json, false)
    }

    fn supposing(&self, what_if: &[&str], json: bool) -> (ExitCode, String, String) {
        self.asked(what_if, json, false)
    }

    fn asked(&self, what_if: &[&str], json: bool, filieres: bool) -> (ExitCode, String, String) {
        let args = Args {
            dir: self.0.clone(),
            top: 10,
            radius: None,
            filieres,
            json,
            what_if: what_if.iter().map(|text| (*text).to_owned()).collect(),
        };
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = args
            .run(
                &Outside {
                    today,
                    locate: &|_, _| None,
                },
                &mut out,
                &mut err,
            )
            .expect("runs");
        (
            code,
            String::from_utf8(out).expect("utf-8"),
            String::from_utf8(err).expect("utf-8"),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let removed = std::fs::remove_dir_all(&self.0);
        drop(removed);
    }
}

const SITES: &str = "reference;nom;latitude;longitude\nA;Une;47,79;1,06\nB;Deux;47,80;1,07\nC;Trois;47,80;1,08\nD;Quatre;47,80;1,09\n";
const FLOWS: &str = "reference;etablissement;sens;libelle;code;quantite;unite;periode\n\
    A1;A;sortant;Palettes;MAT-03;10;u;semaine\nB1;B;entrant;Palettes;MAT-03;400;u;an\n\
    B2;B;sortant;Cartons;MAT-01;2;t;an\nC2;C;sortant;Cartons;MAT-01;3;t;an\nD2;D;sortant;Cartons;MAT-01;;;\n";

fn code(code: ExitCode) -> String {
    format!("{code:?}")
}

#[test]
fn writes_pairs_and_groups_beside_the_files() {
    let folder = Folder::new("good");
    folder.write("etablissements.csv", SITES).write("flux.csv", FLOWS);
    let (exit, out, err) = folder.run(false);
    assert_eq!(code(exit), code(ExitCode::SUCCESS), "{err}");
    let pairs = folder.read("synergies.csv");
    let mut lines = pairs.lines();
    assert_eq!(
        lines.next(),
        Some(
            "type;score;confiance;retenue;etablissement_sortant;flux_sortant;etablissement_entrant;flux_entrant;distance_km;seuil_km;gain_a_central;gain_b_central;tco2e;raisons;a_completer"
        )
    );
    let pair: Vec<&str> = lines.next().expect("a pair").split(';').collect();
    assert_eq!(
        (pair[0], pair[3], pair[5], pair[7]),
        ("substitution", "oui", "A1", "B1"),
        "{pairs}"
    );
    let groups = folder.read("groupes.csv");
    assert_eq!(groups.lines().count(), 4, "{groups}");
    assert!(groups.contains("mutualisation;MAT-01;C;C2;3.00"), "{groups}");
    assert!(
        out.contains("5 flux") && err.contains("appariement"),
        "{out}{err}"
    );
}

#[test]
fn a_bad_row_is_reported_and_the_rest_goes_on() {
    let folder = Folder::new("bad-row");
    folder.write("etablissements.csv", SITES);
    folder.write("flux.csv", &format!("{FLOWS}X;Z;sortant;Bois;;douze;t;an\n"));
    let (exit, out, err) = folder.run(false);
    assert_eq!(code(exit), code(ExitCode::from(2)));
    assert!(err.contains("flux, ligne 7"), "{err}");
    assert!(out.contains("1 ligne refusée"), "{out}");
    assert!(Path::new(&folder.0.join("synergies.csv")).exists());
}

#[test]
fn nothing_can_be_done_without_the_files() {
    let folder = Folder::new("empty");
    let (exit, out, err) = folder.run(false);
    assert_eq!(code(exit), code(ExitCode::from(1)));
    assert!(err.contains("etablissements.csv") && out.is_empty(), "{err}");
    folder
        .write("etablissements.csv", "reference;nom\n")
        .write("flux.csv", FLOWS);
    assert_eq!(code(folder.run(false).0), code(ExitCode::from(1)));
    folder.write("etablissements.csv", "\u{0}\u{1}\u{2}");
    let (_, _, err) = folder.run(false);
    assert!(err.contains("n’est pas un classeur"), "{err}");
}

#[test]
fn json_is_the_whole_outcome() {
    let folder = Folder::new("json");
    folder.write("etablissements.csv", SITES).write("flux.csv", FLOWS);
    let (_, out, _) = folder.run(true);
    let outcome: crate::engine::Outcome = serde_json::from_str(&out).expect("an outcome");
    assert_eq!(outcome.counts.flows, 5);
    assert_eq!(outcome.groups.len(), 1);
}

#[test]
fn a_hypothesis_prints_the_difference_and_writes_nothing() {
    let folder = Folder::new("what-if");
    folder.write("etablissements.csv", SITES).write("flux.csv", FLOWS);
    let (exit, out, err) = folder.supposing(&["gazole=+200%", "tgap=+30%", "rayon=x2"], false);
    assert_eq!(code(exit), code(ExitCode::SUCCESS), "{err}");
    assert!(
        out.contains("Aujourd’hui\u{a0}: 1\u{a0}proposition, 0\u{a0}groupe"),
        "{out}"
    );
    assert!(out.contains("Propositions qui changeraient\u{a0}: 1"), "{out}");
    assert!(out.contains("A1 → B1  score"), "{out}");
    assert!(!folder.0.join("synergies.csv").exists());
}

#[test]
fn a_new_establishment_comes_with_its_flows() {
    let folder = Folder::new("arrival");
    folder.write("etablissements.csv", SITES).write("flux.csv", FLOWS);
    folder.write(
        "nouveau.csv",
        "etablissement;nom;latitude;longitude;reference;sens;libelle;code;quantite;unite;periode\n\
         N;Nouvelle;47,80;1,05;N1;entrant;Calage;MAT-09;40;m3;an\nN;;;;N2;sortant;Bois;MAT-04;5;t;an\n",
    );
    let file = format!("etablissement={}", folder.0.join("nouveau.csv").display());
    let (exit, out, err) = folder.supposing(&[&file], false);
    assert_eq!(code(exit), code(ExitCode::SUCCESS), "{err}");
    assert!(
        out.contains("Propositions qui entreraient\u{a0}: ") && out.contains(" → N1"),
        "{out}"
    );
    let (_, out, _) = folder.supposing(&["sans=B"], false);
    assert!(
        out.contains("Propositions qui sortiraient\u{a0}: 1") && out.contains("A1 → B1"),
        "{out}"
    );
}

#[test]
fn an_unknown_hypothesis_is_refused_with_examples() {
    let folder = Folder::new("unknown");
    folder.write("etablissements.csv", SITES).write("flux.csv", FLOWS);
    for wrong in [
        "petrole=+20%",
        "gazole",
        "gazole=cher",
        "rayon=0",
        "etablissement=absent.csv",
        "sans=ABSENT",
    ] {
        let (exit, out, err) = folder.supposing(&[wrong], false);
        assert_eq!(code(exit), code(ExitCode::from(1)), "{wrong}");
        assert!(out.is_empty() && !err.is_empty(), "{wrong}: {err}");
    }
}

#[test]
fn a_flow_without_partner_may_go_through_a_treatment() {
    let folder = Folder::new("relay");
    folder.write(
        "etablissements.csv",
        "reference;nom;naf;latitude;longitude\nA;Une;69.20Z;47.79;1.06\nP;Atelier;88.10C;47.80;1.07\nC;Verrerie;23.13Z;47.81;1.08\n",
    );
    folder.write(
        "flux.csv",
        "reference;etablissement;sens;libelle;code;quantite;unite;periode\n\
         A1;A;sortant;Archives;MAT-02;4;t;an\nC1;C;entrant;Calage;MAT-09;80;m3;an\n",
    );
    let (_, _, err) = folder.asked(&[], false, true);
    let written = folder.read("synergies.csv");
    let relay: Vec<&str> = written
        .lines()
        .find(|line| line.starts_with("filière"))
        .unwrap_or_else(|| panic!("{written}{err}"))
        .split(';')
        .collect();
    assert_eq!((relay[5], relay[7]), ("A1", "C1"));
    assert!(
        relay[13]
            .trim_start_matches('"')
            .starts_with("Prestataire\u{a0}: P."),
        "{}",
        relay[13]
    );
    folder.run(false);
    assert!(!folder.read("synergies.csv").contains("filière"));
}
