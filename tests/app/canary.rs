//! Unique words planted in every text column about company B: none reaches company A, the committee or anybody, by any page,
//! file or letter, before both agreed.

use crate::support::pdf;
use crate::support::smtp::Sink;
use crate::support::{Client, Reply, TestApp, make};
use axum::http::Method;
use maillage::app;
use maillage::kernel::Direction;
use maillage::kernel::ids::{FlowId, SynergyId};
use maillage::platform::access::Role;
use maillage::synergies::{Grid, Step};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Cursor;

/// Beginning of every planted word; and figures and numbers that are B's alone.
const WORD: &str = "zqx";
const FIGURES: [&str; 9] = [
    "732829320",
    "732 829 320",
    "47.7777",
    "1.1111",
    "4321.9",
    "4321,9",
    "4 321",
    "98765.4",
    "98 765",
];

/// Whose rows are B's, for every table that holds words about a company. All their text columns are planted, those
/// of tomorrow included: a table that is neither here nor in [`OF_NOBODY`] fails the test.
const OF_B: [(&str, &str); 32] = [
    ("batch_rows", "true"),
    ("comments", "synergy_id = '{synergy}'"),
    ("companies", "id = '{company}'"),
    ("company_ideas", "establishment_id = '{site}'"),
    ("contacts", "establishment_id = '{site}'"),
    ("erasure_requests", "company_id = '{company}'"),
    ("establishments", "id = '{site}'"),
    ("feasibility_checks", "synergy_id = '{synergy}'"),
    ("flow_corrections", "establishment_id = '{site}'"),
    ("flows", "establishment_id = '{site}'"),
    ("import_files", "true"),
    ("import_rows", "true"),
    ("introductions", "synergy_id = '{synergy}'"),
    ("lifted_refusals", "synergy_id = '{synergy}'"),
    (
        "next_actions",
        "synergy_id = '{synergy}' or establishment_id = '{site}'",
    ),
    ("presumed_flows", "establishment_id = '{site}'"),
    ("publication_consents", "company_id = '{company}'"),
    ("publications", "synergy_id = '{synergy}'"),
    ("regulatory_checks", "synergy_id = '{synergy}'"),
    ("satisfactions", "company_id = '{company}'"),
    ("saved_views", "true"),
    ("synergies", "id = '{synergy}'"),
    ("synergy_files", "synergy_id = '{synergy}'"),
    ("synergy_meetings", "synergy_id = '{synergy}'"),
    ("synergy_studies", "synergy_id = '{synergy}'"),
    ("synergy_years", "synergy_id = '{synergy}'"),
    ("users", "id = '{user}'"),
    ("visit_answers", "visit_id = '{visit}'"),
    ("visit_cells", "visit_id = '{visit}'"),
    ("visit_flows", "visit_id = '{visit}'"),
    ("visits", "establishment_id = '{site}'"),
    ("work_times", "synergy_id = '{synergy}'"),
];

/// Planted by [`FIXTURE`], since rows cannot be changed or concern two companies.
const PLANTED_ALREADY: [&str; 4] = ["journal", "synergy_consents", "workshop_guests", "workshop_ideas"];

/// Nothing of one company is written there.
const OF_NOBODY: [(&str, &[&str]); 4] = [
    (
        "lists that everybody reads, and the territory's own choices",
        &[
            "activity_zones",
            "assignment_rules",
            "communes",
            "factor_sets",
            "factor_values",
            "flow_categories",
            "indicator_wordings",
            "local_words",
            "motives",
            "naf_codes",
            "organisations",
            "own_indicators",
            "partners",
            "priorities",
            "reference_files",
            "territories",
            "territory_agreements",
            "territory_communes",
            "waste_codes",
        ],
    ),
    (
        "the programme, its partners and its money",
        &[
            "commitments",
            "decisions",
            "evaluation_answers",
            "evaluations",
            "expenses",
            "funding_lines",
            "meetings",
            "outreach",
            "programme_targets",
            "programme_tasks",
            "programmes",
            "workshops",
        ],
    ),
    (
        "the public register, and what is computed from categories",
        &[
            "missing_partners",
            "presumed_dismissals",
            "sirene_files",
            "sirene_sites",
            "sirene_units",
            "visit_prospects",
        ],
    ),
    (
        "machinery; letters are scanned as they arrive",
        &[
            "_sqlx_migrations",
            "batches",
            "import_mappings",
            "imports",
            "jobs",
            "kept_sums",
            "letter_refusals",
            "letters",
            "sessions",
            "synergy_reminders",
            "throttles",
        ],
    ),
];

