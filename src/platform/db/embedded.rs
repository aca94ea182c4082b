//! The private PostgreSQL cluster that the program runs when nobody gave it a `DATABASE_URL`.
//!
//! A chamber of commerce tries Maillage on one machine before it asks anyone for a server: the
//! machine's own PostgreSQL programs then serve a cluster that lives in our data directory. It
//! listens on a Unix socket in a closed directory, and on no port.
//!
//! Depends on nothing of ours: only on the standard library and the PostgreSQL programs.

mod host;
mod socket;

use std::fs::{self, File, Permissions, TryLockError};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use self::host::{
    Account, close_directory, find_programs, is_surely_deserted, lock_file, remove_if_present, run, run_as,
};
use self::socket::{Answer, SUPERUSER, ask};

const LOG: &str = "server.log";
const LAUNCH_PATIENCE: Duration = Duration::from_secs(20);
/// After a crash, a server reads its journal again before it answers.
const RECOVERY_PATIENCE: Duration = Duration::from_secs(120);
const LARGEST_LOG: u64 = 10 * 1024 * 1024;
const LOCALE: &str = if cfg!(target_os = "macos") {
    "en_US.UTF-8"
} else {
    "C.UTF-8"
};

/// What the data is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// An acknowledged write survives a power cut.
    Durable,
    /// For tests: fast, lost with the machine.
    Throwaway,
}

impl Profile {
    fn settings(self) -> &'static str {
        match self {
            Self::Durable => {
                "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\nmax_connections = 60\n"
            }
            Self::Throwaway => {
                "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n\
                 wal_level = minimal\nmax_wal_senders = 0\nmax_connections = 200\n"
            }
        }
    }
}

/// A running cluster. The last user to call [`Cluster::stop`] stops the server.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    account: Option<Account>,
    home: PathBuf,
    data: PathBuf,
    socket: PathBuf,
    /// Held while somebody creates, starts or stops the server; the kernel frees it after a kill.
    turn: File,
    /// Held, shared, by every process that uses the server.
    users: File,
    adopted: bool,
}

impl Cluster {
    /// Creates the cluster under `root` if needed, then adopts the server that runs or starts it.
    pub fn start(root: &Path, profile: Profile) -> Result<Self> {
        fs::create_dir_all(root)
            .and_then(|()| fs::canonicalize(root))
            .with_context(|| format!("dossier de données {} inutilisable", root.display()))
            .and_then(|root| Self::prepare(&root))?
            .bring_up(profile)
    }

