//! Real servers in temporary directories: needs PostgreSQL's programs, as the whole suite does.

use std::os::unix::fs::MetadataExt;

use super::{Answer, Cluster, Profile, ask, fs, socket};
use super::{Command, Path, PathBuf};

/// Deletes itself, and stops what a failed test left running.
struct Directory(PathBuf);

impl Directory {
    fn named(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("maillage {name} {}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn start(&self) -> Cluster {
        Cluster::start(&self.0, Profile::Throwaway).unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        signal("-QUIT", &self.0.join("postgres/cluster"));
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn signal(signal: &str, data: &Path) {
    let pid = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    if let Some(pid) = pid.lines().next() {
        Command::new("kill").args([signal, pid]).status().unwrap();
    }
}

fn answers(cluster: &Cluster) -> bool {
    matches!(ask(cluster.socket_directory()), Answer::Ready)
}

#[test]
fn a_cluster_starts_in_a_directory_with_accents_spaces_and_quotes() {
    let directory = Directory::named("l’été à « 20 % », 'coût' $HOME");
    let cluster = directory.start();
    assert!(answers(&cluster));
    assert!(!cluster.adopted());
    cluster.stop().unwrap();
}

#[test]
fn a_stopped_cluster_leaves_no_pid_file_and_starts_again() {
    let directory = Directory::named("arrêt");
    for _ in 0..2 {
        let cluster = directory.start();
        assert!(cluster.data_directory().join("postmaster.pid").exists());
        cluster.stop().unwrap();
        assert!(!cluster.data_directory().join("postmaster.pid").exists());
        assert!(!answers(&cluster));
    }
}

#[test]
fn a_killed_server_starts_again() {
    let directory = Directory::named("tué");
    let killed = directory.start();
    signal("-KILL", killed.data_directory());
    let again = directory.start();
    assert!(answers(&again));
    drop(killed);
    again.stop().unwrap();
}

#[test]
fn files_that_name_a_strangers_number_do_not_prevent_the_start() {
    let directory = Directory::named("numéro repris");
    let cluster = directory.start();
    let path = cluster.data_directory().join("postmaster.pid");
    let text = fs::read_to_string(&path).unwrap();
    cluster.stop().unwrap();
    // A live process of the server's own account, which PostgreSQL would take for a server.
    let owner = fs::metadata(cluster.data_directory()).unwrap();
    let mut other = Command::new("sleep");
    std::os::unix::process::CommandExt::uid(&mut other, owner.uid());
    let mut other = other.arg("60").spawn().unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    let stale = format!("{}\n{rest}", other.id());
    fs::write(&path, &stale).unwrap();
    fs::write(cluster.socket_directory().join(socket::LOCK), &stale).unwrap();
    let again = directory.start();
    assert!(answers(&again));
    again.stop().unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn the_last_user_stops_the_server() {
    let directory = Directory::named("deux");
    let first = directory.start();
    let second = directory.start();
    assert!(second.adopted());
    first.stop().unwrap();
    assert!(answers(&second));
    second.stop().unwrap();
    assert!(!answers(&second));
}

#[test]
fn a_path_too_long_for_a_socket_has_it_elsewhere() {
    let directory = Directory::named(&"long ".repeat(20));
    let cluster = directory.start();
    assert!(!cluster.socket_directory().starts_with(&directory.0));
    assert!(answers(&cluster));
    cluster.stop().unwrap();
    fs::remove_dir(cluster.socket_directory()).unwrap();
}

#[test]
fn a_directory_that_is_no_cluster_is_left_alone() {
    let directory = Directory::named("étranger");
    let cluster = directory.0.join("postgres/cluster");
    fs::create_dir_all(&cluster).unwrap();
    fs::write(cluster.join("notes.txt"), "à garder").unwrap();
    let error = Cluster::start(&directory.0, Profile::Durable)
        .unwrap_err()
        .to_string();
    assert!(error.contains("n’est pas une base PostgreSQL"), "{error}");
    assert!(cluster.join("notes.txt").exists());
}

#[test]
fn the_address_escapes_what_a_path_may_hold() {
    let directory = Directory::named("à ?&#");
    let cluster = directory.start();
    let url = cluster.url("maillage");
    let host = url
        .strip_prefix("postgres://maillage@localhost:5432/maillage?host=%2F")
        .unwrap();
    assert!(
        host.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte)),
        "{host}"
    );
    cluster.stop().unwrap();
}