/// Columns of those tables that hold a code of a list, a number searched as a figure, or a secret.
const CODES: [&str; 25] = [
    "companies.siren",
    "establishments.insee",
    "establishments.naf",
    "establishments.postal_code",
    "establishments.siret",
    "flow_corrections.unit",
    "flows.category",
    "flows.form",
    "flows.unit",
    "flows.waste_code",
    "lifted_refusals.motive",
    "presumed_flows.category",
    "regulatory_checks.point",
    "synergies.category",
    "synergies.fingerprint",
    "synergies.key",
    "synergies.motive",
    "synergies.params_version",
    "synergy_files.media_type",
    "users.password_hash",
    "users.specialities",
    "visit_answers.question",
    "visit_cells.field",
    "visit_flows.category",
    "visit_flows.unit",
];

/// A row of B wherever there is none yet, to be planted.
const FIXTURE: &str = "
    insert into contacts (id, establishment_id, name, email, phone, created_at) values
        (gen_random_uuid(), '{site}', 'x', 'x@exemple.fr', 'x', now()),
        (gen_random_uuid(), '{site_a}', 'Contact A', 'contact.a@exemple.fr', '02', now());
    insert into visit_answers (visit_id, question, answer, answered_at) values ('{visit}', 'projects', 'x', now());
    insert into visit_cells (visit_id, row_id, field, typed, is_pending, client_id, seq, user_id, typed_at) values
        ('{visit}', '{visit}', 'notes', 'x', false, gen_random_uuid(), 0, '{advisor}', now());
    insert into visit_flows (visit_id, flow_id, direction, label, certainty) values ('{visit}', '{flow}', 'inbound', 'x', 'declared');
    insert into presumed_flows (establishment_id, category, direction, probability, why) values ('{site}', 'MAT-03', 'inbound', 0.9, 'x');
    insert into flow_corrections (id, territory_id, establishment_id, flow_id, is_gone, asked_at) values
        (gen_random_uuid(), '{territory}', '{site}', '{flow}', false, now());
    insert into company_ideas (id, territory_id, establishment_id, flow_id, what, state, answer, asked_at, decided_at) values
        (gen_random_uuid(), '{territory}', '{site}', '{flow}', 'x', 'declined', 'x', now(), now());
    insert into erasure_requests (id, company_id, territory_id, asked_at, answer, answered_at) values
        (gen_random_uuid(), '{company}', '{territory}', now(), 'x', now());
    insert into lifted_refusals (synergy_id, state, proposed_at, version) values ('{synergy}', 'asleep', now(), 0);
    insert into publications (synergy_id, title, story, written_at) values ('{synergy}', 'x', 'x', now());
    insert into publication_consents (synergy_id, company_id, person, said_on) values ('{synergy}', '{company}', 'x', current_date);
    insert into satisfactions (synergy_id, company_id, mark, may_quote, given_at) values ('{synergy}', '{company}', 4, false, now());
    insert into saved_views (id, territory_id, owner_id, list, name, query, is_shared, created_at) values
        (gen_random_uuid(), '{territory}', '{advisor}', 'flows', 'x', 'q=x', true, now());
    with batch as (insert into batches (id, territory_id, user_id, list, act, words, made_at) values
        (gen_random_uuid(), '{territory}', '{advisor}', 'flows', 'delete', 'Supprimer', now()) returning id)
    insert into batch_rows (batch_id, row_id, rank, label, refusal) select id, '{flow}', 0, 'x', 'x' from batch;
    insert into synergy_years (synergy_id, year, measure, quantity, other_unit, origin, evidence, dated_on, giver_gain_eur, giver_source,
            receiver_gain_eur, receiver_source, recorded_at)
        values ('{synergy}', 2025, 'other', 1, 'x', 'declared', 'x', current_date, 1, 'x', 1, 'x', now());
    insert into work_times (id, synergy_id, user_id, minutes, what, spent_on, noted_at) values
        (gen_random_uuid(), '{synergy}', '{advisor}', 30, 'x', current_date, now());
    insert into comments (id, territory_id, synergy_id, author_id, body, written_at)
        values (gen_random_uuid(), '{territory}', '{synergy}', '{advisor}', 'x', now());
    insert into next_actions (id, synergy_id, what, owner, due_on) values (gen_random_uuid(), '{synergy}', 'x', '{advisor}', current_date);
    insert into synergy_meetings (synergy_id, held_on, place) values ('{synergy}', current_date, 'x');
    insert into synergy_studies (synergy_id, investment_eur, investment_source, giver_gain_eur, giver_source, receiver_gain_eur, receiver_source)
        values ('{synergy}', 1, 'x', 1, 'x', 1, 'x');
    insert into regulatory_checks (synergy_id, point, answer) values ('{synergy}', 'x', 'checked');
    insert into synergy_files (id, synergy_id, name, media_type, content, added_by, added_at) values
        ('{file}', '{synergy}', 'x', 'application/pdf', 'x', '{advisor}', now());
    insert into introductions (synergy_id, subject, body, recipients, written_at) values ('{synergy}', 'x', 'x', '{}', now());
    insert into imports (id, territory_id, user_id, state, file_names, parts, report, created_at) values
        ('{import}', '{territory}', '{advisor}', 'applied', '{Zqximport}', '[]', '{}', now());
    insert into import_files (import_id, rank, name, content) values ('{import}', 0, 'x', 'x');
    insert into import_rows (import_id, import_table, line, cells, outcome, title, changes, remarks) values
        ('{import}', 'sites', 1, '[\"Zqxcell\"]', 'created', 'x', '[\"Zqxchange\"]', '{}');
    insert into workshops (id, territory_id, title, held_on, state) values ('{workshop}', '{territory}', 'Atelier', current_date + 9, 'invited');
    insert into workshop_guests (id, workshop_id, establishment_id, reason, person, comment, mark_comment, answer, invited_at) values
        (gen_random_uuid(), '{workshop}', '{site}', 'Zqxreason', 'Zqxperson', 'Zqxcomment', 'Zqxmark', 'yes', now()),
        ('{guest_a}', '{workshop}', '{site_a}', 'Zqxreason', null, null, null, 'waiting', now());
    insert into workshop_links (token_hash, guest_id, created_at) values (sha256('lettre-de-a'), '{guest_a}', now());
    insert into workshop_ideas (id, workshop_id, giver_id, taker_id, giver_flow, taker_flow, label, made_giver_flow, made_taker_flow, said_at)
        values (gen_random_uuid(), '{workshop}', '{site_a}', '{site}', '{flow_a}', '{flow}', 'Zqxidea', false, false, now());
    insert into next_actions (id, workshop_id, what, establishment_id, owner, due_on) values
        (gen_random_uuid(), '{workshop}', 'x', '{site}', '{advisor}', current_date);
    insert into journal (at, author, territory_id, subject, subject_id, action, before, after, comment)
        select now(), 'Zqxauthor', '{territory}', subject, id::uuid, 'Zqxaction', '{\"name\": \"Zqxbefore\"}', '{\"name\": \"Zqxafter\"}', 'Zqxsaid'
        from (values ('synergy', '{synergy}'), ('establishment', '{site}'), ('flow', '{flow}'), ('visit', '{visit}')) j(subject, id);";

