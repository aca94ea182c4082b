//! Unique words planted in every field of company B: none reaches company A, by any page, file or
//! letter, before both agreed.

use crate::support::pdf::Paper;
use crate::support::smtp::Sink;
use crate::support::{Client, TestApp, make};
use axum::http::Method;
use maillage::app;
use maillage::kernel::Direction;
use maillage::platform::access::Role;
use maillage::synergies::{Grid, Step};
use std::collections::{BTreeSet, VecDeque};
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

/// All text columns of what describes a company, but those that hold codes.
const PLANT: &str = "do $$ declare c record; place text; begin
    for c in select table_name, column_name from information_schema.columns
             where table_schema = 'public' and data_type = 'text'
               and table_name in ('companies', 'establishments', 'contacts', 'flows', 'visits')
               and column_name not in ('siren', 'siret', 'naf', 'postal_code', 'insee', 'category', 'unit', 'form', 'waste_code')
    loop
        place := case c.table_name when 'companies' then 'id = ''{company}''' when 'establishments' then 'id = ''{site}'''
                 else 'establishment_id = ''{site}''' end;
        execute format('update %I set %I = %L where %s', c.table_name, c.column_name,
                       'Zqx' || c.table_name || c.column_name || '@exemple.fr', place);
    end loop; end $$;
    update establishments set siret = '73282932000074', latitude = 47.7777, longitude = 1.1111 where id = '{site}';
    update companies set siren = '732829320' where id = '{company}';
    update flows set annual_cost_eur = 98765.4 where establishment_id = '{site}';
    update synergies set title = 'Zqxtitle', explanation = replace(explanation::text, 'Une idée.', 'Zqxnote')::jsonb;
    update feasibility_checks set grade = 'orange', comment = 'Zqxgrid';";

