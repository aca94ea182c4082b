//! The database and the code say the same: enums, constraint names, the append-only journal.

use crate::support::TestApp;
use maillage::companies::{Headcount, PositionSource};
use maillage::exchange::import;
use maillage::exchange::network::Table;
use maillage::flows::{Certainty, FlowSource, Visibility};
use maillage::indicators::evaluation::EvaluationState;
use maillage::kernel::{Direction, Period};
use maillage::lists::List;
use maillage::neighbours::model::BorderWord;
use maillage::platform::access::Role;
use maillage::platform::jobs::store::JobState;
use maillage::platform::mail::store::LetterState;
use maillage::portal::CorrectionState;
use maillage::programmes::model::{
    CommitmentState, DecisionState, ExpenseKind, MeetingKind, OutreachKind, PartnerKind,
};
use maillage::synergies::{
    Axis, Checked, Grade, IdeaState, MemberState, Readiness, State, Treatment, YieldMeasure,
};
use maillage::synergies::{Channel, Word};
use maillage::territories::OrganisationKind;
use maillage::visits::VisitStatus;
use maillage::workshops::{GuestAnswer, WorkshopState};

macro_rules! agrees {
    ($pool:expr, $($name:literal: $type:ty = $all:expr;)*) => {$(
        let query = concat!("select unnest(enum_range(null::", $name, ")) as value");
        let found: Vec<$type> = {
            use sqlx::Row;
            let rows = sqlx::raw_sql(query).fetch_all($pool).await.unwrap();
            rows.iter().map(|row| row.get::<$type, _>(0)).collect()
        };
        assert_eq!(found, $all.to_vec(), $name);
    )*};
}

#[tokio::test]
async fn rust_and_postgres_agree_on_every_enum() {
    let test = TestApp::start().await;
    let pool = &test.database.pool;
    agrees! { pool,
        "role": Role = Role::ALL;
        "organisation_kind": OrganisationKind = OrganisationKind::ALL;
        "headcount_band": Headcount = Headcount::ALL;
        "position_source": PositionSource = PositionSource::ALL;
        "flow_direction": Direction = [Direction::Outbound, Direction::Inbound];
        "flow_period": Period = Period::ALL;
        "certainty": Certainty = Certainty::ALL;
        "visibility": Visibility = Visibility::ALL;
        "flow_source": FlowSource = FlowSource::ALL;
        "idea_state": IdeaState = IdeaState::ALL;
        "visit_status": VisitStatus = VisitStatus::ALL;
        "job_state": JobState = JobState::ALL;
        "letter_state": LetterState = LetterState::ALL;
        "consent_word": Word = Word::ALL;
        "consent_channel": Channel = Channel::ALL;
        "correction_state": CorrectionState = CorrectionState::ALL;
        "import_state": import::State = import::State::ALL;
        "import_outcome": import::Outcome = import::Outcome::ALL;
        "import_table": Table = Table::ALL;
        "synergy_state": State = State::ALL;
        "member_state": MemberState = MemberState::ALL;
        "feasibility_axis": Axis = Axis::ALL;
        "feasibility_grade": Grade = Grade::ALL;
        "readiness": Readiness = Readiness::ALL;
        "regulatory_answer": Checked = Checked::ALL;
        "treatment": Treatment = Treatment::ALL;
        "yield_measure": YieldMeasure = YieldMeasure::ALL;
        "commitment_state": CommitmentState = CommitmentState::ALL;
        "partner_kind": PartnerKind = PartnerKind::ALL;
        "meeting_kind": MeetingKind = MeetingKind::ALL;
        "decision_state": DecisionState = DecisionState::ALL;
        "outreach_kind": OutreachKind = OutreachKind::ALL;
        "expense_kind": ExpenseKind = ExpenseKind::ALL;
        "workshop_state": WorkshopState = WorkshopState::ALL;
        "guest_answer": GuestAnswer = GuestAnswer::ALL;
        "border_word": BorderWord = BorderWord::ALL;
        "list_kind": List = List::ALL;
        "evaluation_state": EvaluationState = EvaluationState::ALL;
    }
}

#[tokio::test]
async fn the_journal_refuses_changes() {
    let test = TestApp::start().await;
    for statement in [
        "update journal set action = 'x'",
        "delete from journal",
        "truncate journal",
    ] {
        let refused = sqlx::raw_sql(statement).execute(&test.database.pool).await;
        assert!(
            refused.unwrap_err().to_string().contains("append-only"),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn constraints_that_forms_translate_exist() {
    let test = TestApp::start().await;
    let source = include_dir();
    let mut missing = Vec::new();
    for (_, rest) in source
        .match_indices(".on_constraint(")
        .map(|(at, m)| (at, &source[at + m.len()..]))
    {
        let Some(name) = rest.split('"').nth(1) else {
            continue;
        };
        let known: i64 = {
            use sqlx::Row;
            // A unique index with a condition is no constraint, but is violated like one.
            let query = format!(
                "select (select count(*) from pg_constraint where conname = '{name}')
                      + (select count(*) from pg_indexes where indexname = '{name}')"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(query))
                .fetch_one(&test.database.pool)
                .await
                .unwrap()
                .get(0)
        };
        if known == 0 {
            missing.push(name.to_owned());
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

fn include_dir() -> String {
    fn read(folder: &std::path::Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut whole = String::new();
    read(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut whole,
    );
    whole
}