/// Figures that are B's alone, and words inside what the synergy explains.
const FIGURES_OF_B: &str = "
    update establishments set siret = '73282932000074', latitude = 47.7777, longitude = 1.1111 where id = '{site}';
    update companies set siren = '732829320' where id = '{company}';
    update flows set annual_cost_eur = 98765.4 where establishment_id = '{site}';
    update synergies set explanation = replace(explanation::text, 'Une idée.', 'Zqxnote')::jsonb;";

/// Company B with a row of its own wherever there may be one, and company A beside it.
struct Ground {
    test: TestApp,
    sink: Sink,
    advisor: Client,
    companies: [Client; 2],
    id: SynergyId,
    known: Vec<(&'static str, String)>,
}

impl Ground {
    async fn start() -> Self {
        let sink = Sink::start().await;
        let test = TestApp::with_mail(&sink).await;
        let advisor = test.as_(Role::Advisor).await;
        let site_a = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
        let site_b = make::establishment(&test, test.territory, "B").await;
        let offer = ("Chutes de carton", 38.4, "t");
        let out = make::flow(&test, &site_a, Direction::Outbound, "MAT-01", offer).await;
        let need = ("Calage", 4321.9, "m3");
        let into = make::flow(&test, &site_b, Direction::Inbound, "MAT-09", need).await;
        let done = maillage::visits::VisitStatus::Done;
        let visit = make::visit(&test, &site_b, done, vec![advisor.user]).await;
        let mut companies = Vec::new();
        for site in [&site_a, &site_b] {
            let user = make::user_of(&test, Role::Company, test.territory, Some(site.company_id)).await;
            companies.push(test.signed_in(user).await);
        }
        let steps = vec![Step::Prevalidate(Grid::all_green())];
        let ends = [(&site_a, Some(out.id)), (&site_b, Some(into.id))];
        let id = make::synergy_between(&test, ends, steps).await;
        let [file, import, workshop, guest_a] = [(); 4].map(|()| FlowId::fresh().to_string());
        let ground = Self {
            known: vec![
                ("{company}", site_b.company_id.to_string()),
                ("{site}", site_b.id.to_string()),
                ("{site_a}", site_a.id.to_string()),
                ("{flow}", into.id.to_string()),
                ("{flow_a}", out.id.to_string()),
                ("{visit}", visit.id.to_string()),
                ("{synergy}", id.to_string()),
                ("{user}", companies[1].user.to_string()),
                ("{advisor}", advisor.user.to_string()),
                ("{territory}", test.territory.to_string()),
                ("{file}", file),
                ("{import}", import),
                ("{workshop}", workshop),
                ("{guest_a}", guest_a),
            ],
            companies: companies.try_into().unwrap_or_else(|_| panic!("two companies")),
            test,
            sink,
            advisor,
            id,
        };
        ground.test.execute(ground.filled(FIXTURE)).await;
        ground
    }

