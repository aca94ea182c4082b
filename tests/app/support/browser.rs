//! A real Chromium, headless, over the application served on a port of the machine.

use super::{Client, TestApp};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{ClientBuilder, Locator};
use maillage::platform::web::server;
use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const AXE: &str = include_str!("../browser/vendor/axe.min.js");
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];
/// How long a page may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) const TAB: &str = "\u{e004}";
/// Held, pressed, released.
pub(crate) const CONTROL_ENTER: &str = "\u{e009}\u{e007}\u{e000}";
pub(crate) const CONTROL_SHIFT_ENTER: &str = "\u{e009}\u{e008}\u{e007}\u{e000}";

/// `chromedriver`, killed with the test.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) struct Browser {
    pub(crate) page: fantoccini::Client,
    origin: String,
    address: SocketAddr,
    router: axum::Router,
    serving: RefCell<Option<(CancellationToken, JoinHandle<()>)>>,
    _driver: Driver,
}

impl Browser {
    pub(crate) async fn open(test: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let serving = serve(listener, &test.router);
        let (driver, driver_url) = tokio::task::spawn_blocking(start_driver).await.unwrap();
        let options = serde_json::json!({ "args": FLAGS });
        let capabilities = Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let page = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver_url)
            .await
            .unwrap();
        let browser = Self {
            page,
            origin: format!("http://localhost:{}", address.port()),
            address,
            router: test.router.clone(),
            serving: RefCell::new(Some(serving)),
            _driver: driver,
        };
        browser.wide().await;
        browser
    }

    /// Becomes the person of a client.
    pub(crate) async fn become_(&self, client: &Client) {
        self.page.goto(&format!("{}/sante", self.origin)).await.unwrap();
        self.page.delete_all_cookies().await.unwrap();
        self.sign_in_elsewhere(client).await;
    }

    /// As if the person had signed in in another tab: this page stays.
    pub(crate) async fn sign_in_elsewhere(&self, client: &Client) {
        let secret = client.cookie("maillage").unwrap();
        let cookie = serde_json::json!({ "name": "maillage", "value": secret, "url": self.origin });
        self.devtools("Network.setCookie", cookie).await;
    }

    pub(crate) async fn goto(&self, path: &str) {
        self.page.goto(&format!("{}{path}", self.origin)).await.unwrap();
    }

    /// Types where the focus is.
    pub(crate) async fn keys(&self, text: &str) {
        let focused = self.page.active_element().await.unwrap();
        focused.send_keys(text).await.unwrap();
    }

    /// Cuts the network of the page, or gives it back.
    pub(crate) async fn offline(&self, is_cut: bool) {
        let conditions = serde_json::json!({ "offline": is_cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.enable", serde_json::json!({})).await;
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// Stops the application, connections included.
    pub(crate) async fn kill_server(&self) {
        let (stop, task) = self.serving.take().unwrap();
        stop.cancel();
        task.await.unwrap();
    }

    /// Starts it again at the same address.
    pub(crate) async fn revive_server(&self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serving.replace(Some(serve(listener, &self.router)));
    }

    /// What a script of the page gives.
    pub(crate) async fn ask(&self, script: &str) -> serde_json::Value {
        self.page.execute(script, Vec::new()).await.unwrap()
    }

    /// A laptop's window.
    pub(crate) async fn wide(&self) {
        self.resize(1280, 900).await;
    }

    /// A tablet's, held upright.
    pub(crate) async fn tablet(&self) {
        self.resize(820, 1180).await;
    }

    /// A phone's: narrower than a window can be, hence emulated.
    pub(crate) async fn narrow(&self) {
        self.resize(390, 844).await;
    }

    async fn resize(&self, width: u32, height: u32) {
        let metrics =
            serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// As if the system preferred dark pages.
    pub(crate) async fn dark(&self) {
        let media = serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    async fn devtools(&self, command: &'static str, parameters: serde_json::Value) {
        self.page
            .issue_cmd(DevTools { command, parameters })
            .await
            .unwrap();
    }

    #[track_caller]
    pub(crate) fn find<'a>(
        &'a self,
        css: &'a str,
    ) -> impl Future<Output = fantoccini::elements::Element> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let found = self
                .page
                .wait()
                .at_most(PATIENCE)
                .for_element(Locator::Css(css))
                .await;
            match found {
                Ok(element) => element,
                Err(error) => panic!("{css} at {caller}: {error}\n{}", self.text("main").await),
            }
        }
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        match self.page.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    pub(crate) async fn type_in(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// Clicks what leads to another page, and waits for it.
    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Clicks the first button or link that says exactly this.
    #[track_caller]
    pub(crate) fn press<'a>(&'a self, words: &'a str) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let path =
                format!("//*[self::a or self::button or self::summary][normalize-space()=\"{words}\"]");
            let found = self
                .page
                .wait()
                .at_most(PATIENCE)
                .for_element(Locator::XPath(&path))
                .await;
            match found {
                Ok(element) => element.click().await.unwrap(),
                Err(error) => panic!("« {words} » at {caller}: {error}\n{}", self.text("main").await),
            }
        }
    }

    /// Waits until the page says this.
    #[track_caller]
    pub(crate) fn says<'a>(&'a self, words: &'a str) -> impl Future<Output = ()> + 'a {
        self.shows(format!("//body[contains(normalize-space(.), \"{words}\")]"))
    }

    /// Waits until the message of the last act holds this.
    #[track_caller]
    pub(crate) fn announces<'a>(&'a self, words: &'a str) -> impl Future<Output = ()> + 'a {
        self.shows(format!(
            "//*[contains(@class, 'toast') and contains(., \"{words}\")]"
        ))
    }

    #[track_caller]
    fn shows(&self, path: String) -> impl Future<Output = ()> + '_ {
        let caller = std::panic::Location::caller();
        async move {
            if self
                .page
                .wait()
                .at_most(PATIENCE)
                .for_element(Locator::XPath(&path))
                .await
                .is_err()
            {
                panic!(
                    "{path} is not on the page, at {caller}\n{}",
                    self.text("body").await
                );
            }
        }
    }

    /// Waits until no job waits or runs any more.
    pub(crate) async fn wait_for_jobs(&self, test: &TestApp) {
        let busy = "select count(*) from jobs where state in ('queued', 'running')";
        let idle = async {
            while test.count(busy).await > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, idle).await.expect("jobs end");
    }

    /// What axe finds wrong with the page: rule and place.
    pub(crate) async fn accessibility_faults(&self) -> Vec<String> {
        const RUN: &str = "const done = arguments[arguments.length - 1];
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'RGAAv4', 'best-practice'] })
               .then(r => done(r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 160)))))";
        self.page.execute(AXE, Vec::new()).await.unwrap();
        let found = self.page.execute_async(RUN, Vec::new()).await.unwrap();
        serde_json::from_value(found).unwrap()
    }

    /// How much wider than the window the page is, in pixels.
    pub(crate) async fn sideways_scroll(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.page
            .execute(script, Vec::new())
            .await
            .unwrap()
            .as_i64()
            .unwrap()
    }

    /// Keeps a picture of the page under `target/screenshots`, for whoever wants to look.
    pub(crate) async fn picture(&self, name: &str) {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let png = self.page.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    pub(crate) async fn close(self) {
        self.page.clone().close().await.unwrap();
        if let Some((stop, _)) = self.serving.take() {
            stop.cancel();
        }
    }
}

fn serve(listener: TcpListener, router: &axum::Router) -> (CancellationToken, JoinHandle<()>) {
    let stop = CancellationToken::new();
    let serving = server::serve(listener, router.clone(), stop.clone());
    (stop, tokio::spawn(serving))
}

/// A command of Chromium's own protocol, through its driver.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: serde_json::Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }
    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        let body = serde_json::json!({ "cmd": self.command, "params": self.parameters });
        (axum::http::Method::POST, Some(body.to_string()))
    }
}

fn start_driver() -> (Driver, String) {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed by `make test`");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port: String = lines
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| {
            let (_, rest) = line.split_once("successfully on port ")?;
            Some(rest.chars().take_while(char::is_ascii_digit).collect())
        })
        .expect("chromedriver says its port");
    std::thread::spawn(move || lines.for_each(drop));
    (Driver(child), format!("http://127.0.0.1:{port}"))
}
