//! Every route called as every role and as nobody, compared with the table; the table as a snapshot.

use crate::support::TestApp;
use axum::http::Method;
use maillage::app;
use maillage::platform::access::Role;
use std::fmt::Write;

/// A path with something in each placeholder: nothing of that name exists.
fn concrete(pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((head, tail)) = rest.split_once('{') {
        let (_, after) = tail.split_once('}').unwrap();
        path.push_str(head);
        path.push_str("00000000-0000-7000-8000-000000000000");
        rest = after;
    }
    path + rest
}

#[tokio::test]
async fn every_route_answers_to_its_roles_and_to_no_other() {
    let test = TestApp::start().await;
    let mut faults = Vec::new();
    for role in Role::ALL.map(Some).into_iter().chain([None]) {
        for route in app::routes().table() {
            let client = match role {
                Some(role) => test.as_(role).await,
                None => test.nobody(),
            };
            let path = concrete(route.path);
            let reply = match route.method {
                Method::GET => client.get(&path).await,
                _ => client.post(&path, &[]).await,
            };
            let to_sign_in = reply.location().starts_with("/connexion");
            let refused = reply.status == 403 || (role.is_none() && reply.status == 303 && to_sign_in);
            let roles: Vec<_> = role.into_iter().collect();
            let admitted = route.access.admits(&roles);
            let wrong = if admitted { reply.status == 403 } else { !refused };
            if wrong || reply.status.is_server_error() {
                faults.push(format!(
                    "{:?} {} {}: {}",
                    role, route.method, route.path, reply.status
                ));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_table_of_routes() {
    let mut table = String::new();
    for route in app::routes().table() {
        writeln!(table, "{:<5} {:<52} {}", route.method, route.path, route.access).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn cross_site_writes_are_refused_in_our_own_page() {
    let test = TestApp::start().await;
    let client = test.as_(Role::Advisor).await;
    let request = axum::http::Request::builder()
        .method("POST")
        .uri("/deconnexion")
        .header("host", "maillage.test")
        .header("sec-fetch-site", "cross-site")
        .header(
            "cookie",
            format!("maillage={}", client.cookie("maillage").unwrap()),
        )
        .body(axum::body::Body::empty())
        .unwrap();
    let reply = client.call(request).await;
    reply.expect(403);
    assert!(reply.text("main").contains("autre site"));
    client.get("/compte").await.expect(200);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let test = TestApp::start().await;
    for path in [
        "/connexion",
        "/nulle-part",
        "/static/app.css",
        "/sante",
        "/compte",
    ] {
        let reply = test.nobody().get(path).await;
        let header = |name: &str| {
            reply
                .headers
                .get(name)
                .map_or("", |v| v.to_str().unwrap())
                .to_owned()
        };
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert!(header("strict-transport-security").contains("31536000"), "{path}");
    }
}