    fn filled(&self, statement: &str) -> String {
        self.known
            .iter()
            .fold(statement.to_owned(), |text, (name, value)| {
                text.replace(name, value)
            })
    }
}

/// Every column that holds text: its table, its name, its type.
async fn text_columns(test: &TestApp) -> Vec<[String; 3]> {
    use sqlx::Row;
    let columns = sqlx::raw_sql(
        "select c.table_name::text, c.column_name::text, c.udt_name::text from information_schema.columns c
           join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.udt_name in ('text', '_text', 'varchar', 'jsonb') and c.is_generated = 'NEVER'
         order by 1, 2",
    )
    .fetch_all(&test.database.pool)
    .await
    .unwrap();
    columns
        .iter()
        .map(|column| [0, 1, 2].map(|rank| column.get::<String, _>(rank)))
        .collect()
}

/// Plants a word in every text column of B's rows; gives how many columns.
async fn plant(ground: &Ground, word: impl Fn(&str) -> String) -> usize {
    let test = &ground.test;
    let mut planted = BTreeSet::new();
    let columns = text_columns(test).await;
    for [table, name, kind] in columns.iter().filter(|[.., kind]| kind != "jsonb") {
        let (table, kind) = (table.as_str(), kind.as_str());
        let is_of_nobody = OF_NOBODY.iter().any(|(_, tables)| tables.contains(&table));
        let place = format!("{table}.{name}");
        if is_of_nobody || PLANTED_ALREADY.contains(&table) || CODES.contains(&place.as_str()) {
            continue;
        }
        let Some((_, whose)) = OF_B.iter().find(|(known, _)| *known == table) else {
            panic!("{place}: say in OF_B which rows are a company's, or in OF_NOBODY that none is");
        };
        let word = word(&place);
        let value = if kind == "_text" {
            format!("array['{word}']")
        } else {
            format!("'{word}'")
        };
        let statement = ground.filled(&format!("update {table} set {name} = {value} where {whose}"));
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&test.database.pool)
            .await
            .unwrap_or_else(|error| panic!("{place}: {error}"));
        assert!(
            done.rows_affected() > 0,
            "{place}: no row of B to plant a word in"
        );
        planted.insert(place);
    }
    planted.len()
}

