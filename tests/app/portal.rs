//! A company's space: what is its own, and nothing of anybody else's.

use crate::support::{Client, Reply, TestApp, make, pdf};
use maillage::companies::contacts::{Contact, store as contacts};
use maillage::companies::{Establishment, store as companies};
use maillage::flows::Flow;
use maillage::kernel::Direction;
use maillage::kernel::Position;
use maillage::kernel::ids::ContactId;
use maillage::platform::access::Role;
use maillage::synergies::{Grid, Step};

/// Company A, its contact, and company B with words that must never reach A.
struct Pair {
    test: TestApp,
    a: Establishment,
    b: Establishment,
    contact: Client,
    flows: [Flow; 2],
}

const SECRETS: [&str; 7] = [
    "Canari",
    "73282932000074",
    "732 829",
    "12 rue du Secret",
    "47.7777",
    "1.1111",
    "4321.9",
];

async fn pair() -> Pair {
    let test = TestApp::start().await;
    let a = make::establishment(&test, test.territory, "Cartonnerie").await;
    let mut b = make::establishment_at(
        &test,
        test.territory,
        "Canari et fils",
        Position::new(47.7777, 1.1111).unwrap(),
    )
    .await;
    let before = b.clone();
    b.siret = Some("73282932000074".to_owned());
    b.address = Some("12 rue du Secret".to_owned());
    b.notes = Some("Canari des notes".to_owned());
    let scope = make::scope(&test, test.territory);
    test.system()
        .transact(async |tx| -> anyhow::Result<()> {
            assert!(companies::save(tx, &scope, &before, &b).await?);
            Ok(())
        })
        .await
        .unwrap();
    let out = make::flow(
        &test,
        &a,
        Direction::Outbound,
        "MAT-01",
        ("Chutes de carton", 38.4, "t"),
    )
    .await;
    let into = make::flow(
        &test,
        &b,
        Direction::Inbound,
        "MAT-09",
        ("Calage du Canari", 4321.9, "m3"),
    )
    .await;
    let user = make::user_of(&test, Role::Company, test.territory, Some(a.company_id)).await;
    let contact = test.signed_in(user).await;
    Pair {
        test,
        a,
        b,
        contact,
        flows: [out, into],
    }
}

impl Pair {
    /// A synergy of both, whose title and reasons speak of B.
    async fn synergy(&self, number: i32, state: &str) -> String {
        let realised = if matches!(state, "realised" | "durable") {
            "current_date"
        } else {
            "null"
        };
        let statements = format!(
            r#"insert into synergies (id, territory_id, number, key, kind, origin, state, category, title, distance_km, explanation,
                                   fingerprint, params_version, realised_on, proposed_at, updated_at, state_since)
               values (md5('s{number}')::uuid, '{}', {number}, 'k{number}', 'substitution', 'engine', '{state}', 'MAT-01',
                       'Cartons → calage du Canari', 6.34217,
                       '{{"changed": [], "proposal": {{"pair": {{"note": "Canari", "matched": {{"offered": 38.4, "needed": 4321.9, "quantity": 24.7, "unit": "t"}},
                          "giver_gain": {{"low": 1904, "central": 2600, "high": 3377, "origin": "estimated", "source": "Canari"}},
                          "receiver_gain": {{"low": 8888, "central": 9000, "high": 9999, "origin": "estimated", "source": "Canari"}}}}}}}}',
                       'f', 'v', {realised}, now(), now(), now());
               insert into synergy_members (synergy_id, establishment_id, flow_id, side, annual_quantity)
               values (md5('s{number}')::uuid, '{}', '{}', 'outbound', 38.4), (md5('s{number}')::uuid, '{}', '{}', 'inbound', 4321.9);
               insert into feasibility_checks values (md5('s{number}')::uuid, 'technical', 'orange', 'Canari à rappeler');
               insert into synergy_results (synergy_id, origin, savings_eur) values (md5('s{number}')::uuid, 'declared', 4321.9);"#,
            self.test.territory, self.a.id, self.flows[0].id, self.b.id, self.flows[1].id
        );
        self.test.execute(statements).await;
        address(number)
    }
}

/// The page of the synergy that [`Pair::synergy`] makes.
fn address(number: i32) -> String {
    format!(
        "/mon-espace/propositions/{}",
        MD5[usize::try_from(number).unwrap()]
    )
}

