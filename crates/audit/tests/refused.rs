//! Where nothing can be recorded, nothing is: full disks, closed folders, links, other people's files.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(clippy::print_stdout, reason = "a process of its own says what it has recorded")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use audit::{Audit, Entry, Error, Grant, Place};

const HOME: &str = "AUDIT_TEST_HOME";

fn place(home: &Path) -> Place {
    Place { log: home.join("state/audit"), key: home.join("config/audit.key") }
}

fn refusal(place: &Place) -> Error {
    Audit::open(place).map(|_| ()).unwrap_err()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn is_whole(place: &Place) -> bool {
    audit::verify(place, None, &mut |_| {}).unwrap().is_whole
}

/// The process below, through a shell that runs `first`.
fn shell(home: &Path, first: &str) -> Output {
    let mut command = Command::new("sh");
    let test = "--exact a_process_of_its_own --ignored --nocapture";
    command.args(["-c", &format!("{first} \"$0\" {test}")]).arg(std::env::current_exe().unwrap());
    command.env(HOME, home).output().unwrap()
}

#[test]
#[ignore = "the other tests run it, as a process of its own"]
fn a_process_of_its_own() {
    let home = std::env::var_os(HOME).unwrap();
    let audit = match Audit::open(&place(Path::new(&home))) {
        Ok(audit) => audit,
        Err(error) => return println!("refused: {error}"),
    };
    loop {
        match audit.record(&Entry { why: Some("because"), ..Entry::of(Grant) }) {
            Ok(recorded) => println!("recorded {}", recorded.number()),
            Err(error) => return println!("refused: {error}"),
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_full_disk_refuses_and_a_line_that_it_cut_off_is_gone_on_from() {
    let home = tempfile::tempdir().unwrap();
    // A limit for files, in blocks of 512 bytes, ends a write in the middle as a full disk does.
    let text = said(&shell(home.path(), "trap '' XFSZ; ulimit -f 8; exec"));
    let last = text.lines().filter_map(|line| line.split_once("recorded ")).next_back().unwrap().1;
    let last: u64 = last.parse().unwrap();
    assert!(text.contains("refused: writing '"), "{text}");
    assert_eq!(fs::metadata(home.path().join("state/audit/000001.jsonl")).unwrap().len(), 4096);
    let place = place(home.path());
    assert!(is_whole(&place));
    let again = Audit::open(&place).unwrap().record(&Entry::of(Grant)).unwrap();
    assert!(again.number() == last + 2 && is_whole(&place));
}

#[test]
fn a_disk_that_was_full_at_the_first_start_leaves_nothing_in_the_way() {
    let home = tempfile::tempdir().unwrap();
    let text = said(&shell(home.path(), "trap '' XFSZ; ulimit -f 0; exec"));
    assert!(text.contains("refused: writing '"), "{text}");
    let place = place(home.path());
    let _ = Audit::open(&place).unwrap().record(&Entry::of(Grant)).unwrap();
    assert!(is_whole(&place));
}

#[test]
fn a_folder_that_cannot_be_written_refuses() {
    let home = tempfile::tempdir().unwrap();
    set_mode(home.path(), 0o755);
    // An administrator can write anywhere: then it is another user who tries.
    let is_root = rustix::process::geteuid().is_root();
    let exe = home.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &exe).unwrap();
    let user = if is_root { "setpriv --reuid 65534 --regid 65534 --clear-groups" } else { "env" };
    let run = || {
        let mut command = Command::new("sh");
        let test = "--exact a_process_of_its_own --ignored --nocapture";
        command.args(["-c", &format!("exec {user} \"$0\" {test}")]).arg(&exe).current_dir(home.path());
        said(&command.env(HOME, home.path()).output().unwrap())
    };
    set_mode(home.path(), 0o555);
    let text = run();
    set_mode(home.path(), 0o755);
    assert!(text.contains("refused: making '") && !text.contains("recorded"), "{text}");
    // The folder is there, and closed.
    let state = home.path().join("state/audit");
    fs::create_dir_all(&state).unwrap();
    set_mode(&state, 0o500);
    if is_root {
        std::os::unix::fs::chown(&state, Some(65534), Some(65534)).unwrap();
    }
    let text = run();
    assert!(text.contains("refused: opening '") && !text.contains("recorded"), "{text}");
    assert_eq!(fs::read_dir(&state).unwrap().count(), 0);
}

#[test]
fn what_is_not_the_users_alone_is_refused_with_the_mend() {
    let home = tempfile::tempdir().unwrap();
    let place = place(home.path());
    let _ = Audit::open(&place).unwrap().record(&Entry::of(Grant)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let files = [place.log.join("000001.jsonl"), place.log.join("head"), place.key.clone()];
    assert_eq!(mode(&place.log), 0o700);
    for path in &files {
        assert_eq!(mode(path), 0o600);
        set_mode(path, 0o640);
        let said = refusal(&place).to_string();
        assert!(said.contains(&*path.to_string_lossy()) && said.contains("chmod 600"), "{said}");
        set_mode(path, 0o600);
        // A link, though it leads to the very same.
        let real = home.path().join("real");
        fs::rename(path, &real).unwrap();
        symlink(&real, path).unwrap();
        let said = refusal(&place).to_string();
        assert!(said.contains("is a link"), "{said}");
        fs::remove_file(path).unwrap();
        // A pipe that nobody writes to is not waited for.
        rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        let said = refusal(&place).to_string();
        assert!(said.contains("is no plain file"), "{said}");
        fs::remove_file(path).unwrap();
        fs::rename(&real, path).unwrap();
    }
    set_mode(&place.log, 0o750);
    assert!(refusal(&place).to_string().contains("chmod 700"));
    set_mode(&place.log, 0o700);
    assert!(is_whole(&place));

    let real = home.path().join("real");
    fs::rename(&place.log, &real).unwrap();
    symlink(&real, &place.log).unwrap();
    assert!(refusal(&place).to_string().contains("is a link"), "{}", refusal(&place));
    fs::remove_file(&place.log).unwrap();
    fs::write(&place.log, "").unwrap();
    assert!(matches!(refusal(&place), Error::Io { .. }), "{}", refusal(&place));
}

#[test]
fn another_users_folder_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut place = place(home.path());
    if rustix::process::geteuid().is_root() {
        fs::create_dir_all(&place.log).unwrap();
        set_mode(&place.log, 0o700);
        std::os::unix::fs::chown(&place.log, Some(65534), None).unwrap();
    } else {
        place.log = "/etc".into();
    }
    assert!(refusal(&place).to_string().contains("belongs to another user"), "{}", refusal(&place));
}
