//! Part C: what the companies gain, who pays for the programme, jobs, the territory.

use super::words::{Aspect, Quantity, Records, Theme};
use super::{Bounds, Indicator, Measure};
use crate::indicators::facts::{YearFacts, euros};
use crate::indicators::model::{Reading, number};

pub(super) const INDICATORS: &[Indicator] = &[
    Indicator {
        code: "C01",
        theme: Theme::C1,
        title: "Économies et recettes des entreprises",
        help: "Coûts évités et recettes, moins les coûts nouveaux, par an et pour toutes les entreprises. Une \
               synergie dont l’effet n’est pas estimé n’est pas comptée\u{a0}: le total est un minimum.",
        formula: "Somme des gains annuels des synergies en place.",
        unit: Quantity::EurosAYear,
        measure: Measure::Computed(|y| Reading::sum(&y.realised.savings_eur)),
        bounds: Bounds::Between(0.0, 100_000.0),
        aspect: Some(Aspect::Activities),
        mandatory: true,
        records: Records::Realised,
        source: "Exemple publié du référentiel national (somme des économies ou bénéfices).",
    },
    Indicator {
        code: "C02",
        theme: Theme::C1,
        title: "Gain moyen par entreprise engagée",
        help: "Ce qu’une entreprise engagée gagne en moyenne.",
        formula: "Gains annuels (C01), divisés par les entreprises des synergies dont le gain est connu.",
        unit: Quantity::EurosAnEstablishment,
        measure: Measure::Computed(|y| {
            let saved = &y.realised.savings_eur;
            Reading::derived(saved, per(saved.total, saved.companies))
        }),
        bounds: Bounds::Between(0.0, 3_000.0),
        aspect: None,
        mandatory: false,
        records: Records::Realised,
        source: "Proposé.",
    },
    Indicator {
        code: "C03",
        theme: Theme::C1,
        title: "Chiffre d’affaires local généré",
        help: "Ventes entre entreprises du territoire nées des synergies, telles que déclarées. Une synergie dont \
               l’effet n’est pas estimé n’est pas comptée\u{a0}: le total est un minimum.",
        formula: "Somme des ventes locales annuelles des synergies en place.",
        unit: Quantity::EurosAYear,
        measure: Measure::Computed(|y| Reading::sum(&y.realised.local_sales_eur)),
        bounds: Bounds::Between(0.0, 100_000.0),
        aspect: None,
        mandatory: false,
        records: Records::Realised,
        source: "Proposé, d’après un programme national britannique.",
    },
    Indicator {
        code: "C04",
        theme: Theme::C1,
        title: "Investissements déclenchés",
        help: "Investissements que les entreprises ont faits pour les synergies. Une synergie dont l’effet n’est \
               pas estimé n’est pas comptée\u{a0}: le total est un minimum.",
        formula: "Somme des investissements déclarés des synergies en place.",
        unit: Quantity::Euros,
        measure: Measure::Computed(|y| Reading::sum(&y.realised.investment_eur)),
        bounds: Bounds::Between(0.0, 200_000.0),
        aspect: None,
        mandatory: false,
        records: Records::Realised,
        source: "Proposé.",
    },
    Indicator {
        code: "C05",
        theme: Theme::C2,
        title: "Gains des entreprises par euro public dépensé",
        help: "Ce que les entreprises ont gagné depuis le début, pour un euro public.",
        formula: "Gains cumulés depuis chaque premier échange, divisés par la part publique des dépenses.",
        unit: Quantity::EurosAEuro,
        measure: Measure::Computed(per_public_euro),
        bounds: Bounds::Between(0.0, 2.0),
        aspect: Some(Aspect::Economics),
        mandatory: false,
        records: Records::Money,
        source: "Proposé.",
    },
    Indicator {
        code: "C06",
        theme: Theme::C2,
        title: "Budget annuel de la démarche",
        help: "Temps des agents et frais enregistrés dans l’année.",
        formula: "Somme des dépenses de l’année.",
        unit: Quantity::EurosAYear,
        measure: Measure::Computed(|y| {
            Reading::plain(y.money.has_expenses.then(|| euros(y.money.spent_in_year)))
        }),
        bounds: Bounds::Unscored,
        aspect: Some(Aspect::Economics),
        mandatory: true,
        records: Records::Money,
        source: "Fiche-action (budget).",
    },
    Indicator {
        code: "C07",
        theme: Theme::C2,
        title: "Part de financement public externe",
        help: "Ce que paient d’autres que les porteurs\u{a0}: État, ADEME, Région, Europe, collectivités.",
        formula: "Financements extérieurs, rapportés aux financements commencés à la date.",
        unit: Quantity::Percent,
        measure: Measure::Computed(|y| {
            Reading::plain(y.money.external_share(y.on).map(|share| share * 100.0))
        }),
        bounds: Bounds::Between(100.0, 40.0),
        aspect: Some(Aspect::Economics),
        mandatory: true,
        records: Records::Money,
        source: "Fiche-action (plan de financement\u{a0}: 61\u{a0}% en 2018-2020).",
    },
    Indicator {
        code: "C08",
        theme: Theme::C2,
        title: "Diversification des financeurs",
        help: "0 avec un seul financeur, proche de 1 avec beaucoup de financeurs égaux.",
        formula: "Un, moins la somme des carrés des parts de chaque financeur.",
        unit: Quantity::Index,
        measure: Measure::Computed(|y| Reading::plain(y.money.diversity(y.on))),
        bounds: Bounds::Between(0.0, 0.8),
        aspect: Some(Aspect::Economics),
        mandatory: true,
        records: Records::Money,
        source: "Proposé, d’après les étapes publiées d’une démarche (sources diversifiées).",
    },
    Indicator {
        code: "C09",
        theme: Theme::C2,
        title: "Part d’autofinancement",
        help: "Ce que paient les porteurs et les entreprises.",
        formula: "Financements des porteurs, rapportés aux financements commencés à la date.",
        unit: Quantity::Percent,
        measure: Measure::Computed(|y| {
            Reading::plain(y.money.external_share(y.on).map(|share| (1.0 - share) * 100.0))
        }),
        bounds: Bounds::Between(0.0, 40.0),
        aspect: Some(Aspect::Economics),
        mandatory: true,
        records: Records::Money,
        source: "Proposé\u{202f}; fiche-action\u{a0}: porteurs 39\u{a0}%.",
    },
    Indicator {
        code: "C10",
        theme: Theme::C2,
        title: "Visibilité financière",
        help: "Mois à venir couverts sans interruption par des financements acquis.",
        formula: "Mois entre la date et la fin des financements acquis.",
        unit: Quantity::Months,
        measure: Measure::Computed(|y| {
            Reading::plain((!y.money.funding.is_empty()).then(|| y.money.months_ahead(y.on)))
        }),
        bounds: Bounds::Between(0.0, 24.0),
        aspect: Some(Aspect::Economics),
        mandatory: false,
        records: Records::Money,
        source: "Proposé, d’après la fiche-action (engagement acquis ou en discussion).",
    },
    Indicator {
        code: "C11",
        theme: Theme::C2,
        title: "Coût par synergie réalisée",
        help: "Tout ce que la démarche a dépensé, pour une synergie en place.",
        formula: "Dépenses depuis le début, divisées par les synergies en place (B08).",
        unit: Quantity::EurosASynergy,
        measure: Measure::Computed(|y| {
            let spent = (y.money.spent > 0).then(|| euros(y.money.spent));
            Reading::over(y.realised.count, per(spent, y.realised.count))
        }),
        bounds: Bounds::Between(20_000.0, 5_000.0),
        aspect: Some(Aspect::Economics),
        mandatory: false,
        records: Records::Money,
        source: "Proposé\u{202f}; repère calculé de la fiche-action\u{a0}: environ 9\u{a0}200\u{a0}€.",
    },
    Indicator {
        code: "C12",
        theme: Theme::C3,
        title: "Emplois créés ou maintenus",
        help: "Emplois en équivalent temps plein que les entreprises attribuent aux synergies réalisées. Les \
               postes d’animation se lisent en A16.",
        formula: "Somme des emplois déclarés des synergies en place.",
        unit: Quantity::FullTimeJobs,
        measure: Measure::Computed(|y| Reading::sum(&y.realised.jobs_fte)),
        bounds: Bounds::Between(0.0, 5.0),
        aspect: Some(Aspect::Activities),
        mandatory: true,
        records: Records::Realised,
        source: "Fiche-action («\u{a0}création d’emplois\u{a0}»).",
    },
    Indicator {
        code: "C13",
        theme: Theme::C3,
        title: "Emplois partagés et insertion",
        help: "Temps partagé, groupement d’employeurs, structures d’insertion ou du handicap. Une synergie dont \
               l’effet n’est pas estimé n’est pas comptée\u{a0}: le total est un minimum.",
        formula: "Somme des emplois partagés ou d’insertion des synergies en place.",
        unit: Quantity::FullTimeJobs,
        measure: Measure::Computed(|y| Reading::sum(&y.realised.shared_jobs_fte)),
        bounds: Bounds::Between(0.0, 3.0),
        aspect: None,
        mandatory: false,
        records: Records::Realised,
        source: "Proposé\u{202f}; grille publiée de Bécancour (employés mutualisés).",
    },
    Indicator {
        code: "C14",
        theme: Theme::C3,
        title: "Salariés formés par des formations mutualisées",
        help: "Personnes présentes aux formations organisées ensemble. Une synergie dont l’effet n’est pas estimé \
               n’est pas comptée\u{a0}: le total est un minimum.",
        formula: "Somme des personnes formées par an des synergies en place.",
        unit: Quantity::PeopleAYear,
        measure: Measure::Computed(|y| Reading::sum(&y.realised.trained_people)),
        bounds: Bounds::Between(0.0, 100.0),
        aspect: None,
        mandatory: false,
        records: Records::Realised,
        source: "Proposé, d’après la fiche-action (formations réglementaires).",
    },
    Indicator {
        code: "C15",
        theme: Theme::C4,
        title: "Activités et services nouveaux créés",
        help: "Activités ou services nés d’une synergie. Une synergie dont l’effet n’est pas estimé n’est pas \
               comptée\u{a0}: le total est un minimum.",
        formula: "Somme des activités nouvelles des synergies en place.",
        unit: Quantity::Activities,
        measure: Measure::Computed(|y| Reading::sum(&y.realised.new_activities)),
        bounds: Bounds::Between(0.0, 3.0),
        aspect: Some(Aspect::Activities),
        mandatory: false,
        records: Records::Realised,
        source: "Proposé, d’après la fiche-action (création de nouveaux services).",
    },
    Indicator {
        code: "C16",
        theme: Theme::C4,
        title: "Proximité des échanges",
        help: "Distance à vol d’oiseau entre deux participants d’une même synergie en place.",
        formula: "Médiane de ces distances.",
        unit: Quantity::Kilometres,
        measure: Measure::Computed(|y| Reading::over(y.realised.located, y.realised.distance_km)),
        bounds: Bounds::Between(50.0, 5.0),
        aspect: None,
        mandatory: false,
        records: Records::Realised,
        source: "Proposé\u{202f}; grille publiée de Bécancour (acteurs au-delà de 50 km).",
    },
];

/// So much each; unknown of nothing.
fn per(total: Option<f64>, count: i64) -> Option<f64> {
    Some(total? / number(count).filter(|count| *count > 0.0)?)
}

fn per_public_euro(year: &YearFacts) -> Reading {
    let saved = &year.realised.saved_so_far_eur;
    let public = year
        .money
        .external_share(year.on)
        .map(|share| euros(year.money.spent) * share)
        .filter(|spent| *spent > 0.0);
    Reading::derived(
        saved,
        saved.total.zip(public).map(|(saved, public)| saved / public),
    )
}
