//! A chronological register of outgoing waste, as companies export it: one line per shipment, summed
//! here by producer and waste code over one year, into flows.

mod words;

pub(super) use words::COLUMNS;
use words::treatment;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::{Cells, Fault, RawRow, date};
use crate::kernel::{Siret, Unit, format_number, parse_decimal};
use crate::nomenclature::WasteCode;

/// One shipment.
struct Shipment {
    on: NaiveDate,
    code: WasteCode,
    tonnes: f64,
    label: Option<String>,
    /// Where it went, in words.
    outlet: Option<String>,
}

/// What one producer sent away under one code.
struct Sum {
    line: usize,
    last: NaiveDate,
    tonnes: f64,
    shipments: u32,
    labels: BTreeMap<String, f64>,
    outlets: BTreeMap<String, f64>,
}

/// Sums a register while it is read. What is kept does not grow with the shipments, only with the
/// producers and their codes.
#[derive(Default)]
pub struct Register {
    /// By producer, year and code.
    sums: BTreeMap<(String, i32, WasteCode), Sum>,
    /// The first and the last shipment of all.
    span: Option<(NaiveDate, NaiveDate)>,
}

impl Register {
    /// Adds a line; gives it back as a line of flows, to be refused there for what cannot be read.
    #[must_use]
    pub fn add(&mut self, row: &RawRow) -> Option<RawRow> {
        let cells = row.cells();
        let producer = cells
            .get("producteur_siret")
            .and_then(|text| Siret::parse(text).ok());
        let (Some(producer), Ok(shipment)) = (producer, Shipment::read(&cells)) else {
            return Some(unreadable(row));
        };
        let (first, last) = self.span.unwrap_or((shipment.on, shipment.on));
        self.span = Some((first.min(shipment.on), last.max(shipment.on)));
        let key = (producer.as_str().to_owned(), shipment.on.year(), shipment.code);
        let sum = self.sums.entry(key).or_insert_with(|| Sum {
            line: row.line,
            last: shipment.on,
            tonnes: 0.0,
            shipments: 0,
            labels: BTreeMap::new(),
            outlets: BTreeMap::new(),
        });
        sum.last = sum.last.max(shipment.on);
        sum.tonnes += shipment.tonnes;
        sum.shipments += 1;
        let label = shipment.label.unwrap_or_else(|| shipment.code.label().to_owned());
        *sum.labels.entry(label).or_default() += shipment.tonnes;
        if let Some(outlet) = shipment.outlet {
            *sum.outlets.entry(outlet).or_default() += shipment.tonnes;
        }
        None
    }

    /// The flows: for each producer, those of its last whole year; else of its last year that is over, or
    /// of the year that has begun when the register holds no other. Then, in words, what that leaves aside.
    #[must_use]
    pub fn flows(self, today: NaiveDate) -> (Vec<RawRow>, Vec<String>) {
        let span = self.span;
        let part = |year| span.and_then(|span| part_of(year, span, today));
        let mut years: BTreeMap<String, i32> = BTreeMap::new();
        for (producer, year, _) in self.sums.keys() {
            let kept = years.entry(producer.clone()).or_insert(*year);
            // The years of a producer come in order: a later one replaces it if it is over, and whole when
            // the one before was.
            let is_better = part(*year).is_none() || part(*kept).is_some();
            if *year < today.year() && is_better {
                *kept = *year;
            }
        }
        let mut flows = Vec::new();
        let mut aside: BTreeMap<(i32, &'static str), u32> = BTreeMap::new();
        for ((producer, year, code), sum) in self.sums {
            let kept = years.get(&producer).copied().unwrap_or(year);
            if year == kept {
                flows.push(sum.flow((&producer, code), (year, part(year)), today));
            } else {
                *aside.entry((year, why_aside(year, kept, today))).or_default() += sum.shipments;
            }
        }
        let told = aside.into_iter().map(|((year, why), count)| match count {
            1 => format!("1 bordereau de {year} laissé de côté\u{a0}: {why}."),
            _ => format!("{count} bordereaux de {year} laissés de côté\u{a0}: {why}."),
        });
        (flows, told.collect())
    }
}

/// Why the shipments of a year are not those that count.
fn why_aside(year: i32, kept: i32, today: NaiveDate) -> &'static str {
    if year >= today.year() {
        "l’année n’est pas finie"
    } else if year > kept {
        "le registre ne couvre pas toute l’année"
    } else {
        "une année plus récente est lue"
    }
}