const EVERYBODY: [&str; 3] = ["A", "the committee", "anybody"];

/// A page is read with that many of its filters at most: a board links to itself without end.
const VARIANTS: usize = 40;

/// Somebody who must not read of B.
struct Reader<'a> {
    name: &'static str,
    client: &'a Client,
    roles: &'a [Role],
}

struct Scanner<'a> {
    test: &'a TestApp,
    sink: &'a Sink,
    readers: Vec<Reader<'a>>,
    ids: Vec<String>,
    scanned: usize,
    found: Vec<String>,
}

impl Scanner<'_> {
    fn look(&mut self, place: &str, text: &str) {
        self.scanned += 1;
        let folded = text.to_lowercase().replace(['\u{a0}', '\u{202f}'], " ");
        for secret in FIGURES.iter().chain([&WORD]) {
            if folded.contains(secret) {
                self.found.push(format!("{place}: {secret}"));
            }
        }
    }

    /// Every GET route that a reader may call with every identifier, then whatever the pages link to.
    fn addresses(&self, roles: &[Role]) -> VecDeque<String> {
        let mut todo = VecDeque::new();
        for route in app::routes()
            .table()
            .iter()
            .filter(|route| route.method == Method::GET)
        {
            let Some(at) = route.path.find('{') else {
                todo.push_back(route.path.to_owned());
                continue;
            };
            let end = route.path.find('}').unwrap() + 1;
            // A refusal says the same of all.
            let tried = if route.access.admits(roles) {
                self.ids.len()
            } else {
                1
            };
            let filled = self.ids[..tried]
                .iter()
                .map(|id| format!("{}{id}{}", &route.path[..at], &route.path[end..]));
            todo.extend(filled);
        }
        for asked in ["flux", "etablissement"] {
            todo.extend(
                self.ids
                    .iter()
                    .map(|id| format!("/mon-espace/correction?{asked}={id}")),
            );
        }
        todo.extend(self.ids.iter().map(|id| format!("/mon-espace/idee?flux={id}")));
        todo
    }

    async fn pages(&mut self, whose: &[&str]) {
        for rank in 0..self.readers.len() {
            let reader = &self.readers[rank];
            let (name, client) = (reader.name, reader.client);
            if !whose.contains(&name) {
                continue;
            }
            let mut todo = self.addresses(reader.roles);
            let mut seen = BTreeSet::new();
            let mut variants = BTreeMap::<String, usize>::new();
            while let Some(path) = todo.pop_front() {
                let page = path.split('?').next().unwrap().to_owned();
                let times = variants.entry(page).or_default();
                if *times < VARIANTS && seen.insert(path.clone()) {
                    *times += 1;
                    let reply = client.get(&path).await;
                    todo.extend(self.reply(&format!("{name}, {path}"), &reply));
                }
            }
        }
    }

    /// Looks at an answer; gives where it leads.
    fn reply(&mut self, place: &str, reply: &Reply) -> Vec<String> {
        let headers: Vec<_> = reply
            .headers
            .iter()
            .map(|(k, v)| format!("{k}: {}", String::from_utf8_lossy(v.as_bytes())))
            .collect();
        self.look(&format!("{place} (headers)"), &headers.join("\n"));
        if reply.bytes.starts_with(b"PK") {
            self.workbook(place, &reply.bytes);
            return Vec::new();
        }
        if reply.bytes.starts_with(b"%PDF") {
            self.look(place, &pdf::words(&reply.bytes));
            return Vec::new();
        }
        let text = String::from_utf8_lossy(&reply.bytes).into_owned();
        self.look(place, &text);
        if reply.status != 200 || !text.starts_with("<!doctype") {
            return Vec::new();
        }
        text.split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .filter(|href| href.starts_with('/') && !href.starts_with("/static"))
            .map(|href| href.replace("&#38;", "&").split('#').next().unwrap().to_owned())
            .collect()
    }

    fn workbook(&mut self, path: &str, bytes: &[u8]) {
        use calamine::Reader;
        let mut book: calamine::Xlsx<_> =
            calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).unwrap();
        for name in book.sheet_names() {
            let sheet = book.worksheet_range(&name).unwrap();
            let cells: Vec<_> = sheet.cells().map(|(_, _, cell)| cell.to_string()).collect();
            self.look(&format!("{path} ({name})"), &cells.join("\n"));
        }
    }

    /// What those who are not B received.
    async fn letters(&mut self) {
        self.test.run_jobs().await;
        for got in self.sink.received() {
            let is_reader = self
                .readers
                .iter()
                .any(|reader| got.to == format!("{}@exemple.fr", reader.client.user));
            if is_reader || got.to.starts_with("contact.a") {
                let whole = format!(
                    "{}\n{}\n{}",
                    got.data,
                    got.part("text/plain"),
                    got.part("text/html")
                );
                self.look(&format!("letter « {} »", got.header("Subject")), &whole);
            }
        }
    }

    async fn everything(&mut self, stage: &str, whose: &[&str]) {
        self.pages(whose).await;
        self.letters().await;
        assert_eq!(self.found, Vec::<String>::new(), "{stage}");
    }
}