/// md5('s0'), md5('s1')… as PostgreSQL writes them.
const MD5: [&str; 2] = [
    "0b1cdc9f-e1f9-29e4-69c5-a54ffe0b2ed5",
    "8ddf8780-39b7-0767-c4a5-bcf4f0c4f65e",
];

#[tokio::test]
async fn a_company_never_reads_the_other_s_name_place_or_figures() {
    let pair = pair().await;
    let page = pair.synergy(0, "prevalidated").await;
    let space = pair.contact.get("/mon-espace").await;
    let proposal = pair.contact.get(&page).await;
    space.expect(200);
    proposal.expect(200);
    for reply in [&space, &proposal] {
        let html = reply.html();
        for secret in SECRETS
            .iter()
            .chain(&["4 321", "4\u{a0}321", "6.34", "6,34", "8 888", "8\u{a0}888"])
        {
            assert!(!html.contains(secret), "{secret} shows");
        }
    }
    assert_eq!(
        proposal.text("h1"),
        "« Chutes de carton » : une entreprise voisine pourrait s’en servir"
    );
    let facts = proposal.texts(".kv dd");
    assert!(
        facts[0].contains("km") && facts[0].contains("Son nom reste caché"),
        "{facts:?}"
    );
    assert!(facts[1].contains("sur vos 38,4 t"), "{facts:?}");
    assert!(facts[2].starts_with("Entre 1 900 et 3 400 € par an"), "{facts:?}");
    let acts: Vec<_> = proposal.texts("main button");
    assert_eq!(acts, ["J’envoie ma réponse"], "one decision");
}

#[tokio::test]
async fn only_validated_synergies_about_the_company_exist_for_it() {
    let pair = pair().await;
    let stranger = pair.test.as_(Role::Company).await;
    let page = pair.synergy(1, "under_review").await;
    pair.contact.get(&page).await.expect(404);
    assert!(
        pair.contact
            .get("/mon-espace")
            .await
            .text("main")
            .contains("Aucune piste pour l’instant")
    );
    pair.test
        .execute("update synergies set state = 'prevalidated'".to_owned())
        .await;
    pair.contact.get(&page).await.expect(200);
    stranger.get(&page).await.expect(404);
    assert!(!stranger.get("/mon-espace").await.html().contains("S-0001"));
    pair.test
        .execute("update synergy_members set state = 'withdrawn' where side = 'outbound'".to_owned())
        .await;
    pair.contact.get(&page).await.expect(404);
}

#[tokio::test]
async fn a_company_sees_its_flows_as_recorded_and_which_have_grown_old() {
    let pair = pair().await;
    pair.test
        .execute(format!(
            "update flows set observed_on = current_date - 1000 where id = '{}'",
            pair.flows[0].id
        ))
        .await;
    let page = pair.contact.get("/mon-espace").await;
    assert_eq!(page.texts("table tbody tr").len(), 1, "only its own");
    let cells = page.texts("table tbody tr > *");
    assert_eq!(
        cells[..2],
        [
            "Chutes de cartonSortant MAT-01Je corrige Chutes de carton · J’ai une idée sur Chutes de carton",
            "38,4 t par andéclaré"
        ]
    );
    assert!(cells[2].contains("à confirmer"), "{cells:?}");
}

#[tokio::test]
async fn staff_do_not_enter_a_company_s_space() {
    let pair = pair().await;
    for role in [Role::Advisor, Role::Committee, Role::Admin] {
        pair.test.as_(role).await.get("/mon-espace").await.expect(403);
    }
}

/// The address of the correction form of A's first flow.
fn correction(pair: &Pair) -> String {
    format!("/mon-espace/correction?flux={}", pair.flows[0].id)
}