/// The first and the last day of the register within a year, when they leave a quarter of it aside or when
/// it is not over.
fn part_of(
    year: i32,
    (first, last): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Option<(NaiveDate, NaiveDate)> {
    let january = NaiveDate::from_ymd_opt(year, 1, 1)?;
    let december = NaiveDate::from_ymd_opt(year, 12, 31)?;
    let (from, to) = (first.max(january), last.min(december));
    let is_part = from.month() > 3 || to.month() < 10 || year >= today.year();
    is_part.then_some((from, to))
}

impl Sum {
    /// A part of a year is not the measure of a year.
    fn flow(
        self,
        (producer, code): (&str, WasteCode),
        (year, part): (i32, Option<(NaiveDate, NaiveDate)>),
        today: NaiveDate,
    ) -> RawRow {
        let mut cells = BTreeMap::new();
        let mut put = |name: &str, text: String| cells.insert(name.to_owned(), text);
        put("reference", format!("registre-{producer}-{}", code.as_str()));
        put("etablissement", producer.to_owned());
        put("sens", "sortant".to_owned());
        put(
            "libelle",
            heaviest(self.labels).unwrap_or_else(|| code.label().to_owned()),
        );
        put("code_dechet", code.as_str().to_owned());
        put("quantite", plain(self.tonnes));
        put("unite", "t".to_owned());
        put("periode", "an".to_owned());
        let certainty = if part.is_none() { "mesuré" } else { "estimé" };
        put("certitude", certainty.to_owned());
        put("date_observation", self.last.min(today).to_string());
        let plural = if self.shipments > 1 { "x" } else { "" };
        let covered = part.map_or_else(
            || year.to_string(),
            |(from, to)| {
                format!(
                    "du {} au {} seulement",
                    from.format("%d/%m/%Y"),
                    to.format("%d/%m/%Y")
                )
            },
        );
        put(
            "qualite",
            format!("registre {covered}\u{a0}: {} bordereau{plural}", self.shipments),
        );
        if let Some(outlet) = heaviest(self.outlets) {
            put("exutoire", outlet);
        }
        RawRow {
            line: self.line,
            cells,
        }
    }
}

fn plain(tonnes: f64) -> String {
    format_number(tonnes, 3).replace('\u{a0}', "")
}

fn heaviest(words: BTreeMap<String, f64>) -> Option<String> {
    let heaviest = words.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    heaviest.map(|(words, _)| words)
}

impl Shipment {
    fn read(cells: &Cells<'_>) -> Result<Self, Fault> {
        let on = date(cells.required("date")?).map_err(|error| Fault::of("date", error))?;
        let code = WasteCode::parse(cells.required("code_dechet")?)
            .map_err(|error| Fault::of("code_dechet", error))?;
        let value =
            parse_decimal(cells.required("quantite")?).map_err(|error| Fault::of("quantite", error))?;
        let unit = cells.parse("unite", Unit::parse)?.unwrap_or(Unit::Tonne);
        let tonnes = unit
            .ratio_to(Unit::Tonne)
            .map(|ratio| ratio * value)
            .ok_or_else(|| Fault::of("unite", "Un registre se lit en tonnes ou en kilogrammes."))?;
        let text = |name| cells.get(name).map(str::to_owned);
        let to = text("destinataire_nom")
            .or_else(|| text("destinataire_siret").map(|siret| format!("SIRET {siret}")));
        let treatment = cells.get("traitement").map(treatment);
        let outlet = match (treatment, to) {
            (Some(treatment), Some(to)) => Some(format!("{treatment}, chez {to}")),
            (treatment, to) => treatment.or(to),
        };
        Ok(Self {
            on,
            code,
            tonnes,
            label: text("denomination"),
            outlet,
        })
    }
}

/// The line as flows would have it, what is missing or unfit left visible so that it is refused there.
fn unreadable(row: &RawRow) -> RawRow {
    const MISSING: &str = "(vide)";
    let told = |name: &str| row.get(name).unwrap_or(MISSING).to_owned();
    let mut cells = BTreeMap::from([
        ("etablissement".to_owned(), told("producteur_siret")),
        ("sens".to_owned(), "sortant".to_owned()),
        (
            "libelle".to_owned(),
            row.get("denomination")
                .unwrap_or("(sans dénomination)")
                .to_owned(),
        ),
        ("code_dechet".to_owned(), told("code_dechet")),
        ("quantite".to_owned(), told("quantite")),
        ("date_observation".to_owned(), told("date")),
    ]);
    let unit = row.get("unite").unwrap_or("t");
    let is_mass = Unit::parse(unit).is_ok_and(|unit| unit.ratio_to(Unit::Tonne).is_some());
    let unit = if is_mass {
        unit.to_owned()
    } else {
        format!("{unit} (ni tonnes ni kilogrammes)")
    };
    cells.insert("unite".to_owned(), unit);
    if row.get("producteur_siret").is_none() {
        cells.remove("etablissement");
    }
    RawRow {
        line: row.line,
        cells,
    }
}

#[cfg(test)]
mod tests {
    use super::{RawRow, Register};
    use chrono::NaiveDate;

    fn row(line: usize, cells: &[(&str, &str)]) -> RawRow {
        RawRow {
            line,
            cells: cells
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    fn shipment(line: usize, on: &str, code: &str, quantity: &str, outlet: &str) -> RawRow {
        row(
            line,
            &[
                ("date", on),
                ("code_dechet", code),
                ("quantite", quantity),
                ("producteur_siret", "732 829 320 00074"),
                ("traitement", outlet),
            ],
        )
    }

    #[test]
    fn shipments_are_summed_by_code_over_the_last_whole_year() {
        let mut register = Register::default();
        for row in [
            shipment(2, "12/01/2025", "15 01 01", "1,5", "R3"),
            shipment(3, "2025-06-30", "150101*", "2", "R13"),
            shipment(4, "30/06/2025", "12 01 01", "0,25", "R4"),
            shipment(5, "30/06/2026", "15 01 01", "9", "R3"),
            shipment(6, "30/06/2024", "15 01 01", "7", "R3"),
        ] {
            assert_eq!(register.add(&row), None);
        }
        let (flows, aside) = register.flows(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
        let told: Vec<_> = flows
            .iter()
            .map(|flow| {
                let get = |name| flow.get(name).unwrap_or_default().to_owned();
                (
                    flow.line,
                    get("code_dechet"),
                    get("quantite"),
                    get("exutoire"),
                    get("date_observation"),
                )
            })
            .collect();
        let r4 = "R4\u{a0}: recyclage de métaux".to_owned();
        let r13 = "R13\u{a0}: stockage avant valorisation".to_owned();
        assert_eq!(
            told,
            [
                (
                    4,
                    "120101".to_owned(),
                    "0,25".to_owned(),
                    r4,
                    "2025-06-30".to_owned()
                ),
                (
                    2,
                    "150101".to_owned(),
                    "3,5".to_owned(),
                    r13,
                    "2025-06-30".to_owned()
                ),
            ]
        );
        assert_eq!(flows[1].get("qualite"), Some("registre 2025\u{a0}: 2 bordereaux"));
        let expected = [
            "1 bordereau de 2024 laissé de côté\u{a0}: une année plus récente est lue.",
            "1 bordereau de 2026 laissé de côté\u{a0}: l’année n’est pas finie.",
        ];
        assert_eq!(aside, expected);
    }

    #[test]
    fn a_part_of_a_year_is_not_the_measure_of_the_year() {
        let told = |from, to| {
            let mut register = Register::default();
            for shipment in [
                shipment(2, from, "15 01 01", "1", "R3"),
                shipment(3, to, "15 01 01", "2", "R3"),
            ] {
                assert_eq!(register.add(&shipment), None);
            }
            let (flows, _) = register.flows(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
            let get = |name| flows[0].get(name).unwrap_or_default().to_owned();
            (get("certitude"), get("qualite"))
        };
        let part = "registre du 12/04/2025 au 30/06/2025 seulement\u{a0}: 2 bordereaux";
        assert_eq!(
            told("12/04/2025", "30/06/2025"),
            ("estimé".to_owned(), part.to_owned())
        );
        let whole = "registre 2025\u{a0}: 2 bordereaux";
        assert_eq!(
            told("12/01/2025", "15/12/2025"),
            ("mesuré".to_owned(), whole.to_owned())
        );
    }

    #[test]
    fn a_year_that_is_not_over_is_a_part_and_a_whole_year_wins_over_a_later_part() {
        let told = |days: &[&str]| {
            let mut register = Register::default();
            for (rank, on) in days.iter().enumerate() {
                assert_eq!(register.add(&shipment(rank + 2, on, "15 01 01", "1", "R3")), None);
            }
            let (flows, _) = register.flows(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
            let get = |name| flows[0].get(name).unwrap_or_default().to_owned();
            (get("certitude"), get("qualite"))
        };
        let running = "registre du 12/01/2026 au 20/11/2026 seulement\u{a0}: 2 bordereaux";
        assert_eq!(
            told(&["12/01/2026", "20/11/2026"]),
            ("estimé".to_owned(), running.to_owned())
        );
        let whole = "registre 2024\u{a0}: 2 bordereaux";
        assert_eq!(
            told(&["12/01/2024", "15/12/2024", "30/03/2025"]),
            ("mesuré".to_owned(), whole.to_owned())
        );
    }

    #[test]
    fn a_year_that_has_begun_is_better_than_nothing_and_says_so() {
        let mut register = Register::default();
        assert_eq!(
            register.add(&shipment(2, "12/01/2026", "15 01 01", "1", "D5")),
            None
        );
        let (flows, _) = register.flows(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
        assert_eq!(
            flows[0].get("qualite"),
            Some("registre du 12/01/2026 au 12/01/2026 seulement\u{a0}: 1 bordereau")
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused_as_a_flow() {
        let mut register = Register::default();
        for (bad, at_fault) in [
            (shipment(2, "hier", "15 01 01", "1", ""), "date_observation"),
            (shipment(3, "12/01/2025", "99 99 99", "1", ""), "code_dechet"),
            (shipment(4, "12/01/2025", "15 01 01", "beaucoup", ""), "quantite"),
            (
                row(
                    5,
                    &[
                        ("date", "12/01/2025"),
                        ("code_dechet", "15 01 01"),
                        ("quantite", "1"),
                    ],
                ),
                "etablissement",
            ),
            (
                row(
                    6,
                    &[
                        ("date", "12/01/2025"),
                        ("code_dechet", "15 01 01"),
                        ("quantite", "1"),
                        ("unite", "m3"),
                        ("producteur_siret", "73282932000074"),
                    ],
                ),
                "unite",
            ),
        ] {
            let line = bad.line;
            let given_back = register.add(&bad).expect("not summed");
            let refusal = given_back.flow().expect_err("not a flow");
            assert_eq!((refusal.line, refusal.column), (line, Some(at_fault)));
        }
    }
}