#[tokio::test]
async fn nothing_of_b_reaches_a_before_both_agreed() {
    let ground = Ground::start().await;
    let columns = plant(&ground, |place| format!("zqx{place}@exemple.fr")).await;
    ground.test.execute(ground.filled(FIGURES_OF_B)).await;
    let (test, advisor, id) = (&ground.test, &ground.advisor, ground.id);
    let [a, b] = &ground.companies;
    let committee = test.as_(Role::Committee).await;
    let nobody = test.nobody();

    let mut ids: Vec<String> = ground.known.iter().map(|(_, value)| value.clone()).collect();
    ids.extend([a.user.to_string(), "lettre-de-a".to_owned()]);
    let reader = |name, client, roles| Reader { name, client, roles };
    let mut scanner = Scanner {
        test,
        sink: &ground.sink,
        readers: vec![
            reader(EVERYBODY[0], a, &[Role::Company][..]),
            reader(EVERYBODY[1], &committee, &[Role::Committee][..]),
            reader(EVERYBODY[2], &nobody, &[][..]),
        ],
        ids,
        scanned: 0,
        found: Vec::new(),
    };
    scanner.everything("validated", &EVERYBODY).await;

    let proposal = format!("/mon-espace/propositions/{id}");
    advisor
        .post(&format!("/synergies/{id}/proposition"), &[])
        .await
        .expect(303);
    scanner.everything("asked", &["A"]).await;

    let yes = [("word", "agreed"), ("comment", "Zqxword")];
    let answer = format!("{proposal}/reponse");
    b.post(&answer, &yes).await.expect(303);
    b.post(
        "/mon-espace/correction",
        &[("flow", &ground.filled("{flow}")), ("comment", "Zqxcorrection")],
    )
    .await
    .expect(303);
    b.post("/mon-espace/mes-donnees/effacement", &[("comment", "Zqxerasure")])
        .await
        .expect(303);
    scanner.everything("B agreed", &["A"]).await;

    b.post(&format!("{proposal}/retrait"), &[]).await.expect(303);
    a.post(&answer, &[("word", "agreed")]).await.expect(303);
    scanner.everything("A agreed, B took it back", &EVERYBODY).await;

    println!(
        "{columns} columns planted; {} responses, headers, sheets and letters scanned, 0 planted words found",
        scanner.scanned
    );
    assert!(columns > 50, "{columns}");
    assert!(scanner.scanned > 3000, "{}", scanner.scanned);

    // The scanner sees: once both agree, B's name is there.
    b.post(&answer, &yes).await.expect(303);
    scanner.pages(&["A"]).await;
    let named: BTreeSet<_> = scanner
        .found
        .iter()
        .map(|found| found.split(": zqx").next().unwrap().to_owned())
        .collect();
    assert_eq!(
        named,
        BTreeSet::from([format!("A, {proposal}/fiche.pdf"), format!("A, {proposal}")]),
        "by the page of the proposal and nowhere else"
    );
}