#[tokio::test]
async fn a_correction_changes_nothing_until_an_advisor_accepts_it() {
    let pair = pair().await;
    let advisor = pair.test.as_(Role::Advisor).await;
    let page = pair.contact.get(&correction(&pair)).await;
    assert!(page.expect(200).text(".lede").contains("38,4 t par an"));
    let flow = pair.flows[0].id.to_string();
    let nonsense = [
        ("flow", flow.as_str()),
        ("quantity", "beaucoup"),
        ("unit", "t"),
        ("period", "mois"),
        ("comment", "gardé"),
    ];
    let refused = pair.contact.post("/mon-espace/correction", &nonsense).await;
    refused.expect(422);
    assert!(refused.has("[aria-invalid]") && refused.html().contains("gardé"));
    let fields = [
        ("flow", flow.as_str()),
        ("quantity", "4,5"),
        ("unit", "t"),
        ("period", "mois"),
        ("comment", "Deux équipes"),
    ];
    pair.contact
        .post("/mon-espace/correction", &fields)
        .await
        .expect(303);
    let space = pair.contact.get("/mon-espace").await;
    assert!(
        space.text("table tbody").contains("38,4 t par an")
            && space.text("table tbody").contains("correction à l’étude")
    );

    let home = advisor.get("/demandes").await;
    home.expect(200);
    let facts = home.texts(".kv dd");
    assert_eq!(facts, ["38,4 t par an", "4,5 t par mois", "Deux équipes"]);
    let accept = home.attr("form[action$=acceptation]", "action").unwrap();
    let version = home.attr("input[name=version]", "value").unwrap();
    advisor.post(&accept, &[("version", "99")]).await.expect(409);
    advisor.post(&accept, &[("version", &version)]).await.expect(303);
    advisor.post(&accept, &[("version", &version)]).await.expect(409);
    let space = pair.contact.get("/mon-espace").await;
    let row = space.text("table tbody tr");
    assert!(row.contains("4,5 t par mois") && row.contains("déclaré"), "{row}");
    assert!(space.text("main").contains("acceptée"));
    assert_eq!(
        pair.test
            .count("select round(annual_quantity)::bigint from flows where label = 'Chutes de carton'")
            .await,
        54
    );
    assert_eq!(
        pair.test
            .count("select count(*) from letters where topic = 'decided'")
            .await,
        1
    );
    assert_eq!(
        pair.test
            .count("select count(*) from letters where topic = 'request'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_correction_is_refused_with_words_and_a_missing_flow_is_added() {
    let pair = pair().await;
    let advisor = pair.test.as_(Role::Advisor).await;
    let flow = pair.flows[0].id.to_string();
    let gone = [("flow", flow.as_str()), ("is_gone", "true")];
    pair.contact
        .post("/mon-espace/correction", &gone)
        .await
        .expect(303);
    let refuse = advisor
        .get("/demandes")
        .await
        .attr("form[action$=refus]", "action")
        .unwrap();
    let empty = advisor.post(&refuse, &[]).await;
    empty.expect(422);
    assert!(empty.text(".errsum").contains("l’entreprise la lit"));
    advisor
        .post(&refuse, &[("answer", "Nous en parlons mardi.")])
        .await
        .expect(303);
    assert!(
        pair.contact
            .get("/mon-espace")
            .await
            .text("main")
            .contains("Nous en parlons mardi.")
    );

    let site = pair.a.id.to_string();
    let missing = [
        ("establishment", site.as_str()),
        ("label", "Palettes perdues"),
        ("direction", "sortant"),
        ("quantity", "20"),
        ("unit", "palettes"),
        ("period", "mois"),
    ];
    pair.contact
        .post("/mon-espace/correction", &missing[..2])
        .await
        .expect(422);
    pair.contact
        .post("/mon-espace/correction", &missing)
        .await
        .expect(303);
    let accept = advisor
        .get("/demandes")
        .await
        .attr("form[action$=acceptation]", "action")
        .unwrap();
    advisor.post(&accept, &[]).await.expect(303);
    let rows = pair.contact.get("/mon-espace").await.texts("table tbody tr");
    assert!(
        rows.iter().any(|row| row.contains("Palettes perdues")),
        "{rows:?}"
    );
}

#[tokio::test]
async fn corrections_stay_with_the_company_and_the_territory() {
    let pair = pair().await;
    let theirs = pair.flows[1].id.to_string();
    pair.contact
        .get(&format!("/mon-espace/correction?flux={theirs}"))
        .await
        .expect(404);
    pair.contact
        .get(&format!("/mon-espace/correction?etablissement={}", pair.b.id))
        .await
        .expect(404);
    pair.contact
        .post(
            "/mon-espace/correction",
            &[("flow", &theirs), ("quantity", "1"), ("unit", "t")],
        )
        .await
        .expect(404);
    let flow = pair.flows[0].id.to_string();
    pair.contact
        .post(
            "/mon-espace/correction",
            &[("flow", &flow), ("quantity", "1"), ("unit", "t")],
        )
        .await
        .expect(303);
    let advisor = pair.test.as_(Role::Advisor).await;
    let accept = advisor
        .get("/demandes")
        .await
        .attr("form[action$=acceptation]", "action")
        .unwrap();
    let elsewhere = make::territory(&pair.test.system(), "Pays voisin").await;
    let stranger = make::user(&pair.test, Role::Advisor, elsewhere).await;
    let stranger = pair.test.signed_in(stranger).await;
    assert!(stranger.get("/demandes").await.has(".empty"));
    stranger.post(&accept, &[]).await.expect(404);
}

#[tokio::test]
async fn an_advisor_opens_the_space_to_a_contact_from_the_sheet() {
    let pair = pair().await;
    let advisor = pair.test.as_(Role::Advisor).await;
    let contact = Contact {
        id: ContactId::fresh(),
        establishment_id: pair.a.id,
        name: "Zoé Élan".to_owned(),
        job_title: None,
        email: Some("zoe@exemple.fr".to_owned()),
        phone: None,
        informed_on: None,
        version: 1,
    };
    pair.test
        .system()
        .transact(async |tx| -> anyhow::Result<()> {
            contacts::insert(tx, &pair.a, &contact).await?;
            Ok(())
        })
        .await
        .unwrap();
    let sheet = advisor.get(&format!("/entreprises/{}", pair.a.id)).await;
    let href = format!("/entreprises/{}/espace", pair.a.id);
    assert!(sheet.has(&format!("a[href='{href}']")));
    let page = advisor.get(&href).await;
    let fields = page.expect(200).fields("main form");
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    advisor.post(&href, &fields).await.expect(303);
    assert!(advisor.get(&href).await.text("main").contains("invité"));
    // Sent again, the link is another one; somebody else's account is not given a company.
    advisor.post(&href, &fields).await.expect(303);
    assert_eq!(pair.test.count("select count(*) from invitations").await, 1);
    let colleague = format!("{}@exemple.fr", advisor.user);
    advisor
        .post(&href, &[("name", "X"), ("email", &colleague)])
        .await
        .expect(422);
    let stranger = make::territory(&pair.test.system(), "Pays voisin").await;
    let stranger = make::user(&pair.test, Role::Advisor, stranger).await;
    pair.test.signed_in(stranger).await.get(&href).await.expect(404);
    // The link is in the letter, in the outbox since no server is set.
    use sqlx::Row;
    let link: String = sqlx::raw_sql(
        "select link_path from letters where recipient = 'zoe@exemple.fr' order by id desc limit 1",
    )
    .fetch_one(&pair.test.database.pool)
    .await
    .unwrap()
    .get(0);
    let password = [
        ("password", "quatre lamas sous la pluie"),
        ("again", "quatre lamas sous la pluie"),
    ];
    let zoe = pair.test.nobody();
    zoe.post(&link, &password).await.expect(303);
    zoe.post(
        "/connexion",
        &[("email", "zoe@exemple.fr"), ("password", password[0].1)],
    )
    .await
    .expect(303);
    assert!(
        zoe.get("/mon-espace")
            .await
            .expect(200)
            .text("main")
            .contains("Chutes de carton")
    );
}

#[tokio::test]
async fn a_company_takes_its_data_away_and_asks_for_their_erasure() {
    let pair = pair().await;
    let page = pair.contact.get("/mon-espace/mes-donnees").await;
    assert_eq!(page.expect(200).texts("a[download]").len(), 2);
    let json = pair.contact.get("/mon-espace/mes-donnees.json").await;
    let text = json.expect(200).html();
    assert!(text.contains("Chutes de carton") && text.contains("Cartonnerie") && !text.contains("Canari"));
    let book = pair.contact.get("/mon-espace/mes-flux.xlsx").await;
    assert!(book.expect(200).bytes.starts_with(b"PK"));
    let erasure = "/mon-espace/mes-donnees/effacement";
    pair.contact
        .post(erasure, &[("comment", "Tout, s’il vous plaît")])
        .await
        .expect(303);
    pair.contact.post(erasure, &[]).await.expect(303);
    assert_eq!(
        pair.test.count("select count(*) from erasure_requests").await,
        1,
        "one request is enough"
    );
    let advisor = pair.test.as_(Role::Pilot).await;
    let desk = advisor.get("/demandes").await;
    assert!(desk.text("main").contains("Tout, s’il vous plaît"));
    let answer = desk.attr("form[action*=effacements]", "action").unwrap();
    advisor.post(&answer, &[]).await.expect(422);
    advisor
        .post(&answer, &[("answer", "C’est fait.")])
        .await
        .expect(303);
    let again = advisor.post(&answer, &[("answer", "Encore.")]).await;
    again.expect(409);
    assert!(again.text("main").contains("Encore."), "what was typed is kept");
    assert!(
        pair.contact
            .get("/mon-espace/mes-donnees")
            .await
            .text("#effacement")
            .contains("C’est fait.")
    );
}

#[tokio::test]
async fn a_correction_sent_twice_is_one_and_leaves_a_measure_measured() {
    let pair = pair().await;
    let advisor = pair.test.as_(Role::Advisor).await;
    pair.test
        .execute("update flows set certainty = 'measured'".to_owned())
        .await;
    let page = pair.contact.get(&correction(&pair)).await;
    let value = |name: &str| {
        page.attr(&format!("form.panel [name={name}]"), "value")
            .unwrap_or_default()
    };
    let (id, flow, quantity, unit) = (value("id"), value("flow"), value("quantity"), value("unit"));
    let untouched = [
        ("id", id.as_str()),
        ("flow", &flow),
        ("quantity", &quantity),
        ("unit", &unit),
        ("period", "an"),
    ];
    pair.contact
        .post("/mon-espace/correction", &untouched)
        .await
        .expect(422);
    let fields = [untouched.as_slice(), &[("comment", "En balles, pas en vrac")]].concat();
    for _ in 0..2 {
        pair.contact
            .post("/mon-espace/correction", &fields)
            .await
            .expect(303);
    }
    assert_eq!(pair.test.count("select count(*) from flow_corrections").await, 1);
    let home = advisor.get("/demandes").await;
    assert!(home.text("main").contains("pas de nouvelle quantité"));
    let accept = home.attr("form[action$=acceptation]", "action").unwrap();
    let version = home.attr("input[name=version]", "value").unwrap();
    advisor.post(&accept, &[("version", &version)]).await.expect(303);
    assert_eq!(
        pair.test
            .count("select count(*) from flows where label = 'Chutes de carton' and certainty = 'measured'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_answer_that_comes_too_late_or_too_long_is_not_lost() {
    let pair = pair().await;
    let (advisor, other) = (
        pair.test.as_(Role::Advisor).await,
        pair.test.as_(Role::Advisor).await,
    );
    let flow = pair.flows[0].id.to_string();
    let fields = [("flow", flow.as_str()), ("comment", "À revoir"), ("period", "an")];
    pair.contact
        .post("/mon-espace/correction", &fields)
        .await
        .expect(303);
    pair.contact
        .post("/mon-espace/mes-donnees/effacement", &[])
        .await
        .expect(303);
    let home = advisor.get("/demandes").await;
    let refuse = home.attr("form[action$=refus]", "action").unwrap();
    let erase = home.attr("form[action*=effacements]", "action").unwrap();
    let long = "mot ".repeat(600);
    for path in [&refuse, &erase] {
        let reply = advisor.post(path, &[("answer", &long)]).await;
        assert!(
            reply.expect(422).text("textarea#f-answer").contains("mot mot"),
            "{path}"
        );
        other.post(path, &[("answer", "Vu.")]).await.expect(303);
        let reply = advisor.post(path, &[("answer", "Mes mots")]).await;
        assert!(reply.expect(409).text(".note").contains("Mes mots"), "{path}");
    }
}

/// One word for each kind of data of company A, where it is read, and the line of the page that says by whom.
const KINDS: [(&str, &str, &str); 5] = [
    ("Nom, SIRET", "Zqxname", "/entreprises/{site}"),
    ("Noms, téléphones", "Zqxcontact", "/entreprises/{site}"),
    ("Flux et quantités", "Zqxlabel", "/entreprises/{site}"),
    ("Coûts, prestataires", "Zqxoutlet", "/flux/{flow}/modifier"),
    ("Vos réponses", "Zqxanswer", "/synergies/{synergy}"),
];

/// Who is a reader, by the words of the page.
const SAID: [(&str, Role); 5] = [
    ("conseillers", Role::Advisor),
    ("le pilote", Role::Pilot),
    ("administrateur", Role::Admin),
    ("comité de pilotage", Role::Committee),
    ("partenaires", Role::Partner),
];

/// What a page or a document says; the canary opens the workbooks.
fn words(reply: &Reply) -> String {
    if reply.bytes.starts_with(b"%PDF") {
        return pdf::words(&reply.bytes);
    }
    String::from_utf8_lossy(&reply.bytes).into_owned()
}

/// Every page that somebody with that role may open about A.
async fn everything(client: &Client, role: Role, ids: &[&str]) -> String {
    let mut text = String::new();
    for route in maillage::app::routes().table() {
        if route.method != axum::http::Method::GET || !route.access.admits(&[role]) {
            continue;
        }
        let Some(at) = route.path.find('{') else {
            text.push_str(&words(&client.get(route.path).await));
            continue;
        };
        let end = route.path.find('}').unwrap() + 1;
        for id in ids {
            let path = format!("{}{id}{}", &route.path[..at], &route.path[end..]);
            text.push_str(&words(&client.get(&path).await));
        }
    }
    text
}

#[tokio::test]
async fn the_page_of_readers_says_what_the_rights_are() {
    let pair = pair().await;
    let test = &pair.test;
    let steps = vec![Step::Prevalidate(Grid::all_green()), Step::ProposeContact];
    let ends = [
        (&pair.a, Some(pair.flows[0].id)),
        (&pair.b, Some(pair.flows[1].id)),
    ];
    let synergy = make::synergy_between(test, ends, steps).await.to_string();
    test.execute(format!(
        "update establishments set name = 'Zqxname' where id = '{0}';
         update flows set label = 'Zqxlabel', outlet = 'Zqxoutlet' where id = '{1}';
         insert into contacts (id, establishment_id, name, created_at) values (gen_random_uuid(), '{0}', 'Zqxcontact', now());
         insert into synergy_consents (synergy_id, company_id, word, channel, person, comment, said_at)
             values ('{synergy}', '{2}', 'later', 'portal', 'Zqxcontact', 'Zqxanswer', now())",
        pair.a.id, pair.flows[0].id, pair.a.company_id
    ))
    .await;
    let (site, flow) = (pair.a.id.to_string(), pair.flows[0].id.to_string());
    let page = pair.contact.get("/mon-espace/mes-donnees").await;
    let lines: Vec<_> = page
        .texts(".kv dt")
        .into_iter()
        .zip(page.texts(".kv dd"))
        .collect();
    assert_eq!(lines.len(), 6, "a kind of data more: say here where it is read");
    for (kind, word, place) in KINDS {
        let (_, said) = lines.iter().find(|(what, _)| what.starts_with(kind)).unwrap();
        let said = said.split("Jamais").next().unwrap();
        let place = place
            .replace("{site}", &site)
            .replace("{flow}", &flow)
            .replace("{synergy}", &synergy);
        for (words, role) in SAID {
            let reply = test.as_(role).await.get(&place).await;
            let reads = reply.html().contains(word);
            assert_eq!(reads, said.contains(words), "{kind}: {role:?} at {place}");
        }
    }
    let other = make::user_of(test, Role::Company, test.territory, Some(pair.b.company_id)).await;
    let there = make::territory(&test.system(), "Ailleurs").await;
    let stranger = make::user(test, Role::Advisor, there).await;
    let ids = [site.as_str(), flow.as_str(), synergy.as_str()];
    let never = [
        (test.signed_in(other).await, Role::Company),
        (test.signed_in(stranger).await, Role::Advisor),
        (test.as_(Role::Committee).await, Role::Committee),
        (test.as_(Role::Partner).await, Role::Partner),
    ];
    for (client, role) in never {
        let text = everything(&client, role, &ids).await;
        for (kind, word, _) in KINDS {
            assert!(!text.contains(word), "{kind} is read by {role:?}");
        }
    }
    // Sums are the committee's and the partners', nobody's company.
    let (_, said) = lines.iter().find(|(what, _)| what.starts_with("Totaux")).unwrap();
    for (words, role) in SAID
        .into_iter()
        .filter(|(words, _)| said.split("Jamais").next().unwrap().contains(words))
    {
        test.as_(role).await.get("/tableau-de-bord").await.expect(200);
        assert!(matches!(role, Role::Committee | Role::Partner), "{words}");
    }
    pair.contact.get("/tableau-de-bord").await.expect(403);
}