    fn prepare(root: &Path) -> Result<Self> {
        let home = root.join("postgres");
        let data = home.join("cluster");
        let account = Account::to_run(&data)?;
        let programs = find_programs(created_by(&data))?;
        close_directory(&home, account)?;
        ensure!(
            run_as(Command::new("/bin/sh"), account)
                .args(["-c", "cd \"$0\" && test -w . && test -x \"$1/postgres\""])
                .args([&home, &programs])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success()),
            "PostgreSQL ne peut pas s’exécuter sous root, et le compte qui le remplace n’atteint pas {} ou {}\u{a0}: \
             choisissez un dossier de données hors de tout dossier fermé (MAILLAGE_DATA), ou donnez DATABASE_URL",
            home.display(),
            programs.display()
        );
        let socket = socket::directory(&home)?;
        close_directory(&socket, account)?;
        let turn = lock_file(&root.join(".postgres.turn"))?;
        let users = lock_file(&root.join(".postgres.users"))?;
        Ok(Self {
            programs,
            account,
            data,
            socket,
            home,
            turn,
            users,
            adopted: false,
        })
    }

    fn bring_up(mut self, profile: Profile) -> Result<Self> {
        self.turn.lock()?;
        self.users.lock_shared()?;
        if !self.data.exists() {
            self.create(profile)?;
        }
        self.check_version()?;
        self.adopted = self.adopt_or_start(profile)?;
        self.turn.unlock()?;
        Ok(self)
    }

    /// The address of a database of this cluster, as sqlx reads it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        socket::url(&self.socket, database)
    }

    /// Whether the server was already running: left by a killed process, or used by another one.
    #[must_use]
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// Where the cluster's files are.
    #[must_use]
    pub fn data_directory(&self) -> &Path {
        &self.data
    }

    /// Where the socket is; outside the data directory when that path is too long.
    #[must_use]
    pub fn socket_directory(&self) -> &Path {
        &self.socket
    }

    /// Stops the server, unless another process still uses it. Close the connections first.
    pub fn stop(&self) -> Result<()> {
        self.turn.lock()?;
        self.users.unlock()?;
        let stopped = match self.users.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error.into()),
            Ok(()) if !self.data.join("postmaster.pid").exists() => Ok(()),
            Ok(()) => {
                let mut stop = self.program("pg_ctl");
                stop.args(["stop", "-m", "fast", "-w", "-t", "60", "-s"]);
                run(stop, "l’arrêt de PostgreSQL")
            }
        };
        self.users.unlock()?;
        self.turn.unlock()?;
        stopped
    }

    /// Under another name, then renamed: a cluster is complete or absent.
    fn create(&self, profile: Profile) -> Result<()> {
        let draft = self.data.with_extension("draft");
        if draft.exists() {
            fs::remove_dir_all(&draft)?;
        }
        let mut initdb = self.program("initdb");
        initdb.env("PGDATA", &draft);
        initdb.args([
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--locale",
            LOCALE,
            "--data-checksums",
            "--no-instructions",
        ]);
        initdb.args(["--auth-local=trust", "--auth-host=reject"]);
        if profile == Profile::Throwaway {
            initdb.arg("--no-sync");
        }
        run(initdb, "la création de la base PostgreSQL")?;
        let mut settings = File::options().append(true).open(draft.join("postgresql.conf"))?;
        writeln!(settings, "\ninclude 'maillage.conf'")?;
        settings.sync_all()?;
        fs::rename(&draft, &self.data)?;
        Ok(())
    }

    fn check_version(&self) -> Result<()> {
        let Some(created_by) = created_by(&self.data) else {
            bail!(
                "{} existe mais n’est pas une base PostgreSQL\u{a0}: déplacez ce dossier",
                self.data.display()
            );
        };
        let output = self
            .program("postgres")
            .arg("--version")
            .output()
            .context("« postgres --version » a échoué")?;
        let found = String::from_utf8_lossy(&output.stdout).into_owned();
        // « postgres (PostgreSQL) 15.18 (Debian 15.18-1) »
        let version = found.split_whitespace().nth(2).unwrap_or_default();
        let major = version.split(|c: char| !c.is_ascii_digit()).next();
        ensure!(
            major.is_some_and(|major| major.parse() == Ok(created_by)),
            "la base de {} vient de PostgreSQL {created_by} et le serveur trouvé est « {} »\u{a0}: installez \
             PostgreSQL {created_by} (Debian, Ubuntu\u{a0}: apt install postgresql-{created_by}), ou indiquez ses \
             programmes dans PG_BINDIR",
            self.data.display(),
            found.trim()
        );
        Ok(())
    }

    /// Only an answer on the socket proves that a server lives: after a kill, `pg_ctl status`
    /// believes in a zombie.
    fn adopt_or_start(&self, profile: Profile) -> Result<bool> {
        let begun = Instant::now();
        loop {
            let patience = match ask(&self.socket) {
                Answer::Ready => return Ok(true),
                Answer::Nobody if self.launch(profile)? => return Ok(false),
                Answer::Nobody => LAUNCH_PATIENCE,
                Answer::NotYet => RECOVERY_PATIENCE,
            };
            ensure!(
                begun.elapsed() < patience,
                "PostgreSQL ne démarre pas dans {}\u{a0}: {}",
                self.data.display(),
                last_line(&self.home.join(LOG))
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn launch(&self, profile: Profile) -> Result<bool> {
        self.write_settings(profile)?;
        if is_surely_deserted(&self.data, self.account) {
            // PostgreSQL would wait for the process whose number they hold, be it a zombie or a stranger.
            remove_if_present(&self.data.join("postmaster.pid"))?;
            remove_if_present(&self.socket.join(socket::LOCK))?;
        }
        let log = self.home.join(LOG);
        if fs::metadata(&log).is_ok_and(|file| file.len() > LARGEST_LOG) {
            fs::rename(&log, log.with_extension("log.old"))?;
        }
        let mut start = self.program("pg_ctl");
        // Its shell would also read the log's path: hence from its directory.
        start
            .args(["start", "-w", "-t", "120", "-s", "-l", LOG])
            .current_dir(&self.home);
        // The server inherits the outputs: a pipe would never close.
        let status = start.stdout(Stdio::null()).stderr(Stdio::null()).status();
        Ok(status.context("« pg_ctl start » a échoué")?.success())
    }

    /// Written at each start, since the directory may have moved.
    fn write_settings(&self, profile: Profile) -> Result<()> {
        let socket = self
            .socket
            .to_str()
            .context("chemin illisible")?
            .replace('"', "\"\"");
        let socket = socket.replace('\\', "\\\\").replace('\'', "''");
        let path = self.data.join("maillage.conf");
        remove_if_present(&path)?;
        // `create_new` follows no link that the server's account would have put there.
        let mut file = File::create_new(&path)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        writeln!(
            file,
            "listen_addresses = ''\nunix_socket_directories = '\"{socket}\"'\nunix_socket_permissions = 0700\n\
             port = 5432\ntimezone = 'UTC'\nlog_timezone = 'UTC'\njit = off\n{}",
            profile.settings()
        )?;
        Ok(())
    }

    fn program(&self, name: &str) -> Command {
        let mut command = run_as(Command::new(self.programs.join(name)), self.account);
        for (variable, _) in
            std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG"))
        {
            command.env_remove(variable);
        }
        // By the environment: `pg_ctl` passes its arguments through a shell, which would read `$` in a path.
        command
            .env("PGDATA", &self.data)
            .env("HOME", &self.data)
            .env("LC_ALL", "C");
        command
    }
}

fn created_by(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn last_line(log: &Path) -> String {
    let log = fs::read_to_string(log).unwrap_or_default();
    log.lines()
        .rev()
        .take(20)
        .find(|line| line.contains("FATAL"))
        .or(log.lines().last())
        .unwrap_or("aucune trace")
        .to_owned()
}

#[cfg(test)]
mod tests;