struct Scanner<'a> {
    test: &'a TestApp,
    sink: &'a Sink,
    a: &'a Client,
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

    /// Every GET route with every identifier, then whatever the pages link to.
    async fn pages(&mut self) {
        let mut todo: VecDeque<String> = VecDeque::new();
        for route in app::routes()
            .table()
            .iter()
            .filter(|route| route.method == Method::GET)
        {
            match route.path.find('{') {
                None => todo.push_back(route.path.to_owned()),
                Some(at) => {
                    let end = route.path.find('}').unwrap() + 1;
                    let filled = self
                        .ids
                        .iter()
                        .map(|id| format!("{}{id}{}", &route.path[..at], &route.path[end..]));
                    todo.extend(filled);
                }
            }
        }
        todo.extend(
            self.ids
                .iter()
                .map(|id| format!("/mon-espace/correction?flux={id}")),
        );
        todo.extend(
            self.ids
                .iter()
                .map(|id| format!("/mon-espace/correction?etablissement={id}")),
        );
        let mut seen = BTreeSet::new();
        while let Some(path) = todo.pop_front() {
            if !seen.insert(path.clone()) {
                continue;
            }
            let reply = self.a.get(&path).await;
            let headers: Vec<_> = reply
                .headers
                .iter()
                .map(|(k, v)| format!("{k}: {}", String::from_utf8_lossy(v.as_bytes())))
                .collect();
            self.look(&format!("{path} (headers)"), &headers.join("\n"));
            if reply.bytes.starts_with(b"PK") {
                self.workbook(&path, &reply.bytes);
            } else if reply.bytes.starts_with(b"%PDF") {
                self.look(&path, &Paper::read(&reply.bytes).text());
            } else {
                let html = reply.html();
                self.look(&path, &html);
                if reply.status == 200 && html.starts_with("<!doctype") {
                    let links = html
                        .split("href=\"")
                        .skip(1)
                        .filter_map(|rest| rest.split('"').next());
                    let local = links.filter(|href| href.starts_with('/') && !href.starts_with("/static"));
                    todo.extend(
                        local.map(|href| href.replace("&#38;", "&").split('#').next().unwrap().to_owned()),
                    );
                }
            }
        }
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

    /// What A's people received.
    async fn letters(&mut self) {
        self.test.run_jobs().await;
        for got in self.sink.received() {
            if got.to == format!("{}@exemple.fr", self.a.user) || got.to.starts_with("contact.a") {
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

    async fn everything(&mut self, stage: &str) {
        self.pages().await;
        self.letters().await;
        assert_eq!(self.found, Vec::<String>::new(), "{stage}");
    }
}

#[tokio::test]
async fn nothing_of_b_reaches_a_before_both_agreed() {
    let sink = Sink::start().await;
    let test = TestApp::with_mail(&sink).await;
    let advisor = test.as_(Role::Advisor).await;
    let site_a = make::establishment(&test, test.territory, "Cartonnerie Belle-Anse").await;
    let site_b = make::establishment(&test, test.territory, "B").await;
    let out = make::flow(
        &test,
        &site_a,
        Direction::Outbound,
        "MAT-01",
        ("Chutes de carton", 38.4, "t"),
    )
    .await;
    let into = make::flow(
        &test,
        &site_b,
        Direction::Inbound,
        "MAT-09",
        ("Calage", 4321.9, "m3"),
    )
    .await;
    make::visit(
        &test,
        &site_b,
        maillage::visits::VisitStatus::Done,
        vec![advisor.user],
    )
    .await;
    let mut clients = Vec::new();
    for site in [&site_a, &site_b] {
        let user = make::user_of(&test, Role::Company, test.territory, Some(site.company_id)).await;
        clients.push(test.signed_in(user).await);
    }
    let [a, b] = [&clients[0], &clients[1]];
    test.execute(format!(
        "update users set name = 'Zqxuser' where id = '{}';
         insert into contacts (id, establishment_id, name, email, phone, created_at) values
            (gen_random_uuid(), '{}', 'x', 'x@exemple.fr', 'x', now()), (gen_random_uuid(), '{}', 'Contact A', 'contact.a@exemple.fr', '02', now())",
        b.user, site_b.id, site_a.id
    ))
    .await;
    let steps = vec![Step::Prevalidate(Grid::all_green())];
    let id = make::synergy_between(&test, [(&site_a, Some(out.id)), (&site_b, Some(into.id))], steps).await;
    test.execute(
        PLANT
            .replace("{company}", &site_b.company_id.to_string())
            .replace("{site}", &site_b.id.to_string()),
    )
    .await;

    let ids = [
        id.to_string(),
        site_a.id.to_string(),
        site_b.id.to_string(),
        site_b.company_id.to_string(),
        out.id.to_string(),
        into.id.to_string(),
        a.user.to_string(),
        b.user.to_string(),
    ];
    let mut scanner = Scanner {
        test: &test,
        sink: &sink,
        a,
        ids: ids.to_vec(),
        scanned: 0,
        found: Vec::new(),
    };
    scanner.everything("validated").await;

    let proposal = format!("/mon-espace/propositions/{id}");
    advisor
        .post(&format!("/synergies/{id}/proposition"), &[])
        .await
        .expect(303);
    scanner.everything("asked").await;

    let yes = [("word", "agreed"), ("comment", "Zqxword")];
    let answer = format!("{proposal}/reponse");
    b.post(&answer, &yes).await.expect(303);
    b.post(
        "/mon-espace/correction",
        &[("flow", &into.id.to_string()), ("comment", "Zqxcorrection")],
    )
    .await
    .expect(303);
    b.post("/mon-espace/mes-donnees/effacement", &[("comment", "Zqxerasure")])
        .await
        .expect(303);
    scanner.everything("B agreed").await;

    b.post(&format!("{proposal}/retrait"), &[]).await.expect(303);
    a.post(&answer, &[("word", "agreed")]).await.expect(303);
    scanner.everything("A agreed, B took it back").await;

    println!(
        "{} responses, headers, sheets and letters of A scanned, 0 planted words found",
        scanner.scanned
    );
    assert!(scanner.scanned > 300, "{}", scanner.scanned);

    // The scanner sees: once both agree, B's name is there.
    b.post(&answer, &yes).await.expect(303);
    scanner.pages().await;
    let named: BTreeSet<_> = scanner
        .found
        .iter()
        .map(|found| found.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        named,
        BTreeSet::from([format!("{proposal}/fiche.pdf"), proposal]),
        "by the page of the proposal and nowhere else"
    );
}