/// A person of B, as contacts and accounts call them, and everywhere else in a sentence.
const PERSON: [&str; 3] = ["zqxperson", "zqx0612345678", "zqxmail@exemple.fr"];

/// Where a person's name, number or address is still written.
async fn left(test: &TestApp) -> Vec<String> {
    let mut places = Vec::new();
    for [table, name, _] in text_columns(test).await {
        for word in PERSON {
            let query = format!("select count(*) from {table} where strpos({name}::text, '{word}') > 0");
            if test.count(query).await > 0 {
                places.push(format!("{table}.{name}: {word}"));
            }
        }
    }
    places
}

#[tokio::test]
async fn once_erased_a_person_of_b_is_written_nowhere() {
    let ground = Ground::start().await;
    let test = &ground.test;
    plant(&ground, |place| match place {
        "contacts.name" => PERSON[0].to_owned(),
        "contacts.phone" => PERSON[1].to_owned(),
        "contacts.email" => PERSON[2].to_owned(),
        _ => format!("{place}.{}.{}.{}", PERSON[0], PERSON[1], PERSON[2]),
    })
    .await;
    test.execute(ground.filled(
        "insert into journal (at, author, territory_id, subject, subject_id, action, before, after, comment)
           select now(), 'zqxperson', '{territory}', subject, id::uuid, 'zqxperson a dit', '{\"name\": \"zqxperson\"}',
                  '{\"phone\": \"zqx0612345678\"}', 'zqxmail@exemple.fr' from (values ('synergy', '{synergy}'), ('flow', '{flow_a}'), ('visit', '{visit}')) j(subject, id);
         insert into synergy_consents (synergy_id, company_id, word, channel, person, comment, said_at)
           values ('{synergy}', '{company}', 'agreed', 'phone', 'zqxperson', 'rappeler zqxperson', now());
         update workshop_guests set person = 'zqxperson', comment = 'zqxperson viendra';
         update workshop_ideas set label = 'zqxperson';
         insert into erasure_requests (id, company_id, territory_id, asked_by, asked_at, comment)
           values (gen_random_uuid(), '{company}', '{territory}', '{user}', now(), 'Effacez zqxperson')",
    ))
    .await;
    assert!(left(test).await.len() > 100, "planted");
    ground.advisor.get("/demandes").await.expect(200);
    let pilot = test.as_(Role::Pilot).await;
    let desk = pilot.get("/demandes").await;
    let page = desk.attr("a[href^='/demandes/effacements/']", "href").unwrap();
    ground.advisor.get(&page).await.expect(403);
    let shown = pilot.get(&page).await;
    let text = shown.expect(200).text("main");
    assert!(
        text.contains("Ce qui est effacé") && text.contains("Ce qui est gardé"),
        "{text}"
    );
    let lines = test.count("select count(*) from journal").await;
    pilot.post(&page, &[]).await.expect(303);
    pilot.post(&page, &[]).await.expect(404);
    let places = left(test).await;
    let letter = |place: &String| place.starts_with("letters.");
    assert!(places.iter().all(letter), "{places:?}");
    assert_eq!(
        test.count("select count(*) from letters where subject = 'Vos données sont effacées'")
            .await,
        1
    );
    test.execute("delete from letters where subject = 'Vos données sont effacées'".to_owned())
        .await;
    assert_eq!(
        left(test).await,
        Vec::<String>::new(),
        "once the letter that says so is gone"
    );
    assert!(
        test.count("select count(*) from journal").await > lines,
        "the journal loses no line"
    );
    let said = "select count(*) from journal where action = 'données effacées à la demande de l’entreprise' and comment is null and after is null";
    assert_eq!(test.count(said).await, 1);
    let b = &ground.companies[1];
    assert!(
        b.get("/mon-espace").await.location().starts_with("/connexion"),
        "the account is closed"
    );
    ground.companies[0].get("/mon-espace").await.expect(200);
    assert_eq!(
        test.count("select count(*) from visits").await,
        1,
        "that it took place stays"
    );
    test.search().await;
    let sheet = ground.filled("/synergies/{synergy}");
    ground.advisor.get(&sheet).await.expect(200);
}
