//! What the machine offers to a private cluster: PostgreSQL's programs, an account that may run them,
//! and places that nobody else enters. Apart from the parent so that each stays short.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The unprivileged account that runs the server when we are root, whom PostgreSQL refuses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// The owner of an existing cluster, else the package's account, else `nobody`; none unless root.
    pub(super) fn to_run(data: &Path) -> Result<Option<Self>> {
        if current_uid()? != 0 {
            return Ok(None);
        }
        if let Ok(owner) = fs::metadata(data)
            && owner.uid() != 0
        {
            return Ok(Some(Self {
                uid: owner.uid(),
                gid: owner.gid(),
            }));
        }
        let accounts = fs::read_to_string("/etc/passwd").context("/etc/passwd illisible")?;
        let find = |name: &str| {
            let line = accounts
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut ids = line.split(':').skip(2).map(str::parse);
            Some(Self {
                uid: ids.next()?.ok()?,
                gid: ids.next()?.ok()?,
            })
        };
        let account = find("postgres").or_else(|| find("nobody"));
        account.map(Some).context(
            "PostgreSQL refuse de s’exécuter sous root et il n’y a ni compte postgres ni compte nobody\u{a0}: \
             lancez le programme sous un autre compte, ou donnez DATABASE_URL",
        )
    }
}

fn current_uid() -> Result<u32> {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .context("« id -u » a échoué")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

pub(super) fn run_as(mut command: Command, account: Option<Account>) -> Command {
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/").stdin(Stdio::null());
    command
}

pub(super) fn run(mut command: Command, what: &str) -> Result<()> {
    let output = command.output().with_context(|| format!("{what} a échoué"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{what} a échoué\u{a0}: {}",
        words.trim().replace('\n', " ")
    );
    Ok(())
}

/// The directory of the PostgreSQL programs: of version `major` if it is there, else the newest.
pub(super) fn find_programs(major: Option<u32>) -> Result<PathBuf> {
    let is_complete = |directory: &PathBuf| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|name| directory.join(name).is_file())
    };
    if let Some(given) = std::env::var_os("PG_BINDIR") {
        let given = std::path::absolute(given)?;
        ensure!(
            is_complete(&given),
            "PG_BINDIR désigne {}, où il manque initdb, pg_ctl ou postgres",
            given.display()
        );
        return Ok(given);
    }
    let mut found = installed_versions();
    found.retain(|(_, directory)| is_complete(directory));
    found.sort();
    let same = found.iter().position(|(version, _)| Some(*version) == major);
    if let Some((_, directory)) = same.map(|index| found.swap_remove(index)).or_else(|| found.pop()) {
        return Ok(directory);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let real = |directory: PathBuf| {
        Some(
            fs::canonicalize(directory.join("postgres"))
                .ok()?
                .parent()?
                .to_owned(),
        )
    };
    std::env::split_paths(&path).filter_map(real).find(is_complete).context(
        "PostgreSQL est introuvable\u{a0}: installez-le (Debian, Ubuntu\u{a0}: apt install postgresql\u{202f}; \
         Fedora\u{a0}: dnf install postgresql-server postgresql-contrib\u{202f}; macOS\u{a0}: brew install postgresql@17), ou donnez \
         l’adresse d’un serveur dans DATABASE_URL, ou le dossier de ses programmes dans PG_BINDIR",
    )
}

/// Where packages put each version: Debian, the Red Hat family, Alpine, Homebrew, Postgres.app.
fn installed_versions() -> Vec<(u32, PathBuf)> {
    let places = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/usr/libexec", "postgresql", ""),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ];
    let versions = places.iter().flat_map(|&(parent, prefix, programs)| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        entries.filter_map(move |entry| {
            let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path().join(programs)))
        })
    });
    versions.collect()
}

/// A directory that only the server's account enters: this is what protects the database. In a
/// shared place somebody may have put a link or a directory of his own under that name.
pub(super) fn close_directory(path: &Path, account: Option<Account>) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).with_context(|| format!("impossible de créer {}", path.display()));
        }
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(path)?;
    let is_ours = found.uid() == current_uid()? || account.is_some_and(|account| account.uid == found.uid());
    ensure!(
        found.is_dir() && is_ours,
        "{} appartient à un autre compte\u{a0}: déplacez-le",
        path.display()
    );
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    if let Some(Account { uid, gid }) = account {
        chown(path, Some(uid), Some(gid))?;
    }
    Ok(())
}

pub(super) fn lock_file(path: &Path) -> Result<File> {
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path);
    opened.with_context(|| format!("impossible d’ouvrir {}", path.display()))
}

/// True if no live process works in the cluster, as all of a PostgreSQL server's do. Where the
/// system does not tell, false. Asked by the server's account, which may look at its own.
pub(super) fn is_surely_deserted(data: &Path, account: Option<Account>) -> bool {
    let question = "test /proc/self/cwd -ef . || exit 2; for p in /proc/[0-9]*/cwd; do test \"$p\" -ef \"$0\" && exit 1; done; exit 0";
    let status = run_as(Command::new("/bin/sh"), account)
        .args([OsStr::new("-c"), question.as_ref(), data.as_ref()])
        .status();
    status.is_ok_and(|status| status.success())
}

pub(super) fn remove_if_present(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
